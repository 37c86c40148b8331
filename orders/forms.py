"""Forms of the orders room: the staff's new order with its lines, voiding, and the filters of lists. They never save."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Customer
from accounts.selectors import customer_by_number
from banking.money import quantize
from banking.selectors import currencies_of
from orders.dates import today_at, written
from orders.fields import DayField, FigureField, ZeroAmountField, posted_list
from orders.models import Order, OrderLine
from orders.selectors import SORTS, STATES, OrderFilters
from orders.services import MOST_LINES, LineDraft, line_sums


class OrderFilterForm(forms.Form):
    """What a list of orders shows, from its address. Anything that is not on the lists makes it invalid: answered with 400."""

    q = forms.CharField(required=False, max_length=100, label=_("Search"))
    state = forms.ChoiceField(required=False, choices=[(state, state) for state in STATES])
    sort = forms.ChoiceField(required=False, choices=[(sort, sort) for sort in SORTS])
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)

    def clean(self) -> dict[str, Any]:
        for name in self.fields:
            if len(posted_list(self.data, name)) > 1:
                raise ValidationError(_("A filter was given twice."), code="twice")
        cleaned: dict[str, Any] = super().clean() or {}
        return cleaned

    def filters(self, customer_id: int | None = None) -> OrderFilters:
        """The filters of a valid form."""
        read = self.cleaned_data
        return OrderFilters(
            query=read["q"], state=read["state"] or "all", sort=read["sort"] or "pending", page=read["page"] or 1,
            customer_id=customer_id,
        )  # fmt: skip


class VoidForm(forms.Form):
    """Why an order is owed no more; the customer sees it."""

    reason = forms.CharField(label=_("Reason"), max_length=200, error_messages={"required": _("Write why the order is voided.")})


class LineForm(forms.Form):
    """One line of a new order; `index` from 0 is in the names of its fields (`line-0-description`)."""

    description = forms.CharField(
        label=_("Description"), max_length=200, error_messages={"required": _("Write what is charged.")}
    )
    quantity = FigureField(
        label=_("Quantity"), most=Decimal(9_999_999), places=3, initial="1", error_messages={"required": _("Write how many.")}
    )
    unit_price = ZeroAmountField(label=_("Unit price"), error_messages={"required": _("Write the price.")})
    tax_name = forms.CharField(label=_("Tax"), max_length=20, required=False)
    tax_percent = FigureField(label=_("Tax in %"), most=Decimal(100), places=2, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrderLine.Kind.choices, required=False)

    def __init__(self, data: Any = None, *, index: int, currency: str) -> None:
        super().__init__(data, prefix=f"line-{index}")
        self.index = index
        self.fields["unit_price"].currency = currency  # type: ignore[attr-defined]

    def is_blank(self) -> bool:
        """Whether nothing was typed into this (further) line, so that it counts as not there."""
        typed = ("description", "unit_price", "tax_name", "tax_percent")
        return self.index > 0 and not any(
            str(value).strip() for name in typed for value in posted_list(self.data, self.add_prefix(name))
        )

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity == 0:
            raise ValidationError(_("The quantity must be more than zero."), code="zero")
        return quantity

    def draft(self) -> LineDraft:
        """The line of a valid form."""
        read = self.cleaned_data
        return LineDraft(
            description=read["description"], quantity=read["quantity"], unit_price=read["unit_price"],
            tax_name=read["tax_name"], tax_rate=(read["tax_percent"] or Decimal(0)) / 100,
            kind=read["kind"] or OrderLine.Kind.SERVICE,
        )  # fmt: skip


class LineForms(BaseFormSet):  # type: ignore[type-arg]
    """The lines of one order, as a formset for `error_summary`; how many there are is read from the names posted."""

    def __init__(self, forms: Iterable[LineForm]) -> None:
        self.forms = list(forms)

    def non_form_errors(self) -> ErrorList:
        return ErrorList()


class OrderForm(forms.Form):
    """A new order by staff, with `lines`. Without a `customer` the form asks for the customer's number.

    Buttons without JavaScript: `add_line`, `remove_line=<index>`; after them `skip_checks()` shows what was typed.
    After `is_valid()`: `customer`, and `arguments()` for `issue_order`.
    """

    customer_number = forms.CharField(
        label=_("Customer number"), max_length=30, error_messages={"required": _("Write the customer's number.")}
    )
    number = forms.CharField(
        label=_("Order number"), max_length=40, required=False, help_text=_("Left blank, the next one is given.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Order.Kind.choices)
    description = forms.CharField(
        label=_("Description"), max_length=200, error_messages={"required": _("Write what the order is for.")}
    )
    currency = forms.ChoiceField(label=_("Currency"))
    issued_on = DayField(label=_("Issued on"))
    due_on = DayField(label=_("Due on"))

    def __init__(self, data: Any = None, *, actor: Actor, customer: Customer | None = None, **kwargs: Any) -> None:
        merchant = actor.merchant
        self.actor, self.customer = actor, customer
        today = today_at(merchant)
        initial = {"issued_on": today, "due_on": today, "currency": merchant.currency, **(kwargs.pop("initial", None) or {})}
        super().__init__(data, initial=initial, **kwargs)
        currencies = currencies_of(merchant)
        self.fields["currency"].choices = [(each, each) for each in currencies]  # type: ignore[attr-defined]
        if customer is not None:
            del self.fields["customer_number"]
        typed = (posted_list(data, "currency") or [merchant.currency])[-1]
        self.paid_in = currency = typed if typed in currencies else merchant.currency
        self.lines = LineForms(LineForm(data, index=index, currency=currency) for index in self._indexes())

    def _indexes(self) -> list[int]:
        if not self.is_bound:
            return [0]
        found = {int(match[1]) for name in self.data if (match := re.match(r"line-([0-9]{1,3})-", name))}
        removed = {int(text) for text in posted_list(self.data, "remove_line") if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII)}
        indexes = sorted(found - removed)[:MOST_LINES]
        if "add_line" in self.data and len(indexes) < MOST_LINES:
            indexes.append(max(found, default=-1) + 1)
        return indexes or [0]

    @property
    def used(self) -> list[LineForm]:
        """Lines into which something was typed."""
        return [each for each in self.lines.forms if not (each.is_bound and each.is_blank())]

    def skip_checks(self) -> None:
        """Show what was typed without judging it."""
        for form in (self, *self.lines.forms):
            form._errors = ErrorDict()
            form.cleaned_data = {}

    def is_valid(self) -> bool:
        lines = [each.is_valid() for each in self.used]
        return super().is_valid() and all(lines)

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = super().clean() or {}
        number = read.get("customer_number")
        if number:
            self.customer = customer_by_number(self.actor, number)
            if self.customer is None:
                self.add_error("customer_number", ValidationError(_("No customer has this number."), code="customer_unknown"))
        issued, due = read.get("issued_on"), read.get("due_on")
        if issued and due and due < issued:
            sentence = _("The order cannot be due before it is issued (%(issued)s).") % {"issued": written(issued)}
            self.add_error("due_on", ValidationError(sentence, code="due_before_issue"))
        if all(each.is_valid() for each in self.used) and self.total <= 0:
            raise ValidationError(_("The total of an order must be more than zero."), code="total_invalid")
        number = read.get("number")
        if number and Order.objects.filter(merchant=self.actor.merchant, number=number).exists():
            sentence = _("There is an order %(number)s already.") % {"number": number}
            self.add_error("number", ValidationError(sentence, code="number_taken"))
        return read

    @property
    def total(self) -> Decimal:
        """What the valid lines come to with tax."""
        sums = [sum(line_sums(each.draft(), self.paid_in), Decimal(0)) for each in self.used if each.is_valid()]
        return quantize(sum(sums, Decimal(0)), self.paid_in)

    def arguments(self) -> dict[str, Any]:
        """What `issue_order` is called with, besides `merchant` and `by`."""
        read = self.cleaned_data
        names = ("number", "kind", "description", "currency", "issued_on", "due_on")
        return {
            "customer": self.customer, "lines": [each.draft() for each in self.used], **{name: read[name] for name in names},
        }  # fmt: skip
