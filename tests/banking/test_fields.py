"""Amounts and references as people write them, with a sentence for each mistake."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from banking.forms import AmountField, ReferenceField, amount_sentence
from banking.money import convert, format_money, money_in_words, quantize
from banking.references import group_reference, normalize_reference, same_reference


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1234,5", "1234.50"), ("1234.5", "1234.50"), ("1.234", "1234.00"),
        ("0,5", "0.50"), ("12.345.678", "12345678.00"), ("Bs. 1.250,00", "1250.00"), ("$ 20", "20.00"), (" 1 234,50 ", "1234.50"),
    ],
)  # fmt: skip
def test_reads_amounts_with_either_decimal_sign(typed: str, amount: str) -> None:
    assert AmountField(currency="VES").clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0", "zero"), ("0,00", "zero"), ("-5", "negative"), ("1e3", "unreadable"), ("NaN", "unreadable"),
        ("1.2.3", "unreadable"), ("diez", "unreadable"), ("1,234,5", "unreadable"), ("10000000000000", "too_large"),
        ("1,2345", "too_fine"),
        ("9" * 100, "unreadable"), ("١٢", "unreadable"), ("1\x00", "unreadable"),
    ],
)  # fmt: skip
def test_refuses_amounts_with_a_sentence(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        AmountField(currency="USD").clean(typed)
    assert error.value.code == code
    for language in ("es", "en"):
        with translation.override(language):
            assert amount_sentence(code, "USD").endswith(".")


def test_an_amount_that_is_missing_is_asked_for() -> None:
    with pytest.raises(ValidationError) as error:
        AmountField().clean("  ")
    assert error.value.code == "required"
    assert AmountField(required=False).clean("") is None
    assert AmountField().clean("5") == Decimal("5.00")


@pytest.mark.parametrize(
    ("typed", "kept"), [("0045 7755-7244 2", "0045 7755-7244 2"), (" AB12 ", "AB12"), ("000000575202", "000000575202")]
)
def test_keeps_references_as_typed(typed: str, kept: str) -> None:
    assert ReferenceField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "----", "0000", "S/R", "N/A", "hola", "x" * 41, "NONREF"])
def test_refuses_blank_and_absurd_references(typed: str) -> None:
    with pytest.raises(ValidationError):
        ReferenceField().clean(typed)


def test_references_compare_by_their_end() -> None:
    assert normalize_reference("0000-575202") == "575202"
    assert same_reference("575202", normalize_reference("000000575202"))
    assert same_reference(normalize_reference("254151380"), normalize_reference("000254151380"))
    assert not same_reference("", "")
    assert not same_reference("123456", "923457")
    assert group_reference("00457755") == "0045 7755"


def test_rounds_half_up_in_one_place() -> None:
    assert quantize(Decimal("1.005"), "USD") == Decimal("1.01")
    assert quantize(Decimal("1.5"), "CLP") == Decimal("2")
    assert convert(Decimal("33.60"), Decimal("36.5127"), "VES") == Decimal("1226.83")


def test_writes_money_as_each_language_does() -> None:
    assert format_money(Decimal("1234.5"), "VES", "es") == "Bs\u00a01.234,50"
    assert format_money(Decimal("-1234.5"), "USD", "en") == "USD\u00a0−1,234.50"
    assert money_in_words(Decimal("1250.50"), "VES", "es") == "mil doscientos cincuenta bolívares con 50/100"
