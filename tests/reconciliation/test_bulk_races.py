"""Accepting in bulk while somebody else decides (T12): whoever comes second finds the truth, and no money moves twice.

Seen to fail: two runs side by side with the run's own lock taken away, and deciding by hand with `select_for_update` made a plain
read. Accepting the same proposals twice has the machine's own guard as well.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Match, Proposal, Settlement, StatementLine
from tests.races import Race, run_after, run_before
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

# Where the act under test has locked its ground, and nothing is written yet.
LOCKED = "reconciliation.services.bulk.lock_plain"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def offer(scene: Scene, amount: str = "10", *, claim: bool = True) -> tuple[Ticket, StatementLine, Proposal]:
    ticket = scene.report(amount, orders=[scene.order(amount)], claim=claim)
    line = scene.line(amount)
    return ticket, line, scene.propose((scene.transfers(ticket)[0], line))


def check_settled_once(scene: Scene, *lines: StatementLine) -> None:
    assert Settlement.objects.count() == len(lines)
    assert Match.objects.filter(state="settled").count() == len(lines)
    assert [scene.balance(line).free for line in lines] == [0] * len(lines)
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.parametrize("race", [run_before, run_after])
def test_two_accept_the_same_proposals(scene: Scene, race: Race) -> None:
    offers = [offer(scene), offer(scene, "20")]
    ids = [proposal.pk for _ticket, _line, proposal in offers]
    with race(LOCKED, lambda: services.accept_proposals(proposal_ids=list(reversed(ids)), by=scene.cast.system)) as other:  # type: ignore[operator]
        mine = services.accept_proposals(proposal_ids=ids, by=scene.cast.carol)
    assert other.error is None
    assert sorted([*mine.accepted, *other.result.accepted]) == sorted(ids)
    assert {left.code for left in [*mine.left, *other.result.left]} == {"proposal_closed"}
    check_settled_once(scene, *(line for _ticket, line, _proposal in offers))


@pytest.mark.parametrize("race", [run_before, run_after])
def test_bulk_against_a_decision_by_hand_on_the_same_ticket(scene: Scene, race: Race) -> None:
    ticket, line, proposal = offer(scene)
    with race(LOCKED, lambda: scene.verify(ticket, line)) as other:  # type: ignore[operator]
        mine = services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    if mine.accepted:
        assert isinstance(other.error, Stale)
    else:
        assert [left.code for left in mine.left] == ["wrong_state"]
        assert other.error is None
    check_settled_once(scene, line)


@pytest.mark.soak
@pytest.mark.parametrize("race", [run_before, run_after])
def test_bulk_against_another_report_that_takes_the_deposit(scene: Scene, race: Race) -> None:
    ticket, line, proposal = offer(scene)
    rival = scene.report("10")
    with race(LOCKED, lambda: scene.verify(rival, line)) as other:  # type: ignore[operator]
        mine = services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    if mine.accepted:
        assert isinstance(other.error, Refused)
        assert other.error.code == "line_taken"
    else:
        assert [left.code for left in mine.left] == ["line_taken"]
        assert scene.state(ticket) == "in_review"
    check_settled_once(scene, line)


@pytest.mark.parametrize("race", [run_before, run_after])
def test_bulk_against_a_customer_who_withdraws(scene: Scene, race: Race) -> None:
    kept, taken_back = offer(scene, claim=False), offer(scene, "20", claim=False)
    ids = [kept[2].pk, taken_back[2].pk]
    with race(LOCKED, lambda: services.withdraw_report(ticket_id=taken_back[0].pk, by=scene.cast.alice)) as other:  # type: ignore[operator]
        mine = services.accept_proposals(proposal_ids=ids, by=scene.cast.carol)
    if len(mine.accepted) == 2:
        assert isinstance(other.error, Stale)
        check_settled_once(scene, kept[1], taken_back[1])
        return
    assert mine.accepted == [kept[2].pk]
    assert [left.code for left in mine.left] == ["wrong_state"]
    assert scene.state(taken_back[0]) == "withdrawn"
    check_settled_once(scene, kept[1])


@pytest.mark.soak
def test_bulk_against_a_dismissal(scene: Scene) -> None:
    _ticket, line, proposal = offer(scene)
    dismiss = lambda: services.dismiss_proposals(proposal_ids=[proposal.pk], by=scene.cast.dan)  # noqa: E731
    with run_after(LOCKED, dismiss) as other:
        services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert (other.waited, other.result) == (True, 0)
    assert Proposal.objects.get(pk=proposal.pk).state == "accepted"
    check_settled_once(scene, line)


@pytest.mark.soak
def test_two_bulks_whose_orders_and_deposits_cross_do_not_deadlock(scene: Scene) -> None:
    order, line = scene.order("30"), scene.line("30")
    one, two = (scene.report("15", orders=[order]) for _ in range(2))
    first = scene.propose((scene.transfers(one)[0], line, "15"))
    second = scene.propose((scene.transfers(two)[0], line, "15"))
    with run_after(LOCKED, lambda: services.accept_proposals(proposal_ids=[second.pk], by=scene.cast.dan)) as other:
        mine = services.accept_proposals(proposal_ids=[first.pk], by=scene.cast.carol)
    assert other.waited
    assert mine.verified == [one.pk]
    assert [left.code for left in other.result.left] == ["claimed"]
    assert scene.paid_of(order) == 15
    assert list(audit_books(scene.cast.merchant)) == []


def test_two_runs_of_one_merchant_come_one_after_the_other(scene: Scene) -> None:
    ticket = scene.report("10", reference="0045775572", claim=False)
    scene.line("10", reference="0045775572")
    run = lambda: services.propose_matches(merchant=scene.cast.merchant, by=scene.cast.system)  # noqa: E731
    with run_after("reconciliation.services.runs.load_inputs", run) as other:
        run()
    assert other.waited
    assert other.error is None
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["open", "stale"]
    assert scene.state(ticket) == "submitted"


@pytest.mark.soak
def test_nobody_claims_a_ticket_while_it_is_accepted(scene: Scene) -> None:
    ticket, line, proposal = offer(scene, claim=False)
    with run_after(LOCKED, lambda: tickets.claim(ticket_id=ticket.pk, by=scene.cast.dan)) as other:
        services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert isinstance(other.error, Stale)
    check_settled_once(scene, line)


@pytest.mark.parametrize("race", [run_before, run_after])
def test_two_accept_one_proposal_one_by_one(scene: Scene, race: Race) -> None:
    ticket, line, proposal = offer(scene, claim=False)

    def accept(by: Actor) -> object:
        return services.accept_proposal(proposal_id=proposal.pk, by=by)

    with race("reconciliation.services.bulk.lock_ground", lambda: accept(scene.cast.dan)) as other:
        try:
            accept(scene.cast.carol)
            mine: BaseException | None = None
        except Stale as error:
            mine = error
    assert sorted(isinstance(error, Stale) for error in (mine, other.error)) == [False, True]
    assert scene.state(ticket) == "verified"
    check_settled_once(scene, line)


@pytest.mark.parametrize("race", [run_before, run_after])
def test_a_run_against_a_new_report(scene: Scene, race: Race) -> None:
    """The report is in this run or in the next; what a run proposes exists, and nothing is settled twice."""
    scene.cast.merchant.auto_accept, scene.cast.merchant.auto_accept_limit = True, Decimal(500)
    scene.cast.merchant.save()
    _first, line, _proposal = offer(scene, claim=False)

    def run() -> None:
        services.propose_matches(merchant=scene.cast.merchant, by=scene.cast.system)

    with race("reconciliation.services.runs.load_inputs", lambda: scene.report("10", claim=False)) as other:
        run()
    assert other.error is None
    run()
    assert Match.objects.filter(state="settled").count() == Settlement.objects.count() <= 1
    assert scene.balance(line).allocated in (0, 10)
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.parametrize("race", [run_before, run_after])
def test_undoing_a_run_against_a_reversal_by_hand(scene: Scene, race: Race) -> None:
    ticket, line, proposal = offer(scene)
    services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)

    def undo() -> services.UndoOutcome:
        reason = scene.reason("returned_by_bank")
        return services.undo_run(run_id=proposal.run_id, reason_id=reason, note="Todo mal", by=scene.cast.dan)

    with race("reconciliation.services.reversal.lock_ticket", lambda: scene.reverse(ticket, by=scene.cast.ada)) as other:
        outcome = undo()
    assert [bool(outcome.reversed), other.error is None].count(True) == 1
    assert scene.state(ticket) == "reversed"
    assert Settlement.objects.filter(kind="reversal").count() == 1
    assert scene.balance(line).free == 10
    assert list(audit_books(scene.cast.merchant)) == []
