"""Movements by hand and from the house's own CSV: twins survive, nothing comes twice, one bad row never loses the good ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.http import Http404
from django.utils import translation

from accounts.errors import NotAllowed, Refused
from reconciliation.models import LineBalance, RejectedLine, StatementImport, StatementLine
from reconciliation.selectors import LineFilters, line_for, lines_for
from reconciliation.statements import simple_csv
from reconciliation.statements.rows import StatementRejected
from reconciliation.words import rejection_of_file, rejection_of_row
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets

pytestmark = pytest.mark.django_db
HEADER = "date,amount,reference,text\n"


def told(row: RejectedLine) -> dict[str, Any]:
    """A row as the words take it."""
    return {"line": row.number, "code": row.code, "column": row.column}


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def bring(scene: Scene, content: str | bytes, **kw: Any) -> StatementImport:
    content = content.encode() if isinstance(content, str) else content
    kw.setdefault("by", scene.cast.carol)
    account_id = kw.pop("account_id", scene.cast.account.pk)
    return bring_own_sheet(merchant=scene.cast.merchant, account_id=account_id, file_name="banco.csv", content=content, **kw)


def test_a_line_by_hand_has_its_person_reason_and_balance(scene: Scene) -> None:
    line = scene.line("12.50", reference="00-45 77", reason="El banco no da archivo", by=scene.cast.carol)
    assert (line.source, line.entered_by, line.entry_reason) == ("manual", scene.cast.carol.user, "El banco no da archivo")
    assert (line.reference_raw, line.reference, line.currency) == ("00-45 77", "4577", "USD")
    assert LineBalance.objects.get(pk=line.pk).free == Decimal("12.50")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": " "}, "reason_required"),
        ({"amount": "0"}, "amount_invalid"),
        ({"amount": "1.001"}, "amount_invalid"),
        ({"amount": "NaN"}, "amount_invalid"),
        ({"amount": "1000000000000"}, "amount_invalid"),
        ({"booked_on": dt.date(2999, 1, 1)}, "date_invalid"),
        ({"source": "import"}, "source_invalid"),
        ({"reference": "9" * 81}, "too_long"),
        ({"text": "a\x00b"}, "too_long"),
    ],
)
def test_bad_lines_are_refused(scene: Scene, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        scene.line(fields.pop("amount", "10"), **fields)
    assert refused.value.code == code
    assert not StatementLine.objects.exists()


def test_a_date_of_long_ago_is_not_called_the_future(scene: Scene) -> None:
    for day in (dt.date(1, 1, 1), dt.date(1999, 12, 31)):
        with pytest.raises(Refused) as refused, translation.override("en"):
            scene.line("10", booked_on=day)
        assert (refused.value.code, "before the year 2000" in refused.value.message) == ("date_invalid", True)
    assert not StatementLine.objects.exists()


def test_only_accounting_enters_lines_in_its_own_accounts(scene: Scene) -> None:
    for actor in (scene.cast.sue, scene.cast.otto, scene.cast.alice, scene.cast.system):
        with pytest.raises(NotAllowed):
            scene.line("10", by=actor)
        if actor is not scene.cast.system:
            with pytest.raises(NotAllowed):
                bring(scene, HEADER, by=actor)
    other = make_scene()
    with pytest.raises(Http404):
        scene.line("10", account=other.cast.account)
    with pytest.raises(Http404):
        bring(scene, HEADER, account_id=other.cast.account.pk)


def test_the_same_line_by_hand_is_known(scene: Scene) -> None:
    scene.line("10", reference="123456")
    for reference in ("123456", "00 123456"):
        with pytest.raises(Refused) as refused:
            scene.line("10", reference=reference)
        assert refused.value.code == "line_known"
    scene.line("11", reference="", text="Depósito en taquilla 1")
    scene.line("11", reference="", text="Depósito en taquilla 2")
    bring(scene, HEADER + f"{scene.today},33,777,x\n")
    with pytest.raises(Refused):
        scene.line("33", reference="777")
    assert StatementLine.objects.count() == 4


@pytest.mark.parametrize(("first", "second"), [("777", ""), ("", "777"), ("", "")])
def test_a_line_that_may_be_the_banks_asks_whether_it_is_another(scene: Scene, first: str, second: str) -> None:
    bring(scene, HEADER + f"{scene.today},33,{first},TRF\n")
    with pytest.raises(Refused) as refused:
        scene.line("33", reference=second, text="Depósito de Pedro", is_another=False)
    assert (refused.value.code, refused.value.fields) == ("line_maybe_known", ("is_another",))
    assert StatementLine.objects.count() == 1
    scene.line("33", reference=second, text="Depósito de Pedro", is_another=True)
    scene.line("34", reference=second, is_another=False)
    assert StatementLine.objects.count() == 3


def test_a_file_is_read_in_either_language_and_twins_survive(scene: Scene) -> None:
    made = bring(scene, HEADER + "2026-11-01,10.00,0045,PAGO\n2026-11-01,10.00,0045,PAGO\n2026-11-02,-3.5,,COMISION\n")
    assert (made.lines_new, made.lines_known, made.rejected_lines.count()) == (3, 0, 0)
    assert list(StatementLine.objects.order_by("pk").values_list("amount", "ordinal")) == [(10, 0), (10, 1), (Decimal("-3.5"), 0)]
    spanish = "﻿Fecha;Monto;Referencia;Texto;Nombre_pagador;Documento_pagador;Banco_origen;Saldo\r\n"
    spanish += "03/11/2026;1234,50;99;PAGO ÑANDÚ;Alicia;V-1234567;0134;2000,00\r\n"
    bring(scene, spanish)
    line = StatementLine.objects.get(reference="99")
    assert (line.booked_on, line.amount, line.balance_after) == (dt.date(2026, 11, 3), Decimal("1234.50"), 2000)
    assert (line.payer_name, line.payer_id, line.origin_bank_code, line.text) == ("Alicia", "V-1234567", "0134", "PAGO ÑANDÚ")


def test_the_same_file_again_adds_nothing_and_a_longer_one_only_what_is_new(scene: Scene) -> None:
    rows = "2026-11-01,10.00,1,a\n2026-11-01,10.00,1,a\n"
    bring(scene, HEADER + rows)
    again = bring(scene, HEADER + rows)
    assert (again.lines_new, again.lines_known) == (0, 2)
    longer = bring(scene, HEADER + rows + "2026-11-01,10.00,1,a\n2026-11-02,5,2,b\n")
    assert (longer.lines_new, longer.lines_known) == (2, 2)
    assert StatementLine.objects.count() == LineBalance.objects.count() == 4


def test_bad_rows_are_named_and_the_good_ones_kept(scene: Scene) -> None:
    day = "2026-11-01"
    bad = [
        *("32/11/2026,1,1,a", "2026-13-01,1,1,a", "11-01-2026,1,1,a"),
        *(f"{day},{amount},1,a" for amount in ("0", "", "abc", "1.234", '"1,234.50"', "1e3", "NaN")),
        *(f"{day},1,1", f"{day},1,1,a,b", f"{day},1,{'9' * 81},a", "1999-11-01,1,1,a"),
        *(f"{day},{amount},1,a" for amount in ("9999999999999", "(23.00)", "٣")),
    ]
    made = bring(scene, HEADER + "2026-11-01,7,1,bueno\n" + "\n".join(bad) + "\n\n2026-11-01,8,1,bueno\n")
    assert made.lines_new == 2
    rejected = list(made.rejected_lines.all())
    assert [row.number for row in rejected] == list(range(3, 3 + len(bad)))
    codes = [row.code for row in rejected]
    assert codes[:10] == ["date"] * 3 + ["zero"] + ["amount"] * 6
    assert codes[10:] == ["columns", "columns", "too_long", "date_unlikely", "too_large", "amount", "amount"]
    assert set(StatementLine.objects.values_list("amount", flat=True)) == {7, 8}
    for language in ("es", "en"):
        with translation.override(language):
            assert all(str(row.number) in rejection_of_row(told(row)) for row in rejected)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (HEADER.encode(), "empty"),
        (b"when,how much\n1,2\n", "header"),
        (b"date,amount,reference,text,color\n1,2,3,4,5\n", "header"),
        (b"date,amount,reference,date,text\n1,2,3,4,5\n", "header"),
        (b"PK\x03\x04\x00\x00", "binary"),
        (HEADER.encode() + b'2026-11-01,1,1,"a' + b"x" * 200_000, "header"),
        (HEADER.encode() + b"x" * (10 * 1024 * 1024), "too_large"),
        (HEADER.encode() + "2026-11-01,1,1,\u00e1".encode() + b"\x81\xff\n", "encoding"),
    ],
)
def test_files_that_cannot_be_read_are_refused_whole(scene: Scene, content: bytes, code: str) -> None:
    with pytest.raises(StatementRejected) as rejected:
        simple_csv.parse(content, "USD")
    assert rejected.value.code == code
    with pytest.raises(Refused) as refused:
        bring(scene, content)
    assert refused.value.code == "statement_rejected"
    assert (StatementImport.objects.count(), StatementLine.objects.count()) == (0, 0)
    for language in ("es", "en"):
        with translation.override(language):
            assert rejection_of_file(code, "x")


def test_windows_text_and_currencies_without_cents(scene: Scene) -> None:
    statement = simple_csv.parse("fecha;monto;referencia;texto\n01/11/2026;5;1;Peña\n".encode("cp1252"), "USD")
    assert statement.rows[0].text == "Peña"
    pesos = simple_csv.parse(b"date,amount,reference,text\n2026-11-01,5.5,1,a\n2026-11-01,5,1,a\n", "CLP")
    assert ([row.amount for row in pesos.rows], [row.code for row in pesos.rejected]) == ([5], ["amount"])


def test_a_ticket_that_waits_comes_back_when_its_deposit_arrives(scene: Scene, run_jobs: Any) -> None:
    waiting, other = scene.report("77", reference="123456789"), scene.report("88", reference="987654321")
    for ticket in (waiting, other):
        tickets.wait_for_bank(ticket_id=ticket.pk, until=scene.today + dt.timedelta(days=2), by=scene.cast.carol)
    bring(scene, HEADER + f"{scene.today},77,555,x\n")
    run_jobs()
    assert (scene.state(waiting), scene.state(other)) == ("in_review", "waiting_for_bank")
    scene.line("500", reference="00987654321")
    run_jobs()
    assert scene.state(other) == "in_review"


def test_lines_are_listed_searched_and_opened(scene: Scene, django_assert_num_queries: Any) -> None:
    used = scene.line("40", reference="111222333", text="TRANSFERENCIA PEÑA", payer_id="V-7654321")
    scene.line("50", reference="444555666")
    ticket = scene.report("40")
    scene.verify(ticket, used)
    for _ in range(5):
        scene.line("3")
    # count · page · live matches with ticket and customer
    with django_assert_num_queries(3):
        page = lines_for(scene.cast.otto, LineFilters())
        assert [line.balance.free for line in page.rows].count(Decimal(3)) == 5
    assert page.total == 7
    by_text = lines_for(scene.cast.carol, LineFilters(text="pena"))
    assert ([line.pk for line in by_text.rows], by_text.rows[0].live_matches[0].transfer.report.ticket) == ([used.pk], ticket)  # type: ignore[attr-defined]
    assert lines_for(scene.cast.carol, LineFilters(text="0222333")).total == 1
    assert lines_for(scene.cast.carol, LineFilters(use="used")).total == 1
    assert lines_for(scene.cast.carol, LineFilters(use="free", amount=Decimal(50))).total == 1
    opened = line_for(scene.cast.carol, used.pk)
    assert [entry.target_credit_id is not None for entry in opened.entries_out.all()] == [True]
    for actor in (scene.cast.alice, scene.cast.nora):
        with pytest.raises(NotAllowed):
            lines_for(actor, LineFilters())
    with pytest.raises(Http404):
        line_for(make_scene().cast.carol, used.pk)


@pytest.mark.parametrize(("allocated", "by_line"), [(0, False), (5, False), (5, True)])
def test_a_balance_comes_with_its_line_alone_and_empty(scene: Scene, allocated: int, by_line: bool) -> None:
    """Also within a trigger, where balances are brought and moved, none begins with money."""
    line = scene.line("10")
    with connection.cursor() as cursor:
        insert = (
            "INSERT INTO reconciliation_linebalance (line_id, merchant_id, amount, allocated, reserved) "
            f"SELECT {line.pk}, {line.merchant_id}, 10, {allocated}, 0"
        )
        cursor.execute("DELETE FROM reconciliation_linebalance WHERE line_id = %s", [line.pk])
        if by_line:
            cursor.execute(f"CREATE FUNCTION bring() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {insert}; RETURN NULL; END'")
            cursor.execute("CREATE TRIGGER bring AFTER UPDATE ON accounts_merchant FOR EACH ROW EXECUTE FUNCTION bring()")
            insert = "UPDATE accounts_merchant SET name = 'Otro'"
        with pytest.raises(IntegrityError, match="kept by entries and matches alone"):
            cursor.execute(insert)
