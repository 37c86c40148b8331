"""Weighing, without a database: what speaks for a line, what against, and what nobody knows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from reconciliation.matching import evidence
from reconciliation.matching.evidence import Booked, Declared, Fact, score, strength, weigh

DAY = dt.date(2026, 11, 23)


def declared(**kw: Any) -> Declared:
    kw.setdefault("amount", Decimal(1250))
    return Declared(**{"paid_on": DAY, "reference": "45775572442", **kw})


def booked(**kw: Any) -> Booked:
    kw.setdefault("amount", Decimal(1250))
    kw.setdefault("free", kw["amount"])
    return Booked(**{"days": 0, "reference": "45775572442", **kw})


def fact(kind: str, one: Declared, other: Booked) -> Fact:
    return next(each for each in weigh(one, other) if each.kind == kind)


@pytest.mark.parametrize(
    ("typed", "printed", "level", "digits"),
    [
        ("45775572442", "45775572442", "full", 11),
        ("0045775572442", "45775572442", "full", 11),
        ("75572442", "45775572442", "suffix_8", 8),
        ("572442", "45775572442", "suffix_6", 6),
        ("2442", "45775572442", "suffix_4", 4),
        ("00915926", "00915920", "conflict", None),
        ("99992442", "45772442", "conflict", None),
        ("", "45775572442", "blank", None),
        ("45775572442", "", "blank", None),
        ("", "", "blank", None),
        ("000000", "0", "blank", None),
        ("442", "45775572442", "blank", None),
        ("NONREF", "NONREF", "blank", None),
    ],
)
def test_references_compare_by_their_end_and_blank_agrees_with_nothing(
    typed: str, printed: str, level: str, digits: int | None
) -> None:
    found = fact("reference", declared(reference=typed), booked(reference=printed))
    assert found.level == level
    assert found.data.get("digits") == digits
    assert (found.mark == "agrees") == (digits is not None)


def test_a_reference_inside_the_banks_text_counts() -> None:
    line = booked(reference="", text="TRF.OB 0134 45775572442 PEREZ ALICIA")
    assert fact("reference", declared(), line).level == "full"
    assert fact("bank", declared(bank_code="0134"), line).mark == "agrees"
    stranger = booked(reference="", text="TRF.OB 0134 99999999")
    assert fact("reference", declared(), stranger).level == "blank"


def test_a_common_amount_says_less() -> None:
    weights = [fact("amount", declared(), booked(seen=seen)).weight for seen in (1, 2, 8, 10_000)]
    assert weights == [10.4, 9.4, 7.4, 1.0]


@pytest.mark.parametrize(
    ("free", "level"), [("1250", "exact"), ("1225", "within_fee"), ("1224.99", "less"), ("1250.01", "more"), ("2500", "more")]
)
def test_amounts_are_compared_with_what_is_free(free: str, level: str) -> None:
    assert fact("amount", declared(), booked(amount=Decimal(2500), free=Decimal(free))).level == level


@pytest.mark.parametrize(
    ("days", "mark", "level"),
    [(0, "agrees", "same_day"), (1, "unknown", "later"), (4, "unknown", "later"), (5, "differs", "later"),
     (-1, "unknown", "earlier"), (-2, "differs", "earlier")],
)  # fmt: skip
def test_days_apart(days: int, mark: str, level: str) -> None:
    found = fact("date", declared(), booked(days=days))
    assert (found.mark, found.level) == (mark, level)


def test_banks_and_payers_support_and_are_capped() -> None:
    one = declared(bank_code="0134", payer_id="V-12.345.678", payer_names=("Alicia Pérez",))
    facts = weigh(one, booked(bank_code="0134", payer_id="V12345678", payer_name="PEREZ ALICIA M"))
    person = [each for each in facts if each.kind in ("bank", "payer_id", "payer_name")]
    assert [each.kind for each in person] == ["bank", "payer_id", "payer_name"]
    assert sum(each.weight for each in person) == evidence.PERSON_CAP
    assert fact("bank", one, booked(bank_code="0102")).mark == "differs"
    assert not [each for each in weigh(declared(), booked(bank_code="0102")) if each.kind == "bank"]


def test_strength_needs_amount_and_reference_together() -> None:
    assert strength(weigh(declared(), booked())) == "strong"
    assert strength(weigh(declared(), booked(free=Decimal(1200)))) != "strong"
    assert strength(weigh(declared(reference="2442"), booked())) == "possible"
    assert strength(weigh(declared(reference=""), booked())) == "possible"
    assert strength(weigh(declared(reference=""), booked(seen=500, days=3))) == "weak"
    assert strength(weigh(declared(reference="11111111"), booked())) == "weak"
    with_document = declared(reference="", payer_id="J-123456789", bank_code="0134")
    assert strength(weigh(with_document, booked(payer_id="J123456789", bank_code="0134"))) == "strong"


def test_the_example_of_the_design() -> None:
    facts = weigh(declared(bank_code="0134"), booked(seen=2, bank_code="0134"))
    assert [each.weight for each in facts] == [18.2, 9.4, 2.1, 3.0]
    assert score(facts) == 32.7


def test_one_digit_apart_is_a_conflict_whatever_the_amount() -> None:
    facts = weigh(declared(reference="00915926"), booked(reference="00915920"))
    assert fact("reference", declared(reference="00915926"), booked(reference="00915920")).data == {"tail": "915920"}
    assert strength(facts) == "weak"
