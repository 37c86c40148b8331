"""Equal payments of one customer: what tells them apart, and when nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from reconciliation.matching.decide import Proposal, Result, propose
from reconciliation.matching.policy import Policy
from tests.matching.makers import DAY, make_lines, make_transfers

PAYER = {"payer_id": "V12345678"}
NUMBERED = {**PAYER, "reference": "45775572442", "bank_code": "0134"}
MINE = {"group": 7}


def run(transfers: list[dict[str, Any]], lines: list[dict[str, Any]], policy: Policy | None = None) -> Result:
    return propose(make_transfers(*transfers), make_lines(*lines), None, policy or Policy())


def first(result: Result, transfer: int = 1) -> Proposal:
    return next(found for found in result if found.chosen and transfer in found.transfers)


def test_a_document_alone_proves_only_what_the_bank_booked_on_that_day() -> None:
    assert first(run([PAYER], [PAYER])).automatic
    assert first(run([PAYER], [{**PAYER, "day": DAY + 1}])).why_not == ("unproven",)
    resting = Policy(resting=frozenset({DAY, DAY + 1}))
    assert first(run([PAYER], [{**PAYER, "day": DAY + 2}], resting)).why_not == ("unproven",)
    # With some digits of the number the day does not matter.
    assert first(run([{**PAYER, "reference": "2442"}], [{**NUMBERED, "day": DAY + 2}])).automatic


@pytest.mark.parametrize("place", [0, 1])
def test_a_payers_second_payment_in_those_days_leaves_open_which_one_it_is(place: int) -> None:
    other = {**NUMBERED, "amount": 90}
    sides: list[list[dict[str, Any]]] = [[{**PAYER, **MINE}], [PAYER]]
    assert first(run(sides[0], sides[1])).automatic
    sides[place].append({**other, **MINE} if place == 0 else other)
    assert first(run(sides[0], sides[1])).why_not == ("unproven",)
    sides[place][-1] = {**sides[place][-1], "day": DAY + 5}
    assert first(run(sides[0], sides[1])).automatic


@pytest.mark.parametrize("place", [0, 1])
def test_a_week_end_between_two_payments_of_a_payer_leaves_it_open_too(place: int) -> None:
    """One was paid on Saturday and booked on Monday, its number mistyped; the other was of Monday, and its money never came."""
    sides: list[list[dict[str, Any]]] = [[{**PAYER, **MINE}], [PAYER]]
    sides[place].append({**NUMBERED, "amount": 90, **(MINE if place == 0 else {}), "day": DAY - 2})
    assert first(run(sides[0], sides[1])).automatic
    resting = Policy(resting=frozenset({DAY - 2, DAY - 1}))
    assert first(run(sides[0], sides[1], resting)).why_not == ("unproven",)


def test_a_second_report_without_money_that_fits_as_well_asks() -> None:
    blank = {**PAYER, **MINE}
    assert first(run([{**NUMBERED, **MINE}], [NUMBERED])).automatic
    assert first(run([{**NUMBERED, **MINE}, blank], [NUMBERED])).why_not == ("margin_line",)
    # Six digits hide most of the number.
    six, other = {**NUMBERED, **MINE, "reference": "572442"}, {**blank, "reference": "45775572924"}
    assert first(run([six, other], [NUMBERED])).why_not == ("margin_line",)
    # It fits no longer: another day, another number, another customer.
    assert first(run([{**NUMBERED, **MINE}, {**blank, "day": DAY - 1}], [NUMBERED])).automatic
    assert first(run([{**NUMBERED, **MINE}, {**blank, "reference": "99118822"}], [NUMBERED])).automatic
    assert first(run([{**NUMBERED, **MINE}, blank], [NUMBERED, {**PAYER, "day": DAY + 1}])).why_not == ("margin_line",)
    assert first(run([{**NUMBERED, **MINE}, {**blank, "group": 8}], [NUMBERED])).automatic


@pytest.mark.parametrize(
    ("reference", "day"),
    [
        # A digit was mistyped, and it is the number of another payment.
        ("45775572924", 0),
        # The date instead of the number; a day before; booked late.
        ("20261108", 0),
        ("", -1),
        ("20261108", -6),
    ],
)
def test_two_equal_reports_and_money_for_one_of_them_asks(reference: str, day: int) -> None:
    eight, other = {**NUMBERED, **MINE, "reference": "75572442"}, {**PAYER, **MINE, "reference": reference, "day": DAY + day}
    assert first(run([eight], [NUMBERED])).automatic
    assert first(run([eight, other], [NUMBERED])).why_not == ("margin_line",)
    # Money for both; another amount; another customer; too long ago; the whole number.
    paid = {"reference": "88880000111", "day": DAY + day}
    assert first(run([eight, {**other, **paid}], [NUMBERED, {**PAYER, **paid}])).automatic
    assert first(run([eight, {**other, "amount": 90}], [NUMBERED])).automatic
    assert first(run([eight, {**other, "group": 8, "payer_id": ""}], [NUMBERED])).automatic
    assert first(run([eight, {**other, "day": DAY - 9}], [NUMBERED])).automatic
    if reference:
        assert first(run([{**NUMBERED, **MINE}, other], [NUMBERED])).automatic


def test_a_document_alone_asks_when_an_equal_report_has_no_money_whenever_it_was_declared() -> None:
    assert first(run([{**PAYER, **MINE}], [PAYER])).automatic
    assert first(run([{**PAYER, **MINE}, {**PAYER, **MINE, "day": DAY - 12}], [PAYER])).why_not == ("margin_line",)
    assert first(run([{**PAYER, **MINE}, {**PAYER, **MINE, "day": DAY - 12, "amount": 90}], [PAYER])).automatic


def test_a_silent_deposit_of_the_amount_may_be_the_one_as_well() -> None:
    assert first(run([PAYER], [PAYER, {}])).why_not == ("margin_transfer",)
    assert first(run([PAYER], [PAYER, {"payer_id": "V87654321"}])).automatic
    assert first(run([PAYER], [PAYER, {"payer_name": "OTRA PERSONA"}])).automatic
    assert first(
        run([PAYER, {**NUMBERED, "payer_id": "", "payer_names": ("X",)}], [PAYER, {**NUMBERED, "payer_id": ""}])
    ).automatic


def test_a_number_that_two_deposits_end_with_asks() -> None:
    lines = [{**NUMBERED, "reference": "62555581"}, {"reference": "65555581"}]
    assert first(run([{**PAYER, "reference": "555581", "bank_code": "0134"}], lines)).why_not == ("margin_transfer",)
    assert first(run([{**PAYER, "reference": "62555581", "bank_code": "0134"}], lines)).automatic


def test_a_zero_that_both_sides_show_is_a_digit() -> None:
    typed, printed = {"reference": "27374", "zeros": 1}, {"reference": "27374", "zeros": 8}
    assert first(run([typed], [printed])).automatic
    assert first(run([typed], [{"reference": "98027374"}])).automatic
    assert first(run([typed], [{"text": "TRF 98027374"}])).automatic
    assert first(run([{**typed, "zeros": 0}], [printed])).why_not == ("unproven",)
    assert first(run([typed], [{**printed, "zeros": 0}])).why_not == ("unproven",)
    assert first(run([typed], [{"reference": "98127374"}])).why_not == ("unproven",)
    assert first(run([{"reference": "7374", "zeros": 2}], [{"reference": "7374", "zeros": 2}])).why_not == ("unproven",)


def test_the_same_customers_report_of_another_amount_that_names_the_deposit_asks() -> None:
    mistyped = {**NUMBERED, **MINE, "amount": 12500}
    assert first(run([{**NUMBERED, **MINE}, mistyped], [NUMBERED])).why_not == ("flagged",)
    assert first(run([{**NUMBERED, **MINE}, {**mistyped, "group": 8}], [NUMBERED])).automatic
