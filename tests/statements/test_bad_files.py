"""Bad input: each gets a reason and a line, the good rows beside it are read, and nothing escapes that is no refusal."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import workbook
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import REFUSALS, ROW_REFUSALS, Statement, StatementRejected

FIXTURES = Path(__file__).parent / "fixtures"
HEAD = "Fecha;Referencia;Concepto;Monto;Saldo"
PROFILE = Profile(
    separator=";",
    thousands=".",
    columns={"date": "Fecha", "reference": "Referencia", "text": "Concepto", "amount": "Monto", "balance": "Saldo"},
)


def read(*rows: str, head: str = HEAD, profile: Profile = PROFILE, encoding: str = "utf-8", end: str = "\n") -> Statement:
    return parse(("\n".join([head, *rows]) + end).encode(encoding), profile, currency="VES")


def refusal(content: bytes, profile: Profile = PROFILE, **kw: str) -> tuple[str, str, int]:
    with pytest.raises(StatementRejected) as refused:
        parse(content, profile, currency=kw.pop("currency", "VES"), **kw)
    assert refused.value.code in REFUSALS
    return refused.value.code, refused.value.detail, refused.value.line


def of(key: str) -> bytes:
    return next(FIXTURES.glob(f"{key}.*")).read_bytes()


EXPECTED_ROWS = {"ve-provincial-aeb43": 5, "camt": 4, "ofx": 3, "mt940": 3, "es-norma43": 3}
GOOD = "02/11/2026;75572442;Pago de Ana;33.600,00;"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("31/02/2026;1;x;5,00;", "date", "date"),
        ("2026-11-02;1;x;5,00;", "date", "date"),
        (";1;x;5,00;", "date", "date"),
        ("02/11/1900;1;x;5,00;", "date_unlikely", "date"),
        ("02/11/2026;1;x;NaN;", "amount", "amount"),
        ("02/11/2026;1;x;1e9;", "amount", "amount"),
        ("02/11/2026;1;x;;", "amount", "amount"),
        ("02/11/2026;1;x;5.00;", "amount", "amount"),
        ("02/11/2026;1;x;5,005;", "too_fine", "amount"),
        ("02/11/2026;1;x;0,00;", "zero", "amount"),
        ("02/11/2026;1;x;1000000000000;", "too_large", "amount"),
        ("02/11/2026;1;x;-5,00-;", "sign", "amount"),
        ("02/11/2026;1;x;5,00;saldo?", "balance", "balance"),
        (f"02/11/2026;{'9' * 81};x;5,00;", "too_long", "reference"),
        (f"02/11/2026;1;{'x' * 6000};5,00;", "too_long", "text"),
        ("02/11/2026;1;x;5,00;;otra", "columns", ""),
        ("02/11/2026;1;x", "columns", ""),
        ("02/11/2026;1;x;5,00", "columns", ""),
        ('02/11/2026;1;"x;5,00;', "quotes", ""),
        (HEAD, "repeated_header", ""),
    ],
)
def test_one_bad_row_is_told_by_line_and_reason_and_loses_nothing_else(row: str, code: str, column: str) -> None:
    statement = read(GOOD, row, GOOD.replace("75572442", "75572443"))
    assert [(each.number, each.code, each.column) for each in statement.rejected] == [(3, code, column)]
    assert code in ROW_REFUSALS
    assert statement.rejected[0].raw.startswith(row[:20])
    assert [each.reference for each in statement.rows] == ["75572442", "75572443"]
    assert all(each.amount for each in statement.rows)


def test_a_text_longer_than_is_kept_is_cut_with_a_mark() -> None:
    text = read(f"02/11/2026;1;{'x' * 700};5,00;").rows[0].text
    assert (len(text), text[-1]) == (500, "…")


@pytest.mark.parametrize("content", [b"", b"\n\n  \r\n", b"\xef\xbb\xbf\n", b"\x00" * 50])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content)[0] == "empty"


def test_a_file_over_ten_megabytes_is_refused_before_it_is_read() -> None:
    assert refusal(b"x" * (20 * 1024 * 1024))[0] == "too_large"


def test_a_huge_field_loses_its_row_alone() -> None:
    statement = read(GOOD, f"02/11/2026;1;{'y' * 3_000_000};5,00;", GOOD)
    assert [(each.number, each.code) for each in statement.rejected] == [(3, "too_long")]
    assert len(statement.rejected[0].raw) <= 300
    assert len(statement.rows) == 2


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04" + b"\x01" * 900, b"%PDF-1.7\n" + b"x" * 900, bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + b"\x00" * 90],
)
def test_binary_junk_is_refused_as_such(content: bytes) -> None:
    assert refusal(content)[0] == "binary"


def test_a_web_page_is_named_as_one() -> None:
    page = b"<!DOCTYPE html><html><body><h1>Su sesi\xf3n ha expirado</h1></body></html>"
    assert refusal(page)[0] == "html"
    assert refusal(page, Profile.from_json({**PROFILE.to_json(), "format": "html"}))[0] == "html"
    assert refusal(page, Profile.from_json({**PROFILE.to_json(), "format": "xlsx"}))[0] == "html"
    assert refusal(page, LAYOUTS["mt940"].profile)[0] == "html"


def test_an_html_table_saved_as_a_workbook_is_read_by_its_own_format() -> None:
    page = """<html><head><style>td {color: red}</style></head><body><table><tr><td colspan="5">Cuenta 1234</td></tr>
    <tr><th>Fecha</th><th>Referencia</th><th>Concepto</th><th>Monto</th><th>Saldo</th></tr>
    <tr><td>02/11/2026</td><td>75572442</td><td>Pago de <b>Se&ntilde;ora</b><br>Ana</td><td>33.600,00</td><td></td>
    <tr><td>03/11/2026</td><td>1</td><td>Comisi&oacute;n</td><td>(5,00)</td><td>&nbsp;</td></tr></table></body></html>"""
    statement = parse(page.encode(), Profile.from_json({**PROFILE.to_json(), "format": "html"}), currency="VES")
    assert [(row.amount, row.text) for row in statement.rows] == [
        (Decimal(33600), "Pago de Señora Ana"), (Decimal(-5), "Comisión"),
    ]  # fmt: skip
    assert not statement.rejected


def test_a_utf16_file_is_told_apart_and_read_when_the_profile_says_so() -> None:
    content = "\n".join([HEAD, GOOD]).encode("utf-16")
    assert refusal(content)[:2] == ("encoding", "UTF-16")
    profile = Profile.from_json({**PROFILE.to_json(), "encoding": "utf-16"})
    assert parse(content, profile, currency="VES").rows[0].amount == 33600
    assert refusal("\n".join([HEAD, GOOD, GOOD]).encode("utf-16-le"))[0] == "binary"


def test_two_encodings_in_one_file_are_read_line_by_line() -> None:
    content = HEAD.encode() + b"\n" + "02/11/2026;1;Peña;5,00;\n".encode() + "03/11/2026;2;Núñez;6,00;\n".encode("cp1252")
    statement = parse(content, PROFILE, currency="VES")
    assert [row.text for row in statement.rows] == ["Peña", "Núñez"]


def test_bytes_that_are_no_letters_lose_their_row_alone() -> None:
    content = "\n".join([HEAD, GOOD]).encode() + b"\n03/11/2026;2;N\xfa\xf1ez;6,00;\n"
    statement = parse(content, Profile.from_json({**PROFILE.to_json(), "encoding": "utf-8"}), currency="VES")
    assert [(each.number, each.code) for each in statement.rejected] == [(3, "encoding")]
    assert len(statement.rows) == 1


def test_quotation_marks_for_inches_and_cells_with_line_ends_are_both_read() -> None:
    statement = read(
        '02/11/2026;1;TUBO 12" NEGRO;5,00;', '03/11/2026;2;"Ana\nEjemplo; ""x""";6,00;', '04/11/2026;3;"stray;7,00;', GOOD
    )
    assert [row.text for row in statement.rows] == ['TUBO 12" NEGRO', 'Ana\nEjemplo; "x"', "Pago de Ana"]
    assert [(each.number, each.code) for each in statement.rejected] == [(5, "quotes")]


