"""A profile is typed by people: what cannot work is told field by field, and nothing that can hang is taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.statements.profile import Profile, ProfileInvalid

GOOD = {"format": "csv", "columns": {"date": 1, "amount": "Monto", "text": ["Concepto", 4]}}


def test_a_profile_goes_through_json_unchanged() -> None:
    profile = Profile.from_json(GOOD)
    assert Profile.from_json(profile.to_json()) == profile
    assert profile.columns["text"] == ("Concepto", 4)


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"format": "pdf"}, {"format": "choice"}),
        ({"format": ["csv"]}, {"format": "choice"}),
        ({"colour": "red"}, {"colour": "unknown"}),
        ({"columns": {}}, {"columns.date": "needed", "columns.amount": "needed"}),
        ({"columns": {"date": 1}}, {"columns.amount": "needed"}),
        ({"columns": {"date": 1, "amount": 0}}, {"columns.amount": "place"}),
        ({"columns": {"date": 1, "amount": True}}, {"columns.amount": "place"}),
        ({"columns": {"date": 1, "amount": ""}}, {"columns.amount": "place"}),
        ({"columns": {"date": 1, "amount": 2, "colour": 3}}, {"columns.colour": "unknown"}),
        ({"columns": {"date": "Fecha", "amount": 2}, "header_row": False}, {"columns.date": "place"}),
        ({"columns": [1, 2]}, {"columns": "type"}),
        ({"separator": "x"}, {"separator": "choice"}),
        ({"skip_header": -1}, {"skip_header": "range"}),
        ({"skip_header": "2"}, {"skip_header": "type"}),
        ({"decimal": ",", "thousands": ","}, {"thousands": "same"}),
        ({"date_format": "%d/%m"}, {"date_format": "date_format"}),
        ({"amount_style": "debit_credit"}, {"columns.debit": "needed", "columns.credit": "needed"}),
        ({"amount_style": "amount_mark"}, {"columns.mark": "needed"}),
        ({"start_after": "x" * 100}, {"start_after": "too_long"}),
        ({"start_after": "a\x00"}, {"start_after": "type"}),
        ({"ignore": "Total"}, {"ignore": "type"}),
        ({"ignore": [" "]}, {"ignore": "range"}),
        ({"patterns": {"amount": "(.)"}}, {"patterns.amount": "unknown"}),
        ({"patterns": {"reference": "REF"}}, {"patterns.reference": "pattern_group"}),
        ({"patterns": {"reference": "(a)(b)"}}, {"patterns.reference": "pattern_group"}),
        ({"patterns": {"reference": "("}}, {"patterns.reference": "pattern"}),
        ({"patterns": {"reference": "(a+)+"}}, {"patterns.reference": "pattern_nested"}),
        ({"patterns": {"reference": "(?:a|aa)*(b)"}}, {"patterns.reference": "pattern_nested"}),
        ({"patterns": {"reference": "(?:.*){9}(b)"}}, {"patterns.reference": "pattern_nested"}),
        ({"patterns": {"reference": ".*.*.*.*.*.*.*(b)"}}, {"patterns.reference": "pattern_nested"}),
        ({"patterns": {"reference": r"(a)\1"}}, {"patterns.reference": "pattern_refused"}),
        ({"patterns": {"reference": "(?=.*x)(a)"}}, {"patterns.reference": "pattern_refused"}),
        ({"patterns": {"reference": "a" * 201}}, {"patterns.reference": "too_long"}),
        ({"patterns": {"reference": 5}}, {"patterns.reference": "type"}),
        ({"format": "fixed", "columns": {"date": [1, 8], "amount": [9]}}, {"columns.amount": "place"}),
        ({"format": "fixed", "columns": {"date": [1, 8], "amount": [9, 50]}, "row_length": 40}, {"columns.amount": "place"}),
    ],
)
def test_each_mistake_is_told_beside_its_field(change: dict[str, Any], errors: dict[str, str]) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        Profile.from_json(GOOD | change)
    assert refused.value.errors == errors


def test_marks_for_debit_and_credit_may_not_be_the_same() -> None:
    marks = {
        "amount_style": "amount_mark",
        "columns": {"date": 1, "amount": 2, "mark": 3},
        "debit_marks": ["D"],
        "credit_marks": ["d"],
    }
    with pytest.raises(ProfileInvalid) as refused:
        Profile.from_json(GOOD | marks)
    assert refused.value.errors == {"credit_marks": "same"}


@pytest.mark.parametrize("data", [None, [], "csv", 5])
def test_what_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(ProfileInvalid):
        Profile.from_json(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.text(max_size=12),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3),
    max_leaves=5,
)
NAMES = ["format", "columns", "patterns", "ignore", "date_format", "row_length", "decimal", "debit_marks"]


@given(data=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_any_typed_values_make_a_profile_or_errors(data: dict[str, Any]) -> None:
    try:
        profile = Profile.from_json(data)
    except ProfileInvalid:
        return
    assert Profile.from_json(profile.to_json()) == profile
