"""The cast of the tests: the same people at each merchant, and how they open pages.

Alice pays, Bob pays (another customer of the same merchant), Nora belongs to Alice's customer without any permission, Carol
counts, Dan signs, Sue supports, Ada administers, Otto audits. Each is an `Actor`: `cast.alice.user`, `cast.alice.customer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import get_script_prefix, reverse, set_script_prefix

from accounts.actors import Actor
from accounts.models import Contact, Customer, Merchant, Role, StaffRole, User
from banking.models import PaymentMethod, ReceivingAccount
from tests.factories import make_account, make_merchant, make_method


@dataclass(frozen=True, kw_only=True)
class Cast:
    """One merchant with an account that takes transfers and deposits, and everybody in it."""

    merchant: Merchant
    alice: Actor
    bob: Actor
    nora: Actor
    carol: Actor
    dan: Actor
    sue: Actor
    ada: Actor
    otto: Actor
    system: Actor
    transfer: PaymentMethod
    deposit: PaymentMethod
    account: ReceivingAccount

    @property
    def a(self) -> Customer:
        """Alice's customer."""
        assert self.alice.customer is not None
        return self.alice.customer

    @property
    def b(self) -> Customer:
        """Bob's customer."""
        assert self.bob.customer is not None
        return self.bob.customer

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """The address of a page in this merchant's house: `cast.url("portal:order", "P-1")`."""
        return house_url(self.merchant, name, *args, **kwargs)


CUSTOMERS = {"Alice": "Alicia Álvarez", "Bob": "Roberto Ñáñez"}
PAYS = {"can_manage_services": True, "can_manage_contacts": True}
NOTHING = dict.fromkeys(
    ("can_see_orders", "can_report", "can_use_tickets", "can_manage_services", "can_manage_contacts"), False
)  # fmt: skip
CONTACTS: dict[str, tuple[str, dict[str, bool]]] = {"Alice": ("Alice", PAYS), "Bob": ("Bob", PAYS), "Nora": ("Alice", NOTHING)}
STAFF = {
    "Carol": Role.ACCOUNTANT, "Dan": Role.SENIOR, "Sue": Role.SUPPORT, "Ada": Role.ADMINISTRATOR, "Otto": Role.AUDITOR,
}  # fmt: skip


def make_cast(**merchant_fields: Any) -> Cast:
    """Everybody at a new merchant, a statement for each kind of row. E-mail addresses are `alice@<slug>.example`."""
    merchant = make_merchant(**merchant_fields)

    def at(name: str) -> str:
        return f"{name.lower()}@{merchant.slug}.example"

    password = make_password("correct horse")
    users = {name: User(email=at(name), name=name, password=password) for name in (*CONTACTS, *STAFF)}
    User.objects.bulk_create(users.values())
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users.values()
    )
    customers = {
        name: Customer(merchant=merchant, number=f"K{merchant.pk}-{name}", name=full, email=at(name))
        for name, full in CUSTOMERS.items()
    }
    Customer.objects.bulk_create(customers.values())
    contacts = {
        name: Contact(merchant=merchant, customer=customers[of], user=users[name], **may) for name, (of, may) in CONTACTS.items()
    }
    Contact.objects.bulk_create(contacts.values())
    StaffRole.objects.bulk_create(StaffRole(merchant=merchant, user=users[name], role=role) for name, role in STAFF.items())
    people = {name: Actor(merchant=merchant, user=one.user, contact=one) for name, one in contacts.items()}
    people |= {name: Actor(merchant=merchant, user=users[name], role=role) for name, role in STAFF.items()}
    transfer, deposit = make_method(merchant, "transfer", position=1), make_method(merchant, "deposit", position=2)
    return Cast(
        merchant=merchant,
        **{name.lower(): actor for name, actor in people.items()},
        system=Actor.system(merchant),
        transfer=transfer,
        deposit=deposit,
        account=make_account(merchant, methods=[transfer, deposit]),
    )


def user_of(actor: Actor) -> User:
    """The person behind an actor who is one."""
    assert actor.user is not None
    return actor.user


def contact_of(actor: Actor) -> Contact:
    """The contact that a customer's actor is."""
    assert actor.contact is not None
    return actor.contact


def house_url(merchant: Merchant, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page inside a merchant's house."""
    before = get_script_prefix()
    set_script_prefix(f"/{merchant.slug}/")
    try:
        return reverse(name, urlconf="config.merchant_urls", args=args, kwargs=kwargs)
    finally:
        set_script_prefix(before)


def client_of(actor: Actor | None, **kwargs: Any) -> Client:
    """A browser in which this person is signed in (`None`: a stranger). Staff have their second factor."""
    client = Client(**kwargs)
    if actor is not None and actor.user is not None:
        if actor.is_staff:
            Authenticator.objects.get_or_create(
                user=actor.user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "A" * 32}}
            )
        client.force_login(actor.user)
        if actor.customer is not None:
            session = client.session
            session[f"customer_of_{actor.merchant.pk}"] = actor.customer.pk
            session.save()
    return client
