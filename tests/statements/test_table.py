"""What a profile can say of a table: what to skip, where it begins and ends, whose rows count, which mark means debit."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reconciliation.statements import checks
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import REFUSALS, ROW_REFUSALS, Statement, StatementRejected
from tests.statements.old_workbook import old_workbook

NAMED: dict[str, Any] = {"separator": ";", "columns": {"date": "Fecha", "text": "Texto", "amount": "Monto"}}
PLAIN: dict[str, Any] = {"separator": ";", "header_row": False, "columns": {"date": 1, "text": 2, "amount": 3}}


def read(content: str, profile: dict[str, Any], **kw: str) -> Statement:
    return parse(content.encode(), Profile.from_json(profile), currency="VES", **kw)


def sums(statement: Statement) -> list[str]:
    return [str(row.amount) for row in statement.rows]


BODY = "Fecha;Texto;Monto\n01/11/2026;a;1,00\n02/11/2026;b;2,00\n"


def test_the_heading_is_found_below_a_preamble() -> None:
    assert sums(read(f"Banco Inventado\nCuenta;1234;;\n\n{BODY}", NAMED)) == ["1.00", "2.00"]


def test_headings_are_known_without_case_accents_and_spaces() -> None:
    profile = NAMED | {"columns": {"date": "FECHA", "text": "Descripción del pago", "amount": "Monto (Bs.)"}}
    assert sums(read(" fecha ;DESCRIPCION  DEL PAGO;monto bs\n01/11/2026;a;1,00\n", profile)) == ["1.00"]


def test_a_heading_that_stands_twice_is_refused_where_it_is_used() -> None:
    with pytest.raises(StatementRejected, match="heading_twice") as refused:
        read("Fecha;Monto;Texto;Monto\n01/11/2026;1,00;a;2,00\n", NAMED)
    assert refused.value.detail == "Monto"
    by_number = NAMED | {"columns": {"date": "Fecha", "text": "Texto", "amount": 4}}
    assert sums(read("Fecha;Monto;Texto;Monto\n01/11/2026;1,00;a;2,00\n", by_number)) == ["2.00"]


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (f"x;y;z\nx;y;z\n{BODY}", {"skip_header": 2}),
        (f"x\nMovimientos del mes\n{BODY}", {"start_after": "movimientos"}),
        (f"{BODY}Total;;3,00\nImpreso el;;\n", {"skip_footer": 2}),
        (f"{BODY}\nSaldo final;;103,00\nNotas;;9,00\n", {"stop_at": "saldo final"}),
        (f"{BODY}Subtotal del día;;3,00\n", {"ignore": ["Subtotal"]}),
    ],
)
def test_what_is_around_the_movements_is_left_out(content: str, more: dict[str, Any]) -> None:
    statement = read(content, NAMED | more)
    assert sums(statement) == ["1.00", "2.00"]
    assert not statement.rejected


def test_what_the_profile_does_not_name_is_rejected_and_not_left_out() -> None:
    statement = read(f"{BODY}Total;;3,00\n", NAMED)
    assert [(each.number, each.code) for each in statement.rejected] == [(4, "date")]


def test_balances_around_the_movements_are_checked() -> None:
    words = {"opening_text": "Saldo inicial", "closing_text": "Saldo final"}
    good = read(f"Saldo inicial;;100,00\n{BODY}Saldo final;;103,00\n", NAMED | words)
    assert (good.opening, good.closing, list(good.problems)) == (Decimal(100), Decimal(103), [])
    bad = read(f"Saldo inicial;;100,00\n{BODY}Saldo final;;104,00\n", NAMED | words)
    assert [(each.code, each.expected, each.found) for each in bad.problems] == [("totals", "104.00", "103.00")]
    unread = read(f"{BODY}Saldo final;;ciento tres 1\n", NAMED | words)
    assert [each.code for each in unread.rejected] == ["balance"]


def test_marks_decide_the_sign_and_an_unknown_mark_is_no_guess() -> None:
    marks = {"amount_style": "amount_mark", "debit_marks": ["N/D"], "credit_marks": ["N/C"]}
    marked = PLAIN | marks | {"columns": PLAIN["columns"] | {"mark": 4}}
    statement = read("01/11/2026;a;1,00;N/D\n01/11/2026;b;2,00; n/c \n01/11/2026;c;3,00;X\n01/11/2026;d;-4,00;N/C\n", marked)
    assert sums(statement) == ["-1.00", "2.00"]
    assert [(each.number, each.code) for each in statement.rejected] == [(3, "sign"), (4, "sign")]


def test_debit_and_credit_columns_never_both() -> None:
    both = PLAIN | {"amount_style": "debit_credit", "columns": {"date": 1, "text": 2, "debit": 3, "credit": 4}}
    rows = ("a;1,00;", "b;0,00;2,00", "c;1,00;2,00", "d;;", "e;-1,00;", "f;0,00;0,00")
    statement = read("\n".join(f"01/11/2026;{row}" for row in rows), both)
    assert sums(statement) == ["-1.00", "2.00"]
    assert [(each.number, each.code) for each in statement.rejected] == [(3, "sign"), (4, "amount"), (5, "sign"), (6, "zero")]
    negative = read("01/11/2026;a;-1,00;\n01/11/2026;b;1,00;\n", both | {"debits_negative": True})
    assert sums(negative) == ["-1.00"]
    assert [each.code for each in negative.rejected] == ["sign"]


TWO = "01/11/2026;a;1,00;0102-1111\n02/11/2026;b;2,00;0102-2222\n"


def test_of_several_accounts_in_one_table_the_wanted_one_is_read() -> None:
    several = PLAIN | {"columns": PLAIN["columns"] | {"account": 4}}
    with pytest.raises(StatementRejected, match="several_accounts"):
        read(TWO, several)
    assert sums(read(TWO, several, account_number="01022222")) == ["2.00"]
    assert sums(read(TWO, several | {"account": "01021111"})) == ["1.00"]
    with pytest.raises(StatementRejected, match="several_accounts"):
        read(TWO, several, account_number="01023333")
    with pytest.raises(StatementRejected, match="other_account"):
        read(TWO.splitlines()[0], several, account_number="01023333")


@pytest.mark.parametrize(
    ("printed", "ours", "same"),
    [
        ("01020000990000012345", "0102-0000-99-0000012345", True),
        ("****2345", "01020000990000012345", True),
        ("12345", "01020000990000012345", True),
        ("345", "01020000990000012345", False),
        ("99990", "01020000990000012345", False),
        ("50880050/0194774600888", "0194774600888", True),
    ],
)
def test_an_account_is_known_by_its_end(printed: str, ours: str, same: bool) -> None:
    assert checks.same_account(printed, ours) is same


def test_a_spoilt_reference_is_unknown_and_stays_to_be_seen() -> None:
    profile = PLAIN | {"columns": PLAIN["columns"] | {"reference": [4, 5]}}
    first, second = read("01/11/2026;a;1,00;3.46E+10;\n01/11/2026;b;2,00;3,46E10;7557\n", profile).rows
    assert (first.reference, first.text) == ("", "a [3.46E+10]")
    assert (second.reference, second.text) == ("7557", "b")


def test_patterns_fill_what_no_column_holds() -> None:
    profile = PLAIN | {"patterns": {"reference": r"REF (\d{4,20})", "payer_id": r"\b([VJ]\d{8})\b", "balance": r"SALDO ([\d,]+)"}}
    row = read("01/11/2026;PAGO REF 75572442 V12345678 SALDO 101,00;1,00\n", profile).rows[0]
    assert (row.reference, row.payer_id, row.balance) == ("75572442", "V12345678", Decimal(101))


def test_a_stray_zero_byte_loses_its_row_alone() -> None:
    statement = read(BODY + "03/11/2026;c\x00;3,00\n" + BODY.splitlines()[1] + "\n" + "04/11/2026;d;4,00\n" * 9, NAMED)
    assert [(each.number, each.code) for each in statement.rejected] == [(4, "encoding")]
    assert len(statement.rows) == 12


def test_more_rows_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_ROWS", 10)
    with pytest.raises(StatementRejected, match="too_many"):
        read("01/11/2026;a;1,00\n" * 11, PLAIN)


def test_every_code_of_a_refusal_stands_in_the_lists() -> None:
    """A code that is raised somewhere and stands in no list would have no sentence."""
    folder = Path(checks.__file__).parent
    text = "\n".join(file.read_text() for file in folder.glob("*.py"))
    assert set(re.findall(r'StatementRejected\("(\w+)"', text)) <= set(REFUSALS)
    assert set(re.findall(r'Unreadable\("(\w+)"', text)) <= set(ROW_REFUSALS)


def test_an_old_workbook_is_read_too() -> None:
    head = ["Fecha", "Referencia", "Concepto", "Monto"]
    content = old_workbook([head, ["02/11/2026", "0075572442", "Pago de Señora Ana", 33600.5], ["31/02/2026", "1", "x", 1.0]])
    columns = {"date": "Fecha", "reference": "Referencia", "text": "Concepto", "amount": "Monto"}
    statement = parse(content, Profile(format="xlsx", columns=columns), currency="VES")
    assert [(row.amount, row.reference, row.text) for row in statement.rows] == [
        (Decimal("33600.5"), "0075572442", "Pago de Señora Ana")
    ]
    assert [(row.number, row.code) for row in statement.rejected] == [(3, "date")]
    with pytest.raises(StatementRejected, match="format"):
        parse(content[:2000], Profile(format="xlsx", columns=columns), currency="VES")
