"""Formats of records: their liberties are allowed for, their counts and sums are checked, and their twins stay two."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import Problem, Row, Statement, StatementRejected

FIXTURES = Path(__file__).parent / "fixtures"


def swift(*lines: str, opening: str = "C261101EUR100,00", closing: str = "C261103EUR100,00") -> Statement:
    whole = [":20:X", ":25:12345678", ":28C:1/1", f":60F:{opening}", *lines, f":62F:{closing}", "-"]
    return parse("\r\n".join(whole).encode(), LAYOUTS["mt940"].profile, currency="EUR")


def changed(key: str, old: str, new: str, currency: str = "VES") -> Statement:
    content = next(FIXTURES.glob(f"{key}.*")).read_bytes()
    assert content.count(old.encode()) >= 1
    return parse(content.replace(old.encode(), new.encode(), 1), LAYOUTS[key].profile, currency=currency)


@pytest.mark.parametrize(
    ("line", "amount", "reference", "day"),
    [
        ("2611021102C12,NTRFREF1//BANK1", "12", "REF1", "2026-11-02"),
        ("2611021102CR12,5NTRFNONREF//BANK1", "12.5", "BANK1", "2026-11-02"),
        ("261102D0,05N024NONREF", "-0.05", "", "2026-11-02"),
        ("2611021102RC5,00NTRFNONREF", "-5", "", "2026-11-02"),
        ("2611021102RDR5,00NTRFNONREF", "5", "", "2026-11-02"),
        ("2612310102D5,00NTRFNONREF", "-5", "", "2027-01-02"),
        ("2701021231D5,00NTRFNONREF", "-5", "", "2026-12-31"),
        ("2602300301D5,00NTRFKREF+//77", "-5", "77", "2026-03-01"),
    ],
)
def test_mt940_movements(line: str, amount: str, reference: str, day: str) -> None:
    row = swift(f":61:{line}", ":86:text").rows[0]
    assert (row.amount, row.reference, row.booked_on.isoformat()) == (Decimal(amount), reference, day)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2611021102C12x4,56NTRFREF", "amount"),
        ("2611021102C12.50NTRFREF", "amount"),
        ("2611021102C0,00NTRFREF", "zero"),
        ("2611021102C5,005NTRFREF", "too_fine"),
        ("2611021102X5,00NTRFREF", "sign"),
        ("2611311131C5,00NTRFREF", "date"),
        ("C5,00NTRFREF", "date"),
        ("2611021102C5,00", "amount"),
    ],
)
def test_mt940_bad_movements_are_kept_beside_the_good(line: str, code: str) -> None:
    statement = swift(f":61:{line}", ":86:bad", ":61:2611021102C1,00NTRFREF2", ":86:good")
    assert [(each.number, each.code) for each in statement.rejected] == [(5, code)]
    assert line in statement.rejected[0].raw
    assert [row.reference for row in statement.rows] == ["REF2"]


def test_mt940_information_is_joined_as_it_was_cut() -> None:
    wrapped = swift(":61:2611021102C1,00NTRFNONREF", ":86:166?00GUTSCHRIFT?20EREF+123 und ei", "n Wort?32Ana Ejem", "plo?33Pérez")
    assert (wrapped.rows[0].text, wrapped.rows[0].payer_name) == ("GUTSCHRIFT EREF+123 und ein Wort", "Ana Ejemplo Pérez")
    plain = swift(":61:2611021102C1,00NTRFNONREF", "more of it", ":86:PAGO DE ANA", "PEDIDO 1042")
    assert plain.rows[0].text == "more of it PAGO DE ANA PEDIDO 1042"


def test_mt940_balances_are_checked() -> None:
    assert not swift(":61:2611021102C1,00NTRFNONREF", ":86:x", closing="C261103EUR101,00").problems
    assert swift(":61:2611021102C1,00NTRFNONREF", ":86:x", closing="C261103EUR111,00").problems == [
        Problem(code="totals", expected="111.00", found="101.00")
    ]


def test_mt940_pages_must_follow_each_other() -> None:
    statement = changed("mt940", ":60M:C261102EUR2100,00", ":60M:C261102EUR2101,00", "EUR")
    assert [(each.code, each.expected, each.found) for each in statement.problems] == [
        ("chain", "2101.00", "2100.00"),
    ]  # fmt: skip


def test_mercantil_cut_before_its_balance_loses_the_cut_line_alone() -> None:
    content = next(FIXTURES.glob("ve-mercantil-mt940.*")).read_bytes()
    statement = parse(content[: content.rindex(b"?21SALDO")], LAYOUTS["ve-mercantil-mt940"].profile, currency="VES")
    assert len(statement.rows) == 3
    assert [(each.number, each.code) for each in statement.rejected] == [(11, "truncated")]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("00000003360000,0000021050", "00000003360001,0000021050", ["sum_credits", "totals", "totals"]),
        ("00001,00000000007034", "00002,00000000007034", ["count"]),
        ("00001,00000000007034", "00001,00000000007035", ["sum_debits"]),
        ("000010,", "000011,", []),
        ("000010,", "000020,", ["count"]),
        ("00000504602966,928,3", "00000504602967,928,3", ["totals", "chain"]),
    ],
)
def test_provincials_counts_and_sums_are_checked(old: str, new: str, codes: list[str]) -> None:
    assert [each.code for each in changed("ve-provincial-aeb43", old, new).problems] == codes


def test_provincials_bad_movement_is_kept_and_told() -> None:
    statement = changed("ve-provincial-aeb43", "00000003360000,0000021050", "0000000336000x,0000021050")
    assert [(each.number, each.code) for each in statement.rejected] == [(3, "amount")]
    assert len(statement.rows) == 4
    assert {each.code for each in statement.problems} == {"count", "sum_credits", "totals"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("928,3", "999,3", "other_currency"),
        ("11,0108", "12,0108", "format"),
        ("33,0108,0500,0100099999", "33,0108,0500,0100099998", "format"),
    ],
)
def test_provincials_broken_frame_is_refused(old: str, new: str, code: str) -> None:
    with pytest.raises(StatementRejected, match=code):
        changed("ve-provincial-aeb43", old, new)


def test_qif_without_the_mark_between_two_movements_mixes_nothing() -> None:
    statement = changed("ve-banesco-qif", "LCategoria1Abono1\r\n^\r\n", "LCategoria1Abono1\r\n")
    assert [(each.number, each.code) for each in statement.rejected] == [(2, "columns")]
    assert len(statement.rows) == 4


def test_qif_cut_inside_its_last_movement_loses_that_one_alone() -> None:
    content = next(FIXTURES.glob("ve-banesco-qif.*")).read_bytes()
    statement = parse(content[: content.rindex(b"N0261")], LAYOUTS["ve-banesco-qif"].profile, currency="VES")
    assert len(statement.rows) == 5
    assert [each.code for each in statement.rejected] == ["truncated"]


def test_qif_of_investments_is_refused() -> None:
    with pytest.raises(StatementRejected, match="format"):
        changed("ve-banesco-qif", "!Tipo:Banco", "!Type:Invst")


def test_camt_keeps_what_is_pending_out_of_the_movements() -> None:
    statement = changed("camt", "<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>", "EUR")
    assert [(each.number, each.code) for each in statement.rejected] == [(1, "pending")]
    assert len(statement.rows) == 3


def test_camt_splits_a_batch_only_when_its_parts_come_to_the_whole() -> None:
    statement = changed("camt", '<Amt Ccy="EUR">400.00</Amt>', '<Amt Ccy="EUR">401.00</Amt>', "EUR")
    assert [row.amount for row in statement.rows] == [Decimal("33600.00"), Decimal("-67.00"), Decimal("1400.00")]


def test_ofx_never_moves_a_date_and_reads_entities() -> None:
    row = changed("ofx", "33600.00", "33600,00", "EUR").rows[0]
    assert (row.booked_on, row.amount) == (dt.date(2026, 11, 2), Decimal("33600.00"))
    assert (row.reference, row.unique_id) == ("75572442", "1")
    assert row.text.endswith("PEDIDO 1042 & FLETE")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("33600.00", "33,600.00", "amount"),
        ("33600.00", "$336", "amount"),
        ("20261102230000[-4:VET]", "20260231", "date"),
        ("<DTPOSTED>20261103", "<DTPOSTED>", "date"),
    ],
)
def test_ofx_bad_movements_are_kept_beside_the_good(old: str, new: str, code: str) -> None:
    statement = changed("ofx", old, new, "EUR")
    assert [each.code for each in statement.rejected] == [code]
    assert len(statement.rows) == 2


def test_ofx_movement_that_never_ends_is_told() -> None:
    statement = changed("ofx", "FLETE</STMTTRN>", "FLETE", "EUR")
    assert [each.code for each in statement.rejected] == ["truncated"]
    assert len(statement.rows) == 2


def test_a_banks_own_id_decides_what_a_line_is_and_twins_stay_two() -> None:
    made = {"number": 1, "booked_on": dt.date(2026, 11, 2), "amount": Decimal(5)}
    assert Row(**made, unique_id="7", text="a").identity == Row(**made, unique_id="7", text="b").identity
    assert Row(**made, unique_id="7").identity != Row(**made, unique_id="8").identity
    assert Row(**made, unique_id="7").identity != Row(**made | {"amount": Decimal(6)}, unique_id="7").identity
    twins = Statement(rows=[Row(**made, unique_id="7"), Row(**made, unique_id="7")])
    assert [ordinal for _row, _identity, ordinal in twins.with_ordinals()] == [0, 1]


def test_the_digest_of_rows_without_an_id_is_the_one_that_stands_in_databases() -> None:
    row = Row(number=2, booked_on=dt.date(2026, 11, 2), amount=Decimal("33600.00"), reference="75572442", text="Ana")
    assert row.identity == "a36a499ecb3473a5a3720f3152ccc11867eb93b7d006cc39d1be28e2e85832f3"


def test_newest_first_is_a_chain_as_well() -> None:
    profile = Profile(separator=";", header_row=False, columns={"date": 1, "amount": 2, "balance": 3})
    up = parse(b"01/11/2026;5,00;105,00\n02/11/2026;-3,00;102,00\n", profile, currency="VES")
    down = parse(b"02/11/2026;-3,00;102,00\n01/11/2026;5,00;105,00\n", profile, currency="VES")
    assert (up.opening, up.closing) == (down.opening, down.closing) == (Decimal(100), Decimal(102))
    assert not [*up.problems, *down.problems]


def test_a_rejected_row_explains_the_gap_in_the_chain() -> None:
    profile = Profile(separator=";", header_row=False, columns={"date": 1, "amount": 2, "balance": 3})
    gap = parse(b"01/11/2026;5,00;105,00\n02/11/2026;x;102,00\n03/11/2026;1,00;103,00\n", profile, currency="VES")
    assert not gap.problems
    assert gap.closing is None
    lost = parse(b"01/11/2026;5,00;105,00\n03/11/2026;1,00;103,00\n", profile, currency="VES")
    assert [(each.code, each.expected, each.found, each.line) for each in lost.problems] == [("chain", "103.00", "106.00", 2)]
