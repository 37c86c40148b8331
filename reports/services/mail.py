"""A mail of the merchant's mailbox, taken in: into its conversation, and as the answer to a question about a report.

It stands here, above the tickets, because a picture that comes with the answer to "Falta un dato" becomes the report's receipt
when a receipt was asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.db import Error, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import Refused
from files.models import StoredFile
from files.services import receive_file
from reports.content import ReportContent
from reports.services.correct import answer_question
from reports.view import ReportView, read_report
from tickets import services as tickets
from tickets.mail.imap import Fetched
from tickets.mail.parsing import Mail, Unreadable, fallback_key, read_head, read_mail
from tickets.models import IncomingMail, Mailbox
from tickets.services import Arrival

log = structlog.get_logger(__name__)
MOST_RECEIPTS = 5


def mailboxes_to_read() -> list[int]:
    """Mailboxes that are switched on, of merchants that are, and that do not rest from a long visit."""
    awake = Q(rests_until=None) | Q(rests_until__lte=timezone.now())
    mailboxes = Mailbox.objects.filter(awake, is_active=True, merchant__is_active=True)
    return list(mailboxes.order_by("pk").values_list("pk", flat=True))


def read_mailbox(*, mailbox_id: int) -> int:
    """Take in what arrived in a mailbox since the last reading; how many mails."""
    return tickets.read_mailbox(mailbox_id=mailbox_id, take=_take)


def _take(mailbox: Mailbox, fetched: Fetched) -> None:
    """One mail of the server. Whatever is in it, the next one gets its turn; only a database that is away stops the reading."""
    try:
        take_mail(mailbox=mailbox, raw=fetched.raw, size=fetched.size, is_whole=fetched.is_whole)
    except Error:
        raise
    except Exception as error:  # noqa: BLE001 - a mail that breaks something is held for a person, and stops no other
        log.error("mail_not_taken", mailbox=mailbox.pk, error=type(error).__name__)
        key = fallback_key(fetched.raw)
        tickets.note_unreadable(mailbox=mailbox, key=key, size=fetched.size, reason="damaged")


def take_mail(*, mailbox: Mailbox, raw: bytes, size: int | None = None, is_whole: bool = True) -> IncomingMail | None:
    """Take in one mail, as the server has it (`is_whole` False: its headers alone, `size` bytes in all), in one transaction.

    None when it was taken in before, or cannot be read and is noted so. The same mail twice at once counts once.
    """
    size = len(raw) if size is None else size
    try:
        mail: Mail = read_mail(raw) if is_whole else read_head(raw, size=size)
    except Unreadable as unreadable:
        tickets.note_unreadable(mailbox=mailbox, key=fallback_key(raw), size=size, reason=unreadable.code)
        return None
    with transaction.atomic():
        arrival = tickets.receive_mail(mailbox=mailbox, mail=mail)
        if arrival is None:
            return None
        if arrival.answers_question:
            _bring_receipts(arrival)
        return tickets.settle_mail(arrival, mailbox)


def _bring_receipts(arrival: Arrival) -> None:
    """Pictures that answer the question for a receipt become the report's; the words go into the conversation afterwards."""
    talk, writer = arrival.conversation, arrival.writer
    if talk is None or talk.ticket is None or writer is None or not arrival.files or "receipt" not in talk.ticket.asked_fields:
        return
    try:
        with transaction.atomic():
            view = read_report(talk.ticket)
            content = _with_receipts(view, arrival.files, arrival)
            answer_question(ticket_id=talk.ticket.pk, content=content, note="", by=writer.actor)
            talk.ticket.refresh_from_db()
    except Refused as refused:
        # The message itself is the answer then, with its files.
        log.info("receipt_by_mail_not_taken", ticket=talk.ticket.pk, reason=refused.code)


def _with_receipts(view: ReportView, files: list[UploadedFile[Any]], arrival: Arrival) -> ReportContent:
    """The report as it stands, with these files as receipts of its first transfer."""
    kept = [
        receive_file(
            merchant=view.ticket.merchant,
            customer=view.ticket.customer,
            upload=upload,
            purpose=StoredFile.Purpose.RECEIPT,
            by=arrival.author.actor,
        )
        for upload in files[:MOST_RECEIPTS]
    ]
    present = view.content()
    first, *others = present.transfers
    first = replace(first, file_keys=(*first.file_keys, *(each.key for each in kept)))
    return replace(present, transfers=(first, *others))
