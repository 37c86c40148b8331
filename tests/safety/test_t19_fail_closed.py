"""T19: storage, mail, the worker and the child that reads pictures fail, one at a time and for real.

No order becomes paid by it, no report whose number was shown is lost, the customer gets a sentence, and when all is back the
work that waited is done.
Seen to fail: with `storage_errors` naming none (an error in place of the sentence), and with a child that was killed taken for
one that refused its picture.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.core import mail
from django.db import connection
from django.test import override_settings

from accounts.errors import Refused
from files import limited
from files.models import StoredFile
from files.services import process_stored_file
from letters.models import Letter
from letters.services import LetterNotSent, deliver_letter
from orders.models import Order
from reconciliation.audit import audit_books
from reconciliation.models import StatementImport, StatementLine
from tests.browser.server import receive_mail
from tests.factories import make_content, make_order, make_report
from tests.files.makers import make_file
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def order(scene: Scene) -> Iterator[Order]:
    """Whatever fails: it owes the same afterwards, and the books are clean."""
    order = make_order(scene.cast.a, "20.00")
    yield order
    after = Order.objects.with_balance().get(pk=order.pk)
    assert (after.paid_on, after.amount_due) == (None, 20)
    assert list(audit_books(scene.cast.merchant)) == []


def report(scene: Scene, order: Order, **kw: Any) -> Ticket:
    return make_report(scene.cast.alice, make_content(scene.cast.account, [order], **kw))


@pytest.fixture
def broken_storage() -> Iterator[Callable[[], None]]:
    """A file stands where the folder of uploads was, as after a mount that failed. Gives the act that repairs it."""
    root = Path(live.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    aside = root.with_name(root.name + "-aside")
    root.rename(aside)
    root.write_text("no folder")

    def repair() -> None:
        if aside.exists():
            root.unlink()
            aside.rename(root)

    yield repair
    repair()


def test_without_storage_a_picture_is_refused_with_a_sentence_and_comes_later(
    scene: Scene, order: Order, broken_storage: Callable[[], None]
) -> None:
    with pytest.raises(Refused) as refused:
        make_file(customer=scene.cast.a)
    assert refused.value.message
    assert not StoredFile.objects.exists()
    # Without its picture the report comes through.
    ticket = report(scene, order)
    broken_storage()
    assert make_file(customer=scene.cast.a).state == "received"
    assert Ticket.objects.get().number == ticket.number


def test_without_storage_a_bank_file_brings_nothing_and_comes_later(
    scene: Scene, order: Order, broken_storage: Callable[[], None]
) -> None:
    content = f"date,amount,reference,text\n{scene.today},20.00,45775572,x\n".encode()
    bring = {
        "merchant": scene.cast.merchant, "account_id": scene.cast.account.pk, "file_name": "x.csv", "content": content,
        "by": scene.cast.carol,
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        bring_own_sheet(**bring)
    assert (refused.value.code, bool(refused.value.message)) == ("storage", True)
    assert not StatementImport.objects.exists()
    assert not StatementLine.objects.exists()
    broken_storage()
    assert bring_own_sheet(**bring).lines_new == 1


def test_a_picture_whose_storage_is_gone_waits_for_it(
    scene: Scene, order: Order, request: pytest.FixtureRequest, run_jobs: Callable[[], int]
) -> None:
    file = make_file(customer=scene.cast.a)
    ticket = report(scene, order, transfer={"file_keys": (file.key,)})
    repair = request.getfixturevalue("broken_storage")
    with pytest.raises(OSError):  # noqa: PT011 - whatever the system says
        process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert (file.state, Ticket.objects.get().state) == ("received", "submitted")
    repair()
    run_jobs()
    file.refresh_from_db()
    assert file.state == "ready"
    assert Ticket.objects.get() == ticket


def test_without_mail_the_report_stands_and_its_letter_goes_out_later(scene: Scene, order: Order) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and nobody listens: refused
        backend = "django.core.mail.backends.smtp.EmailBackend"
        away = {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": nobody.getsockname()[1]}
        with override_settings(**away, EMAIL_USE_TLS=False, EMAIL_USE_SSL=False, EMAIL_HOST_USER=""):
            ticket = report(scene, order)
            letter = Letter.objects.filter(customer=scene.cast.a).get()
            with pytest.raises(LetterNotSent):
                deliver_letter(letter_id=letter.pk)
    letter.refresh_from_db()
    assert (letter.state, Ticket.objects.get()) == ("queued", ticket)
    with (
        receive_mail() as (box, port),
        override_settings(**{**away, "EMAIL_PORT": port}, EMAIL_USE_TLS=False, EMAIL_HOST_USER=""),
    ):
        assert deliver_letter(letter_id=letter.pk)
    assert len(box.letters) == 1
    assert ticket.number in box.letters[0].as_string()


def test_without_a_worker_nothing_is_lost_and_all_is_done_when_it_comes(
    scene: Scene, order: Order, run_jobs: Callable[[], int]
) -> None:
    file = make_file(customer=scene.cast.a)
    ticket = report(scene, order, transfer={"file_keys": (file.key,)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        assert cursor.fetchone()[0] >= 2  # the picture's and the letter's
    file.refresh_from_db()
    assert (file.state, mail.outbox, Ticket.objects.get().state) == ("received", [], "submitted")
    assert run_jobs() >= 2
    file.refresh_from_db()
    assert file.state == "ready"
    assert [ticket.number in letter.subject + str(letter.body) for letter in mail.outbox] == [True]


@pytest.mark.parametrize("death", ["os.kill(os.getpid(), 9)", "os.abort()", "sys.exit(7)", "print('{')"])
def test_when_the_child_is_killed_the_report_stands_without_its_picture(
    scene: Scene, order: Order, death: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"import os, sys\n{death}\n")
    monkeypatch.setattr(limited, "CHILD", child)
    file = make_file(customer=scene.cast.a)
    ticket = report(scene, order, transfer={"file_keys": (file.key,)})
    try:
        process_stored_file(file_id=file.pk)
    except limited.ChildInterrupted:
        monkeypatch.undo()  # it was killed from outside: worth another try, with a child that lives
        process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert file.state == ("ready" if "kill" in death else "refused")
    assert (Ticket.objects.get(), Ticket.objects.get().state) == (ticket, "submitted")
    shutil.rmtree(tmp_path)
