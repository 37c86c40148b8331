"""Evidence in words, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banking.money import format_money

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
        text = f"{self.weight:+.1f}".replace("-", "−")
        return text.replace(".", ",") if (get_language() or "es").startswith("es") else text


def _money(data: Data) -> str:
    return format_money(Decimal(data["difference"]), data["currency"], get_language() or "es")


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


SENTENCES: dict[tuple[str, str], Callable[[Data], str]] = {
    ("reference", "full"): lambda data: _("Reference: the last %(digits)s digits agree") % data,
    ("reference", "suffix_8"): lambda data: _("Reference: the last %(digits)s digits agree") % data,
    ("reference", "suffix_6"): lambda data: _("Reference: the last %(digits)s digits agree") % data,
    ("reference", "suffix_4"): lambda data: _("Reference: only the last %(digits)s digits agree") % data,
    ("reference", "conflict"): lambda data: _("Another reference: …%(tail)s") % data,
    ("reference", "blank"): lambda data: _("Reference: nothing to compare"),
    ("amount", "exact"): _seen,
    ("amount", "within_fee"): lambda data: _("%(money)s less, as if a bank had kept a fee") % {"money": _money(data)},
    ("amount", "less"): lambda data: _("%(money)s less than reported") % {"money": _money(data)},
    ("amount", "more"): lambda data: _("%(money)s more than reported") % {"money": _money(data)},
    ("date", "same_day"): lambda data: _("Booked on the day reported"),
    ("date", "later"): _later,
    ("date", "earlier"): _earlier,
    ("bank", "agrees"): lambda data: _("Bank %(code)s, as reported") % data,
    ("bank", "differs"): lambda data: _("Bank %(code)s, not %(declared)s as reported") % data,
    ("payer_id", "agrees"): lambda data: _("The payer's document agrees"),
    ("payer_name", "alike"): lambda data: _("The payer's name is alike: %(name)s") % data,
}


def tell(row: Data) -> Evidence:
    """Words for one fact as it is stored with a match: `kind`, `level`, `mark`, `weight`, `data`."""
    sentence = SENTENCES[row["kind"], row["level"]](row["data"])
    return Evidence(kind=row["kind"], mark=row["mark"], text=sentence, weight=float(row["weight"]))


def rejection_of_file(code: str, detail: str = "") -> str:
    """Why a file as a whole was not taken."""
    return {
        "empty": _("The file holds no movement."),
        "too_large": _("The file is larger than 10 MB."),
        "too_many": _("The file holds more than 200,000 movements."),
        "encoding": _("The file is neither UTF-8 nor Windows-1252 text."),
        "binary": _("The file is no text: export it as CSV."),
        "header": _(
            "The first row must name the columns: date, amount, reference, text (or fecha, monto, referencia, texto). "
            "It says: %(row)s"
        )
        % {"row": detail},
    }[code]  # fmt: skip


def rejection_of_row(row: Data) -> str:
    """Why one row of a file was not taken; `row` as it is stored with the import."""
    sentences = {
        "columns": _("Row %(line)d has another number of columns than the first row."),
        "date": _("Row %(line)d: the date is not written as 2026-11-24 or 24/11/2026."),
        "date_unlikely": _("Row %(line)d: the year is unlikely."),
        "amount": _("Row %(line)d: the amount is not written as 1234.50 or 1234,50."),
        "zero": _("Row %(line)d: the amount is zero."),
        "too_large": _("Row %(line)d: the amount is too large."),
        "too_long": _("Row %(line)d: the text in the column %(column)s is too long."),
        "held": _(
            "Row %(line)d looks like the line typed by hand with the date %(date)s: check. If it is another deposit, type it too."
        ),
    }
    return sentences[row["code"]] % {"line": row["line"], "column": row["column"], "date": _day(row.get("date", ""))}


def _day(text: str) -> str:
    """A date as it is stored with an import, as the reader writes it."""
    return date_format(dt.date.fromisoformat(text), "j M Y") if text else ""
