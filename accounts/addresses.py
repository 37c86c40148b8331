"""Further addresses of a customer: where bills go and where paper goes, each change in the customer's history."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.contacts import lock_customer
from accounts.errors import Refused
from accounts.identity import read_phone
from accounts.models import Address, Customer
from accounts.people import note_changes

MOST_ADDRESSES = 20
LONGEST = {"kind": 8, "label": 60, "address": 500, "state": 60, "city": 60, "reference_point": 200, "phone": 30}
PLACE_FIELDS = ("address", "state", "city", "reference_point")


class AddressFields(TypedDict, total=False):
    """What is known of a place."""

    kind: str
    label: str
    address: str
    state: str
    city: str
    reference_point: str
    phone: str


@transaction.atomic
def add_address(*, customer: Customer, by: Actor, **fields: Unpack[AddressFields]) -> Address:
    """Add a place: by staff who register, or a contact who sees the customer's data.

    Raises `Refused` (`no_address`, `too_many`, `bad_kind`).
    """
    _require(customer, by)
    customer = lock_customer(customer)
    if fields.get("kind") not in Address.Kind.values:
        raise Refused(_("Choose what the address is for."), code="bad_kind", fields=("kind",))
    if not fields.get("address", "").strip():
        raise Refused(_("Write the address."), code="no_address", fields=("address",))
    if customer.addresses.count() >= MOST_ADDRESSES:
        raise Refused(_("There are %(most)d addresses already. Remove one first.") % {"most": MOST_ADDRESSES}, code="too_many")
    row = Address(merchant_id=customer.merchant_id, customer=customer)
    for name, value in fields.items():
        setattr(row, name, str(value).strip()[: LONGEST[name]])
    row.phone = read_phone(row.phone, customer.merchant.country) or row.phone
    row.save()
    note_changes(customer, {}, {row.kind: written(row)}, by=by)
    return row


@transaction.atomic
def remove_address(*, customer: Customer, address_id: int, by: Actor) -> None:
    """Take a place away; what was sent there keeps its own copy."""
    _require(customer, by)
    customer = lock_customer(customer)
    row = customer.addresses.filter(pk=address_id).first()
    if row is None:
        raise Http404
    note_changes(customer, {row.kind: written(row)}, {row.kind: ""}, by=by)
    row.delete()


def addresses_of(customer: Customer) -> list[Address]:
    """The customer's further places: by what they are for, newest first."""
    return list(customer.addresses.order_by("kind", "-pk"))


def shipping_place_of(customer: Customer) -> Address | Customer:
    """Where paper goes unless the customer says otherwise: the newest shipping address, else the main one."""
    return customer.addresses.filter(kind=Address.Kind.SHIPPING).order_by("-pk").first() or customer


def written(row: Address) -> str:
    """A place in one line."""
    return ", ".join(part for part in (row.label, *(getattr(row, name) for name in PLACE_FIELDS)) if part)


def _require(customer: Customer, by: Actor) -> None:
    contact = by.contact
    own = contact is not None and not by.is_staff and contact.customer_id == customer.pk and contact.can_see_orders
    by.require(own or (by.can_register and by.merchant.pk == customer.merchant_id))
