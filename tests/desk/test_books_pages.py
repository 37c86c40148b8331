"""The books on the desk: who sees them, what they say, months closed and opened by their pages, statements of account."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reconciliation import services
from reconciliation.models import AuditRun, Period, ReopenRequest
from reconciliation.services.nightly import close_days, prove_books
from tests.desk.conftest import ROLES
from tests.jobs import run_due_jobs
from tests.reconciliation.scene import Scene

pytestmark = pytest.mark.django_db


def month(scene: Scene, back: int = 1) -> dt.date:
    day = scene.today.replace(day=1)
    for _each in range(back):
        day = (day - dt.timedelta(days=1)).replace(day=1)
    return day


def page(scene: Scene, browse: Any, who: str, name: str, *args: Any, **query: Any) -> str:
    answer = browse(who).get(scene.cast.url(name, *args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_all_staff_see_the_books_and_customers_do_not(scene: Scene, browse: Any) -> None:
    for who in ROLES:
        for name in ("desk:books", "desk:periods"):
            assert browse(who).get(scene.cast.url(name)).status_code == 200
    assert browse("alice").get(scene.cast.url("desk:books")).status_code == 403


def test_the_overview_tells_balances_ages_and_the_proof(scene: Scene, browse: Any) -> None:
    scene.paid("20.00", scene.order("20.00"))
    scene.line("33.00", booked_on=scene.today - dt.timedelta(days=40))
    html = page(scene, browse, "carol", "desk:books")
    assert "1 abono sin reporte" in html
    assert "Más de 30 días" in html
    assert "De 1 abonos de los últimos 30 días, 1 están conciliados y 0 no." in html
    assert "Aún sin comprobar" in html
    prove_books(by=scene.cast.carol)
    assert "Los libros cuadran" in page(scene, browse, "carol", "desk:books")
    html = page(scene, browse, "carol", "desk:books", account=scene.cast.account.pk)
    assert str(scene.cast.account) in html


def test_an_account_that_is_none_is_said(scene: Scene, browse: Any) -> None:
    assert browse("carol").get(scene.cast.url("desk:books"), {"account": "999999"}).status_code == 400
    assert browse("carol").get(scene.cast.url("desk:books_account", 999999)).status_code == 404
    wrong = browse("carol").get(scene.cast.url("desk:books_account", scene.cast.account.pk), {"day": "2999-01-01"})
    assert wrong.status_code == 400
    assert "Elija un día" in wrong.content.decode()


def test_one_account_is_explained_line_by_line(scene: Scene, browse: Any) -> None:
    ticket, _line = scene.paid("20.00", scene.order("20.00"))
    scene.line("-4.00", text="COMISION")
    close_days(until=scene.today, by=scene.cast.carol)
    args = ("desk:books_account", scene.cast.account.pk)
    html = page(scene, browse, "carol", *args)
    assert ticket.number in html
    assert "Cierre diario" in html
    assert "20,00" in html
    assert "No hay nada aquí" in page(scene, browse, "carol", *args, part="debits")  # typed by hand: no file holds it


def test_the_pages_cost_a_constant_number_of_queries(scene: Scene, browse: Any) -> None:
    def ask() -> list[int]:
        counts = []
        for name, args in (("desk:books", ()), ("desk:books_account", (scene.cast.account.pk,)), ("desk:periods", ())):
            with CaptureQueriesContext(connection) as asked:
                page(scene, browse, "carol", name, *args)
            counts.append(len(asked))
        return counts

    scene.line("1.00", booked_on=month(scene))
    ask()
    first = ask()
    for n in range(8):
        scene.line(f"{n + 2}.00", booked_on=month(scene))
    scene.paid("20.00", scene.order("20.00"))
    assert ask() == first
    assert max(first) <= 30


def test_the_books_are_proved_when_somebody_asks(scene: Scene, browse: Any, post: Any) -> None:
    assert post("otto", "desk:books_prove").status_code == 403
    assert post("carol", "desk:books_prove").status_code == 302
    run_due_jobs()
    assert AuditRun.objects.get().is_clean
    assert "Los libros cuadran" in page(scene, browse, "otto", "desk:books")


# --- Months ------------------------------------------------------------------------------------


def test_a_month_is_closed_with_what_is_open_of_it_on_the_screen(scene: Scene, browse: Any, post: Any) -> None:
    scene.line("33.00", booked_on=month(scene))
    services.close_period(month=month(scene, 2), by=scene.cast.dan)
    html = page(scene, browse, "dan", "desk:periods")
    assert f"{month(scene):%Y-%m}" in html
    assert "Cerrar " in html
    assert "Cerrar " not in page(scene, browse, "carol", "desk:periods").replace("Cerrar sesión", "").split("<form")[-1]
    assert post("carol", "desk:period_close", month=f"{month(scene):%Y-%m}").status_code == 403
    assert post("dan", "desk:period_close", month="nada").status_code == 400
    late = post("dan", "desk:period_close", month=f"{scene.today:%Y-%m}", note="Con prisa")
    assert late.status_code == 400
    assert "aún no termina" in late.content.decode()
    assert "Con prisa" in late.content.decode()
    assert post("dan", "desk:period_close", month=f"{month(scene):%Y-%m}", note="Revisado").status_code == 302
    assert Period.objects.count() == 2
    assert "Revisado" in page(scene, browse, "otto", "desk:periods")
    assert post("dan", "desk:period_close", month=f"{month(scene):%Y-%m}").status_code == 409


def test_a_line_of_a_closed_month_is_refused_on_its_page_and_keeps_what_was_typed(scene: Scene, post: Any) -> None:
    period = services.close_period(month=month(scene), by=scene.cast.dan)
    answer = post(
        "carol", "desk:line_new", account=scene.cast.account.pk, booked_on=period.until.isoformat(), amount="5,25",
        reason="Correo del banco",
    )  # fmt: skip
    assert answer.status_code == 400
    assert "Los libros están cerrados hasta el" in answer.content.decode()
    assert "5,25" in answer.content.decode()


def test_a_month_is_opened_again_by_two_people_on_its_page(scene: Scene, browse: Any, post: Any) -> None:
    period = services.close_period(month=month(scene), by=scene.cast.dan)
    assert post("carol", "desk:period_reopen", period.pk, reason="").status_code == 400
    assert post("otto", "desk:period_reopen", period.pk, reason="Falta").status_code == 403
    assert post("dan", "desk:period_reopen", period.pk, reason="Falta un extracto").status_code == 302
    asked = ReopenRequest.objects.get()
    assert "Falta un extracto" in page(scene, browse, "ada", "desk:periods")
    assert "Firmar y abrir el mes" not in page(scene, browse, "dan", "desk:periods")
    same = post("dan", "desk:period_sign", asked.pk)
    assert same.status_code == 400
    assert "debe firmarlo otra persona" in same.content.decode()
    assert post("carol", "desk:period_sign", asked.pk).status_code == 403
    assert post("ada", "desk:period_sign", asked.pk).status_code == 302
    assert not Period.objects.get().is_closed
    assert post("ada", "desk:period_sign", asked.pk).status_code == 409
    assert "Abierto de nuevo" in page(scene, browse, "otto", "desk:periods")


def test_a_request_is_refused_or_taken_back(scene: Scene, post: Any) -> None:
    period = services.close_period(month=month(scene), by=scene.cast.dan)
    for who in ("carol", "ada"):
        post("carol", "desk:period_reopen", period.pk, reason="Falta un extracto")
        waiting = ReopenRequest.objects.get(decided_at__isnull=True)
        assert post(who, "desk:period_refuse", waiting.pk).status_code == 302
    assert Period.objects.get().is_closed
    assert [each.signed_by for each in ReopenRequest.objects.order_by("pk")] == [None, scene.cast.ada.user]


# --- A customer's account ----------------------------------------------------------------------


def test_a_statement_of_account_is_a_page_and_a_file(scene: Scene, browse: Any) -> None:
    ticket, _line = scene.paid("20.00", scene.order("20.00"))
    open_order = scene.order("15.00")
    html = page(scene, browse, "sue", "desk:account_statement", scene.cast.a.pk)
    assert ticket.number in html
    assert open_order.number in html
    assert "Por pagar al final" in html
    assert scene.cast.url("desk:account_statement", scene.cast.a.pk) in page(
        scene, browse, "sue", "desk:customer", scene.cast.a.pk
    )
    answer = browse("sue").get(scene.cast.url("desk:account_statement", scene.cast.a.pk), {"format": "csv"})
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[-1].endswith("15.00")
    assert browse("sue").get(scene.cast.url("desk:account_statement", 999999)).status_code == 404


def test_what_a_customer_has_in_their_favour_is_told_without_a_sign(scene: Scene, browse: Any) -> None:
    scene.paid("27.75", scene.order("20.00"))
    html = page(scene, browse, "sue", "desk:account_statement", scene.cast.a.pk)
    head = re.sub(r"<[^>]+>", " ", html.partition("A favor del cliente")[2].partition("</span></div>")[0])
    assert " ".join(head.split()) == "USD 7,75"


@pytest.mark.parametrize(
    "query", [{"since": "2026-02-30"}, {"since": "2026-03-02", "until": "2026-03-01"}, {"until": "1990-01-01"}]
)
def test_days_that_are_none_are_said_and_the_page_stands(scene: Scene, browse: Any, query: dict[str, str]) -> None:
    answer = browse("sue").get(scene.cast.url("desk:account_statement", scene.cast.a.pk), query)
    assert answer.status_code == 400
    assert "Estado de cuenta" in answer.content.decode()


def test_setting_aside_says_that_it_changes_balances_of_days_that_are_over(scene: Scene, browse: Any, post: Any) -> None:
    scene.line("100.00", booked_on=scene.today - dt.timedelta(days=9))
    fee = scene.line("-3.00", booked_on=scene.today - dt.timedelta(days=5))
    day = (scene.today - dt.timedelta(days=3)).isoformat()

    def books(day: str) -> Any:
        answer = browse("carol").get(scene.cast.url("desk:books_account", scene.cast.account.pk), {"day": day})
        assert "también cambian los saldos de días pasados" in answer.content.decode()
        return answer.context["balance"].books

    before = books(day)
    html = " ".join(page(scene, browse, "carol", "desk:line_ignore", fee.pk).split())
    assert "cuando el banco lo registró, así que también cambian los saldos de días pasados" in html
    assert post("carol", "desk:line_ignore", fee.pk, reason="bank_fee").status_code == 302
    assert books(day) == before - 3
