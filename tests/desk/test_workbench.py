"""The workbench: its lists and counts, accepting one and all that are certain, putting aside and taking back, and its place."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from accounts.models import Merchant
from reconciliation import services
from reconciliation.models import Proposal
from reconciliation.services import ignore_line
from tests.factories import make_account
from tests.reconciliation.bench import make_proposal, make_run, pair
from tests.reconciliation.scene import Scene
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db


def page(scene: Scene, browse: Any, query: str = "", who: str = "carol") -> str:
    answer = browse(who).get(scene.cast.url("desk:workbench") + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def number_of(proposal: Proposal) -> str:
    part = proposal.parts.first()
    assert part is not None
    return str(part.transfer.report.ticket.number)


def test_without_movements_it_says_what_to_do(scene: Scene, browse: Any) -> None:
    assert "Ningún movimiento en este mes" in page(scene, browse)


def test_each_movement_stands_in_one_list(scene: Scene, browse: Any) -> None:
    sure = pair(scene, "100.00", is_automatic=True)
    doubt = pair(scene, "50.00", why_not=["margin_line"])
    scene.paid("30.00", scene.order("30.00"))
    scene.line("20.00", text="ABONO DE NADIE")
    scene.line("-1.25", text="COMISION")
    lonely = scene.report("70.00", orders=[scene.order("70.00")])
    html = page(scene, browse)
    assert number_of(doubt) in html
    assert number_of(sure) not in html
    for words in ('Por decidir <span class="num">1<', 'Seguros <span class="num">1<', 'Conciliados <span class="num">1<'):
        assert words in html
    assert "4 en total" in html
    assert number_of(sure) in page(scene, browse, "?view=certain")
    assert "ABONO DE NADIE" in page(scene, browse, "?view=lines")
    assert lonely.number in page(scene, browse, "?view=reports")
    assert "COMISION" in page(scene, browse, "?view=out")
    assert "30,00" in page(scene, browse, "?view=done")


def test_evidence_is_told_in_words(scene: Scene, browse: Any) -> None:
    pair(scene, "100.00", reference="0045775572442")
    html = page(scene, browse)
    assert "Referencia: coinciden" in html
    assert "Monto exacto" in html


def test_one_deposit_for_two_reports_stands_in_one_row(scene: Scene, browse: Any) -> None:
    tickets = [scene.report(amount, orders=[scene.order(amount)], reference="330915") for amount in ("55.11", "36.74")]
    line = scene.line("91.85", reference="00330915", text="TRF CLINICA")
    make_proposal([scene.transfers(ticket)[0] for ticket in tickets], line)
    html = page(scene, browse)
    assert "Suma exacta de 2 reportes" in html
    assert "Un depósito, 2 reportes" in html
    assert all(ticket.number in html for ticket in tickets)
    proposal = Proposal.objects.get()
    detail = browse("carol").get(scene.cast.url("desk:proposal", proposal.pk)).content.decode()
    assert all(ticket.number in detail for ticket in tickets)


def test_several_deposits_for_one_report_stand_in_one_row(scene: Scene, browse: Any) -> None:
    ticket = scene.report("90.00", orders=[scene.order("90.00")])
    lines = [scene.line("50.00", text="PARTE UNO"), scene.line("40.00", text="PARTE DOS")]
    make_proposal(scene.transfers(ticket)[0], lines)
    html = page(scene, browse)
    assert "Suma exacta de 2 depósitos" in html
    assert "PARTE UNO" in html
    assert "PARTE DOS" in html


def test_accepting_one_verifies_and_stands_in_the_log(scene: Scene, browse: Any, post: Any) -> None:
    proposal = pair(scene, "100.00")
    address = scene.cast.url("desk:workbench") + "?view=decide"
    answer = post("carol", "desk:proposal_accept", proposal.pk, next=address)
    assert answer.headers["Location"] == address
    assert scene.state(proposal.parts.get().transfer.report.ticket) == State.VERIFIED
    html = page(scene, browse)
    assert f"Liquidó {number_of(proposal)}" in html
    assert scene.cast.url("desk:proposal_accept", proposal.pk) not in html


def test_what_one_person_may_not_decide_alone_is_said(scene: Scene, browse: Any, post: Any) -> None:
    big = pair(scene, "2000.00")
    answer = post("carol", "desk:proposal_accept", big.pk)
    assert answer.status_code in (302, 409)
    assert scene.state(big.parts.get().transfer.report.ticket) != State.VERIFIED


def test_all_certain_ones_are_accepted_after_the_list(scene: Scene, browse: Any, post: Any) -> None:
    sure = [pair(scene, f"{amount}.00", is_automatic=True) for amount in (10, 20, 30)]
    doubt = pair(scene, "40.00")
    assert "Aceptar los 3 seguros" in page(scene, browse)
    listed = browse("carol").get(scene.cast.url("desk:workbench_certain")).content.decode()
    assert all(number_of(each) in listed for each in sure)
    assert number_of(doubt) not in listed
    # One is left out, and the doubtful one is smuggled in: neither is accepted.
    answer = post("carol", "desk:workbench_certain", proposal=[sure[0].pk, sure[1].pk, doubt.pk])
    assert answer.status_code == 302
    states = {each.pk: scene.state(each.parts.get().transfer.report.ticket) for each in (*sure, doubt)}
    assert [states[each.pk] == State.VERIFIED for each in (*sure, doubt)] == [True, True, False, False]


def test_what_somebody_else_is_at_work_on_is_marked_and_not_counted(scene: Scene, browse: Any) -> None:
    sure = [pair(scene, f"{amount}.00", is_automatic=True) for amount in (10, 20, 30)]
    Ticket.objects.filter(number=number_of(sure[0])).update(claimed_by=scene.cast.dan.user)
    html = page(scene, browse)
    assert "Aceptar los 2 seguros" in html
    assert f"1 seguro está con {scene.cast.dan.user}." in html
    dans = page(scene, browse, who="dan")
    assert "Aceptar el seguro" in dans
    assert f"2 seguros están con {scene.cast.carol.user}." in dans
    listed = browse("carol").get(scene.cast.url("desk:workbench_certain")).content.decode()
    assert f'disabled aria-describedby="held-{sure[0].pk}"' in listed
    assert (listed.count("trabaja en él hasta"), listed.count(" checked>")) == (1, 2)


def test_accepting_nothing_says_so(scene: Scene, browse: Any, post: Any) -> None:
    pair(scene, "10.00", is_automatic=True)
    answer = post("carol", "desk:workbench_certain")
    assert answer.status_code == 400
    assert "Nada está marcado" in answer.content.decode()


def test_what_is_put_aside_comes_back(scene: Scene, browse: Any, post: Any) -> None:
    proposal = pair(scene, "100.00", text="TRF DE ALGUIEN")
    assert post("carol", "desk:proposal_dismiss", proposal.pk).status_code == 302
    html = page(scene, browse)
    assert scene.cast.url("desk:proposal_restore", proposal.pk) in html
    assert "TRF DE ALGUIEN" not in html
    assert "TRF DE ALGUIEN" in page(scene, browse, "?view=lines")
    assert post("carol", "desk:proposal_restore", proposal.pk).status_code == 302
    assert "TRF DE ALGUIEN" in page(scene, browse, "?view=decide")


def test_what_was_decided_elsewhere_leaves_the_list(scene: Scene, browse: Any) -> None:
    proposal = pair(scene, "100.00")
    part = proposal.parts.get()
    scene.verify(part.transfer.report.ticket, part.line)
    assert scene.cast.url("desk:proposal_accept", proposal.pk) not in page(scene, browse)
    detail = browse("carol").get(scene.cast.url("desk:proposal", proposal.pk)).content.decode()
    assert "Ya decidido" in detail


def test_filters_narrow_and_order(scene: Scene, browse: Any) -> None:
    small, large = pair(scene, "10.00", text="PANADERIA"), pair(scene, "900.00", text="CLINICA")
    html = page(scene, browse)
    assert html.index(f'id="p{large.pk}"') < html.index(f'id="p{small.pk}"')
    for query in ("panaderia", "10,00", number_of(small)):
        html = page(scene, browse, f"?q={query}")
        assert f'id="p{small.pk}"' in html
        assert f'id="p{large.pk}"' not in html
    assert "Nada de aquí dice eso" in page(scene, browse, "?q=nadie")


def test_it_keeps_its_place(scene: Scene, browse: Any) -> None:
    scene.line("20.00", text="ABONO DE NADIE")
    page(scene, browse, "?view=lines&sort=oldest")
    html = page(scene, browse)
    assert "ABONO DE NADIE" in html
    assert 'value="oldest" selected' in html


def test_who_works_on_one_account_stays_on_it(scene: Scene, browse: Any) -> None:
    """Seen to fail: an address without an account, as those of the log, led to the account with the newest movement."""
    other = make_account(scene.cast.merchant, methods=[scene.cast.transfer])
    scene.line("20.00", account=other, booked_on=scene.today - dt.timedelta(days=9))
    scene.line("30.00")
    here = f'<option value="{other.pk}" selected>'
    assert here not in page(scene, browse)
    assert here in page(scene, browse, f"?account={other.pk}")
    for query in ("", "?view=done&sort=newest", "?view=ignored"):
        assert here in page(scene, browse, query)
    assert here not in page(scene, browse, who="otto")


@pytest.mark.parametrize("query", ["?view=x", "?account=999999", "?month=2026-13", "?month=x", "?sort=id", "?page=0"])
def test_a_bad_address_is_answered_with_400(scene: Scene, browse: Any, query: str) -> None:
    proposal = pair(scene, "10.00")
    answer = browse("carol").get(scene.cast.url("desk:workbench") + query)
    assert answer.status_code == 400
    assert number_of(proposal) in answer.content.decode()


def test_who_may_only_look_is_offered_no_act(scene: Scene, browse: Any, post: Any) -> None:
    proposal = pair(scene, "10.00", is_automatic=True)
    html = page(scene, browse, "?view=certain", who="otto")
    assert "Aceptar" not in html.partition("<main")[2]
    assert post("otto", "desk:proposal_accept", proposal.pk).status_code == 403
    assert scene.state(proposal.parts.get().transfer.report.ticket) == State.IN_REVIEW


def queries_of(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("view", ["decide", "lines", "reports", "done", "ignored"])
def test_it_asks_as_often_for_many_as_for_few(scene: Scene, browse: Any, view: str) -> None:
    def grow(count: int, start: int) -> None:
        for each in range(start, start + count):
            pair(scene, f"{10 + each}.00", is_automatic=each % 2 == 0)
            scene.line(f"{500 + each}.00")
            line = scene.line(f"-{1 + each}.00", text="COMISION")
            if view == "ignored":
                ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol)
            if view == "done":
                scene.paid(f"{300 + each}.00", scene.order(f"{300 + each}.00"))
            if view == "reports":
                scene.report(f"{700 + each}.00", orders=[scene.order(f"{700 + each}.00")])

    grow(2, 0)
    address = scene.cast.url("desk:workbench") + f"?view={view}"
    few = queries_of(browse("carol"), address)
    grow(4, 2)
    assert queries_of(browse("carol"), address) == few
    assert few <= 30


def test_a_run_is_taken_back_as_a_whole(scene: Scene, browse: Any, post: Any) -> None:
    """Only who may sign; the orders are owed again, and the runs' page says so."""
    run = make_run(scene.cast.merchant, account=scene.cast.account, counts={"accepted": 2, "automatic": 2})
    sure = [pair(scene, amount, is_automatic=True, run=run) for amount in ("10.00", "20.00")]
    post("carol", "desk:workbench_certain", proposal=[each.pk for each in sure])
    address = scene.cast.url("desk:run_undo", run.pk)
    assert address not in browse("carol").get(scene.cast.url("desk:runs")).content.decode()
    assert address in browse("dan").get(scene.cast.url("desk:runs")).content.decode()
    assert post("carol", "desk:run_undo", run.pk).status_code == 403
    assert post("dan", "desk:run_undo", run.pk, note="Mal").status_code == 400
    said = {"reason": scene.reason("verified_by_mistake"), "note": "Salió mal"}
    assert post("dan", "desk:run_undo", run.pk, **said).status_code == 302
    assert {scene.state(each.parts.get().transfer.report.ticket) for each in sure} == {State.REVERSED}
    assert "Nada de esta corrida está en pie" in browse("dan").post(address, said, follow=True).content.decode()


