"""Customers and orders from a file on the desk: columns guessed, counts that add up, refusals row by row, undone as a whole."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from xlsxwriter import Workbook

from accounts.models import Customer
from orders.models import Order, OrderImport
from reconciliation.models import LedgerEntry
from tests.cast import make_cast
from tests.factories import make_order
from tests.reconciliation.scene import Scene

HEAD = "Código de cliente;Razón social;Correo;Nº factura;Concepto;Emisión;Vencimiento;Importe;IVA %"
GOOD = f"""{HEAD}
K1;Panadería Sol;sol@x.example;F-1;Plan fibra;01/11/2026;15/11/2026;100,00;16
K2;Ñandú C.A.;;F-2;Dominio;02/11/2026;30/11/2026;12,50;
"""
URL, ONE = "desk:orders_import", "desk:order_import"


def send(scene: Scene, browse: Any, content: str | bytes, name: str = "ordenes.csv", who: str = "sue") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return browse(who).post(scene.cast.url(URL), {"file": SimpleUploadedFile(name, data)})


def latest() -> OrderImport:
    return OrderImport.objects.order_by("-pk")[0]


def test_a_companys_own_sheet_is_understood_brought_in_and_undone(
    scene: Scene, browse: Any, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = Customer.objects.count()
    assert send(scene, browse, GOOD).status_code == 302
    made = latest()
    assert made.mapping["customer_number"] == 0
    assert made.mapping["unit_price"] == 7
    assert made.outcome["orders"] == {"new": 2, "known": 0, "refused": 0}
    assert not Order.objects.filter(number="F-1").exists()
    with monkeypatch.context() as patch:
        patch.setattr("orders.import_files.read_table", None)  # looking reads no file: a large one takes its time
        page = browse("sue").get(scene.cast.url(ONE, made.pk)).content.decode()
    assert "Incorporar" in page
    assert "Panadería Sol" in page
    assert "128,50" in page  # a price read wrong shows before it is brought in
    assert post("sue", ONE, made.pk, what="bring").status_code == 302
    assert Order.objects.with_balance().get(number="F-1").total == 116
    assert Customer.objects.count() == customers + 2
    # The same file again: everything is known, nothing comes in.
    send(scene, browse, GOOD)
    again = latest()
    assert again.outcome["orders"] == {"new": 0, "known": 2, "refused": 0}
    assert post("sue", ONE, again.pk, what="bring").status_code == 400
    # Undone, but for what somebody used: an order on which money was booked, and its customer.
    assert post("sue", ONE, made.pk, what="bring").status_code == 409
    assert post("sue", ONE, made.pk, what="undo").status_code == 302
    assert not Order.objects.filter(number__in=("F-1", "F-2")).exists()
    assert Customer.objects.count() == customers
    assert post("sue", ONE, made.pk, what="undo").status_code == 409


def test_what_somebody_used_stays_when_a_file_is_undone(scene: Scene, browse: Any, post: Any) -> None:
    send(scene, browse, GOOD)
    made = latest()
    post("sue", ONE, made.pk, what="bring")
    kept = Order.objects.get(number="F-1")
    post("carol", "desk:order_void", kept.number, reason="Se emitió dos veces")
    post("sue", "desk:contact_new", Customer.objects.get(number="K2").pk, email="n@n.example", name="N", can_see_orders="on")
    post("sue", ONE, made.pk, what="undo")
    assert Order.objects.filter(number__startswith="F-").get() == kept
    assert Customer.objects.filter(number__in=("K1", "K2")).count() == 2
    made.refresh_from_db()
    assert (made.outcome["undone"], made.outcome["kept"]) == (1, 3)
    assert not LedgerEntry.objects.exists()


def test_each_bad_row_is_told_with_its_column_and_the_rest_may_come(scene: Scene, browse: Any, post: Any) -> None:
    make_order(scene.cast.a, number="F-9")
    bad = f"""{HEAD}
K1;Panadería Sol;;F-1;Plan;01/11/2026;15/11/2026;100,00;16
K3;Mal;;F-3;Plan;31/02/2026;15/11/2026;100,00;16
K4;Peor;;F-4;Plan;01/11/2026;15/11/2026;mil;16
K5;Otra;no-es-correo;F-5;Plan;01/11/2026;15/11/2026;10,00;16
K6;Fórmula;;F-6;Plan;01/11/2026;15/11/2026;=A1*2;16
{scene.cast.a.number};Otro nombre;;F-7;Plan;01/11/2026;15/11/2026;10,00;16
K8;Antes;;F-8;Plan;15/11/2026;01/11/2026;10,00;16
K9;Duplicado;;F-9;Plan;01/11/2026;15/11/2026;10,00;16
K9;Duplicado;;F-1;Plan;01/11/2026;15/11/2026;10,00;16
"""
    send(scene, browse, bad)
    made = latest()
    told = {(row, column) for row, _code, column, _data in made.outcome["refused"]}
    assert told >= {
        (3, "issued_on"), (4, "unit_price"), (5, "customer_email"), (6, "unit_price"), (7, "customer_name"), (8, "due_on"),
        (9, "order_number"), (10, "customer_number"),
    }  # fmt: skip
    page = browse("sue").get(scene.cast.url(ONE, made.pk)).content.decode()
    assert "«Emisión»" in page
    assert "Vencimiento" in page
    assert post("sue", ONE, made.pk, what="bring").status_code == 400
    assert [order.number for order in Order.objects.filter(number__startswith="F-")] == ["F-9"]


def test_what_is_refused_is_said_in_the_language_of_whoever_reads_it(scene: Scene, browse: Any) -> None:
    bad = f"""{HEAD}
