"""`audit_books` names what disagrees: each check is shown a book corrupted on purpose, with the triggers switched off."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from reconciliation import services
from reconciliation.audit import CHECKS, audit_books
from reconciliation.models import StatementImport, StatementLine
from tests.once import built_once
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db

TABLES = (
    "reconciliation_ledgerentry", "reconciliation_settlement", "reconciliation_adjustment", "reconciliation_statementline",
    "reconciliation_linebalance", "reconciliation_creditbalance", "reconciliation_match", "orders_orderbalance", "tickets_ticket",
    "reconciliation_period", "reconciliation_statementimport", "reconciliation_refund", "reconciliation_returneddeposit",
)  # fmt: skip


def make_books() -> Scene:
    """Something of everything: settled, partly, reversed, reserved, credit made and used, a fee, another currency."""
    from decimal import Decimal

    scene = make_scene(rate="36.70")
    scene.verify(scene.report("100", orders=[scene.order("60")]), scene.line("100"))
    services.apply_credit(customer=scene.cast.a, order_id=scene.order("15").pk, by=scene.cast.alice)
    reversed_ticket, _line = scene.paid("20", scene.order("20"))
    scene.reverse(reversed_ticket)
    fee = services.AdjustmentChoice(kind="bank_fee", amount=Decimal("0.1"), note="Comisión")
    scene.verify(scene.report("10", orders=[scene.order("10")]), scene.line("9.90"), adjustments=[fee])
    scene.verify(
        scene.report("367", orders=[scene.order("10")], account=scene.bolivars), scene.line("367", account=scene.bolivars)
    )
    scene.verify(scene.report("9000"), scene.line("9000"))
    scene.verify(scene.report("5", "6"), scene.line("5"))
    made = StatementImport.objects.create(
        merchant=scene.cast.merchant, account=scene.cast.account, file_name="a.csv", sha256="a", state="done", lines_new=2,
        lines_in_file=2,
    )  # fmt: skip
    for number in (2, 3):
        StatementLine.objects.create(
            merchant=scene.cast.merchant, account=scene.cast.account, statement_import=made, source="import", currency="USD",
            line_number=number, booked_on=scene.today, amount=Decimal(7), balance_after=Decimal(7 * number), identity=str(number),
        )  # fmt: skip
    long_ago = (scene.today.replace(day=1) - dt.timedelta(days=40)).replace(day=1)
    services.close_period(month=long_ago, by=scene.cast.dan)
    return scene


scene = built_once(make_books)


def corrupt(*statements: str) -> None:
    """As somebody who may switch triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


ONE = "(SELECT min(id) FROM reconciliation_{0})"
WRONGS: dict[str, tuple[str, ...]] = {
    "line_allocated": ("UPDATE reconciliation_linebalance SET allocated = allocated - 1 WHERE amount = 100",),
    "line_reserved": ("UPDATE reconciliation_linebalance SET reserved = reserved - 1 WHERE amount = 9000",),
    "line_returned": ("UPDATE reconciliation_linebalance SET returned_at = now() WHERE amount = 100",),
    "line_twice": (
        "UPDATE reconciliation_statementline SET source = 'import', amount = 100,"
        " reference = (SELECT reference FROM reconciliation_statementline WHERE amount = 100) WHERE amount = 20",
    ),
    "deposit_paid_twice": (
        "UPDATE reconciliation_statementline SET amount = 100,"
        " reference = (SELECT reference FROM reconciliation_statementline WHERE amount = 100) WHERE amount = 9.90",
    ),
    "order_paid": ("UPDATE orders_orderbalance SET paid = 59 WHERE total = 60",),
    "order_paid_date": ("UPDATE orders_order SET paid_on = NULL WHERE total = 60",),
    "credit": ("UPDATE reconciliation_creditbalance SET balance = balance + 1",),
    "entry_ends": (
        "UPDATE reconciliation_ledgerentry SET target_currency = 'EUR', target_amount = 7 WHERE source_amount = 367",
    ),
    "entry_mirrors": ("UPDATE reconciliation_ledgerentry SET rate = 1, target_amount = 19, source_amount = 19"
                      " WHERE reverses_id IS NOT NULL",),
    "settlement_reversed_whole": ("DELETE FROM reconciliation_ledgerentry WHERE reverses_id IS NOT NULL",),
    "settlement_matches": ("UPDATE reconciliation_match SET amount = 99 WHERE amount = 100",),
    "settlement_adjustments": ("UPDATE reconciliation_adjustment SET amount = 0.2",),
    "match_settlement": ("UPDATE reconciliation_match SET state = 'released', released_at = now() WHERE amount = 100",),
    "verified_has_money": ("UPDATE tickets_ticket SET state = 'verified', verified_at = now() WHERE state = 'in_review'",),
    "money_has_its_ticket": ("UPDATE tickets_ticket SET state = 'reversed', reversed_at = now() WHERE state = 'verified'",),
    "period_unchanged": ("UPDATE reconciliation_period SET digest = 'x'",),
    "period_four_eyes": ("UPDATE reconciliation_period SET reopened_at = now()",),
    "line_continuity": ("UPDATE reconciliation_statementline SET balance_after = 22 WHERE line_number = 3",),
    "import_counts": ("UPDATE reconciliation_statementimport SET lines_new = 3, lines_in_file = 3",),
    "day_added_up": ("DELETE FROM reconciliation_changedday",),
    "approval_has_its_ticket": ("UPDATE reconciliation_approvalrequest SET decided_at = now()",),
}  # fmt: skip


def test_sound_books_have_no_findings(scene: Scene) -> None:
    assert list(audit_books(scene.cast.merchant)) == []
    out = io.StringIO()
    call_command("audit_books", stdout=out)
    assert "The books agree" in out.getvalue()


def test_every_check_has_a_corruption_here() -> None:
    """Of debits in `test_refunds`, of vouchers in `test_withholding`, of fiscal numbers in the portal's `test_papers`."""
    from tests.portal.test_papers import FISCAL_CHECKS
    from tests.reconciliation.test_refunds import WRONGS as OF_DEBITS
    from tests.reconciliation.test_withholding import WRONGS as OF_VOUCHERS

    assert {*WRONGS, *OF_DEBITS, *OF_VOUCHERS, *FISCAL_CHECKS} == set(CHECKS)


@pytest.mark.parametrize("check", WRONGS)
def test_what_was_corrupted_is_named(scene: Scene, check: str) -> None:
    corrupt(*WRONGS[check])
    assert check in {finding.check for finding in audit_books(scene.cast.merchant)}
    assert list(audit_books(make_scene().cast.merchant)) == []


def test_the_command_names_the_row_and_ends_with_one(scene: Scene) -> None:
    corrupt("UPDATE orders_orderbalance SET paid = 59 WHERE total = 60")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit_books", merchant=scene.cast.merchant.slug, stdout=out, stderr=err)
    assert ended.value.code == 1
    assert "order_paid: order " in out.getvalue()
    assert "59.0000 paid, entries say 60.0000" in out.getvalue()


def test_an_unknown_merchant_is_an_error() -> None:
    with pytest.raises(CommandError, match="no merchant"):
        call_command("audit_books", merchant="nobody")
