"""Forms about money that left the account: which deposit a debit takes back, whose credit it paid out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Merchant
from banking.forms import AmountField
from desk.fields import ask_in, offer
from desk.forms import LONG
from reconciliation.models import CreditBalance
from reconciliation.selectors.payouts import Payable
from reconciliation.selectors.returns import ReturnCandidate
from reconciliation.services.refund_rates import Payout
from reconciliation.services.refunds import LONGEST_BANK_DATA, LONGEST_NOTE
from tickets.models import Reason
from tickets.selectors import reasons_of


class ReturnForm(forms.Form):
    """Which deposit a debit takes back, and what the customers of the payments read. Of the `candidates` only those in `may_take`
    are the reader's to choose; the service refuses the others with its sentence."""

    deposit = forms.TypedChoiceField(
        label=gettext_lazy("Which deposit does it take back?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the deposit that the bank took back."),
            "invalid_choice": gettext_lazy("This deposit is not among those that fit. Look at the list again."),
        },
    )
    reason = forms.TypedChoiceField(
        label=gettext_lazy("Reason"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason from the list.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=4000,
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("Staff alone read this."),
        error_messages={"required": gettext_lazy("Please write why, in a few words.")},
    )

    def __init__(
        self, data: Any = None, *, merchant: Merchant, candidates: Sequence[ReturnCandidate], may_take: Sequence[ReturnCandidate]
    ) -> None:
        reasons = reasons_of(merchant, Reason.Kind.REVERSE)
        likely = [each.line.pk for each in may_take if each.is_likely]
        usual = next((reason.pk for reason in reasons if reason.code == Reason.BANK_RETURNED), None)
        super().__init__(data, initial={"reason": usual, "deposit": likely[0] if len(likely) == 1 else None})
        offer(self, "deposit", [(each.line.pk, str(each.line)) for each in candidates])
        offer(self, "reason", [(reason.pk, reason.staff_name) for reason in reasons])

    @property
    def chosen(self) -> str:
        """The deposit that is ticked, as posted."""
        return str(self["deposit"].value() or "")


class RefundForm(forms.Form):
    """Whose credit a debit paid out: `to` is `refund-<key>` (noted before), `customer-<key>` or `customer-<key>-<currency>`.

    `agreed` comes back from the page that showed what leaves a credit in another currency: see `ask_for`.
    """

    to = forms.ChoiceField(
        label=gettext_lazy("Whose credit did it pay out?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose who received the money."),
            "invalid_choice": gettext_lazy("This customer is not in the list any more. Look at it again."),
        },
    )
    amount = AmountField(label=gettext_lazy("Amount"))
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=LONGEST_NOTE)
    agreed = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, currency: str, payables: Iterable[Payable], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.payables = {each.key: each for each in payables}
        offer(self, "to", [(name, name) for name in self.payables])
        ask_in(self, "amount", currency)

    def ask_for(self, payout: Payout) -> str:
        """What the page shows to be agreed to, in one word: whose credit, what was paid, and what leaves it."""
        return f"{self.chosen}:{payout.paid}:{payout.amount}"

    @property
    def chosen(self) -> str:
        """What is ticked, as posted."""
        return str(self["to"].value() or "")


class RefundNoteForm(forms.Form):
    """What shall be paid out, and where to."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    amount = AmountField(label=gettext_lazy("Amount"))
    bank_data = forms.CharField(
        label=gettext_lazy("Account to pay it to"),
        max_length=LONGEST_BANK_DATA,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Bank, account number, name and document, as the customer gave them."),
        error_messages={"required": gettext_lazy("Write the account that the money shall be paid to.")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=LONGEST_NOTE)

    def __init__(self, data: Any = None, *, credits: Sequence[CreditBalance], merchant: Merchant) -> None:
        first = credits[0].currency if credits else merchant.currency
        super().__init__(data, initial={"currency": first})
        currencies = [credit.currency for credit in credits]
        offer(self, "currency", [(code, code) for code in currencies or [merchant.currency]])
        typed = str(self.data.get("currency", "")) if self.is_bound else ""
        ask_in(self, "amount", typed if typed in currencies else first)


class RefundReverseForm(forms.Form):
    """Why a refund does not hold."""

    note = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs=LONG),
        help_text=gettext_lazy("Staff alone read this."),
        error_messages={"required": gettext_lazy("Please write why, in a few words.")},
    )
