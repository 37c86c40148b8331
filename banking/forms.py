"""Fields and forms of money: they read and check what was typed, and say in one sentence what to put right."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PhoneField, dial_from
from accounts.models import Merchant
from banking.models import ReceivingAccount, TransferField
from banking.money import MINOR_UNITS, UnreadableAmount, parse_amount
from banking.rates import UnreadableRate, read_rate
from banking.references import normalize_reference
from banking.selectors import banks_offered, methods_of
from banking.services import AccountData, MethodData

CURRENCIES = sorted(MINOR_UNITS)
REFERENCE_LENGTH = 40


def amount_sentence(code: str, currency: str) -> str:
    """What to tell somebody whose amount was refused with `code` (of `UnreadableAmount`)."""
    sentences = {
        "zero": _("The amount must be more than zero."),
        "negative": _("Write the amount without a minus sign."),
        "too_large": _("This amount is too large. Check the figures."),
        "too_fine": _("This amount has too many decimals for %(currency)s.") % {"currency": currency},
    }
    return sentences.get(code) or _("We cannot read this amount. Write it in figures, for example 1,234.50.")


class AmountField(forms.Field):
    """An amount as people write it (`1.234,50` or `1,234.50`), read in `currency`, which the form may set late."""

    widget = forms.TextInput

    def __init__(self, *, currency: str = "USD", **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": gettext_lazy("Write the amount.")})
        super().__init__(**kwargs)
        self.currency = currency
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off", "maxlength": "32"})

    def clean(self, value: Any) -> Any:
        """A positive `Decimal`, or None when nothing was typed in an optional field."""
        text = str(value or "").strip()
        if not text:
            self.validate("")
            return None
        try:
            return parse_amount(text, self.currency)
        except UnreadableAmount as error:
            raise ValidationError(amount_sentence(error.code, self.currency), code=error.code) from None


class ReferenceField(forms.CharField):
    """The number of a deposit or transfer as printed. Kept as typed; only blank and unreadable ones are refused."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": gettext_lazy("Write the number that your bank printed on the receipt.")})
        kwargs.setdefault("max_length", REFERENCE_LENGTH)
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        text = re.sub(r"\s+", " ", super().clean(value)).strip()
        if not text:
            return ""
        normal = normalize_reference(text)
        if not normal or not any(sign.isdigit() for sign in normal):
            raise ValidationError(
                _("This is no reference. Write the number that your bank printed on the receipt."), code="unreadable"
            )
        return text


class RateField(forms.CharField):
    """An exchange rate as people write it: one sign alone is always the decimal sign."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_rate(text)
        except UnreadableRate as error:
            raise ValidationError(str(error), code="unreadable") from None


def currency_choices() -> list[tuple[str, str]]:
    """Currencies by their codes, which are the same in every language."""
    return [(code, code) for code in CURRENCIES]


class RateForm(forms.Form):
    """One dated rate, typed by hand."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    base = forms.ChoiceField(label=gettext_lazy("One unit of"), choices=currency_choices)
    quote = forms.ChoiceField(label=gettext_lazy("Is worth, in"), choices=currency_choices)
    rate = RateField(label=gettext_lazy("Rate"), max_length=32, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=20, required=False, help_text=gettext_lazy("Who publishes it, for example BCV.")
    )
    confirmed = forms.BooleanField(label=gettext_lazy("I checked it: the rate is right"), required=False)


