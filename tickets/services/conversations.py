"""Messages between customers, support and accounting: the one door to django-helpdesk.

Each conversation is a ticket of helpdesk's and each message one of its follow-ups, written by its models alone:
`update_ticket()` would
send mail in the middle of the transaction. Whose they are, who reads them and what is attached stands in our own tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from helpdesk.models import FollowUp
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Merchant, NumberSeries
from accounts.selectors import recipients_of
from accounts.services import draw_number
from files.models import StoredFile
from files.services import receive_file
from letters.services import queue_letter
from tickets.models import Attachment, Conversation, MerchantQueue, Message, State
from tickets.services.merchants import queue_of
from tickets.services.steps import lock_ticket

# Numbers of five digits from the first one on: easier to say on the telephone than T-7, and no merchant seems new.
FIRST_NUMBER = 10_000
LONGEST_TEXT = 10_000
MOST_FILES = 5


def number_of(merchant: Merchant) -> str:
    """The next number of the merchant's tickets and conversations, such as `HA-10482`. Locks the series: late in a
    transaction."""
    drawn = draw_number(merchant=merchant, kind=NumberSeries.Kind.TICKET)
    return f"{merchant.ticket_prefix}-{FIRST_NUMBER + drawn}"


def start_conversation(
    *, merchant: Merchant, customer: Customer, subject: str, department: MerchantQueue.Department
) -> Conversation:
    """An unsaved conversation with its helpdesk ticket made; the caller gives it its number and saves it, in the same
    transaction."""
    queue = queue_of(merchant, department)
    helpdesk_ticket = HelpdeskTicket.objects.create(title=subject[:200] or "–", queue_id=queue.queue_id)
    return Conversation(merchant=merchant, customer=customer, queue=queue, helpdesk_ticket=helpdesk_ticket, subject=subject)


def _may_write(by: Actor, customer_id: int) -> bool:
    contact = by.contact
    return by.can_write_messages or (contact is not None and contact.customer_id == customer_id and contact.can_use_tickets)


@transaction.atomic
def open_conversation(
    *,
    merchant: Merchant,
    customer: Customer,
    subject: str,
    text: str,
    department: str = MerchantQueue.Department.SUPPORT,
    files: Sequence[UploadedFile[Any]] = (),
    by: Actor,
) -> Conversation:
    """A conversation without a report, with its first message. Numbers come from the same series as tickets'.

    `Refused`: `subject_required`, and what `post_message` refuses.
    """
    by.require(by.merchant.pk == merchant.pk == customer.merchant_id and (by.is_system or _may_write(by, customer.pk)))
    subject = " ".join(subject.replace("\x00", "").split())[:200]
    if not subject:
        raise Refused(_("Please write in a few words what it is about."), code="subject_required", fields=("subject",))
    if department not in MerchantQueue.Department.values:
        raise Refused(_("Please choose a department from the list."), code="department", fields=("department",))
    text = _clean_text(text, files)
    conversation = start_conversation(
        merchant=merchant, customer=customer, subject=subject, department=MerchantQueue.Department(department)
    )
    conversation.number = number_of(merchant)
    conversation.save(force_insert=True)
    _add_message(conversation, text, files, is_internal=False, by=by)
    return conversation


@transaction.atomic
def post_message(
    *, conversation_id: int, text: str, files: Sequence[UploadedFile[Any]] = (), is_internal: bool = False, by: Actor
) -> Message:
    """Write on a conversation. `is_internal` is for staff: no customer sees it and no letter tells of it.

    A customer's message opens a closed conversation again, and answers the question of a ticket that needs information. Staff's
    public messages are one letter each. `Refused`: `text_required`, `text_too_long`, `too_many_files`, and what
    `receive_file` says.
    """
    found = Conversation.objects.filter(merchant=by.merchant, pk=conversation_id).values_list("ticket_id", flat=True)
    if not found:
        raise Http404
    ticket = lock_ticket(by.merchant, found[0]) if found[0] else None
    conversation = (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("customer", "helpdesk_ticket")
        .get(merchant=by.merchant, pk=conversation_id)
    )
    conversation.merchant = by.merchant
    by.require(by.is_system or _may_write(by, conversation.customer_id))
    if is_internal:
        by.require(by.is_staff)
    text = _clean_text(text, files)
    message = _add_message(conversation, text, files, is_internal=is_internal, by=by)
    from_customer = not (by.is_staff or by.is_system)
    if from_customer and ticket is not None and ticket.state == State.NEEDS_INFORMATION and by.contact and by.contact.can_report:
        from tickets.services.customers import answer

        answer(ticket_id=ticket.pk, by=by)
    return message


@transaction.atomic
def close_conversation(*, conversation_id: int, by: Actor) -> Conversation:
    """Nothing is left to say (staff). The conversation of a live ticket stays open until the ticket is decided
    (`ticket_is_live`)."""
    by.require(by.can_write_messages)
    conversation = (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("ticket")
        .filter(merchant=by.merchant, pk=conversation_id)
        .first()
    )
    if conversation is None:
        raise Http404
    if conversation.ticket is not None and conversation.ticket.is_live:
        raise Refused(_("This conversation belongs to a ticket that is not decided yet."), code="ticket_is_live")
    _set_open(conversation, is_open=False)
    return conversation


def _clean_text(text: str, files: Sequence[UploadedFile[Any]]) -> str:
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text and not files:
        raise Refused(_("Please write a message or attach a file."), code="text_required", fields=("text",))
    if len(text) > LONGEST_TEXT:
        raise Refused(_("Please write at most 10,000 characters."), code="text_too_long", fields=("text",))
    if len(files) > MOST_FILES:
        raise Refused(_("Please attach at most five files."), code="too_many_files", fields=("files",))
    return text


def _add_message(
    conversation: Conversation, text: str, files: Sequence[UploadedFile[Any]], *, is_internal: bool, by: Actor
) -> Message:
    now = timezone.now()
    customer = None if is_internal else conversation.customer
    received = [
        receive_file(merchant=conversation.merchant, customer=customer, upload=upload, purpose=StoredFile.Purpose.MESSAGE, by=by)
        for upload in files
    ]
    followup = FollowUp(
        ticket_id=conversation.helpdesk_ticket_id, date=now, title="", comment=text, public=not is_internal, user=by.user
    )
    # Its own save() would write helpdesk's ticket back whole, as it was when we read it.
    FollowUp.objects.bulk_create([followup])
    message = Message.objects.create(
        merchant=conversation.merchant,
        conversation=conversation,
        followup=followup,
        author=by.user,
        team=by.team,
        is_internal=is_internal,
        created_at=now,
    )
    Attachment.objects.bulk_create([Attachment(merchant=conversation.merchant, message=message, file=each) for each in received])
    if not is_internal:
        _set_open(conversation, is_open=conversation.is_open or not by.is_staff)
        _tell(conversation, message, text, len(received), by)
    return message


def _set_open(conversation: Conversation, *, is_open: bool) -> None:
    """Helpdesk's status follows ours; both show when something happened last."""
    now = timezone.now()
    status = HelpdeskTicket.OPEN_STATUS if is_open else HelpdeskTicket.CLOSED_STATUS
    if is_open and not conversation.is_open:
        status = HelpdeskTicket.REOPENED_STATUS
    if is_open != conversation.is_open:
        HelpdeskTicket.objects.filter(pk=conversation.helpdesk_ticket_id).update(status=status, modified=now)
    else:
        HelpdeskTicket.objects.filter(pk=conversation.helpdesk_ticket_id).update(modified=now)
    conversation.is_open, conversation.changed_at = is_open, now
    conversation.save(update_fields=["is_open", "changed_at"])


def _tell(conversation: Conversation, message: Message, text: str, attachments: int, by: Actor) -> None:
    """A letter for what staff write to the customer."""
    if not by.is_staff:
        return
    queue_letter(
        merchant=conversation.merchant,
        kind="conversation_message",
        about=f"conversation:{conversation.pk}",
        occasion=f"message:{message.pk}",
        recipients=recipients_of(conversation.customer),
        context={
            "number": conversation.number,
            "subject": conversation.subject,
            "text": text,
            "team": by.team,
            "attachments": attachments,
            "about_ticket": conversation.ticket_id is not None,
        },
        customer=conversation.customer,
    )
