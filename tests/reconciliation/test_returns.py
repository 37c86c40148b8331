"""A debit of the bank takes a deposit back: what it paid is reversed, above the limit by two people, and the books add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from letters.models import Letter
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.books.ageing import ageing_of
from reconciliation.books.balances import balances_of
from reconciliation.models import LedgerEntry, ReturnedDeposit, ReversalRequest, StatementLine
from reconciliation.selectors.returns import deposits_for_return
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def give_back(scene: Scene, debit: StatementLine, deposit: StatementLine, **kw: Any) -> services.ReturnOutcome:
    kw.setdefault("by", scene.cast.dan)
    return services.return_deposit(
        debit_line_id=debit.pk,
        deposit_line_id=deposit.pk,
        reason_id=scene.reason("returned_by_bank"),
        note="El banco la devolvió",
        **kw,
    )


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def sound(scene: Scene) -> bool:
    balances = balances_of(scene.cast.merchant, scene.today)
    return list(audit_books(scene.cast.merchant)) == [] and all(each.is_explained for each in balances)


def test_what_the_deposit_paid_is_reversed_and_both_lines_are_explained(scene: Scene) -> None:
    order = scene.order("80")
    ticket, deposit = scene.paid("100", order)
    debit = scene.line("-100", reference=deposit.reference_raw)
    outcome = give_back(scene, debit, deposit)
    assert (outcome.pair.state, outcome.waits, [each.number for each in outcome.tickets]) == ("returned", False, [ticket.number])
    assert (scene.state(ticket), scene.paid_of(order), scene.credit()) == ("reversed", 0, 0)
    assert scene.balance(deposit).returned_at
    assert scene.balance(debit).returned_at
    assert ageing_of(scene.cast.merchant).deposits_count == 0
    assert Letter.objects.filter(kind="ticket_reversed", context__reason_en="The bank returned the payment").exists()
    assert sound(scene)


def test_a_returned_deposit_is_no_candidate_again(scene: Scene) -> None:
    deposit, debit = scene.line("50"), scene.line("-50")
    give_back(scene, debit, deposit, by=scene.cast.carol)
    assert not LedgerEntry.objects.exists()
    ticket = scene.report("50")
    assert refusal(lambda: scene.verify(ticket, deposit)) == "line_returned"
    assert refusal(lambda: give_back(scene, debit, scene.line("50"))) == "debit_taken"
    assert refusal(lambda: give_back(scene, scene.line("-50"), deposit)) == "deposit_taken"
    assert refusal(lambda: services.ignore_line(line_id=debit.pk, reason="bank_fee", by=scene.cast.carol)) == "line_has_money"
    assert sound(scene)


def test_bank_and_books_agree_on_what_came_and_went(scene: Scene) -> None:
    rows = f"date,amount,reference,text\n{scene.today},70,123456,TRF\n{scene.today},-70,123456,DEV TRF\n"
    bring_own_sheet(merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="a.csv", content=rows.encode(),
                    by=scene.cast.carol)  # fmt: skip
    deposit, debit = StatementLine.objects.order_by("-amount")
    ticket = scene.report("70")
    scene.verify(ticket, deposit)
    before = next(each for each in balances_of(scene.cast.merchant, scene.today) if each.account == scene.cast.account)
    assert (before.free_out, before.free_in, before.difference) == (-70, 0, -70)
    (found,) = deposits_for_return(scene.cast.dan, debit)
    assert (found.line, found.is_likely, [clue.mark for clue in found.clues][:2]) == (deposit, True, ["agrees", "agrees"])
    give_back(scene, debit, deposit)
    after = next(each for each in balances_of(scene.cast.merchant, scene.today) if each.account == scene.cast.account)
    assert (after.free_out, after.free_in, after.difference, after.books) == (0, 0, 0, 0)
    assert sound(scene)


def test_above_the_limit_the_return_takes_effect_with_the_signature(scene: Scene) -> None:
    deposit, order = scene.line("9000"), scene.order("9000")
    ticket = scene.report("9000", orders=[order])
    scene.verify(ticket, deposit)
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    debit = scene.line("-9000")
    outcome = give_back(scene, debit, deposit)
    assert (outcome.waits, scene.state(ticket), scene.paid_of(order)) == (True, "verified", 9000)
    assert scene.balance(deposit).returned_at  # and so it pays nothing else meanwhile
    assert sound(scene)
    request = ReversalRequest.objects.get()
    assert refusal(lambda: services.sign_reversal(request_id=request.pk, by=scene.cast.dan)) == "same_person"
    services.sign_reversal(request_id=request.pk, by=scene.cast.ada)
    pair = ReturnedDeposit.objects.get()
    assert (pair.state, pair.effective_on, scene.state(ticket), scene.paid_of(order)) == ("returned", scene.today, "reversed", 0)
    assert sound(scene)


def test_not_signed_the_deposit_stands_as_before(scene: Scene) -> None:
    deposit = scene.line("9000")
    ticket = scene.report("9000")
    scene.verify(ticket, deposit)
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    give_back(scene, scene.line("-9000"), deposit)
    services.refuse_reversal(request_id=ReversalRequest.objects.get().pk, by=scene.cast.ada)
    assert ReturnedDeposit.objects.get().state == "undone"
    assert (scene.state(ticket), scene.balance(deposit).returned_at) == ("verified", None)
    assert sound(scene)


def test_one_deposit_of_two_reports_reverses_both_and_frees_their_other_deposits(scene: Scene) -> None:
    shared, other = scene.line("100"), scene.line("30")
    one, two = scene.report("60", "30"), scene.report("40")
    for ticket, choices in ((one, (("60", shared), ("30", other))), (two, (("40", shared),))):
        services.verify_report(
            ticket_id=ticket.pk,
            choices=[
                services.MatchChoice(transfer_id=transfer.pk, line_id=line.pk, amount=Decimal(amount))
                for transfer, (amount, line) in zip(scene.transfers(ticket), choices, strict=True)
            ],
            by=scene.cast.carol,
        )
    give_back(scene, scene.line("-100"), shared)
    assert [scene.state(ticket) for ticket in (one, two)] == ["reversed", "reversed"]
    assert (scene.balance(other).free, scene.balance(other).returned_at, scene.credit()) == (30, None, 0)
    assert sound(scene)


def test_a_wrong_pair_is_undone_and_the_ticket_decided_anew(scene: Scene) -> None:
    ticket, deposit = scene.paid("100", scene.order("100"))
    debit = scene.line("-100")
    pair = give_back(scene, debit, deposit).pair
    with pytest.raises(NotAllowed):
        services.undo_return(return_id=pair.pk, by=scene.cast.carol)
    services.undo_return(return_id=pair.pk, by=scene.cast.dan)
    assert (scene.balance(deposit).returned_at, scene.balance(debit).returned_at) == (None, None)
    with pytest.raises(Stale):
        services.undo_return(return_id=pair.pk, by=scene.cast.dan)
    tickets.reopen(ticket_id=ticket.pk, note="Era otra", by=scene.cast.carol)
    tickets.claim(ticket_id=ticket.pk, by=scene.cast.carol)
    assert scene.verify(ticket, deposit).kind == "verified"
    assert sound(scene)


def test_a_deposit_marked_before_its_debit_came_stays_marked(scene: Scene) -> None:
    ticket, deposit = scene.paid("100", scene.order("100"))
    scene.reverse(ticket, returned_by_bank=True)
    debit = scene.line("-100")
    assert [found.line for found in deposits_for_return(scene.cast.dan, debit)] == [deposit]
    pair = give_back(scene, debit, deposit).pair
    assert (pair.was_marked, pair.state) == (True, "returned")
    services.undo_return(return_id=pair.pk, by=scene.cast.dan)
    assert scene.balance(deposit).returned_at
    assert not scene.balance(debit).returned_at
    assert sound(scene)


def test_what_does_not_fit_is_refused_with_a_sentence_and_nothing_moves(scene: Scene) -> None:
    deposit, debit, day = scene.line("50"), scene.line("-50"), scene.today
    wrong = {
        "not_a_debit": (scene.line("50"), deposit),
        "not_a_deposit": (debit, scene.line("-50")),
        "other_amount": (debit, scene.line("51")),
        "too_old": (debit, scene.line("50", booked_on=day - dt.timedelta(days=61))),
    }
    for code, (one, other) in wrong.items():
        assert refusal(lambda one=one, other=other: give_back(scene, one, other)) == code
    early = scene.line("-50", booked_on=day - dt.timedelta(days=2))
    assert refusal(lambda: give_back(scene, early, deposit)) == "too_old"
    services.ignore_line(line_id=debit.pk, reason="own_transfer", by=scene.cast.carol)
    assert refusal(lambda: give_back(scene, debit, deposit)) == "line_ignored"
    strange = make_scene()
    with pytest.raises(Http404):
        give_back(scene, strange.line("-50"), deposit)
    for person in (scene.cast.sue, scene.cast.alice):
        with pytest.raises(NotAllowed):
            give_back(scene, debit, deposit, by=person)
    assert not ReturnedDeposit.objects.exists()


def test_who_may_not_reverse_and_what_waits_for_a_signature(scene: Scene) -> None:
    _ticket, deposit = scene.paid("100", scene.order("100"))
    debit = scene.line("-100")
    assert refusal(lambda: give_back(scene, debit, deposit, by=scene.cast.carol)) == "needs_senior"
    big = scene.line("9000")
    scene.verify(scene.report("9000"), big)
    assert refusal(lambda: give_back(scene, scene.line("-9000"), big)) == "deposit_reserved"
    assert not ReturnedDeposit.objects.exists()
    assert sound(scene)


def test_the_database_keeps_pairs_whole(scene: Scene) -> None:
    deposit, debit, other = scene.line("50"), scene.line("-50"), scene.line("51")
    pair = give_back(scene, debit, deposit).pair
    copy = (
        "INSERT INTO reconciliation_returneddeposit (merchant_id, debit_line_id, deposit_line_id, state, reason_id, note,"
        " was_marked, made_by_id, made_at, effective_on) SELECT merchant_id, {0}, {1}, 'returned', reason_id, note, false,"
        " made_by_id, made_at, effective_on FROM reconciliation_returneddeposit LIMIT 1"
    )
    for sql in (
        copy.format(debit.pk, other.pk),
        copy.format(scene.line("-51").pk, deposit.pk),
        "DELETE FROM reconciliation_returneddeposit",
        "UPDATE reconciliation_returneddeposit SET state = 'waiting', effective_on = NULL",
        f"UPDATE reconciliation_returneddeposit SET deposit_line_id = {other.pk}",
        "UPDATE reconciliation_linebalance SET returned_at = NULL WHERE returned_at IS NOT NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    pair.refresh_from_db()
    assert pair.state == "returned"