def test_the_file_of_another_bank_is_refused_by_its_heading() -> None:
    assert refusal(of("ve-banplus-txt"), LAYOUTS["ve-bnc-tsv"].profile)[0] == "heading"
    assert refusal(of("ve-banplus-txt"), LAYOUTS["ve-banesco-qif"].profile)[0] == "format"
    assert refusal(of("ve-banplus-txt"), LAYOUTS["ve-venezuela-txt"].profile)[0] == "format"
    assert refusal(of("ve-banplus-txt"), LAYOUTS["ec-pichincha-csv"].profile)[:2] == ("heading", "Movimientos")


@pytest.mark.parametrize("key", ["ve-venezuela-txt", "ve-provincial-aeb43", "ve-mercantil-mt940", "camt", "ofx", "es-norma43"])
def test_the_file_of_another_account_is_refused_with_the_account_it_names(key: str) -> None:
    layout = LAYOUTS[key]
    code, detail, _line = refusal(
        of(key), layout.profile, currency=layout.currency or "EUR", account_number="01340000000000007777"
    )
    assert code == "other_account"
    assert detail


@pytest.mark.parametrize("key", ["ve-provincial-aeb43", "ve-mercantil-mt940", "camt", "ofx", "mt940"])
def test_the_file_of_another_currency_is_refused(key: str) -> None:
    assert refusal(of(key), LAYOUTS[key].profile, currency="COP")[0] == "other_currency"