def test_a_wrong_sample_stops_what_is_accepted_by_itself(scene: Scene, browse: Any, post: Any) -> None:
    sample = pair(scene, "10.00", is_automatic=True, is_sample=True, state=Proposal.State.SAMPLED)
    assert "Salió en la muestra" in page(scene, browse)
    post("carol", "desk:proposal_dismiss", sample.pk)
    runs = scene.cast.url("desk:runs")
    assert "encontró una muestra equivocada" in browse("carol").get(runs).content.decode()
    assert post("carol", "desk:stop_lift").status_code == 403
    assert post("ada", "desk:stop_lift").status_code == 302
    assert "encontró una muestra equivocada" not in browse("carol").get(runs).content.decode()


def test_an_administrator_says_what_is_accepted_by_itself(scene: Scene, browse: Any, post: Any) -> None:
    runs = scene.cast.url("desk:runs")
    assert 'name="limit"' not in browse("carol").get(runs).content.decode()
    assert 'name="limit"' in browse("ada").get(runs).content.decode()
    for who, limit, status in (
        ("carol", "100", 403),
        ("ada", "", 400),
        ("ada", "99999", 400),
        ("ada", "x<b>", 400),
        ("ada", "150,00", 302),
    ):
        answer = post(who, "desk:automatic", is_on="on", limit=limit)
        assert answer.status_code == status, limit
        if status == 400 and limit:
            assert escape(limit) in answer.content.decode(), "what was typed is still there"
        merchant = Merchant.objects.get(pk=scene.cast.merchant.pk)
        assert (merchant.auto_accept, merchant.auto_accept_limit == 150) == ((True, True) if status == 302 else (False, False))
    assert "Los seguros se aceptan solos" in browse("carol").get(runs).content.decode()
    assert post("ada", "desk:automatic", limit="150,00").status_code == 302
    assert not Merchant.objects.get(pk=scene.cast.merchant.pk).auto_accept


def test_what_waits_for_its_signature_is_not_told_as_settled(scene: Scene, browse: Any) -> None:
    ticket, line = scene.report("30.00", orders=[scene.order("30.00")]), scene.line("29.00")
    assert scene.verify(ticket, line).kind == "awaiting_approval"
    assert "Reservado; aún sin liquidar." in page(scene, browse, "?view=done")
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    assert "Reservado; aún sin liquidar." not in page(scene, browse, "?view=done")


def test_what_somebody_else_accepted_meanwhile_is_counted_as_decided(scene: Scene, post: Any, browse: Any) -> None:
    """The same button in another window is through between the page's look at the list and the locks of accepting."""
    proposals = [pair(scene, f"{amount}.00", is_automatic=True) for amount in range(100, 107)]
    keys = [each.pk for each in proposals]

    def accept_first(**given: Any) -> Any:
        services.accept_proposals(proposal_ids=keys, by=scene.cast.carol)
        return services.accept_proposals(**given)

    with mock.patch("desk.workbench_acts.accept_proposals", accept_first):
        post("carol", "desk:workbench_certain", proposal=keys)
    html = page(scene, browse)
    assert "7 ya se habían decidido." in html
    assert "que debe decidir" not in html
