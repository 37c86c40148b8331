"""T8: downloads. One fixed type, no sniffing, nothing cached, a sandbox; guessed and foreign addresses are 404."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from PIL import Image

from accounts.actors import Actor
from accounts.models import Merchant, Role
from files.models import FileView, StoredFile
from files.views import HEADERS, show_page, show_thumb
from reconciliation.models import StatementDownload
from reconciliation.services import receive_statement
from tests.cast import client_of, house_url, make_cast
from tests.factories import customer_actor, make_customer, make_merchant, make_user, staff_actor
from tests.files import hostile
from tests.files.makers import make_file, make_ready_file

pytestmark = pytest.mark.django_db

COPIES = ("1.jpg", "thumb.jpg")


def ask(who: Actor | None, file: StoredFile, copy: str, *, at: Merchant | None = None, method: str = "get") -> HttpResponseBase:
    """The answer that `who` gets for a copy of `file`, at their own merchant's address unless told."""
    merchant = at or (who.merchant if who else file.merchant)
    return getattr(client_of(who), method)(f"/{merchant.slug}/files/{file.key}/{copy}")


def body_of(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_served_as_a_jpeg_that_nobody_caches_sniffs_or_runs(copy: str) -> None:
    file = make_ready_file(hostile.html_and_jpeg(), name="<script>\r\nX: y.html")
    StoredFile.objects.filter(pk=file.pk).update(claimed_type="text/html")
    owner = customer_actor(file.customer)
    response = ask(owner, file, copy)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    name = f"receipt-{str(file.key)[:8]}-{copy}"
    assert response["Content-Disposition"] == f'inline; filename="{name}"'
    assert Image.open(io.BytesIO(body_of(response))).format == "JPEG"


@pytest.mark.parametrize("copy", COPIES)
def test_the_view_itself_says_so_whatever_middleware_there_is(copy: str, rf: RequestFactory) -> None:
    file = make_ready_file()
    request = rf.get("/")
    request.actor = customer_actor(file.customer)  # type: ignore[attr-defined]
    response = show_thumb(request, file.key) if copy == "thumb.jpg" else show_page(request, file.key, 1)
    for header, value in HEADERS.items():
        assert response[header] == value
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_download_is_an_attachment_under_our_own_name() -> None:
    file = make_ready_file(name="../../etc/passwd.jpg")
    response = ask(customer_actor(file.customer), file, "1.jpg?download=1")
    assert response["Content-Disposition"].startswith('attachment; filename="receipt-')
    assert "passwd" not in response["Content-Disposition"]


@pytest.mark.parametrize("copy", [*COPIES, "status/"])
def test_another_s_receipt_is_a_404_for_everybody_who_is_not_concerned(copy: str) -> None:
    file = make_ready_file()
    merchant = file.merchant
    elsewhere = make_merchant()
    strangers = [
        None,
        customer_actor(make_customer(merchant)),
        customer_actor(file.customer, can_report=False, can_use_tickets=False),
        customer_actor(make_customer(elsewhere)),
        staff_actor(elsewhere, Role.ADMINISTRATOR),
        Actor(merchant=merchant, user=make_user()),
    ]
    for who in strangers:
        assert ask(who, file, copy, at=merchant).status_code == 404
        assert ask(who, file, copy, at=elsewhere).status_code == 404
    assert not FileView.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_staff_of_the_merchant_see_it_and_are_written_down(role: Role) -> None:
    file = make_ready_file()
    who = staff_actor(file.merchant, role)
    assert ask(who, file, "thumb.jpg").status_code == 200
    assert ask(who, file, "1.jpg", method="head").status_code == 200
    assert not FileView.objects.exists()
    assert ask(who, file, "1.jpg").status_code == 200
    view = FileView.objects.get()
    assert (view.file, view.user, view.merchant) == (file, who.user, file.merchant)


@pytest.mark.parametrize("permission", ["can_report", "can_use_tickets"])
def test_a_contact_with_either_permission_sees_it_and_is_not_written_down(permission: str) -> None:
    file = make_ready_file()
    who = customer_actor(file.customer, **{"can_report": False, "can_use_tickets": False, permission: True})
    assert ask(who, file, "1.jpg").status_code == 200
    assert not FileView.objects.exists()


def test_customers_do_not_see_what_staff_keep_to_themselves() -> None:
    file = make_ready_file()
    owner = customer_actor(file.customer)
    StoredFile.objects.filter(pk=file.pk).update(customer=None)
    assert ask(owner, file, "1.jpg").status_code == 404
    assert ask(staff_actor(file.merchant), file, "1.jpg").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["{other}/1.jpg", "{key}/0.jpg", "{key}/2.jpg", "{key}/99999999999999999999.jpg", "{key}/raw", "{key}/1.html", "{key}/", "",
     "{key}/..%2f..%2fraw.jpg", "{key}/thumb.png", "1/1.jpg", "{raw}", "{copies}/1.jpg"],
)  # fmt: skip
def test_guessed_addresses_are_404(address: str) -> None:
    file = make_ready_file()
    who = staff_actor(file.merchant)
    assert who.user is not None
    client = Client()
    client.force_login(who.user)
    path = address.format(other=uuid.uuid4(), key=file.key, raw=file.raw_name, copies=file.copies_prefix)
    for prefix in (f"/{file.merchant.slug}/files/", f"/{file.merchant.slug}/media/", "/media/", "/files/", "/static/"):
        assert client.get(prefix + path).status_code == 404


