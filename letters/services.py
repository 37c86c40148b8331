"""Writes of the letters room: queue a letter with the change that it tells of, deliver it later, at least once."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Customer, Merchant, User
from accounts.selectors import Recipient
from letters.models import Letter
from letters.rendering import build_message, render_letter

log = structlog.get_logger(__name__)

SEND_JOB = "letters.jobs.send_letters"
# Letters of one act share a job, up to so many: a job costs as much as its letter, and the next worker takes the next ones.
IN_A_JOB = 20
MAX_TRIES = 8
# A job that was killed is started again by the worker; one that is gone altogether is made anew after this time.
FORGOTTEN_AFTER = timedelta(minutes=10)
MOST_REQUEUED = 500


class LetterNotSent(Exception):
    """This try failed and others are left: the job runs again later."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One letter to be queued, to each of its recipients: see `queue_letter`."""

    kind: str
    about: str
    occasion: str
    recipients: Iterable[Recipient]
    context: Mapping[str, Any]
    customer: Customer | None = None
    is_secret: bool = False


def queue_letter(
    *,
    merchant: Merchant,
    kind: str,
    about: str,
    occasion: str,
    recipients: Iterable[Recipient],
    context: Mapping[str, Any],
    customer: Customer | None = None,
    is_secret: bool = False,
) -> int:
    """Put one letter per recipient into the outbox and defer its job, both in the caller's transaction; how many.

    `kind` is one of `letters.kinds`, `about` the thing (`ticket:17`), `occasion` the moment (`event:93`). The same four with the
    address are written once, however often this is called. `context` is plain JSON: moments and dates in ISO format under
    keys that
    end in `_at` and `_on`, amounts as text; `x_es` and `x_en` become `x` in the reader's language.
    """
    draft = Draft(
        kind=kind,
        about=about,
        occasion=occasion,
        recipients=recipients,
        context=context,
        customer=customer,
        is_secret=is_secret,
    )
    return queue_letters(merchant=merchant, drafts=[draft])


def queue_letters(*, merchant: Merchant, drafts: Iterable[Draft]) -> int:
    """The same for many letters at once, in as many statements as for one; how many wait to be sent."""
    letters = {
        (letter.kind, letter.about, letter.occasion, letter.to_email): letter
        for draft in drafts
        for letter in _letters_of(merchant, draft)
    }
    if not letters:
        return 0
    with transaction.atomic():
        Letter.objects.bulk_create(letters.values(), ignore_conflicts=True)
        waiting = Letter.objects.filter(
            kind__in={key[0] for key in letters},
            about__in={key[1] for key in letters},
            occasion__in={key[2] for key in letters},
            state=Letter.State.QUEUED,
        ).values_list("pk", "kind", "about", "occasion", "to_email")
        own = [pk for pk, *key in waiting if tuple(key) in letters]
        _defer(own)
    return len(own)


# Letters of one kind, with their jobs. The key makes them once; what stood there before has its job already.
TO_CUSTOMERS = """
WITH made AS (
    INSERT INTO letters_letter (merchant_id, customer_id, user_id, kind, about, occasion, to_email, language, context,
                                subject, text, html, is_secret, state, tries, last_error, created_at)
    SELECT %(merchant)s, d.customer_id, r.user_id, %(kind)s, d.about, d.occasion, r.email, r.language, d.context,
           '', '', '', false, %(queued)s, 0, '', %(now)s
      FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb) AS (customer_id bigint, about text, occasion text, context jsonb))
           WITH ORDINALITY d(customer_id, about, occasion, context, place)
      JOIN unnest(%(to_customers)s::bigint[], %(emails)s::text[], %(languages)s::text[], %(users)s::bigint[])
           WITH ORDINALITY r(customer_id, email, language, user_id, place) USING (customer_id)
     ORDER BY d.place, r.place ON CONFLICT DO NOTHING RETURNING id
)
SELECT sum(letters), procrastinate_defer_jobs_v1(array_agg(
           ROW(%(queue)s, %(task)s, %(priority)s, NULL, NULL, jsonb_build_object('letter_ids', ids), NULL)
               ::procrastinate_job_to_defer_v1 ORDER BY first))
  FROM (SELECT jsonb_agg(id ORDER BY id) AS ids, min(id) AS first, count(*) AS letters
          FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(in_a_job)s AS job FROM made) each GROUP BY job) jobs
"""


def queue_letters_to_customers(*, merchant_id: int, kind: str, recipients: Mapping[int, Sequence[Recipient]], rows: str) -> int:
    """`queue_letters` in one statement, for letters of one kind to people of customers; how many were made.

    `rows` is a JSON list of `customer_id`, `about`, `occasion` and `context`: each is one letter to each of `recipients` of the
    customer.
    """
    to = [
        (customer_id, email, str(each.language), each.user_id)
        for customer_id, own in recipients.items()
        for email, each in {each.email.strip().lower(): each for each in own if each.email.strip()}.items()
    ]
    job = app.configure_task(SEND_JOB).make_new_job(letter_ids=[])
    asked: dict[str, Any] = {
        "merchant": merchant_id, "kind": kind, "queued": Letter.State.QUEUED, "now": timezone.now(), "rows": rows,
        "to_customers": [row[0] for row in to], "emails": [row[1] for row in to], "languages": [row[2] for row in to],
        "users": [row[3] for row in to], "queue": job.queue, "task": job.task_name, "priority": job.priority,
        "in_a_job": IN_A_JOB,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TO_CUSTOMERS, asked)
        return int(cursor.fetchone()[0] or 0)


