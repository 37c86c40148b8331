"""T10: tables of the books as files. No cell is run by a spreadsheet, who may not does not get them, and the sums are right."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from accounts.errors import Refused
from accounts.models import Customer
from reconciliation import exports
from reconciliation.exports import Column, Export, csv_lines, safe_text, write_xlsx
from tests.factories import make_account
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db

RUN = '=HYPERLINK("http://x")'


def ask(scene: Scene, browse: Any, who: str = "carol", **query: Any) -> Any:
    return browse(who).get(scene.cast.url("desk:exports"), {"format": "csv", **query})


def table_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def made(*rows: tuple[Any, ...], count: int = 0) -> Export:
    columns = [Column(head="Texto"), Column(head="Monto", kind="money"), Column(head="Día", kind="date")]
    return Export(name="x", columns=columns, rows=rows, count=count or len(rows))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=cmd|' /C calc'!A0", "＝1", "\u00a0=1", "=", "-"],
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_text(text).startswith("'")
    assert safe_text(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", ["a;=1+1", "a,@x", "a\t=1", 'a"=1', "a|=1", "a; =1", "a\n-1"])
def test_nor_does_what_stands_behind_a_separator_of_another_country(text: str) -> None:
    safe = safe_text(text)
    for sign in ';,\t|\n"':
        assert not [part for part in safe.split(sign)[1:] if part.lstrip()[:1] in ("=", "+", "-", "@")]


@pytest.mark.parametrize("text", ["", "PEREZ ALICIA", "0134-0412", "a=b", "a@b.example", "A - B", "1+1", "ñ"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


def test_amounts_and_dates_stay_numbers_and_dates() -> None:
    lines = list(csv_lines(made(("x", Decimal("-12.5000"), dt.date(2026, 11, 24)), ("y", Decimal("1E+3"), None))))
    assert lines[0].startswith("\ufeff")
    assert lines[1:] == ["x,-12.50,2026-11-24\r\n", "y,1000.00,\r\n"]


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    file = io.BytesIO()
    rows = (
        (RUN, Decimal("-12.50"), dt.date(2026, 11, 24)),
        ("http://x.example", Decimal("99999999999.99"), None),
        ("123", None, None),
    )
    write_xlsx(made(*rows), file)
    with zipfile.ZipFile(file) as zipped:
        sheet = zipped.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<hyperlink" not in sheet
    read = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python()
    assert read[0] == ["Texto", "Monto", "Día"]
    assert read[1] == [RUN, -12.5, dt.date(2026, 11, 24)]
    assert read[2][:2] == ["http://x.example", 99999999999.99]
    assert read[3][0] == "123"


def test_more_rows_than_a_sheet_takes_are_refused_with_a_sentence(scene: Scene, browse: Any, monkeypatch: Any) -> None:
    with pytest.raises(Refused) as refused:
        write_xlsx(made(count=exports.MOST_IN_A_SHEET + 1), io.BytesIO())
    assert refused.value.code == "too_many_rows"
    scene.line("5.00")
    scene.line("6.00")
    monkeypatch.setattr(exports, "MOST_IN_A_SHEET", 1)
    answer = ask(scene, browse, table="open_deposits", format="xlsx")
    assert answer.status_code == 400
    assert "Serían 2 filas" in answer.content.decode()
    assert ask(scene, browse, table="open_deposits").status_code == 200


def test_accounting_and_auditors_take_tables_away_and_nobody_else(scene: Scene, browse: Any) -> None:
    for who, status in {"carol": 200, "dan": 200, "ada": 200, "otto": 200, "sue": 403, "alice": 403}.items():
        assert browse(who).get(scene.cast.url("desk:exports")).status_code == status
        assert ask(scene, browse, who, table="entries").status_code == status


@pytest.mark.parametrize("query", [{"table": "users"}, {"table": ""}, {"format": "exe"}, {"since": "x"}, {"account": "99999999"}])
def test_a_question_that_is_none_is_said(scene: Scene, browse: Any, query: dict[str, str]) -> None:
    answer = ask(scene, browse, **{"table": "entries", **query})
    assert answer.status_code == 400
    assert "Exportar" in answer.content.decode()


def test_entries_add_up_by_account(scene: Scene, browse: Any) -> None:
    Customer.objects.filter(pk=scene.cast.a.pk).update(name=RUN)
    ticket, line = scene.paid("20.00", scene.order("20.00"))
    gone, _line = scene.paid("7.00", scene.order("7.00"))
    scene.reverse(gone)
    answer = ask(scene, browse, table="entries")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith('attachment; filename="entries-')
    rows = table_of(answer)
    assert [row["Monto"] for row in rows] == ["20.00", "7.00", "-7.00"]
    assert {row["Viene de"] for row in rows} == {"Banco"}  # no code of ours
    assert {row["Va a"] for row in rows} <= {"Orden", "Banco"}
    assert {row["Cliente"] for row in rows} == {f"'{RUN}"}
    assert rows[0]["Ticket"] == ticket.number
    assert rows[0]["Referencia del banco"] == line.reference_raw
    other = make_account(scene.cast.merchant, currency="VES", methods=[scene.cast.transfer])
    assert table_of(ask(scene, browse, table="entries", account=other.pk)) == []
    assert len(table_of(ask(scene, browse, table="entries", account=scene.cast.account.pk))) == 3


def test_paid_orders_and_open_deposits_are_what_they_say(scene: Scene, browse: Any) -> None:
    order = scene.order("20.00")
    scene.paid("20.00", order)
    scene.order("9.00")
    free = scene.line("31.00", text="-PEREZ")
    (paid,) = table_of(ask(scene, browse, table="paid_orders", account=scene.cast.account.pk))
    assert (paid["Orden"], paid["Total"]) == (order.number, "20.00")
    assert paid["Tipo"] == str(order.get_kind_display())
    (left,) = table_of(ask(scene, browse, table="open_deposits"))
    assert (left["Movimiento"], left["Sin conciliar"], left["Texto"]) == (str(free.pk), "31.00", "'-PEREZ")
    workbook = ask(scene, browse, table="open_deposits", format="xlsx")
    read = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(workbook.streaming_content))).get_sheet_by_index(0).to_python()
    assert read[1][7] == "-PEREZ"


def test_another_merchants_rows_are_not_among_them(scene: Scene, browse: Any) -> None:
    other = make_scene(slug="otra")
    other.paid("20.00", other.order("20.00"))
    other.line("5.00")
    for table in exports.Table.values:
        assert table_of(ask(scene, browse, table=table)) == []
    assert ask(scene, browse, table="entries", account=other.cast.account.pk).status_code == 400


def test_a_long_table_costs_as_many_queries_as_a_short_one(scene: Scene, browse: Any) -> None:
    counts = []
    for n in range(6):
        scene.line(f"{n + 1}.00")
        with CaptureQueriesContext(connection) as asked:
            assert len(table_of(ask(scene, browse, table="open_deposits"))) == n + 1
        counts.append(len(asked))
    assert counts[1] == counts[-1]