class RatesFileForm(forms.Form):
    """A file of rates; what is in it is read by `banking.rates`."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Columns: date, base, quote, rate, source. For example 2026-11-24,USD,VES,36.51,BCV"),
    )
    confirmed = forms.BooleanField(label=gettext_lazy("I checked it: the rate is right"), required=False)


class AccountForm(forms.Form):
    """A receiving account."""

    bank: Any = forms.ModelChoiceField(
        label=gettext_lazy("Bank"), queryset=None, required=False, empty_label=gettext_lazy("Choose the bank")
    )
    institution = forms.CharField(
        label=gettext_lazy("Or another institution"), max_length=80, required=False,
        help_text=gettext_lazy("For what is no bank: Zelle, a wallet, the cash desk."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ReceivingAccount.Kind.choices)
    number = forms.CharField(label=gettext_lazy("Account number"), max_length=40)
    holder = forms.CharField(label=gettext_lazy("Holder"), max_length=200)
    holder_tax_id = forms.CharField(label=gettext_lazy("Holder's tax id"), max_length=30, required=False)
    phone = PhoneField(label=gettext_lazy("Telephone (mobile payment)"), required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail (Zelle)"), required=False)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=currency_choices)
    methods: Any = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Methods it takes"), queryset=None, widget=forms.CheckboxSelectMultiple
    )
    is_public = forms.BooleanField(label=gettext_lazy("Shown on the public page"), required=False, initial=True)
    position = forms.IntegerField(label=gettext_lazy("Position in lists"), min_value=0, max_value=999, initial=0)
    is_active = forms.BooleanField(label=gettext_lazy("Offered to customers"), required=False, initial=True)

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks_offered(merchant.country)  # type: ignore[attr-defined]
        self.fields["methods"].queryset = methods_of(merchant)  # type: ignore[attr-defined]
        dial_from(self, "phone", merchant.country)

    def to_data(self) -> AccountData:
        """What was typed, for `save_account`."""
        values = dict(self.cleaned_data)
        values.pop("methods")
        bank = values.pop("bank")
        return AccountData(bank_id=bank.pk if bank else None, **values)

    @staticmethod
    def initial_of(account: ReceivingAccount) -> dict[str, Any]:
        """An account's present data, to begin a change with."""
        plain = (
            "institution",
            "kind",
            "number",
            "holder",
            "holder_tax_id",
            "phone",
            "email",
            "currency",
            "is_public",
            "position",
            "is_active",
        )
        return {**{name: getattr(account, name) for name in plain}, "bank": account.bank_id, "methods": account.method_ids}


class MethodForm(forms.Form):
    """A way of paying."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,29}$",
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("Small letters and figures, for example transfer."),
    )
    name_es = forms.CharField(label=gettext_lazy("Name in Spanish"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80)
    asks = forms.MultipleChoiceField(
        label=gettext_lazy("Asks"), choices=TransferField.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    requires = forms.MultipleChoiceField(
        label=gettext_lazy("Cannot do without"),
        choices=TransferField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    clearing_days = forms.IntegerField(
        label=gettext_lazy("Business days until the money can be seen"), min_value=0, max_value=30, initial=0
    )
    note_es = forms.CharField(label=gettext_lazy("Note in Spanish"), max_length=300, required=False)
    note_en = forms.CharField(label=gettext_lazy("Note in English"), max_length=300, required=False)
    surcharge_per_cent = forms.DecimalField(
        label=gettext_lazy("Surcharge, per cent"), min_value=0, max_value=30, decimal_places=2, required=False, localize=True,
        help_text=gettext_lazy("Added to what is paid by this method, for example 3 for IGTF. It pays no order. Usually 0."),
    )  # fmt: skip
    surcharge_name_es = forms.CharField(label=gettext_lazy("Name of the surcharge in Spanish"), max_length=40, required=False)
    surcharge_name_en = forms.CharField(label=gettext_lazy("Name of the surcharge in English"), max_length=40, required=False)
    position = forms.IntegerField(label=gettext_lazy("Position in lists"), min_value=0, max_value=999, initial=0)
    is_active = forms.BooleanField(label=gettext_lazy("Offered to customers"), required=False, initial=True)

    def to_data(self, *, icon: str = "bank") -> MethodData:
        """What was typed, for `save_method`."""
        values = dict(self.cleaned_data)
        values["surcharge_per_cent"] = values.get("surcharge_per_cent") or Decimal(0)
        return MethodData(icon=icon, asks=tuple(values.pop("asks")), requires=tuple(values.pop("requires")), **values)


class WithholdingKindForm(forms.Form):
    """A tax whose withholding vouchers are taken."""

    name_es = forms.CharField(label=gettext_lazy("Name in Spanish"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80)
    position = forms.IntegerField(label=gettext_lazy("Position in lists"), min_value=0, max_value=999, initial=0)
    is_active = forms.BooleanField(label=gettext_lazy("Offered to customers"), required=False, initial=True)
