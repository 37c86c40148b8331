"""Writes of the accounts room."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.identity import read_phone
from accounts.models import Customer, Language, Merchant, NumberSeries, Role, StaffRole, User
from accounts.people import note_changes, note_person, person_of, values_of
from accounts.setup_history import facts_of, note_setup


class CustomerFields(TypedDict, total=False):
    """What may be written about a customer besides name and number."""

    tax_id: str
    email: str
    phone: str
    language: str
    address: str
    state: str
    city: str
    reference_point: str


class CustomerChanges(CustomerFields, total=False):
    """What may be changed of a customer who is there."""

    name: str
    is_active: bool


class MerchantFields(TypedDict, total=False):
    """What may be said of a merchant beyond name and country."""

    legal_name: str
    tax_id: str
    default_language: str
    accent: str
    logo_png: bytes
    intro_es: str
    intro_en: str
    how_to_pay_es: str
    how_to_pay_en: str
    support_email: str
    support_phone: str
    support_whatsapp: str
    ticket_prefix: str
    order_prefix: str
    approval_limit: object
    review_hours: int
    answer_business_days: int
    claim_minutes: int
    rate_source: str
    rate_max_age_days: int
    business_hours: dict[str, list[list[str]]]
    extra_holidays: list[str]
    registration: str
    is_being_set_up: bool
    offers_shipping: bool
    shipping_price: object
    shipping_tax_rate: object


def draw_number(*, merchant: Merchant, kind: NumberSeries.Kind) -> int:
    """Take the next number of a series, inside the caller's transaction. Gaps are allowed, repeats are not.

    One statement, so the row is locked from here to the end of the transaction: call it last.
    """
    table = NumberSeries._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (merchant_id, kind, next_value) VALUES (%s, %s, 2) "  # noqa: S608
            f"ON CONFLICT (merchant_id, kind) DO UPDATE SET next_value = {table}.next_value + 1 "
            "RETURNING next_value - 1 AS drawn",
            [merchant.pk, str(kind)],
        )
        return int(cursor.fetchone()[0])


def create_merchant(
    *, slug: str, name: str, country: str, time_zone: str, currency: str, **more: Unpack[MerchantFields]
) -> Merchant:
    """Open a merchant's house: an act of the installation. Its methods and reasons are made by the rooms that own them.

    Tickets are numbered after the initials of the name unless a prefix is given. Raises `Refused` (`bad_merchant`, `slug_taken`).
    """
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", name))[:3].upper()
    more.setdefault("ticket_prefix", initials or "T")
    merchant = Merchant(slug=slug, name=name, country=country, time_zone=time_zone, currency=currency, **more)
    merchant.support_phone = read_phone(merchant.support_phone, country) or merchant.support_phone
    merchant.support_whatsapp = read_phone(merchant.support_whatsapp, country) or merchant.support_whatsapp
    try:
        merchant.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_merchant", fields=tuple(getattr(error, "error_dict", {}))) from None
    try:
        with transaction.atomic():
            merchant.save()
    except IntegrityError:
        raise Refused(_("This address is taken by another company."), code="slug_taken", fields=("slug",)) from None
    return merchant


@transaction.atomic
def create_customer(*, merchant: Merchant, name: str, number: str = "", by: Actor, **more: Unpack[CustomerFields]) -> Customer:
    """Add a customer; without a `number` one is drawn (`C00017`).

    Raises `Refused` (`no_name`, `number_taken`, `number_invalid`).
    """
    _require_writer(by, merchant)
    number = number.strip()
    if not number.isprintable():
        raise Refused(_("The number holds signs that cannot be seen."), code="number_invalid", fields=("number",))
    if number and Customer.objects.filter(merchant=merchant, number=number).exists():
        raise _number_taken(number)
    more.setdefault("language", merchant.default_language)
    customer = Customer(merchant=merchant, number=number)
    changes: CustomerChanges = {"name": name}
    changes.update(more)  # type: ignore[typeddict-item]  # the same fields without the name
    _write_customer(customer, changes)
    while not customer.number:
        drawn = f"C{draw_number(merchant=merchant, kind=NumberSeries.Kind.CUSTOMER):05d}"
        if not Customer.objects.filter(merchant=merchant, number=drawn).exists():
            customer.number = drawn
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError:
        raise _number_taken(customer.number) from None
    return customer


@transaction.atomic
def change_customer(*, customer: Customer, by: Actor, **changes: Unpack[CustomerChanges]) -> Customer:
    """Write new data of a customer: staff, or one of the customer's own contacts (who cannot switch it off).

    What differs stays in its history. Raises `Refused` (`no_name`, `bad_customer`).
    """
    if by.customer is None or by.customer.pk != customer.pk or by.is_staff:
        _require_writer(by, customer.merchant)
    elif "is_active" in changes:
        raise NotAllowed
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    before = values_of(customer, changes)
    _write_customer(customer, changes)
    customer.save()
    note_changes(customer, before, values_of(customer, changes), by=by)
    return customer


@transaction.atomic
def set_role(*, merchant: Merchant, email: str, name: str, role: Role, by: Actor) -> StaffRole:
    """Make a person staff of the merchant, or change their role. A change ends their sessions everywhere (by trigger).

    Nobody changes their own role, and one administrator always stays.
    Raises `Refused` (`own_role`, `last_administrator`, `bad_email`).
    """
    _require_administrator(by, merchant)
    user = person_of(email, name=name, language=merchant.default_language)
    present = _lock_roles(merchant).get(user.pk)
    if by.user is not None and by.user.pk == user.pk:
        raise Refused(_("Nobody changes their own role: ask another administrator."), code="own_role")
    if present is None:
        note_setup("staff", {}, {"role": role.value}, subject=user.email, by=by)
        return StaffRole.objects.create(merchant=merchant, user=user, role=role)
    if present.role != role:
        _keep_an_administrator(merchant, without=present)
        note_setup("staff", {"role": present.role}, {"role": role.value}, subject=user.email, by=by)
        present.role = role
        present.save(update_fields=["role"])
    return present


@transaction.atomic
def set_auto_accept(*, is_on: bool, limit: Decimal, by: Actor) -> Merchant:
    """Say whether certain matches are settled without a person, and up to which value of a report in the merchant's currency.

    By an administrator. `Refused(limit_invalid)` unless the limit lies between zero and what one person may decide.
    """
    _require_administrator(by, by.merchant)
    merchant = Merchant.objects.select_for_update().get(pk=by.merchant.pk)
    if not limit.is_finite() or not 0 <= limit <= merchant.approval_limit:
        raise Refused(
            _("The limit lies between zero and what one person may decide alone."), code="limit_invalid", fields=("limit",)
        )
    before = facts_of(merchant, ("auto_accept", "auto_accept_limit"))
    merchant.auto_accept, merchant.auto_accept_limit = is_on, limit
    merchant.save(update_fields=["auto_accept", "auto_accept_limit"])
    note_setup("rules", before, facts_of(merchant, before), by=by)
    return merchant


@transaction.atomic
def end_role(*, staff_role: StaffRole, by: Actor) -> None:
    """Take somebody off the staff; their sessions end. Raises `Refused` (`own_role`, `last_administrator`)."""
    _require_administrator(by, staff_role.merchant)
    if by.user is not None and by.user.pk == staff_role.user_id:
        raise Refused(_("Nobody changes their own role: ask another administrator."), code="own_role")
    _lock_roles(staff_role.merchant)
    _keep_an_administrator(staff_role.merchant, without=staff_role)
    note_setup("staff", {"role": staff_role.role}, {"role": ""}, subject=staff_role.user.email, by=by)
    staff_role.delete()


@transaction.atomic
def change_profile(
    *, name: str | None = None, phone: str | None = None, language: str | None = None, uses_shortcuts: bool | None = None,
    by: Actor,
) -> User:  # fmt: skip
    """Change one's own data. The e-mail address is changed on the sign-in pages, where the new one is proved first."""
    if by.user is None:
        raise NotAllowed
    user = User.objects.select_for_update().get(pk=by.user.pk)
    before = values_of(user, ("name", "phone"))
    if name is not None:
        user.name = name.strip() or user.name
    if phone is not None:
        user.phone = read_phone(phone, by.merchant.country) or phone.strip()
    if language in Language.values:
        user.language = str(language)
    if uses_shortcuts is not None:
        user.uses_shortcuts = uses_shortcuts
    user.save(update_fields=["name", "phone", "language", "uses_shortcuts"])
    note_person(user, before, values_of(user, before))
    return user


