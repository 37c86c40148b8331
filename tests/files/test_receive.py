"""Receiving a file: kept privately with its row and its job, or refused with a sentence and nothing kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import Role
from files.checks import display_name
from files.models import StoredFile
from files.reasons import SENTENCES, sentence
from files.services import receive_file
from tests.factories import customer_actor, make_customer, make_merchant, staff_actor
from tests.files import hostile
from tests.files.makers import make_file, upload

pytestmark = pytest.mark.django_db
RECEIPT = StoredFile.Purpose.RECEIPT


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'files.jobs.process_file'")
        return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]


def raw_files() -> list[str]:
    """Everything under raw/, whatever the merchant and day."""
    found = []
    try:
        for merchant in default_storage.listdir("raw")[0]:
            for day in default_storage.listdir(f"raw/{merchant}")[0]:
                found += [f"raw/{merchant}/{day}/{name}" for name in default_storage.listdir(f"raw/{merchant}/{day}")[1]]
    except FileNotFoundError:
        pass
    return found


def test_keeps_the_bytes_a_row_and_one_job() -> None:
    content = hostile.jpeg()
    customer = make_customer()
    by = customer_actor(customer)
    file = receive_file(
        merchant=customer.merchant, customer=customer, upload=upload(content, "C:\\fotos\\mi recibo.JPG"), purpose=RECEIPT, by=by
    )
    assert (file.state, file.detected_type, file.size) == ("received", "image/jpeg", len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.original_name == "mi recibo.JPG"
    assert file.uploaded_by == by.user
    with default_storage.open(file.raw_name) as raw:
        assert raw.read() == content
    assert jobs() == [{"file_id": file.pk}]


def test_the_name_under_which_bytes_are_kept_says_nothing_and_cannot_be_guessed() -> None:
    one, other = make_file(), make_file()
    assert "comprobante" not in one.raw_name
    assert str(one.key) not in one.raw_name + one.copies_prefix
    assert one.raw_name.split("/")[-1] != other.raw_name.split("/")[-1]
    assert len(one.raw_name.split("/")[-1]) >= 32


def test_the_upload_can_be_read_again_afterwards() -> None:
    customer = make_customer()
    sent = upload()
    receive_file(merchant=customer.merchant, customer=customer, upload=sent, purpose=RECEIPT, by=Actor.system(customer.merchant))
    sent.seek(0)
    assert sent.read() == hostile.jpeg()


@pytest.mark.parametrize("limit", [0, 1])
def test_ten_megabytes_are_the_limit(limit: int, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = len(hostile.jpeg()) - limit
    if limit == 0:
        assert make_file().size == settings.UPLOAD_MAX_BYTES
        return
    with pytest.raises(Refused) as refused:
        make_file()
    assert refused.value.code == "too_large"
    assert not StoredFile.objects.exists()


def test_a_storage_that_is_away_refuses_with_a_sentence_and_keeps_no_half() -> None:
    before = raw_files()
    with (
        mock.patch.object(default_storage._wrapped, "save", side_effect=OSError(28, "No space left on device")),  # type: ignore[attr-defined]
        pytest.raises(Refused) as refused,
    ):
        make_file()
    assert refused.value.code == "storage"
    assert refused.value.message == sentence("storage")
    assert not StoredFile.objects.exists()
    assert jobs() == []
    assert raw_files() == before


@pytest.mark.django_db(transaction=True)
def test_row_and_job_go_with_a_transaction_that_is_rolled_back() -> None:
    customer = make_customer()

    @transaction.atomic
    def fail_after_receiving() -> None:
        make_file(customer=customer)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_receiving()
    assert not StoredFile.objects.exists()
    assert jobs() == []


def test_only_those_concerned_may_send() -> None:
    customer = make_customer()
    refused = [
        customer_actor(make_customer(customer.merchant)),
        customer_actor(customer, can_report=False, can_use_tickets=False),
        staff_actor(customer.merchant, Role.AUDITOR),
        staff_actor(make_merchant()),
    ]
    for by in refused:
        with pytest.raises(NotAllowed):
            receive_file(merchant=customer.merchant, customer=customer, upload=upload(), purpose=RECEIPT, by=by)
    with pytest.raises(NotAllowed):
        # A customer keeps nothing that is for staff alone.
        receive_file(merchant=customer.merchant, customer=None, upload=upload(), purpose=RECEIPT, by=customer_actor(customer))
    assert not StoredFile.objects.exists()
    for by in (customer_actor(customer), staff_actor(customer.merchant, Role.SUPPORT)):
        receive_file(merchant=customer.merchant, customer=customer, upload=upload(), purpose=RECEIPT, by=by)
    assert StoredFile.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("recibo.jpg", "recibo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie: x.jpg"),
        ("re\u202egpj.exe", "regpj.exe"),
        ("a\x00b\x1b[31m.png", "ab[31m.png"),
        ("\u200b\u2028", "?"),
        ("", "?"),
        ("ñandú café.jpg", "ñandú café.jpg"),
        ("x" * 300 + ".jpeg", "x" * 114 + "….jpeg"),
        ("<script>.jpg", "<script>.jpg"),
    ],
)
def test_names_are_made_fit_to_show(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_every_reason_has_its_sentence_in_both_languages() -> None:
    from django.utils import translation

    for code in SENTENCES:
        with translation.override("en"):
            english = sentence(code)
        with translation.override("es"):
            spanish = sentence(code)
        assert english.endswith(".")
        assert spanish.endswith(".")
        assert english != spanish, code


def test_a_body_without_end_is_cut_off_while_it_arrives(rf: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100_000
    request = rf.post("/", {"receipt": upload(bytes(3_000_000), "a.jpg"), "other": upload(b"abc", "b.jpg"), "typed": "kept"})
    assert request.FILES["receipt"].size == 100_001
    assert request.FILES["other"].size == 3
    assert request.POST["typed"] == "kept"


@pytest.mark.parametrize("bad", [hostile.HTML, b"", hostile.SVG])
def test_the_field_names_the_file_that_is_wrong_and_keeps_the_others_for_the_next_try(bad: bytes) -> None:
    from django import forms
    from django.utils.datastructures import MultiValueDict

    from files.forms import ReceiptField

    class Form(forms.Form):
        receipt = ReceiptField(required=False)

    form = Form({}, MultiValueDict({"receipt": [upload(name="bueno.jpg"), upload(bad, "malo.jpg")]}))
    assert not form.is_valid()
    (problem,) = form.errors["receipt"]
    assert problem.startswith("malo.jpg: ")
    assert "bueno" not in problem


def test_the_field_takes_several_files_or_none() -> None:
    from django import forms
    from django.utils.datastructures import MultiValueDict

    from files.forms import ReceiptField

    class Form(forms.Form):
        receipt = ReceiptField(required=False, max_files=2)

    def cleaned(count: int) -> Form:
        form = Form({}, MultiValueDict({"receipt": [upload(name=f"{n}.jpg") for n in range(count)]}))
        form.is_valid()
        return form

    assert Form({}, {}).is_valid()
    assert cleaned(0).cleaned_data["receipt"] == []
    assert [each.name for each in cleaned(2).cleaned_data["receipt"]] == ["0.jpg", "1.jpg"]
    assert "receipt" in cleaned(3).errors
    assert 'type="file"' in str(Form()["receipt"])
    assert "multiple" in str(Form()["receipt"])


def test_the_job_of_a_kept_file_makes_it_ready(run_jobs: Callable[[], int]) -> None:
    file = make_file()
    assert run_jobs() == 1
    file.refresh_from_db()
    assert file.state == "ready"
