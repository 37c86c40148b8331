"""Reminders before and after the due date: one letter a customer and day, spread over the day, never twice.

A day of the policy (three before, one after …) that falls on a day off is kept for the next business day; one that a machine
slept through is made up for within `MADE_UP_FOR` days. `Reminder` rows are the lock: who inserts it writes the letter.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Merchant
from accounts.selectors import recipients_of_many
from accounts.setup_history import facts_of, note_setup
from banking.money import quantize
from letters.services import queue_letters_to_customers
from orders.models import Order
from reports.models import Allocation, ReminderPolicy
from tickets.calendar import is_business_day
from tickets.models import LIVE_STATES

KIND = "payment_reminder"
FIRST_HOUR, LAST_HOUR = 8, 20  # of the merchant's day: nobody is written to at night
SLOTS, SLOT_MINUTES = 40, 15  # from eight in the morning until six in the evening
MADE_UP_FOR = 5
BATCH = 500
MOST_LISTED = 20
MOST_DAYS, FARTHEST = 6, 90


class PolicyFields(TypedDict, total=False):
    """What may be said about reminders; days are counted from the due date."""

    is_on: bool
    days_before: Sequence[int]
    days_after: Sequence[int]
    business_days_only: bool
    may_decline: bool


def policy_of(merchant: Merchant) -> ReminderPolicy:
    """The merchant's policy, or one that was never kept: off."""
    return ReminderPolicy.objects.filter(merchant=merchant).first() or ReminderPolicy(merchant=merchant)


@transaction.atomic
def set_reminder_policy(*, by: Actor, **changes: Unpack[PolicyFields]) -> ReminderPolicy:
    """Say when customers are reminded: an administrator's. Raises `Refused` (`bad_days`, `no_days`)."""
    by.require(by.can_administer)
    Merchant.objects.select_for_update(no_key=True).get(pk=by.merchant.pk)
    policy = policy_of(by.merchant)
    before = facts_of(policy, changes) if policy.pk else {}
    for name, value in changes.items():
        setattr(policy, name, _days(name, value) if name.startswith("days_") else value)  # type: ignore[arg-type]  # days are lists of figures
    if policy.is_on and not (policy.days_before or policy.days_after):
        raise Refused(_("Write at least one day on which to remind."), code="no_days", fields=("days_before",))
    policy.save()
    note_setup("reminders", before, facts_of(policy, changes), by=by)
    return policy


def _days(name: str, days: Sequence[int]) -> list[int]:
    found = sorted(set(days))
    first = 0 if name == "days_before" else 1
    if len(found) > MOST_DAYS or any(not first <= day <= FARTHEST for day in found):
        raise Refused(
            _("At most %(most)d different days, each between %(first)d and %(farthest)d.")
            % {"most": MOST_DAYS, "first": first, "farthest": FARTHEST},
            code="bad_days", fields=(name,),
        )  # fmt: skip
    return found


def remind_everybody(*, now: dt.datetime | None = None) -> int:
    """Remind, at every merchant, those whose hour has come today; how many customers."""
    now = now or timezone.now()
    policies = ReminderPolicy.objects.filter(is_on=True, merchant__is_active=True).select_related("merchant").order_by("pk")
    return sum(_remind_at(policy, now.astimezone(policy.merchant.zone)) for policy in policies)


