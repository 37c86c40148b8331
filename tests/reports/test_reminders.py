"""Who pays by hand is reminded before and after the due date (S2-22): once a customer and day, and only of what is owed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.errors import NotAllowed, Refused
from accounts.models import Merchant, Role, SetupChange
from letters.models import Letter
from letters.rendering import render_letter
from orders.dates import today_at
from orders.services import void_order
from reports import reminders
from reports.models import Reminder, ReminderPolicy
from reports.reminders import remind_everybody, set_reminder_policy
from reports.services import submit_report
from tests.cast import client_of, house_url
from tests.factories import customer_actor, make_content, make_customer, make_merchant, make_order, mark_paid, staff_actor
from tests.races import run_before

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 23)


def house(**policy: Any) -> Merchant:
    """A merchant that reminds three days before, and one and seven after."""
    merchant = make_merchant()
    policy = {"is_on": True, "days_before": [3], "days_after": [1, 7]} | policy
    ReminderPolicy.objects.create(merchant=merchant, **policy)
    return merchant


def at(merchant: Merchant, day: dt.date, hour: int = 18) -> dt.datetime:
    """When the last slot of the day has come, unless said otherwise."""
    return dt.datetime.combine(day, dt.time(hour), tzinfo=ZoneInfo(merchant.time_zone))


def owe(actor: Any, due_on: dt.date, total: str = "10.00", **kw: Any) -> Any:
    return make_order(actor.customer, total, due_on=due_on, issued_on=due_on - dt.timedelta(days=20), **kw)


def owing(merchant: Merchant) -> Any:
    return customer_actor(make_customer(merchant))


def test_one_letter_a_customer_lists_what_is_owed() -> None:
    merchant = house()
    alice = owing(merchant)
    soon, late = owe(alice, MONDAY + dt.timedelta(days=3)), owe(alice, MONDAY - dt.timedelta(days=1), "7.50")
    paid = owe(alice, MONDAY + dt.timedelta(days=3))
    mark_paid(paid)
    void = owe(alice, MONDAY + dt.timedelta(days=3))
    void_order(order_id=void.pk, reason="x", by=staff_actor(merchant))
    far = owe(alice, MONDAY + dt.timedelta(days=9))
    assert remind_everybody(now=at(merchant, MONDAY)) == 1
    letter = Letter.objects.get()
    text = render_letter(letter).text
    assert letter.to_email == alice.user.email
    for order in (soon, late):
        assert order.number in text
    for order in (paid, void, far):
        assert order.number not in text
    assert "17,50" in text
    assert "Tiene una orden vencida" in text


def test_nobody_is_reminded_twice_whoever_asks_how_often() -> None:
    merchant = house()
    owe(owing(merchant), MONDAY + dt.timedelta(days=3))
    for _time in range(3):
        remind_everybody(now=at(merchant, MONDAY))
    remind_everybody(now=at(merchant, MONDAY + dt.timedelta(days=1)))
    assert Letter.objects.count() == 1
    assert Reminder.objects.count() == 1


def test_orders_under_review_are_left_in_peace(scene: Any) -> None:
    merchant = scene.cast.merchant
    ReminderPolicy.objects.create(merchant=merchant, is_on=True, business_days_only=False, days_before=[3], days_after=[])
    today = today_at(merchant)
    order = make_order(scene.cast.a, due_on=today + dt.timedelta(days=3))
    content = make_content(scene.cast.account, [order], "10.00")
    submit_report(merchant=merchant, customer=scene.cast.a, key=uuid.uuid4(), content=content, by=scene.cast.alice)
    assert remind_everybody(now=at(merchant, today)) == 0
    assert not Letter.objects.filter(kind="payment_reminder").exists()


def test_a_day_off_is_made_up_for_on_the_next_business_day() -> None:
    merchant = house()
    saturday = MONDAY - dt.timedelta(days=2)
    owe(owing(merchant), saturday + dt.timedelta(days=3))
    assert remind_everybody(now=at(merchant, saturday)) == 0
    assert remind_everybody(now=at(merchant, MONDAY)) == 1
    ReminderPolicy.objects.update(business_days_only=False)
    owe(owing(merchant), saturday + dt.timedelta(days=3))
    assert remind_everybody(now=at(merchant, saturday)) == 1


def test_letters_are_spread_over_the_day_and_nobody_is_written_to_at_night() -> None:
    merchant = house()
    people = [owing(merchant) for _each in range(12)]
    for who in people:
        owe(who, MONDAY + dt.timedelta(days=3))
    assert remind_everybody(now=at(merchant, MONDAY, 7)) == 0
    assert remind_everybody(now=at(merchant, MONDAY, 21)) == 0
    first = remind_everybody(now=at(merchant, MONDAY, 9))
    assert first < 12
    assert first + remind_everybody(now=at(merchant, MONDAY, 18)) == 12


def test_who_would_rather_not_is_asked_only_where_the_house_leaves_the_choice() -> None:
    merchant = house()
    alice = owing(merchant)
    type(alice.contact).objects.update(gets_reminders=False)
    owe(alice, MONDAY + dt.timedelta(days=3))
    remind_everybody(now=at(merchant, MONDAY))
    assert not Letter.objects.exists()
    ReminderPolicy.objects.update(may_decline=False)
    owe(alice, MONDAY + dt.timedelta(days=4))
    remind_everybody(now=at(merchant, MONDAY + dt.timedelta(days=1)))
    assert Letter.objects.count() == 1


def test_a_contact_switches_reminders_off_where_that_is_offered() -> None:
    merchant = house()
    alice = owing(merchant)
    client, address = client_of(alice), house_url(merchant, "portal:profile_letters")
    assert 'name="gets_reminders"' in client.get(house_url(merchant, "portal:profile")).content.decode()
    client.post(address, {"gets_order_letters": "on"})
    alice.contact.refresh_from_db()
    assert not alice.contact.gets_reminders
    ReminderPolicy.objects.update(may_decline=False)
    assert 'name="gets_reminders"' not in client.get(house_url(merchant, "portal:profile")).content.decode()
    client.post(address, {"gets_order_letters": "on", "gets_reminders": "on"})
    alice.contact.refresh_from_db()
    assert not alice.contact.gets_reminders


def test_a_house_without_a_policy_reminds_nobody() -> None:
    merchant = make_merchant()
    owe(owing(merchant), MONDAY + dt.timedelta(days=3))
    assert remind_everybody(now=at(merchant, MONDAY)) == 0


def test_the_policy_is_an_administrators_and_has_a_history() -> None:
    ada = staff_actor(role=Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        set_reminder_policy(is_on=True, by=staff_actor(ada.merchant))
    for days in ([400], list(range(1, 20)), [-1]):
        with pytest.raises(Refused):
            set_reminder_policy(is_on=True, days_after=days, by=ada)
    with pytest.raises(Refused):
        set_reminder_policy(is_on=True, days_before=[], days_after=[], by=ada)
    assert not ReminderPolicy.objects.exists()
    kept = set_reminder_policy(is_on=True, days_before=[5, 1, 5], days_after=[2], by=ada)
    assert kept.days_before == [1, 5]
    assert SetupChange.objects.filter(area="reminders").exists()


def test_statements_do_not_grow_with_customers(django_assert_max_num_queries: Any) -> None:
    merchant = house()
    for _each in range(8):
        owe(owing(merchant), MONDAY + dt.timedelta(days=3))
    with django_assert_max_num_queries(14):
        assert remind_everybody(now=at(merchant, MONDAY)) == 8


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_write_one_letter() -> None:
    merchant = house()
    owe(owing(merchant), MONDAY + dt.timedelta(days=3))
    with run_before("reports.reminders.recipients_of_many", lambda: remind_everybody(now=at(merchant, MONDAY))) as other:
        assert remind_everybody(now=at(merchant, MONDAY)) == 1
    assert other.error is None
    assert other.waited
    assert other.result == 0
    assert Letter.objects.count() == 1
    assert reminders.KIND == "payment_reminder"
