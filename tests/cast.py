"""The cast of the tests: the same people at each merchant, and how they open pages.

Alice pays, Bob pays (another customer of the same merchant), Nora belongs to Alice's customer without any permission, Carol
counts, Dan signs, Sue supports, Ada administers, Otto audits. Each is an `Actor`: `cast.alice.user`, `cast.alice.customer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_script_prefix, reverse, set_script_prefix

from accounts.actors import Actor
from accounts.models import Customer, Merchant, Role
from banking.models import PaymentMethod, ReceivingAccount
from tests.factories import customer_actor, make_account, make_customer, make_merchant, make_method, make_user, staff_actor


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


def make_cast(**merchant_fields: Any) -> Cast:
    """Everybody at a new merchant. E-mail addresses are `alice@<slug>.example`."""
    merchant = make_merchant(**merchant_fields)

    def person(name: str, **kw: Any) -> Any:
        return make_user(email=f"{name.lower()}@{merchant.slug}.example", name=name, **kw)

    def staff(name: str, role: Role) -> Actor:
        return staff_actor(merchant, role, user=person(name))

    a = make_customer(merchant, name="Alicia Álvarez", email=f"alice@{merchant.slug}.example")
    b = make_customer(merchant, name="Roberto Ñáñez", email=f"bob@{merchant.slug}.example")
    transfer, deposit = make_method(merchant, "transfer", position=1), make_method(merchant, "deposit", position=2)
    nothing = dict.fromkeys(
        ("can_see_orders", "can_report", "can_use_tickets", "can_manage_services", "can_manage_contacts"), False
    )
    return Cast(
        merchant=merchant,
        alice=customer_actor(a, user=person("Alice"), can_manage_services=True, can_manage_contacts=True),
        bob=customer_actor(b, user=person("Bob"), can_manage_services=True, can_manage_contacts=True),
        nora=customer_actor(a, user=person("Nora"), **nothing),
        carol=staff("Carol", Role.ACCOUNTANT),
        dan=staff("Dan", Role.SENIOR),
        sue=staff("Sue", Role.SUPPORT),
        ada=staff("Ada", Role.ADMINISTRATOR),
        otto=staff("Otto", Role.AUDITOR),
        system=Actor.system(merchant),
        transfer=transfer,
        deposit=deposit,
        account=make_account(merchant, methods=[transfer, deposit]),
    )


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
