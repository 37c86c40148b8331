"""Bad files over HTTP, each through the page and its job: a state on screen, line and reason in words, nothing good lost."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from reconciliation.audit import audit_books
from reconciliation.importing import reading
from reconciliation.models import LineBalance, StatementImport, StatementLine
from reconciliation.services import close_period, commit_import, save_profile
from reconciliation.statements import border
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from tests.factories import make_account
from tests.reconciliation.scene import Scene
from tests.statements.old_workbook import old_workbook

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parents[1] / "statements/fixtures"
NUMBERS = itertools.count(1)
HEAD = "Fecha;Referencia;Concepto;Monto"
GOOD = ("02/11/2026;75572442;Pago de Ana;33.600,00", "03/11/2026;75572443;Pago de José;5,00")
COLUMNS = {"date": "Fecha", "reference": "Referencia", "text": "Concepto", "amount": "Monto"}
TABLE = Profile(separator=";", thousands=".", columns=COLUMNS)
SHEET = Profile.from_json({**TABLE.to_json(), "format": "xlsx"})
UTF16 = Profile.from_json({**TABLE.to_json(), "encoding": "utf-16"})
HTML = Profile.from_json({**TABLE.to_json(), "format": "html"})


def rows(*lines: str) -> bytes:
    return "\r\n".join([HEAD, *lines]).encode()


def fixture(key: str) -> bytes:
    return next(FIXTURES.glob(f"{key}.*")).read_bytes()


def unpacking_to_a_hundred_megabytes() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            for _each in range(100):
                member.write(b"0" * (1 << 20))
    return out.getvalue()


def two_cells_far_apart() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Fecha")
    sheet.write(1_048_575, 16_383, "fin")
    book.close()
    return out.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document><BkToCstmrStmt><Stmt><Id>&b;</Id></Stmt></BkToCstmrStmt></Document>"""
