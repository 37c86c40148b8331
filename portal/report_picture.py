"""The report form as a page shows it: every field with its value, what is wrong with it, and what the server makes of it so far.

Nothing is decided here: rules are `reports.examine`, sums are those of the report that would be sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banking.models import PaymentMethod, TransferField
from banking.money import SYMBOLS, format_money, format_number
from orders.dates import today_at
from portal.equivalents import write_rate
from portal.report_parts import AccountCard, RowPicture, Verdict
from portal.report_transfer import Problem, TransferPicture, errors_of, field_picture
from portal.report_withholding import WithholdingPicture
from reports.findings import Finding
from reports.forms import ReportForm
from reports.rates import DatedRate, dated_rate
from reports.selectors import promised_at, shipping_right
from reports.shipping import shipping_cost
from reports.surcharge import surcharge_label
from reports.transfer_rules import asked_fields

ROWS_OPEN = 4
ROWS_SHOWN = 100


class ReportPicture:
    """A form to be shown. `judged`: whether what is wrong is said (after "Check and send"), or only what is known so far."""

    def __init__(self, form: ReportForm, *, judged: bool, offered: str = "", upload_url: str = "") -> None:
        self.form, self.judged, self.offer = form, judged, form.offer
        self.merchant, self.today = form.merchant, today_at(form.merchant)
        self.is_sound = form.is_bound and form.is_valid()
        self.examined = form.examined
        self.warnings_by_field = self._warnings()
        shown = form.transfers.forms
        self.transfers = [
            TransferPicture(
                each, number=number, judged=judged, picture=self, offered=offered if number == 1 else "", upload_url=upload_url
            )
            for number, each in enumerate(shown, start=1)
        ]
        self.withholdings = [
            WithholdingPicture(each, number=number, judged=judged, picture=self, upload_url=upload_url)
            for number, each in enumerate(form.withholdings, start=1)
        ]
        self.has_amounts = bool(self.transfers) and all(each.read_amount for each in self.transfers if each.counts)

    def _warnings(self) -> dict[str, list[Finding]]:
        """Field name → warnings. Findings count transfers by position, fields by index: they differ once one was removed."""
        used = self.form.used
        found: dict[str, list[Finding]] = {}
        for warning in self.examined.warnings if self.examined else ():
            name = warning.field
            if name.startswith("t-"):
                _t, position, part = name.split("-", 2)
                if int(position) < len(used):
                    name = f"{used[int(position)].prefix}-{part}"
            found.setdefault(name, []).append(warning)
        return found

    # --- What is wrong ---

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything to put right, in the order of the page."""
        if not self.judged:
            return []
        found = [Problem(message=str(text), target="") for text in self.form.non_field_errors()]
        found += [Problem(message=text, target="id_orders") for text in self.order_errors]
        found += [Problem(message=text, target=f"id_{row.allocation_name}") for row in self.rows for text in row.errors]
        for each in self.transfers:
            found += each.problems
        for voucher in self.withholdings:
            found += voucher.problems
        for name in (
            "wants_paper",
            "address",
            "state",
            "city",
            "reference_point",
            "receiver_phone",
            "payer_name",
            "payer_tax_id",
            "note",
        ):
            found += [Problem(message=text, target=f"id_{name}") for text in errors_of(self.form, name, self.judged)]
        return found

    @property
    def order_errors(self) -> list[str]:
        return errors_of(self.form, "orders", self.judged)

    @property
    def order_warnings(self) -> list[Finding]:
        return self.warnings_by_field.get("orders", [])

    # --- Orders ---

    @property
    def currency(self) -> str:
        """That of the orders."""
        return self.examined.currency if self.examined else self.merchant.currency

    @property
    def currency_symbol(self) -> str:
        return SYMBOLS.get(self.currency, self.currency)

    @cached_property
    def rows(self) -> list[RowPicture]:
        """Ticked orders first, oldest due first; then the others. Orders in another currency need a report of their own."""
        choices = [choice for choice in self.form.order_choices if choice.is_ticked or choice.order.currency == self.currency]
        choices.sort(key=lambda choice: (not choice.is_ticked, choice.ticket is not None))
        rows = []
        for place, choice in enumerate(choices[:ROWS_SHOWN]):
            offered = self._share_of(choice.order.pk) if choice.is_ticked else ""
            typed = str(choice.share.value() or "")
            rows.append(
                RowPicture(
                    pk=choice.order.pk,
                    title=choice.order.number,
                    description=choice.order.description,
                    due_on=choice.order.due_on,
                    due=choice.amount_due,
                    ticked=choice.is_ticked,
                    overdue=choice.order.due_on < self.today,
                    ticket=choice.ticket,
                    folded=not choice.is_ticked and place >= max(ROWS_OPEN, self.count + 1),
                    allocation=typed or offered,
                    offered="" if typed else offered,
                    errors=errors_of(self.form, choice.share.name, self.judged),
                )  # fmt: skip
            )
        planned = next((due for due in self.examined.dues if due.order is None), None) if self.examined else None
        if planned is not None:
            share = self._share_of(planned.order_id)
            rows.insert(
                len([row for row in rows if row.ticked]),
                RowPicture(
                    pk=0, title=_("New shipping"), description=planned.description, due_on=planned.due_on, due=planned.amount_due,
                    ticked=True, planned=True, allocation=share, offered=share,
                ),
            )  # fmt: skip
        return rows

    def _share_of(self, order_id: int) -> str:
        """What the order gets by the rule, as it is written into its field."""
        if self.examined is None or not self.has_amounts:
            return ""
        return format_number(self.examined.allocations.get(order_id, Decimal(0)), self.currency, get_language() or "es")

    @property
    def folded_count(self) -> int:
        return sum(row.folded for row in self.rows)

    # --- What is offered ---

    @property
    def methods(self) -> list[PaymentMethod]:
        return list(self.offer.methods.values())

    @cached_property
    def accounts(self) -> list[AccountCard]:
        return [
            AccountCard(
                account=account,
                method_ids=frozenset(pk for pk in self.offer.methods if self.offer.takes(account.pk, pk)),
            )
            for account in self.offer.accounts.values()
        ]

    @cached_property
    def asking(self) -> dict[str, str]:
        """Field → keys of the methods that ask for it."""
        return {
            str(name): ",".join(str(pk) for pk, method in self.offer.methods.items() if name in asked_fields(method)) or "-"
            for name in TransferField
        }

    @property
    def banks(self) -> list[Any]:
        return list(self.offer.banks.values())

    @property
    def today_iso(self) -> str:
        return self.today.isoformat()

    @property
    def yesterday_iso(self) -> str:
        return (self.today - dt.timedelta(days=1)).isoformat()

    # --- Sums ---

    @property
    def kind(self) -> str:
        return self.examined.kind if self.examined and self.has_amounts else ""

    @property
    def count(self) -> int:
        return len(self.examined.dues) if self.examined else 0

    @property
    def total(self) -> Decimal:
        return self.examined.total_due if self.examined else Decimal(0)

    @property
    def value(self) -> Decimal | None:
        return self.examined.value if self.examined and self.has_amounts else None

    @property
    def shows_vouchers(self) -> bool:
        """Whether the folded part stands open: somebody began to write a voucher, or asked for another one."""
        return len(self.withholdings) > 1 or any(each.counts for each in self.withholdings)

    @property
    def withheld(self) -> Decimal:
        """What the vouchers come to."""
        return self.examined.withheld if self.examined else Decimal(0)

    @property
    def paid(self) -> Decimal | None:
        """What the transfers are worth without surcharges."""
        return self.examined.paid if self.examined and self.has_amounts else None

    @property
    def surcharged(self) -> list[tuple[PaymentMethod, str]]:
        """Offered methods that add a surcharge, with `IGTF 3 %`."""
        return [(method, surcharge_label(method)) for method in self.methods if method.surcharge_per_cent]

    @property
    def allocated(self) -> Decimal:
        return self.examined.allocated if self.examined else Decimal(0)

    @property
    def credit(self) -> Decimal:
        return self.examined.credit if self.examined and self.has_amounts else Decimal(0)

    @property
    def remaining(self) -> Decimal:
        return self.examined.remaining if self.examined and self.has_amounts else Decimal(0)

    @property
    def converts(self) -> bool:
        """Whether something was paid in another currency than the orders'."""
        return any(each.currency != self.currency for each in self.transfers)

    @cached_property
    def owed(self) -> Decimal:
        """All that the customer owes in this currency and that nobody reported, with what is ticked here."""
        ticked = {due.order_id for due in self.examined.dues} if self.examined else set()
        others = sum(
            (
                choice.amount_due
                for choice in self.form.order_choices
                if choice.ticket is None and choice.order.pk not in ticked and choice.order.currency == self.currency
            ),
            Decimal(0),
        )
        return others + self.total

    @property
    def left(self) -> Decimal | None:
        return self.owed - self.allocated if self.value is not None else None

    @cached_property
    def worth_rate(self) -> DatedRate | None:
        """The rate between the orders and the first transfer, on its date."""
        first = self.transfers[0] if self.transfers else None
        if first is None or first.currency == self.currency:
            return None
        return first.rate or (
            dated_rate(self.merchant, self.currency, first.currency, first.paid_day) if first.paid_day else None
        )

    @property
    def worth_rate_text(self) -> str:
        return write_rate(self.worth_rate.rate) if self.worth_rate else ""

    @property
    def worth_currency(self) -> str:
        return self.transfers[0].currency

    @property
    def total_worth(self) -> Decimal | None:
        return self.total * self.worth_rate.rate if self.worth_rate and self.total else None

    @property
    def promised(self) -> dt.datetime | None:
        """By when it is looked at if it is sent now."""
        method = self.transfers[0].form.method_now if self.transfers else None
        return promised_at(self.merchant, method, timezone.now())

    @property
    def verdict(self) -> Verdict | None:
        """The line below the amount."""
        if self.examined is None or not self.has_amounts:
            return None
        credit, rest = self._written(self.credit), self._written(self.remaining)
        if self.kind == "exact":
            text = ngettext("it pays the order.", "it pays the %(count)s orders.", self.count) % {"count": self.count}
            return Verdict(colour="green", icon="check-circle-fill", head=_("Exact:"), text=text)
        if self.kind == "partial":
            if self.credit:
                text = _("%(rest)s remain to be paid, and %(credit)s go to your balance.") % {"rest": rest, "credit": credit}
            else:
                text = _("%(rest)s remain; it is applied first to the one that was due first.") % {"rest": rest}
            return Verdict(colour="blue", icon="circle-half", head=_("Partial:"), text=text)
        if self.kind == "over":
            text = ngettext(
                "it pays the order and %(credit)s stay in your balance.",
                "it pays the %(count)s orders and %(credit)s stay in your balance.", self.count,
            ) % {"count": self.count, "credit": credit}  # fmt: skip
        else:
            text = _("%(credit)s stay in your balance for your next orders.") % {"credit": credit}
        return Verdict(colour="green", icon="plus-circle-fill", head=_("Credit balance:"), text=text)

    def _written(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, get_language() or "es")

    # --- The rest of the form ---

    @property
    def hidden(self) -> Iterable[tuple[str, str]]:
        """What no visible field carries."""
        if self.form.is_bound and self.form.data.get("add_shipping"):
            yield "add_shipping", "1"

    @cached_property
    def shipping(self) -> dict[str, Any]:
        """The paper invoice: whether it is offered, may be asked for and why, and its address."""
        form, cost = self.form, shipping_cost(self.merchant)
        if "wants_paper" not in form.fields or not self.merchant.offers_shipping:
            return {"offered": False}
        line = self.examined.shipping_line if self.examined else None
        if line is None:
            line = shipping_right(form.customer, form.ticked, report_id=form.view.report.pk if form.view else None)
        adds = line is None and bool(form.is_bound and form.data.get("add_shipping")) and cost is not None
        kinds = {"receiver_phone": ("tel", "tel"), "state": ("text", "address-level1"), "city": ("text", "address-level2")}
        parts = {
            name: field_picture(form, name, self.judged)
            for name in ("address", "state", "city", "reference_point", "receiver_phone")
        }
        return {
            "offered": True,
            "allowed": line is not None or adds,
            "adds": adds,
            "is_paid": line is not None and not line.order.is_open,
            "number": line.order.number if line else "",
            "wanted": bool(form["wants_paper"].value()) and (line is not None or adds),
            "cost": cost,
            "currency": self.merchant.currency,
            "errors": errors_of(form, "wants_paper", self.judged),
            "address": parts.pop("address"),
            "fields": [
                part.with_input(*kinds.get(name, ("text", "off")), label=str(form[name].label)) for name, part in parts.items()
            ],
        }

    @cached_property
    def payer(self) -> dict[str, Any]:
        """Somebody else who paid, and a note."""
        form = self.form
        names = ("payer_name", "payer_tax_id")
        return {
            "other": bool(form["payer_other"].value()),
            "fields": [
                field_picture(form, name, self.judged, warnings=self.warnings_by_field.get(name, ())).with_input(
                    "text", "off", label=str(form[name].label)
                )
                for name in names
            ],
            "note": form["note"].value() or "",
        }
