"""Who acts for a customer: adding, changing and removing contacts. One who may manage the others always stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack, cast

from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Contact, Customer, Invitation, StaffRole, User
from accounts.people import PERMISSION_NAMES, Permissions, note_changes, person_of, values_of


def may_manage(by: Actor, customer: Customer) -> bool:
    """Whether the actor decides who acts for this customer: its own managing contacts, and staff who register."""
    own = by.contact is not None and by.contact.customer_id == customer.pk and by.contact.can_manage_contacts
    return own or (by.can_register and by.merchant.pk == customer.merchant_id)


@transaction.atomic
def add_contact(*, customer: Customer, email: str, name: str = "", by: Actor, **permissions: Unpack[Permissions]) -> Contact:
    """Let a person act for a customer, known by e-mail; who is a contact already gets the new permissions.

    Somebody known to the installation keeps their own name, password and language. Raises `Refused` (`bad_email`, `last_manager`,
    `more_than_own`, `oneself`).
    """
    by.require(may_manage(by, customer))
    refuse_oneself(email, by=by)
    customer = lock_customer(customer)
    user = person_of(email, name=name or customer.name, language=customer.language)
    present = Contact.objects.filter(customer=customer, user=user).first()
    if present is not None:
        return _write_permissions(present, permissions, by=by)
    contact = Contact(merchant_id=customer.merchant_id, customer=customer, user=user, **permissions)
    given = {name: getattr(contact, name) for name in PERMISSION_NAMES}
    refuse_more_than_own(given, by=by, customer=customer)
    contact.save()
    note_changes(customer, {}, {"contact": user.email}, person=user, by=by)
    return contact


@transaction.atomic
def change_contact(*, contact: Contact, by: Actor, **permissions: Unpack[Permissions]) -> Contact:
    """Give a contact other permissions: they hold from the person's next click.

    Raises `Refused` (`last_manager`, `more_than_own`), `Http404` when somebody removed the contact meanwhile.
    """
    by.require(may_manage(by, contact.customer))
    lock_customer(contact.customer)
    return _write_permissions(_again(contact), permissions, by=by)


@transaction.atomic
def remove_contact(*, contact: Contact, by: Actor) -> None:
    """Take a person's access to a customer away; the person and what they did stay.

    Every page of that customer is closed to them from the next click. Who has no other part anywhere is signed out everywhere.
    Raises `Refused` (`last_manager`), `Http404` when somebody removed the contact meanwhile.
    """
    by.require(may_manage(by, contact.customer))
    customer = lock_customer(contact.customer)
    contact = _again(contact)
    _keep_a_manager(contact)
    contact.delete()
    _withdraw_invitations_of(contact)
    note_changes(customer, {"contact": contact.user.email}, {"contact": ""}, person=contact.user, by=by)
    has_a_part = Contact.objects.filter(user=contact.user_id).exists() or StaffRole.objects.filter(user=contact.user_id).exists()
    if not has_a_part:
        User.objects.filter(pk=contact.user_id).update(session_epoch=F("session_epoch") + 1)


@transaction.atomic
def choose_letters(*, gets_ticket_letters: bool, gets_order_letters: bool, gets_reminders: bool | None = None, by: Actor) -> None:
    """Say which letters about the customer one wants oneself. Codes and notices about one's access always come."""
    by.require(by.contact is not None)
    contact = Contact.objects.select_for_update().get(pk=cast("Contact", by.contact).pk)
    contact.gets_ticket_letters, contact.gets_order_letters = gets_ticket_letters, gets_order_letters
    if gets_reminders is not None:
        contact.gets_reminders = gets_reminders
    contact.save(update_fields=["gets_ticket_letters", "gets_order_letters", "gets_reminders"])


def choose_customer(*, contact: Contact) -> None:
    """Remember for which of their customers a person chose to act: they begin there the next time."""
    Contact.objects.filter(pk=contact.pk).update(chosen_at=timezone.now())


def lock_customer(customer: Customer) -> Customer:
    """The customer's row, locked: changes of its people wait for each other, or two managers could remove one another."""
    return Customer.objects.select_for_update(no_key=True).select_related("merchant").get(pk=customer.pk)


def refuse_oneself(email: str, *, by: Actor) -> None:
    """Staff do not let themselves in at a customer's: they would report and decide. Raises `Refused` (`oneself`)."""
    if by.is_staff and by.user is not None and email.strip().lower() == by.user.email.lower():
        raise Refused(
            _("You work here: you cannot make yourself a contact of a customer. A colleague must do it."),
            code="oneself",
            fields=("email",),
        )


def refuse_more_than_own(wanted: Mapping[str, object], *, by: Actor, customer: Customer, present: Contact | None = None) -> None:
    """A contact gives no permission that they do not have. Raises `Refused` (`more_than_own`)."""
    if by.is_system or (by.can_register and by.merchant.pk == customer.merchant_id) or by.contact is None:
        return
    own = Contact.objects.filter(pk=by.contact.pk).first()
    lacking = [
        name
        for name, value in wanted.items()
        if value and not getattr(own, name, False) and not (present is not None and getattr(present, name))
    ]
    if lacking:
        raise Refused(
            _("You can give only what you may do yourself. You do not have: %(permissions)s.")
            % {"permissions": ", ".join(str(PERMISSION_NAMES[name]) for name in lacking)},
            code="more_than_own",
            fields=tuple(lacking),
        )


def _again(contact: Contact) -> Contact:
    """The contact as it is now, under the customer's lock."""
    found = Contact.objects.select_related("user").filter(pk=contact.pk).first()
    if found is None:
        raise Http404
    return found


def _write_permissions(contact: Contact, permissions: Permissions, *, by: Actor) -> Contact:
    refuse_more_than_own(permissions, by=by, customer=contact.customer, present=contact)
    if not permissions.get("can_manage_contacts", contact.can_manage_contacts):
        _keep_a_manager(contact)
        _withdraw_invitations_of(contact)
    before = values_of(contact, permissions)
    for name, value in permissions.items():
        setattr(contact, name, value)
    contact.save(update_fields=list(permissions))
    note_changes(contact.customer, before, values_of(contact, permissions), person=contact.user, by=by)
    return contact


def _withdraw_invitations_of(contact: Contact) -> None:
    """Who may no longer decide about contacts lets nobody in by a letter that is still under way."""
    Invitation.objects.filter(
        customer=contact.customer_id, invited_by=contact.user_id, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())


def _keep_a_manager(contact: Contact) -> None:
    """Refuse to lose the last person who may manage the contacts; the customer's row is locked."""
    others = Contact.objects.filter(customer=contact.customer_id, can_manage_contacts=True, user__is_active=True)
    if contact.can_manage_contacts and not others.exclude(pk=contact.pk).exists():
        raise Refused(
            _("%(name)s is the only person who manages the contacts. Let somebody else manage them first.")
            % {"name": contact.user.name or contact.user.email},
            code="last_manager",
            fields=("can_manage_contacts",),
        )
