"""One transfer of the report form as a page shows it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banking.money import SYMBOLS, money_in_words
from portal.equivalents import write_rate
from portal.report_input import paid_day
from reports.findings import Finding
from reports.forms import TransferForm
from reports.forms.fields import read_key
from reports.rates import DatedRate
from reports.surcharge import surcharge_label, surcharge_within
from reports.transfer_rules import asked_fields

if TYPE_CHECKING:
    from portal.report_picture import ReportPicture

SENDER_FIELDS = {"payer_phone": "tel", "payer_id": "text", "sender_name": "text", "sender_email": "email"}
AUTOCOMPLETE = {"payer_phone": "tel", "payer_id": "off", "sender_name": "name", "sender_email": "email"}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One line at the top of the page. `target`: the id of the field that it is about."""

    message: str
    target: str


@dataclass(frozen=True, kw_only=True)
class FieldPicture:
    """A field by its posted name, with what stands in it and what is said about it."""

    name: str
    value: str = ""
    errors: list[str] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    label: str = ""
    hint: str = ""
    type: str = "text"
    autocomplete: str = "off"
    methods: str = ""
    asked: bool = True

    def with_input(self, kind: str, autocomplete: str, *, label: str) -> FieldPicture:
        return replace(self, type=kind, autocomplete=autocomplete, label=label)

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def described_by(self) -> str:
        return f"{self.name}-hint {self.name}-error" if self.errors else f"{self.name}-hint"


def errors_of(form: forms.BaseForm, name: str, judged: bool) -> list[str]:
    """Sentences about a field, when the form is being judged."""
    return [str(text) for text in form.errors.get(name, [])] if judged and form.is_bound else []


def field_picture(form: forms.BaseForm, name: str, judged: bool, *, warnings: Iterable[Finding] = ()) -> FieldPicture:
    """A text field of `form`; one that is not there is empty."""
    if name not in form.fields:
        return FieldPicture(name=form.add_prefix(name))
    value = form[name].value()
    if isinstance(value, dt.date):
        value = value.isoformat()
    unread = [] if judged or not form.is_bound or not value else [str(text) for text in form.errors.get(name, [])]
    return FieldPicture(
        name=form.add_prefix(name), value=str(value if value is not None else ""), errors=errors_of(form, name, judged),
        warnings=list(warnings), unread=unread,
    )  # fmt: skip


