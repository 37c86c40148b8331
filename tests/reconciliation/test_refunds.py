"""Credit is paid out against a debit of the bank: never more than there is, above the limit by two."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from letters.models import Letter
from letters.rendering import render_letter
from reconciliation import services
from reconciliation.audit import CHECKS, audit_books
from reconciliation.books.balances import balances_of
from reconciliation.books.statement import statement_of
from reconciliation.models import LedgerEntry, Refund, Settlement, StatementLine
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_audit_books import corrupt

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """A hundred in Alice's favour."""
    scene = make_scene(rate="36.70", approval_limit=Decimal(500))
    scene.verify(scene.report("100"), scene.line("100"))
    return scene


def refund(scene: Scene, debit: StatementLine, amount: str, **kw: Any) -> services.RefundOutcome:
    kw.setdefault("by", scene.cast.carol)
    customer = kw.pop("customer", scene.cast.a)
    return services.refund_credit(customer_id=customer.pk, debit_line_id=debit.pk, amount=Decimal(amount), **kw)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def sound(scene: Scene) -> bool:
    balances = balances_of(scene.cast.merchant, scene.today)
    return list(audit_books(scene.cast.merchant)) == [] and all(each.is_explained for each in balances)


def test_credit_is_paid_out_told_and_stands_in_the_statement(scene: Scene) -> None:
    debit = scene.line("-60", reference="445566")
    outcome = refund(scene, debit, "60", note="Pidió su dinero")
    assert (outcome.refund.state, outcome.why_approval, scene.credit()) == ("paid", (), 40)
    assert scene.balance(debit).free == 0
    (usd,) = statement_of(scene.cast.a, scene.today, scene.today).currencies
    assert [(row.kind, row.paid, row.text) for row in usd.rows if row.kind == "refund"] == [("refund", -60, "445566")]
    assert usd.closing == -40
    letters = Letter.objects.filter(kind="credit_refunded")
    assert letters
    said = {letter.language: render_letter(letter).text for letter in letters}
    for words in said.values():
        assert "445566" in words
        assert "60" in words
    balance = next(each for each in balances_of(scene.cast.merchant, scene.today) if each.account == scene.cast.account)
    assert (balance.free_out, balance.told) == (0, 40)
    assert sound(scene)


def test_several_refunds_share_one_debit_and_never_exceed_it(scene: Scene) -> None:
    bob = scene.report("50", by=scene.cast.bob, claimed_by=scene.cast.dan)
    scene.verify(bob, scene.line("50"), by=scene.cast.dan)
    debit = scene.line("-70")
    refund(scene, debit, "30")
    assert refusal(lambda: refund(scene, debit, "40.01", customer=scene.cast.b)) == "above_debit"
    refund(scene, debit, "40", customer=scene.cast.b)
    assert (scene.credit(), scene.credit(scene.cast.b), scene.balance(debit).free) == (70, 10, 0)
    assert refusal(lambda: services.return_deposit(
        debit_line_id=debit.pk, deposit_line_id=scene.line("70").pk, reason_id=scene.reason("returned_by_bank"), note="x",
        by=scene.cast.dan)) == "debit_used"  # fmt: skip
    assert sound(scene)


def test_what_cannot_be_paid_out_is_refused_and_nothing_moves(scene: Scene) -> None:
    debit, bolivars = scene.line("-500"), scene.line("-500", account=scene.bolivars)
    before = LedgerEntry.objects.count()
    cases: dict[str, Callable[[], object]] = {
        "above_credit": lambda: refund(scene, debit, "100.01"),
        "amount_invalid": lambda: refund(scene, debit, "0.001"),
        "not_a_debit": lambda: refund(scene, scene.line("5"), "5"),
        "other_currency": lambda: refund(scene, bolivars, "5"),
        "no_credit": lambda: refund(scene, debit, "5", customer=scene.cast.b),
    }
    for code, act in cases.items():
        assert refusal(act) == code
    services.ignore_line(line_id=debit.pk, reason="own_transfer", by=scene.cast.carol)
    assert refusal(lambda: refund(scene, debit, "5")) == "line_ignored"
    for person in (scene.cast.sue, scene.cast.alice):
        with pytest.raises(NotAllowed):
            refund(scene, debit, "5", by=person)
    with pytest.raises(Http404):
        refund(scene, make_scene().line("-5"), "5")
    assert (LedgerEntry.objects.count(), scene.credit(), Refund.objects.count()) == (before, 100, 0)


