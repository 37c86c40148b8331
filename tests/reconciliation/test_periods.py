"""Closed months: nothing is written in them, they are opened again by two people alone, and closing races with settling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import NotAllowed, Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.closed import closed_until
from reconciliation.models import LedgerEntry, Period, ReopenRequest, StatementImport, StatementLine
from reconciliation.services.periods import next_month
from tests.races import run_before
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def last_month(scene: Scene, back: int = 1) -> dt.date:
    day = scene.today.replace(day=1)
    for _each in range(back):
        day = (day - dt.timedelta(days=1)).replace(day=1)
    return day


def close(scene: Scene, back: int = 1, **kw: Any) -> Period:
    return services.close_period(month=last_month(scene, back), by=kw.pop("by", scene.cast.dan), **kw)


def reopen(scene: Scene, period: Period) -> Period:
    asked = services.request_reopening(period_id=period.pk, reason="Falta un extracto", by=scene.cast.carol)
    return services.sign_reopening(request_id=asked.pk, by=scene.cast.dan)


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    assert str(refused.value)
    return refused.value.code


def test_a_closed_month_keeps_its_digest_and_what_was_open(scene: Scene) -> None:
    scene.line("80.00", booked_on=last_month(scene))
    scene.line("-3.00", booked_on=last_month(scene))
    period = close(scene, note="Revisado con Ana")
    assert period.until == last_month(scene) + dt.timedelta(days=(next_month(last_month(scene)) - last_month(scene)).days - 1)
    assert len(period.digest) == 64
    assert period.facts["lines"] == 2
    assert closed_until(scene.cast.merchant.pk) == period.until
    assert list(audit_books(scene.cast.merchant)) == []


def test_a_line_of_a_closed_month_is_refused_with_a_sentence(scene: Scene) -> None:
    period = close(scene)
    assert refusal(lambda: scene.line("10.00", booked_on=period.until)) == "period_closed"
    assert refusal(lambda: scene.line("10.00", booked_on=period.month - dt.timedelta(days=400))) == "period_closed"
    scene.line("10.00", booked_on=period.until + dt.timedelta(days=1))
    assert StatementLine.objects.count() == 1


def test_the_database_refuses_lines_and_entries_of_a_closed_month_whoever_writes(scene: Scene) -> None:
    ticket, line = scene.paid("20", scene.order("20"))
    period = close(scene)
    columns = "merchant_id, customer_id, settlement_id, source_line_id, target_order_id, source_amount, source_currency, "
    columns += "target_amount, target_currency, at"
    entry = f"""INSERT INTO reconciliation_ledgerentry ({columns}, booked_on)
                SELECT {columns}, %s FROM reconciliation_ledgerentry WHERE source_line_id = {line.pk} LIMIT 1"""
    copied = (
        "merchant_id, account_id, source, line_number, amount, currency, reference_raw, reference, text, payer_name, payer_id, "
    )
    copied += "origin_bank_code, ordinal, entered_by_id, entry_reason, created_at"
    copy = f"""INSERT INTO reconciliation_statementline ({copied}, identity, booked_on)
               SELECT {copied}, 'again', %s FROM reconciliation_statementline WHERE id = {line.pk}"""
    for sql in (entry, copy):
        with pytest.raises(IntegrityError, match="books are closed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [period.until])
    assert LedgerEntry.objects.filter(settlement__ticket=ticket).count() == 1


def test_money_that_would_be_booked_in_a_closed_month_is_refused_and_nothing_moves(scene: Scene) -> None:
    order = scene.order("20")
    ticket, line = scene.report("20", orders=[order]), scene.line("20")
    close(scene)
    with mock.patch("reconciliation.services.settlement.today_at", return_value=last_month(scene)):
        assert refusal(lambda: scene.verify(ticket, line)) == "period_closed"
    assert scene.paid_of(order) == 0
    assert scene.state(ticket) == "in_review"
    assert scene.verify(ticket, line).kind == "verified"  # today's books are open


def test_lines_of_a_closed_month_go_with_no_undone_import(scene: Scene) -> None:
    made = StatementImport.objects.create(
        merchant=scene.cast.merchant, account=scene.cast.account, file_name="a", sha256="a", state="done", lines_new=1,
        lines_in_file=1,
    )  # fmt: skip
    line = StatementLine.objects.create(
        merchant=scene.cast.merchant, account=scene.cast.account, statement_import=made, source="import", currency="USD",
        booked_on=last_month(scene), amount=Decimal(5), identity="x",
    )  # fmt: skip
    close(scene)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reconciliation_statementimport SET undone_at = now() WHERE id = %s", [made.pk])
    with pytest.raises(IntegrityError, match="books are closed"), transaction.atomic():
        StatementLine.objects.filter(pk=line.pk).delete()
    assert StatementLine.objects.count() == 1


def test_months_are_closed_in_turn_once_and_when_they_are_over(scene: Scene) -> None:
    close(scene, 3)
    assert refusal(lambda: close(scene, 3)) == "closed_already"
    assert refusal(lambda: close(scene, 5)) == "closed_already"
    assert refusal(lambda: close(scene, 1)) == "not_the_next"
    close(scene, 2)
    close(scene, 1)
    assert refusal(lambda: close(scene, 0)) == "not_over"
    assert refusal(lambda: services.close_period(month=scene.today.replace(day=2), by=scene.cast.dan)) == "month_invalid"
    assert refusal(lambda: close(scene, 1, note="x" * 401)) == "too_long"
    assert Period.objects.count() == 3


def test_who_may_not_sign_does_not_close(scene: Scene) -> None:
    for who in ("carol", "sue", "otto", "alice"):
        with pytest.raises(NotAllowed):
            close(scene, by=getattr(scene.cast, who))
    assert not Period.objects.exists()


def test_books_that_disagree_are_not_closed(scene: Scene) -> None:
    scene.paid("20", scene.order("20"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_orderbalance DISABLE TRIGGER USER")
        cursor.execute("UPDATE orders_orderbalance SET paid = 19")
        cursor.execute("ALTER TABLE orders_orderbalance ENABLE TRIGGER USER")
    assert refusal(lambda: close(scene)) == "books_disagree"
    assert not Period.objects.exists()


def test_a_month_is_opened_again_by_two_people(scene: Scene) -> None:
    period = close(scene)
    assert refusal(lambda: services.request_reopening(period_id=period.pk, reason=" ", by=scene.cast.dan)) == "reason_required"
    asked = services.request_reopening(period_id=period.pk, reason="Falta un extracto", by=scene.cast.dan)
    again = lambda: services.request_reopening(period_id=period.pk, reason="Otra vez", by=scene.cast.carol)  # noqa: E731
    assert refusal(again) == "request_open"
    assert refusal(lambda: services.sign_reopening(request_id=asked.pk, by=scene.cast.dan)) == "same_person"
    for who in ("carol", "otto", "sue"):
        with pytest.raises(NotAllowed):
            services.sign_reopening(request_id=asked.pk, by=getattr(scene.cast, who))
    assert closed_until(scene.cast.merchant.pk) == period.until
    services.sign_reopening(request_id=asked.pk, by=scene.cast.ada)
    assert closed_until(scene.cast.merchant.pk) is None
    scene.line("10.00", booked_on=period.until)
    assert refusal(lambda: services.sign_reopening(request_id=asked.pk, by=scene.cast.ada)) == "decided_already"
    second = close(scene)
    assert second.digest != period.digest
    assert list(audit_books(scene.cast.merchant)) == []


def test_a_request_that_is_not_signed_leaves_the_month_closed(scene: Scene) -> None:
    period = close(scene)
    asked = services.request_reopening(period_id=period.pk, reason="Me equivoqué", by=scene.cast.carol)
    with pytest.raises(NotAllowed):
        services.refuse_reopening(request_id=asked.pk, by=scene.cast.otto)
    services.refuse_reopening(request_id=asked.pk, by=scene.cast.carol)  # taken back, which is no signature
    other = services.request_reopening(period_id=period.pk, reason="Ahora sí", by=scene.cast.carol)
    assert services.refuse_reopening(request_id=other.pk, by=scene.cast.dan).signed_by == scene.cast.dan.user
    dans = services.request_reopening(period_id=period.pk, reason="Yo también", by=scene.cast.dan)
    assert refusal(lambda: services.refuse_reopening(request_id=dans.pk, by=scene.cast.carol)) == "not_yours"
    assert closed_until(scene.cast.merchant.pk) == period.until


def test_only_the_last_month_is_opened_again(scene: Scene) -> None:
    first, last = close(scene, 2), close(scene, 1)
    ask = lambda: services.request_reopening(period_id=first.pk, reason="Falta", by=scene.cast.carol)  # noqa: E731
    assert refusal(ask) == "not_the_last"
    reopen(scene, last)
    reopen(scene, first)
    assert closed_until(scene.cast.merchant.pk) is None
    assert refusal(lambda: services.request_reopening(period_id=last.pk, reason="Otra", by=scene.cast.carol)) == "open_already"


def test_the_database_holds_the_two_people_and_the_order_of_months(scene: Scene) -> None:
    period = close(scene)
    asked = services.request_reopening(period_id=period.pk, reason="Falta", by=scene.cast.dan)
    same = f"UPDATE reconciliation_reopenrequest SET signed_by_id = requested_by_id, decided_at = now() WHERE id = {asked.pk}"
    alone = f"UPDATE reconciliation_reopenrequest SET decided_at = now() WHERE id = {asked.pk}"
    wrongs = {
        same: "four_eyes",
        alone: "granted_is_signed",
        f"UPDATE reconciliation_period SET reopened_at = now() WHERE id = {period.pk}": "two people alone",
        f"UPDATE reconciliation_period SET digest = '' WHERE id = {period.pk}": "two people alone",
        f"DELETE FROM reconciliation_period WHERE id = {period.pk}": "two people alone",
        f"DELETE FROM reconciliation_reopenrequest WHERE id = {asked.pk}": "decided once",
        f"UPDATE reconciliation_reopenrequest SET reason = 'x' WHERE id = {asked.pk}": "decided once",
        "INSERT INTO reconciliation_period (merchant_id, month, after, until, digest, facts, note, closed_by_id, closed_at)"
        f" SELECT merchant_id, month - interval '3 month', NULL, month - interval '2 month' - interval '1 day', '', '{{}}', '',"
        f" closed_by_id, now() FROM reconciliation_period WHERE id = {period.pk}": "one after the other",
    }
    for sql, said in wrongs.items():
        with pytest.raises(IntegrityError, match=said), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Period.objects.get().reopened_at is None


def test_another_merchants_month_is_not_found(scene: Scene) -> None:
    from django.http import Http404

    other = make_scene(slug="otra")
    period = close(other)
    with pytest.raises(Http404):
        services.request_reopening(period_id=period.pk, reason="Falta", by=scene.cast.dan)
    asked = services.request_reopening(period_id=period.pk, reason="Falta", by=other.cast.carol)
    for act in (services.sign_reopening, services.refuse_reopening):
        with pytest.raises(Http404):
            act(request_id=asked.pk, by=scene.cast.dan)
    assert closed_until(scene.cast.merchant.pk) is None
    assert ReopenRequest.objects.get().decided_at is None


def test_a_closed_month_that_somebody_changed_is_named_by_the_audit(scene: Scene) -> None:
    scene.line("80.00", booked_on=last_month(scene))
    close(scene)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reconciliation_statementline DISABLE TRIGGER USER")
        cursor.execute("UPDATE reconciliation_statementline SET text = 'otro'")
        cursor.execute("ALTER TABLE reconciliation_statementline ENABLE TRIGGER USER")
    assert {each.check for each in audit_books(scene.cast.merchant)} == {"period_unchanged"}


# --- Races: close ‖ settle, close ‖ a line ------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_while_money_is_being_booked_no_month_is_closed() -> None:
    scene = make_scene()
    ticket, line = scene.report("20", orders=[scene.order("20")]), scene.line("20")
    with run_before("reconciliation.services.settlement.note_payment", lambda: close(scene)) as closing:
        assert scene.verify(ticket, line).kind == "verified"
    assert isinstance(closing.error, Stale)
    assert closing.error.code == "books_busy"
    assert not closing.waited
    assert not Period.objects.exists()
    close(scene)
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.django_db(transaction=True)
def test_money_that_comes_while_a_month_is_being_closed_waits_and_is_refused() -> None:
    """Midnight: the day of the booking was taken before it, the month is closed after it."""
    scene = make_scene()
    order = scene.order("20")
    ticket, line = scene.report("20", orders=[order]), scene.line("20")
    late = last_month(scene)

    def settle() -> None:
        with mock.patch("reconciliation.services.settlement.today_at", return_value=late):
            scene.verify(ticket, line)

    with run_before("reconciliation.services.periods._facts", settle) as settling:
        period = close(scene)
    assert settling.waited
    assert isinstance(settling.error, Refused)
    assert settling.error.code == "period_closed"
    assert scene.paid_of(order) == 0
    assert not LedgerEntry.objects.exists()
    assert closed_until_now(scene) == period.until
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.django_db(transaction=True)
def test_a_line_that_comes_while_its_month_is_being_closed_is_not_in_it() -> None:
    scene = make_scene()
    with run_before("reconciliation.services.periods._facts", lambda: scene.line("9.00", booked_on=last_month(scene))) as typing:
        close(scene)
    assert typing.waited
    assert isinstance(typing.error, Refused)
    assert not StatementLine.objects.exists()
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.django_db(transaction=True)
def test_two_people_close_one_month_once() -> None:
    scene = make_scene()
    with run_before("reconciliation.services.periods._facts", lambda: close(scene, by=scene.cast.ada)) as other:
        close(scene)
    assert isinstance(other.error, Stale)
    assert Period.objects.count() == 1


def closed_until_now(scene: Scene) -> dt.date | None:
    with transaction.atomic():
        return closed_until(scene.cast.merchant.pk)
