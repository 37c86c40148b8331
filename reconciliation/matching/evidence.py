"""Evidence that a statement line is a declared transfer: one fact per field, each with a weight, never one bare number.

A weight is log2(m/u): how much likelier the observation is for the right line (m) than for a stranger's (u). The constants
below are written, not fitted: fitting waits for confirmed matches.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from banking.references import normalize_reference, shared_suffix

# Eight agreeing digits happen by chance once in 10^8; capped, for what a person types is copied from one receipt as a whole.
REFERENCE_LONG = 18.2
# Six digits: once in 10^6, and people are told that the last six suffice.
REFERENCE_SIX = 13.0
# Four digits: once in 10^4, among some hundred lines of a window.
REFERENCE_FOUR = 8.0
# Two references that end differently are seldom one payment; banks do number a transfer anew on its way, so it is not infinite.
REFERENCE_CONFLICT = -11.0
# An amount seen once in thirty days; each doubling of how common it is takes one bit away (price lists repeat).
AMOUNT_EXACT = 10.4
AMOUNT_EXACT_LEAST = 1.0
# A bank on the way kept a fee: it happens, and a stranger's amount falls into two percent now and then.
AMOUNT_WITHIN_FEE = 2.0
AMOUNT_DIFFERS = -6.0
# The same day is usual for transfers of one bank, one day for others; before the declared day is a slip of the pen.
DAYS = {0: 2.1, 1: 1.0, 2: 0.5, 3: 0.0, 4: 0.0, -1: -1.0}
DAYS_OUTSIDE = -4.0
# About one bank in eight sends a given transfer.
BANK_AGREES = 3.0
BANK_DIFFERS = -3.0
# Identity documents are unique, but a customer's other payments carry the same one. Names only support.
PAYER_ID = 4.0
PAYER_NAME = 1.5
# Bank, document and name come from one person and say partly the same.
PERSON_CAP = 6.0

FEE_SHARE = Decimal("0.02")
STRONG = 15.0
POSSIBLE = 6.0


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A transfer as the customer declares it. References and documents as typed or normal, blank for unknown."""

    amount: Decimal
    paid_on: dt.date
    reference: str = ""
    bank_code: str = ""
    payer_id: str = ""
    payer_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A line of the statement. `free` is what of it is not used, `seen` how many lines of this amount thirty days hold
    (itself too), `days` how many business days after the declared date it was booked (negative: before).
    """

    amount: Decimal
    free: Decimal
    days: int
    seen: int = 1
    reference: str = ""
    text: str = ""
    bank_code: str = ""
    payer_id: str = ""
    payer_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What one field says. `mark`: `agrees`, `differs` or `unknown`; `level` names the sentence, `data` fills it."""

    kind: str
    level: str
    mark: str
    weight: float
    data: dict[str, str | int] = field(default_factory=dict)


def weigh(declared: Declared, booked: Booked) -> list[Fact]:
    """Facts about reference, amount, date, bank and payer, in that order; what nobody knows is left out or `unknown`."""
    facts = [_reference(declared, booked), _amount(declared, booked), _date(booked)]
    person = [fact for fact in (_bank(declared, booked), _payer_id(declared, booked), _payer_name(declared, booked)) if fact]
    return facts + _capped(person)


def score(facts: Sequence[Fact]) -> float:
    """Sum of the weights, in bits."""
    return round(sum(fact.weight for fact in facts), 1)


def strength(facts: Sequence[Fact]) -> str:
    """`strong` needs the exact amount and six digits of the reference (or the payer's document); `possible` a fair score."""
    levels = {fact.kind: fact.level for fact in facts}
    points = score(facts)
    proven = levels["reference"] in ("full", "suffix_8", "suffix_6") or (
        levels.get("payer_id") == "agrees" and levels["reference"] != "conflict"
    )
    if points >= STRONG and proven and levels["amount"] == "exact":
        return "strong"
    return "possible" if points >= POSSIBLE else "weak"


