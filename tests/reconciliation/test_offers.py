"""Offering a deposit to the customer it may belong to: who may, what ends it, and that a yes proves nothing by itself."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from letters.models import Letter
from letters.rendering import render_letter
from reconciliation import services
from reconciliation.models import DepositOffer, LineBalance, Proposal, StatementLine
from reconciliation.runs.forgetting import forget_lines
from reconciliation.selectors import candidates_for
from reconciliation.selectors.offers import open_offers_for, probable_customers
from reconciliation.services import claim_deposit, deny_deposit, offer_deposit, submit_claim, withdraw_offer
from reconciliation.services.offers import DAYS_TO_ANSWER, expire_offers, reference_end
from reports.content import ReportContent
from tests.factories import make_contact, make_customer, make_user
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_runs import allow, propose
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
_serial = itertools.count(1)
SECRETS = {"payer_name": "INVERSIONES QUINTERO", "payer_id": "J-50112233-4", "text": "TRF DE CTA 01050099"}


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def deposit(scene: Scene, amount: str = "81.20", **kw: Any) -> StatementLine:
    reference = f"00{next(_serial)}45775572442"
    return scene.line(amount, **{"reference": reference, "booked_on": scene.today - dt.timedelta(days=1), **SECRETS, **kw})


def offered(scene: Scene, line: StatementLine | None = None, customer: Any = None) -> DepositOffer:
    line = line or deposit(scene)
    return offer_deposit(line_id=line.pk, customer_id=(customer or scene.cast.a).pk, by=scene.cast.carol)


def state_of(offer: DepositOffer) -> tuple[str, str]:
    return DepositOffer.objects.values_list("state", "why").get(pk=offer.pk)


def report_of_claim(scene: Scene, offer: DepositOffer, amount: str = "81.20") -> Ticket:
    claimed = claim_deposit(offer_id=offer.pk, by=scene.cast.alice)
    assert claimed.report_key is not None
    content = ReportContent(transfers=(scene.transfer(amount, reference="0045775572442"),))
    ticket, _made = submit_claim(
        merchant=scene.cast.merchant, customer=scene.cast.a, key=claimed.report_key, content=content, by=scene.cast.alice
    )
    return ticket


def test_an_offer_tells_the_customer_once_and_nothing_of_who_paid(scene: Scene) -> None:
    offer = offered(scene)
    (letter,) = Letter.objects.filter(kind="deposit_offered")
    assert (letter.to_email, letter.customer) == (scene.cast.alice.user.email, scene.cast.a)
    for language, words in (("es", "¿Es suyo este depósito?"), ("en", "Is this deposit yours?")):
        letter.language = language
        rendered = render_letter(letter)
        whole = rendered.subject + rendered.text + rendered.html
        assert words in whole
        assert "2442" in whole
        assert f"/deposits/{offer.pk}/" in whole
        for secret in (*SECRETS.values(), "45775572442", scene.cast.b.name):
            assert secret not in whole
            assert secret not in str(letter.context)
    assert [each.pk for each in open_offers_for(scene.cast.alice)] == [offer.pk]
    assert open_offers_for(scene.cast.nora) == open_offers_for(scene.cast.bob) == []


@pytest.mark.parametrize(
    ("reference", "end"), [("0045775572442", "2442"), ("12345678", "5678"), ("1234", "34"), ("7", ""), ("", "")]
)
def test_never_more_than_half_of_a_reference_is_told(reference: str, end: str) -> None:
    assert reference_end(reference) == end


def test_only_accounting_offers_and_only_what_is_free(scene: Scene) -> None:
    line = deposit(scene)
    for who in (scene.cast.sue, scene.cast.otto, scene.cast.alice):
        with pytest.raises(NotAllowed):
            offer_deposit(line_id=line.pk, customer_id=scene.cast.a.pk, by=who)
    with pytest.raises(Http404):
        offer_deposit(line_id=line.pk, customer_id=make_customer().pk, by=scene.cast.carol)
    _ticket, used = scene.paid("30.00", scene.order("30.00"))
    for taken in (used, deposit(scene, "-5.00")):
        with pytest.raises(Refused) as refused:
            offered(scene, taken)
        assert refused.value.code == "not_offerable"
    aside = deposit(scene, "7.00")
    services.ignore_line(line_id=aside.pk, reason="own_transfer", by=scene.cast.carol)
    with pytest.raises(Refused):
        offered(scene, aside)
    assert not DepositOffer.objects.exists()


def test_there_must_be_somebody_to_ask_who_is_not_the_one_who_asks(scene: Scene) -> None:
    lonely = make_customer(scene.cast.merchant)
    make_contact(lonely, make_user(), can_report=False)
    with pytest.raises(Refused) as refused:
        offered(scene, customer=lonely)
    assert refused.value.code == "nobody_to_ask"
    make_contact(scene.cast.a, scene.cast.carol.user)
    with pytest.raises(Refused) as refused:
        offered(scene)
    assert refused.value.code == "own_customer"
    assert not Letter.objects.filter(kind="deposit_offered").exists()


def test_one_customer_at_a_time_and_never_again_after_a_no(scene: Scene) -> None:
    line = deposit(scene)
    offer = offered(scene, line)
    with pytest.raises(Stale) as stale:
        offered(scene, line, scene.cast.b)
    assert stale.value.code == "offered_already"
    deny_deposit(offer_id=offer.pk, note=" No conozco ese pago\x00 ", by=scene.cast.alice)
    offer.refresh_from_db()
    assert (offer.state, offer.note, offer.answered_by) == ("denied", "No conozco ese pago", scene.cast.alice.user)
    assert Letter.objects.get(kind="deposit_denied").to_email == scene.cast.carol.user.email
    with pytest.raises(Refused) as refused:
        offered(scene, line)
    assert refused.value.code == "denied_before"
    assert offered(scene, line, scene.cast.b).is_live
    deny_deposit(offer_id=offer.pk, by=scene.cast.alice)
    with pytest.raises(Stale) as stale:
        claim_deposit(offer_id=offer.pk, by=scene.cast.alice)
    assert stale.value.code == "answered_already"
    assert Letter.objects.filter(kind="deposit_denied").count() == 1


def test_nobody_else_answers(scene: Scene) -> None:
    offer = offered(scene)
    for act in (claim_deposit, deny_deposit):
        with pytest.raises(Http404):
            act(offer_id=offer.pk, by=scene.cast.bob)
        with pytest.raises(NotAllowed):
            act(offer_id=offer.pk, by=scene.cast.nora)
        with pytest.raises(NotAllowed):
            act(offer_id=offer.pk, by=scene.cast.carol)
    assert state_of(offer) == ("offered", "")


@pytest.mark.parametrize("event", ["used", "ignored"])
def test_it_ends_by_itself_when_the_deposit_is_used_or_set_aside(scene: Scene, event: str) -> None:
    line = deposit(scene)
    offer = offered(scene, line)
    if event == "used":
        scene.verify(scene.report("81.20", by=scene.cast.bob), line)
    else:
        services.ignore_line(line_id=line.pk, reason="own_transfer", by=scene.cast.carol)
    assert state_of(offer) == ("withdrawn", event)
    with pytest.raises(Stale) as stale:
        claim_deposit(offer_id=offer.pk, by=scene.cast.alice)
    assert stale.value.code == "offer_over"


def test_staff_withdraws_and_time_ends_it(scene: Scene) -> None:
    offer = offered(scene)
    with pytest.raises(NotAllowed):
        withdraw_offer(offer_id=offer.pk, by=scene.cast.sue)
    withdraw_offer(offer_id=offer.pk, by=scene.cast.dan)
    assert state_of(offer) == ("withdrawn", "staff")
    with pytest.raises(Stale):
        withdraw_offer(offer_id=offer.pk, by=scene.cast.dan)
    silent, said = offered(scene), offered(scene)
    claim_deposit(offer_id=said.pk, by=scene.cast.alice)
    assert expire_offers(merchant=scene.cast.merchant) == 0
    DepositOffer.objects.update(expires_on=scene.today - dt.timedelta(days=1))
    with pytest.raises(Stale):
        deny_deposit(offer_id=silent.pk, by=scene.cast.alice)
    assert open_offers_for(scene.cast.alice) == []
    assert expire_offers(merchant=scene.cast.merchant) == 2
    assert state_of(silent) == state_of(said) == ("expired", "")
    assert DAYS_TO_ANSWER == 14


def test_a_yes_becomes_the_first_candidate_of_the_report_and_never_a_strong_one(scene: Scene) -> None:
    line, twin = deposit(scene), deposit(scene)
    ticket = report_of_claim(scene, offered(scene, line))
    first, second = candidates_for(scene.cast.carol, ticket)[:2]
    assert (first.line, first.is_claimed, first.strength) == (line, True, "possible")
    assert first.evidence[0].text.startswith(("El cliente dice que este depósito es suyo", "The customer says this deposit is"))
    assert (second.line, second.is_claimed) == (twin, False)
    assert DepositOffer.objects.get().report == ticket.report
    # However the report was changed: the deposit that was claimed stands there.
    other = report_of_claim(
        scene, offered(scene, deposit(scene, "500.00", booked_on=scene.today - dt.timedelta(days=90))), "12.00"
    )
    assert candidates_for(scene.cast.carol, other)[0].is_claimed


def test_what_we_told_never_settles_by_itself(scene: Scene) -> None:
    allow(scene)
    line = deposit(scene)
    offer = offered(scene, line)
    ticket = report_of_claim(scene, offer)
    run = propose(scene)
    assert run.counts["automatic"] == 0
    proposal = Proposal.objects.get(run=run, is_chosen=True)
    assert "flagged" in proposal.why_not
    assert scene.state(ticket) == "submitted"
    # Nor a report that goes round the offer, with what the offer told.
    withdraw_offer(offer_id=offer.pk, by=scene.cast.carol)
    scene.report("81.20", reference="0045775572442", claim=False)
    assert propose(scene).counts["automatic"] == 0


def test_a_report_stands_by_itself_when_the_question_was_taken_back(scene: Scene) -> None:
    offer = offered(scene)
    claimed = claim_deposit(offer_id=offer.pk, by=scene.cast.alice)
    withdraw_offer(offer_id=offer.pk, by=scene.cast.carol)
    content = ReportContent(transfers=(scene.transfer("81.20", reference="0045775572442"),))
    assert claimed.report_key is not None
    ticket, made = submit_claim(
        merchant=scene.cast.merchant, customer=scene.cast.a, key=claimed.report_key, content=content, by=scene.cast.alice
    )
    assert made
    assert scene.state(ticket) == "submitted"
    offer.refresh_from_db()
    assert (offer.state, offer.report) == ("withdrawn", None)


def test_without_an_offer_the_same_report_is_certain(scene: Scene) -> None:
    deposit(scene)
    scene.report("81.20", reference="0045775572442", claim=False)
    assert propose(scene).counts["automatic"] == 1


def test_an_offer_made_after_the_report_changes_nothing(scene: Scene) -> None:
    line = deposit(scene)
    ticket = scene.report("81.20", reference="0045775572442", claim=False)
    offered(scene, line)
    assert propose(scene).counts["automatic"] == 1
    assert candidates_for(scene.cast.carol, ticket)[0].strength == "strong"


def test_sending_twice_ties_the_report_once(scene: Scene) -> None:
    offer = offered(scene)
    ticket = report_of_claim(scene, offer)
    assert report_of_claim(scene, offer) == ticket or DepositOffer.objects.get().report == ticket.report
    plain = ReportContent(transfers=(scene.transfer("10.00"),))
    submit_claim(merchant=scene.cast.merchant, customer=scene.cast.a, key=uuid.uuid4(), content=plain, by=scene.cast.alice)
    assert DepositOffer.objects.get().report == ticket.report


def test_lines_that_go_leave_what_was_told(scene: Scene) -> None:
    line = deposit(scene)
    offer = offered(scene, line)
    forget_lines([line.pk])
    assert state_of(offer) == ("withdrawn", "undone")
    offer.refresh_from_db()
    assert (offer.line, offer.amount) == (None, Decimal("81.20"))


def test_probable_customers_come_with_their_reasons(scene: Scene) -> None:
    cast = scene.cast
    same_id = make_customer(cast.merchant, name="Otra Cosa C.A.", tax_id="J50112233-4")
    alike = make_customer(cast.merchant, name="Inversiones Quintero C.A.")
    for amount in ("40.00", "41.20"):
        scene.order(amount, customer=cast.b)
    one = make_customer(cast.merchant, name="Uno")
    scene.order("81.20", customer=one)
    make_customer(cast.merchant, name="Nadie")
    before = deposit(scene, "15.00", text="OTRA")
    scene.verify(scene.report("15.00"), before)
    found = probable_customers(cast.carol, deposit(scene))
    assert [each.customer for each in found] == [same_id, cast.a, cast.b, one, alike]
    assert [len(each.reasons) for each in found] == [1, 1, 1, 1, 1]
    assert not DepositOffer.objects.exists()
    with pytest.raises(NotAllowed):
        probable_customers(cast.alice, before)
    assert LineBalance.objects.get(pk=before.pk).allocated == 15