def test_the_raw_bytes_have_no_address() -> None:
    file = make_ready_file()
    with default_storage.open(file.raw_name) as raw:
        kept = raw.read()
    assert kept == hostile.jpeg()
    for copy in COPIES:
        assert body_of(ask(customer_actor(file.customer), file, copy)) != kept


def test_what_is_not_ready_or_refused_has_no_picture() -> None:
    waiting = make_file()
    refused = make_ready_file(hostile.pixel_bomb_png())
    for file in (waiting, refused):
        who = customer_actor(file.customer)
        for copy in COPIES:
            # Not even when something lies where the copy would be.
            default_storage.save(f"{file.copies_prefix}/{copy}", ContentFile(hostile.jpeg()))
            assert ask(who, file, copy).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_files_are_only_read_over_http(method: str) -> None:
    file = make_ready_file()
    for copy in (*COPIES, "status/"):
        assert ask(customer_actor(file.customer), file, copy, method=method).status_code == 405


def test_the_status_says_why_and_shows_names_as_text() -> None:
    name = '"><img src=x onerror=alert(1)>.png'
    refused = make_ready_file(hostile.pixel_bomb_png(), name=name)
    page = body_of(ask(customer_actor(refused.customer), refused, "status/")).decode()
    assert refused.refusal in page
    assert "<img" not in page
    assert "hx-get" not in page
    waiting = make_file(name=name)
    page = body_of(ask(customer_actor(waiting.customer), waiting, "status/?n=4")).decode()
    assert 'hx-trigger="load delay:5s"' in page
    assert "<img" not in page


def test_a_statement_is_saved_as_it_came_never_shown_and_noted() -> None:
    cast = make_cast()
    page = b"<html><script>alert(1)</script></html>"
    made = receive_statement(
        merchant=cast.merchant, account_id=cast.account.pk, file_name="x\r\nSet-Cookie: a.html", content=page, by=cast.carol
    )
    address = house_url(cast.merchant, "desk:import_original", made.pk)
    for who, status in ((cast.sue, 403), (cast.otto, 403), (cast.alice, 403), (make_cast().carol, 404)):
        assert client_of(who).get(address).status_code == status
    assert not StatementDownload.objects.exists()
    response = client_of(cast.carol).get(address)
    assert body_of(response) == page
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f'attachment; filename="statement-{made.pk}-{made.sha256[:8]}.html"'
    for header, value in HEADERS.items():
        assert response[header] == value
    note = StatementDownload.objects.get()
    assert (note.statement_import, note.user, note.merchant) == (made, cast.carol.user, cast.merchant)
    default_storage.delete(made.raw_name)
    assert "no se puede traer" in client_of(cast.carol).get(address).content.decode()
    assert StatementDownload.objects.count() == 1
