"""What the page of a bank's file shows: control totals, the days it covers, and how each column was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from orders.dates import written
from reconciliation.import_words import problem_in_words, rejection_of_row
from reconciliation.models import RejectedLine, StatementImport

WIDTH = 720
FIELD_NAMES = {
    "date": pgettext_lazy("column", "date"),
    "amount": pgettext_lazy("column", "amount"),
    "debit": pgettext_lazy("column", "money out"),
    "credit": pgettext_lazy("column", "money in"),
    "mark": pgettext_lazy("column", "in or out"),
    "balance": pgettext_lazy("column", "running balance"),
    "reference": pgettext_lazy("column", "reference"),
    "text": pgettext_lazy("column", "text"),
    "payer_name": pgettext_lazy("column", "name of who paid"),
    "payer_id": pgettext_lazy("column", "document of who paid"),
    "origin_bank": pgettext_lazy("column", "bank of origin"),
    "unique_id": pgettext_lazy("column", "the bank's own id"),
    "currency": pgettext_lazy("column", "currency"),
    "account": pgettext_lazy("column", "account"),
}
READ = ("date", "amount", "balance", "reference", "text", "payer_name", "payer_id", "origin_bank", "unique_id")
ROUND = (gettext_lazy("File"), gettext_lazy("Profile"), gettext_lazy("Review"), pgettext_lazy("step", "Imported"))


@dataclass(frozen=True, kw_only=True)
class Total:
    """One row of the control totals. `says` is the bank's figure, `sums` what the lines come to; either may be missing."""

    label: str
    says: Decimal | None
    sums: Decimal | None
    day: dt.date | None = None
    is_strong: bool = False

    @property
    def difference(self) -> Decimal | None:
        return None if self.says is None or self.sums is None else self.says - self.sums


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Days as a bar: where it begins and how wide it is, of `WIDTH`."""

    x: int
    width: int


def steps_of(made: StatementImport) -> list[tuple[str, str]]:
    """The steps of the way in, each with `done`, `now` or nothing."""
    state = StatementImport.State
    at = {state.ASKING: 0, state.READING: 1, state.REFUSED: 1, state.DONE: 4, state.UNDONE: 4, state.COMMITTING: 3}.get(
        state(made.state), 2
    )
    return [(str(name), "done" if place < at else "now" if place == at else "") for place, name in enumerate(ROUND)]


def progress_of(made: StatementImport) -> dict[str, Any]:
    """How far a job is: `done` and `total` as they are written, `is_read` when what comes after the reading is under way."""
    language = get_language() or "es"
    return {
        "done": grouped(made.progress_done, language),
        "total": grouped(made.progress_total, language),
        "is_read": 0 < made.progress_total == made.progress_done,
    }


def grouped(count: int, language: str) -> str:
    """`12.000` in Spanish, `12,000` in English, as amounts are written."""
    return f"{count:,}".replace(",", "." if language.startswith("es") else ",")


def name_of_original(made: StatementImport) -> str:
    """A name of our own for the file: what stands in the sender's name is not repeated in a header, but for a plain ending."""
    ending = made.file_name.rpartition(".")[2].lower()
    ending = ending if ending.isascii() and ending.isalnum() and len(ending) <= 5 else "bin"
    return f"statement-{made.pk}-{made.sha256[:8]}.{ending}"


def totals_of(made: StatementImport) -> list[Total]:
    """Opening balance, money in, money out, closing balance."""
    came, came_sum = made.facts.get("credits", [0, "0"])
    went, went_sum = made.facts.get("debits", [0, "0"])
    sums = Decimal(came_sum) + Decimal(went_sum)
    said = {problem["code"]: _number(problem["expected"]) for problem in made.problems}
    count_in = ngettext("%(count)d deposit", "%(count)d deposits", came) % {"count": came}
    count_out = ngettext("%(count)d charge", "%(count)d charges", went) % {"count": went}
    before = said["continuity"] if "continuity" in said else made.opening if made.facts.get("follows") else None
    return [
        Total(label=_("Opening balance"), says=made.opening, sums=before, day=made.first_day),
        Total(label=count_in, says=said.get("sum_credits"), sums=Decimal(came_sum)),
        Total(label=count_out, says=said.get("sum_debits"), sums=Decimal(went_sum)),
        Total(
            label=_("Closing balance"),
            says=made.closing,
            sums=None if made.opening is None else made.opening + sums,
            day=made.last_day,
            is_strong=True,
        ),
    ]


