"""Accepting proposals in bulk is accepting them one by one: the same money, events and letters, the same refusals."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from letters.models import Letter
from orders.models import Order, OrderBalance
from orders.services import void_order
from reconciliation.audit import audit_books
from reconciliation.models import CreditBalance, IgnoredLine, LedgerEntry, LineBalance, Match, Proposal, Settlement
from reconciliation.services.bulk import BulkOutcome, accept_proposal, accept_proposals
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets
from tickets.models import Conversation, State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def offer(scene: Scene, amount: str, *, line: str = "", claim: bool = True, **kw: Any) -> tuple[Ticket, Proposal]:
    """A report of one transfer, its deposit, and the proposal that joins them."""
    ticket = scene.report(amount, claim=claim, **kw)
    (transfer,) = scene.transfers(ticket)
    return ticket, scene.propose((transfer, scene.line(line or amount)))


def left_codes(outcome: BulkOutcome) -> list[str]:
    return [left.code for left in outcome.left]


def test_several_exact_deposits_are_settled_at_once(scene: Scene) -> None:
    orders = [scene.order("60"), scene.order("40")]
    offers = [offer(scene, "60", orders=[orders[0]]), offer(scene, "40", orders=[orders[1]])]
    outcome = accept_proposals(proposal_ids=[each.pk for _ticket, each in offers], by=scene.cast.carol)
    assert outcome.verified == [ticket.pk for ticket, _each in offers]
    assert outcome.accepted == [each.pk for _ticket, each in offers]
    assert not outcome.left
    assert [scene.paid_of(order) for order in orders] == [60, 40]
    proposal = Proposal.objects.get(pk=offers[0][1].pk)
    assert (proposal.state, proposal.settled_by) == ("accepted", scene.cast.carol.user)
    part = proposal.parts.get()
    assert part.match is not None
    assert part.match.state == "settled"
    assert part.match.evidence == proposal.facts[0]
    assert list(audit_books(scene.cast.merchant)) == []


def test_plain_ones_are_settled_without_looking_at_each(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise AssertionError("drawn one by one")

    monkeypatch.setattr("reconciliation.services.bulk.lock_ground", fail)
    orders = [scene.order(amount) for amount in ("60", "15", "25")]
    one, first = offer(scene, "60", orders=orders[:1])
    two, second = offer(scene, "40", orders=orders[1:], claim=False)
    outcome = accept_proposals(proposal_ids=[second.pk, first.pk], note="visto", by=scene.cast.carol)
    assert (outcome.accepted, outcome.verified) == ([second.pk, first.pk], [two.pk, one.pk])
    assert [scene.paid_of(order) for order in orders] == [60, 15, 25]
    assert list(audit_books(scene.cast.merchant)) == []


def test_reports_that_share_an_order_wait_for_each_other(scene: Scene) -> None:
    order = scene.order("20")
    shared = [offer(scene, "10", orders=[order]) for _ in range(3)]
    plain, alone = offer(scene, "10", orders=[scene.order("10")])
    outcome = accept_proposals(proposal_ids=[*(each.pk for _ticket, each in shared), alone.pk], by=scene.cast.carol)
    assert outcome.verified == [plain.pk, *(ticket.pk for ticket, _each in shared)]
    assert (scene.paid_of(order), scene.credit()) == (20, 10)


def test_the_number_of_statements_does_not_grow_with_the_number_of_proposals(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    few = [offer(scene, "10", orders=[scene.order("10")])[1].pk for _ in range(2)]
    many = [offer(scene, "10", orders=[scene.order("10")], claim=False)[1].pk for _ in range(6)]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as sent:
        accept_proposals(proposal_ids=few, by=scene.cast.carol)
    with django_assert_num_queries(len(sent) + 1):  # one more: tickets that are taken up by the same act
        assert len(accept_proposals(proposal_ids=many, by=scene.cast.carol).verified) == 6


def test_a_ticket_that_nobody_took_up_is_claimed_in_the_same_act(scene: Scene) -> None:
    ticket, proposal = offer(scene, "10", claim=False)
    accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert [(event.act, event.by) for event in TicketEvent.objects.filter(ticket=ticket).order_by("pk")][-2:] == [
        ("claim", scene.cast.carol.user),
        ("verify", scene.cast.carol.user),
    ]
    assert Ticket.objects.get(pk=ticket.pk).claimed_by == scene.cast.carol.user


def test_the_program_accepts_only_what_is_automatic_and_no_sample(scene: Scene) -> None:
    scene.cast.merchant.auto_accept_limit = Decimal(100)
    _one, doubtful = offer(scene, "10", claim=False)
    Proposal.objects.filter(pk=doubtful.pk).update(is_automatic=False, why_not=["score"])
    _two, sample = offer(scene, "10", claim=False)
    Proposal.objects.filter(pk=sample.pk).update(state="sampled", is_sample=True)
    certain_ticket, certain = offer(scene, "10", claim=False)
    _four, dear = offer(scene, "101", claim=False)
    outcome = accept_proposals(proposal_ids=[doubtful.pk, sample.pk, certain.pk, dear.pk], by=scene.cast.system)
    assert outcome.verified == [certain_ticket.pk]
    assert left_codes(outcome) == ["not_automatic", "not_automatic", "above_auto_limit"]
    assert Ticket.objects.filter(state=State.VERIFIED).count() == 1
    assert TicketEvent.objects.filter(act="verify").get().by is None


def test_the_program_leaves_a_report_with_an_open_transfer(scene: Scene) -> None:
    ticket = scene.report("5", "6", claim=False)
    proposal = scene.propose((scene.transfers(ticket)[0], scene.line("5")))
    outcome = accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.system)
    assert left_codes(outcome) == ["partly"]
    assert not Settlement.objects.exists()
    assert scene.state(ticket) == "submitted"


def test_a_person_settles_a_part_by_the_act_of_one_ticket(scene: Scene) -> None:
    ticket = scene.report("5", "6")
    proposal = scene.propose((scene.transfers(ticket)[0], scene.line("5")))
    outcome = accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert (outcome.accepted, outcome.verified) == ([proposal.pk], [])
    assert scene.state(ticket) == "in_review"
    assert scene.credit() == 5
    last = scene.propose((scene.transfers(ticket)[1], scene.line("6")))
    assert accept_proposals(proposal_ids=[last.pk], by=scene.cast.carol).verified == [ticket.pk]
    assert list(audit_books(scene.cast.merchant)) == []


def test_what_needs_a_second_signature_is_left_with_its_sentence(scene: Scene) -> None:
    big, above = offer(scene, "5000")
    _other, another = offer(scene, "10", line="12")
    own_ticket = scene.report("7", by=scene.cast.carol, customer=scene.cast.a)
    own = scene.propose((scene.transfers(own_ticket)[0], scene.line("7")))
    typed_ticket = scene.report("8")
    typed = scene.propose((scene.transfers(typed_ticket)[0], scene.line("8", by=scene.cast.carol)))
    outcome = accept_proposals(proposal_ids=[above.pk, another.pk, own.pk, typed.pk], by=scene.cast.carol)
    assert left_codes(outcome) == ["above_limit", "other_amount", "registered_by_self", "unconfirmed_line"]
    assert all(left.sentence for left in outcome.left)
    assert outcome.left[0].number == big.number
    assert not Settlement.objects.exists()
    assert not Match.objects.exists()
    assert Proposal.objects.filter(state="open").count() == 4


def test_one_proposal_may_ask_for_the_second_signature(scene: Scene) -> None:
    ticket, proposal = offer(scene, "5000")
    (outcome,) = accept_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    assert outcome.kind == "awaiting_approval"
    assert scene.state(ticket) == "awaiting_approval"
    assert Proposal.objects.get(pk=proposal.pk).state == "accepted"


def test_nothing_is_accepted_twice(scene: Scene) -> None:
    _ticket, proposal = offer(scene, "10")
    accept_proposals(proposal_ids=[proposal.pk, proposal.pk], by=scene.cast.carol)
    assert left_codes(accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)) == ["proposal_closed"]
    with pytest.raises(Stale):
        accept_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    assert Settlement.objects.count() == 1


def test_two_proposals_for_one_deposit_settle_one_report(scene: Scene) -> None:
    line, one, two = scene.line("10"), scene.report("10"), scene.report("10")
    first = scene.propose((scene.transfers(one)[0], line))
    second = scene.propose((scene.transfers(two)[0], line))
    outcome = accept_proposals(proposal_ids=[first.pk, second.pk], by=scene.cast.carol)
    assert outcome.verified == [one.pk]
    assert left_codes(outcome) == ["line_taken"]
    assert scene.state(two) == "in_review"


def test_two_reports_for_one_order_pay_it_once_and_the_rest_is_credit(scene: Scene) -> None:
    order = scene.order("10")
    offers = [offer(scene, "10", orders=[order]), offer(scene, "10", orders=[order])]
    accept_proposals(proposal_ids=[each.pk for _ticket, each in offers], by=scene.cast.carol)
    assert (scene.paid_of(order), scene.credit()) == (10, 10)
    assert [letter.context["credit"] for letter in Letter.objects.filter(kind="ticket_verified").order_by("pk")] == [
        None,
        {"amount": "10.00", "currency": "USD"},
    ]


def test_one_deposit_for_two_reports_is_accepted_whole_or_not_at_all(scene: Scene) -> None:
    line, one, two = scene.line("30"), scene.report("10"), scene.report("20")
    pairs = [(scene.transfers(one)[0], line, "10"), (scene.transfers(two)[0], line, "20")]
    proposal = scene.propose(*pairs)
    tickets.release(ticket_id=two.pk, by=scene.cast.carol)
    tickets.withdraw(ticket_id=two.pk, by=scene.cast.alice)
    outcome = accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert left_codes(outcome) == ["wrong_state"]
    assert scene.balance(line).allocated == 0
    three = scene.report("20")
    again = scene.propose(pairs[0], (scene.transfers(three)[0], line, "20"))
    assert accept_proposals(proposal_ids=[again.pk], by=scene.cast.carol).verified == sorted([one.pk, three.pk])
    assert scene.balance(line).allocated == 30
    assert Proposal.objects.get(pk=proposal.pk).state == "stale"


def test_a_line_set_aside_or_returned_pays_nothing(scene: Scene) -> None:
    _one, aside = offer(scene, "10")
    _two, returned = offer(scene, "11")
    aside_line, returned_line = (each.parts.get().line for each in (aside, returned))
    IgnoredLine.objects.create(merchant=scene.cast.merchant, line=aside_line, reason="bank_fee", by=scene.cast.carol.user)
    LineBalance.objects.filter(pk=returned_line.pk).update(returned_at=dt.datetime.now(dt.UTC))
    outcome = accept_proposals(proposal_ids=[aside.pk, returned.pk], by=scene.cast.carol)
    assert left_codes(outcome) == ["line_ignored", "line_returned"]
    with pytest.raises(Refused, match="."):
        accept_proposal(proposal_id=aside.pk, by=scene.cast.carol)
    assert not Settlement.objects.exists()


def test_another_accountants_ticket_is_left(scene: Scene) -> None:
    _ticket, proposal = offer(scene, "10", claimed_by=scene.cast.dan)
    assert left_codes(accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)) == ["claimed"]


def test_only_accounting_accepts_and_only_its_own(scene: Scene) -> None:
    _ticket, proposal = offer(scene, "10")
    for actor in (scene.cast.sue, scene.cast.otto, scene.cast.alice):
        with pytest.raises(NotAllowed):
            accept_proposals(proposal_ids=[proposal.pk], by=actor)
    far = make_scene()
    assert not accept_proposals(proposal_ids=[proposal.pk], by=far.cast.carol).accepted
    with pytest.raises(Http404):
        accept_proposal(proposal_id=proposal.pk, by=far.cast.carol)
    assert Proposal.objects.get(pk=proposal.pk).state == "open"


def test_a_closed_month_refuses_everything(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    _ticket, proposal = offer(scene, "10")
    monkeypatch.setattr("reconciliation.closed.closed_until", lambda _merchant: scene.today)
    with pytest.raises(Refused) as refused:
        accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert refused.value.code == "period_closed"
    assert not Settlement.objects.exists()


# --- the same as one by one ------------------------------------------------------------------


def play(scene: Scene, dice: random.Random, size: int) -> list[int]:
    """Reports of two customers with deposits of all sorts, by dice alone: two scenes with equal dice are alike."""
    cast = scene.cast
    orders = {actor: [scene.order(str(dice.choice((10, 15, 20, 40))), due_in=dice.randint(1, 5), customer=actor.customer)
                      for _ in range(4)] for actor in (cast.alice, cast.bob)}  # fmt: skip
    found = []
    for _ in range(size):
        by = dice.choice((cast.alice, cast.bob))
        chosen = dice.sample(orders[by], dice.randint(0, 3))
        amounts = [str(dice.choice((10, 15, 20, 33, 2000))) for _ in range(dice.choice((1, 1, 1, 2)))]
        if dice.random() < 0.5:  # nothing to think about: its own order, to the cent
            amounts, chosen = amounts[:1], [scene.order(amounts[0], customer=by.customer)]
        abroad = dice.random() < 0.3
        account = scene.bolivars if abroad else None
        if abroad:
            amounts = [str(Decimal(amount) * Decimal("36.70")) for amount in amounts]
        ticket = scene.report(*amounts, orders=chosen, by=by, account=account, claim=dice.random() < 0.5)
        lines = [scene.line(str(Decimal(amount) + dice.choice((0, 0, 0, 0, 1))), account=account) for amount in amounts]
        transfers = scene.transfers(ticket)
        if len(lines) == 2 and dice.random() < 0.3:
            lines.pop()
        if ticket.state == State.IN_REVIEW and dice.random() < 0.3:
            until = scene.today + dt.timedelta(days=3)
            tickets.wait_for_bank(ticket_id=ticket.pk, until=until, by=cast.carol)
        joint = dice.random() < 0.5
        pairs = list(zip(transfers, lines, strict=False))
        found += [scene.propose(*pairs).pk] if joint else [scene.propose(pair).pk for pair in pairs]
        if dice.random() < 0.2:
            found.append(scene.propose((transfers[0], dice.choice(lines))).pk)
    for own in orders.values():
        if dice.random() < 0.3:
            void_order(order_id=own[0].pk, reason="Duplicada", by=cast.carol)
    return found


def told(scene: Scene) -> dict[str, Any]:
    """Everything that accepting changed, told without keys of rows."""
    merchant = scene.cast.merchant
    places = {
        pk: place for place, pk in enumerate(Ticket.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True))
    }
    numbers = {
        number: place
        for place, number in enumerate(Order.objects.filter(merchant=merchant).order_by("pk").values_list("number", flat=True))
    }
    lines = {
        pk: place
        for place, pk in enumerate(LineBalance.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True))
    }
    entries = LedgerEntry.objects.filter(merchant=merchant).values_list(
        "settlement__ticket_id", "source_line_id", "source_amount", "target_order__number", "target_amount", "rate", "booked_on"
    )
    accepted = Proposal.objects.filter(merchant=merchant, state="accepted").values_list(
        "parts__transfer__report__ticket_id", "pk"
    )
    # At once a report with two proposals is decided in one act, whose note says all; by hand the second act says its own.
    decided_twice = {ticket for ticket, times in Counter(ticket for ticket, _pk in set(accepted)).items() if times > 1}
    events = TicketEvent.objects.filter(merchant=merchant).order_by("ticket_id", "pk")
    letters = Letter.objects.filter(merchant=merchant, kind="ticket_verified").order_by("pk")
    return {
        "tickets": [(each.state, each.claimed_by_id and each.claimed_by.name, each.claimed_until is None, each.wait_until)
                    for each in Ticket.objects.filter(merchant=merchant).order_by("pk")],
        "entries": sorted([(places[ticket], lines[line], str(source), numbers.get(number, -1), str(target), str(rate), day)
                    for ticket, line, source, number, target, rate, day in entries], key=str),
        "orders": list(OrderBalance.objects.filter(merchant=merchant).order_by("pk").values_list("paid", "order__paid_on")),
        "credit": sorted(CreditBalance.objects.filter(merchant=merchant, balance__gt=0).values_list(
                    "customer__name", "currency", "balance")),
        "lines": list(LineBalance.objects.filter(merchant=merchant).order_by("pk").values_list("allocated", "reserved")),
        "matches": sorted((lines[line], state, str(amount), by) for line, state, amount, by in Match.objects.filter(
                    merchant=merchant).values_list("line_id", "state", "amount", "by__name")),
        "settlements": sorted((places[ticket], kind, note, by) for ticket, kind, note, by in Settlement.objects.filter(
                    merchant=merchant).values_list("ticket_id", "kind", "note", "prepared_by__name")),
        "events": [(places[each.ticket_id], each.act, each.source, each.target, each.by_id and each.by.name, each.team, each.note,
                    "" if each.ticket_id in decided_twice else neutral(each.internal_note, numbers)) for each in events],
        "letters": sorted([(places[int(each.about.removeprefix("ticket:"))], each.to_email.split("@")[0], each.language,
                    [{**row, "order": numbers[row["order"]]} for row in each.context["applied"]], each.context["credit"])
                    for each in letters], key=str),
        "conversations": list(Conversation.objects.filter(merchant=merchant).order_by("pk").values_list(
                    "is_open", "helpdesk_ticket__status")),
        "proposals": list(Proposal.objects.filter(merchant=merchant).order_by("pk").values_list("state", "settled_by__name")),
    }  # fmt: skip


def places_of(model: Any, scene: Scene, name: str) -> dict[Any, int]:
    """Which of its scene's rows each is: the same in two scenes that are alike."""
    rows = model.objects.filter(merchant=scene.cast.merchant).order_by("pk").values_list(name, flat=True)
    return {key: place for place, key in enumerate(rows)}


