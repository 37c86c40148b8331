"""The part of the report form for one transfer. The method says which of its fields are shown, and which are required."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorList
from django.utils.translation import gettext_lazy as _

from banking.forms import AmountField
from banking.models import PaymentMethod, TransferField
from files.forms import ReceiptField
from files.models import StoredFile
from orders.dates import today_at
from orders.fields import DayField, posted_list
from reports.content import GROUP_OF, TransferContent
from reports.forms.fields import FileKeysField, KeyField, offer_choices, read_key
from reports.offer import Offer
from reports.transfer_rules import asked_fields

# Form field → attribute of `TransferContent`.
ATTRIBUTES = {
    "method": "method_id",
    "account": "account_id",
    "amount": "amount",
    "paid_on": "paid_on",
    "reference": "reference_raw",
    "origin_bank": "origin_bank_id",
    "origin_bank_name": "origin_bank_name",
    "payer_phone": "payer_phone",
    "payer_id": "payer_id",
    "sender_name": "sender_name",
    "sender_email": "sender_email",
    "receipt": "file_keys",
    "files": "file_keys",
}
OTHER_BANK = 0


@dataclass(frozen=True, kw_only=True)
class Conditional:
    """A field that only some methods ask for. `shown_when` is for `data-shown-when`; optional unless all of them require it."""

    bound: BoundField
    shown_when: str
    is_optional: bool
    is_shown: bool


class TransferForm(forms.Form):
    """One transfer; `index` from 0 is in the names of its fields (`t-0-amount`). Fields that are not `opened` keep `current`."""

    method = KeyField(label=_("Payment method"), widget=forms.RadioSelect, error_messages={"required": _("Choose how you paid.")})
    account = KeyField(label=_("Which account did you pay into?"), widget=forms.RadioSelect)
    amount = AmountField(label=_("Amount"))
    paid_on = DayField(
        label=_("Date of the payment"), help_text=_("As it stands on the receipt."),
        missing=_("Write the day on which you paid."),
    )  # fmt: skip
    origin_bank = KeyField(label=_("Bank of origin"), required=False, help_text=_("The bank that you paid from."))
    origin_bank_name = forms.CharField(label=_("Name of the other bank"), required=False, max_length=80)
    reference = forms.CharField(
        label=_("Deposit or transfer number"), required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    payer_phone = forms.CharField(
        label=_("Telephone the payment came from"), required=False, max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    payer_id = forms.CharField(label=_("Identity document of the payer"), required=False, max_length=30)
    sender_name = forms.CharField(
        label=_("Name of the sender"), required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    sender_email = forms.CharField(
        label=_("E-mail of the sender"), required=False, max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    receipt = ReceiptField(label=_("Receipt"), required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        index: int,
        offer: Offer,
        opened: frozenset[str] | None = None,
        current: TransferContent | None = None,
        stored: Iterable[StoredFile] = (),
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, prefix=f"t-{index}", initial=initial)
        self.fields["files"] = FileKeysField(required=False)
        self.index, self.offer, self.opened, self.current = index, offer, opened, current
        self.stored: list[StoredFile] = list(stored)
        self._fill_choices()
        for name, attribute in ATTRIBUTES.items():
            if not self._is_open(GROUP_OF[attribute]):
                del self.fields[name]
        amount = self.fields.get("amount")
        if isinstance(amount, AmountField):
            amount.currency = self.currency

    def _fill_choices(self) -> None:
        banks = [(pk, str(bank)) for pk, bank in self.offer.banks.items()]
        offer_choices(self, "method", [(pk, method.name) for pk, method in self.offer.methods.items()])
        offer_choices(self, "account", [(pk, str(account)) for pk, account in self.offer.accounts.items()])
        offer_choices(self, "origin_bank", [("", "—"), *banks, (OTHER_BANK, _("Another bank"))])

    def _is_open(self, group: str) -> bool:
        return self.opened is None or group in self.opened

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix}-{field_name}"

    def _now(self, name: str) -> int:
        """The key chosen now for `method` or `account`: typed, else from the present revision, else offered first."""
        if name not in self.fields and self.current is not None:
            return int(getattr(self.current, ATTRIBUTES[name]))
        typed = posted_list(self.data, self.add_prefix(name)) if self.is_bound else []
        if typed:
            return read_key(typed[-1])
        return read_key(self.get_initial_for_field(self.fields[name], name)) if name in self.fields else 0

    @property
    def method_now(self) -> PaymentMethod | None:
        """The chosen method, whether the rest is right or not."""
        return self.offer.methods.get(self._now("method"))

    @property
    def currency(self) -> str:
        """That of the chosen account: the one in which the amount is typed."""
        account = self.offer.accounts.get(self._now("account"))
        return account.currency if account else self.offer.merchant.currency

    @property
    def accounts_now(self) -> list[Any]:
        """Accounts that take the chosen method; all of them before a choice."""
        method = self.method_now
        return self.offer.accounts_for(method.pk) if method else list(self.offer.accounts.values())

    @property
    def conditional(self) -> list[Conditional]:
        """The fields that depend on the method, in the order in which they are asked."""
        return [self.condition(name) for name in TransferField if name in self.fields]

    def condition(self, name: str) -> Conditional:
        """When the field `name` is asked."""
        asking = [method for method in self.offer.methods.values() if name in asked_fields(method)]
        now = self.method_now
        return Conditional(
            bound=self[name],
            shown_when=f"{self.add_prefix('method')}=" + ",".join(str(method.pk) for method in asking),
            is_optional=not all(name in method.requires for method in asking) if now is None else name not in now.requires,
            is_shown=now is None or now in asking,
        )

    def is_blank(self) -> bool:
        """Whether nothing was typed into this (further) transfer, so that it counts as not there."""
        typed = ("amount", "reference", "files")
        return (
            self.index > 0
            and not self.stored
            and not any(str(value).strip() for name in typed for value in posted_list(self.data, self.add_prefix(name)))
            and not posted_list(self.files, self.add_prefix("receipt"))
        )

    @property
    def uploads(self) -> Sequence[UploadedFile[bytes]]:
        """Files that came with this request and may be kept."""
        return self.cleaned_data.get("receipt") or [] if hasattr(self, "cleaned_data") else []

    @property
    def file_keys(self) -> tuple[uuid.UUID, ...]:
        """Files of this transfer: those of the present revision, posted as keys, of the draft; without removed ones."""
        removed = set(posted_list(self.data, self.add_prefix("remove"))) if self.is_bound else set()
        posted = getattr(self, "cleaned_data", {}).get("files") or ()
        kept = self.current.file_keys if self.current else ()
        found = dict.fromkeys([*kept, *posted, *(file.key for file in self.stored)])
        return tuple(key for key in found if str(key) not in removed)

    def content(self) -> TransferContent:
        """What was read. Where a field has an error a stand-in keeps the other rules speaking; the form is invalid anyway."""
        read = getattr(self, "cleaned_data", {})
        values: dict[str, Any] = {}
        for name, attribute in ATTRIBUTES.items():
            if name in {"receipt", "files"}:
                continue
            if name not in self.fields:
                if self.current is not None:
                    values[attribute] = getattr(self.current, attribute)
                continue
            value = read.get(name)
            values[attribute] = value.strip() if isinstance(value, str) else value
        values["method_id"] = values.get("method_id") or 0
        values["account_id"] = values.get("account_id") or 0
        values["origin_bank_id"] = values.get("origin_bank_id") or None
        values["amount"] = values.get("amount") or Decimal(0)
        values["paid_on"] = values.get("paid_on") or today_at(self.offer.merchant)
        for attribute in ("reference_raw", "origin_bank_name", "payer_phone", "payer_id", "sender_name", "sender_email"):
            values[attribute] = values.get(attribute) or ""
        return TransferContent(**values, file_keys=self.kept_keys)

    @property
    def kept_keys(self) -> tuple[uuid.UUID, ...]:
        """Keys of the files that this transfer has: of the present revision where receipts are not open to change."""
        return self.file_keys if self._is_open("receipt") or self.current is None else self.current.file_keys


class TransferForms(BaseFormSet):  # type: ignore[type-arg]
    """The transfers of one report, as a formset for `error_summary`; how many there are is read from the names posted."""

    def __init__(self, forms: Iterable[forms.Form]) -> None:
        self.forms = list(forms)

    def non_form_errors(self) -> ErrorList:
        return ErrorList()
