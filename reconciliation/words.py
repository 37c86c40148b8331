"""Evidence in words, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banking.money import format_money
from orders.dates import written
from reconciliation.import_words import rejection_of_file as rejection_of_file
from reconciliation.import_words import rejection_of_row as rejection_of_row

Data = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One reason for or against. `mark`: `agrees`, `differs`, `unknown`; `weight` in bits, positive speaks for it."""

    kind: str
    mark: str
    text: str
    weight: float

    @property
    def weight_text(self) -> str:
        """`+18,2` in Spanish, `+18.2` in English; a real minus sign."""
        if self.kind == "offer":
            return ""  # a fact that is told, never weighed
        text = f"{self.weight:+.1f}".replace("-", "−")
        return text.replace(".", ",") if (get_language() or "es").startswith("es") else text


def _money(data: Data) -> str:
    return format_money(Decimal(data["difference"]), data["currency"], get_language() or "es")


def _less(data: Data) -> str:
    """`reason` stands there when an administrator allowed the difference."""
    said = _("%(money)s less than reported, as the account allows") if data.get("reason") else _("%(money)s less than reported")
    return said % {"money": _money(data)}


def _more(data: Data) -> str:
    said = _("%(money)s more than reported, as the account allows") if data.get("reason") else _("%(money)s more than reported")
    return said % {"money": _money(data)}


def _seen(data: Data) -> str:
    count = int(data["count"])
    return ngettext(
        "Exact amount, seen %(count)d time in 30 days", "Exact amount, seen %(count)d times in 30 days", count
    ) % {"count": count}  # fmt: skip


def _later(data: Data) -> str:
    count = int(data["count"])
    return ngettext("Booked %(count)d business day later", "Booked %(count)d business days later", count) % {"count": count}


def _earlier(data: Data) -> str:
    count = int(data["count"])
    return ngettext(
        "Booked %(count)d business day before the date reported", "Booked %(count)d business days before the date reported", count
    ) % {"count": count}  # fmt: skip


def _offered(data: Data) -> dict[str, str]:
    return {"day": written(dt.date.fromisoformat(data["on"]))}


SENTENCES: dict[tuple[str, str], Callable[[Data], str]] = {
    ("reference", "full"): lambda data: _("Reference: the last %(digits)s digits agree") % data,
    ("reference", "suffix_8"): lambda data: _("Reference: the last %(digits)s digits agree") % data,
    ("reference", "suffix_6"): lambda data: _("Reference: the last %(digits)s digits agree") % data,
    ("reference", "suffix_4"): lambda data: _("Reference: only the last %(digits)s digits agree") % data,
    ("reference", "conflict"): lambda data: _("Another reference: …%(tail)s") % data,
    ("reference", "blank"): lambda data: _("Reference: nothing to compare"),
    ("amount", "exact"): _seen,
    ("amount", "within_fee"): lambda data: (
        _less(data) if data.get("reason") else _("%(money)s less, as if a bank had kept a fee") % {"money": _money(data)}
    ),
    ("amount", "less"): _less,
    ("amount", "more"): _more,
    ("date", "same_day"): lambda data: _("Booked on the day reported"),
    ("date", "later"): _later,
    ("date", "earlier"): _earlier,
    ("bank", "agrees"): lambda data: _("Bank %(code)s, as reported") % data,
    ("bank", "differs"): lambda data: _("Bank %(code)s, not %(declared)s as reported") % data,
    ("payer_id", "agrees"): lambda data: _("The payer's document agrees"),
    ("offer", "claimed"): lambda data: _("The customer says this deposit is theirs (offered on %(day)s)") % _offered(data),
    ("offer", "told"): lambda data: (
        _("We had offered this deposit to the customer on %(day)s: they knew it from us") % _offered(data)
    ),
    ("payer_name", "alike"): lambda data: _("The payer's name is alike: %(name)s") % data,
}


def tell(row: Data) -> Evidence:
    """Words for one fact as it is stored with a match: `kind`, `level`, `mark`, `weight`, `data`."""
    sentence = SENTENCES[row["kind"], row["level"]](row["data"])
    return Evidence(kind=row["kind"], mark=row["mark"], text=sentence, weight=float(row["weight"]))