@transaction.atomic
def change_email(*, user: User, email: str) -> User:
    """Give a person another address, by the installation's administrators. It counts as unproved, and every session ends.

    Merchants cannot do this: a person belongs to several of them. Raises `Refused` (`bad_email`, `email_taken`).
    """
    email = email.strip().lower()
    user = User.objects.select_for_update().get(pk=user.pk)
    user.email = email
    user.session_epoch += 1
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_email", fields=("email",)) from None
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise Refused(_("This address belongs to somebody else."), code="email_taken", fields=("email",))
    user.save(update_fields=["email", "session_epoch"])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    return user


def _require_writer(by: Actor, merchant: Merchant) -> None:
    by.require(by.can_register and by.merchant.pk == merchant.pk)


def _require_administrator(by: Actor, merchant: Merchant) -> None:
    by.require(by.can_administer and by.merchant.pk == merchant.pk)


def _number_taken(number: str) -> Refused:
    return Refused(
        _("There is a customer with the number %(number)s already.") % {"number": number}, code="number_taken", fields=("number",)
    )


def _write_customer(customer: Customer, changes: CustomerChanges) -> None:
    for field, value in changes.items():
        setattr(customer, field, value.strip() if isinstance(value, str) else value)
    customer.phone = read_phone(customer.phone, customer.merchant.country) or customer.phone
    customer.email = customer.email.lower()
    if not customer.name:
        raise Refused(_("Write the customer's name."), code="no_name", fields=("name",))
    try:
        customer.clean_fields(exclude=["merchant", "number"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_customer", fields=tuple(error.error_dict)) from None


def _lock_roles(merchant: Merchant) -> dict[int, StaffRole]:
    """All roles of a merchant, locked in order, so that two administrators cannot demote each other at once."""
    return {each.user_id: each for each in StaffRole.objects.select_for_update().filter(merchant=merchant).order_by("pk")}


def _keep_an_administrator(merchant: Merchant, *, without: StaffRole) -> None:
    others = StaffRole.objects.filter(merchant=merchant, role=Role.ADMINISTRATOR).exclude(pk=without.pk)
    if without.role == Role.ADMINISTRATOR and not others.exists():
        raise Refused(_("One administrator must stay."), code="last_administrator")
