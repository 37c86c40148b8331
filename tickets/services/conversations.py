"""Messages between customers, support and accounting: the one door to django-helpdesk.

Each conversation is a ticket of helpdesk's and each message one of its follow-ups, written by its models alone:
`update_ticket()` would
send mail in the middle of the transaction. Whose they are, who reads them and what is attached stands in our own tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from accounts.selectors import Recipient, recipients_of
from accounts.services import draw_number
from files.models import StoredFile
from files.services import receive_file
from letters.services import queue_letter
from tickets.models import Attachment, Conversation, ConversationEvent, Department, Message, State
from tickets.services.merchants import usual_department
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


def start_conversation(*, merchant: Merchant, customer: Customer, subject: str, department: Department) -> Conversation:
    """An unsaved conversation with its helpdesk ticket made; the caller gives it its number and saves it, in the same
    transaction."""
    helpdesk_ticket = HelpdeskTicket.objects.create(title=subject[:200] or "–", queue_id=department.queue_id)
    return Conversation(
        merchant=merchant, customer=customer, department=department, helpdesk_ticket=helpdesk_ticket, subject=subject
    )


def may_write(by: Actor, customer_id: int) -> bool:
    """Whether `by` writes on conversations of this customer: staff who write, or their contact who uses tickets."""
    contact = by.contact
    return by.can_write_messages or (contact is not None and contact.customer_id == customer_id and contact.can_use_tickets)


@transaction.atomic
def open_conversation(
    *,
    merchant: Merchant,
    customer: Customer,
    subject: str,
    text: str,
    department_id: int | None = None,
    files: Sequence[UploadedFile[Any]] = (),
    by: Actor,
) -> Conversation:
    """A conversation without a report, with its first message; with support unless another department is named. Customers
    may choose those that are offered. Numbers come from the same series as tickets'.

    `Refused`: `subject_required`, `department`, and what `post_message` refuses.
    """
    by.require(by.merchant.pk == merchant.pk == customer.merchant_id and (by.is_system or may_write(by, customer.pk)))
    return begin_conversation(
        merchant=merchant,
        customer=customer,
        subject=subject,
        text=text,
        department=_chosen_department(merchant, department_id, by),
        files=files,
        by=by,
    )


def _chosen_department(merchant: Merchant, department_id: int | None, by: Actor) -> Department:
    if department_id is None:
        return usual_department(merchant, Department.SUPPORT)
    offered = Department.objects.filter(merchant=merchant, pk=department_id, is_active=True)
    if not (by.is_staff or by.is_system):
        offered = offered.filter(is_offered=True)
    found = offered.first()
    if found is None:
        raise Refused(_("Please choose a department from the list."), code="department", fields=("department",))
    return found


def begin_conversation(
    *,
    merchant: Merchant,
    customer: Customer,
    subject: str,
    text: str,
    department: Department,
    files: Sequence[UploadedFile[Any]] = (),
    by: Actor,
    team: str = "",
) -> Conversation:
    """`open_conversation` after its checks of who may: the caller has made them (mail of a known person)."""
    subject = " ".join(subject.replace("\x00", "").split())[:200]
    if not subject:
        raise Refused(_("Please write in a few words what it is about."), code="subject_required", fields=("subject",))
    text = _clean_text(text, files)
    conversation = start_conversation(merchant=merchant, customer=customer, subject=subject, department=department)
    conversation.number = number_of(merchant)
    conversation.save(force_insert=True)
    add_message(conversation, text, files, is_internal=False, by=by, team=team)
    return conversation


@transaction.atomic
def post_message(
    *, conversation_id: int, text: str, files: Sequence[UploadedFile[Any]] = (), is_internal: bool = False, by: Actor
) -> Message:
    """Write on a conversation. `is_internal` is for staff: no customer sees it and no letter tells of it.

    A customer's message opens a closed conversation again, and answers the question of a ticket that needs information. Staff's
    public messages are one letter each; a customer's is one to whom the conversation is assigned. `Refused`: `text_required`,
    `text_too_long`, `too_many_files`, and what `receive_file` says.
    """
    conversation = lock_conversation(by.merchant, conversation_id)
    by.require(by.is_system or may_write(by, conversation.customer_id))
    if is_internal:
        by.require(by.is_staff)
    text = _clean_text(text, files)
    message = add_message(conversation, text, files, is_internal=is_internal, by=by)
    ticket = conversation.ticket
    from_customer = not (by.is_staff or by.is_system)
    if from_customer and ticket is not None and ticket.state == State.NEEDS_INFORMATION and by.contact and by.contact.can_report:
        from tickets.services.customers import answer

        answer(ticket_id=ticket.pk, said=text, by=by)
    return message


def lock_conversation(merchant: Merchant, conversation_id: int) -> Conversation:
    """The conversation as it is now, locked until the transaction ends; its ticket's row before it (the order of all locks).

    `Http404` when the merchant has none of that key.
    """
    found = Conversation.objects.filter(merchant=merchant, pk=conversation_id).values_list("ticket_id", flat=True)
    if not found:
        raise Http404
    ticket = lock_ticket(merchant, found[0]) if found[0] else None
    conversation = (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("customer", "helpdesk_ticket", "department", "assigned_to")
        .get(merchant=merchant, pk=conversation_id)
    )
    conversation.merchant, conversation.ticket = merchant, ticket
    conversation.department.merchant = merchant
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


def add_message(
    conversation: Conversation,
    text: str,
    files: Sequence[UploadedFile[Any]],
    *,
    is_internal: bool,
    by: Actor,
    team: str = "",
) -> Message:
    """Write a message on a locked (or new) conversation, with its files and letters; who may has been checked.

    `team` says whose it is when that is not who acts: a mail that the program took in for a `customer` or from a `stranger`.
    """
    now, team = timezone.now(), team or by.team
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
        team=team,
        is_internal=is_internal,
        created_at=now,
    )
    Attachment.objects.bulk_create([Attachment(merchant=conversation.merchant, message=message, file=each) for each in received])
    from_house = team not in ("customer", "stranger")
    conversation.last_message_at = now
    if is_internal:
        conversation.save(update_fields=["last_message_at"])
        return message
    reopens = not from_house and not conversation.is_open
    conversation.awaits_us = not from_house
    set_open(conversation, is_open=conversation.is_open or not from_house)
    if reopens:
        note_step(conversation, ConversationEvent.Act.REOPEN, by=by, team=team)
    _tell(conversation, message, text, len(received), from_house=from_house)
    return message


def set_open(conversation: Conversation, *, is_open: bool) -> None:
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
    conversation.save(update_fields=["is_open", "awaits_us", "changed_at", "last_message_at"])


def note_step(
    conversation: Conversation,
    act: ConversationEvent.Act,
    *,
    by: Actor,
    team: str = "",
    source: str = "",
    target: str = "",
    note: str = "",
) -> ConversationEvent:
    """Write one step into the conversation's history."""
    return ConversationEvent.objects.create(
        merchant=conversation.merchant,
        conversation=conversation,
        act=act,
        by=by.user,
        team=team or by.team,
        source=source[:150],
        target=target[:150],
        note=note,
    )


