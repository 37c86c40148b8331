"""Differences that an administrator allows: set, ended, told to the matching, and named when a person accepts a proposal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Adjustment, LedgerEntry, Match, Proposal, Settlement, StatementLine, Tolerance
from reconciliation.runs.inputs import pack, unpack
from reconciliation.runs.loading import load_inputs
from reconciliation.selectors.runs import facts_of
from reconciliation.selectors.tolerances import tolerances_for
from reconciliation.words import tell
from tests.reconciliation.scene import Scene, make_scene
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def allow(scene: Scene, **kw: Any) -> Tolerance:
    """A bank's fee of up to three dollars, unless told otherwise."""
    kw.setdefault("account_id", scene.cast.account.pk)
    kw.setdefault("reason", "bank_fee")
    if not {"less", "more", "less_per_mille", "more_per_mille"} & set(kw):
        kw["less"] = Decimal(3)
    return services.set_tolerance(by=kw.pop("by", scene.cast.ada), **kw)


def report_and_deposit(scene: Scene, amount: str, deposit: str, **kw: Any) -> tuple[Ticket, StatementLine]:
    order = scene.order(amount)
    ticket = scene.report(amount, orders=[order], reference="0045775572", claim=False, **kw)
    day = scene.today - dt.timedelta(days=1)
    return ticket, scene.line(deposit, reference="0045775572", booked_on=day, account=kw.get("account"))


def proposed(scene: Scene, ticket: Ticket, line: StatementLine) -> Proposal:
    return scene.propose((scene.transfers(ticket)[0], line), is_automatic=False, why_not=["amount"])


def test_an_administrator_allows_a_difference_and_ends_it(scene: Scene) -> None:
    made = allow(scene, note="El banco emisor la cobra")
    assert list(tolerances_for(scene.cast.carol, scene.cast.account)) == [made]
    assert (made.method, made.less, made.made_by, made.ended_at) == (None, Decimal(3), scene.cast.ada.user, None)
    ended = services.drop_tolerance(tolerance_id=made.pk, by=scene.cast.ada)
    assert (ended.ended_by, ended.ended_at is None) == (scene.cast.ada.user, False)
    assert not tolerances_for(scene.cast.ada, scene.cast.account).exists()
    with pytest.raises(Stale):
        services.drop_tolerance(tolerance_id=made.pk, by=scene.cast.ada)


