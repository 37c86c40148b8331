"""What a payment does to the services of an order, and what its reversal undoes: exactly, and once however often it is told.

A service keeps no memory of money. What an order did to it stands in its events; taking the payment back looks up that event.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.actors import Actor
from accounts.keys import among
from accounts.models import Merchant
from orders.models import OrderLine, Service, ServiceEvent
from orders.service_models import ServiceState, Terms
from webhooks.kinds import Kind
from webhooks.services import News, announce_many

BILLED, PAID, REOPENED = ServiceEvent.Act.BILLED, ServiceEvent.Act.PAID, ServiceEvent.Act.REOPENED
KEEPS_STANDING = (ServiceEvent.Act.BILLED, ServiceEvent.Act.CHANGED, ServiceEvent.Act.PLANNED, ServiceEvent.Act.DROPPED)


def follow_payments(*, order_ids: Iterable[int], by: Actor) -> None:
    """Make services active or renewed whose orders are paid now, and as they were where a payment was taken back.

    Inside the transaction that stamped the orders; a few statements however many there are.
    """
    lines = list(
        OrderLine.objects.filter(merchant=by.merchant, order__in=among(order_ids), service__isnull=False)
        .select_related("order")
        .order_by("order_id", "position", "pk")
    )
    if not lines:
        return
    services = {
        service.pk: service
        for service in Service.objects.select_for_update(no_key=True)
        .filter(pk__in={line.service_id for line in lines})
        .order_by("pk")
    }
    past = _payments_of(services)
    told: dict[Kind, list[ServiceEvent]] = defaultdict(list)
    for service_id, order_lines in _by_order(lines):
        service = services[service_id]
        order = order_lines[0].order
        last = next((event for event in reversed(past[service_id]) if event.order_id == order.pk), None)
        is_counted = last is not None and last.act == PAID
        if order.paid_on is not None and not is_counted:
            paid_until = max((line.ends_on for line in order_lines if line.ends_on), default=None)
            event = _pay(service, order.pk, paid_until, _billed(past[service_id], order.pk), by)
            told[Kind.SERVICE_RENEWED if event.source == ServiceState.ACTIVE else Kind.SERVICE_ACTIVATED].append(event)
        elif order.paid_on is None and last is not None and is_counted:
            event = _take_back(service, last, past[service_id], by)
        else:
            continue
        past[service_id].append(event)
    for kind, events in told.items():
        announce_services(by.merchant, kind, events)


def _payments_of(services: Iterable[int]) -> dict[int, list[ServiceEvent]]:
    found: dict[int, list[ServiceEvent]] = defaultdict(list)
    for event in ServiceEvent.objects.filter(service__in=list(services)).order_by("pk"):
        found[event.service_id].append(event)
    return found


def _by_order(lines: Sequence[OrderLine]) -> list[tuple[int, list[OrderLine]]]:
    """Each service with the lines of each order that are for it."""
    found: dict[tuple[int, int], list[OrderLine]] = defaultdict(list)
    for line in lines:
        if line.service_id is not None:
            found[line.order_id, line.service_id].append(line)
    return [(service_id, own) for (_order_id, service_id), own in found.items()]


def _billed(past: Sequence[ServiceEvent], order_id: int) -> dict[str, Any] | None:
    """The change that this order bills, if it bills one."""
    return next((event.terms for event in past if event.order_id == order_id and event.act == BILLED), None)


def _pay(service: Service, order_id: int, paid_until: dt.date | None, change: dict[str, Any] | None, by: Actor) -> ServiceEvent:
    source, before, terms = service.state, service.renews_on, None
    is_newest = paid_until is None or before is None or paid_until > before
    if source != ServiceState.CANCELLED:
        service.state = ServiceState.ACTIVE
    if paid_until is not None:
        service.renews_on = max(paid_until, before) if before else paid_until
    if change and is_newest and source != ServiceState.CANCELLED:
        terms = service.terms.kept
        service.take(Terms.read(change))
        service.next_terms = None if service.next_terms == change else service.next_terms
    return note_event(service, PAID, source=source, renews_before=before, order_id=order_id, terms=terms, by=by)


def _take_back(service: Service, paid: ServiceEvent, past: Sequence[ServiceEvent], by: Actor) -> ServiceEvent:
    """As before the payment where nothing else happened since; else what the payments that still hold say."""
    source, before = service.state, service.renews_on
    since = [event for event in past if event.pk > paid.pk and event.act not in KEEPS_STANDING]
    if not since:
        service.state, service.renews_on = paid.source, paid.renews_before
    else:
        holding = _holding(past, without=paid.order_id)
        known = [event.renews_after for event in holding if event.renews_after]
        service.renews_on = max(known, default=None)
        was_made_active = any(event.target == ServiceState.ACTIVE for event in holding)
        if source == ServiceState.ACTIVE and not was_made_active:
            service.state = ServiceState.PENDING
    change = _billed(past, paid.order_id) if paid.order_id else None
    if change and service.terms.kept == change and (kept := _terms_without(paid, past)):
        service.take(Terms.read(kept))
        service.next_terms = service.next_terms or change
    return note_event(service, REOPENED, source=source, renews_before=before, order_id=paid.order_id, by=by)


def _terms_without(paid: ServiceEvent, past: Sequence[ServiceEvent]) -> dict[str, Any] | None:
    """What this payment's going leaves: the change of the latest bill that is paid still, else what was before any of them was.
    None where the terms were changed since by somebody."""
    since = past[max((n for n, event in enumerate(past, 1) if event.act == ServiceEvent.Act.CHANGED), default=0) :]
    if paid not in since:
        return None
    holding = {event.order_id for event in _holding(since, without=paid.order_id)}
    billed = [event.terms for event in past if event.act == BILLED and event.terms and event.order_id in holding]
    return billed[-1] if billed else next((event.terms for event in since if event.act == PAID and event.terms), None)


def _holding(past: Sequence[ServiceEvent], *, without: int | None) -> list[ServiceEvent]:
    """How it came into the books, and the last payment of each order that was not taken back."""
    last = {event.order_id: event for event in past if event.act in (PAID, REOPENED)}
    paid = [event for order_id, event in last.items() if event.act == PAID and order_id != without]
    return [event for event in past if event.act == ServiceEvent.Act.MADE] + paid


def note_event(
    service: Service, act: ServiceEvent.Act, *, source: str, renews_before: dt.date | None, order_id: int | None = None,
    note: str = "", terms: dict[str, Any] | None = None, by: Actor,
) -> ServiceEvent:  # fmt: skip
    """Keep the service as it stands now, and what brought it there."""
    service.save()
    return ServiceEvent.objects.create(
        merchant_id=service.merchant_id, service=service, act=act, source=source, target=service.state,
        renews_before=renews_before, renews_after=service.renews_on, order_id=order_id, by=by.user, note=note[:300], terms=terms,
    )  # fmt: skip


def announce_services(merchant: Merchant, kind: Kind, events: Sequence[ServiceEvent]) -> None:
    """Tell other systems what became of these services."""

    def news() -> list[News]:
        rows = Service.objects.filter(pk__in=[event.service_id for event in events]).select_related("customer")
        by_pk = {row.pk: row for row in rows}
        return [
            News(
                about=f"service:{event.service_id}",
                occasion=f"event:{event.pk}",
                payload={
                    "service": event.service_id,
                    "name": by_pk[event.service_id].name,
                    "customer": by_pk[event.service_id].customer.number,
                    "state": event.target,
                    "renews_on": event.renews_after,
                },
            )
            for event in events
        ]

    if events:
        announce_many(merchant=merchant, kind=kind, news=news)