def problems_of(made: StatementImport) -> list[str]:
    """How the file contradicts itself or the one before it, as sentences."""
    currency = made.account.currency if made.account else ""
    return [problem_in_words(problem, currency) for problem in made.problems]


def days_of(made: StatementImport) -> dict[str, Any]:
    """The period beside what was imported before: two bars and the facts of their overlap or gap."""
    if made.first_day is None or made.last_day is None:
        return {}
    overlap, previous, gap = (_dates(made.facts.get(name)) for name in ("overlap", "previous", "gap"))
    known = (overlap["known_from"], overlap["known_to"]) if overlap else (previous["from"], previous["to"]) if previous else None
    days: dict[str, Any] = {"overlap": overlap, "gap": gap, "known": known, "follows": made.facts.get("follows", False)}
    days["words"] = {
        "file": _span_words(made.first_day, made.last_day),
        "known": _span_words(*known) if known else "",
        **{name: _span_words(each["from"], each["to"]) for name, each in (("overlap", overlap), ("gap", gap)) if each},
    }
    if known:
        span = (made.last_day - made.first_day).days + 1
        # A long past is drawn as wide as the file at most.
        start = min(made.first_day, max(known[0], made.first_day - dt.timedelta(days=span)))
        end = max(made.last_day, known[1])
        days["known_bar"] = _bar(max(known[0], start), known[1], start, end)
        days["file_bar"] = _bar(made.first_day, made.last_day, start, end)
        if overlap:
            days["both_bar"] = _bar(overlap["from"], overlap["to"], start, end)
    return days


def _span_words(first: dt.date, last: dt.date) -> str:
    """`20 nov 2026 al 22 nov 2026`; a single day is told once."""
    if first == last:
        return written(first)
    return _("%(since)s to %(until)s") % {"since": written(first), "until": written(last)}


def columns_of(made: StatementImport) -> list[dict[str, Any]]:
    """How each column was read: its name in the file (where the profile names it), the field, and a row's value."""
    sample = made.facts.get("sample") or {}
    if not sample:
        return []
    places: Mapping[str, Any] = (made.profile.settings.get("columns") or {}) if made.profile else {}
    amount = Decimal(sample["amount"])
    values: dict[str, Any] = {
        **sample,
        "date": dt.date.fromisoformat(sample["booked_on"]),
        "debit": -amount if amount < 0 else None,
        "credit": amount if amount > 0 else None,
        "amount": amount,
        "balance": _number(sample["balance"]),
    }
    names: Sequence[str] = list(places) or [name for name in READ if values.get(name)]
    return [
        {"place": _place(places.get(name)), "name": FIELD_NAMES.get(name, name), "key": name, "value": values.get(name)}
        for name in names
    ]


def told(row: RejectedLine) -> dict[str, Any]:
    """A row that asks for a person, with its sentence."""
    data = {"line": row.number, "code": row.code, "column": row.column, "date": row.values.get("day", "")}
    return {"row": row, "sentence": rejection_of_row(data)}


def _place(place: Any) -> str:
    """A column as the profile names it: a heading, a number, or first character and length."""
    if isinstance(place, list):
        return " · ".join(str(each) for each in place)
    return "" if place is None else str(place)


def _dates(facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not facts:
        return None
    return {name: dt.date.fromisoformat(value) if isinstance(value, str) else value for name, value in facts.items()}


def _bar(first: dt.date, last: dt.date, start: dt.date, end: dt.date) -> Bar:
    total = (end - start).days + 1
    x = (first - start).days * WIDTH // total
    return Bar(x=x, width=max(4, ((last - start).days + 1) * WIDTH // total - x))


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except ArithmeticError:
        return None