def neutral(note: str, numbers: dict[str, int]) -> str:
    for number, place in numbers.items():
        note = note.replace(number, f"#{place}")
    return note


def accept_one_by_one(proposal_ids: list[int], scene: Scene) -> None:
    """What a person does who accepts what one signature allows, proposal by proposal."""
    for pk in proposal_ids:
        try:
            with transaction.atomic():
                for outcome in accept_proposal(proposal_id=pk, by=scene.cast.carol):
                    if outcome.kind == "awaiting_approval":
                        raise Refused("-", code="two")
        except Refused:
            continue


def check_bulk_is_one_by_one(seed: int, size: int) -> None:
    many, single = (make_scene(rate="36.70") for _ in range(2))
    ids, twins = (play(scene, random.Random(seed), size) for scene in (many, single))  # noqa: S311 - dice of a test
    outcome = accept_proposals(proposal_ids=ids, by=many.cast.carol)
    twin_of = dict(zip(ids, twins, strict=True))
    # What goes at once goes first: the same order by hand.
    accept_one_by_one([twin_of[pk] for pk in [*outcome.accepted, *(left.proposal_id for left in outcome.left)]], single)
    assert len(outcome.accepted) + len(outcome.left) == len(ids)
    first, second = told(many), told(single)
    for name in first:
        assert first[name] == second[name], name
    for scene in (many, single):
        assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.parametrize("seed", range(3))
def test_bulk_is_one_by_one(seed: int) -> None:
    check_bulk_is_one_by_one(seed, 8)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 160))
def test_bulk_is_one_by_one_long(seed: int) -> None:
    check_bulk_is_one_by_one(seed, 20)
