"""Match runs: what is proposed, stored, settled by itself, sampled, stopped, asked again and taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Merchant
from letters.models import Letter
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.jobs import propose_for_reports
from reconciliation.models import AutomaticStop, IgnoredLine, MatchRun, Proposal, RunInputs, Settlement
from reconciliation.runs import storing
from reconciliation.runs.forgetting import forget_lines
from reconciliation.runs.inputs import pack, unpack
from reconciliation.runs.soon import accounts_to_match
from reconciliation.selectors.runs import facts_of, is_automatic_on, open_stop_of, proposal_for, run_for, runs_for
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets
from tickets.models import State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing.secrets, "randbelow", lambda most: most - 1)


def allow(scene: Scene, limit: str = "500") -> None:
    scene.cast.merchant.auto_accept, scene.cast.merchant.auto_accept_limit = True, Decimal(limit)
    scene.cast.merchant.save()


def pair(scene: Scene, amount: str, reference: str, *, claim: bool = False, **kw: Any) -> tuple[Ticket, Any]:
    """A report and its very deposit."""
    ticket = scene.report(amount, reference=reference, claim=claim, **kw)
    return ticket, scene.line(amount, reference=reference, booked_on=scene.today - dt.timedelta(days=1))


def propose(scene: Scene, **kw: Any) -> MatchRun:
    kw.setdefault("by", scene.cast.carol)
    return services.propose_matches(merchant=scene.cast.merchant, **kw)


def test_a_run_proposes_what_belongs_together_and_moves_no_money(scene: Scene) -> None:
    ticket, line = pair(scene, "81.20", "0045775572")
    run = propose(scene, account_id=scene.cast.account.pk)
    proposal = Proposal.objects.get(run=run, is_chosen=True)
    assert (proposal.state, proposal.kind, proposal.is_automatic, proposal.why_not) == ("open", "one", True, [])
    part = proposal.parts.get()
    assert (part.transfer.report.ticket_id, part.line, part.amount) == (ticket.pk, line, Decimal("81.20"))
    assert {fact["kind"] for fact in proposal.facts[0]} >= {"reference", "amount", "date"}
    assert run.state == "done"
    assert (run.counts["transfers"], run.counts["lines"], run.counts["automatic"]) == (1, 1, 1)
    assert not Settlement.objects.exists()
    assert scene.state(ticket) == "submitted"
    outcome = services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert outcome.verified == [ticket.pk]


def test_the_number_of_statements_does_not_grow_with_the_rows(scene: Scene, django_assert_num_queries: Any) -> None:
    for number in range(2):
        pair(scene, "10", f"00457755{number:02d}7")
    with CaptureQueriesContext(connection) as sent:
        propose(scene)
    for number in range(6):
        pair(scene, f"{20 + number}", f"99457711{number:02d}3")
    with django_assert_num_queries(len(sent)):
        assert propose(scene).counts["automatic"] >= 6


def test_a_new_run_makes_the_last_one_out_of_date(scene: Scene) -> None:
    pair(scene, "81.20", "0045775572")
    first, second = propose(scene), propose(scene)
    assert [each.state for each in Proposal.objects.filter(run=first)] == ["stale"]
    assert [each.state for each in Proposal.objects.filter(run=second)] == ["open"]


def test_what_was_dismissed_is_not_proposed_again(scene: Scene) -> None:
    pair(scene, "81.20", "0045775572")
    proposal = Proposal.objects.get(run=propose(scene))
    assert services.dismiss_proposals(proposal_ids=[proposal.pk], note="Otro cliente", by=scene.cast.carol) == 1
    again = Proposal.objects.filter(run=propose(scene))
    assert [(each.kind, each.score, each.is_chosen, each.why_not) for each in again] == []
    assert services.dismiss_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol) == 0


def test_a_dismissal_is_taken_back_until_another_run_proposed_anew(scene: Scene) -> None:
    pair(scene, "81.20", "0045775572")
    proposal = Proposal.objects.get(run=propose(scene))
    services.dismiss_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert services.restore_proposal(proposal_id=proposal.pk, by=scene.cast.carol).state == "open"
    with pytest.raises(Stale):
        services.restore_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    with pytest.raises(Http404):
        services.restore_proposal(proposal_id=proposal.pk, by=make_scene().cast.carol)


def test_lines_set_aside_returned_or_used_and_decided_transfers_are_no_candidates(scene: Scene) -> None:
    _one, aside = pair(scene, "10", "0045775501")
    IgnoredLine.objects.create(merchant=scene.cast.merchant, line=aside, reason="bank_fee", by=scene.cast.carol.user)
    two, used = pair(scene, "11", "0045775502", claim=True)
    scene.verify(two, used)
    run = propose(scene)
    assert (run.counts["transfers"], run.counts["lines"]) == (1, 0)
    assert not Proposal.objects.filter(run=run).exists()


def test_certain_ones_are_settled_by_the_program_where_the_merchant_allows_it(scene: Scene, no_sample: None) -> None:
    allow(scene)
    order = scene.order("81.20")
    ticket, _line = pair(scene, "81.20", "0045775572", orders=[order])
    dear, _line2 = pair(scene, "600", "9945775511")
    dearest, _line3 = pair(scene, "1200", "5545775599")
    run = propose(scene, by=scene.cast.system)
    assert [scene.state(each) for each in (ticket, dear, dearest)] == ["verified", "submitted", "submitted"]
    assert scene.paid_of(order) == Decimal("81.20")
    assert (run.state, run.counts["accepted"], run.counts["left"]) == ("done", 1, 1)
    event = TicketEvent.objects.get(ticket=ticket, act="verify")
    assert (event.by, event.source) == (None, "submitted")
    assert str(run.pk) in event.internal_note
    assert Letter.objects.filter(kind="ticket_verified", about=f"ticket:{ticket.pk}").exists()
    # Certain and within one person's limit: a person accepts it with the others. Above that, two people decide.
    assert Proposal.objects.get(parts__transfer__report__ticket=dear, is_chosen=True).is_automatic
    assert Proposal.objects.get(parts__transfer__report__ticket=dearest, is_chosen=True).why_not == ["limit"]
    assert list(audit_books(scene.cast.merchant)) == []


def test_nothing_is_settled_by_itself_unless_switched_on(scene: Scene) -> None:
    ticket, _line = pair(scene, "81.20", "0045775572")
    propose(scene, by=scene.cast.system)
    assert scene.state(ticket) == "submitted"
    assert not is_automatic_on(scene.cast.merchant)


def test_a_waiting_ticket_is_settled_or_woken_when_its_deposit_arrives(scene: Scene, no_sample: None, run_jobs: Any) -> None:
    allow(scene)
    certain, doubtful = (scene.report("81.20", reference=each) for each in ("0045775572", "0011112222"))
    for ticket in (certain, doubtful):
        tickets.wait_for_bank(ticket_id=ticket.pk, until=scene.today + dt.timedelta(days=4), by=scene.cast.carol)
    yesterday = scene.today - dt.timedelta(days=1)
    scene.line("81.20", reference="0045775572", booked_on=yesterday)
    scene.line("81.20", reference="", text="DEPOSITO", booked_on=yesterday)
    run_jobs()
    assert (scene.state(certain), scene.state(doubtful)) == ("verified", "in_review")


def test_one_of_fifty_goes_to_a_person_and_stays_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(scene)
    monkeypatch.setattr(storing.secrets, "randbelow", lambda most: 0)
    ticket, _line = pair(scene, "81.20", "0045775572")
    run = propose(scene, by=scene.cast.system)
    sample = Proposal.objects.get(run=run)
    assert (sample.state, sample.is_sample, run.counts["sampled"]) == ("sampled", True, 1)
    assert scene.state(ticket) == "submitted"
    monkeypatch.setattr(storing.secrets, "randbelow", lambda most: 1)
    assert not Proposal.objects.filter(run=propose(scene, by=scene.cast.system)).exists()
    sample.refresh_from_db()
    assert sample.state == "sampled"
    assert services.accept_proposals(proposal_ids=[sample.pk], by=scene.cast.carol).verified == [ticket.pk]


def test_a_wrong_sample_stops_everything_until_an_administrator_lifts_the_stop(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(scene)
    monkeypatch.setattr(storing.secrets, "randbelow", lambda most: 0)
    pair(scene, "81.20", "0045775572")
    sample = Proposal.objects.get(run=propose(scene, by=scene.cast.system))
    services.dismiss_proposals(proposal_ids=[sample.pk], note="No es suyo", is_wrong=True, by=scene.cast.carol)
    stop = open_stop_of(scene.cast.merchant)
    assert stop is not None
    assert (stop.proposal, stop.stopped_by) == (sample, scene.cast.carol.user)
    assert not is_automatic_on(scene.cast.merchant)
    monkeypatch.setattr(storing.secrets, "randbelow", lambda most: 1)
    ticket, _line = pair(scene, "44", "9945775511")
    propose(scene, by=scene.cast.system)
    assert scene.state(ticket) == "submitted"
    for actor in (scene.cast.carol, scene.cast.dan, scene.cast.system):
        with pytest.raises(NotAllowed):
            services.lift_stop(by=actor)
    services.lift_stop(note="Revisado", by=scene.cast.ada)
    with pytest.raises(Stale):
        services.lift_stop(by=scene.cast.ada)
    propose(scene, by=scene.cast.system)
    assert scene.state(ticket) == "verified"
    assert AutomaticStop.objects.count() == 1


def test_a_run_asked_again_says_the_same(scene: Scene) -> None:
    pair(scene, "81.20", "0045775572")
    pair(scene, "20", "99'457ñ75511", by=scene.cast.bob)
    pair(scene, "20", "9945775512")
    proposal = Proposal.objects.get(run=propose(scene), parts__amount=Decimal("81.20"))
    services.dismiss_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    run = propose(scene)
    services.accept_proposals(
        proposal_ids=list(Proposal.objects.filter(run=run).values_list("pk", flat=True)), by=scene.cast.carol
    )
    replay = services.replay_run(run_id=run.pk, by=scene.cast.otto)
    assert (replay.same, replay.inputs_changed, replay.rules_changed) == (True, False, False)
    inputs = unpack(bytes(RunInputs.objects.get(run=run).packed))
    assert unpack(pack(inputs)).digest() == inputs.digest() == run.inputs_digest
    with pytest.raises(NotAllowed):
        services.replay_run(run_id=run.pk, by=scene.cast.alice)


def test_changed_inputs_and_rules_are_said(scene: Scene) -> None:
    pair(scene, "81.20", "0045775572")
    run = propose(scene)
    pair(scene, "10", "0045775599")
    other = propose(scene)
    RunInputs.objects.filter(run=run).update(packed=RunInputs.objects.get(run=other).packed)
    MatchRun.objects.filter(pk=run.pk).update(rules_version="older")
    replay = services.replay_run(run_id=run.pk, by=scene.cast.otto)
    assert (replay.same, replay.inputs_changed, replay.rules_changed) == (False, True, True)
    RunInputs.objects.filter(run=run).update(packed=b"x")
    with pytest.raises(Refused):
        services.replay_run(run_id=run.pk, by=scene.cast.otto)


def test_a_whole_run_is_taken_back_ticket_by_ticket(scene: Scene, no_sample: None) -> None:
    allow(scene)
    Merchant.objects.filter(pk=scene.cast.merchant.pk).update(approval_limit=500)
    orders = [scene.order("81.20"), scene.order("44")]
    first, line = pair(scene, "81.20", "0045775572", orders=orders[:1])
    second, _line = pair(scene, "44", "9945775511", orders=orders[1:])
    run = propose(scene, by=scene.cast.system)
    said = {"reason_id": scene.reason("returned_by_bank"), "note": "Corrida equivocada", "run_id": run.pk}
    with pytest.raises(NotAllowed):
        services.undo_run(**said, by=scene.cast.carol)
    one = services.undo_run(**said, ticket_ids=[second.pk], by=scene.cast.dan)
    assert one.reversed == [second.pk]
    assert MatchRun.objects.get(pk=run.pk).state == "done"
    rest = services.undo_run(**said, by=scene.cast.dan)
    assert rest.reversed == [first.pk]
    undone = MatchRun.objects.get(pk=run.pk)
    assert (undone.state, undone.undone_by) == ("undone", scene.cast.dan.user)
    assert [scene.paid_of(order) for order in orders] == [0, 0]
    assert scene.balance(line).free == Decimal("81.20")
    assert list(audit_books(scene.cast.merchant)) == []
    assert services.undo_run(**said, by=scene.cast.dan).reversed == []


def test_undoing_above_the_limit_asks_for_a_second_person(scene: Scene, no_sample: None) -> None:
    allow(scene)
    ticket, _line = pair(scene, "81.20", "0045775572")
    run = propose(scene, by=scene.cast.system)
    Merchant.objects.filter(pk=scene.cast.merchant.pk).update(approval_limit=50)
    scene.cast.merchant.refresh_from_db()
    said = {"reason_id": scene.reason("returned_by_bank"), "note": "No", "run_id": run.pk, "by": scene.cast.dan}
    assert services.undo_run(**said).requested == [ticket.pk]
    again = services.undo_run(**said)
    assert [left.code for left in again.left] == ["reversal_open"]
    assert scene.state(ticket) == "verified"
    with pytest.raises(Refused):
        services.undo_run(**{**said, "note": " "})


def test_a_run_is_its_merchants_own(scene: Scene) -> None:
    pair(scene, "81.20", "0045775572")
    run, far = propose(scene), make_scene()
    proposal = Proposal.objects.get(run=run)
    for act in (
        lambda: run_for(far.cast.carol, run.pk),
        lambda: proposal_for(far.cast.carol, proposal.pk),
        lambda: services.replay_run(run_id=run.pk, by=far.cast.otto),
        lambda: services.undo_run(run_id=run.pk, reason_id=1, note="x", by=far.cast.dan),
        lambda: propose(scene, by=far.cast.carol),
        lambda: propose(far, account_id=scene.cast.account.pk, by=far.cast.carol),
    ):
        with pytest.raises(Http404):
            act()
    assert services.dismiss_proposals(proposal_ids=[proposal.pk], by=far.cast.carol) == 0
    assert list(runs_for(scene.cast.otto)) == [run]
    with pytest.raises(NotAllowed):
        runs_for(scene.cast.alice)
    with pytest.raises(NotAllowed):
        propose(scene, by=scene.cast.sue)


def test_facts_that_a_large_run_does_not_store_are_told_later(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(scene, "81.20", "0045775572")
    stored = Proposal.objects.get(run=propose(scene))
    monkeypatch.setattr(storing, "MOST_WITH_FACTS", 0)
    with CaptureQueriesContext(connection) as asked:
        bare = Proposal.objects.get(run=propose(scene))
    assert [each for each in asked if "ANALYZE reconciliation_proposal" in each["sql"]]
    assert bare.facts == []
    assert facts_of(scene.cast.merchant, [bare, stored]) == {bare.pk: stored.facts, stored.pk: stored.facts}


def test_lines_that_go_take_their_proposals_along(scene: Scene) -> None:
    _ticket, line = pair(scene, "81.20", "0045775572")
    proposal = Proposal.objects.get(run=propose(scene))
    forget_lines([line.pk])
    proposal.refresh_from_db()
    assert (proposal.state, proposal.parts.count()) == ("stale", 0)


def test_reports_that_came_since_are_matched_by_themselves(scene: Scene, run_jobs: Any) -> None:
    pair(scene, "81.20", "0045775572")
    assert [account.pk for account in accounts_to_match()] == [scene.cast.account.pk]
    propose_for_reports(timestamp=0)
    run_jobs()
    assert MatchRun.objects.filter(account=scene.cast.account, by=None).exists()
    assert accounts_to_match() == []
    scene.report("5", claim=False)
    assert [account.pk for account in accounts_to_match()] == [scene.cast.account.pk]


def test_a_report_that_waits_for_its_customer_competes_but_is_not_automatic(scene: Scene, no_sample: None) -> None:
    allow(scene)
    ticket, _line = pair(scene, "81.20", "0045775572", claim=True)
    tickets.ask_information(ticket_id=ticket.pk, question="¿?", fields=["reference"], by=scene.cast.carol)
    run = propose(scene, by=scene.cast.system)
    assert Proposal.objects.get(run=run).why_not == ["waiting"]
    assert Ticket.objects.get(pk=ticket.pk).state == State.NEEDS_INFORMATION
