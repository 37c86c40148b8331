"""Who wrote a mail, as far as the house knows them by their address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.actors import WRITING, Actor
from accounts.models import Contact, Customer, Role, StaffRole
from accounts.selectors import Recipient
from tickets.mail.parsing import Mail
from tickets.mail.tokens import ReplyTo
from tickets.models import Conversation, Mailbox


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who wrote a mail, as far as the house knows them: `actor` acts, `recipient` is written back to."""

    actor: Actor
    recipient: Recipient
    customer: Customer | None = None

    @property
    def is_staff(self) -> bool:
        return self.actor.is_staff


def writer_of(conversation: Conversation, mail: Mail, reply: ReplyTo | None) -> Writer | None:
    """Who of those that may write in this conversation has this address."""
    merchant, customer = conversation.merchant, conversation.customer
    contacts = Contact.objects.filter(
        merchant=merchant, customer=customer, user__email=mail.from_email, user__is_active=True, can_use_tickets=True
    )
    contact = contacts.select_related("user", "customer").first()
    if contact is not None and customer.is_active:
        return _contact_writes(contact)
    roles = StaffRole.objects.filter(merchant=merchant, user__email=mail.from_email, user__is_active=True)
    role = roles.filter(role__in=WRITING).select_related("user").first()
    if role is not None:
        actor = Actor(merchant=merchant, user=role.user, role=Role(role.role))
        return Writer(actor=actor, recipient=_recipient(role.user))
    if reply is not None and reply.user_id == 0 and customer.email.lower() == mail.from_email:
        return _customer_writes(customer)
    return None


def customers_of(mailbox: Mailbox, mail: Mail) -> list[Writer]:
    """Customers for whom the owner of this address writes; one that acts for several begins with the one chosen last."""
    contacts = Contact.objects.filter(
        merchant=mailbox.merchant, user__email=mail.from_email, user__is_active=True, customer__is_active=True
    ).select_related("user", "customer")
    found = sorted(contacts, key=lambda each: (each.chosen_at is not None, each.chosen_at or each.created_at), reverse=True)
    if found:
        allowed = [each for each in found if each.can_use_tickets]
        return [_contact_writes(allowed[0])] if allowed else []
    unattended = Customer.objects.filter(merchant=mailbox.merchant, email=mail.from_email, is_active=True, contacts__isnull=True)
    return [_customer_writes(each) for each in unattended[:2]]


def _contact_writes(contact: Contact) -> Writer:
    actor = Actor(merchant=contact.merchant, user=contact.user, contact=contact)
    return Writer(actor=actor, recipient=_recipient(contact.user), customer=contact.customer)


def _customer_writes(customer: Customer) -> Writer:
    """A customer whom nobody represents, written to at its own address: the program writes its words down."""
    to = Recipient(email=customer.email, language=customer.language, name=customer.name)
    return Writer(actor=Actor.system(customer.merchant), recipient=to, customer=customer)


def _recipient(user: Any) -> Recipient:
    return Recipient(email=user.email, language=user.language, user_id=user.pk, name=user.name)
