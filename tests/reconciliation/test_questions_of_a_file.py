"""What a waiting file asks before it may come in together with others: of itself, and of the days before it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from reconciliation.import_words import question_in_words
from reconciliation.importing.questions import questions_of
from reconciliation.models import StatementImport

MONDAY = dt.date(2026, 11, 2)
DAY = {"from": "2026-10-30", "to": "2026-10-30"}
CONTINUITY = {"code": "continuity", "expected": "100.00", "found": "150.00", "line": 0}


def file(pk: int, first: int = 0, last: int = 4, **known: Any) -> StatementImport:
    """A preview of an account, of days counted from a Monday."""
    days = {"first_day": MONDAY + dt.timedelta(days=first), "last_day": MONDAY + dt.timedelta(days=last)}
    return StatementImport(
        **{"pk": pk, "account_id": 1, "state": "preview", "file_name": f"{pk}.csv", "sha256": str(pk), **days, **known}
    )


def test_every_question_has_its_words() -> None:
    held = file(1, facts={"overlap": {"from": "2026-11-02", "to": "2026-11-03", "lines": 0}, "gap": DAY})
    for question in questions_of([held], {1: 2})[1]:
        assert "%" not in question_in_words(question, "VES")


def asked(*files: StatementImport, rows: dict[int, int] | None = None) -> dict[int, list[str]]:
    return {pk: [each.code for each in found] for pk, found in questions_of(files, rows or {}).items()}


@pytest.mark.parametrize(
    ("known", "codes"),
    [
        ({}, []),
        ({"state": "asking", "account_id": None, "first_day": None, "last_day": None}, ["asking"]),
        ({"state": "refused", "refusal": {"code": "empty", "detail": "", "line": 0}}, ["refused"]),
        ({"refusal": {"code": "crashed", "detail": "", "line": 0}}, ["refused"]),
        ({"state": "held", "problems": [{"code": "totals", "expected": "1", "found": "2", "line": 0}]}, ["problem"]),
        ({"state": "held", "problems": [CONTINUITY]}, ["problem"]),
        ({"same_as_id": 9}, ["same"]),
        ({"facts": {"gap": {"from": "2026-10-30", "to": "2026-10-30"}}}, ["gap"]),
        ({"facts": {"overlap": {"from": "2026-11-02", "to": "2026-11-03", "lines": 0}}}, ["unknown_days"]),
        ({"facts": {"overlap": {"from": "2026-11-02", "to": "2026-11-03", "lines": 1}}}, []),
        ({"first_day": None, "last_day": None}, []),
    ],
)
def test_a_file_asks_for_what_is_odd_about_it(known: dict[str, Any], codes: list[str]) -> None:
    assert asked(file(1, **known)) == {1: codes}


def test_rows_that_nobody_decided_are_a_question_and_decided_ones_are_none() -> None:
    odd = file(1, lines_rejected=2, lines_in_file=2)
    assert asked(odd, rows={1: 1}) == {1: ["rows"]}
    assert asked(odd) == {1: []}


def test_what_is_missing_before_a_file_may_come_in_with_it() -> None:
    before = file(1, 0, 4, opening=Decimal(100), closing=Decimal(150))
    held = file(2, 7, 11, state="held", problems=[CONTINUITY], opening=Decimal(150), closing=Decimal(170))
    third = file(3, 14, 18, state="held", problems=[CONTINUITY], opening=Decimal(170))
    assert asked(third, held, before) == {1: [], 2: [], 3: []}
    # Alone, after one that asks something itself, and of another account it asks.
    assert asked(held, third) == {2: ["problem"], 3: ["problem"]}
    assert asked(before, held, third, rows={1: 1}) == {1: ["rows"], 2: ["problem"], 3: ["problem"]}
    elsewhere = file(4, 0, 4, account_id=2, opening=Decimal(100), closing=Decimal(150))
    assert asked(elsewhere, held) == {4: [], 2: ["problem"]}


def test_days_between_two_files_that_wait_are_a_question_though_neither_asked_alone() -> None:
    assert asked(file(1, 0, 4), file(2, 7, 11)) == {1: [], 2: []}
    assert asked(file(1, 0, 4), file(2, 9, 11)) == {1: [], 2: ["gap"]}
    one, other = file(1, closing=Decimal(5)), file(2, 7, 11, opening=Decimal(6))
    assert asked(one, other) == {1: [], 2: ["problem"]}
    filled = file(3, 7, 11, facts={"gap": {"from": "2026-11-02", "to": "2026-11-06"}, "previous": {"to": "2026-10-30"}})
    assert asked(file(1, 0, 4), filled) == {1: [], 3: []}


def test_of_two_files_that_share_days_one_comes_first() -> None:
    assert asked(file(2), file(1)) == {1: [], 2: ["shares"]}
    assert asked(file(1), file(2, 4, 8), file(3, 9, 10)) == {1: [], 2: ["shares"], 3: ["gap"]}
