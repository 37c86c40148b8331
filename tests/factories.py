"""Plain makers of rows that tests share: `make_x(**changes)`, each with what a real one would have.

The small cast: Alice pays, Bob pays too, Carol counts, Dan signs, Sue supports.
"""

from __future__ import annotations

import itertools
from typing import Any

from accounts.actors import Actor
from accounts.models import Contact, Customer, Merchant, Role, StaffRole, User

_numbers = itertools.count(1)


# --- People ----------------------------------------------------------------------------------


def make_merchant(**changes: Any) -> Merchant:
    number = next(_numbers)
    fields = {
        "slug": f"andina-{number}",
        "name": f"Hosting Andina {number}",
        "country": "VE",
        "time_zone": "America/Caracas",
        "currency": "USD",
        "ticket_prefix": "HA",
    }
    return Merchant.objects.create(**fields | changes)


def make_user(**changes: Any) -> User:
    number = next(_numbers)
    password = changes.pop("password", None)
    fields = {"email": f"person-{number}@example.com", "name": f"Alice {number}"}
    return User.objects.create_user(password=password, **fields | changes)


def make_customer(merchant: Merchant | None = None, **changes: Any) -> Customer:
    number = next(_numbers)
    fields = {"number": f"C-{number}", "name": f"Panadería {number}", "email": f"customer-{number}@example.com"}
    return Customer.objects.create(merchant=merchant or make_merchant(), **fields | changes)


def make_contact(customer: Customer | None = None, user: User | None = None, **changes: Any) -> Contact:
    customer = customer or make_customer()
    return Contact.objects.create(merchant=customer.merchant, customer=customer, user=user or make_user(), **changes)


def customer_actor(customer: Customer | None = None, **permissions: Any) -> Actor:
    """Somebody who acts for a customer; `permissions` are the contact's flags."""
    contact = make_contact(customer, **permissions)
    return Actor(merchant=contact.merchant, user=contact.user, contact=contact)


def staff_actor(merchant: Merchant | None = None, role: Role = Role.ACCOUNTANT, user: User | None = None) -> Actor:
    """A member of the merchant's staff."""
    merchant, user = merchant or make_merchant(), user or make_user()
    StaffRole.objects.create(merchant=merchant, user=user, role=role)
    return Actor(merchant=merchant, user=user, role=role)
