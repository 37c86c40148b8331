"""Credit in dollars is paid out in bolívares: both amounts stand everywhere, at the dated rate of the debit's booking day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refused
from letters.models import Letter
from letters.rendering import render_letter
from orders.dates import written
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.books.statement import for_the_customer, statement_of
from reconciliation.models import LedgerEntry, Refund
from reconciliation.selectors.payouts import payables_for
from tests.factories import make_rate
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_audit_books import corrupt
from tests.reconciliation.test_refunds import refund, refusal, sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """A hundred dollars in Alice's favour; 36.70 bolívares are one."""
    scene = make_scene(rate="36.70", approval_limit=Decimal(50))
    scene.verify(scene.report("40"), scene.line("40"))
    scene.verify(scene.report("45"), scene.line("45"))
    return scene


def test_credit_in_dollars_is_paid_in_bolivars_and_both_amounts_are_told(scene: Scene) -> None:
    debit = scene.line("-1000", account=scene.bolivars, reference="445566")
    paid = refund(scene, debit, "1000", currency="USD").refund
    assert (paid.state, paid.amount, paid.currency) == ("paid", Decimal("27.25"), "USD")
    assert (paid.paid_amount, paid.paid_currency, paid.rate) == (1000, "VES", Decimal("36.70"))
    assert paid.rate_date == scene.today - dt.timedelta(days=1)
    assert (scene.credit(), scene.credit(currency="VES"), scene.balance(debit).free) == (Decimal("57.75"), 0, 0)
    entry = LedgerEntry.objects.get(target_line=debit)
    assert (entry.source_amount, entry.target_amount, entry.rate) == (Decimal("27.25"), 1000, Decimal("36.70"))
    (usd,) = for_the_customer(statement_of(scene.cast.a, scene.today, scene.today)).currencies
    (row,) = [row for row in usd.rows if row.kind == "refund"]
    assert (row.paid, row.other, row.other_currency, usd.closing) == (Decimal("-27.25"), 1000, "VES", Decimal("-57.75"))
    assert "1.000,00" in row.words
    for letter in Letter.objects.filter(kind="credit_refunded"):
        words = render_letter(letter).text
        assert all(each in words for each in ("27", "VES", "1 USD = 36"))
    assert sound(scene)
    services.reverse_refund(refund_id=paid.pk, note="Volvió", by=scene.cast.dan)
    assert (scene.credit(), scene.balance(debit).free) == (85, 1000)
    (usd,) = statement_of(scene.cast.a, scene.today, scene.today).currencies
    assert usd.closing == -85
    assert Letter.objects.filter(kind="refund_reversed").exists()
    assert sound(scene)


def test_who_was_paid_the_whole_credit_as_converted_was_paid_it(scene: Scene) -> None:
    noted = services.request_refund(
        customer_id=scene.cast.a.pk, currency="USD", amount=Decimal("33.60"), bank_data="Banesco", by=scene.cast.carol
    )
    debit = scene.line("-1233.12", account=scene.bolivars)  # 33.60 x 36.70
    found = {each.key: each for each in payables_for(scene.cast.carol, debit, Decimal("1233.12"))}
    assert found[f"refund-{noted.pk}"].fits
    assert found[f"customer-{scene.cast.a.pk}-USD"].way.rate is not None
    paid = refund(scene, debit, "1233.12", refund_id=noted.pk).refund
    assert (paid.pk, paid.amount, scene.credit()) == (noted.pk, Decimal("33.60"), Decimal("51.40"))
    refund(scene, scene.line("-1886.38", account=scene.bolivars), "1886.38", currency="USD", by=scene.cast.dan)
    waiting = Refund.objects.get(state="waiting")  # above the limit, in dollars
    assert waiting.amount == Decimal("51.40")
    services.sign_refund(refund_id=waiting.pk, by=scene.cast.ada)
    assert scene.credit() == 0
    assert sound(scene)


def test_what_cannot_be_converted_or_is_too_much_is_refused(scene: Scene) -> None:
    debit = scene.line("-9000", account=scene.bolivars)
    early = scene.line("-100", account=scene.bolivars, booked_on=scene.today - dt.timedelta(days=9))
    before = LedgerEntry.objects.count()
    assert refusal(lambda: refund(scene, debit, "3120", currency="USD")) == "above_credit"
    assert refusal(lambda: refund(scene, debit, "9001", currency="USD")) == "above_debit"
    assert refusal(lambda: refund(scene, debit, "0.01", currency="USD")) == "amount_invalid"
    assert refusal(lambda: refund(scene, debit, "10")) == "other_currency"  # nothing in bolívares: the credit must be chosen
    assert refusal(lambda: refund(scene, debit, "367", currency="USD", leaves=Decimal(9))) == "rate_changed"
    with pytest.raises(Refused, match=written(scene.today - dt.timedelta(days=1))) as refused:
        refund(scene, early, "100", currency="USD")
    assert refused.value.code == "other_currency"
    assert (LedgerEntry.objects.count(), Refund.objects.count(), scene.credit()) == (before, 0, 85)


def test_what_waits_keeps_its_rate_and_holds_its_part_of_the_debit(scene: Scene) -> None:
    debit = scene.line("-2500", account=scene.bolivars)
    waiting = refund(scene, debit, "2202", currency="USD").refund
    assert (waiting.state, waiting.amount) == ("waiting", 60)
    make_rate(scene.cast.merchant, rate="40", date=scene.today)
    assert refusal(lambda: refund(scene, debit, "299", currency="USD")) == "above_debit"
    for change in ("amount = 1", "rate = 40", "paid_amount = 1", "rate = NULL, paid_amount = amount, paid_currency = currency"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE reconciliation_refund SET {change}")
    services.sign_refund(refund_id=waiting.pk, by=scene.cast.dan)
    assert (scene.credit(), scene.balance(debit).free) == (25, 298)
    assert sound(scene)
    corrupt("UPDATE reconciliation_refund SET paid_amount = 2203")
    assert {finding.check for finding in audit_books(scene.cast.merchant)} == {"refund_has_its_entry"}
