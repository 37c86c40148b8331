"""Closing a month, and opening the last one again: asked by one person, signed by another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Merchant, User
from orders.dates import today_at
from reconciliation.audit import audit_books
from reconciliation.books.balances import balances_of
from reconciliation.closed import digest_of, month_name, try_to_hold_alone
from reconciliation.models import LedgerEntry, Period, ReopenRequest, StatementLine

LONGEST_TEXT = 400


def close_period(*, month: dt.date, note: str = "", by: Actor) -> Period:
    """Close a month that is over (`month` is its first day), after the one before it; the first one closes all before it too.

    By senior accounting. The books are proved first, and the digest and the balances of that moment are kept. Raises
    `NotAllowed`, `Refused`: `month_invalid`, `not_over`, `closed_already`, `not_the_next`, `books_disagree`, `too_long`, and
    `Stale(books_busy)` while somebody is writing in the books.
    """
    closer = _signer(by)
    merchant = by.merchant
    note = _text(note)
    until = _end_of(month, merchant)
    disagree = len(list(audit_books(merchant)))
    if disagree:
        said = _("The books disagree in %(count)d places. Look at the proof of the books first; nothing was closed.")
        raise Refused(said % {"count": disagree}, code="books_disagree")
    with transaction.atomic():
        if not try_to_hold_alone(merchant):
            raise Stale(_("Somebody is booking money just now. Try again in a moment; nothing was closed."), code="books_busy")
        last = last_closed(merchant)
        _refuse_out_of_turn(month, last)
        return Period.objects.create(
            merchant=merchant,
            month=month,
            after=last.until if last else None,
            until=until,
            digest=digest_of(merchant, last.until if last else None, until),
            facts=_facts(merchant, until),
            note=note,
            closed_by=closer,
        )


def request_reopening(*, period_id: int, reason: str, by: Actor) -> ReopenRequest:
    """Ask to open the last closed month again. By accounting. `Refused`: `reason_required`, `request_open`, `not_the_last`."""
    if by.user is None or not by.can_decide:
        raise NotAllowed
    reason = _text(reason)
    if not reason:
        raise Refused(_("Write why the month must be opened again."), code="reason_required", fields=("reason",))
    with transaction.atomic():
        period = _lock(period_id, by)
        _require_last(period)
        if period.reopen_requests.filter(decided_at__isnull=True).exists():
            raise Stale(_("Somebody asked to open this month again already."), code="request_open")
        return ReopenRequest.objects.create(merchant=by.merchant, period=period, reason=reason, requested_by=by.user)


def sign_reopening(*, request_id: int, by: Actor) -> Period:
    """Give the second signature: the month is open again. Never by who asked: `Refused(same_person)`."""
    signer = _signer(by)
    with transaction.atomic():
        request, period = _lock_request(request_id, by)
        if request.requested_by_id == signer.pk:
            raise Refused(_("You asked for this yourself: somebody else must sign it."), code="same_person")
        _require_last(period)
        request.signed_by, request.decided_at = signer, timezone.now()
        request.save(update_fields=["signed_by", "decided_at"])
        period.reopened_at = request.decided_at
        period.save(update_fields=["reopened_at"])
        return period


def refuse_reopening(*, request_id: int, by: Actor) -> ReopenRequest:
    """Do not sign: the month stays closed. Who asked may take the request back this way too."""
    if by.user is None or not by.can_decide:
        raise NotAllowed
    with transaction.atomic():
        request, _period = _lock_request(request_id, by)
        is_own = request.requested_by_id == by.user.pk
        if not (is_own or by.can_sign):
            raise Refused(_("Only senior accounting decides what somebody else asked for."), code="not_yours")
        request.signed_by = None if is_own else by.user
        request.decided_at, request.was_refused = timezone.now(), True
        request.save(update_fields=["signed_by", "decided_at", "was_refused"])
        return request


def last_closed(merchant: Merchant) -> Period | None:
    """The newest month that is closed now."""
    return Period.objects.filter(merchant=merchant, reopened_at__isnull=True).order_by("-month").first()


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after `day`'s."""
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _signer(by: Actor) -> User:
    if by.user is None or not by.can_sign:
        raise NotAllowed
    return by.user


def _text(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise Refused(_("This text is too long."), code="too_long", fields=("reason", "note"))
    return text


def _end_of(month: dt.date, merchant: Merchant) -> dt.date:
    """The last day of a month that is over."""
    if month.day != 1 or month.year < 2000:
        raise Refused(_("This is no month that can be closed."), code="month_invalid", fields=("month",))
    until = next_month(month) - dt.timedelta(days=1)
    if until >= today_at(merchant):
        said = _("%(month)s is not over yet: it can be closed from the first day of the next month on.")
        raise Refused(said % {"month": month_name(month).capitalize()}, code="not_over", fields=("month",))
    return until


def _refuse_out_of_turn(month: dt.date, last: Period | None) -> None:
    if last is None or month == next_month(last.month):
        return
    if month <= last.month:
        raise Stale(_("%(month)s is closed already.") % {"month": month_name(month).capitalize()}, code="closed_already")
    said = _("Close %(next)s first: months are closed one after the other.")
    raise Refused(said % {"next": month_name(next_month(last.month))}, code="not_the_next", fields=("month",))


def _lock(period_id: int, by: Actor) -> Period:
    period = Period.objects.select_for_update().filter(merchant=by.merchant, pk=period_id).first()
    if period is None:
        raise Http404
    return period


def _lock_request(request_id: int, by: Actor) -> tuple[ReopenRequest, Period]:
    """The month first, then its request as it is now."""
    requests = ReopenRequest.objects.filter(merchant=by.merchant, pk=request_id)
    found = requests.values_list("period_id", flat=True).first()
    if found is None:
        raise Http404
    period = _lock(found, by)
    request = requests.get()
    if request.decided_at is not None:
        raise Stale(_("This request was decided already."), code="decided_already")
    return request, period


def _require_last(period: Period) -> None:
    if period.reopened_at is not None:
        raise Stale(_("This month is open already."), code="open_already")
    if Period.objects.filter(merchant=period.merchant_id, reopened_at__isnull=True, month__gt=period.month).exists():
        raise Refused(_("A later month is closed. Months are opened again from the last one backwards."), code="not_the_last")


def _facts(merchant: Merchant, until: dt.date) -> dict[str, Any]:
    """What the books said when they were closed: kept with the month, shown for ever."""
    accounts = [
        {
            "account": str(each.account),
            "currency": each.account.currency,
            "bank": str(each.bank),
            "books": str(each.books),
            "deposits": {"count": each.count_in, "amount": str(each.free_in)},
            "debits": {"count": each.count_out, "amount": str(each.free_out)},
            "by_hand": {"count": each.count_by_hand, "amount": str(each.by_hand)},
            "unread": str(each.unread),
        }
        for each in balances_of(merchant, until)
    ]
    return {
        "accounts": accounts,
        "lines": StatementLine.objects.filter(merchant=merchant, booked_on__lte=until).count(),
        "entries": LedgerEntry.objects.filter(merchant=merchant, booked_on__lte=until).count(),
    }
