"""Persons behind addresses, and what was changed of whose data: what the writes about people have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Contact, Customer, DataChange, User


class Permissions(TypedDict, total=False):
    """What a contact may do for their customer; left out means as it is, for a new contact the model's default."""

    can_see_orders: bool
    can_report: bool
    can_use_tickets: bool
    can_manage_services: bool
    can_manage_contacts: bool


PERMISSION_NAMES: Mapping[str, object] = {
    "can_see_orders": _("See orders"),
    "can_report": _("Report payments"),
    "can_use_tickets": _("Use tickets"),
    "can_manage_services": _("Request or cancel services"),
    "can_manage_contacts": _("Manage contacts"),
}
# What a change is called on the pages that show the history.
FIELD_NAMES: Mapping[str, object] = {
    **PERMISSION_NAMES,
    "name": _("Name or company"),
    "tax_id": _("Tax id"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "language": _("Language of letters"),
    "address": _("Address"),
    "state": _("State or province"),
    "city": _("City"),
    "reference_point": _("Reference point"),
    "billing": _("Billing address"),
    "shipping": _("Shipping address"),
    "is_active": pgettext_lazy("customer", "Active"),
    "invitation": _("Invitation"),
    "contact": _("Contact"),
}
PERSON_FIELDS: Mapping[str, object] = {**FIELD_NAMES, "name": _("Name")}


def person_of(email: str, *, name: str, language: str) -> User:
    """The user with this address, made when there is none (without a password: a code by e-mail lets them in).

    Raises `Refused` (`bad_email`).
    """
    email = email.strip().lower()
    found = User.objects.known_by(email)
    if found is not None:
        return found
    user = User(email=email, name=name.strip(), language=language)
    user.set_unusable_password()
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_email", fields=("email",)) from None
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    return user


def values_of(row: Customer | User | Contact, fields: Iterable[str]) -> dict[str, str]:
    """What stands in these fields, as text: yes and no are `1` and the empty string."""
    said = {field: getattr(row, field) for field in fields}
    return {field: ("1" if value else "") if isinstance(value, bool) else str(value) for field, value in said.items()}


def note_changes(
    customer: Customer, before: Mapping[str, str], after: Mapping[str, str], *, person: User | None = None, by: Actor
) -> None:
    """Write what differs between `before` and `after` into the history of a customer, inside the caller's transaction."""
    DataChange.objects.bulk_create(
        DataChange(
            merchant_id=customer.merchant_id,
            customer=customer,
            person=person,
            by=by.user,
            field=field,
            before=before.get(field, ""),
            after=text,
        )
        for field, text in after.items()
        if before.get(field, "") != text
    )


def note_person(user: User, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """The same of a person who changed their own data: every customer for whom they act has it in its history."""
    changed = {field: text for field, text in after.items() if before.get(field, "") != text}
    if not changed:
        return
    DataChange.objects.bulk_create(
        DataChange(
            merchant_id=contact.merchant_id,
            customer_id=contact.customer_id,
            person=user,
            by=user,
            field=field,
            before=before.get(field, ""),
            after=text,
        )
        for contact in Contact.objects.filter(user=user).order_by("pk")
        for field, text in changed.items()
    )
