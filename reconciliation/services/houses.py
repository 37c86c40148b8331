"""Opening a company's house and setting it up: names, country, the ready-made profile of its bank's files, what is still missing.

A house is opened by the people of the installation (`manage.py create_merchant`): nobody opens one over the network. From then on
its first administrator sets it up, by the pages or by the same services.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Unpack

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

import accounts.services
import banking.services
import tickets.services.merchants
from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Language, Merchant, Role, StaffRole
from accounts.policy import HouseFields, change_house, set_approval_limit
from accounts.policy import finish_setup as finish
from accounts.selectors import Recipient
from accounts.services import set_role
from accounts.setup_history import facts_of, note_setup
from banking.facts import method_templates
from banking.models import AccountMethod, PaymentMethod, ReceivingAccount
from letters.addresses import merchant_url
from letters.services import queue_letter
from orders.models import Order
from reconciliation.models import StatementProfile
from reconciliation.services.profiles import save_profile
from reconciliation.statements.layouts import LAYOUTS
from tickets.models import Ticket

# Country → time zone of its business, and the currency in which most bill.
COUNTRIES: dict[str, tuple[str, str]] = {
    "VE": ("America/Caracas", "USD"),
    "CO": ("America/Bogota", "COP"),
    "EC": ("America/Guayaquil", "USD"),
    "AR": ("America/Argentina/Buenos_Aires", "ARS"),
    "MX": ("America/Mexico_City", "MXN"),
    "PE": ("America/Lima", "PEN"),
    "CL": ("America/Santiago", "CLP"),
}
# Over how much a second signature is needed at first: a thousand dollars or about as much, since a thousand pesos are nothing.
USUAL_LIMITS = {"COP": 4_000_000, "ARS": 1_000_000, "MXN": 20_000, "PEN": 4_000, "CLP": 1_000_000, "VES": 40_000}
USUAL_LIMIT = 1_000
STEPS = ("house", "account", "methods", "statements", "staff", "customers", "orders")


@dataclass(frozen=True, kw_only=True)
class SetupStep:
    """One thing of which a house needs at least one before it can verify a report."""

    key: str
    is_done: bool


@transaction.atomic
def open_house(
    *, slug: str, name: str, country: str, admin: str, admin_name: str = "", currency: str = "", time_zone: str = "",
    language: str = Language.SPANISH,
) -> Merchant:  # fmt: skip
    """Open a house with its usual methods, reasons and departments, and write to its first administrator where it stands.

    An act of the installation. Raises `Refused` of the rooms below.
    """
    country = country.upper()
    usual_zone, usual_currency = COUNTRIES.get(country, ("", ""))
    if not ((time_zone or usual_zone) and (currency or usual_currency)):
        raise Refused(_("Say the currency and the time zone too: this country has no usual ones here."), code="bad_merchant")
    currency = (currency or usual_currency).upper()
    merchant = accounts.services.create_merchant(
        slug=slug, name=name, country=country, currency=currency, time_zone=time_zone or usual_zone,
        default_language=language, is_being_set_up=True, approval_limit=usual_limit(currency),
    )  # fmt: skip
    system = Actor.system(merchant)
    banking.services.prepare_merchant(merchant=merchant)
    tickets.services.merchants.prepare_merchant(merchant=merchant, by=system)
    role = set_role(
        merchant=merchant, email=admin, name=admin_name or admin.partition("@")[0], role=Role.ADMINISTRATOR, by=system
    )
    _write_to(merchant, role)
    return merchant


def usual_limit(currency: str) -> Decimal:
    """Over how much of this currency a second signature is needed at first."""
    return Decimal(USUAL_LIMITS.get(currency, USUAL_LIMIT))


def _write_to(merchant: Merchant, role: StaffRole) -> None:
    user = role.user
    with translation.override(user.language):
        words = {
            "subject": _("%(merchant)s is open: set it up") % {"merchant": merchant.name},
            "heading": _("Your company is open"),
            "text": _("You are the administrator of %(merchant)s. Sign in with %(email)s: a code comes by e-mail.")
            % {"merchant": merchant.name, "email": user.email}
            + "\n\n"
            + _("A few pages then lead you to your first verified payment."),
            "link": merchant_url(merchant, "desk:begin"),
            "button": _("Set up %(merchant)s") % {"merchant": merchant.name},
        }
    queue_letter(
        merchant=merchant, kind="account_message", about=f"merchant:{merchant.pk}", occasion="opened",
        recipients=[Recipient(email=user.email, language=user.language, user_id=user.pk)], context=words,
    )  # fmt: skip


@transaction.atomic
def settle_house(*, by: Actor, **changes: Unpack[HouseFields]) -> Merchant:
    """Names, country, currency, zone. Another country brings its own ways of paying while no account hangs on the present ones.

    Raises `Refused` (`country_fixed`, `bad_merchant`).
    """
    before = by.merchant
    merchant = change_house(is_used=is_used(before), by=by, **changes)
    if merchant.currency != before.currency and merchant.approval_limit == usual_limit(before.currency):
        # The limit was nobody's choice yet: it follows the currency.
        set_approval_limit(limit=usual_limit(merchant.currency), by=by)
    if merchant.country != before.country:
        keys = {row["key"] for row in method_templates(merchant.country)}
        PaymentMethod.objects.filter(merchant=merchant).exclude(key__in=keys).delete()
        banking.services.prepare_merchant(merchant=merchant)
    return merchant


@transaction.atomic
def offer_methods(*, method_ids: Collection[int], by: Actor) -> None:
    """Offer exactly these methods. Raises `Refused(no_methods)` for none, or where an account in use would take none of them."""
    by.require(by.can_administer)
    methods = list(PaymentMethod.objects.select_for_update().filter(merchant=by.merchant).order_by("pk"))
    wanted = {method.pk for method in methods} & set(method_ids)
    links = AccountMethod.objects.filter(merchant=by.merchant, account__is_active=True)
    served = set(links.filter(method__in=wanted).values_list("account_id", flat=True))
    if not wanted or set(links.values_list("account_id", flat=True)) - served:
        raise Refused(_("Each account needs at least one method that is offered."), code="no_methods", fields=("methods",))
    for method in methods:
        if method.is_active != (method.pk in wanted):
            was = facts_of(method, ("is_active",))
            method.is_active = method.pk in wanted
            method.save(update_fields=["is_active"])
            note_setup("method", was, facts_of(method, ("is_active",)), subject=method.key, by=by)


def use_layout(*, account_id: int, key: str, by: Actor) -> StatementProfile:
    """Read the statements of an account by a ready-made layout. Raises `Refused(unknown_layout)`, `Http404`."""
    layout = LAYOUTS.get(key)
    if layout is None:
        raise Refused(_("Choose one of the layouts."), code="unknown_layout", fields=("layout",))
    name = layout.name_en if by.merchant.default_language == Language.ENGLISH else layout.name_es
    return save_profile(account_id=account_id, settings=layout.profile.to_json(), layout_key=key, name=name, by=by)


def finish_setup(*, by: Actor) -> Merchant:
    """The house is ready. Raises `Refused(setup_incomplete)` while something is missing."""
    by.require(by.can_administer)
    if any(not step.is_done for step in setup_steps_of(by.merchant)):
        raise Refused(_("Some steps are still open."), code="setup_incomplete")
    return finish(by=by)


def is_used(merchant: Merchant) -> bool:
    """Whether something stands in the house's country and currency already."""
    return any(model._default_manager.filter(merchant=merchant).exists() for model in (ReceivingAccount, Order, Ticket))


def setup_steps_of(merchant: Merchant) -> list[SetupStep]:
    """What a house needs, in the order in which one does it. Six small queries."""
    profiled = StatementProfile.objects.filter(merchant=merchant).exists()
    accounts_there = ReceivingAccount.objects.filter(merchant=merchant, is_active=True).exists()
    done = {
        "house": bool(merchant.tax_id or merchant.legal_name),
        "account": accounts_there,
        "methods": accounts_there and PaymentMethod.objects.filter(merchant=merchant, is_active=True).exists(),
        "statements": profiled,
        # Somebody else who may decide or sign: one person alone can verify nothing that she typed herself.
        "staff": StaffRole.objects.filter(merchant=merchant, role__in=(Role.ACCOUNTANT, Role.SENIOR)).exists(),
        "customers": Customer.objects.filter(merchant=merchant).exists(),
        "orders": Order.objects.filter(merchant=merchant).exists(),
    }
    return [SetupStep(key=key, is_done=done[key]) for key in STEPS]
