"""T12 for debits of the bank: two refunds of one credit, two of one debit, a return against a verification of the same deposit.

Seen to fail: with `select_for_update` made a plain read of `lock_lines` and `lock_credit` the second refund dies of the balances'
CHECKs with an IntegrityError instead of a sentence; with those dropped as well the credit stood at -60.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest

from accounts.errors import Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Refund, ReturnedDeposit, StatementLine
from tests.races import Competitor, run_after, run_before
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[str, Callable[[], Any]], AbstractContextManager[Competitor]]
both_ways = pytest.mark.parametrize("race", [run_before, run_after])


@pytest.fixture
def scene() -> Scene:
    scene = make_scene()
    scene.verify(scene.report("100"), scene.line("100"))
    return scene


def refund(scene: Scene, debit: StatementLine, customer: Any = None) -> services.RefundOutcome:
    customer = customer or scene.cast.a
    return services.refund_credit(customer_id=customer.pk, debit_line_id=debit.pk, amount=Decimal(80), by=scene.cast.carol)


def attempt(act: Callable[[], Any]) -> BaseException | None:
    try:
        act()
    except (Refused, Stale) as error:
        return error
    return None


@both_ways
def test_one_credit_is_paid_out_once(scene: Scene, race: Race) -> None:
    one, two = scene.line("-80"), scene.line("-80")
    with race("reconciliation.services.refunds.lock_credit", lambda: refund(scene, two)) as other:
        mine = attempt(lambda: refund(scene, one))
    lost = mine or other.error
    assert [mine, other.error].count(None) == 1
    assert isinstance(lost, Refused)
    assert (lost.code, scene.credit(), Refund.objects.count()) == ("above_credit", 20, 1)
    assert list(audit_books(scene.cast.merchant)) == []


@both_ways
def test_one_debit_pays_no_more_than_it_is(scene: Scene, race: Race) -> None:
    bob = scene.report("100", by=scene.cast.bob, claimed_by=scene.cast.dan)
    scene.verify(bob, scene.line("100"), by=scene.cast.dan)
    debit = scene.line("-120")
    with race("reconciliation.services.refunds.lock_lines", lambda: refund(scene, debit, scene.cast.b)) as other:
        mine = attempt(lambda: refund(scene, debit))
    lost = mine or other.error
    assert [mine, other.error].count(None) == 1
    assert isinstance(lost, Refused)
    assert (lost.code, scene.balance(debit).allocated) == ("above_debit", 80)
    assert list(audit_books(scene.cast.merchant)) == []


@both_ways
def test_a_deposit_is_returned_or_verified_and_never_stands_returned(scene: Scene, race: Race) -> None:
    order, deposit, debit = scene.order("70"), scene.line("70"), scene.line("-70")
    ticket = scene.report("70", orders=[order])

    def give_back() -> None:
        services.return_deposit(
            debit_line_id=debit.pk, deposit_line_id=deposit.pk, reason_id=scene.reason("returned_by_bank"), note="Volvió",
            by=scene.cast.dan,
        )  # fmt: skip

    with race("reconciliation.services.returns.lock_lines", lambda: scene.verify(ticket, deposit)) as other:
        mine = attempt(give_back)
    assert [mine, other.error].count(None) == 1
    if mine is None:
        assert isinstance(other.error, Refused)
        assert (other.error.code, scene.state(ticket), scene.paid_of(order)) == ("line_returned", "in_review", 0)
    else:
        assert isinstance(mine, Stale)
        assert (scene.state(ticket), scene.paid_of(order), ReturnedDeposit.objects.count()) == ("verified", 70, 0)
        give_back()
        assert (scene.state(ticket), scene.paid_of(order)) == ("reversed", 0)
    assert list(audit_books(scene.cast.merchant)) == []