CARD = """<html><body><table><tr><th>Fecha</th><th>Referencia</th><th>Concepto</th><th>Monto</th></tr>
<tr><td>02/11/2026</td><td>75572442</td><td>Pago</td><td>31.02,x</td></tr></table></body></html>"""


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A file, the profile that meets it, what the page says, and how many of its rows are good all the same."""

    content: bytes
    says: str
    profile: Profile = TABLE
    good: int = 0
    # Where the limits of the child itself are what refuses it.
    in_child: bool = False
    rejected: tuple[int, ...] = field(default=())


REFUSED = {
    "another bank's": Bad(content=fixture("ve-banplus-txt"), says="no nombra lo que busca el perfil de la cuenta: Fecha"),
    "another bank's, by records": Bad(
        content=fixture("ve-banplus-txt"), profile=LAYOUTS["ve-banesco-qif"].profile, says="no está escrito en el formato"
    ),
    "another account's": Bad(
        content=fixture("ve-venezuela-txt"), profile=LAYOUTS["ve-venezuela-txt"].profile, says="El archivo es de otra cuenta: 0"
    ),
    "another currency's": Bad(content=fixture("ofx"), profile=LAYOUTS["ofx"].profile, says="otra"),
    "truncated": Bad(
        content=fixture("ve-provincial-aeb43")[:-70], profile=LAYOUTS["ve-provincial-aeb43"].profile,
        says="El archivo está cortado: le falta el final",
    ),
    "a heading alone": Bad(content=rows(), says="Ninguna fila del archivo se pudo leer como movimiento"),
    "a web page": Bad(content=b"<!DOCTYPE html><html><h1>Su sesi\xf3n expir\xf3</h1></html>", says="es una página web sin tabla"),
    "a web page without its table": Bad(content=b"<html><p>Fecha Monto</p></html>", profile=HTML, says="página web sin tabla"),
    "a web page with nothing to read": Bad(content=CARD.encode(), profile=HTML, says="Fila 2: el monto no está escrito"),
    "binary junk": Bad(content=bytes(range(256)) * 30, says="El archivo no es texto", in_child=True),
    "UTF-16 where nobody said so": Bad(content=rows(*GOOD).decode().encode("utf-16"), says="no están escritas como dice"),
    "dates in another order": Bad(
        content=rows("11/31/2026;1;x;5,00", "12/31/2026;1;x;5,00"), says="Fila 2: la fecha no existe o no está escrita"
    ),
    "a workbook bomb": Bad(content=unpacking_to_a_hundred_megabytes(), profile=SHEET, says="se descomprime a mucho más"),
    "a workbook of a billion cells": Bad(
        content=two_cells_far_apart(), profile=SHEET, says="se descomprime a mucho más", in_child=True
    ),
    "an entity bomb": Bad(content=LAUGHS, profile=LAYOUTS["camt"].profile, says="trae definiciones", in_child=True),
    "no workbook": Bad(content=b"PK\x03\x04junk", profile=SHEET, says="no está escrito en el formato"),
    "an old workbook, cut": Bad(content=old_workbook([["Fecha"]])[:2000], profile=SHEET, says="no está escrito en el formato"),
}  # fmt: skip
READ = {
    "UTF-16": Bad(content=rows(*GOOD).decode().encode("utf-16"), profile=UTF16, good=2, says="Importar 2 líneas nuevas"),
    "two encodings": Bad(
        content=rows(GOOD[0]) + b"\r\n" + GOOD[1].encode("cp1252"), good=2, says="Importar 2 líneas nuevas"
    ),
    "headings in the middle": Bad(
        content=rows(GOOD[0], HEAD, GOOD[1]), good=2, rejected=(3,), says="La fila 3 repite el encabezado"
    ),
    "no number": Bad(content=rows(GOOD[0], "02/11/2026;1;x;NaN"), good=1, rejected=(3,), says="Fila 3: el monto no está escrito"),
    "a billion": Bad(content=rows(GOOD[0], "02/11/2026;1;x;1e9"), good=1, rejected=(3,), says="Fila 3: el monto no está escrito"),
    "nothing": Bad(content=rows(GOOD[0], "02/11/2026;1;x;0,00"), good=1, rejected=(3,), says="Fila 3: el monto es cero"),
    "31 February": Bad(content=rows("31/02/2026;1;x;5,00", *GOOD), good=2, rejected=(2,), says="Fila 2: la fecha no existe"),
    "a field of six megabytes": Bad(
        content=rows(GOOD[0], f"02/11/2026;1;{'y' * 6_000_000};5,00", GOOD[1]), good=2, rejected=(3,),
        says="Fila 3: el texto de la columna", in_child=True,
    ),
    "an old workbook": Bad(
        content=old_workbook([HEAD.split(";"), *(line.split(";") for line in GOOD)]), profile=SHEET, good=2,
        says="Importar 2 líneas nuevas",
    ),
}  # fmt: skip


@pytest.fixture
def send(scene: Scene, browse: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Bad], StatementImport]:
    """Send a file to an account of its own as Carol, as the page does, and run the job. The last import."""
    child = border.read

    def act(bad: Bad, account: Any = None) -> StatementImport:
        account = account or make_account(scene.cast.merchant, currency="VES", number=f"0134041234567890{next(NUMBERS):04d}")
        save_profile(account_id=account.pk, settings=bad.profile.to_json(), name="Banco", by=scene.cast.ada)

        def here(*args: Any, tell: Any = None, **kw: Any) -> Any:
            return border.read_here(*args, **kw)

        monkeypatch.setattr(reading.border, "read", child if bad.in_child else here)
        file = SimpleUploadedFile("extracto.csv", bad.content)
        answer = browse("carol").post(scene.cast.url("desk:lines_import"), {"account": account.pk, "file": file})
        assert answer.status_code == 302, answer.content.decode()
        made = StatementImport.objects.latest("pk")
        assert made.state == "reading"
        run_jobs()
        made.refresh_from_db()
        return made

    return act


def shown(scene: Scene, browse: Any, made: StatementImport) -> str:
    answer = browse("carol").get(scene.cast.url("desk:import", made.pk))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_is_no_statement_of_the_account_is_refused_on_screen(scene: Scene, browse: Any, send: Any) -> None:
    wrong = []
    for name, bad in REFUSED.items():
        made = send(bad)
        html = shown(scene, browse, made)
        if made.state != "refused" or bad.says not in html or "No se pudo leer" not in html:
            wrong.append(f"{name}: {made.state} {made.refusal}")
    assert not wrong
    assert not StatementLine.objects.exists()


def test_bad_rows_are_named_and_the_good_ones_come_in(scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any) -> None:
    wrong = []
    for name, bad in READ.items():
        made = send(bad)
        html = shown(scene, browse, made)
        numbers = tuple(made.rejected_lines.values_list("number", flat=True))
        if (made.state, made.lines_new, numbers) != ("preview", bad.good, bad.rejected) or bad.says not in html:
            wrong.append(f"{name}: {made.state} {made.refusal} {made.lines_new} {numbers}")
            continue
        assert post("carol", "desk:import_commit", made.pk).status_code == 302
        run_jobs()
        found = list(StatementLine.objects.filter(statement_import=made).values_list("text", "amount"))
        if found[-1][1] == 5 and found[-1][0] != "Pago de José":
            wrong.append(f"{name}: {found}")
        assert len(found) == bad.good
        assert all(amount for _text, amount in found)
    assert not wrong
    assert StatementLine.objects.count() == LineBalance.objects.count() == sum(bad.good for bad in READ.values())
    assert list(audit_books(scene.cast.merchant)) == []


def test_twenty_megabytes_and_nothing_at_all_are_refused_at_the_door(scene: Scene, browse: Any) -> None:
    address, account = scene.cast.url("desk:lines_import"), scene.cast.account.pk
    huge = rows(f"02/11/2026;1;{'y' * 20_000_000};5,00")
    for content, says in ((huge, "pasa de 10 MB"), (b"", "extracto.csv"), (b"\r\n ", "ningún movimiento")):
        answer = browse("carol").post(address, {"account": account, "file": SimpleUploadedFile("extracto.csv", content)})
        assert answer.status_code in {400, 413}
        assert says in answer.content.decode() or not content
    assert not StatementImport.objects.exists()


def test_a_file_of_a_closed_month_waits_row_by_row(scene: Scene, browse: Any, send: Any) -> None:
    month = (scene.today.replace(day=1) - dt.timedelta(days=40)).replace(day=1)
    close_period(month=month, by=scene.cast.dan)
    day = f"{month:%d/%m/%Y}"
    made = send(Bad(content=rows(f"{day};1;UNO;10,00", f"{day};2;DOS;20,00"), says=""))
    assert (made.state, made.lines_new, made.lines_held) == ("preview", 0, 2)
    assert "La fila 2 es de un mes ya cerrado" in shown(scene, browse, made)
    assert not StatementLine.objects.exists()


def test_a_file_sent_twice_at_once_comes_in_once(scene: Scene, browse: Any, send: Any, run_jobs: Any) -> None:
    """Both are read before either comes in; the race itself runs on two connections among the safety tests."""
    good = Bad(content=rows(*GOOD), says="")
    first = send(good)
    second = send(good, first.account)
    assert (first.lines_new, second.lines_new) == (2, 2)
    for made in (first, second):
        commit_import(import_id=made.pk, by=scene.cast.carol)
    run_jobs()
    for made in (first, second):
        made.refresh_from_db()
    assert sorted((each.state, each.lines_new, each.lines_known) for each in (first, second)) == [("done", 0, 2), ("done", 2, 0)]
    assert "conocidas" in shown(scene, browse, second)
    assert StatementLine.objects.count() == LineBalance.objects.count() == 2
