"""Letters: written once with their change, delivered at least once, never half."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Customer
from accounts.selectors import Recipient
from letters import services
from letters.jobs import send_letters
from letters.models import Letter
from letters.services import MAX_TRIES, LetterNotSent, deliver_letter, queue_letter, requeue_forgotten, retry_letter
from tests.factories import make_customer, make_merchant

pytestmark = pytest.mark.django_db
Run = Callable[[], int]


@pytest.fixture(autouse=True)
def _no_jobs_of_others(db: None) -> None:
    """Tests that commit leave their jobs behind: procrastinate's tables are none that Django empties."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def queue(customer: Customer | None = None, **kw: Any) -> int:
    customer = customer or make_customer()
    kw.setdefault("kind", "account_message")
    kw.setdefault("about", "user:1")
    kw.setdefault("occasion", "event:1")
    kw.setdefault("recipients", [Recipient(email="alicia@example.com", language="es")])
    kw.setdefault("context", {"subject": "Hola", "text": "Uno.\n\nDos."})
    return queue_letter(merchant=customer.merchant, customer=customer, **kw)


def jobs() -> int:
    return int(ProcrastinateJob.objects.filter(task_name=services.SEND_JOB).count())


def test_a_letter_and_its_job_go_with_the_transaction() -> None:
    customer = make_customer()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = queue(customer) / 0
    assert (Letter.objects.count(), jobs()) == (0, 0)
    assert queue(customer) == 1
    assert (Letter.objects.count(), jobs()) == (1, 1)


def test_the_same_letter_is_written_once(run_jobs: Run) -> None:
    customer = make_customer()
    queue(customer)
    queue(customer)
    run_jobs()
    assert queue(customer) == 0
    run_jobs()
    assert (Letter.objects.count(), len(mail.outbox)) == (1, 1)


def test_an_address_that_is_given_twice_gets_one_letter() -> None:
    queue(recipients=[Recipient(email=email, language="es") for email in ("A@example.com", "a@example.com", " ")])
    assert Letter.objects.get().to_email == "a@example.com"


def test_nobody_to_write_to_is_no_letter() -> None:
    assert queue(recipients=[]) == 0
    assert jobs() == 0


def test_a_letter_goes_out_from_the_merchant_with_answers_to_its_support(run_jobs: Run) -> None:
    merchant = make_merchant(name="Hosting Andina", support_email="ayuda@andina.example")
    queue(make_customer(merchant))
    run_jobs()
    letter, sent = Letter.objects.get(), mail.outbox[0]
    assert (letter.state, letter.tries, letter.last_error) == ("sent", 1, "")
    assert sent.from_email == "Hosting Andina <no-reply@localhost>"
    assert sent.reply_to == ["ayuda@andina.example"]
    assert sent.to == ["alicia@example.com"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert isinstance(sent, EmailMultiAlternatives)
    assert [kind for _content, kind in sent.alternatives] == ["text/html"]
    assert "Uno.\n\nDos." in sent.body


def test_delivering_again_sends_nothing(run_jobs: Run) -> None:
    queue()
    run_jobs()
    assert deliver_letter(letter_id=Letter.objects.get().pk) is False
    assert len(mail.outbox) == 1


def test_a_letter_that_is_gone_is_no_error() -> None:
    assert deliver_letter(letter_id=10**9) is False


class Broken:
    """A mail server that refuses, or is away."""

    def __init__(self, error: Exception) -> None:
        self.error, self.message_ids = error, []

    def send(self, message: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        self.message_ids.append(message.message()["Message-ID"])
        raise self.error


def test_a_server_that_is_away_is_tried_again_with_the_same_message_id(monkeypatch: pytest.MonkeyPatch) -> None:
    queue()
    letter = Letter.objects.get()
    server = Broken(ConnectionRefusedError("nobody there"))
    monkeypatch.setattr(EmailMultiAlternatives, "send", lambda self: server.send(self))
    for tried in range(1, MAX_TRIES):
        with pytest.raises(LetterNotSent):
            deliver_letter(letter_id=letter.pk)
        letter.refresh_from_db()
        assert (letter.state, letter.tries) == ("queued", tried)
    assert "nobody there" in letter.last_error
    assert deliver_letter(letter_id=letter.pk) is False
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("failed", MAX_TRIES)
    assert len(set(server.message_ids)) == 1
    monkeypatch.undo()
    assert retry_letter(letter_id=letter.pk)
    assert deliver_letter(letter_id=letter.pk)
    assert len(mail.outbox) == 1


def test_letters_of_one_act_share_a_job_and_hold_each_other_up_in_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    queue(recipients=[Recipient(email=f"a{number:02}@example.com", language="es") for number in range(services.IN_A_JOB + 1)])
    assert jobs() == 2
    first = ProcrastinateJob.objects.order_by("pk").values_list("args", flat=True)[0]["letter_ids"]
    bad, send = Letter.objects.get(pk=first[0]), EmailMultiAlternatives.send

    def sent(message: EmailMultiAlternatives) -> int:
        if message.to == [bad.to_email]:
            raise ConnectionResetError("gone")
        return int(send(message))

    monkeypatch.setattr(EmailMultiAlternatives, "send", sent)
    with pytest.raises(LetterNotSent):
        send_letters(letter_ids=first)
    assert len(mail.outbox) == services.IN_A_JOB - 1
    monkeypatch.undo()
    send_letters(letter_ids=first)
    assert len(mail.outbox) == services.IN_A_JOB
    bad.refresh_from_db()
    assert (bad.state, bad.tries) == ("sent", 2)


def test_an_address_that_is_refused_for_good_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    queue()
    server = Broken(smtplib.SMTPRecipientsRefused({"alicia@example.com": (550, b"no such user")}))
    monkeypatch.setattr(EmailMultiAlternatives, "send", lambda self: server.send(self))
    assert deliver_letter(letter_id=Letter.objects.get().pk) is False
    assert Letter.objects.get().state == "failed"


def test_a_kind_that_nobody_writes_fails_and_says_so() -> None:
    queue(kind="no_such_kind")
    with pytest.raises(LetterNotSent):
        deliver_letter(letter_id=Letter.objects.get().pk)
    assert "no_such_kind" in Letter.objects.get().last_error


def test_codes_are_wiped_once_they_are_sent(run_jobs: Run) -> None:
    queue(context={"subject": "Su código", "code": "194-723"}, is_secret=True)
    run_jobs()
    assert "194-723" in mail.outbox[0].body
    letter = Letter.objects.get()
    assert (letter.text, letter.html, letter.context) == ("", "", {})
    assert "194-723" not in str(ProcrastinateJob.objects.values_list("args", flat=True).get())


def test_a_letter_whose_job_is_gone_gets_another(run_jobs: Run) -> None:
    queue()
    letter = Letter.objects.get()
    assert requeue_forgotten() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert requeue_forgotten() == 0  # its job still waits
        Letter.objects.filter(pk=letter.pk).update(context={**letter.context, "text": "Otra vez."})
        run_jobs()
        Letter.objects.filter(pk=letter.pk).update(state="queued", sent_at=None)
        assert requeue_forgotten() == 1
    run_jobs()
    assert Letter.objects.get().state == "sent"


def test_the_job_has_growing_pauses_for_letters_that_were_not_sent() -> None:
    from procrastinate.jobs import Job

    strategy = send_letters.retry_strategy
    assert strategy is not None
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", task_kwargs={}, attempts=3)
    decision = strategy.get_retry_decision(exception=LetterNotSent(), job=job)
    assert decision is not None
    assert strategy.get_retry_decision(exception=ValueError(), job=job) is None