def _remind_at(policy: ReminderPolicy, there: dt.datetime) -> int:
    day = there.date()
    if not FIRST_HOUR <= there.hour < LAST_HOUR or (policy.business_days_only and not is_business_day(policy.merchant, day)):
        return 0
    slot = min(((there.hour - FIRST_HOUR) * 60 + there.minute) // SLOT_MINUTES, SLOTS - 1)
    reminded = 0
    while batch := _remind_batch(policy, day, slot):
        reminded += batch
    return reminded


# Customers with an order, unpaid and under no review, that has one of the policy's days since they were last reminded. An order
# that was issued on that day or later speaks for itself. The row of the day is taken here: by one job of two.
TAKE = """
WITH wanted AS (SELECT * FROM unnest(%(days)s::date[], %(dues)s::date[]) w(day, due_on))
INSERT INTO reports_reminder (merchant_id, customer_id, day, made_at)
SELECT DISTINCT %(merchant)s::bigint, o.customer_id, %(today)s::date, %(now)s::timestamptz
  FROM wanted w
  JOIN orders_order o ON o.merchant_id = %(merchant)s AND o.due_on = w.due_on AND o.paid_on IS NULL AND o.voided_at IS NULL
  JOIN orders_orderbalance b ON b.order_id = o.id AND b.paid < b.total
  JOIN accounts_customer c ON c.id = o.customer_id AND c.is_active
 WHERE o.issued_on < w.day AND mod(o.customer_id, %(slots)s) <= %(slot)s
   AND NOT EXISTS (SELECT FROM reports_reminder r WHERE r.customer_id = o.customer_id AND r.day >= w.day)
   AND NOT EXISTS (SELECT FROM reports_allocation a JOIN reports_paymentreport p ON p.id = a.report_id
                     JOIN tickets_ticket t ON t.id = p.ticket_id
                    WHERE a.order_id = o.id AND a.until_revision IS NULL AND t.state = ANY (%(live)s))
 LIMIT %(batch)s
    ON CONFLICT DO NOTHING RETURNING customer_id
"""


def _remind_batch(policy: ReminderPolicy, today: dt.date, slot: int) -> int:
    """Take some customers whose turn it is and write to them, in one transaction and a fixed number of statements."""
    merchant = policy.merchant
    pairs = [
        (day, due_on)
        for day in (today - dt.timedelta(days=back) for back in range(MADE_UP_FOR))
        for due_on in (
            *(day + dt.timedelta(days=before) for before in policy.days_before),
            *(day - dt.timedelta(days=after) for after in policy.days_after),
        )
    ]
    asked: dict[str, Any] = {
        "days": [day for day, _due in pairs], "dues": [due for _day, due in pairs], "merchant": merchant.pk, "today": today,
        "now": timezone.now(), "slots": SLOTS, "slot": slot, "live": [str(state) for state in LIVE_STATES], "batch": BATCH,
    }  # fmt: skip
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE, asked)
            taken = [row[0] for row in cursor.fetchall()]
        if taken:
            _write(policy, taken, today)
    return len(taken)


def _write(policy: ReminderPolicy, customer_ids: Sequence[int], today: dt.date) -> None:
    customers = list(Customer.objects.filter(pk__in=customer_ids))
    recipients = recipients_of_many(customers, about="reminders", asks_wishes=policy.may_decline)
    owed = orders_to_remind_of(policy, customer_ids, today)
    rows = [
        {
            "customer_id": pk,
            "about": f"customer:{pk}",
            "occasion": f"reminder:{today.isoformat()}",
            "context": context_of(found, today),
        }
        for pk, found in owed.items()
        if found and recipients.get(pk)
    ]
    if rows:
        queue_letters_to_customers(
            merchant_id=policy.merchant_id, kind=KIND, recipients=recipients, rows=json.dumps(rows, ensure_ascii=False)
        )


def orders_to_remind_of(policy: ReminderPolicy, customer_ids: Sequence[int], today: dt.date) -> Mapping[int, list[Order]]:
    """What these customers owe and no live ticket covers, overdue or soon due, oldest first. One query."""
    live = Allocation.objects.filter(order=OuterRef("pk"), until_revision__isnull=True, report__ticket__state__in=LIVE_STATES)
    until = today + dt.timedelta(days=max(policy.days_before, default=0))
    orders = Order.objects.with_balance().open().filter(merchant=policy.merchant_id, customer__in=customer_ids, due_on__lte=until)
    found: dict[int, list[Order]] = defaultdict(list)
    for order in orders.exclude(Exists(live)).order_by("due_on", "pk"):
        found[order.customer_id].append(order)
    return found


def context_of(orders: Sequence[Order], today: dt.date) -> dict[str, Any]:
    """The facts of the letter: the orders, the sum of each currency, and how many are late."""
    sums: dict[str, Any] = defaultdict(int)
    for order in orders:
        sums[order.currency] += order.amount_due
    return {
        "orders": [
            {
                "number": order.number, "amount": str(quantize(order.amount_due, order.currency)), "currency": order.currency,
                "due": order.due_on.isoformat(), "is_late": order.due_on < today,
            }
            for order in orders[:MOST_LISTED]
        ],
        "more": max(0, len(orders) - MOST_LISTED),
        "sums": [{"amount": str(quantize(amount, currency)), "currency": currency} for currency, amount in sums.items()],
        "late": sum(order.due_on < today for order in orders),
        "count": len(orders),
    }  # fmt: skip