def test_above_the_limit_two_people_pay_and_two_take_back() -> None:
    scene = make_scene(approval_limit=Decimal(50))
    ticket = scene.report("90")
    scene.verify(ticket, scene.line("90"))
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    debit = scene.line("-90")
    outcome = refund(scene, debit, "90", by=scene.cast.dan)
    assert (outcome.refund.state, outcome.why_approval, scene.credit()) == ("waiting", ("above_limit",), 90)
    assert refusal(lambda: refund(scene, debit, "10")) == "above_debit"  # it is spoken for
    assert refusal(lambda: services.ignore_line(line_id=debit.pk, reason="bank_fee", by=scene.cast.carol)) == "line_has_money"
    assert refusal(lambda: services.sign_refund(refund_id=outcome.refund.pk, by=scene.cast.dan)) == "same_person"
    with pytest.raises(NotAllowed):
        services.sign_refund(refund_id=outcome.refund.pk, by=scene.cast.carol)
    services.sign_refund(refund_id=outcome.refund.pk, by=scene.cast.ada)
    paid = Settlement.objects.get(kind="refund")
    assert (paid.prepared_by, paid.signed_by, paid.needs_signature) == (scene.cast.dan.user, scene.cast.ada.user, True)
    assert scene.credit() == 0
    asked = services.reverse_refund(refund_id=outcome.refund.pk, note="Volvió", by=scene.cast.dan)
    assert (asked.refund.state, scene.credit()) == ("reversing", 0)
    assert refusal(lambda: services.sign_refund_reversal(refund_id=outcome.refund.pk, by=scene.cast.dan)) == "same_person"
    services.refuse_refund_reversal(refund_id=outcome.refund.pk, by=scene.cast.ada)
    services.reverse_refund(refund_id=outcome.refund.pk, note="Volvió", by=scene.cast.dan)
    services.sign_refund_reversal(refund_id=outcome.refund.pk, by=scene.cast.ada)
    assert (scene.credit(), scene.balance(debit).free) == (90, 90)
    assert Letter.objects.filter(kind="refund_reversed").exists()
    with pytest.raises(Stale):
        services.reverse_refund(refund_id=outcome.refund.pk, note="Otra vez", by=scene.cast.dan)
    assert sound(scene)


def test_who_typed_the_debit_does_not_refund_with_it_alone(scene: Scene) -> None:
    debit = scene.line("-20", by=scene.cast.carol)
    outcome = refund(scene, debit, "20")
    assert outcome.why_approval == ("unconfirmed_line",)
    services.drop_refund(refund_id=outcome.refund.pk, by=scene.cast.dan)
    assert (scene.credit(), Refund.objects.get().state) == (100, "dropped")
    assert refund(scene, debit, "20", by=scene.cast.dan).refund.state == "paid"


def test_what_is_to_be_paid_is_noted_until_its_debit_arrives(scene: Scene) -> None:
    noted = services.request_refund(
        customer_id=scene.cast.a.pk, currency="USD", amount=Decimal(70), bank_data="Banesco 0134 0001, V-123", by=scene.cast.carol
    )
    more = {"customer_id": scene.cast.a.pk, "currency": "USD", "bank_data": "Banesco", "by": scene.cast.carol}
    assert refusal(lambda: services.request_refund(amount=Decimal(31), **more)) == "above_credit"
    assert refusal(lambda: services.request_refund(amount=Decimal(1), **{**more, "bank_data": " "})) == "bank_data_required"
    assert scene.credit() == 100
    paid = refund(scene, scene.line("-70"), "70", refund_id=noted.pk).refund
    assert (paid.pk, paid.state, scene.credit()) == (noted.pk, "paid", 30)
    with pytest.raises(Stale):
        refund(scene, scene.line("-1"), "1", refund_id=noted.pk)
    assert sound(scene)


