"""The doors of customers who come by the file: whoever proves the address that the company has of a customer acts for it."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Contact, Customer, StaffRole
from accounts.people import PERMISSION_NAMES, person_of


def open_doors(customers: Iterable[Customer], *, by: Actor) -> list[Contact]:
    """Let the owner of each customer's own address act for it, with every permission; inside the caller's transaction.

    Nobody is written to: they enter by a code sent to that address. Left out are customers without an address, with a contact
    already, and addresses of the house's own staff.
    """
    by.require(by.can_register)
    staff = {each.lower() for each in StaffRole.objects.filter(merchant=by.merchant).values_list("user__email", flat=True)}
    wanted = [each for each in customers if each.email and each.email.lower() not in staff]
    there = set(Contact.objects.filter(customer__in=wanted).values_list("customer_id", flat=True))
    made = []
    for customer in wanted:
        if customer.pk in there:
            continue
        try:
            user = person_of(customer.email, name=customer.name, language=customer.language)
        except Refused:
            continue  # An address that cannot be anybody's: the customer comes without a door.
        everything = dict.fromkeys(PERMISSION_NAMES, True)
        made.append(Contact(merchant_id=customer.merchant_id, customer=customer, user=user, **everything))
    return Contact.objects.bulk_create(made, batch_size=5000)
