"""Reads of the accounts room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404, HttpRequest

from accounts.actors import Actor
from accounts.models import Contact, Customer, DataChange, Language, Merchant, Role, StaffRole, User
from accounts.paging import Found, Parts
from accounts.people import FIELD_NAMES, PERSON_FIELDS
from accounts.text import MOST_WORDS, found_by, spellings

SESSION_CUSTOMER = "customer_of_{merchant_id}"


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom a letter goes to, and in which language (`es` or `en`)."""

    email: str
    language: str
    user_id: int | None = None
    name: str = ""


def actor_for(request: HttpRequest, merchant: Merchant) -> Actor | None:
    """Who the signed-in person is at this merchant; `None` when nobody is signed in or they have no part in it.

    Somebody who is a contact of several customers acts for the one chosen in the session, else for the one chosen last.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    chosen = request.session.get(SESSION_CUSTOMER.format(merchant_id=merchant.pk))
    return actor_of(user, merchant, customer_id=chosen)


def actor_of(user: User, merchant: Merchant, *, customer_id: int | None = None) -> Actor | None:
    """The same without a request: `customer_id` says for which of their customers a contact of several acts."""
    roles = dict(StaffRole.objects.filter(user=user, merchant__is_active=True).values_list("merchant_id", "role"))
    everywhere = Contact.objects.filter(user=user, customer__is_active=True, merchant__is_active=True).select_related("customer")
    contacts = list(everywhere.order_by("pk"))
    here = [each for each in contacts if each.merchant_id == merchant.pk]
    contact = next((each for each in here if each.customer_id == customer_id), None) or _chosen_last(here)
    role = roles.pop(merchant.pk, None)
    if role is None and contact is None:
        return None
    return Actor(
        merchant=merchant, user=user, role=Role(role) if role else None, contact=contact, doors=len(contacts) + len(roles)
    )


def _chosen_last(contacts: list[Contact]) -> Contact | None:
    """Where somebody of several customers begins: with the one chosen last, else with the first."""
    chosen = [each for each in contacts if each.chosen_at is not None]
    return max(chosen, key=lambda each: each.chosen_at or each.created_at) if chosen else next(iter(contacts), None)


def doors_of(user: User) -> list[Contact]:
    """Every customer for whom a person acts, at every merchant: the one chosen last first, then by name."""
    found = Contact.objects.filter(user=user, customer__is_active=True, merchant__is_active=True)
    return list(
        found.select_related("customer", "merchant").order_by(
            F("chosen_at").desc(nulls_last=True), "merchant__name", "customer__name", "pk"
        )
    )


def houses_worked_in(user: User) -> list[Merchant]:
    """Merchants on whose staff a person is, by name."""
    return list(Merchant.objects.filter(is_active=True, staff_roles__user=user).order_by("name", "pk"))


def contacts_of(user: User, merchant: Merchant) -> QuerySet[Contact]:
    """The customers of one merchant for whom a person acts, oldest first."""
    return (
        Contact.objects.filter(merchant=merchant, user=user, customer__is_active=True).select_related("customer").order_by("pk")
    )


def customers_for(actor: Actor, query: str = "") -> QuerySet[Customer]:
    """Staff: the merchant's customers, by words in name, number, tax id, e-mail or phone. A contact: their own customers."""
    customers = Customer.objects.filter(merchant=actor.merchant).order_by("name", "pk")
    if not (actor.is_staff or actor.is_system):
        return customers.filter(Exists(Contact.objects.filter(customer=OuterRef("pk"), user=actor.user)), is_active=True)
    for word in query.split()[:MOST_WORDS]:
        customers = customers.filter(found_by(actor.merchant, word))
    return customers


def list_customers(actor: Actor, query: str) -> Parts[Customer] | Found[Customer]:
    """The same for a list."""
    customers = customers_for(actor)
    return Found(customers, customers_for(actor, query), spellings(query)) if query else Parts(customers)


def customer_for(actor: Actor, pk: int) -> Customer:
    """One customer that the actor may see; `Http404` otherwise."""
    customer = customers_for(actor).filter(pk=pk).first()
    if customer is None:
        raise Http404
    return customer


def customer_by_number(actor: Actor, number: str) -> Customer | None:
    """The customer with this number among those that the actor may see."""
    return customers_for(actor).filter(number=number).first()


def staff_of(merchant: Merchant) -> QuerySet[StaffRole]:
    """Members of the staff with their roles, by name."""
    return StaffRole.objects.filter(merchant=merchant).select_related("user").order_by("user__name", "pk")


LetterTopic = Literal["tickets", "orders", "reminders", "access"]


def recipients_of(customer: Customer, *, about: LetterTopic = "tickets") -> list[Recipient]:
    """Who gets letters about a customer's tickets, orders or people: active contacts who may see them and want to be told.

    A customer that nobody acts for is written to at its own address.
    """
    return recipients_of_many([customer], about=about)[customer.pk]


def recipients_of_many(
    customers: Iterable[Customer], *, about: LetterTopic = "tickets", asks_wishes: bool = True
) -> dict[int, list[Recipient]]:
    """The same for many customers at once, by their ids. One query. Without `asks_wishes`, also who would rather not."""
    may, wants = {
        "tickets": ("can_use_tickets", "gets_ticket_letters"),
        "orders": ("can_see_orders", "gets_order_letters"),
        "reminders": ("can_see_orders", "gets_reminders"),
        "access": ("can_manage_contacts", "can_manage_contacts"),  # nobody chooses not to hear of it
    }[about]
    asked = {customer.pk: customer for customer in customers}
    found: dict[int, list[Recipient]] = {pk: [] for pk in asked}
    contacts = Contact.objects.filter(customer__in=list(asked), user__is_active=True, **{may: True})
    represented = set()
    for each in contacts.select_related("user").order_by("pk"):
        represented.add(each.customer_id)
        if getattr(each, wants) or not asks_wishes:
            who = Recipient(email=each.user.email, language=each.user.language, user_id=each.user_id, name=each.user.name)
            found[each.customer_id].append(who)
    for pk, customer in asked.items():
        if pk not in represented and customer.email:
            found[pk] = [Recipient(email=customer.email, language=customer.language, name=customer.name)]
    return found


def language_of(email: str, merchant: Merchant) -> Language:
    """The language in which to write to an address: the person's, else the merchant's."""
    known = User.objects.known_by(email)
    return Language(known.language if known else merchant.default_language)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a customer's history. `who` is empty when the program itself did it."""

    at: dt.datetime
    who: str
    person: str
    field: str
    before: str
    after: str
    is_tick: bool


def changes_of(customer: Customer, *, with_people: bool = True, most: int = 20) -> list[Change]:
    """What was changed of a customer's data, and (`with_people`) of who acts for it, newest first."""
    rows = DataChange.objects.filter(merchant_id=customer.merchant_id, customer=customer).select_related("by", "person")
    if not with_people:
        rows = rows.filter(person__isnull=True).exclude(field="invitation")
    return [
        Change(
            at=row.created_at,
            who=str(row.by) if row.by else "",
            person=str(row.person) if row.person and row.person_id != row.by_id else "",
            field=str((PERSON_FIELDS if row.person_id else FIELD_NAMES).get(row.field, row.field)),
            before=row.before,
            after=row.after,
            is_tick=row.field.startswith(("can_", "is_")),
        )
        for row in rows.order_by("-pk")[:most]
    ]
