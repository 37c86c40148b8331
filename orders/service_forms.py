"""Forms about services: they parse and check, the services decide."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from banking.forms import AmountField
from banking.money import format_number
from orders.fields import DayField, FigureField
from orders.models import ServiceOffer, ServicePolicy
from orders.service_acts import MOST_DAYS
from orders.service_models import Period


class _PricedForm(forms.Form):
    """A price in the house's currency, before tax, and the tax in percent."""

    price = AmountField(currency="", label=gettext_lazy("Price before tax"))
    tax_name = forms.CharField(label=gettext_lazy("Tax"), max_length=20, required=False)
    tax_per_cent = FigureField(label=gettext_lazy("Tax, in percent"), most=Decimal(100), places=2, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(AmountField, self.fields["price"]).currency = currency

    @property
    def terms(self) -> dict[str, Any]:
        """What was typed, as the services take it: the tax as a fraction."""
        read = dict(self.cleaned_data)
        read["tax_rate"] = (read.pop("tax_per_cent") or Decimal(0)) / 100
        return read


class OfferForm(_PricedForm):
    """Something that the house sells."""

    name_es = forms.CharField(label=gettext_lazy("Name in Spanish"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=Period.choices, initial=Period.MONTHLY)
    is_active = forms.BooleanField(label=pgettext_lazy("service", "Offered"), required=False, initial=True)
    field_order = ("name_es", "name_en", "period", "price", "tax_name", "tax_per_cent", "is_active")

    @staticmethod
    def initial_of(offer: ServiceOffer, currency: str, language: str) -> dict[str, Any]:
        return {
            "name_es": offer.name_es, "name_en": offer.name_en, "period": offer.period, "tax_name": offer.tax_name,
            "price": format_number(offer.price, currency, language), "is_active": offer.is_active,
            "tax_per_cent": f"{(offer.tax_rate * 100).normalize():f}",
        }  # fmt: skip


class ServiceForm(_PricedForm):
    """A service that a customer has or waits for, with terms of its own."""

    name = forms.CharField(label=gettext_lazy("Service"), max_length=120)
    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=Period.choices, initial=Period.MONTHLY)
    paid_until = DayField(
        label=gettext_lazy("Paid until"), required=False,
        help_text=gettext_lazy("Left empty, it waits for the payment of its first order."),
    )  # fmt: skip
    field_order = ("name", "period", "price", "tax_name", "tax_per_cent", "paid_until")


class ServicePolicyForm(forms.Form):
    """How far customers help themselves, and when renewals are billed."""

    may_order = forms.BooleanField(label=gettext_lazy("Customers order by themselves"), required=False)
    may_change = forms.BooleanField(label=gettext_lazy("Customers change to another offer by themselves"), required=False)
    may_cancel = forms.BooleanField(label=gettext_lazy("Customers cancel by themselves"), required=False)
    bills_renewals = forms.BooleanField(label=gettext_lazy("Bill renewals by themselves"), required=False)
    renewal_days = forms.IntegerField(label=gettext_lazy("Days before the renewal"), min_value=0, max_value=MOST_DAYS)
    due_days = forms.IntegerField(label=gettext_lazy("Days to pay a new service"), min_value=0, max_value=MOST_DAYS)

    @classmethod
    def initial_of(cls, policy: ServicePolicy) -> dict[str, Any]:
        return {name: getattr(policy, name) for name in cls.base_fields}