class TransferPicture:
    """A transfer to be shown."""

    def __init__(
        self, form: TransferForm, *, number: int, judged: bool, picture: ReportPicture, offered: str, upload_url: str
    ) -> None:
        self.form, self.number, self.picture = form, number, picture
        # A further transfer that was left blank is not there: nothing is wrong with it.
        self.judged = judged and not (form.is_bound and form.is_blank())
        self.index, self.prefix = form.index, str(form.prefix)
        self.offered, self.files = offered, form.stored
        self.upload_url = f"{upload_url}{form.index + 1}/" if upload_url else ""
        self.method = form.method_now
        asked = asked_fields(self.method) if self.method else frozenset()
        self.asks = {"origin_bank": "origin_bank" in asked, "reference": "reference" in asked}

    @property
    def counts(self) -> bool:
        """Whether something was typed into it: a further transfer left blank is not there."""
        return not (self.form.is_bound and self.form.is_blank())

    def _field(self, name: str) -> FieldPicture:
        return field_picture(
            self.form, name, self.judged, warnings=self.picture.warnings_by_field.get(f"{self.prefix}-{name}", ())
        )

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with it, in the order of the page."""
        if not self.counts or not self.form.is_bound:
            return []
        return [
            Problem(message=str(text), target=f"id_{self.prefix}-{'receipt' if name == 'files' else name}")
            for name in self.form.fields
            for text in self.form.errors.get(name, [])
        ] + [Problem(message=str(text), target=self.prefix) for text in self.form.non_field_errors()]

    # --- Amount ---

    @property
    def currency(self) -> str:
        return self.form.currency

    @property
    def symbol(self) -> str:
        return SYMBOLS.get(self.currency, self.currency)

    @property
    def amount(self) -> FieldPicture:
        return self._field("amount")

    @cached_property
    def read_amount(self) -> Decimal | None:
        """The amount as it was read, None when it could not be."""
        read = getattr(self.form, "cleaned_data", {}).get("amount") if self.counts else None
        return read if isinstance(read, Decimal) and "amount" not in self.form.errors else None

    @property
    def words(self) -> str:
        return money_in_words(self.read_amount, self.currency, get_language() or "es") if self.read_amount else ""

    @cached_property
    def surcharge(self) -> dict[str, Any] | None:
        """What the method adds: its share of the amount, whether it is just what was offered, or None without any."""
        method, amount = self.method, self.read_amount
        if method is None or not method.surcharge_per_cent or amount is None:
            return None
        share = surcharge_within(amount, method.surcharge_per_cent, self.currency)
        return {"label": surcharge_label(method), "share": share, "rest": amount - share, "whole": amount}

    @property
    def is_last(self) -> bool:
        return self is self.picture.transfers[-1]

    # --- Method and accounts ---

    @property
    def method_id(self) -> int:
        return self.method.pk if self.method else 0

    @cached_property
    def account_id(self) -> int:
        """The chosen account when it takes the method; the only one that does is chosen by itself."""
        chosen = self.form._now("account")
        takers = [account.pk for account in self.form.accounts_now]
        return chosen if chosen in takers else takers[0] if len(takers) == 1 else 0

    @property
    def method_field(self) -> FieldPicture:
        return FieldPicture(name=f"{self.prefix}-method", errors=errors_of(self.form, "method", self.judged))

    @property
    def account_field(self) -> FieldPicture:
        return FieldPicture(name=f"{self.prefix}-account", errors=errors_of(self.form, "account", self.judged))

    @property
    def origin_bank(self) -> FieldPicture:
        return self._field("origin_bank")

    @property
    def origin_bank_name(self) -> FieldPicture:
        return self._field("origin_bank_name")

    @property
    def sender_fields(self) -> list[FieldPicture]:
        """What pago móvil, Zelle and their like ask about the sender."""
        asked = asked_fields(self.method) if self.method else frozenset()
        return [
            replace(
                self._field(name),
                label=str(self.form.fields[name].label),
                type=kind,
                autocomplete=AUTOCOMPLETE[name],
                methods=self.picture.asking[name],
                asked=name in asked,
            )  # fmt: skip
            for name, kind in SENDER_FIELDS.items()
            if name in self.form.fields and self.picture.asking[name] != "-"
        ]

    # --- Date and rate ---

    @property
    def paid_on(self) -> FieldPicture:
        return self._field("paid_on")

    @cached_property
    def paid_day(self) -> dt.date | None:
        return paid_day(self.form)

    @property
    def rate(self) -> DatedRate | None:
        """The rate of that day, where the account is in another currency than the orders."""
        used = self.picture.form.used
        place = used.index(self.form) + 1 if self.form in used else 0
        examined = self.picture.examined
        return next((each.rate for each in examined.transfers if each.position == place), None) if examined else None

    @property
    def rate_text(self) -> str:
        return write_rate(self.rate.rate) if self.rate else ""

    # --- Reference and receipt ---

    @property
    def reference(self) -> FieldPicture:
        return self._field("reference")

    @property
    def grouped(self) -> str:
        """A long number in groups of four, to compare it with the receipt."""
        plain = re.sub(r"[\s\-]", "", self.reference.value)
        if not plain.isdigit() or len(plain) <= 6:
            return ""
        grouped = " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))
        return grouped if grouped != self.reference.value.strip() else ""

    @cached_property
    def _masks(self) -> list[Any]:
        if self.method is None:
            return []
        bank = self.form.offer.banks.get(read_key(self.origin_bank.value))
        account = self.form.offer.accounts.get(self.account_id)
        return self.form.offer.masks(self.method, bank or (account.bank if account else None))

    @property
    def hint(self) -> str:
        return next((mask.hint for mask in self._masks if mask.hint), "")

    @property
    def enough_digits(self) -> int | None:
        digits = next((mask.enough_digits for mask in self._masks if mask.enough_digits), None)
        return digits if digits and str(digits) not in self.hint else None

    @property
    def receipt(self) -> FieldPicture:
        return FieldPicture(
            name=f"{self.prefix}-receipt",
            errors=errors_of(self.form, "receipt", self.judged) + errors_of(self.form, "files", self.judged),
        )

    @property
    def file_name(self) -> str:
        return f"{self.prefix}-files"

    @property
    def origin_bank_other(self) -> str:
        return _("Another bank")
