"""Reads of the accounts room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest

from accounts.actors import Actor
from accounts.models import Contact, Customer, Language, Merchant, Role, StaffRole, User
from accounts.text import folded

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

    Somebody who is a contact of several customers acts for the one chosen in the session, else for the first.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    chosen = request.session.get(SESSION_CUSTOMER.format(merchant_id=merchant.pk))
    return actor_of(user, merchant, customer_id=chosen)


def actor_of(user: User, merchant: Merchant, *, customer_id: int | None = None) -> Actor | None:
    """The same without a request: `customer_id` says for which of their customers a contact of several acts."""
    role = StaffRole.objects.filter(merchant=merchant, user=user).values_list("role", flat=True).first()
    contacts = list(contacts_of(user, merchant))
    contact = next((each for each in contacts if each.customer_id == customer_id), contacts[0] if contacts else None)
    if role is None and contact is None:
        return None
    return Actor(merchant=merchant, user=user, role=Role(role) if role else None, contact=contact)


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
    for word in query.split()[:6]:
        customers = customers.filter(
            folded("name", word) | Q(number__icontains=word) | Q(tax_id__icontains=word) | Q(email__icontains=word)
            | Q(phone__icontains=word)
        )  # fmt: skip
    return customers


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


def recipients_of(customer: Customer) -> list[Recipient]:
    """Who gets letters about a customer's tickets: the active contacts who use tickets, else the customer's own address."""
    return recipients_of_many([customer])[customer.pk]


def recipients_of_many(customers: Iterable[Customer]) -> dict[int, list[Recipient]]:
    """The same for many customers at once, by their ids. One query."""
    asked = {customer.pk: customer for customer in customers}
    found: dict[int, list[Recipient]] = {pk: [] for pk in asked}
    contacts = Contact.objects.filter(customer__in=list(asked), can_use_tickets=True, user__is_active=True)
    for each in contacts.select_related("user").order_by("pk"):
        who = Recipient(email=each.user.email, language=each.user.language, user_id=each.user_id, name=each.user.name)
        found[each.customer_id].append(who)
    for pk, customer in asked.items():
        if not found[pk] and customer.email:
            found[pk] = [Recipient(email=customer.email, language=customer.language, name=customer.name)]
    return found


def language_of(email: str, merchant: Merchant) -> Language:
    """The language in which to write to an address: the person's, else the merchant's."""
    found = User.objects.filter(email__iexact=email).values_list("language", flat=True).first()
    return Language(found or merchant.default_language)