K1;Uno;no-es-correo;F-1;Plan;01/11/2026;15/11/2026;10,00;16
K2;{"x" * 201};;F-2;Plan;01/11/2026;15/11/2026;10,00;16
K3;Tres;;F-3;Plan;15/11/2026;01/11/2026;10,00;16
K4;;;F-4;Plan;01/11/2026;15/11/2026;10,00;16
K5;Cinco;;F-5;Plan;01/11/2026;mañana;10,00;16
K6;Seis;;F-6;Plan;01/11/2026;15/11/2026;0;16
"""
    send(scene, browse, bad)
    made = latest()
    said = {
        "es": ["«Correo» no es una dirección de correo.", "«Razón social» tiene más de 200 caracteres.", "antes de emitirse",
               "es nuevo y no trae «Razón social».", "«Vencimiento» no es una fecha", "mayor que cero"],
        "en": ["«Correo» is no e-mail address.", "«Razón social» is longer than 200 signs.", "before it is issued",
               "is new and has no «Razón social».", "«Vencimiento» is not a date", "more than zero"],
    }  # fmt: skip
    for language, sentences in said.items():
        sue = browse("sue")
        sue.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = sue.get(scene.cast.url(ONE, made.pk)).content.decode()
        assert [each for each in sentences if each not in page] == []
    assert not any(each in str(made.outcome["refused"]) for each in ("correo.", "e-mail"))


def test_what_a_version_before_stored_as_sentences_is_still_told(scene: Scene, browse: Any) -> None:
    send(scene, browse, GOOD)
    made = latest()
    del made.outcome["refused"]
    made.outcome |= {
        "problems": [[2, "issued_on no es 100 % una fecha.", "issued_on"], [3, "Otra cosa.", ""]],
        "problem_count": 2,
    }
    made.save()
    page = browse("sue").get(scene.cast.url(ONE, made.pk)).content.decode()
    assert "«Emisión» no es 100 % una fecha." in page
    assert "Otra cosa." in page


def test_a_file_of_which_every_row_is_refused_asks_for_its_columns(scene: Scene, browse: Any) -> None:
    head = "Cliente;Nº factura;Concepto;Emisión;Vencimiento;Importe"
    send(scene, browse, f"{head}\nPanadería Sol;F-1;Plan;01/11/2026;15/11/2026;100\n")
    page = browse("sue").get(scene.cast.url(ONE, latest().pk)).content.decode()
    assert "se rechazó cada fila nueva" in page
    assert "nada nuevo" not in page
    assert '<details class="card" open>' in page


def test_columns_are_named_by_hand_and_remembered(scene: Scene, browse: Any, post: Any) -> None:
    strange = GOOD.replace("Código de cliente", "Clave").replace("Importe", "Bs")
    send(scene, browse, strange)
    made = latest()
    assert "customer_number" in made.outcome["missing"]
    page = browse("sue").get(scene.cast.url(ONE, made.pk)).content.decode()
    assert "Diga abajo qué columna es" in page
    assert '<button class="btn btn-primary">Leer con estas columnas' in page  # all that can be done here
    columns = {name: str(place) for name, place in made.mapping.items()}
    assert post("sue", ONE, made.pk, what="map", **columns, customer_number="0", unit_price="0").status_code == 400
    assert post("sue", ONE, made.pk, what="map", **columns, customer_number="77").status_code == 400
    assert post("sue", ONE, made.pk, what="map", **columns, customer_number="0", unit_price="7").status_code == 302
    assert post("sue", ONE, made.pk, what="bring").status_code == 302
    send(scene, browse, strange.replace("F-1", "F-11"))
    assert latest().outcome["missing"] == []


def workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def test_a_workbook_keeps_its_numbers_and_a_formula_is_refused(scene: Scene, browse: Any) -> None:
    head = ["customer_number", "customer_name", "order_number", "description", "issued_on", "due_on", "amount"]
    rows = [head, [1007, "Óptica", "00123", "Lentes", "2026-11-01", "2026-11-30", 12.5],
            [1008, "Otra", "00124", "Lentes", "2026-11-01", "2026-11-30", "=5*3"]]  # fmt: skip
    send(scene, browse, workbook(rows), "o.xlsx")
    made = latest()
    assert made.outcome["orders"]["new"] == 1
    assert [(row, column) for row, _code, column, _data in made.outcome["refused"]] == [(3, "unit_price")]


def test_what_is_no_table_is_told_in_a_sentence_and_nothing_is_kept(scene: Scene, browse: Any) -> None:
    for content in (b"", b"%PDF-1.7", b"\x89PNG\r\n", b"PK\x03\x04zip", b"<html><table>", b'a;"b\nc'):
        answer = send(scene, browse, content or b" ")
        assert answer.status_code == 400, content
        assert answer.context["form"].errors["file"]
    assert not OrderImport.objects.exists()
    assert send(scene, browse, GOOD, who="otto").status_code == 403
    assert not OrderImport.objects.exists()


def test_a_large_file_is_a_jobs_and_another_house_sees_nothing(
    scene: Scene, browse: Any, post: Any, monkeypatch: pytest.MonkeyPatch, run_jobs: Any
) -> None:
    monkeypatch.setattr("orders.import_files.MOST_AT_ONCE", 1)
    send(scene, browse, GOOD)
    made = latest()
    post("sue", ONE, made.pk, what="bring")
    made.refresh_from_db()
    assert made.state == "queued"
    assert "se está incorporando" in browse("sue").get(scene.cast.url(ONE, made.pk)).content.decode()
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.outcome["written"]) == ("done", 4)
    assert Order.objects.get(number="F-2").created_by == scene.cast.sue.user
    from tests.cast import client_of

    far = make_cast(name="Litoral", slug="litoral")
    assert client_of(far.sue).get(far.url(ONE, made.pk)).status_code == 404
