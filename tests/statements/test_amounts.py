"""Amounts and dates: read as the profile says, or refused. Never 0.00, never a guess."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.statements.amounts import Signs, read_amount
from reconciliation.statements.dates import date_format_error, read_date
from reconciliation.statements.unreadable import Unreadable

SPANISH = Signs(",", ".", 0, 2)
ENGLISH = Signs(".", ",", 0, 2)
IMPLIED = Signs(",", "", 2, 2)


@pytest.mark.parametrize(
    ("text", "signs", "amount"),
    [
        ("1.234,56", SPANISH, "1234.56"),
        ("1,234.56", ENGLISH, "1234.56"),
        ("1.234", SPANISH, "1234"),
        ("1,234", ENGLISH, "1234"),
        ("75,00", SPANISH, "75"),
        ("+13.000.000,00", SPANISH, "13000000"),
        ("-23,5", SPANISH, "-23.5"),
        ("−23.00", ENGLISH, "-23"),
        ("23.00-", ENGLISH, "-23"),
        ("(23.00)", ENGLISH, "-23"),
        ("23.00 DR", ENGLISH, "-23"),
        ("23.00 D", ENGLISH, "-23"),
        ("23.00 CR", ENGLISH, "23"),
        ("Bs. 1.234,50", SPANISH, "1234.5"),
        ("Bs.S 1.234,50", SPANISH, "1234.5"),
        ("$1,200.00", ENGLISH, "1200"),
        ("-$1,200.00", ENGLISH, "-1200"),
        ("1 234,56", Signs(",", " ", 0, 2), "1234.56"),
        ("1\u202f234,56", Signs(",", " ", 0, 2), "1234.56"),
        ("1'234.56", Signs(".", "'", 0, 2), "1234.56"),
        (".53", ENGLISH, "0.53"),
        ("8.8500", ENGLISH, "8.85"),
        ("000000000000083300", IMPLIED, "833"),
        ("5", IMPLIED, "0.05"),
    ],
)
def test_amounts_are_read_as_the_profile_says(text: str, signs: Signs, amount: str) -> None:
    assert read_amount(text, signs, "amount")[0] == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "signs", "code"),
    [
        ("1.234", ENGLISH, "too_fine"),
        ("1,234", Signs(",", ".", 0, 2), "too_fine"),
        ("1.23", SPANISH, "amount"),
        ("1,23", ENGLISH, "amount"),
        ("12.34,56", SPANISH, "amount"),
        ("1.234.56", ENGLISH, "amount"),
        ("12x4,56", SPANISH, "amount"),
        ("12..34", ENGLISH, "amount"),
        ("1e9", ENGLISH, "amount"),
        ("1E9", ENGLISH, "amount"),
        ("NaN", ENGLISH, "amount"),
        ("inf", ENGLISH, "amount"),
        ("12,", SPANISH, "amount"),
        ("", SPANISH, "amount"),
        ("--5", ENGLISH, "amount"),
        ("-5-", ENGLISH, "sign"),
        ("(-5)", ENGLISH, "sign"),
        ("-5 CR", ENGLISH, "sign"),
        ("(5", ENGLISH, "amount"),
        ("5%", ENGLISH, "amount"),
        ("#####", ENGLISH, "amount"),
        ("１２", ENGLISH, "amount"),
        ("١٢", ENGLISH, "amount"),
        ("1000000000000", ENGLISH, "too_large"),
        ("9" * 40, ENGLISH, "amount"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, signs: Signs, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_amount(text, signs, "amount")
    assert (refused.value.code, refused.value.column) == (code, "amount")


def test_a_currency_without_decimals_has_none() -> None:
    assert read_amount("1.500", Signs(",", ".", 0, 0), "amount")[0] == 1500
    with pytest.raises(Unreadable, match="too_fine"):
        read_amount("1.500,5", Signs(",", ".", 0, 0), "amount")


@pytest.mark.parametrize(("cell", "amount"), [("30000.770000000004", "30000.77"), ("-0.1", "-0.1"), ("1E+3", "1000")])
def test_a_workbooks_dust_is_no_decimals(cell: str, amount: str) -> None:
    assert read_amount(Decimal(cell), ENGLISH, "amount")[0] == Decimal(amount)


@pytest.mark.parametrize(
    ("cell", "code"), [("1.234", "too_fine"), ("NaN", "amount"), ("Infinity", "amount"), ("1E+300", "too_large")]
)
def test_a_workbooks_bad_numbers_are_refused(cell: str, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        read_amount(Decimal(cell), ENGLISH, "amount")


CENTS = st.integers(min_value=-(10**14) + 1, max_value=10**14 - 1)


@given(cents=CENTS, decimal=st.sampled_from(",."), grouped=st.booleans())
def test_what_is_written_is_what_is_read(cents: int, decimal: str, grouped: bool) -> None:
    amount = Decimal(cents).scaleb(-2)
    thousands = "." if decimal == "," else ","
    text = f"{amount:,.2f}" if grouped else f"{amount:.2f}"
    text = text.translate({ord(","): thousands, ord("."): decimal})
    assert read_amount(text, Signs(decimal, thousands, 0, 2), "amount")[0] == amount


@given(cents=CENTS, sign=st.sampled_from(["(%s)", "%s-", "−%s", "%s DR", "-%s"]))
def test_every_way_of_writing_a_debit_is_the_same_debit(cents: int, sign: str) -> None:
    amount = abs(Decimal(cents).scaleb(-2))
    assert read_amount(sign % f"{amount:,.2f}", ENGLISH, "amount")[0] == -amount


@given(text=st.text(max_size=30), signs=st.sampled_from([SPANISH, ENGLISH, IMPLIED]))
def test_any_text_is_an_amount_or_a_refusal(text: str, signs: Signs) -> None:
    try:
        amount, _signed = read_amount(text, signs, "amount")
    except Unreadable:
        return
    assert amount.is_finite()
    assert any(sign in "0123456789" for sign in text)
    assert amount == 0 or any(sign in "123456789" for sign in text)


@given(number=st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_of_a_workbook_is_an_amount_or_a_refusal(number: float) -> None:
    try:
        amount, _signed = read_amount(Decimal(repr(number)), ENGLISH, "amount")
    except Unreadable:
        return
    assert abs(amount - Decimal(repr(number))) <= Decimal("0.000001")


@pytest.mark.parametrize(
    ("text", "written", "day"),
    [
        ("05/11/2026", "%d/%m/%Y", "2026-11-05"),
        ("05/11/2026", "%m/%d/%Y", "2026-05-11"),
        ("5/1/2026", "%d/%m/%Y", "2026-01-05"),
        ("01112026", "%d%m%Y", "2026-11-01"),
        ("261101", "%y%m%d", "2026-11-01"),
        ("05-nov-2026", "%d-%b-%Y", "2026-11-05"),
        ("5 de noviembre de 2026", "%d de %B de %Y", "2026-11-05"),
        ("5 Sept. 2026", "%d %b %Y", "2026-09-05"),
        ("2026-11-05 23:59:10", "%Y-%m-%d %H:%M:%S", "2026-11-05"),
    ],
)
def test_dates_are_read_as_the_profile_says(text: str, written: str, day: str) -> None:
    assert read_date(text, written) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["31/02/2026", "00/11/2026", "13/13/2026", "1/11/26", "05-11-2026", "05/11/2026x", "٠٥/11/2026", "", "0"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_date(text, "%d/%m/%Y")
    assert refused.value.code == "date"


@pytest.mark.parametrize("text", ["01/01/1900", "01/01/2101", "01/01/0001"])
def test_an_unlikely_year_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="date_unlikely"):
        read_date(text, "%d/%m/%Y")


@pytest.mark.parametrize("written", ["", "%d/%m", "%d/%m/%Y %d", "%q/%m/%Y", "%d/%m/%Y%", "%d/%m/%Y/%y", 5, None])
def test_a_date_format_names_day_month_and_year_once(written: object) -> None:
    assert date_format_error(written)


@given(
    day=st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
    written=st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%y%m%d", "%m-%d-%Y"]),
)
def test_every_day_is_read_back(day: dt.date, written: str) -> None:
    assert read_date(day.strftime(written), written) == day
