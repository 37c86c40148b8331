"""Files of real banks and of other readers' own tests: each is read to the right lines and sum, or refused for the right reason.

They belong to others and stay where they are; without that folder there is nothing to read.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import StatementRejected

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "statements"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of sample statements is not on this machine")

US = {"date_format": "%m/%d/%Y", "decimal": ".", "thousands": ","}
SHEET = {
    "columns": {"date": "Date", "text": "Label", "amount": "Amount", "currency": "Currency", "payer_name": "Partner Name"},
    **US,
}
META = {
    "columns": {"date": "Date", "text": ["Label", "Detail"], "debit": "Debit", "credit": "Credit",
        "reference": "Operation Number"},
    "amount_style": "debit_credit", "debits_negative": True, "date_format": "%d/%m/%y", "opening_text": "Balance at start",
    "closing_text": "Balance at end",
}  # fmt: skip
MARKED = {
    "columns": {"date": "Date", "text": "Label", "amount": "Amount", "balance": "Balance", "mark": "D/C"},
    "amount_style": "amount_mark",
    **US,
}
SPANISH = {
    "separator": ";", "date_format": "%Y-%m-%d", "thousands": ".",
    "columns": {
        "date": "Fecha", "text": "Concepto", "amount": "Importe", "currency": "Moneda", "account": "Cuenta",
        "reference": "Referencia",
    },
}  # fmt: skip
GARBLED = {"columns": {"date": "Date", "text": "Description", "amount": "Amount"}, "date_format": "%Y-%m-%d", "decimal": "."}
BALANCE = {"columns": {"date": "Date", "text": "Label", "amount": "Amount", "balance": "Balance"}, **US}

# file: layout or profile, currency, rows, sum, codes of rejected rows, codes of problems
READ: list[tuple[str, str | dict[str, Any], str, int, str, list[str], list[str]]] = [
    ("ve/OCTUBRE2019BANESCO.qif", "ve-banesco-qif", "VES", 15, "827572000.00", [], []),
    ("ve/OCTUBRE2019Venezuela.fix.txt", "ve-venezuela-txt", "VES", 29, "2006119134.47", [], []),
    ("ve/Octubre2019Mercantil.Mt940.txt", "ve-mercantil-mt940", "VES", 8, "-28641.60", [], []),
    ("mt940/mt940__jejik__abnamro.sta", "mt940", "EUR", 10, "-345.93", [], ["chain", "totals"]),
    ("mt940/mt940__jejik__generic.sta", "mt940", "EUR", 2, "-20.00", [], []),
    ("mt940/mt940__jejik__ing.sta", "mt940", "EUR", 7, "-45.59", [], ["totals"]),
    ("mt940/mt940__jejik__postfinance.sta", "mt940", "CHF", 4, "159.40", [], ["totals"]),
    ("mt940/mt940__jejik__triodos.sta", "mt940", "EUR", 2, "-715.70", [], ["totals"]),
    ("mt940/mt940__mBank__mt940.sta", "mt940", "PLN", 3, "0.03", [], []),
    ("mt940/mt940__self-provided__february_30.sta", "mt940", "EUR", 1, "-6.00", [], []),
    ("mt940/mt940__self-provided__mt942.sta", "mt940", "EUR", 1, "-0.42", [], ["sum_debits"]),
    ("ofx/ofxparse__fixtures__bank_medium.ofx", "ofx", "CAD", 3, "-345.27", [], []),
    ("ofx/ofxparse__fixtures__checking.ofx", "ofx", "USD", 3, "-59.50", [], []),
    ("ofx/ofxtools__data__stmtrs.ofx", "ofx", "USD", 2, "-500.00", [], []),
    ("ofx/ofxtools__data__stmtrs_euro.ofx", "ofx", "USD", 2, "-500.00", [], []),
    ("camt/bsp__golden__camt053_duplicate_same_day.xml", "camt", "EUR", 2, "-9.00", [], []),
    ("camt/genkgo__data__camt053.v2.all-balance-types.xml", "camt", "EUR", 1, "8.85", [], ["totals"]),
    ("camt/genkgo__data__camt053.v2.five.decimals.xml", "camt", "EUR", 1, "8.85", [], ["totals"]),
    ("camt/genkgo__data__camt053.v2.multi.statement.xml", "camt", "EUR", 2, "1.85", [], []),
    ("csv_xlsx/oca__fixtures__balance.csv", BALANCE, "EUR", 2, "1500.00", [], []),
    ("csv_xlsx/oca__fixtures__debit_credit.csv", MARKED, "EUR", 1, "-33.50", ["sign"], []),
    ("csv_xlsx/oca__fixtures__meta_data_separated_credit_debit.csv", META, "EUR", 4, "1069.32", [], ["totals"]),
    ("csv_xlsx/oca__fixtures__sample_statement_en.csv", SHEET, "EUR", 1, "1525.00", ["currency"], []),
    ("csv_xlsx/oca__fixtures__sample_statement_en.xlsx", {**SHEET, "format": "xlsx"}, "EUR", 1, "1525.00", ["currency"], []),
    ("csv_xlsx/bsp__golden__csv_garbled_amount.csv", GARBLED, "EUR", 1, "100.00", ["amount"], []),
    ("csv_xlsx/bsp__golden__csv_spanish_headers.csv", SPANISH, "EUR", 3, "2260.94", [], []),
]  # fmt: skip
# file: layout, currency, code, what the sentence is told, line
REFUSED = [
    ("mt940/mt940__betterplace__amount_formats.sta", "mt940", "EUR", "truncated", ":62F:", 1),
    ("mt940/mt940__betterplace__sepa_mt9401.sta", "mt940", "EUR", "several_accounts", "0194774600888", 0),
    ("mt940/mt940__betterplace__sepa_snippet.sta", "mt940", "EUR", "several_accounts", "0194787400888", 0),
    ("mt940/mt940__betterplace__sepa_snippet_broken.sta", "mt940", "EUR", "format", ":25:", 6),
    ("mt940/mt940__betterplace__with_binary_character.sta", "mt940", "EUR", "several_accounts", "0000007055", 0),
    ("mt940/mt940__self-provided__invalid_statement.sta", "mt940", "EUR", "format", "", 0),
    ("mt940/mt940__self-provided__multiline.sta", "mt940", "EUR", "truncated", ":62F:", 38),
    ("ofx/ofxparse__fail_nice__date_missing.ofx", "ofx", "USD", "no_rows", "date", 33),
    ("ofx/ofxparse__fail_nice__decimal_error.ofx", "ofx", "CAD", "no_rows", "$120", 34),
    ("ofx/ofxparse__fixtures__bank_small.ofx", "ofx", "USD", "no_rows", "", 0),
    ("ofx/ofxparse__fixtures__multiple_accounts.ofx", "ofx", "USD", "several_accounts", "9100, 9200", 0),
    ("camt/bsp__golden__camt053_garbled_amount.xml", "camt", "EUR", "no_rows", "12..34", 1),
    ("camt/genkgo__data__camt053.v2.minimal.xml", "camt", "EUR", "other_currency", "SEK", 0),
    ("camt/genkgo__data__camt053.v2.wrong.xml", "camt", "EUR", "no_rows", "", 0),
]


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_every_file_of_the_folder_stands_in_a_table() -> None:
    there = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.is_file()} - {"SOURCES.txt"}
    assert there == {row[0] for row in READ} | {row[0] for row in REFUSED}


@pytest.mark.parametrize("row", READ, ids=lambda row: row[0])
def test_a_real_file_is_read_to_the_right_lines_and_sum(
    row: tuple[str, str | dict[str, Any], str, int, str, list[str], list[str]],
) -> None:
    name, layout, currency, lines, total, rejected, problems = row
    profile = LAYOUTS[layout].profile if isinstance(layout, str) else Profile.from_json(layout)
    statement = parse(content(name), profile, currency=currency)
    assert len(statement.rows) == lines
    assert sum(each.amount for each in statement.rows) == Decimal(total)
    assert [each.code for each in statement.rejected] == rejected
    assert [each.code for each in statement.problems] == problems


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0])
def test_a_real_file_is_refused_for_the_right_reason(row: tuple[str, str, str, str, str, int]) -> None:
    name, layout, currency, code, detail, line = row
    with pytest.raises(StatementRejected) as refused:
        parse(content(name), LAYOUTS[layout].profile, currency=currency)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert detail in refused.value.detail


@pytest.mark.parametrize(
    ("name", "account", "lines", "total"),
    [
        ("mt940/mt940__betterplace__sepa_mt9401.sta", "0194774600888", 7, "-2909.87"),
        ("mt940/mt940__betterplace__with_binary_character.sta", "51230800 0000007304", 1, "1120.00"),
    ],
)
def test_of_several_accounts_the_one_that_is_meant_is_read(name: str, account: str, lines: int, total: str) -> None:
    statement = parse(content(name), LAYOUTS["mt940"].profile, currency="EUR", account_number=account)
    assert (len(statement.rows), sum(row.amount for row in statement.rows)) == (lines, Decimal(total))
    assert not statement.problems


def test_the_chain_of_venezuela_holds_and_one_changed_cent_breaks_it() -> None:
    raw = content("ve/OCTUBRE2019Venezuela.fix.txt")
    profile = LAYOUTS["ve-venezuela-txt"].profile
    whole = parse(raw, profile, currency="VES")
    assert (whole.opening, whole.closing) == (Decimal("641441.04"), Decimal("2006760575.51"))
    changed = parse(raw.replace(b"000000000000001666", b"000000000000001667"), profile, currency="VES")
    assert [(each.code, each.line) for each in changed.problems] == [("chain", 3)]


def test_four_of_mercantils_eight_lines_differ_in_the_balance_alone_and_stay_eight() -> None:
    statement = parse(content("ve/Octubre2019Mercantil.Mt940.txt"), LAYOUTS["ve-mercantil-mt940"].profile, currency="VES")
    assert len({row.identity for row in statement.rows}) == 8
    assert len({(row.booked_on, row.amount, row.reference) for row in statement.rows}) == 5


@pytest.mark.parametrize("key", LAYOUTS)
def test_no_file_of_another_bank_is_read_without_a_word(key: str) -> None:
    """Every file through every layout: it is refused, or what it gives is told with its refusals; nothing else escapes."""
    for file in sorted(FOLDER.rglob("*")):
        if not file.is_file():
            continue
        try:
            statement = parse(file.read_bytes(), LAYOUTS[key].profile, currency="VES")
        except StatementRejected:
            continue
        assert statement.rows or statement.rejected
