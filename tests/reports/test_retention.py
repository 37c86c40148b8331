"""Receipts are erased after the house's time; hash, decision and history stay (N-12). What a house tells about data."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.errors import NotAllowed, Refused
from accounts.models import Customer, Role, SetupChange
from files import privacy
from files.models import PrivacyPolicy, StoredFile
from files.privacy import set_privacy
from files.storage import keep
from letters.models import Letter
from letters.people import change_customer
from letters.rendering import render_letter
from reports.models import DraftFile, Receipt, ReportDraft
from reports.retention import erase_old_receipts, months_before
from reports.services import withdraw_report
from tests.cast import client_of, house_url
from tests.factories import customer_actor, make_content, make_merchant, make_order, make_report, staff_actor
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=800)


def stored(customer: Customer, **kw: Any) -> StoredFile:
    """A receipt of long ago with its copies."""
    serial = StoredFile.objects.count()
    fields = {"state": "ready", "page_count": 1, "created_at": LONG_AGO, "sha256": f"{serial:064d}", "perceptual_hash": "ab"}
    fields["purpose"] = "receipt"
    file = StoredFile.objects.create(
        merchant=customer.merchant, customer=customer, original_name="recibo.jpg", detected_type="jpeg",
        size=3, raw_name=f"raw/t/{serial}", copies_prefix=f"copies/t{serial}", **(fields | kw),
    )  # fmt: skip
    for name in bytes_of(file):
        keep(name, BytesIO(b"jpg"))
    return file


def bytes_of(file: StoredFile) -> list[str]:
    return [file.raw_name, file.copy_name("1"), file.copy_name("thumb")]


def kept(file: StoredFile) -> bool:
    file.refresh_from_db()
    there = {default_storage.exists(name) for name in bytes_of(file)}
    assert len(there) == 1, "a file is erased with all its copies or not at all"
    assert file.is_erased != there.pop()
    return not file.is_erased


def reported(scene: Any, state: str, decided_at: dt.datetime) -> StoredFile:
    """A receipt of a report whose ticket is in that state since then."""
    content = make_content(scene.usd, [make_order(scene.cast.a)], "10.00")
    ticket = make_report(scene.cast.alice, content)
    Ticket.objects.filter(pk=ticket.pk).update(changed_at=decided_at)
    if state == State.WITHDRAWN:
        withdraw_report(ticket_id=ticket.pk, by=scene.cast.alice)
        Ticket.objects.filter(pk=ticket.pk).update(changed_at=decided_at)
    file = stored(scene.cast.a)
    Receipt.objects.create(merchant=file.merchant, report=ticket.report, file=file)
    return file


def test_receipts_go_after_their_time_and_never_while_the_ticket_lives(scene: Any) -> None:
    over = reported(scene, State.WITHDRAWN, LONG_AGO)
    lives = reported(scene, State.SUBMITTED, LONG_AGO)
    fresh = reported(scene, State.WITHDRAWN, timezone.now() - dt.timedelta(days=300))
    assert erase_old_receipts() == 1
    assert not kept(over)
    assert kept(lives)
    assert kept(fresh)
    assert (over.sha256 != "", over.perceptual_hash, over.original_name) == (True, "ab", "")  # a name tells of its owner
    assert Receipt.objects.filter(file=over).exists()
    assert erase_old_receipts() == 0
    PrivacyPolicy.objects.create(merchant=scene.cast.merchant, receipt_months=6)
    assert erase_old_receipts() == 1
    assert not kept(fresh)


def test_files_of_forgotten_drafts_go_too(scene: Any) -> None:
    forgotten, waiting = stored(scene.cast.a), stored(scene.cast.a)
    young = stored(scene.cast.a, created_at=timezone.now() - dt.timedelta(days=5))
    message = stored(scene.cast.a, purpose="message")
    draft = ReportDraft.objects.create(
        merchant=scene.cast.merchant,
        customer=scene.cast.a,
        user=scene.cast.alice.user,
        key="00000000-0000-0000-0000-000000000001",
    )
    DraftFile.objects.create(merchant=scene.cast.merchant, draft=draft, file=waiting)
    assert erase_old_receipts() == 1
    assert [kept(file) for file in (forgotten, waiting, young, message)] == [False, True, True, True]


def test_a_storage_that_does_not_answer_leaves_the_file_for_the_next_night(scene: Any, monkeypatch: Any) -> None:
    file = stored(scene.cast.a)

    def broken(_name: str) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(privacy.default_storage, "delete", broken)
        assert erase_old_receipts() == 0
    assert kept(file)
    assert erase_old_receipts() == 1


def test_the_page_says_that_a_receipt_was_erased(scene: Any) -> None:
    file = reported(scene, State.WITHDRAWN, LONG_AGO)
    erase_old_receipts()
    client = client_of(scene.cast.alice)
    page = client.get(house_url(scene.cast.merchant, "files:status", file.key)).content.decode()
    assert "aviso de privacidad" in page
    assert "hx-get" not in page
    assert client.get(house_url(scene.cast.merchant, "files:page", file.key, 1)).status_code == 404


def test_months_are_counted_by_the_calendar() -> None:
    assert months_before(dt.datetime(2026, 3, 31), 1) == dt.datetime(2026, 2, 28)  # noqa: DTZ001 - only the day counts
    assert months_before(dt.datetime(2026, 1, 15), 25) == dt.datetime(2023, 12, 15)  # noqa: DTZ001


def test_everybody_reads_the_notice_and_the_house_may_write_its_own() -> None:
    merchant = make_merchant(name="Andina", support_email="hola@andina.example")
    address, client = house_url(merchant, "portal:privacy"), Client()
    page = client.get(address).content.decode()
    assert "24 meses" in page
    assert "hola@andina.example" in page
    ada = staff_actor(merchant, Role.ADMINISTRATOR)
    set_privacy(receipt_months=6, notice_es="Uno <b>\n\nDos", notice_en="", by=ada)
    page = client.get(address).content.decode()
    assert "Uno &lt;b&gt;" in page
    assert "6 meses" in page
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "What we keep" in client.get(address).content.decode()
    assert SetupChange.objects.filter(area="privacy").exists()
    assert address in Client().get(house_url(merchant, "portal:about")).content.decode()


def test_the_retention_is_an_administrators() -> None:
    ada = staff_actor(role=Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        set_privacy(receipt_months=6, notice_es="", notice_en="", by=staff_actor(ada.merchant))
    for months in (0, 999):
        with pytest.raises(Refused):
            set_privacy(receipt_months=months, notice_es="", notice_en="", by=ada)
    assert not PrivacyPolicy.objects.exists()
    client, address = client_of(ada), house_url(ada.merchant, "desk:setup_policies")
    assert client.post(address, {"what": "privacy", "receipt_months": "x", "notice_es": "Mía"}).status_code == 400
    assert client.post(address, {"what": "privacy", "receipt_months": "12", "notice_es": "Mía"}).status_code == 302
    posted = {"what": "reminders", "is_on": "on", "days_before": "tres", "days_after": ""}
    assert "tres" in client.post(address, posted).content.decode()
    assert client.post(address, posted | {"days_before": "3, 0"}).status_code == 302
    assert "3" in client.get(address).content.decode()


def test_the_old_address_hears_that_it_is_written_to_no_more() -> None:
    alice = customer_actor()
    customer = alice.customer
    assert customer
    before = customer.email
    change_customer(customer=customer, by=alice, city="Mérida")
    assert not Letter.objects.exists()
    change_customer(customer=customer, by=alice, email="nueva@example.com")
    letter = Letter.objects.get()
    assert letter.to_email == before
    text = render_letter(letter).text
    assert "nueva@example.com" not in text
    assert customer.number in text
