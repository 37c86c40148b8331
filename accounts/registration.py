"""Becoming a customer by oneself, where the merchant is open to it: the address was proved before. Letter: `letters.people`."""

from __future__ import annotations

from typing import TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Contact, Merchant, Registration, StaffRole, User
from accounts.people import PERMISSION_NAMES, note_changes, person_of
from accounts.services import create_customer


class AccountFields(TypedDict, total=False):
    """What may be said of the new customer besides its name; its e-mail is the one that was proved."""

    tax_id: str
    phone: str
    language: str
    address: str
    state: str
    city: str
    reference_point: str


def part_of(email: str, merchant: Merchant) -> User | None:
    """The person with this address when they have a part in this house already."""
    user = User.objects.known_by(email)
    if user is None:
        return None
    is_here = (
        Contact.objects.filter(user=user, merchant=merchant).exists()
        or StaffRole.objects.filter(user=user, merchant=merchant).exists()
    )
    return user if is_here else None


@transaction.atomic
def open_account(*, merchant: Merchant, email: str, person: str, name: str = "", **more: Unpack[AccountFields]) -> Contact:
    """Make a customer and the person who manages it; `email` has been proved to be theirs. Without a `name` it is the person's.

    Raises `Refused` (`registration_closed`, `is_registered`, `no_name`, `bad_customer`, `bad_email`).
    """
    merchant = Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)  # two clicks make one customer
    if merchant.registration != Registration.OPEN:
        raise Refused(
            _("%(merchant)s takes no registrations at present. Write to support.") % {"merchant": merchant.name},
            code="registration_closed",
        )
    if part_of(email, merchant) is not None:
        raise Refused(_("You are registered already. Sign in with your address."), code="is_registered")
    more.setdefault("language", merchant.default_language)
    user = person_of(email, name=person, language=more["language"])
    try:
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    except IntegrityError:
        raise Refused(_("This address cannot be used."), code="bad_email", fields=("email",)) from None
    system = Actor.system(merchant)
    customer = create_customer(merchant=merchant, name=name or person, email=user.email, by=system, **more)
    contact = Contact.objects.create(merchant=merchant, customer=customer, user=user, **dict.fromkeys(PERMISSION_NAMES, True))
    by = Actor(merchant=merchant, user=user, contact=contact)
    note_changes(customer, {}, {"contact": user.email}, person=user, by=by)
    return contact
