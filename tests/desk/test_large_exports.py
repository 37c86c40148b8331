"""T8, T10: tables that are too large for one answer are written by a job, kept for some days, and given to who may have them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import StaffRole
from desk import exports as pages
from reconciliation import exports as tables
from reconciliation.downloads import HEADERS
from reconciliation.exports import Table
from reconciliation.models import ExportFile
from reconciliation.services import exports
from reconciliation.services.exports import forget_exports, give_up, request_export, write_export
from tests.cast import client_of
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
RUN = '=HYPERLINK("http://x")'


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, scene: Scene) -> None:
    """Two rows are too many for one answer."""
    monkeypatch.setattr(pages, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(exports, "NOTED_EVERY", 1)
    scene.line("5.00", text=RUN)
    scene.line("6.00")


def ask(post: Any, who: str = "carol", **data: Any) -> Any:
    return post(who, "desk:exports", **{"table": "open_deposits", "format": "csv", **data})


def asked(scene: Scene, **kw: Any) -> ExportFile:
    given: dict[str, Any] = {
        "table": Table.OPEN_DEPOSITS, "since": scene.today - dt.timedelta(days=30), "until": scene.today, "account_id": None,
        "kind": "csv", "language": "es", "by": scene.cast.carol,
    }  # fmt: skip
    return request_export(**given | kw)


def written(scene: Scene, **kw: Any) -> ExportFile:
    made = asked(scene, **kw)
    write_export(export_id=made.pk)
    made.refresh_from_db()
    return made


def listed(scene: Scene, browse: Any, who: str = "carol") -> str:
    return " ".join(browse(who).get(scene.cast.url("desk:exports")).content.decode().split())


def test_a_large_table_is_asked_for_once_and_stands_in_the_list(scene: Scene, browse: Any, post: Any) -> None:
    assert ask(post).status_code == 302
    assert ask(post).status_code == 302
    made = ExportFile.objects.get()
    assert (made.state, made.rows, made.asked_by) == ("waiting", 2, scene.cast.carol.user)
    assert "En espera de turno" in listed(scene, browse)
    write_export(export_id=made.pk)
    write_export(export_id=made.pk)
    html = listed(scene, browse, "otto")
    assert "Listo" in html
    answer = browse("otto").get(scene.cast.url("desk:export_file", made.pk))
    for header, value in HEADERS.items():
        assert answer[header] == value
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="open_deposits-')
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert body.count("\n") == 3
    assert "'=HYPERLINK" in body


def test_a_small_one_is_the_answer_itself(scene: Scene, post: Any) -> None:
    answer = ask(post, table="entries")
    assert answer["Content-Disposition"].startswith("attachment")
    assert not ExportFile.objects.exists()


def test_an_address_alone_asks_for_nothing(scene: Scene, browse: Any) -> None:
    answer = browse("carol").get(scene.cast.url("desk:exports"), {"table": "open_deposits", "format": "csv"})
    assert answer.status_code == 200
    assert "Es una tabla grande" in answer.content.decode()
    assert not ExportFile.objects.exists()


def test_nobody_else_takes_it(scene: Scene, browse: Any, post: Any) -> None:
    made, waiting = written(scene), asked(scene, kind="xlsx")
    for who, status in {"carol": 200, "otto": 200, "sue": 403, "alice": 403}.items():
        assert browse(who).get(scene.cast.url("desk:export_file", made.pk)).status_code == status
    assert browse("carol").get(scene.cast.url("desk:export_file", waiting.pk)).status_code == 404
    assert ask(post, "sue").status_code == 403
    far = make_scene()
    assert client_of(far.cast.carol).get(far.cast.url("desk:export_file", made.pk)).status_code == 404


def test_a_workbook_is_written_too_and_more_than_a_sheet_is_refused(scene: Scene, monkeypatch: Any, post: Any) -> None:
    made = written(scene, kind="xlsx")
    with default_storage.open(made.place) as file:
        assert file.read(2) == b"PK"
    assert made.size == default_storage.size(made.place)
    for module in (tables, exports):
        monkeypatch.setattr(module, "MOST_IN_A_SHEET", 1)
    answer = ask(post, format="xlsx")
    assert answer.status_code == 400
    assert "Serían 2 filas" in answer.content.decode()
    assert ExportFile.objects.count() == 1


def test_what_fails_says_why(scene: Scene, browse: Any, monkeypatch: Any) -> None:
    gone, broken, away = asked(scene, by=scene.cast.dan), asked(scene), asked(scene, kind="xlsx")
    StaffRole.objects.filter(user=scene.cast.dan.user).delete()
    write_export(export_id=gone.pk)
    give_up(export_id=away.pk)

    def breaks(*_args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(exports, "_write_csv", breaks)
    write_export(export_id=broken.pk)
    assert dict(ExportFile.objects.values_list("pk", "failure")) == {
        gone.pk: "not_allowed", broken.pk: "unexpected", away.pk: "storage",
    }  # fmt: skip
    html = listed(scene, browse)
    assert html.count("Falló") == 3
    assert "Vuelva a pedirlo" in html


def test_a_killed_job_begins_anew(scene: Scene) -> None:
    made = asked(scene)
    ExportFile.objects.update(state="writing", done=1)
    write_export(export_id=made.pk)
    made.refresh_from_db()
    assert (made.state, made.done, made.rows) == ("ready", 2, 2)


def test_not_more_than_a_few_at_once(scene: Scene, post: Any) -> None:
    for back in range(exports.MOST_UNDER_WAY):
        asked(scene, since=scene.today - dt.timedelta(days=back))
    answer = ask(post)
    assert answer.status_code == 400
    assert "todavía se están escribiendo" in answer.content.decode()


def test_after_a_week_the_file_is_deleted_and_the_row_stays(scene: Scene, browse: Any) -> None:
    made = written(scene)
    assert forget_exports() == 0
    ExportFile.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert forget_exports() == 1
    assert not default_storage.exists(made.place)
    assert browse("carol").get(scene.cast.url("desk:export_file", made.pk)).status_code == 404
    assert "Borrado" in listed(scene, browse)
