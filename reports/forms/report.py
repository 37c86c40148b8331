"""The report form: orders and their shares, transfers, payer, paper invoice. One class for sending, answering, correcting."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.addresses import shipping_place_of
from accounts.models import Customer
from banking.money import convert, format_number
from files.models import StoredFile
from orders.dates import today_at
from orders.fields import ZeroAmountField, posted_list
from orders.models import Order
from orders.selectors import open_orders_of
from reports.content import ReportContent, ShippingContent, TransferContent
from reports.drafts import files_by_position
from reports.examine import MOST_TRANSFERS, examine
from reports.examined import Correction, Examined
from reports.findings import Finding
from reports.forms.fields import KeyListField, read_uuid
from reports.forms.transfer import TransferForm, TransferForms
from reports.forms.withholding import WithholdingForm, withholding_forms
from reports.models import ReportDraft
from reports.offer import Offer
from reports.rates import dated_rate
from reports.selectors import last_method_id, orders_in_review
from reports.surcharge import with_surcharge
from reports.view import ReportView
from tickets.models import Ticket

SHIPPING_FIELDS = ("address", "state", "city", "reference_point", "receiver_phone")
OWN_GROUPS = {
    "orders": "orders", "payer_other": "payer", "payer_name": "payer", "payer_tax_id": "payer", "wants_paper": "shipping",
    "add_shipping": "shipping", **dict.fromkeys(SHIPPING_FIELDS, "shipping"), "note": "note",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OrderChoice:
    """One order to tick. `ticket` is the live one that covers it already: then it is not ticked by itself."""

    order: Order
    is_ticked: bool
    ticket: Ticket | None
    share: BoundField

    @property
    def amount_due(self) -> Decimal:
        return self.order.amount_due


class ReportForm(forms.Form):
    """A payment report of `customer`. After `is_valid()`: `content`, `examined`, `warnings`; `uploads` also when it is invalid.

    `view` is the report that is corrected; `opened` the groups of data that may change (None: all). `draft` brings stored files.
    """

    orders = KeyListField(label=_("Orders that you pay"), required=False)
    payer_other = forms.BooleanField(label=_("Somebody else paid"), required=False)
    payer_name = forms.CharField(label=_("Name of who paid"), required=False, max_length=200)
    payer_tax_id = forms.CharField(label=_("Tax or identity number of who paid"), required=False, max_length=30)
    wants_paper = forms.BooleanField(label=_("I wish to receive the fiscal invoice on paper"), required=False)
    add_shipping = forms.BooleanField(label=_("Add the shipping"), required=False)
    address = forms.CharField(
        label=_("Exact address"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"}),
    )  # fmt: skip
    state = forms.CharField(
        label=_("State or province"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )  # fmt: skip
    city = forms.CharField(
        label=_("City"), required=False, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    reference_point = forms.CharField(label=_("Point of reference"), required=False, max_length=200)
    receiver_phone = forms.CharField(
        label=_("Telephone of the receiver"), required=False, max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    key = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": _("This form is damaged. Start a new report.")}
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        customer: Customer,
        ticked: Iterable[int] = (),
        view: ReportView | None = None,
        opened: frozenset[str] | None = None,
        draft: ReportDraft | None = None,
        **kwargs: Any,
    ) -> None:
        self.customer, self.merchant, self.view, self.opened, self.draft = customer, customer.merchant, view, opened, draft
        self.offer = Offer.of(self.merchant)
        self.current = view.content() if view else None
        self._ticked = tuple(self.current.orders if self.current else ticked)
        self.examined: Examined | None = None
        self._said: ReportContent | None = None
        initial = {"orders": self._ticked, **self._initial(), **(kwargs.pop("initial", None) or {})}
        super().__init__(data, files, initial=initial, **kwargs)
        self._orders = self._selectable()
        self._covered = orders_in_review(self.merchant, [order.pk for order in self._orders]) if self._orders else {}
        for order in self._orders:
            self.fields[f"allocation-{order.pk}"] = ZeroAmountField(currency=order.currency, required=False, label=order.number)
        for name in list(self.fields):
            group = "orders" if name.startswith("allocation-") else OWN_GROUPS.get(name)
            if group and opened is not None and group not in opened:
                del self.fields[name]
        stored = files_by_position(draft) if draft else {}
        self.transfers = TransferForms(self._transfer_form(index, stored.get(index + 1, ())) for index in self._indexes())
        self.withholdings = withholding_forms(
            data if self.is_bound else None, files if self.is_bound else None, offer=self.offer, currency=self._owed_in(),
            opened=opened, current=self.current.withholdings if self.current else (), stored=stored,
        )  # fmt: skip

    # --- Making the parts ---

    def _initial(self) -> dict[str, Any]:
        current, customer = self.current, self.customer
        wish = current.shipping if current else None
        place = customer if wish else shipping_place_of(customer)
        return {
            "key": uuid.uuid4(),
            "payer_other": bool(current and current.payer_name),
            "payer_name": current.payer_name if current else "",
            "payer_tax_id": current.payer_tax_id if current else "",
            "note": current.note if current else "",
            "wants_paper": wish is not None,
            **{name: getattr(wish or place, name) for name in ("address", "state", "city", "reference_point")},
            "receiver_phone": wish.phone if wish else place.phone or customer.phone,
        }

    def _selectable(self) -> list[Order]:
        """Open orders, and those that the corrected report covers."""
        orders = list(open_orders_of(self.customer))
        if self.view:
            present = {order.pk for order in orders}
            orders += [each.order for each in self.view.allocations if each.order_id not in present]
        return orders

    def _owed_in(self) -> str:
        """The currency in which vouchers count: that of the ticked orders."""
        ticked, own = self.ticked, self.view.currency if self.view else self.merchant.currency
        return own if self.view else next((order.currency for order in self._orders if order.pk in ticked), own)

    def _indexes(self) -> list[int]:
        """Which transfers there are, by the names posted; buttons add one or take one away."""
        if self.current is not None and (not self.is_bound or self.opened is not None):
            return list(range(len(self.current.transfers)))
        if not self.is_bound:
            return [0]
        found = {int(match[1]) for name in self.data if (match := re.match(r"t-([0-9]{1,2})-", name))}
        removed = {int(text) for text in posted_list(self.data, "remove_transfer") if re.fullmatch(r"[0-9]{1,2}", text, re.ASCII)}
        indexes = sorted(found - removed)[: MOST_TRANSFERS + 1]
        if "add_transfer" in self.data and len(indexes) < MOST_TRANSFERS:
            indexes.append(max(found, default=-1) + 1)
        return indexes or [0]

    def _transfer_form(self, index: int, stored: Iterable[StoredFile]) -> TransferForm:
        current = self.current.transfers[index] if self.current and index < len(self.current.transfers) else None
        return TransferForm(
            self.data if self.is_bound else None, self.files if self.is_bound else None, index=index, offer=self.offer,
            opened=self.opened, current=current, stored=stored, initial=self._transfer_initial(index, current),
        )  # fmt: skip

    def _transfer_initial(self, index: int, current: TransferContent | None) -> dict[str, Any]:
        if current is not None:
            account = self.offer.accounts.get(current.account_id)
            currency = account.currency if account else self.merchant.currency
            return {
                "method": current.method_id, "account": current.account_id, "paid_on": current.paid_on,
                "amount": format_number(current.amount, currency, get_language() or "es"), "reference": current.reference_raw,
                "origin_bank": current.origin_bank_id, "origin_bank_name": current.origin_bank_name,
                "payer_phone": current.payer_phone, "payer_id": current.payer_id, "sender_name": current.sender_name,
                "sender_email": current.sender_email,
            }  # fmt: skip
        method_id = last_method_id(self.customer) if not self.is_bound else None
        if method_id not in self.offer.methods:
            method_id = next(iter(self.offer.methods), None)
        accounts = self.offer.accounts_for(method_id) if method_id else []
        initial: dict[str, Any] = {
            "method": method_id, "account": accounts[0].pk if accounts else None, "paid_on": today_at(self.merchant),
        }  # fmt: skip
        amount = self.totals.get(accounts[0].currency) if accounts and index == 0 and not self.is_bound else None
        if amount:
            whole = with_surcharge(amount, self.offer.methods[method_id or 0].surcharge_per_cent, accounts[0].currency)
            initial["amount"] = format_number(whole, accounts[0].currency, get_language() or "es")
        return initial

    # --- What a page shows ---

    @property
    def ticked(self) -> set[int]:
        """Keys of the orders that are ticked now."""
        if self.is_bound and "orders" in self.fields:
            return set(self.fields["orders"].clean(posted_list(self.data, "orders")))
        return set(self._ticked)

    @property
    def order_choices(self) -> list[OrderChoice]:
        """The orders to tick, oldest due first, each with the field for its share. Empty when orders are not open to change."""
        ticked = self.ticked
        return [
            OrderChoice(
                order=order,
                is_ticked=order.pk in ticked,
                ticket=self._covered.get(order.pk),
                share=self[f"allocation-{order.pk}"],
            )  # fmt: skip
            for order in self._orders
            if f"allocation-{order.pk}" in self.fields
        ]

    @property
    def totals(self) -> dict[str, Decimal]:
        """Currency → what the ticked orders owe in it, at today's rate; only for orders of one currency."""
        ticked = self.ticked
        orders = [order for order in self._orders if order.pk in ticked]
        if not orders or len({order.currency for order in orders}) > 1:
            return {}
        own, total = orders[0].currency, sum((order.amount_due for order in orders), Decimal(0))
        totals = {own: total}
        for paid_in in dict.fromkeys(account.currency for account in self.offer.accounts.values()):
            rate = dated_rate(self.merchant, own, paid_in, today_at(self.merchant)) if paid_in != own else None
            if rate is not None:
                totals[paid_in] = convert(total, rate.rate, paid_in)
        return totals

    @property
    def warnings(self) -> list[Finding]:
        """What to look at before sending."""
        return self.examined.warnings if self.examined else []

    @property
    def uploads(self) -> dict[int, list[UploadedFile[bytes]]]:
        """Position (from 1) → files of this request that may be kept, for `save_draft`."""
        found = {each.index + 1: list(each.uploads) for each in self.transfers.forms if each.uploads}
        return found | {each.file_position: list(each.uploads) for each in self.withholdings if each.uploads}

    @property
    def used(self) -> list[TransferForm]:
        """Transfers into which something was typed."""
        return [each for each in self.transfers.forms if not (each.is_bound and each.is_blank())]

    @property
    def voucher_set(self) -> TransferForms:
        """The vouchers as a formset, for `error_summary`."""
        return TransferForms(self.vouchers)

    @property
    def vouchers(self) -> list[WithholdingForm]:
        """Withholding vouchers that somebody began to write."""
        return [each for each in self.withholdings if not each.is_blank()]

    def hidden_pairs(self) -> list[tuple[str, str]]:
        """Name and value of everything typed, with the files kept and the debts as seen: what the check page sends along."""
        from reports.services.drafting import KNOWN_NAMES

        pairs = [(name, value) for name in self.data if KNOWN_NAMES.fullmatch(name) for value in posted_list(self.data, name)]
        pairs.append(("key", str(self.cleaned_data.get("key") or "")))
        pairs += [(each.add_prefix("files"), str(key)) for each in self.used for key in each.file_keys]
        pairs += [(each.add_prefix("files"), str(key)) for each in self.vouchers for key in each.file_keys]
        dues = self.examined.dues if self.examined else []
        return pairs + [(f"due-{due.order_id}", str(due.amount_due)) for due in dues if due.order is not None]

    # --- Reading ---

    def skip_checks(self) -> None:
        """Show what was typed without judging it: after "add another transfer" or a change of method without JavaScript."""
        for form in (self, *self.transfers.forms, *self.withholdings):
            form._errors = ErrorDict()
            form.cleaned_data = getattr(form, "cleaned_data", {})

    def is_valid(self) -> bool:
        return super().is_valid() and all(each.is_valid() for each in (*self.used, *self.vouchers))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for each in (*self.used, *self.vouchers):
            each.is_valid()
        # Read before problems are noted: a field with an error loses its clean value.
        self._said = self._read()
        self.examined = examine(customer=self.customer, content=self.content, offer=self.offer, correction=self._correction())
        if cleaned.get("payer_other") and not cleaned.get("payer_name"):
            missing = ValidationError(_("Write the name of the person or company that paid."), code="required")
            self.add_error("payer_name" if "payer_name" in self.fields else None, missing)
        for problem in self.examined.problems:
            self._add_problem(problem)
        return cleaned

    def _correction(self) -> Correction | None:
        if self.view is None:
            return None
        return Correction(
            report_id=self.view.report.pk, ticket_id=self.view.ticket.pk, currency=self.view.currency,
            transfers={each.position: each for each in self.view.transfers}, withholdings=self.view.withholdings,
            kept_orders=frozenset(self.current.orders if self.current else ()) if self.opened is not None else frozenset(),
        )  # fmt: skip

    def _add_problem(self, problem: Finding) -> None:
        """Put a sentence beside its field; a field that has one already keeps its own."""
        form, name = self._place(problem.field)
        if name not in form.fields:
            form, name = self, None
        if name is None or not form.has_error(name):
            form.add_error(name, ValidationError(problem.message, code=problem.code))

    def _place(self, field: str) -> tuple[forms.Form, str | None]:
        match = re.fullmatch(r"[tw]-(\d+)-(\w+)", field)
        if match is None:
            return self, field
        used: list[Any] = self.vouchers if field.startswith("w-") else self.used
        position = int(match[1])
        return (used[position], match[2]) if position < len(used) else (self, None)

    @property
    def content(self) -> ReportContent:
        """What was typed, as plain values, with the files kept by now; of fields that are not open, what the report says."""
        said = self._said or self._read()
        transfers = (replace(one, file_keys=each.kept_keys) for one, each in zip(said.transfers, self.used, strict=True))
        said = replace(said, transfers=tuple(transfers))
        if not self.withholdings:
            return said
        pairs = zip(said.withholdings, self.vouchers, strict=True)
        return replace(said, withholdings=tuple(replace(one, file_keys=each.file_keys) for one, each in pairs))

    def _read(self) -> ReportContent:
        read, current = getattr(self, "cleaned_data", {}), self.current
        kept = () if self.withholdings or self.current is None else self.current.withholdings
        vouchers = tuple(each.content() for each in self.vouchers) if self.withholdings else kept
        said = ReportContent(transfers=tuple(each.content() for each in self.used), withholdings=vouchers)
        if "orders" in self.fields:
            shares = {order.pk: read.get(f"allocation-{order.pk}") for order in self._orders}
            typed = {pk: share for pk, share in shares.items() if share is not None}
            said = replace(said, orders=read.get("orders") or (), allocations=typed or None, seen_dues=self._seen())
        elif current:
            said = replace(said, orders=current.orders)
        if "payer_name" not in self.fields and current:
            said = replace(said, payer_name=current.payer_name, payer_tax_id=current.payer_tax_id)
        elif read.get("payer_other"):
            said = replace(said, payer_name=read.get("payer_name") or "", payer_tax_id=read.get("payer_tax_id") or "")
        if "wants_paper" not in self.fields:
            said = replace(said, shipping=current.shipping if current else None)
        elif read.get("wants_paper") or read.get("add_shipping"):
            said = replace(said, shipping=self._wish(read))
        if "note" in self.fields:
            return replace(said, note=read.get("note") or "")
        return replace(said, note=current.note if current else "")

    @staticmethod
    def _wish(read: Mapping[str, Any]) -> ShippingContent:
        return ShippingContent(
            address=read.get("address") or "", state=read.get("state") or "", city=read.get("city") or "",
            reference_point=read.get("reference_point") or "", phone=read.get("receiver_phone") or "",
            add=bool(read.get("add_shipping")),
        )  # fmt: skip

    def _seen(self) -> dict[int, Decimal]:
        """Order → what the check page showed as owed."""
        seen: dict[int, Decimal] = {}
        for name in self.data:
            match = re.fullmatch(r"due-([0-9]{1,18})", name, re.ASCII)
            if match:
                try:
                    seen[int(match[1])] = Decimal(str(posted_list(self.data, name)[-1]))
                except (InvalidOperation, IndexError):
                    continue
        return seen

    def attach(self, draft: ReportDraft) -> None:
        """Take the files that a draft keeps by now, so that `content` names them."""
        self.draft = draft
        stored = files_by_position(draft)
        for each in self.transfers.forms:
            each.stored = list(stored.get(each.index + 1, ()))
        for voucher in self.withholdings:
            voucher.stored = list(stored.get(voucher.file_position, ()))

    @property
    def send_key(self) -> uuid.UUID | None:
        """The key under which this form is sent."""
        return read_uuid(self.cleaned_data.get("key")) if hasattr(self, "cleaned_data") else None
