"""Evidence that a statement line is a declared transfer: one fact per field, each with a weight, never one bare number.

One pair at a time, in words and exactly; `vectors` weighs many pairs at once and gives the same weights. The weights and their
reasons stand in `weights`.
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
from reconciliation.matching.weights import (
    AMOUNT_DIFFERS,
    AMOUNT_EXACT,
    AMOUNT_EXACT_LEAST,
    AMOUNT_WITHIN_FEE,
    BANK_AGREES,
    BANK_DIFFERS,
    DAYS,
    DAYS_OUTSIDE,
    FEE_SHARE,
    FOUR,
    LONG,
    PAYER_ID,
    PAYER_NAME,
    PERSON_CAP,
    POSSIBLE,
    REFERENCE_CONFLICT,
    REFERENCE_FOUR,
    REFERENCE_LONG,
    REFERENCE_LONG_HEAD_DIFFERS,
    REFERENCE_SIX,
    REFERENCE_SIX_HEAD_DIFFERS,
    SIX,
    STRONG,
)

ACCENTS = re.compile("[\u0300-\u036f]")
WORD = re.compile(r"[A-Z]{3,}")
RUN = re.compile(r"[0-9]{4,}")
NO_DIGIT = re.compile(r"[^0-9]")
# Words that mean "none" begin with N or S; these may be such a word and are looked at.
NORMAL = re.compile(r"[1-9A-MO-RT-Z][0-9A-Z]*")


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
    (itself too), `days` how many business days after the declared date it was booked (negative: before). `tolerated` names why
    the account takes a difference of this size and direction (`bank_fee`, `withholding` …), blank when it does not.
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
    tolerated: str = ""


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
    known = {fact.kind: fact for fact in facts}
    reference, points = known["reference"], score(facts)
    proven = (reference.weight >= REFERENCE_SIX) or ("payer_id" in known and reference.level != "conflict")
    if points >= STRONG and proven and known["amount"].level == "exact":
        return "strong"
    return "possible" if points >= POSSIBLE else "weak"


def _reference(declared: Declared, booked: Booked) -> Fact:
    """The best agreement with the line's own reference or with a run of digits in its text. Blank agrees with nothing."""
    own, line = _normal(declared.reference), _normal(booked.reference)
    runs = [run.lstrip("0") for run in RUN.findall(booked.text)]
    levels = [level for level in (_agreement(own, found) for found in (line, *runs)) if level]
    if levels:
        weight, digits, level, head = max(levels)
        data: dict[str, str | int] = {"digits": digits, **({"head": "differs"} if head else {})}
        return Fact(kind="reference", level=level, mark="agrees", weight=weight, data=data)
    if min(len(own), len(line)) < FOUR:
        # Blank, or three digits, which tell nobody apart; a number in the text alone may be anything.
        return Fact(kind="reference", level="blank", mark="unknown", weight=0.0)
    return Fact(kind="reference", level="conflict", mark="differs", weight=REFERENCE_CONFLICT, data={"tail": line[-6:]})


def _agreement(own: str, found: str) -> tuple[float, int, str, bool] | None:
    """Weight, digits, level and whether both go on differently; nothing when the ends do not agree."""
    shared = shared_suffix(own, found)
    head = shared < min(len(own), len(found))
    if shared < (SIX if head else FOUR):
        return None
    level = "suffix_8" if shared >= LONG else "suffix_6" if shared >= SIX else "suffix_4"
    if own == found:
        level = "full"
    if head:
        return REFERENCE_LONG_HEAD_DIFFERS if shared >= LONG else REFERENCE_SIX_HEAD_DIFFERS, shared, level, head
    return REFERENCE_LONG if shared >= LONG else REFERENCE_SIX if shared >= SIX else REFERENCE_FOUR, shared, level, head


def _amount(declared: Declared, booked: Booked) -> Fact:
    if declared.amount == booked.free:
        weight = max(AMOUNT_EXACT_LEAST, AMOUNT_EXACT - math.log2(max(1, booked.seen)))
        return Fact(kind="amount", level="exact", mark="agrees", weight=round(weight, 1), data={"count": booked.seen})
    lacking = declared.amount - booked.free
    data: dict[str, str | int] = {"difference": str(abs(lacking))}
    if booked.tolerated:
        data["reason"] = booked.tolerated
    within = 0 < lacking <= declared.amount * FEE_SHARE
    level = "within_fee" if within else "less" if lacking > 0 else "more"
    weight = AMOUNT_WITHIN_FEE if within or booked.tolerated else AMOUNT_DIFFERS
    return Fact(kind="amount", level=level, mark="differs", weight=weight, data=data)


def _date(booked: Booked) -> Fact:
    weight = DAYS.get(booked.days, DAYS_OUTSIDE)
    level = "same_day" if booked.days == 0 else "later" if booked.days > 0 else "earlier"
    mark = "agrees" if booked.days == 0 else "unknown" if booked.days in DAYS else "differs"
    return Fact(kind="date", level=level, mark=mark, weight=weight, data={"count": abs(booked.days)})


def _bank(declared: Declared, booked: Booked) -> Fact | None:
    if not declared.bank_code:
        return None
    if booked.bank_code == declared.bank_code or re.search(rf"(?<![0-9]){re.escape(declared.bank_code)}(?![0-9])", booked.text):
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
    own = NO_DIGIT.sub("", declared.payer_id).lstrip("0")
    if len(own) < 5:
        return None
    theirs = [NO_DIGIT.sub("", booked.payer_id), *(run for run in RUN.findall(booked.text) if len(run) >= 5)]
    if own not in (number.lstrip("0") for number in theirs):
        return None
    return Fact(kind="payer_id", level="agrees", mark="agrees", weight=PAYER_ID)


def _payer_name(declared: Declared, booked: Booked) -> Fact | None:
    theirs = _words(f"{booked.payer_name} {booked.text}")
    for name in declared.payer_names:
        if len(_words(name) & theirs) >= 2:
            return Fact(kind="payer_name", level="alike", mark="agrees", weight=PAYER_NAME, data={"name": name})
    return None


def folded(text: str) -> str:
    """Upper case without accents."""
    if text.isascii():
        return text.upper()
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", text.upper()))
    return plain if plain.isascii() else "".join(sign for sign in plain if not unicodedata.combining(sign))


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(folded(text)))


def _normal(reference: str) -> str:
    """What is normal stays; what is not is made so."""
    return reference if NORMAL.fullmatch(reference) else normalize_reference(reference)


def _capped(person: list[Fact]) -> list[Fact]:
    """Weights of what comes from one person, together at most `PERSON_CAP`; the last ones shrink."""
    left, facts = PERSON_CAP, []
    for fact in person:
        weight = min(fact.weight, left) if fact.weight > 0 else fact.weight
        left -= max(0.0, weight)
        facts.append(Fact(kind=fact.kind, level=fact.level, mark=fact.mark, weight=round(weight, 1), data=fact.data))
    return facts
