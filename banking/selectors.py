"""Reads of the banking room."""

from __future__ import annotations

import datetime as dt

from django.db.models import Prefetch, Q, QuerySet

from accounts.actors import Actor
from accounts.models import Merchant
from banking.models import AccountMethod, Bank, ExchangeRate, PaymentMethod, ReceivingAccount, ReferenceFormat, WithholdingKind

OLDEST_YEAR = 2000


def methods_of(merchant: Merchant, *, all_of_them: bool = False) -> QuerySet[PaymentMethod]:
    """How customers of the merchant may pay, in the merchant's order; with `all_of_them` also what is switched off."""
    methods = PaymentMethod.objects.filter(merchant=merchant)
    return methods if all_of_them else methods.filter(is_active=True)


def withholding_kinds_of(merchant: Merchant, *, all_of_them: bool = False) -> QuerySet[WithholdingKind]:
    """Of which taxes the merchant takes withholding vouchers, in the merchant's order; `all_of_them`: those switched off too."""
    if all_of_them:
        return WithholdingKind.objects.filter(merchant=merchant)
    return WithholdingKind.objects.filter(merchant=merchant, is_active=True)


def accounts_of(merchant: Merchant, *, all_of_them: bool = False) -> QuerySet[ReceivingAccount]:
    """Where customers of the merchant may pay, in the merchant's order, with `bank` and `method_ids` without a query a row."""
    accounts = (
        ReceivingAccount.objects.filter(merchant=merchant)
        .select_related("bank")
        .prefetch_related(Prefetch("method_links", queryset=AccountMethod.objects.order_by("method__position", "method_id")))
    )
    return accounts if all_of_them else accounts.filter(is_active=True)


def banks_offered(country: str) -> QuerySet[Bank]:
    """Banks of a country that a customer may choose as the bank of origin, by name."""
    return Bank.objects.filter(country=country, is_offered=True).order_by("short_name", "code")


def reference_formats(merchant: Merchant) -> QuerySet[ReferenceFormat]:
    """What references look like in the merchant's country. Masks guide, they never block."""
    return ReferenceFormat.objects.filter(country=merchant.country).order_by("method_key", "bank_code", "pk")


def rate_on(merchant: Merchant, base: str, quote: str, date: dt.date) -> ExchangeRate | None:
    """The rate valid on `date`: of the newest day up to it, but no older than the merchant allows; of that day, the last typed.

    1 `base` = `rate` `quote`. Weekends and holidays have no rate of their own, hence the days back.
    """
    if date.year < OLDEST_YEAR:  # a year that is still being typed
        return None
    oldest = date - dt.timedelta(days=merchant.rate_max_age_days)
    return (
        ExchangeRate.objects.filter(merchant=merchant, base=base, quote=quote, date__lte=date, date__gte=oldest)
        .order_by("-date", "-pk")
        .first()
    )


def rates_for(actor: Actor, *, base: str = "", quote: str = "") -> QuerySet[ExchangeRate]:
    """The merchant's rates, newest first, with who typed them."""
    wanted = Q(merchant=actor.merchant)
    if base:
        wanted &= Q(base=base)
    if quote:
        wanted &= Q(quote=quote)
    return ExchangeRate.objects.filter(wanted).select_related("entered_by").order_by("-date", "-pk")


def currencies_of(merchant: Merchant) -> list[str]:
    """Currencies in which the merchant bills or is paid, its own first."""
    paid_in = accounts_of(merchant).order_by("currency").values_list("currency", flat=True).distinct()
    return [merchant.currency, *(each for each in paid_in if each != merchant.currency)]
