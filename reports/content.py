"""What a report says, as plain values: made by a form (or an import, or a test), checked and kept by the services."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal

# Field names as staff flag them when they ask, beside the fields of the form that each opens.
ASKABLE = (
    "amount", "method", "account", "origin_bank", "paid_on", "reference", "payer", "receipt", "orders", "sender", "withholding",
)  # fmt: skip

# A change of the method or account makes other data necessary: what depends on the asked field opens with it.
OPENED_BY = {
    "method": frozenset({"method", "account", "origin_bank", "reference", "sender", "payer_phone", "payer_id"}),
    "account": frozenset({"account", "method"}),
    "sender": frozenset({"sender", "payer_phone", "payer_id"}),
    "payer": frozenset({"payer", "payer_phone", "payer_id"}),
    "amount": frozenset({"amount"}),
}
# Which askable group each datum of a transfer belongs to.
GROUP_OF = {
    "method_id": "method",
    "account_id": "account",
    "origin_bank_id": "origin_bank",
    "origin_bank_name": "origin_bank",
    "amount": "amount",
    "paid_on": "paid_on",
    "reference_raw": "reference",
    "payer_phone": "payer_phone",
    "payer_id": "payer_id",
    "sender_name": "sender",
    "sender_email": "sender",
    "file_keys": "receipt",
}


@dataclass(frozen=True, kw_only=True)
class TransferContent:
    """One movement of money as declared. `amount` is in the account's currency; `file_keys` name uploaded files."""

    method_id: int
    account_id: int
    amount: Decimal
    paid_on: dt.date
    reference_raw: str = ""
    origin_bank_id: int | None = None
    origin_bank_name: str = ""
    payer_phone: str = ""
    payer_id: str = ""
    sender_name: str = ""
    sender_email: str = ""
    file_keys: tuple[uuid.UUID, ...] = ()

    def same_data(self, other: TransferContent) -> bool:
        """Whether both say the same, receipts aside: then a correction keeps the row."""
        return all(getattr(self, each.name) == getattr(other, each.name) for each in fields(self) if each.name != "file_keys")


@dataclass(frozen=True, kw_only=True)
class WithholdingContent:
    """One withholding voucher as declared. `amount` is in the orders' currency; `file_keys` name uploaded files."""

    kind_id: int
    number: str
    issued_on: dt.date
    amount: Decimal
    file_keys: tuple[uuid.UUID, ...] = ()

    def same_data(self, other: WithholdingContent) -> bool:
        """Whether both say the same, files aside: then a correction keeps the row."""
        return all(getattr(self, each.name) == getattr(other, each.name) for each in fields(self) if each.name != "file_keys")


@dataclass(frozen=True, kw_only=True)
class ShippingContent:
    """Where the paper invoice goes. With `add` an order for the shipping is made when no right exists."""

    address: str
    state: str
    city: str
    phone: str
    reference_point: str = ""
    add: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    """A whole report. `orders` are keys of ticked orders.

    `allocations`: what the customer typed, by order, in the orders' currency; ticked orders without one share the rest, oldest
    due first, and what is still left becomes credit. None: all of it that way. `seen_dues` is what the sender saw of each order;
    when that has changed meanwhile, the report is refused as stale (it is no part of the digest).
    """

    transfers: tuple[TransferContent, ...]
    withholdings: tuple[WithholdingContent, ...] = ()
    orders: tuple[int, ...] = ()
    allocations: dict[int, Decimal] | None = None
    payer_name: str = ""
    payer_tax_id: str = ""
    note: str = ""
    shipping: ShippingContent | None = None
    seen_dues: Mapping[int, Decimal] | None = field(default=None, compare=False)

    @property
    def file_keys(self) -> tuple[uuid.UUID, ...]:
        return tuple(key for keys in self._files() for key in keys)

    def _files(self) -> list[tuple[uuid.UUID, ...]]:
        return [*(transfer.file_keys for transfer in self.transfers), *(voucher.file_keys for voucher in self.withholdings)]

    def digest(self, file_hashes: Mapping[uuid.UUID, str]) -> str:
        """SHA-256 of everything said. Files count by their own SHA-256: uploaded again they are the same."""
        body: dict[str, object] = {
            "transfers": [_plain(transfer, file_hashes) for transfer in self.transfers],
            "orders": sorted(set(self.orders)),
            "allocations": sorted((pk, _number(amount)) for pk, amount in (self.allocations or {}).items()),
            "payer": [self.payer_name, self.payer_tax_id],
            "note": self.note,
            "shipping": _shipping(self.shipping),
        }
        # Only where there are any: reports without vouchers keep the digest that they always had.
        if self.withholdings:
            body["withholdings"] = [_plain(voucher, file_hashes) for voucher in self.withholdings]
        return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _number(amount: Decimal) -> str:
    """Equal amounts, equal text: 10 and 10.00 are one."""
    return f"{amount:.4f}"


def _shipping(shipping: ShippingContent | None) -> list[object] | None:
    return None if shipping is None else [getattr(shipping, each.name) for each in fields(shipping)]


def _plain(transfer: TransferContent | WithholdingContent, file_hashes: Mapping[uuid.UUID, str]) -> list[object]:
    plain: list[object] = []
    for each in fields(transfer):
        value = getattr(transfer, each.name)
        if each.name == "amount":
            value = _number(value)
        elif isinstance(value, dt.date):
            value = value.isoformat()
        elif each.name == "file_keys":
            value = sorted(file_hashes.get(key, str(key)) for key in value)
        plain.append(value)
    return plain


def opened_fields(asked: tuple[str, ...] | list[str]) -> frozenset[str]:
    """Groups of data that may change when staff asked for `asked`."""
    return frozenset().union(*(OPENED_BY.get(name, frozenset({name})) for name in asked))


def changed_groups(before: ReportContent, after: ReportContent) -> frozenset[str]:
    """Which groups of data differ between two contents of one report. Another number of transfers is a change of `amount`."""
    changed: set[str] = set()
    if set(before.orders) != set(after.orders) or after.allocations is not None:
        changed.add("orders")
    if (before.payer_name, before.payer_tax_id) != (after.payer_name, after.payer_tax_id):
        changed.add("payer")
    if before.note != after.note:
        changed.add("note")
    if before.shipping != after.shipping:
        changed.add("shipping")
    if before.withholdings != after.withholdings:
        changed.add("withholding")
    if len(before.transfers) != len(after.transfers):
        changed |= {"amount", "reference"}
    for old, new in zip(before.transfers, after.transfers, strict=False):
        changed |= {group for name, group in GROUP_OF.items() if getattr(old, name) != getattr(new, name)}
    return frozenset(changed)