def _letters_of(merchant: Merchant, draft: Draft) -> list[Letter]:
    """One row an address; the last of two recipients with one address counts."""
    addressed = {each.email.strip().lower(): each for each in draft.recipients if each.email.strip()}
    return [
        Letter(
            merchant=merchant,
            customer=draft.customer,
            user_id=each.user_id,
            kind=draft.kind,
            about=draft.about,
            occasion=draft.occasion,
            to_email=email,
            language=each.language,
            context=dict(draft.context),
            is_secret=draft.is_secret,
        )
        for email, each in addressed.items()
    ]


def _defer(letter_ids: Sequence[int]) -> None:
    """Jobs for these letters. The name, not the function: jobs call services."""
    if letter_ids:
        send = app.configure_task(SEND_JOB)
        made = [send.make_new_job(letter_ids=list(letter_ids[at : at + IN_A_JOB])) for at in range(0, len(letter_ids), IN_A_JOB)]
        app.job_manager.batch_defer_jobs(made)


def deliver_letters(*, letter_ids: Iterable[int]) -> None:
    """`deliver_letter` for each. One that was not sent keeps none of the others back; `LetterNotSent` at the end for all."""
    failed = []
    for letter_id in letter_ids:
        try:
            deliver_letter(letter_id=letter_id)
        except LetterNotSent as error:
            failed.append(error)
    if failed:
        raise LetterNotSent(f"{len(failed)} not sent") from failed[0]


def deliver_letter(*, letter_id: int) -> bool:
    """Render and send one letter; whether it went out now. Again for the same letter it does nothing.

    A try that fails is counted on the row and raises `LetterNotSent` while tries are left; after the last, or when the mail
    server
    refuses the address for good, the letter is marked failed. The row is locked while it is sent, so that two workers never send
    it twice; a worker killed between sending and COMMIT sends it again with the same Message-ID.
    """
    with transaction.atomic():
        letter = (
            Letter.objects.select_for_update(of=("self",))
            .select_related("merchant")
            .filter(pk=letter_id, state=Letter.State.QUEUED)
            .first()
        )
        if letter is None:
            return False
        error = _try_to_send(letter)
        letter.tries += 1
        if error is None:
            _finish(letter, Letter.State.SENT)
        else:
            letter.last_error = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
            if letter.tries >= MAX_TRIES or _is_final(error):
                _finish(letter, Letter.State.FAILED)
        letter.save()
    if error is None:
        return True
    log.warning("letter_not_sent", letter=letter.pk, kind=letter.kind, tries=letter.tries, error=type(error).__name__)
    if letter.state == Letter.State.QUEUED:
        raise LetterNotSent(f"letter {letter.pk}, try {letter.tries}") from error
    log.error("letter_failed", letter=letter.pk, kind=letter.kind)
    return False


def _try_to_send(letter: Letter) -> Exception | None:
    try:
        with transaction.atomic():
            rendered = render_letter(letter)
            letter.subject, letter.text, letter.html = rendered.subject, rendered.text, rendered.html
            message: EmailMultiAlternatives = build_message(letter)
            message.send()
    except Exception as error:  # noqa: BLE001 - whatever it was, it is counted and shown on the letter, and tried again
        return error
    return None


def _is_final(error: Exception) -> bool:
    """Whether the server refused every address for good (5xx): trying again would change nothing."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _message in error.recipients.values())


def _finish(letter: Letter, state: Letter.State) -> None:
    letter.state = state
    if state == Letter.State.SENT:
        letter.sent_at = timezone.now()
        letter.last_error = ""
    if letter.is_secret:
        letter.text, letter.html, letter.context = "", "", {}


def retry_letter(*, letter_id: int) -> bool:
    """Put a failed letter back into the outbox, with all its tries; whether there was one. Secret letters have lost their
    text."""
    with transaction.atomic():
        letter = Letter.objects.select_for_update().filter(pk=letter_id, state=Letter.State.FAILED, is_secret=False).first()
        if letter is None:
            return False
        put_back(letter)
    return True


def put_back(letter: Letter) -> None:
    """The same for a row that the caller has locked, inside the caller's transaction."""
    letter.state, letter.tries = Letter.State.QUEUED, 0
    letter.save(update_fields=["state", "tries"])
    _defer([letter.pk])


def queue_copy(letter: Letter, *, to_email: str, user: User | None) -> Letter:
    """A letter once more, to `to_email`, inside the caller's transaction that has locked the first one."""
    kept = {"id", "state", "tries", "last_error", "created_at", "sent_at", "subject", "text", "html"}
    same = {field.attname: getattr(letter, field.attname) for field in Letter._meta.concrete_fields if field.name not in kept}
    occasion = f"again:{letter.pk}:{letter.copies.count() + 1}"
    copy = Letter.objects.create(
        **same | {"occasion": occasion, "to_email": to_email, "user_id": user.pk if user else None, "again_of_id": letter.pk}
    )
    _defer([copy.pk])
    return copy


def requeue_forgotten() -> int:
    """Make a job for each waiting letter that has none (any more); how many."""
    with_job = RawSQL(
        "SELECT jsonb_array_elements(args -> 'letter_ids')::bigint FROM procrastinate_jobs"
        " WHERE task_name = %s AND status IN ('todo', 'doing')",
        [SEND_JOB],
    )
    forgotten = (
        Letter.objects.filter(state=Letter.State.QUEUED, created_at__lt=timezone.now() - FORGOTTEN_AFTER)
        .exclude(pk__in=with_job)
        .order_by("pk")
        .values_list("pk", flat=True)[:MOST_REQUEUED]
    )
    found = list(forgotten)
    _defer(found)
    return len(found)