def test_another_one_takes_its_place_and_a_method_has_its_own(scene: Scene) -> None:
    first, own = allow(scene), allow(scene, method_id=scene.cast.deposit.pk, less_per_mille=10)
    second = allow(scene, less=Decimal("1.50"))
    first.refresh_from_db()
    assert first.ended_at is not None
    assert set(tolerances_for(scene.cast.ada, scene.cast.account)) == {own, second}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"less": Decimal(-1)}, "amount_invalid"),
        ({"less": Decimal("NaN")}, "amount_invalid"),
        ({"less": Decimal("0.001")}, "amount_invalid"),
        ({"less": Decimal(10) ** 10}, "amount_invalid"),
        ({"less_per_mille": 101}, "share_invalid"),
        ({"less_per_mille": -1}, "share_invalid"),
        ({"less": Decimal(0)}, "allows_nothing"),
        ({"reason": "surcharge"}, "reason_invalid"),
        ({"more": Decimal(1)}, "more_is_theirs"),
        ({"method_id": 2**31}, "method_unknown"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(scene: Scene, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        allow(scene, **given)
    assert refused.value.code == code
    assert not Tolerance.objects.exists()


def test_nobody_else_sets_or_ends_one(scene: Scene) -> None:
    made, other = allow(scene), make_scene()
    for person in (scene.cast.carol, scene.cast.dan, scene.cast.sue, scene.cast.alice):
        with pytest.raises(NotAllowed):
            allow(scene, by=person)
        with pytest.raises(NotAllowed):
            services.drop_tolerance(tolerance_id=made.pk, by=person)
    with pytest.raises(Http404):
        allow(scene, by=other.cast.ada)
    with pytest.raises(Http404):
        services.drop_tolerance(tolerance_id=made.pk, by=other.cast.ada)
    with pytest.raises(NotAllowed):
        tolerances_for(scene.cast.alice, scene.cast.account)
    assert list(Tolerance.objects.filter(ended_at__isnull=True)) == [made]


def test_a_row_is_ended_and_never_changed(scene: Scene) -> None:
    made = allow(scene)
    for change in ({"less": Decimal(30)}, {"note": "Otra"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tolerance.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        made.delete()


def test_the_matching_is_told_and_a_run_can_be_asked_again(scene: Scene) -> None:
    report_and_deposit(scene, "30", "28")
    without = load_inputs(scene.cast.merchant, [scene.cast.account])
    assert without.policy.tolerances == ()
    allow(scene, less=Decimal(1))
    allow(scene, method_id=scene.cast.deposit.pk, less=Decimal(2))
    told = load_inputs(scene.cast.merchant, [scene.cast.account])
    assert [(each.method, each.less) for each in told.policy.tolerances] == [(scene.cast.deposit.pk, 20000), (0, 10000)]
    assert told.digest() != without.digest()
    assert unpack(pack(told)).digest() == told.digest()


def test_a_proposal_appears_because_of_a_tolerance(scene: Scene) -> None:
    order = scene.order("30")
    scene.report("30", orders=[order], reference="45775572", claim=False)
    day = scene.today - dt.timedelta(days=1)
    # Four digits and the day: with an amount that proves nothing, too little to be shown.
    scene.line("28", reference="5572", booked_on=day)

    def shown() -> list[tuple[bool, list[str]]]:
        run = services.propose_matches(merchant=scene.cast.merchant, account_id=scene.cast.account.pk, by=scene.cast.carol)
        return [(each.is_automatic, each.why_not) for each in Proposal.objects.filter(run=run, is_chosen=True)]

    assert shown() == []
    allow(scene)
    [(is_automatic, why_not)] = shown()
    assert (is_automatic, "amount" in why_not) == (False, True)
    facts = facts_of(scene.cast.merchant, Proposal.objects.filter(is_chosen=True, state="open"))
    [amount] = [fact for each in facts.values() for fact in each[0] if fact["kind"] == "amount"]
    assert "permitido para la cuenta" in tell(amount).text


def test_accepting_names_what_lacks_and_the_books_are_right(scene: Scene) -> None:
    made = allow(scene, note="Comisión del banco emisor")
    ticket, line = report_and_deposit(scene, "100", "98")
    [outcome] = services.accept_proposal(proposal_id=proposed(scene, ticket, line).pk, tolerance_id=made.pk, by=scene.cast.carol)
    assert outcome.kind == "verified"
    named = Adjustment.objects.get()
    assert (named.kind, named.amount, named.currency) == ("bank_fee", Decimal(2), "USD")
    assert "Comisión del banco emisor" in named.note
    entries = LedgerEntry.objects.order_by("pk").values_list("source_line", "source_adjustment", "target_amount")
    assert list(entries) == [(line.pk, None, Decimal(98)), (None, named.pk, Decimal(2))]
    assert scene.credit() == 0
    assert list(audit_books(scene.cast.merchant)) == []


def test_a_rounding_that_is_over_comes_off_the_deposit(scene: Scene) -> None:
    made = allow(scene, reason="rounding", more=Decimal("0.10"))
    ticket, line = report_and_deposit(scene, "100", "100.05")
    [outcome] = services.accept_proposal(proposal_id=proposed(scene, ticket, line).pk, tolerance_id=made.pk, by=scene.cast.carol)
    assert outcome.kind == "verified"
    assert Adjustment.objects.get().amount == Decimal("0.05")
    assert (scene.balance(line).free, scene.credit()) == (0, 0)
    assert list(audit_books(scene.cast.merchant)) == []


def test_in_another_currency_the_difference_is_the_reports() -> None:
    scene = make_scene(rate="40")
    assert scene.bolivars is not None
    made = allow(scene, account_id=scene.bolivars.pk, less=Decimal(60))
    order = scene.order("100")
    ticket = scene.report("4000", orders=[order], account=scene.bolivars, reference="0045775572", claim=False)
    line = scene.line("3940", account=scene.bolivars, reference="0045775572")
    [outcome] = services.accept_proposal(proposal_id=proposed(scene, ticket, line).pk, tolerance_id=made.pk, by=scene.cast.carol)
    assert outcome.kind == "verified"
    assert (Adjustment.objects.get().amount, Adjustment.objects.get().currency) == (Decimal("1.50"), "USD")
    assert scene.paid_of(order) == 100
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.parametrize("deposit", ["102", "96.99"])
def test_the_other_direction_and_more_than_allowed_are_refused(scene: Scene, deposit: str) -> None:
    made = allow(scene)
    ticket, line = report_and_deposit(scene, "100", deposit)
    with pytest.raises(Stale) as refused:
        services.accept_proposal(proposal_id=proposed(scene, ticket, line).pk, tolerance_id=made.pk, by=scene.cast.carol)
    assert refused.value.code == "tolerance_gone"
    assert not Settlement.objects.exists()
    assert not Match.objects.exists()


def test_one_that_ended_or_is_another_accounts_names_nothing(scene: Scene) -> None:
    made = allow(scene)
    services.drop_tolerance(tolerance_id=made.pk, by=scene.cast.ada)
    theirs = allow(make_scene())
    ticket, line = report_and_deposit(scene, "100", "98")
    proposal = proposed(scene, ticket, line)
    for key in (made.pk, theirs.pk):
        with pytest.raises(Stale):
            services.accept_proposal(proposal_id=proposal.pk, tolerance_id=key, by=scene.cast.carol)
    assert not Settlement.objects.exists()


def test_without_naming_it_two_people_sign_and_in_bulk_it_is_left(scene: Scene) -> None:
    allow(scene)
    ticket, line = report_and_deposit(scene, "100", "98")
    proposal = proposed(scene, ticket, line)
    outcome = services.accept_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    assert [left.code for left in outcome.left] == ["other_amount"]
    assert not Settlement.objects.exists()
    [by_hand] = services.accept_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    assert by_hand.kind == "awaiting_approval"


def test_a_gift_is_the_seniors_also_within_a_tolerance(scene: Scene) -> None:
    made = allow(scene, reason="withholding")
    ticket, line = report_and_deposit(scene, "100", "98")
    proposal = proposed(scene, ticket, line)
    with pytest.raises(Refused) as refused:
        services.accept_proposal(proposal_id=proposal.pk, tolerance_id=made.pk, by=scene.cast.carol)
    assert refused.value.code == "adjustment_above_tolerance"
    [outcome] = services.accept_proposal(proposal_id=proposal.pk, tolerance_id=made.pk, by=scene.cast.dan)
    assert outcome.kind == "verified"
    assert Adjustment.objects.get().kind == "withholding"