def _reference(declared: Declared, booked: Booked) -> Fact:
    """The best agreement with the line's own reference or with a run of digits in its text. Blank agrees with nothing."""
    own = normalize_reference(declared.reference)
    line = normalize_reference(booked.reference)
    runs = [normalize_reference(run) for run in re.findall(r"\d{4,}", booked.text)]
    if not own or not (line or runs):
        return Fact(kind="reference", level="blank", mark="unknown", weight=0.0)
    best = max([line, *runs], key=lambda found: shared_suffix(own, found))
    shared = shared_suffix(own, best)
    contained = shared == min(len(own), len(best))
    if own == best and shared >= 4:
        return Fact(
            kind="reference",
            level="full",
            mark="agrees",
            weight=REFERENCE_LONG if shared >= 8 else REFERENCE_SIX,
            data={"digits": shared},
        )
    if shared >= 8:
        return Fact(kind="reference", level="suffix_8", mark="agrees", weight=REFERENCE_LONG, data={"digits": shared})
    if shared >= 6:
        return Fact(kind="reference", level="suffix_6", mark="agrees", weight=REFERENCE_SIX, data={"digits": shared})
    if shared >= 4 and contained:
        return Fact(kind="reference", level="suffix_4", mark="agrees", weight=REFERENCE_FOUR, data={"digits": shared})
    if not line or min(len(own), len(line)) < 4:
        # A number in the text may be anything, and three digits tell nobody apart.
        return Fact(kind="reference", level="blank", mark="unknown", weight=0.0)
    return Fact(kind="reference", level="conflict", mark="differs", weight=REFERENCE_CONFLICT, data={"tail": line[-6:]})


def _amount(declared: Declared, booked: Booked) -> Fact:
    if declared.amount == booked.free:
        weight = max(AMOUNT_EXACT_LEAST, AMOUNT_EXACT - math.log2(max(1, booked.seen)))
        return Fact(kind="amount", level="exact", mark="agrees", weight=round(weight, 1), data={"count": booked.seen})
    lacking = declared.amount - booked.free
    if 0 < lacking <= declared.amount * FEE_SHARE:
        return Fact(
            kind="amount", level="within_fee", mark="differs", weight=AMOUNT_WITHIN_FEE, data={"difference": str(lacking)}
        )
    level = "less" if lacking > 0 else "more"
    return Fact(kind="amount", level=level, mark="differs", weight=AMOUNT_DIFFERS, data={"difference": str(abs(lacking))})


def _date(booked: Booked) -> Fact:
    weight = DAYS.get(booked.days, DAYS_OUTSIDE)
    level = "same_day" if booked.days == 0 else "later" if booked.days > 0 else "earlier"
    mark = "agrees" if booked.days == 0 else "unknown" if booked.days in DAYS else "differs"
    return Fact(kind="date", level=level, mark=mark, weight=weight, data={"count": abs(booked.days)})


def _bank(declared: Declared, booked: Booked) -> Fact | None:
    if not declared.bank_code:
        return None
    if booked.bank_code == declared.bank_code or re.search(rf"(?<!\d){re.escape(declared.bank_code)}(?!\d)", booked.text):
        return Fact(kind="bank", level="agrees", mark="agrees", weight=BANK_AGREES, data={"code": declared.bank_code})
    if not booked.bank_code:
        return None
    return Fact(
        kind="bank",
        level="differs",
        mark="differs",
        weight=BANK_DIFFERS,
        data={"code": booked.bank_code, "declared": declared.bank_code},
    )


def _payer_id(declared: Declared, booked: Booked) -> Fact | None:
    """Documents by their digits: banks print `J000123456`, people write `J-123456-0`. Only agreement counts."""
    own = re.sub(r"\D", "", declared.payer_id).lstrip("0")
    if len(own) < 5:
        return None
    theirs = [re.sub(r"\D", "", booked.payer_id).lstrip("0"), *(run.lstrip("0") for run in re.findall(r"\d{5,}", booked.text))]
    return Fact(kind="payer_id", level="agrees", mark="agrees", weight=PAYER_ID) if own in theirs else None


def _payer_name(declared: Declared, booked: Booked) -> Fact | None:
    theirs = _words(f"{booked.payer_name} {booked.text}")
    for name in declared.payer_names:
        if len(_words(name) & theirs) >= 2:
            return Fact(kind="payer_name", level="alike", mark="agrees", weight=PAYER_NAME, data={"name": name})
    return None


def _words(text: str) -> frozenset[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(sign))
    return frozenset(word for word in re.findall(r"[A-Z]{3,}", plain))


def _capped(person: list[Fact]) -> list[Fact]:
    """Weights of what comes from one person, together at most `PERSON_CAP`; the last ones shrink."""
    left, facts = PERSON_CAP, []
    for fact in person:
        weight = min(fact.weight, left) if fact.weight > 0 else fact.weight
        left -= max(0.0, weight)
        facts.append(Fact(kind=fact.kind, level=fact.level, mark=fact.mark, weight=round(weight, 1), data=fact.data))
    return facts
