"""Forms of the desk's acts. They parse and check; the services decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Merchant
from banking.forms import AmountField
from banking.money import SYMBOLS, format_money, format_number
from desk.fields import ask_in, offer
from files.forms import ReceiptField
from orders.dates import today_at
from reconciliation.models import Adjustment, StatementLine
from reconciliation.services import AdjustmentChoice, MatchChoice
from reconciliation.tolerances import Difference
from reports.models import Transfer
from reports.view import ReportView
from tickets.calendar import add_business_days
from tickets.models import ASKABLE_FIELDS, Reason
from tickets.selectors import reasons_of

LONG = {"rows": 3}
ASKED_WORDS = {
    "amount": gettext_lazy("Amount"),
    "method": gettext_lazy("Payment method"),
    "account": gettext_lazy("Account paid into"),
    "origin_bank": gettext_lazy("Bank of origin"),
    "paid_on": gettext_lazy("Date of the payment"),
    "reference": gettext_lazy("Reference"),
    "payer": gettext_lazy("Who paid"),
    "receipt": gettext_lazy("Receipt"),
    "orders": gettext_lazy("Orders"),
    "sender": gettext_lazy("Sender (name, e-mail)"),
    "withholding": gettext_lazy("Withholding voucher"),
}


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A day, as a browser's date field sends it or written day first."""
    return forms.DateField(
        label=label,
        input_formats=("%Y-%m-%d", "%d/%m/%Y"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **kwargs,
    )


class MessageForm(forms.Form):
    """Words to the customer, or a note among staff: which of them says the button."""

    text = forms.CharField(
        label=gettext_lazy("Message or internal note"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    files = ReceiptField(label=gettext_lazy("Attach files"), required=False)  # type: ignore[assignment]  # a field of that name


class NoteForm(forms.Form):
    """Why: required words that staff alone read."""

    note = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=4000,
        widget=forms.Textarea(attrs=LONG),
        error_messages={"required": gettext_lazy("Please write why, in a few words.")},
    )


class WaitForm(forms.Form):
    """Until when to wait for the deposit."""

    until = day_field(
        gettext_lazy("Look again on"),
        error_messages={
            "required": gettext_lazy("Choose the day on which to look again."),
            "invalid": gettext_lazy("We cannot read this date. Write it as day/month/year, for example 24/11/2026."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("Internal note"), required=False, max_length=4000, widget=forms.Textarea(attrs=LONG)
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        today = today_at(merchant)
        following = add_business_days(merchant, today + dt.timedelta(days=1), 0)
        kwargs.setdefault("initial", {"until": following})
        super().__init__(*args, **kwargs)
        limits = {"min": (today + dt.timedelta(days=1)).isoformat(), "max": (today + dt.timedelta(days=30)).isoformat()}
        self.fields["until"].widget.attrs.update(limits)


class AskForm(forms.Form):
    """A question to the customer, and which fields open for the answer."""

    fields_asked = forms.MultipleChoiceField(
        label=gettext_lazy("What opens for correction"),
        choices=[(name, ASKED_WORDS[name]) for name in ASKABLE_FIELDS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Please tick what the customer shall correct or add.")},
    )
    question = forms.CharField(
        label=gettext_lazy("Question to the customer"),
        max_length=4000,
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("The customer reads these words beside the fields that you open."),
        error_messages={"required": gettext_lazy("Please write what you want to know.")},
    )

    def __init__(self, *args: Any, takes_vouchers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_vouchers:
            offer(self, "fields_asked", [(name, ASKED_WORDS[name]) for name in ASKABLE_FIELDS if name != "withholding"])


class ReverseForm(forms.Form):
    """Why a settlement does not hold."""

    reason = forms.TypedChoiceField(
        label=gettext_lazy("Reason"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason from the list.")},
    )
    returned_by_bank = forms.BooleanField(
        label=gettext_lazy("The bank took the money back"),
        required=False,
        help_text=gettext_lazy("Then the deposit pays nothing any more and is offered for no other report."),
    )
    note = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=4000,
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("Staff alone read this."),
        error_messages={"required": gettext_lazy("Please write why, in a few words.")},
    )

    def __init__(self, *args: Any, merchant: Merchant, of_many: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = list(reasons_of(merchant, Reason.Kind.REVERSE))
        if of_many:  # a bank takes back one deposit, not what a run settled
            del self.fields["returned_by_bank"]
            reasons = [reason for reason in reasons if reason.code != Reason.BANK_RETURNED]
        offer(self, "reason", [(reason.pk, reason.staff_name) for reason in reasons])
        self.says_returned = {reason.pk for reason in reasons if reason.code == Reason.BANK_RETURNED}

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = super().clean() or {}
        if read.get("reason") in self.says_returned and not read.get("returned_by_bank"):
            # The customer would read that the money went back, while the deposit could pay another report.
            said = _("The reason says that the bank returned it: tick this too, or choose another reason.")
            self.add_error("returned_by_bank", said)
        return read


class OtherAmountForm(forms.Form):
    """Verify another amount than declared: how much of each deposit, which transfers have none, and named differences.

    `chosen` is transfer → line, as on the decision page. Fields: `take-<transfer>`, `missing-<transfer>`.
    """

    KEPT, OFF = "kept", "off"

    adjustment_kind = forms.ChoiceField(label=gettext_lazy("Named difference"), required=False)
    adjustment_amount = AmountField(label=gettext_lazy("Amount of the difference"), required=False)
    adjustment_way = forms.ChoiceField(
        label=gettext_lazy("What it does"),
        required=False,
        choices=[
            (KEPT, gettext_lazy("The bank kept it: it counts as paid")),
            (OFF, gettext_lazy("It comes off the deposit")),
        ],
        widget=forms.RadioSelect,
        initial=KEPT,
    )
    adjustment_note = forms.CharField(label=gettext_lazy("Why the amounts differ"), required=False, max_length=200)
    note = forms.CharField(
        label=gettext_lazy("Internal note"), required=False, max_length=4000, widget=forms.Textarea(attrs=LONG)
    )

    def __init__(
        self,
        *args: Any,
        view: ReportView,
        lines: dict[int, StatementLine],
        settled: frozenset[int],
        may_give: bool,
        difference: Difference | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.view, self.lines, self.difference = view, lines, difference
        self.transfers: list[Transfer] = [transfer for transfer in view.transfers if transfer.pk not in settled]
        kinds = [Adjustment.Kind.BANK_FEE, Adjustment.Kind.ROUNDING]
        kinds += [Adjustment.Kind.DISCOUNT, Adjustment.Kind.WITHHOLDING] if may_give else []
        choices = [("", _("No difference")), *[(str(kind), kind.label) for kind in kinds]]
        offer(self, "adjustment_kind", choices)
        for transfer in self.transfers:
            line = lines.get(transfer.pk)
            if line is not None:
                free = format_number(line.balance.free, line.currency, get_language() or "es")
                self.fields[f"take-{transfer.pk}"] = AmountField(
                    label=_("To take from line %(line)d") % {"line": line.line_number},
                    help_text=_("Free on this deposit: %(money)s. Left empty, all of it.") % {"money": free},
                    currency=line.currency, required=False,
                )  # fmt: skip
            elif len(self.transfers) > 1:
                self.fields[f"missing-{transfer.pk}"] = forms.BooleanField(
                    label=_("Decide without this transfer: its money never came"), required=False
                )
        ask_in(self, "adjustment_amount", self._currency)
        if difference is not None and difference.tolerance.reason in kinds:
            known: dict[str, Any] = {
                "adjustment_kind": difference.tolerance.reason,
                "adjustment_amount": format_number(difference.amount, difference.currency, get_language() or "es"),
                "adjustment_way": self.KEPT if difference.is_less else self.OFF,
                "adjustment_note": difference.note,
            }
            self.initial = {**known, **self.initial}

    @property
    def _currency(self) -> str:
        """A difference that adds is in the orders' currency, one that comes off in the deposit's."""
        way = self.data.get("adjustment_way") if self.is_bound else self.KEPT
        line = next(iter(self.lines.values()), None)
        return line.currency if way == self.OFF and line is not None else self.view.currency

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Each transfer with its field, for the page."""
        return [
            {
                "transfer": transfer,
                "line": self.lines.get(transfer.pk),
                "symbol": SYMBOLS.get(transfer.currency, transfer.currency),
                "take": self[f"take-{transfer.pk}"] if f"take-{transfer.pk}" in self.fields else None,
                "missing": self[f"missing-{transfer.pk}"] if f"missing-{transfer.pk}" in self.fields else None,
            }
            for transfer in self.transfers
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind, amount = cleaned.get("adjustment_kind"), cleaned.get("adjustment_amount")
        if kind and amount is None and "adjustment_amount" not in self.errors:
            self.add_error("adjustment_amount", _("Write the amount of the difference."))
        if amount is not None and not kind:
            self.add_error("adjustment_kind", _("Say what the difference is."))
        if kind and not cleaned.get("adjustment_note"):
            self.add_error("adjustment_note", _("Write why the amounts differ."))
        return cleaned

    def choices(self) -> list[MatchChoice]:
        """Deposits with what is taken of each."""
        return [
            MatchChoice(transfer_id=pk, line_id=line.pk, amount=self.cleaned_data.get(f"take-{pk}"))
            for pk, line in self.lines.items()
        ]

    def missing(self) -> list[int]:
        """Transfers that are decided without money."""
        return [transfer.pk for transfer in self.transfers if self.cleaned_data.get(f"missing-{transfer.pk}")]

    def adjustments(self) -> list[AdjustmentChoice]:
        """The named difference, if there is one."""
        read = self.cleaned_data
        if not read.get("adjustment_kind"):
            return []
        line = next(iter(self.lines.values()), None) if read.get("adjustment_way") == self.OFF else None
        return [
            AdjustmentChoice(
                kind=read["adjustment_kind"],
                amount=read["adjustment_amount"],
                note=read["adjustment_note"],
                line_id=line.pk if line is not None else None,
            )  # fmt: skip
        ]


class AutomaticForm(forms.Form):
    """Whether what is certain is accepted without a person, and up to which value of a report."""

    is_on = forms.BooleanField(label=gettext_lazy("Accept by itself what is certain"), required=False)
    limit = AmountField(label=gettext_lazy("Up to, a report"))

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        language = get_language() or "es"
        limit = format_number(merchant.auto_accept_limit, merchant.currency, language)
        super().__init__(data, initial={"is_on": merchant.auto_accept, "limit": limit})
        ask_in(self, "limit", merchant.currency)
        self.fields["limit"].help_text = _("Never more than one person may decide alone: %(limit)s.") % {
            "limit": format_money(merchant.approval_limit, merchant.currency, language)
        }
