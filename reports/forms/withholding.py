"""The part of the report form for one withholding voucher, folded away until somebody has one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from banking.forms import AmountField
from banking.money import SYMBOLS, format_number
from files.forms import ReceiptField
from files.models import StoredFile
from orders.dates import today_at
from orders.fields import DayField, posted_list
from reports.content import WithholdingContent
from reports.forms.fields import FileKeysField, KeyField, offer_choices
from reports.models import VOUCHER_FILES
from reports.offer import Offer
from reports.withholding_rules import MOST_VOUCHERS


class WithholdingForm(forms.Form):
    """One voucher; `index` from 0 is in the names of its fields (`w-0-number`). Left blank it counts as not there."""

    kind = KeyField(label=_("Withheld tax"), error_messages={"required": _("Choose of which tax the voucher is.")})
    number = forms.CharField(
        label=_("Voucher number"), widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the number of the withholding voucher.")},
    )  # fmt: skip
    issued_on = DayField(label=_("Date of the voucher"), missing=_("Write the date of the voucher."))
    amount = AmountField(label=_("Amount withheld"), error_messages={"required": _("Write the amount that was withheld.")})
    receipt = ReceiptField(label=_("Picture or PDF of the voucher"), required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        index: int,
        offer: Offer,
        currency: str,
        current: WithholdingContent | None = None,
        stored: Iterable[StoredFile] = (),
    ) -> None:
        self.index, self.offer, self.current, self.currency = index, offer, current, currency
        self.stored: list[StoredFile] = list(stored)
        super().__init__(data, files, prefix=f"w-{index}", initial=self._initial())
        self.fields["files"] = FileKeysField(required=False)
        kinds = [(pk, kind.name) for pk, kind in offer.withholding_kinds.items()]
        offer_choices(self, "kind", kinds if len(kinds) == 1 else [("", "—"), *kinds])
        amount = self.fields["amount"]
        if isinstance(amount, AmountField):
            amount.currency = currency

    def _initial(self) -> dict[str, Any]:
        if self.current is None:
            kinds = list(self.offer.withholding_kinds)
            return {"kind": kinds[0]} if len(kinds) == 1 else {}
        return {
            "kind": self.current.kind_id,
            "number": self.current.number,
            "issued_on": self.current.issued_on,
            "amount": format_number(self.current.amount, self.currency, get_language() or "es"),
            "files": [str(key) for key in self.current.file_keys],
        }

    def full_clean(self) -> None:
        """Nothing is wrong with a voucher that nobody began to write."""
        if self.is_bound and self.is_blank():
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix}-{field_name}"

    def is_blank(self) -> bool:
        """Whether nobody has begun to write a voucher here."""
        if not self.is_bound:
            return self.current is None and not self.stored
        typed = ("number", "amount", "files")
        return (
            not self.stored
            and not any(str(value).strip() for name in typed for value in posted_list(self.data, self.add_prefix(name)))
            and not posted_list(self.files, self.add_prefix("receipt"))
        )

    @property
    def uploads(self) -> Sequence[UploadedFile[bytes]]:
        """Files that came with this request and may be kept."""
        return self.cleaned_data.get("receipt") or [] if hasattr(self, "cleaned_data") else []

    @property
    def symbol(self) -> str:
        """The currency as it stands before an amount."""
        return SYMBOLS.get(self.currency, self.currency)

    @property
    def file_position(self) -> int:
        """Where its files stand in the draft."""
        return VOUCHER_FILES + self.index + 1

    @property
    def file_keys(self) -> tuple[uuid.UUID, ...]:
        """Files of this voucher: of the present revision, posted as keys, of the draft; without removed ones."""
        removed = set(posted_list(self.data, self.add_prefix("remove"))) if self.is_bound else set()
        posted = getattr(self, "cleaned_data", {}).get("files") or ()
        kept = self.current.file_keys if self.current else ()
        found = dict.fromkeys([*kept, *posted, *(file.key for file in self.stored)])
        return tuple(key for key in found if str(key) not in removed)

    def content(self) -> WithholdingContent:
        """What was read. Where a field has an error a stand-in keeps the other rules speaking; the form is invalid anyway."""
        read = getattr(self, "cleaned_data", {})
        return WithholdingContent(
            kind_id=read.get("kind") or 0,
            number=(read.get("number") or "").strip(),
            issued_on=read.get("issued_on") or today_at(self.offer.merchant),
            amount=read.get("amount") or Decimal(0),
            file_keys=self.file_keys,
        )

    @property
    def read_amount(self) -> Decimal:
        """What was read as withheld; 0 when it could not be."""
        amount = getattr(self, "cleaned_data", {}).get("amount")
        return amount if isinstance(amount, Decimal) and "amount" not in self.errors else Decimal(0)


def withholding_forms(
    data: Any,
    files: Any,
    *,
    offer: Offer,
    currency: str,
    opened: frozenset[str] | None,
    current: Sequence[WithholdingContent],
    stored: Mapping[int, Sequence[StoredFile]],
) -> list[WithholdingForm]:
    """The vouchers of a form, one blank one at least; none where the merchant takes none, or they are not `opened`.

    With `current` and `opened` (an answer) there is one more than the report names, for one that was forgotten.
    """
    if not offer.withholding_kinds or (opened is not None and "withholding" not in opened):
        return []
    if data is None or opened is not None:
        indexes = list(range(min(MOST_VOUCHERS, len(current) + (opened is not None)))) or [0]
    else:
        indexes = _posted_indexes(data)
    return [
        WithholdingForm(
            data, files, index=index, offer=offer, currency=currency,
            current=current[index] if index < len(current) else None, stored=stored.get(VOUCHER_FILES + index + 1, ()),
        )
        for index in indexes
    ]  # fmt: skip


def withheld_so_far(vouchers: Iterable[WithholdingForm]) -> Decimal:
    """What the vouchers that can be read come to, without judging the rest of the form."""
    total = Decimal(0)
    for voucher in vouchers:
        typed = voucher["amount"].value()
        if typed and voucher.is_bound:
            try:
                total += voucher.fields["amount"].clean(typed)
            except ValidationError:
                continue
    return total


def _posted_indexes(data: Any) -> list[int]:
    """Which vouchers there are, by the names posted; a button adds one."""
    found = sorted({int(match[1]) for name in data if (match := re.match(r"w-([0-9])-", name))})[: MOST_VOUCHERS + 1]
    if "add_withholding" in data and len(found) < MOST_VOUCHERS:
        found.append(next(index for index in range(10) if index not in found))
    return found or [0]
