"""Every ready-made layout reads its own file: dates, signs, references, balances and who paid, to the cent."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import Statement

FIXTURES = Path(__file__).parent / "fixtures"
FILES = {file.stem: file for file in FIXTURES.iterdir()}
# key: rows, sum, opening, closing, first day, last day
EXPECTED = {
    "ar-galicia-csv": (3, "145340.11", "100000.00", "245340.11", "2026-11-02", "2026-11-04"),
    "camt": (4, "34933.00", "1000.00", "35933.00", "2026-11-02", "2026-11-03"),
    "co-bancolombia-txt": (4, "2341312.53", None, None, "2026-11-02", "2026-11-05"),
    "ec-pichincha-csv": (4, "-1099.20", None, None, "2026-11-02", "2026-11-03"),
    "es-norma43": (3, "1125.00", "1000.00", "2125.00", "2026-11-02", "2026-11-30"),
    "mt940": (3, "1125.00", "1000.00", "2125.00", "2026-11-02", "2026-11-03"),
    "ofx": (3, "33400.00", None, "35000.00", "2026-11-01", "2026-11-05"),
    "simple": (3, "33470.00", None, None, "2026-11-02", "2026-11-04"),
    "ve-banesco-qif": (6, "1354577.00", None, None, "2026-11-02", "2026-11-04"),
    "ve-banplus-txt": (3, "33625.00", "3098.59", "36723.59", "2026-11-02", "2026-11-04"),
    "ve-bnc-tsv": (5, "206707.99", "1188801.28", "1395509.27", "2026-11-02", "2026-11-05"),
    "ve-mercantil-mt940": (4, "33527.00", "70095.36", "103622.36", "2026-11-02", "2026-11-03"),
    "ve-provincial-aeb43": (5, "59629.66", "5000000.00", "5059629.66", "2026-11-03", "2026-11-04"),
    "ve-venezuela-txt": (7, "125450.34", "150000.00", "275450.34", "2026-11-02", "2026-11-04"),
}


def read(key: str) -> Statement:
    layout = LAYOUTS[key]
    return parse(FILES[key].read_bytes(), layout.profile, currency=layout.currency or ("EUR" if key != "simple" else "VES"))


def workbook(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Movimientos")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write_datetime(number, column, dt.datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None:
                sheet.write_number(number, column, float(str(cell)))
    book.close()
    return out.getvalue()


BBVA_MEXICO = [
    ["Movimientos de la cuenta 0129999999", None, None, None, None],
    ["FECHA", "DESCRIPCIÓN", "CARGO", "ABONO", "SALDO"],
    [dt.date(2026, 11, 4), "SPEI RECIBIDOSANTANDER / 0141401703 014 0312345PEDIDO 1042", None, 3360.1, 5360.1],
    ["03/11/2026", "PAGO CUENTA DE TERCERO / 0041782016 BNET 0113831760 ANA", "-1,500.50", "", "2,000.00"],
]


def test_every_layout_has_a_file_and_an_expectation() -> None:
    assert set(FILES) == set(EXPECTED)
    assert set(LAYOUTS) - set(EXPECTED) == {"mx-bbva-xlsx"}  # a workbook is made here, since its bytes say nothing to a reader


@pytest.mark.parametrize("key", EXPECTED)
def test_a_layout_reads_its_file_to_the_cent(key: str) -> None:
    rows, total, opening, closing, first, last = EXPECTED[key]
    statement = read(key)
    assert len(statement.rows) == rows
    assert sum(row.amount for row in statement.rows) == Decimal(total)
    assert statement.opening == (Decimal(opening) if opening else None)
    assert statement.closing == (Decimal(closing) if closing else None)
    assert (str(statement.first_day), str(statement.last_day)) == (first, last)
    assert not statement.rejected
    assert not statement.problems


@pytest.mark.parametrize("key", EXPECTED)
def test_every_row_of_a_layout_is_a_line_of_its_own(key: str) -> None:
    numbered = read(key).with_ordinals()
    assert len({(identity, ordinal) for _row, identity, ordinal in numbered}) == len(numbered)


@pytest.mark.parametrize("key", LAYOUTS)
def test_a_layout_goes_through_json_unchanged_and_says_what_it_is(key: str) -> None:
    layout = LAYOUTS[key]
    assert layout.key == key
    assert Profile.from_json(layout.profile.to_json()) == layout.profile
    assert layout.name_es
    assert layout.name_en
    assert layout.facts


def test_bbva_mexico_workbook_is_read_with_days_numbers_and_texts_mixed() -> None:
    statement = parse(workbook(BBVA_MEXICO), LAYOUTS["mx-bbva-xlsx"].profile, currency="MXN")
    paid, charged = statement.rows
    assert (paid.booked_on, paid.amount, paid.reference, paid.origin_bank) == (
        dt.date(2026, 11, 4), Decimal("3360.10"), "0141401703", "014",
    )  # fmt: skip
    assert (charged.booked_on, charged.amount, charged.reference) == (dt.date(2026, 11, 3), Decimal("-1500.50"), "0041782016")
    assert (statement.opening, statement.closing) == (Decimal("3500.50"), Decimal("5360.10"))  # newest first: the chain holds
    assert not statement.problems


def test_venezuela_names_account_and_leaves_the_opening_row_out() -> None:
    statement = read("ve-venezuela-txt")
    assert statement.account == "01020000990000012345"
    assert [row.reference for row in statement.rows][:2] == ["0425110990001", "0590560566433"]
    assert "SALDO INICIAL" not in {row.text for row in statement.rows}


def test_provincial_keeps_commas_of_the_text_and_names_payers() -> None:
    rows = read("ve-provincial-aeb43").rows
    assert [row.text for row in rows][3] == "VENTA DOCUMENTOS, BANCO"
    assert [(row.payer_id, row.origin_bank) for row in rows][:2] == [("V0012345678", "0108"), ("J300000009", "0134")]


def test_banesco_reads_the_origin_bank_in_both_writings() -> None:
    rows = read("ve-banesco-qif").rows
    assert [row.origin_bank for row in rows] == ["0174", "0134", "", "0151", "", ""]
    assert rows[0].payer_id == "J300000009"


def test_mercantil_tells_equal_commissions_apart_by_the_balance_in_the_text() -> None:
    rows = read("ve-mercantil-mt940").rows
    twins = [row for row in rows if row.reference == "92377770005"]
    assert [row.balance for row in twins] == [Decimal("70023.76"), Decimal("70022.36")]
    assert twins[0].identity != twins[1].identity


def test_bnc_takes_the_origin_reference_where_a_spreadsheet_has_eaten_the_other() -> None:
    spoilt = read("ve-bnc-tsv").rows[3]
    assert spoilt.reference == "11383691"
    assert spoilt.text.endswith("[3.46E+10]")
    assert "346" not in spoilt.reference


def test_pichincha_keeps_genuine_twins_apart_by_their_order() -> None:
    numbered = read("ec-pichincha-csv").with_ordinals()
    twins = [(identity, ordinal) for row, identity, ordinal in numbered if row.booked_on.day == 3 and row.amount > 0]
    assert [ordinal for _identity, ordinal in twins] == [0, 1]
    assert twins[0][0] == twins[1][0]


def test_galicia_finds_the_payer_in_the_additional_legends() -> None:
    rows = read("ar-galicia-csv").rows
    assert [row.payer_id for row in rows] == ["27123456789", "", "30712345678"]
    assert "Peña Hnos" in rows[2].text


def test_camt_splits_payments_booked_together() -> None:
    statement = read("camt")
    assert [row.amount for row in statement.rows] == [
        Decimal("33600.00"),
        Decimal("-67.00"),
        Decimal("400.00"),
        Decimal("1000.00"),
    ]
    assert statement.rows[0].reference == "75572442"
    assert statement.rows[0].payer_name == "Ana Ejemplo"
    assert len({row.unique_id for row in statement.rows}) == 4


def test_norma43_adds_the_words_of_its_second_records() -> None:
    rows = read("es-norma43").rows
    assert rows[0].text.endswith("TRANSFERENCIA DE ANA EJEMPLO PEDIDO 1042")
    assert [row.amount for row in rows] == [Decimal("1200.00"), Decimal("-100.00"), Decimal("25.00")]
