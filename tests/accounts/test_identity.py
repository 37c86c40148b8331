"""Telephones are read as people write them; a tax number that looks odd warns and never blocks."""

from __future__ import annotations

import pytest

from accounts.forms import CustomerForm
from accounts.identity import read_phone, show_phone, tax_id_warning
from accounts.models import Merchant
from accounts.text import fold


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("0424 123 45 67", "VE", "+584241234567"),
        ("04241234567", "VE", "+584241234567"),
        ("584240000000", "VE", "+584240000000"),
        ("00584247776589", "VE", "+584247776589"),
        ("+58 (424) 123-4567", "VE", "+584241234567"),
        ("099 123 4567", "EC", "+593991234567"),
        ("hola", "VE", ""),
        ("12", "VE", ""),
        ("", "VE", ""),
        ("9" * 60, "VE", ""),
        ("\x00", "VE", ""),
    ],
)
def test_reads_telephones(typed: str, country: str, number: str) -> None:
    assert read_phone(typed, country) == number


def test_shows_telephones_in_groups() -> None:
    assert show_phone("+584241234567") == "+58 424-1234567"
    assert show_phone("not one") == "not one"


@pytest.mark.parametrize(
    ("tax_id", "country", "warns"),
    [
        ("J-07013380-5", "VE", False),
        ("J-07013380-4", "VE", True),
        ("C-20000000-1", "VE", False),
        ("V-12345678", "VE", False),
        ("213.123.432-1", "CO", False),
        ("1792060346001", "EC", False),
        ("1792060347001", "EC", True),
        ("1714307103", "EC", False),
        ("20-05536168-2", "AR", False),
        ("XAXX010101000", "MX", False),
        ("anything", "US", False),
        ("", "VE", False),
    ],
)
def test_warns_of_odd_tax_numbers(tax_id: str, country: str, warns: bool) -> None:
    assert bool(tax_id_warning(tax_id, country)) is warns


def test_a_form_with_an_odd_tax_number_is_valid_and_warns() -> None:
    merchant = Merchant(country="VE", default_language="es")
    form = CustomerForm({"name": "A", "tax_id": "J-07013380-4", "language": "es"}, merchant=merchant)
    assert form.is_valid()
    assert "J-07013380-4" in form.tax_id_note


def test_a_form_says_which_telephone_it_cannot_read() -> None:
    form = CustomerForm({"name": "A", "phone": "12", "language": "es"}, merchant=Merchant(country="VE"))
    assert not form.is_valid()
    assert set(form.errors) == {"phone"}
    assert form["phone"].value() == "12"


def test_folds_case_and_accents() -> None:
    assert fold("ÑANDÚ Ávila") == "nandu avila"