def test_a_payment_whose_credit_was_paid_out_is_reversed_after_the_refund(scene: Scene) -> None:
    ticket = scene.report("40")
    scene.verify(ticket, scene.line("40"))
    made = refund(scene, scene.line("-140"), "140").refund
    assert refusal(lambda: scene.reverse(ticket)) == "credit_gone"
    services.reverse_refund(refund_id=made.pk, note="Error", by=scene.cast.dan)
    assert scene.reverse(ticket).kind == "reversed"
    assert sound(scene)


def test_the_database_takes_only_refunds_of_credit_to_debits(scene: Scene) -> None:
    debit, other = scene.line("-60"), scene.line("-30")
    refund(scene, debit, "50")
    columns = (
        "merchant_id, customer_id, settlement_id, source_credit_id, source_line_id, target_line_id, source_amount,"
        " source_currency, target_amount, target_currency, booked_on, at"
    )
    copy = (
        f"INSERT INTO reconciliation_ledgerentry ({columns}) SELECT merchant_id, customer_id, settlement_id, {{0}}, {{1}}, {{2}},"
        f" {{3}}, 'USD', {{3}}, 'USD', booked_on, at FROM reconciliation_ledgerentry WHERE target_line_id = {debit.pk}"
    )
    free = scene.line("10")
    services.return_deposit(debit_line_id=other.pk, deposit_line_id=scene.line("30").pk, by=scene.cast.dan, note="x",
                            reason_id=scene.reason("returned_by_bank"))  # fmt: skip
    for sql in (
        copy.format("source_credit_id", "NULL", debit.pk, 11),
        copy.format("source_credit_id", "NULL", other.pk, 5),
        copy.format("NULL", free.pk, debit.pk, 5),
        copy.format("source_credit_id", "NULL", free.pk, 5),
        "DELETE FROM reconciliation_refund",
        "UPDATE reconciliation_refund SET state = 'to_pay', settlement_id = NULL",
        "UPDATE reconciliation_refund SET amount = 1",
        "UPDATE reconciliation_refund SET signed_by_id = prepared_by_id",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert sound(scene)


# Each new check of the books, shown a book that is wrong: see `test_audit_books`.
WRONGS = {
    "return_pair": ("UPDATE reconciliation_linebalance SET returned_at = NULL WHERE amount = 30",),
    "debit_refunds": ("UPDATE reconciliation_statementline SET amount = -59 WHERE amount = -60",),
    "refund_has_its_entry": ("UPDATE reconciliation_refund SET amount = 59, paid_amount = 59",),
}
MORE_WRONGS = [
    ("return_pair", ("UPDATE reconciliation_linebalance SET allocated = 5 WHERE amount = 30",)),
    ("return_pair", ("UPDATE reconciliation_returneddeposit SET state = 'waiting', effective_on = NULL",)),
    ("line_allocated", ("UPDATE reconciliation_linebalance SET allocated = 59 WHERE amount = 60",)),
    ("refund_has_its_entry", ("UPDATE reconciliation_refund SET state = 'reversed', reversal_note = 'x'",)),
]


@pytest.mark.parametrize(("check", "statements"), [*WRONGS.items(), *MORE_WRONGS])
def test_what_was_corrupted_is_named(scene: Scene, check: str, statements: tuple[str, ...]) -> None:
    assert check in CHECKS
    refund(scene, scene.line("-60"), "60")
    services.return_deposit(debit_line_id=scene.line("-30").pk, deposit_line_id=scene.line("30").pk, by=scene.cast.dan, note="x",
                            reason_id=scene.reason("returned_by_bank"))  # fmt: skip
    assert sound(scene)
    corrupt(*statements)
    assert check in {finding.check for finding in audit_books(scene.cast.merchant)}