def _tell(conversation: Conversation, message: Message, text: str, attachments: int, *, from_house: bool) -> None:
    """A letter for what the house writes to the customer, and one to whom the conversation is assigned for the answer."""
    assigned = conversation.assigned_to
    tell(
        conversation,
        kind="conversation_message" if from_house else "conversation_answered",
        occasion=f"message:{message.pk}",
        recipients=recipients_of(conversation.customer) if from_house else staff_recipients(assigned),
        text=text,
        team=message.team,
        attachments=attachments,
    )


def staff_recipients(*people: Any) -> list[Recipient]:
    """Members of the staff as people to write to; nobody is left out silently but who is no longer active."""
    return [
        Recipient(email=each.email, language=each.language, user_id=each.pk, name=each.name)
        for each in people
        if each is not None and each.is_active
    ]


def tell(conversation: Conversation, *, kind: str, occasion: str, recipients: Iterable[Recipient], **facts: Any) -> None:
    """Queue one letter about this conversation to each of `recipients`."""
    queue_letter(
        merchant=conversation.merchant,
        kind=kind,
        about=f"conversation:{conversation.pk}",
        occasion=occasion,
        recipients=recipients,
        context={
            "number": conversation.number,
            "subject": conversation.subject,
            "customer": conversation.customer.name,
            "about_ticket": conversation.ticket_id is not None,
            **facts,
        },
        customer=conversation.customer,
    )
