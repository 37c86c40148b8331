"""The page of a bank's profile: tried on a file, kept as a version, older ones read and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from desk.samples import IN_SESSION
from reconciliation.models import StatementImport, StatementLine, StatementProfile
from reconciliation.services import receive_statement
from tests.factories import make_account
from tests.reconciliation.scene import Scene

pytestmark = pytest.mark.django_db

FILE = (
    "Banco de la prueba\n"
    "Fecha;Concepto;Referencia;Monto;Saldo\n"
    "21/11/2026;PAGO MOVIL;00123456;1.250,50;11.250,50\n"
    "22/11/2026;COMISION;;-3,25;11.247,25\n"
    "31/02/2026;PAGO;77;10,00;11.257,25\n"
).encode("cp1252")


def typed(**more: Any) -> dict[str, Any]:
    return {
        "name": "Banco de la prueba", "format": "csv", "encoding": "auto", "separator": ";", "skip_header": "1",
        "header_row": "on", "date_choice": "%d/%m/%Y", "decimal": ",", "thousands": ".", "amount_style": "signed",
        "column_date": "Fecha", "column_amount": "Monto", "column_text": "Concepto", "column_reference": "Referencia",
        "column_balance": "Saldo", "layout": "", "based_on": "0", **more,
    }  # fmt: skip


def sample(content: bytes = FILE, name: str = "banco.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/csv")


def address(scene: Scene, name: str = "desk:profile", *args: Any) -> str:
    return scene.cast.url(name, scene.cast.account.pk, *args)


def test_a_profile_is_tried_on_a_file_and_nothing_is_imported(scene: Scene, browse: Any) -> None:
    answer = browse("carol").post(address(scene), {**typed(), "act": "try", "sample": sample()})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "2 movimientos leídos" in html
    assert "1 fila rechazada" in html
    assert "1.250,50" in html
    assert "la fecha no existe" in html
    assert "Banco de la prueba" in html
    assert not StatementLine.objects.exists()
    assert not StatementImport.objects.exists()
    assert not StatementProfile.objects.exists()


def test_the_file_stays_for_the_session_and_can_be_taken_away(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    carol.post(address(scene), {**typed(), "act": "try", "sample": sample()})
    assert "2 movimientos leídos" in carol.post(address(scene), {**typed(), "act": "try"}).content.decode()
    assert "banco.csv" not in browse("dan").get(address(scene)).content.decode()
    kept = carol.session[IN_SESSION][str(scene.cast.account.pk)]["raw_name"]
    html = carol.post(address(scene), {**typed(), "act": "forget"}).content.decode()
    assert "banco.csv" not in html
    assert not default_storage.exists(kept)


def test_htmx_gets_the_preview_and_the_fields_that_changed(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    body = {**typed(column_amount="", shown_errors="separator"), "sample": sample()}
    answer = carol.post(address(scene), body, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert 'id="w-column_amount" hx-swap-oob="true"' in html
    assert 'id="w-separator" hx-swap-oob="true"' in html
    assert 'id="w-decimal"' not in html
    assert 'id="sample-box" hx-swap-oob="true"' in html
    assert "Corrija lo marcado" in html
    good = carol.post(address(scene), typed(shown_errors="column_amount"), headers={"HX-Request": "true"}).content.decode()
    assert "2 movimientos leídos" in good
    assert 'id="w-column_amount" hx-swap-oob="true"' in good
    assert 'id="sample-box"' not in good


def test_kept_it_is_the_next_version_and_shown_again(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    assert carol.post(address(scene), {**typed(), "act": "keep"}).status_code == 302
    kept = StatementProfile.objects.get()
    assert (kept.version, kept.name, kept.created_by) == (1, "Banco de la prueba", scene.cast.carol.user)
    html = carol.get(address(scene)).content.decode()
    assert "Versión 1 en uso" in html
    assert 'value="Concepto"' in html
    assert "Banco de la prueba" in carol.get(scene.cast.url("desk:setup")).content.decode()


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(scene: Scene, browse: Any) -> None:
    answer = browse("carol").post(address(scene), {**typed(column_amount="", column_text="Glosa"), "act": "keep"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_column_amount-error"' in html
    assert 'value="Glosa"' in html
    assert not StatementProfile.objects.exists()


def test_somebody_faster_is_told_and_nothing_typed_is_lost(scene: Scene, browse: Any) -> None:
    browse("dan").post(address(scene), {**typed(name="De Dan"), "act": "keep"})
    answer = browse("carol").post(address(scene), {**typed(name="De Carol"), "act": "keep"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Alguien guardó mientras tanto la versión 1" in html
    assert 'value="De Carol"' in html
    assert StatementProfile.objects.get().name == "De Dan"


def test_an_older_version_is_read_and_taken_back(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    carol.post(address(scene), {**typed(name="Uno"), "act": "keep"})
    carol.post(address(scene), {**typed(name="Dos", separator=",", based_on="1"), "act": "keep"})
    html = browse("otto").get(address(scene, "desk:profile_version", 1)).content.decode()
    assert "Uno" in html
    assert "punto y coma" in html
    assert "Recuperar" not in html
    assert "Recuperar la versión 1" in carol.get(address(scene, "desk:profile_version", 1)).content.decode()
    assert carol.post(address(scene, "desk:profile_version", 1), {"based_on": "1"}).status_code == 409
    assert carol.post(address(scene, "desk:profile_version", 1), {"based_on": "2"}).status_code == 302
    newest = StatementProfile.objects.order_by("-version")[0]
    assert (newest.version, newest.name, newest.restores) == (3, "Uno", 1)
    assert browse("otto").post(address(scene, "desk:profile_version", 2)).status_code == 403
    assert StatementProfile.objects.count() == 3


def test_a_ready_made_layout_fills_the_settings_and_keeps_nothing(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    html = carol.get(address(scene) + "?layout=ec-pichincha-csv").content.decode()
    assert 'value="Banco Pichincha' in html
    assert carol.get(address(scene) + "?layout=own").status_code == 200
    assert carol.get(address(scene) + "?layout=none").status_code == 404
    assert not StatementProfile.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no tiene ningún movimiento"),
        (b"\x00\x01\x02\x03" * 300, "no es texto"),
        ("Fecha;Monto\n".encode("utf-16"), ""),
        (b"<html><body>Sesion expirada</body></html>", "página web"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(scene: Scene, browse: Any, content: bytes, words: str) -> None:
    answer = browse("carol").post(address(scene), {**typed(), "act": "try", "sample": sample(content)})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "El archivo no se puede leer así." in html
    assert words in html


def test_a_file_that_is_gone_is_asked_for_again(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    carol.post(address(scene), {**typed(), "act": "try", "sample": sample()})
    default_storage.delete(carol.session[IN_SESSION][str(scene.cast.account.pk)]["raw_name"])
    assert "Elíjalo otra vez" in carol.post(address(scene), {**typed(), "act": "try"}).content.decode()


def test_only_accounting_edits(scene: Scene, browse: Any) -> None:
    for name in ("sue", "otto"):
        assert browse(name).get(address(scene)).status_code == 403
        assert browse(name).post(address(scene), {**typed(), "act": "keep"}).status_code == 403
    assert not StatementProfile.objects.exists()


def test_versions_cost_no_query_each(scene: Scene, browse: Any, django_assert_max_num_queries: Any) -> None:
    carol = browse("carol")
    for number in range(4):
        carol.post(address(scene), {**typed(name=f"Uno {number}", based_on=str(number)), "act": "keep"})
    carol.get(address(scene))
    with django_assert_max_num_queries(16):
        carol.get(address(scene))


def received(scene: Scene, account_id: int) -> StatementImport:
    merchant, carol = scene.cast.merchant, scene.cast.carol
    return receive_statement(merchant=merchant, account_id=account_id, file_name="noviembre.csv", content=FILE, by=carol)


def test_the_file_of_an_import_can_be_tried_and_stays_with_it(scene: Scene, browse: Any) -> None:
    carol = browse("carol")
    made = received(scene, scene.cast.account.pk)
    html = carol.get(address(scene) + f"?file={made.pk}").content.decode()
    assert "noviembre.csv" in html
    carol.post(address(scene), {**typed(), "act": "forget"})
    assert default_storage.exists(made.raw_name)
    carol.get(address(scene) + f"?file={made.pk}")
    answer = carol.post(address(scene), {**typed(), "act": "keep"})
    assert answer.headers["Location"] == scene.cast.url("desk:import", made.pk)
    assert default_storage.exists(made.raw_name)


def test_an_import_of_another_account_is_not_there(scene: Scene, browse: Any) -> None:
    other = make_account(scene.cast.merchant)
    made = received(scene, other.pk)
    for wrong in (made.pk, 0, "x", 10**30):
        assert browse("carol").get(address(scene) + f"?file={wrong}").status_code == 404
