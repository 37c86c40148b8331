"""A mail that arrived: whose it is, which conversation it belongs to, and what becomes of it.

Two steps, with room between them for what higher rooms do (`reports.services.take_mail`): `receive_mail` writes it down and
sorts it, `settle_mail` acts. A signed token alone leads to an existing conversation, and only somebody who may write there
anyway writes by mail; everything else is held for the staff, whom it reaches as a note that no customer sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.models import Customer
from files.checks import check_upload
from files.reasons import sentence
from letters.services import queue_letter
from tickets.mail.parsing import Mail
from tickets.mail.tokens import ReplyTo, read_token, split_address
from tickets.models import Conversation, ConversationEvent, Department, IncomingMail, Mailbox, Message, State
from tickets.services.conversations import (
    LONGEST_TEXT,
    MOST_FILES,
    add_message,
    begin_conversation,
    lock_conversation,
    note_step,
    post_message,
    tell,
)
from tickets.services.mail_writers import Writer, customers_of, writer_of
from tickets.services.merchants import usual_department

Outcome = IncomingMail.Outcome
# Mails of one sender that are taken in within an hour; what comes on top waits for a person.
MOST_PER_HOUR = 30


@dataclass(kw_only=True)
class Arrival:
    """A mail that was sorted. `outcome` is what is to become of it; `files` are those that may be kept, `problems` tells, in the
    writer's language, what could not be taken."""

    row: IncomingMail
    mail: Mail
    outcome: IncomingMail.Outcome
    reason: str = ""
    conversation: Conversation | None = None
    writer: Writer | None = None
    text: str = ""
    files: list[UploadedFile[Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def place(self) -> Conversation:
        """The conversation, where there must be one by now."""
        if self.conversation is None:
            raise LookupError("no conversation")
        return self.conversation

    @property
    def author(self) -> Writer:
        """The writer, where there must be one by now."""
        if self.writer is None:
            raise LookupError("no writer")
        return self.writer

    @property
    def answers_question(self) -> bool:
        """Whether it comes from who may answer, to a ticket that waits for them."""
        talk, writer = self.conversation, self.writer
        if self.outcome != Outcome.POSTED or talk is None or talk.ticket is None or writer is None or writer.is_staff:
            return False
        contact = writer.actor.contact
        return talk.ticket.state == State.NEEDS_INFORMATION and (contact is None or contact.can_report)


def receive_mail(*, mailbox: Mailbox, mail: Mail) -> Arrival | None:
    """Write the mail down and sort it, in the caller's transaction; None when it is known already, here or in another process
    at this very moment."""
    row = IncomingMail(
        merchant=mailbox.merchant,
        mailbox=mailbox,
        key=mail.key,
        from_email=mail.from_email[:254],
        from_name=mail.from_name[:150],
        subject=mail.subject[:200],
        size=mail.size,
        outcome=Outcome.HELD,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)  # waits for a competitor with the same key
    except IntegrityError:
        return None
    arrival = Arrival(row=row, mail=mail, outcome=Outcome.HELD, text=mail.text.replace("\x00", "").strip())
    _sort(arrival, mailbox)
    if arrival.writer is not None and not arrival.writer.is_staff:
        _measure(arrival)
    return arrival


def note_unreadable(*, mailbox: Mailbox, key: str, size: int, reason: str) -> None:
    """A mail that could not be looked into: somebody of the staff sees that it is in the mailbox."""
    IncomingMail.objects.bulk_create(
        [IncomingMail(merchant=mailbox.merchant, mailbox=mailbox, key=key, size=size, outcome=Outcome.HELD, reason=reason)],
        ignore_conflicts=True,
    )


@transaction.atomic
def settle_held_mail(*, mail_id: int, by: Actor) -> IncomingMail:
    """Somebody of the staff has dealt with a held mail: it leaves the list, its row stays. Again it changes nothing."""
    by.require(by.can_write_messages)
    row = IncomingMail.objects.select_for_update().filter(merchant=by.merchant, pk=mail_id, outcome=Outcome.HELD).first()
    if row is None:
        raise Http404
    if row.settled_at is None:
        row.settled_at = timezone.now()
        row.save(update_fields=["settled_at"])
    return row


@transaction.atomic
def open_held_mail(*, mail_id: int, customer: Customer, by: Actor) -> Conversation:
    """A held mail is this customer's, says somebody of the staff: it becomes a conversation with support, and leaves the list.

    Its words are the customer's first message; files stay in the mailbox. Raises `NotAllowed`, `Http404`, `Stale`
    (`mail_settled`), `Refused` (`in_conversation`, `text_required`).
    """
    by.require(by.can_write_messages and by.merchant.pk == customer.merchant_id)
    row = IncomingMail.objects.select_for_update().filter(merchant=by.merchant, pk=mail_id, outcome=Outcome.HELD).first()
    if row is None:
        raise Http404
    if row.settled_at is not None:
        raise Stale(_("Somebody has dealt with this e-mail already."), code="mail_settled")
    if row.conversation_id is not None:
        raise Refused(_("This e-mail stands in a conversation already, as a note among staff."), code="in_conversation")
    customer.merchant = by.merchant
    with translation.override(customer.language):
        subject = row.subject or _("E-mail without a subject")
    talk = begin_conversation(
        merchant=by.merchant, customer=customer, subject=subject, text=row.text,
        department=usual_department(by.merchant, Department.SUPPORT), by=Actor.system(by.merchant), team="customer",
    )  # fmt: skip
    note_step(talk, ConversationEvent.Act.LINK, by=by, target=row.from_email)
    row.conversation, row.message, row.settled_at = talk, talk.messages.get(), timezone.now()
    row.save(update_fields=["conversation", "message", "settled_at"])
    return talk


# --- Sorting ---------------------------------------------------------------------------------


def _sort(arrival: Arrival, mailbox: Mailbox) -> None:
    """Who wrote, to which conversation, and whether that goes."""
    mail = arrival.mail
    own = _own_addresses(mailbox)
    if mail.automatic:
        arrival.outcome, arrival.reason = Outcome.IGNORED, mail.automatic
        return
    if split_address(mail.from_email)[0] in own:
        arrival.outcome, arrival.reason = Outcome.IGNORED, "own_address"
        return
    reply = _reply_of(mail, mailbox)
    if reply is not None:
        _find_conversation(arrival, mailbox, reply)
    if not mail.from_email:
        arrival.reason = "no_sender"
    elif mail.is_forged:
        arrival.reason = "forged"
    elif _writes_too_often(mailbox, mail):
        arrival.reason = "too_many"
    elif arrival.conversation is not None:
        _let_in(arrival, writer_of(arrival.conversation, mail, reply), Outcome.POSTED, "stranger")
    else:
        known = customers_of(mailbox, mail)
        _let_in(arrival, known[0] if len(known) == 1 else None, Outcome.OPENED, "unknown" if not known else "several")


def _let_in(arrival: Arrival, writer: Writer | None, outcome: IncomingMail.Outcome, otherwise: str) -> None:
    if writer is None:
        arrival.reason = otherwise
    else:
        arrival.writer, arrival.outcome = writer, outcome


def _own_addresses(mailbox: Mailbox) -> set[str]:
    """Addresses that this installation sends from or receives at: what comes from there is a loop."""
    merchant = mailbox.merchant
    departments = Department.objects.filter(merchant=merchant).exclude(email="").values_list("email", flat=True)
    others = [mailbox.address, parseaddr(settings.DEFAULT_FROM_EMAIL)[1], merchant.support_email]
    return {address.lower() for address in (*others, *departments) if address}


def _reply_of(mail: Mail, mailbox: Mailbox) -> ReplyTo | None:
    """The signed token in one of the addresses, else in what the mail refers to, the newest first."""
    tokens = [split_address(address)[1] for address in mail.recipients]
    tokens += [reference.partition("@")[0] for reference in reversed(mail.references)]
    for token in tokens:
        said = read_token(token, mailbox.merchant_id)
        if said is not None:
            return said
    return None


def _find_conversation(arrival: Arrival, mailbox: Mailbox, reply: ReplyTo) -> None:
    try:
        arrival.conversation = lock_conversation(mailbox.merchant, reply.conversation_id)
    except Http404:
        arrival.conversation = None


def _writes_too_often(mailbox: Mailbox, mail: Mail) -> bool:
    since = timezone.now() - timedelta(hours=1)
    recent = IncomingMail.objects.filter(merchant=mailbox.merchant, from_email=mail.from_email, created_at__gt=since)
    return recent.count() > MOST_PER_HOUR


# --- Acting ----------------------------------------------------------------------------------


def _measure(arrival: Arrival) -> None:
    """Keep the files that may be kept and the text as long as it may be; say what cannot be taken, in the writer's language."""
    with translation.override(arrival.author.recipient.language):
        if arrival.mail.is_too_large:
            arrival.problems.append(
                _("The whole e-mail is larger than 25 MB. Send the files in several e-mails, or in the portal.")
            )
        for each in arrival.mail.files:
            upload = SimpleUploadedFile(each.name, each.content, content_type=each.content_type)
            try:
                shown = check_upload(upload).name
            except Refused as refused:
                arrival.problems.append(f"{each.name}: {refused.message}")
                continue
            if len(arrival.files) >= MOST_FILES:
                arrival.problems.append(f"{shown}: {sentence('too_many')}")
            else:
                arrival.files.append(upload)
        if len(arrival.text) > LONGEST_TEXT:
            arrival.problems.append(_("The text was longer than 10,000 characters: we kept its beginning."))
    arrival.text = arrival.text[:LONGEST_TEXT]


def settle_mail(arrival: Arrival, mailbox: Mailbox) -> IncomingMail:
    """Do what the sorting said, and write it down. In the transaction of `receive_mail`."""
    message: Message | None = None
    is_empty = not arrival.text and not arrival.files
    if arrival.outcome == Outcome.POSTED and arrival.writer is not None and arrival.writer.is_staff:
        message = _note_of_staff(arrival)
    elif arrival.outcome in (Outcome.POSTED, Outcome.OPENED) and is_empty:
        arrival.outcome, arrival.reason = Outcome.REFUSED, "nothing_taken" if arrival.problems else "empty"
    elif arrival.outcome == Outcome.POSTED:
        message = _post(arrival)
    elif arrival.outcome == Outcome.OPENED:
        message = _open(arrival, mailbox)
    elif arrival.outcome == Outcome.HELD and arrival.conversation is not None:
        message = _hold(arrival)
    row = arrival.row
    row.outcome, row.reason, row.message, row.conversation = arrival.outcome, arrival.reason, message, arrival.conversation
    if arrival.outcome == Outcome.HELD and message is None:
        row.text = _with_files(arrival)
    row.save(update_fields=["outcome", "reason", "message", "conversation", "text"])
    if arrival.problems:
        _tell_what_was_not_taken(arrival)
    return row


def _post(arrival: Arrival) -> Message:
    talk, writer = arrival.place, arrival.author
    if writer.actor.is_system:
        message = add_message(talk, arrival.text, arrival.files, is_internal=False, by=writer.actor, team="customer")
        if arrival.answers_question and talk.ticket is not None:
            from tickets.services.customers import answer

            answer(ticket_id=talk.ticket.pk, said=arrival.text, by=writer.actor)
        return message
    return post_message(conversation_id=talk.pk, text=arrival.text, files=arrival.files, by=writer.actor)


def _open(arrival: Arrival, mailbox: Mailbox) -> Message:
    """A new conversation in the department whose address was written to. `team` of what a customer without contacts writes is
    the customer's all the same."""
    writer = arrival.author
    with translation.override(writer.recipient.language):
        subject = arrival.mail.subject or _("E-mail without a subject")
    customer = writer.customer
    if customer is None:
        raise LookupError("no customer")
    customer.merchant = mailbox.merchant
    arrival.conversation = begin_conversation(
        merchant=mailbox.merchant,
        customer=customer,
        subject=subject,
        text=arrival.text,
        department=_department_of(arrival.mail, mailbox),
        files=arrival.files,
        by=writer.actor,
        team="customer",
    )
    return arrival.conversation.messages.get()


def _department_of(mail: Mail, mailbox: Mailbox) -> Department:
    written_to = [split_address(address)[0] for address in mail.recipients]
    found = {
        each.email.lower(): each
        for each in Department.objects.filter(merchant=mailbox.merchant, is_active=True).exclude(email="")
    }
    chosen = next((found[address] for address in written_to if address in found), None)
    return chosen or usual_department(mailbox.merchant, Department.SUPPORT)


def _note_of_staff(arrival: Arrival) -> Message | None:
    """What a member of the staff answers by mail stays inside: a sender's name is no signature, and nobody speaks to customers
    in the house's name by mail."""
    talk, writer = arrival.place, arrival.author
    text = _with_files(arrival)[:LONGEST_TEXT]
    if not text:
        arrival.outcome, arrival.reason = Outcome.IGNORED, "empty"
        return None
    arrival.reason = "staff"
    return add_message(talk, text, (), is_internal=True, by=replace(writer.actor, contact=None))


def _hold(arrival: Arrival) -> Message:
    """For staff alone: no letter, no change that the customer could see, no file kept."""
    talk = arrival.place
    text = _with_files(arrival)[:LONGEST_TEXT] or "–"
    return add_message(talk, text, (), is_internal=True, by=Actor.system(talk.merchant), team="stranger")


def _with_files(arrival: Arrival) -> str:
    """The text, and the names of files that were left in the mailbox."""
    names = [each.name for each in arrival.mail.files]
    if arrival.mail.is_too_large:
        names.append("> 25 MB")
    return (arrival.text + ("\n\n[" + ", ".join(names) + "]" if names else "")).strip()[:LONGEST_TEXT]


def _tell_what_was_not_taken(arrival: Arrival) -> None:
    """A letter to who wrote, when that is somebody we know: what was too large or of another type, and what to do."""
    writer, row = arrival.writer, arrival.row
    if writer is None or writer.is_staff:
        return
    if arrival.conversation is not None:
        tell(
            arrival.conversation,
            kind="mail_not_taken",
            occasion=f"mail:{row.pk}",
            recipients=[writer.recipient],
            problems=arrival.problems,
            subject=arrival.mail.subject or arrival.conversation.subject,
            kept=row.message_id is not None,
        )
        return
    queue_letter(
        merchant=row.merchant,
        kind="mail_not_taken",
        about=f"mail:{row.pk}",
        occasion=f"mail:{row.pk}",
        recipients=[writer.recipient],
        context={"subject": arrival.mail.subject, "problems": arrival.problems, "kept": False, "number": ""},
        customer=writer.customer,
    )
