"""Files of the bank over HTTP: sent, followed, looked at, brought in, undone; a bad file has its sentence and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.dates import written
from reconciliation.models import RejectedLine, StatementImport, StatementLine
from reconciliation.services import release_held
from tests.factories import make_account
from tests.reconciliation.scene import Scene

pytestmark = pytest.mark.django_db
HEADER = "date,amount,reference,text\n"


@pytest.fixture
def send(scene: Scene, browse: Any, run_jobs: Any) -> Callable[..., StatementImport]:
    """Send files as Carol and run the jobs; the last import."""

    def act(*contents: str | bytes, account: Any = "mine", name: str = "banco.csv") -> StatementImport:
        files = [
            SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content, "text/csv")
            for content in contents
        ]
        chosen = scene.cast.account.pk if account == "mine" else account
        answer = browse("carol").post(scene.cast.url("desk:lines_import"), {"account": chosen, "file": files})
        assert answer.status_code == 302, answer.content.decode()
        run_jobs()
        return StatementImport.objects.latest("pk")

    return act


def page(scene: Scene, browse: Any, made: StatementImport, who: str = "carol") -> str:
    answer = browse(who).get(scene.cast.url("desk:import", made.pk))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_file_is_looked_at_before_anything_comes_in(scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any) -> None:
    made = send(HEADER + f"{scene.today},10.00,001,UNO\n{scene.today},abc,002,DOS\n{scene.today},30.00,003,TRES\n")
    assert (made.state, made.lines_in_file, made.lines_new, made.lines_rejected) == ("preview", 3, 2, 1)
    assert not StatementLine.objects.exists()
    html = page(scene, browse, made)
    assert "Importar 2 líneas nuevas" in html
    assert (">nuevas<" in html, ">rechazada<" in html) == (True, True)
    assert "Fila 3: el monto no está escrito en cifras, como 1234.50 o 1.234,50" in html
    assert "Importar 2" not in page(scene, browse, made, "otto")
    assert post("otto", "desk:import_commit", made.pk).status_code == 403
    assert post("carol", "desk:import_commit", made.pk).status_code == 302
    assert "Puede salir de esta página" in page(scene, browse, made)
    assert b"progress" in browse("otto").get(scene.cast.url("desk:import_progress", made.pk)).content
    run_jobs()
    made.refresh_from_db()
    assert (made.state, StatementLine.objects.count(), made.committed_by) == ("done", 2, scene.cast.carol.user)
    answer = browse("carol").get(scene.cast.url("desk:import_progress", made.pk))
    assert answer.headers["HX-Refresh"] == "true"
    assert post("carol", "desk:import_commit", made.pk).status_code == 409
    assert StatementLine.objects.count() == 2


def test_a_row_that_could_not_be_read_is_written_by_hand_or_left_out(
    scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any
) -> None:
    made = send(HEADER + f"{scene.today},10.00,001,UNO\n{scene.today},abc,002,DOS\nTotal,1,2,3\n")
    post("carol", "desk:import_commit", made.pk)
    run_jobs()
    row, total = RejectedLine.objects.filter(statement_import=made)
    assert browse("carol").get(scene.cast.url("desk:import_row", made.pk, row.pk)).status_code == 200
    bad = post(
        "carol", "desk:import_row", made.pk, row.pk, act="correct", booked_on="2026-02-31", amount="20", text="DOS ESCRITO"
    )
    assert bad.status_code == 400
    assert "DOS ESCRITO" in bad.content.decode()
    good = {"act": "correct", "booked_on": scene.today.isoformat(), "amount": "20,50", "reference": "002", "direction": "out"}
    assert post("carol", "desk:import_row", made.pk, row.pk, **good).status_code == 302
    line = StatementLine.objects.get(reference="2")
    assert (float(line.amount), line.source, line.statement_import, line.line_number) == (-20.5, "manual", made, 3)
    assert post("carol", "desk:import_row", made.pk, row.pk, **good).status_code == 409
    assert post("carol", "desk:import_row", made.pk, total.pk, act="ignore", reason="").status_code == 400
    assert post("carol", "desk:import_row", made.pk, total.pk, act="ignore", reason="Es el total").status_code == 302
    assert "Es el total" in page(scene, browse, made)
    # The same rows in a longer file are known now.
    again = send(HEADER + f"{scene.today},10.00,001,UNO\n{scene.today},abc,002,DOS\nTotal,1,2,3\n{scene.today},5,9,NUEVO\n")
    assert (again.lines_new, again.lines_known, again.lines_rejected) == (1, 3, 0)


def test_an_import_is_undone_with_a_reason_unless_it_paid_something(
    scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any
) -> None:
    made = send(HEADER + f"{scene.today},10.00,001,UNO\n{scene.today},20.00,002,DOS\n")
    post("carol", "desk:import_commit", made.pk)
    run_jobs()
    assert post("carol", "desk:import_undo", made.pk, reason="").status_code == 400
    assert post("carol", "desk:import_undo", made.pk, reason="Era de otra cuenta").status_code == 302
    assert not StatementLine.objects.exists()
    assert "Era de otra cuenta" in page(scene, browse, made)
    again = send(HEADER + f"{scene.today},10.00,001,UNO\n{scene.today},20.00,002,DOS\n")
    assert (again.lines_new, again.same_as) == (2, None)
    post("carol", "desk:import_commit", again.pk)
    run_jobs()
    scene.verify(scene.report("10"), StatementLine.objects.get(amount=10))
    refused = post("carol", "desk:import_undo", again.pk, reason="Otra vez")
    assert refused.status_code == 400
    assert "ya no se puede deshacer" in refused.content.decode()
    assert StatementLine.objects.count() == 2


def test_a_file_that_only_repeats_is_done_and_says_so(scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any) -> None:
    content = HEADER + f"{scene.today},10.00,001,UNO\n"
    first = send(content)
    post("carol", "desk:import_commit", first.pk)
    run_jobs()
    again = send(content)
    assert (again.state, again.lines_new, again.lines_known, again.same_as) == ("done", 0, 1, first)
    assert "ya se importaron" in page(scene, browse, again)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\x00\x00", "El archivo no es texto"),
        (b"when,how much\n1,2\n", "La primera fila debe nombrar las columnas"),
        (HEADER.encode(), "ningún movimiento"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence_and_kept(
    scene: Scene, browse: Any, post: Any, send: Any, content: bytes, words: str
) -> None:
    made = send(content)
    assert made.state == "refused"
    assert words in page(scene, browse, made)
    assert post("carol", "desk:import_commit", made.pk).status_code == 409
    assert post("carol", "desk:import_discard", made.pk).status_code == 302
    assert not StatementLine.objects.exists()


def test_what_is_empty_or_missing_is_said_at_once(scene: Scene, browse: Any) -> None:
    address = scene.cast.url("desk:lines_import")
    assert browse("carol").post(address, {"account": scene.cast.account.pk}).status_code == 400
    answer = browse("carol").post(address, {"account": scene.cast.account.pk, "file": SimpleUploadedFile("nada.csv", b" \n")})
    assert answer.status_code == 400
    assert "nada.csv: El archivo no tiene ningún movimiento." in answer.content.decode()
    assert not StatementImport.objects.exists()


def test_several_files_find_their_accounts_or_ask(scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any) -> None:
    named = make_account(scene.cast.merchant, number="01340412345678901234", methods=[scene.cast.deposit])
    row = HEADER + f"{scene.today},10.00,001,UNO\n"
    files = [
        SimpleUploadedFile("0134-0412-3456-7890-1234 nov.csv", row.encode()),
        SimpleUploadedFile("nov.csv", row.encode() + f"{scene.today},5,1,A 01340412345678901234\n".encode()),
    ]
    answer = browse("carol").post(scene.cast.url("desk:lines_import"), {"account": "", "file": files})
    assert answer.headers["Location"] == scene.cast.url("desk:imports")
    assert b"hx-get" in browse("carol").get(scene.cast.url("desk:imports")).content
    run_jobs()
    asking, found = StatementImport.objects.order_by("-pk")
    assert (found.account, found.state) == (named, "preview")
    # Another account inside a movement is somebody's transfer, not the file's own name.
    assert (asking.account, asking.state) == (None, "asking")
    assert "¿De qué cuenta es este archivo?" in page(scene, browse, asking)
    assert post("carol", "desk:import_account", asking.pk, account="").status_code == 400
    assert post("carol", "desk:import_account", asking.pk, account=scene.cast.account.pk).status_code == 302
    run_jobs()
    asking.refresh_from_db()
    assert (asking.account, asking.state, asking.lines_new) == (scene.cast.account, "preview", 2)


def test_a_file_whose_balances_do_not_follow_is_held_until_somebody_says_why(
    scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any
) -> None:
    head = "date,amount,reference,text,balance\n"
    made = send(head + f"{scene.today},10.00,001,UNO,110.00\n{scene.today},20.00,002,DOS,135.00\n")
    assert made.state == "held", made.problems
    html = page(scene, browse, made)
    assert "No coinciden" in html
    assert post("carol", "desk:import_commit", made.pk).status_code == 409
    assert post("carol", "desk:import_release", made.pk, note="").status_code == 400
    assert post("carol", "desk:import_release", made.pk, note="El banco redondea").status_code == 302
    made.refresh_from_db()
    assert (made.state, made.released_by) == ("preview", scene.cast.carol.user)
    post("carol", "desk:import_commit", made.pk)
    run_jobs()
    assert "El banco redondea" in page(scene, browse, made)
    assert StatementLine.objects.count() == 2
    with pytest.raises(Exception, match="ya no espera"):
        release_held(import_id=made.pk, note="x", by=scene.cast.carol)


def test_another_merchants_files_are_not_there(scene: Scene, send: Any) -> None:
    from tests.cast import client_of, house_url, make_cast

    made = send(HEADER + f"{scene.today},10.00,001,UNO\n{scene.today},x,002,DOS\n")
    far = make_cast()
    client = client_of(far.ada)
    row = made.rejected_lines.get()
    for name, args in (("import", [made.pk]), ("import_progress", [made.pk]), ("import_row", [made.pk, row.pk])):
        assert client.get(house_url(far.merchant, f"desk:{name}", *args)).status_code == 404
    for name in ("commit", "release", "reread", "discard", "undo", "account"):
        data = {"note": "x", "reason": "x", "account": far.account.pk}
        assert client.post(house_url(far.merchant, f"desk:import_{name}", made.pk), data).status_code == 404, name
    assert client.post(house_url(far.merchant, "desk:import_row", made.pk, row.pk), {"act": "other"}).status_code == 404
    made.refresh_from_db()
    assert made.state == "preview"


def test_days_that_earlier_files_hold_without_a_known_line_ask_whose_file_it_is(
    scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any
) -> None:
    first = send(HEADER + f"{scene.today},10.00,45775572,UNO\n")
    post("carol", "desk:import_commit", first.pk)
    run_jobs()
    day = written(scene.today)
    again = page(scene, browse, send(HEADER + f"{scene.today},10.00,45775572,UNO\n{scene.today},5.00,98765432,DOS\n"))
    assert f"Ya importado: {day}<" in again
    assert f"En ambos, {day}: 1 línea ya conocida" in again
    other = page(scene, browse, send(HEADER + f"{scene.today},7.00,11223344,TRES\n"))
    assert f"En ambos, {day}, y ninguna de sus líneas es conocida. ¿Es el archivo de esta cuenta?" in other


def test_a_file_of_another_account_waits_and_says_so_not_that_its_totals_differ(
    scene: Scene, browse: Any, post: Any, send: Any, run_jobs: Any
) -> None:
    other = make_account(scene.cast.merchant, currency="USD", methods=[scene.cast.transfer])
    content = HEADER + f"{scene.today},10.00,45775572,UNO\n"
    post("carol", "desk:import_commit", send(content).pk)
    run_jobs()
    html = page(scene, browse, send(content, account=other.pk))
    assert html.count(f"El mismo archivo ya se importó en {scene.cast.account}.") == 1
    assert "El archivo espera una decisión" in html
    assert "No coinciden" not in html
