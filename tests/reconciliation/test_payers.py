"""One payer for several customers: the group, what is proposed within it, what accepting does, and what nobody learns."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Customer
from letters.models import Letter
from letters.rendering import render_letter
from orders.models import Order
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Match, PayerGroup, PayerGroupMember, Proposal, Settlement, StatementLine
from reconciliation.selectors.payers import group_for, groups_for, live_groups, one_payer
from reconciliation.selectors.workrows import proposal_rows
from tests.cast import client_of
from tests.reconciliation.scene import Scene, make_scene
from tickets.models import State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

REFERENCE = "0045775572"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def group_of(scene: Scene, **kw: Any) -> PayerGroup:
    kw.setdefault("customer_ids", [scene.cast.a.pk, scene.cast.b.pk])
    return services.make_payer_group(name=kw.pop("name", "Inversiones Roble"), by=kw.pop("by", scene.cast.carol), **kw)


def third(scene: Scene) -> Customer:
    return Customer.objects.create(merchant=scene.cast.merchant, number="C-900", name="Tercera", email="t@example.com")


def shared_deposit(
    scene: Scene, *, claim: bool = True, reference: str = REFERENCE
) -> tuple[list[Order], list[Ticket], StatementLine]:
    """60 of Alice's customer and 40 of Bob's, with the reference of the one deposit of 100 that pays both."""
    orders = [scene.order("60"), scene.order("40", customer=scene.cast.b)]
    who = (scene.cast.alice, scene.cast.bob)
    tickets = [
        scene.report(str(order.total), orders=[order], reference=reference, by=by, claim=claim)
        for order, by in zip(orders, who, strict=True)
    ]
    return orders, tickets, scene.line("100", reference=reference)


def propose(scene: Scene) -> list[Proposal]:
    run = services.propose_matches(merchant=scene.cast.merchant, account_id=scene.cast.account.pk, by=scene.cast.carol)
    return list(Proposal.objects.filter(run=run, kind="many_transfers"))


def test_a_group_is_made_changed_and_ended_with_its_history(scene: Scene) -> None:
    group = group_of(scene, name="  Inversiones   Roble ", payer_tax_id="J-1")
    assert (group.name, group.payer_tax_id, group.made_by) == ("Inversiones Roble", "J-1", scene.cast.carol.user)
    assert one_payer(scene.cast.merchant, [scene.cast.a.pk, scene.cast.b.pk]) == group
    other = third(scene)
    services.add_customer(group_id=group.pk, customer_id=other.pk, by=scene.cast.carol)
    services.remove_customer(group_id=group.pk, customer_id=scene.cast.b.pk, by=scene.cast.dan)
    assert set(live_groups(scene.cast.merchant, [scene.cast.a.pk, scene.cast.b.pk, other.pk])) == {scene.cast.a.pk, other.pk}
    (listed,) = groups_for(scene.cast.otto)
    assert len([each for each in listed.members.all() if each.removed_at is None]) == 2
    services.end_group(group_id=group.pk, by=scene.cast.carol)
    assert not groups_for(scene.cast.otto)
    assert [each.pk for each in groups_for(scene.cast.otto, ended=True)] == [group.pk]
    assert PayerGroupMember.objects.filter(removed_at__isnull=False, removed_by__isnull=False).count() == 3
    with pytest.raises(Stale):
        services.end_group(group_id=group.pk, by=scene.cast.carol)
    assert group_of(scene).pk != group.pk  # free for another


def test_what_a_group_refuses(scene: Scene) -> None:
    far = make_scene()
    codes = []
    for kw in (
        {"name": " "},
        {"customer_ids": [scene.cast.a.pk, scene.cast.a.pk]},
        {"customer_ids": [scene.cast.a.pk, far.cast.a.pk]},
    ):
        with pytest.raises(Refused) as refused:
            group_of(scene, **kw)
        codes.append(refused.value.code)
    assert codes == ["payer_needs_name", "payer_needs_two", "customer_unknown"]
    group = group_of(scene)
    with pytest.raises(Refused) as refused:
        services.make_payer_group(name="Otro", customer_ids=[scene.cast.b.pk, third(scene).pk], by=scene.cast.carol)
    assert (refused.value.code, "Inversiones Roble" in refused.value.message) == ("customer_in_group", True)
    with pytest.raises(Refused) as refused:
        services.remove_customer(group_id=group.pk, customer_id=scene.cast.a.pk, by=scene.cast.carol)
    assert refused.value.code == "payer_needs_two"
    with pytest.raises(Stale):
        services.remove_customer(group_id=group.pk, customer_id=far.cast.a.pk, by=scene.cast.carol)
    with pytest.raises(Refused):
        services.add_customer(group_id=group.pk, customer_id=far.cast.a.pk, by=scene.cast.carol)
    assert PayerGroup.objects.count() == 1
    assert PayerGroupMember.objects.count() == 2


def test_only_accounting_of_the_merchant_touches_a_group(scene: Scene) -> None:
    group = group_of(scene)
    for actor in (scene.cast.otto, scene.cast.alice, scene.cast.system):
        with pytest.raises(NotAllowed):
            group_of(scene, by=actor)
        with pytest.raises(NotAllowed):
            services.end_group(group_id=group.pk, by=actor)
    far = make_scene()
    with pytest.raises(Http404):
        services.end_group(group_id=group.pk, by=far.cast.carol)
    with pytest.raises(Http404):
        group_for(far.cast.carol, group.pk)
    assert not groups_for(far.cast.carol)
    with pytest.raises(NotAllowed):
        groups_for(scene.cast.alice)
    assert far.cast.carol.user is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        PayerGroupMember.objects.create(
            merchant=far.cast.merchant, group=group, customer=far.cast.a, added_by=far.cast.carol.user
        )  # fmt: skip


def test_reports_of_two_customers_are_proposed_together_only_within_a_group(scene: Scene) -> None:
    _orders, _tickets, _line = shared_deposit(scene)
    assert propose(scene) == []
    group = group_of(scene)
    (proposal,) = propose(scene)
    assert proposal.parts.count() == 2
    assert not proposal.is_automatic
    assert "customers" in proposal.why_not
    (row,) = proposal_rows(scene.cast.merchant, [proposal])
    assert any("Inversiones Roble" in fact.text for fact in row.evidence)
    services.end_group(group_id=group.pk, by=scene.cast.carol)
    assert propose(scene) == []


def test_the_document_of_the_payer_ties_a_deposit_to_the_group(scene: Scene) -> None:
    group_of(scene, payer_tax_id="J-29999999-1")
    orders = [scene.order("60"), scene.order("40", customer=scene.cast.b)]
    for order, by in zip(orders, (scene.cast.alice, scene.cast.bob), strict=True):
        scene.report(str(order.total), orders=[order], by=by)
    scene.line("100", reference="", payer_id="J-29999999-1", booked_on=scene.transfers(Ticket.objects.all()[0])[0].paid_on)
    (proposal,) = propose(scene)
    assert proposal.parts.count() == 2
    assert not proposal.is_automatic


def test_one_customers_own_sum_is_proposed_as_before(scene: Scene) -> None:
    group_of(scene)
    reports = [scene.report(amount, orders=[scene.order(amount)], reference=REFERENCE) for amount in ("60", "40")]
    scene.line("100", reference=REFERENCE)
    (proposal,) = propose(scene)
    assert {part.transfer.report.ticket_id for part in proposal.parts.all()} == {ticket.pk for ticket in reports}
    assert proposal.customer == scene.cast.a
    assert not {"customers", "not_unique"} & set(proposal.why_not)


def test_accepting_gives_each_customer_their_own_books(scene: Scene) -> None:
    group_of(scene)
    orders, reports, line = shared_deposit(scene, claim=False)
    (proposal,) = propose(scene)
    outcomes = services.accept_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    assert [outcome.kind for outcome in outcomes] == ["verified", "verified"]
    assert_both_settled(scene, orders, reports, line)


def test_many_at_once_accept_it_too_but_never_the_program(scene: Scene) -> None:
    scene.cast.merchant.auto_accept_limit = Decimal(1000)
    group = group_of(scene)
    orders, reports, line = shared_deposit(scene)
    (proposal,) = propose(scene)
    Proposal.objects.filter(pk=proposal.pk).update(is_automatic=True, why_not=[])
    outcome = services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.system)
    assert [left.code for left in outcome.left] == ["customers"]
    services.end_group(group_id=group.pk, by=scene.cast.carol)
    outcome = services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert [left.code for left in outcome.left] == ["no_payer_group"]
    with pytest.raises(Refused) as refused:
        services.accept_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    assert refused.value.code == "no_payer_group"
    assert not Match.objects.exists()
    group_of(scene)
    services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert_both_settled(scene, orders, reports, line)


def test_by_hand_outside_a_group_it_is_confirmed_and_can_be_remembered(scene: Scene) -> None:
    orders, reports, line = shared_deposit(scene)
    picked: dict[str, Any] = {
        "line_ids": [line.pk], "transfer_ids": [scene.transfers(ticket)[0].pk for ticket in reports], "by": scene.cast.carol,
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.settle_picked(**picked)
    assert refused.value.code == "several_customers"
    assert all(customer.name in refused.value.message for customer in (scene.cast.a, scene.cast.b))
    assert not Match.objects.exists()
    services.settle_picked(**picked, across=True, remember="Inversiones Roble")
    group = one_payer(scene.cast.merchant, [scene.cast.a.pk, scene.cast.b.pk])
    assert group is not None
    assert group.name == "Inversiones Roble"
    assert_both_settled(scene, orders, reports, line)
    again = shared_deposit(scene, reference="0098765432")
    services.settle_picked(
        line_ids=[again[2].pk], transfer_ids=[scene.transfers(ticket)[0].pk for ticket in again[1]], by=scene.cast.carol
    )
    assert PayerGroup.objects.count() == 1


def assert_both_settled(scene: Scene, orders: list[Order], reports: list[Ticket], line: StatementLine) -> None:
    """Own settlement, entries, event and letter for each; the books agree; nobody reads anything of the other."""
    assert [scene.paid_of(order) for order in orders] == [60, 40]
    assert [scene.state(ticket) for ticket in reports] == [State.VERIFIED, State.VERIFIED]
    assert scene.balance(line).allocated == 100
    assert list(audit_books(scene.cast.merchant)) == []
    sides = [(scene.cast.a, scene.cast.alice), (scene.cast.b, scene.cast.bob)]
    for (customer, actor), (other, _other_actor), own, order, theirs, their_order in zip(
        sides, reversed(sides), reports, orders, reversed(reports), reversed(orders), strict=True
    ):
        settlement = Settlement.objects.get(ticket=own)
        assert settlement.customer == customer
        assert {entry.customer_id for entry in settlement.entries.all()} == {customer.pk}
        assert TicketEvent.objects.filter(ticket=own, act="verify").count() == 1
        secrets = [other.name, other.number, theirs.number, their_order.number, "Inversiones Roble"]
        letters = Letter.objects.filter(customer=customer)
        assert letters.exists()
        pages = [client_of(actor).get(scene.cast.url("portal:ticket", own.number)).content.decode()]
        for text in [*(f"{told.subject}\n{told.text}\n{told.html}" for told in map(render_letter, letters)), *pages]:
            assert order.number in text or own.number in text
            plain = re.sub(r"\s+", " ", text)
            assert not [secret for secret in secrets if secret in plain]
            assert not re.search(r"\b100[.,]00\b", plain)
