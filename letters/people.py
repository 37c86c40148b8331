"""Acts on people of which a letter tells: the act of the accounts room and its letter, in one transaction.

The words are written here in the reader's language and travel as facts of the kind `account_message`.
"""

from __future__ import annotations

from typing import Unpack

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import contacts, invitations, services
from accounts.actors import Actor
from accounts.models import Contact, Customer, DataChange, Invitation, Merchant, User
from accounts.people import Permissions
from accounts.registration import AccountFields, open_account
from accounts.selectors import Recipient, recipients_of
from accounts.services import CustomerChanges
from letters.addresses import merchant_home, merchant_url
from letters.services import queue_letter


@transaction.atomic
def send_invitation(*, customer: Customer, email: str, name: str, by: Actor, **permissions: Unpack[Permissions]) -> Invitation:
    """Invite a person by letter. Refusals are `accounts.invitations.invite`'s."""
    invitation = invitations.invite(customer=customer, email=email, name=name, by=by, **permissions)
    _write_invitation(invitation, by=by)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: Actor) -> Invitation:
    """Send the letter of an invitation again; its link is good for another week. Refusals are `renew_invitation`'s."""
    invitation = invitations.renew_invitation(invitation=invitation, by=by)
    _write_invitation(invitation, by=by)
    return invitation


@transaction.atomic
def give_access(*, customer: Customer, email: str, name: str = "", by: Actor, **permissions: Unpack[Permissions]) -> Contact:
    """Let a person act for a customer, and tell those who manage its people. Refusals are `accounts.contacts.add_contact`'s."""
    known, told = _people_of(customer), recipients_of(customer, about="access")
    contact = contacts.add_contact(customer=customer, email=email, name=name, by=by, **permissions)
    if contact.user_id not in known:
        _tell_of_access(contact, told, who=by.merchant.name if by.is_staff else str(by.user))
    return contact


@transaction.atomic
def take_up_invitation(*, invitation: Invitation, user: User | None) -> Contact:
    """The same when who was invited accepts. Refusals are `accounts.invitations.accept_invitation`'s."""
    customer, inviter = invitation.customer, invitation.invited_by
    known, told = _people_of(customer), recipients_of(customer, about="access")
    contact = invitations.accept_invitation(invitation=invitation, user=user)
    if contact.user_id not in known:
        _tell_of_access(contact, told, who=str(inviter) if inviter and inviter.pk in known else customer.merchant.name)
    return contact


def _people_of(customer: Customer) -> set[int]:
    return set(Contact.objects.filter(customer=customer).values_list("user_id", flat=True))


def _tell_of_access(contact: Contact, told: list[Recipient], *, who: str) -> None:
    """`told` managed the customer's people before: the new one does not tell themselves."""
    customer, user = contact.customer, contact.user
    queue_letter(
        merchant=customer.merchant,
        kind="access_given",
        about=f"customer:{customer.pk}",
        occasion=f"contact:{contact.pk}",
        recipients=[each for each in told if each.email.lower() != user.email.lower()],
        context={"customer": customer.name, "number": customer.number, "name": user.name, "email": user.email, "who": who},
        customer=customer,
    )


def _write_invitation(invitation: Invitation, *, by: Actor) -> None:
    customer, merchant = invitation.customer, by.merchant
    known = User.objects.known_by(invitation.email)
    language = known.language if known else customer.language
    link = merchant_url(merchant, "portal:invitation", token=invitations.token_of(invitation))
    said = {"merchant": merchant.name, "customer": customer.name, "name": invitation.name, "who": str(by.user or merchant.name)}
    with translation.override(language):
        if by.is_staff:
            said["who"] = merchant.name
        words = {
            "subject": _("%(who)s invites you: %(customer)s at %(merchant)s") % said,
            "heading": _("You are invited to act for %(customer)s") % said,
            "text": _("Hello %(name)s,") % said
            + "\n\n"
            + _("%(who)s gives you access to the account of %(customer)s at %(merchant)s: its orders, payments and tickets.")
            % said
            + "\n\n"
            + _("Open the link and accept. We then send you a code to sign in; you need no password.")
            + "\n\n"
            + _("The link works once, for a week, and for this address alone. If you do not know who this is, do nothing."),
            "link": link,
            "button": _("See the invitation"),
        }
    queue_letter(
        merchant=merchant,
        kind="account_message",
        about=f"invitation:{invitation.pk}",
        occasion=f"letter:{invitation.letters}",
        recipients=[Recipient(email=invitation.email, language=language, user_id=known.pk if known else None)],
        context=words,
        customer=customer,
        is_secret=True,
    )


@transaction.atomic
def change_customer(*, customer: Customer, by: Actor, **changes: Unpack[CustomerChanges]) -> Customer:
    """Write new data of a customer, and tell its old address when it is written to at another from now on.

    Refusals are `accounts.services.change_customer`'s.
    """
    before = Customer.objects.filter(pk=customer.pk).values_list("email", flat=True).first() or ""
    customer = services.change_customer(customer=customer, by=by, **changes)
    if before and before.lower() != customer.email.lower():
        change = DataChange.objects.filter(customer=customer, field="email", person__isnull=True).latest("pk")
        queue_letter(
            merchant=by.merchant,
            kind="customer_email_changed",
            about=f"customer:{customer.pk}",
            occasion=f"change:{change.pk}",
            recipients=[Recipient(email=before, language=customer.language, name=customer.name)],
            context={"customer": customer.name, "number": customer.number, "by_us": by.is_staff, "gone": not customer.email},
            customer=customer,
        )
    return customer


@transaction.atomic
def register(*, merchant: Merchant, email: str, person: str, name: str = "", **more: Unpack[AccountFields]) -> Contact:
    """Open an account for somebody who proved their address, and send the data of their access. Refusals are `open_account`'s."""
    contact = open_account(merchant=merchant, email=email, person=person, name=name, **more)
    user, customer = contact.user, contact.customer
    said = {
        "merchant": merchant.name,
        "name": user.name,
        "email": user.email,
        "number": customer.number,
        "customer": customer.name,
    }
    with translation.override(user.language):
        words = {
            "subject": _("Your access to %(merchant)s") % said,
            "heading": _("Welcome to %(merchant)s") % said,
            "text": _("Hello %(name)s,") % said
            + "\n\n"
            + _("You are registered as %(customer)s, customer number %(number)s.") % said
            + "\n\n"
            + _(
                "You sign in with %(email)s. We send a code to that address each time; you can also choose a password in My data."
            )
            % said
            + "\n\n"
            + _("If you did not register, write to support."),
            "link": merchant_home(merchant),
            "button": _("To my account"),
        }
    queue_letter(
        merchant=merchant,
        kind="account_message",
        about=f"customer:{customer.pk}",
        occasion=f"registered:{user.pk}",
        recipients=[Recipient(email=user.email, language=user.language, user_id=user.pk)],
        context=words,
        customer=customer,
    )
    return contact