def test_the_account_is_known_by_its_end_as_banks_print_it() -> None:
    layout = LAYOUTS["ve-mercantil-mt940"]
    assert parse(of("ve-mercantil-mt940"), layout.profile, currency="VES", account_number="0105-0000-12-1099912345").rows


def test_control_digits_that_records_leave_out_make_no_other_account() -> None:
    profile, content = LAYOUTS["ve-provincial-aeb43"].profile, of("ve-provincial-aeb43")
    assert parse(content, profile, currency="VES", account_number="0108-0500-27-0100099999").rows
    assert refusal(content, profile, account_number="01080501270100099999")[0] == "other_account"


@pytest.mark.parametrize("key", ["ve-provincial-aeb43", "camt", "ofx", "mt940", "es-norma43"])
def test_a_truncated_file_is_refused_wherever_it_was_cut(key: str) -> None:
    layout, content = LAYOUTS[key], of(key)
    for size in range(40, len(content) - 8, 61 if key in {"camt", "ofx"} else 23):
        try:
            statement = parse(content[:size], layout.profile, currency=layout.currency or "EUR")
        except StatementRejected as refused:
            assert refused.code in {"truncated", "format"}  # noqa: PT017
        else:
            # What was cut off behind a whole page of MT940 shows in the next file, which opens with another balance.
            whole = {EXPECTED_ROWS[key], 2 if key == "mt940" else 0}
            assert len(statement.rows) in whole, f"{size} bytes were read as {len(statement.rows)} rows"
            assert not statement.problems


@pytest.mark.parametrize("key", ["ve-venezuela-txt", "ve-banesco-qif", "ve-mercantil-mt940", "ve-banplus-txt", "ar-galicia-csv"])
def test_a_cut_line_is_never_read_as_another_amount(key: str) -> None:
    layout, content = LAYOUTS[key], of(key)
    whole = {(row.booked_on, row.amount) for row in parse(content, layout.profile, currency=layout.currency).rows}
    for size in range(200, len(content), 7):
        try:
            statement = parse(content[:size], layout.profile, currency=layout.currency)
        except StatementRejected:
            continue
        assert {(row.booked_on, row.amount) for row in statement.rows} <= whole


def test_a_file_in_which_nothing_can_be_read_says_its_first_reason() -> None:
    code, detail, line = refusal("\n".join([HEAD, GOOD, GOOD]).replace("02/11", "11/31").encode())
    assert (code, line) == ("no_rows", 2)
    assert detail.startswith("date date: 11/31/2026")


def test_a_heading_alone_is_no_statement() -> None:
    assert refusal(HEAD.encode())[0] == "no_rows"


def bomb(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(name, "w", force_zip64=True) as member:
            for _each in range(size // (1 << 20)):
                member.write(b"0" * (1 << 20))
    return out.getvalue()


SHEET = Profile.from_json({**PROFILE.to_json(), "format": "xlsx"})


def test_a_workbook_that_unpacks_to_far_more_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = bomb("xl/worksheets/sheet1.xml", 8 << 20)
    assert refusal(packed, SHEET)[0] == "bomb"
    monkeypatch.setattr(workbook, "MOST_RATIO", 10**9)
    assert refusal(packed, SHEET)[0] == "format"  # nothing but the ratio had refused it
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 4 << 20)
    assert refusal(packed, SHEET)[0] == "bomb"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000, b"Fecha;Monto\n", b"PK"]
)
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert refusal(content, SHEET)[0] == "format"


@given(content=st.binary(max_size=400), key=st.sampled_from(sorted(LAYOUTS)))
def test_any_bytes_are_read_or_refused(content: bytes, key: str) -> None:
    try:
        statement = parse(content, LAYOUTS[key].profile, currency="VES")
    except StatementRejected as refused:
        assert refused.code in REFUSALS  # noqa: PT017
    else:
        assert statement.rows or statement.rejected


@given(data=st.data(), key=st.sampled_from([key for key in sorted(LAYOUTS) if key != "mx-bbva-xlsx"]))
def test_a_damaged_file_is_read_or_refused_and_no_amount_is_zero(data: st.DataObject, key: str) -> None:
    content = bytearray(of(key))
    for _each in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    layout = LAYOUTS[key]
    try:
        statement = parse(bytes(content), layout.profile, currency=layout.currency or "EUR")
    except StatementRejected:
        return
    assert all(row.amount and row.amount.is_finite() for row in statement.rows)
