"""Writes about services: make, order, bill, suspend, cancel, renew. Changes are `service_changes`', payments `service_payments`'.

A customer's contact acts by themselves as far as the house's policy says; what it does not is asked for in a conversation.
"""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.contacts import lock_customer
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Customer, Merchant
from accounts.setup_history import facts_of, note_setup
from banking.money import AMOUNT_LIMIT
from orders.dates import today_at, written
from orders.models import Order, OrderBalance, OrderLine, Service, ServiceEvent, ServiceOffer, ServicePolicy
from orders.service_models import Period, ServiceState
from orders.service_payments import announce_services, note_event
from orders.services import LineDraft, issue_order, void_unpaid
from webhooks.kinds import Kind

Act = ServiceEvent.Act
MOST_DAYS = 90
FARTHEST_YEARS = 100
POLICY_FIELDS = ("may_order", "may_change", "may_cancel", "bills_renewals", "renewal_days", "due_days")
OFFER_FIELDS = ("name_es", "name_en", "period", "price", "tax_name", "tax_rate", "is_active")
BATCH = 200


def service_policy_of(merchant: Merchant) -> ServicePolicy:
    """The house's policy, or one that was never kept: nothing by oneself, nothing billed by itself."""
    return ServicePolicy.objects.filter(merchant=merchant).first() or ServicePolicy(merchant=merchant)


@transaction.atomic
def set_service_policy(
    *, may_order: bool, may_change: bool, may_cancel: bool, bills_renewals: bool, renewal_days: int, due_days: int, by: Actor
) -> ServicePolicy:
    """Say how far customers help themselves, and when renewals are billed: an administrator's. Raises `Refused` (`bad_days`)."""
    by.require(by.can_administer)
    if not (0 <= renewal_days <= MOST_DAYS and 0 <= due_days <= MOST_DAYS):
        raise Refused(_("Days lie between 0 and %(most)d.") % {"most": MOST_DAYS}, code="bad_days", fields=("renewal_days",))
    Merchant.objects.select_for_update(no_key=True).get(pk=by.merchant.pk)
    policy = service_policy_of(by.merchant)
    before = facts_of(policy, POLICY_FIELDS) if policy.pk else {}
    policy.may_order, policy.may_change, policy.may_cancel = may_order, may_change, may_cancel
    policy.bills_renewals, policy.renewal_days, policy.due_days = bills_renewals, renewal_days, due_days
    policy.save()
    note_setup("services", before, facts_of(policy, POLICY_FIELDS), by=by)
    return policy


@transaction.atomic
def save_offer(
    *, name_es: str, name_en: str = "", period: str, price: Decimal, tax_name: str = "", tax_rate: Decimal = Decimal(0),
    is_active: bool = True, offer_id: int | None = None, by: Actor,
) -> ServiceOffer:  # fmt: skip
    """Keep something that the house sells; services that stand keep their price. Raises `Refused` (`bad_offer`)."""
    by.require(by.can_administer)
    offer = ServiceOffer(merchant=by.merchant)
    if offer_id is not None:
        found = ServiceOffer.objects.select_for_update().filter(merchant=by.merchant, pk=offer_id).first()
        if found is None:
            raise Http404
        offer = found
    before = facts_of(offer, OFFER_FIELDS) if offer.pk else {}
    offer.name_es, offer.name_en = " ".join(name_es.split())[:120], " ".join(name_en.split())[:120]
    offer.period, offer.price, offer.tax_name, offer.tax_rate, offer.is_active = period, price, tax_name[:20], tax_rate, is_active
    refuse_bad_terms(offer.name_es, period, price, tax_rate)
    offer.save()
    note_setup("services", before, facts_of(offer, OFFER_FIELDS), subject=offer.name_es, by=by)
    return offer


@transaction.atomic
def make_service(
    *, customer: Customer, name: str, period: str, price: Decimal, tax_name: str = "", tax_rate: Decimal = Decimal(0),
    paid_until: dt.date | None = None, by: Actor,
) -> Service:  # fmt: skip
    """Write a customer's service down: active when it is `paid_until` a day, else pending until its first order is paid.

    By staff who register. Raises `Refused` (`bad_offer`, `bad_day`).
    """
    by.require(by.can_register and by.merchant.pk == customer.merchant_id)
    name = " ".join(name.split())[:120]
    refuse_bad_terms(name, period, price, tax_rate)
    if paid_until and paid_until.year > today_at(by.merchant).year + FARTHEST_YEARS:
        raise Refused(_("This day lies too far ahead."), code="bad_day", fields=("paid_until",))
    service = Service(
        merchant=by.merchant, customer=customer, name=name, period=period, price=price, currency=by.merchant.currency,
        tax_name=tax_name[:20], tax_rate=tax_rate, renews_on=paid_until,
        state=ServiceState.ACTIVE if paid_until else ServiceState.PENDING,
    )  # fmt: skip
    note_event(service, Act.MADE, source="", renews_before=None, by=by)
    return service


@transaction.atomic
def order_service(*, customer: Customer, offer_id: int, by: Actor) -> tuple[Service, Order]:
    """Order what the house offers: the service waits, its order is to be paid. By the customer where the policy says so, or
    by staff who register. Raises `Refused` (`not_by_oneself`, `not_offered`), `Stale` (`ordered_already`)."""
    policy = service_policy_of(by.merchant)
    require(customer, policy.may_order, by)
    lock_customer(customer)
    offer = ServiceOffer.objects.filter(merchant=by.merchant, pk=offer_id, is_active=True).first()
    if offer is None:
        raise Refused(_("This is not offered any more."), code="not_offered", fields=("offer",))
    if not by.can_register:
        _refuse_second_click(customer, offer)
    service = Service(
        merchant=by.merchant, customer=customer, offer=offer, name=offer.name_in(customer.language), period=offer.period,
        price=offer.price, currency=by.merchant.currency, tax_name=offer.tax_name, tax_rate=offer.tax_rate,
    )  # fmt: skip
    note_event(service, Act.MADE, source="", renews_before=None, by=by)
    return service, _bill(service, due_on=today_at(by.merchant) + dt.timedelta(days=policy.due_days), by=by)


def _refuse_second_click(customer: Customer, offer: ServiceOffer) -> None:
    """A customer orders the same again when the first one is paid; who wants two at once asks."""
    for waiting in Service.objects.filter(customer=customer, offer=offer, state=ServiceState.PENDING):
        if unpaid := open_orders(waiting):
            number = Order.objects.values_list("number", flat=True).get(pk=unpaid[0])
            raise Stale(
                _("You ordered this already: order %(number)s waits to be paid.") % {"number": number}, code="ordered_already"
            )


@transaction.atomic
def bill_service(*, service_id: int, by: Actor) -> Order:
    """Issue the order of a service's next period now: staff who register. Raises `Stale` (`billed_already`, `over`)."""
    by.require(by.can_register)
    service = locked(service_id, by)
    if service.is_over or service.ends_on:
        raise Stale(_("This service is cancelled."), code="over")
    if open_orders(service):
        raise Stale(_("The next period is billed already: its order is not paid yet."), code="billed_already")
    today = today_at(by.merchant)
    due_on = today + dt.timedelta(days=service_policy_of(by.merchant).due_days)
    return _bill(service, due_on=max(due_on, service.renews_on or today), by=by)


@transaction.atomic
def suspend_service(*, service_id: int, note: str = "", by: Actor) -> Service:
    """Stop a service for a while: staff who register. A payment of its next order makes it active again."""
    return _switch(service_id, ServiceState.ACTIVE, ServiceState.SUSPENDED, Act.SUSPENDED, note, by)


@transaction.atomic
def resume_service(*, service_id: int, note: str = "", by: Actor) -> Service:
    """Make a suspended service active again, or keep one that was to end."""
    service = locked(service_id, by)
    if service.ends_on and not service.is_over:
        by.require(by.can_register)
        service.ends_on = None
        note_event(service, Act.KEPT, source=service.state, renews_before=service.renews_on, note=note, by=by)
        return service
    return _switch(service_id, ServiceState.SUSPENDED, ServiceState.ACTIVE, Act.RESUMED, note, by)


def _switch(service_id: int, source: ServiceState, target: ServiceState, act: ServiceEvent.Act, note: str, by: Actor) -> Service:
    by.require(by.can_register)
    service = locked(service_id, by)
    if service.state != source:
        raise Stale(_("The service is not in that state any more. Please look again."), code="wrong_state")
    service.state = target
    note_event(service, act, source=source, renews_before=service.renews_on, note=note, by=by)
    return service


@transaction.atomic
def cancel_service(*, service_id: int, at_once: bool = False, note: str = "", by: Actor) -> Service:
    """Cancel: what is paid stays good until its last day, unless staff end it `at_once`; its unpaid orders are void.

    By the customer where the policy says so, or staff who register. Raises `Refused` (`not_by_oneself`), `Stale` (`over`).
    """
    _lock_orders_of(service_id, by)
    service = locked(service_id, by)
    require(service.customer, service_policy_of(by.merchant).may_cancel, by)
    if service.is_over or (service.ends_on and not at_once):
        raise Stale(_("This service is cancelled."), code="over")
    _void_open_orders(service, by)
    service.next_terms = None
    runs_on = service.state == ServiceState.ACTIVE and service.renews_on and service.renews_on > today_at(by.merchant)
    if runs_on and not (at_once and by.can_register):
        service.ends_on = service.renews_on
        note_event(service, Act.ENDING, source=service.state, renews_before=service.renews_on, note=note, by=by)
        return service
    _end(service, note, by)
    return service


def _end(service: Service, note: str, by: Actor) -> None:
    source, service.state = service.state, ServiceState.CANCELLED
    service.ends_on = service.ends_on or today_at(by.merchant)
    event = note_event(service, Act.CANCELLED, source=source, renews_before=service.renews_on, note=note, by=by)
    announce_services(by.merchant, Kind.SERVICE_ENDED, [event])


# --- By themselves ----------------------------------------------------------------------------


def renew_everywhere() -> int:
    """At every house: end what was cancelled for today, and bill the renewals that are near; how many services were touched."""
    return sum(_renew_at(merchant) for merchant in Merchant.objects.filter(is_active=True).order_by("pk"))


def _renew_at(merchant: Merchant) -> int:
    by, today, policy = Actor.system(merchant), today_at(merchant), service_policy_of(merchant)
    ending = Q(ends_on__lte=today)
    near = Q(ends_on__isnull=True, renews_on__lte=today + dt.timedelta(days=policy.renewal_days)) & ~Q(period=Period.ONCE)
    near &= Q(billed_until__isnull=True) | Q(billed_until__lte=F("renews_on"))
    wanted = ending | near if policy.bills_renewals else ending
    active = Service.objects.filter(wanted, merchant=merchant, state=ServiceState.ACTIVE, customer__is_active=True)
    touched, last = 0, 0
    while batch := list(active.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = batch[-1]
        for pk in batch:
            with transaction.atomic():
                service = active.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
                if service is None:
                    continue
                if service.ends_on:
                    _end(service, "", by)
                elif not open_orders(service):
                    _bill(service, due_on=max(service.renews_on or today, today), by=by)
                touched += 1
    return touched


# --- Parts ------------------------------------------------------------------------------------


def _bill(service: Service, *, due_on: dt.date, by: Actor) -> Order:
    """The order of the next period, as the house's own: whose wish it was stands in the event."""
    merchant, today = by.merchant, today_at(by.merchant)
    starts_on, terms = service.renews_on or today, service.next or service.terms
    ends_on = period_end(starts_on, terms.period, anchor=_anchor(service, starts_on))
    with translation.override(service.customer.language):
        words = terms.name
        if ends_on:
            words = f"{terms.name}, {written(starts_on)} – {written(ends_on - dt.timedelta(days=1))}"
    line = LineDraft(
        description=words, unit_price=terms.price, tax_name=terms.tax_name, tax_rate=terms.tax_rate,
        service_id=service.pk, starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
    order = issue_order(
        merchant=merchant, customer=service.customer, lines=[line], description=words, due_on=due_on,
        currency=service.currency, by=Actor.system(merchant),
    )  # fmt: skip
    service.billed_until = ends_on
    note_event(
        service, Act.BILLED, source=service.state, renews_before=service.renews_on, order_id=order.pk,
        terms=service.next_terms, by=by,
    )  # fmt: skip
    return order


def period_end(start: dt.date, period: str, *, anchor: int) -> dt.date | None:
    """The day on which a period that begins on `start` is over; none for what is paid once. `anchor` is the day of the month on
    which the service renews where the month has it: the 31st is not lost to a February."""
    if period == Period.ONCE:
        return None
    months = 12 if period == Period.YEARLY else 1
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))


def _anchor(service: Service, starts_on: dt.date) -> int:
    """The latest day of the month on which a period of the service ever began."""
    days = [day.day for day in OrderLine.objects.filter(service=service).values_list("starts_on", flat=True) if day]
    return max([starts_on.day, *days])


def open_orders(service: Service) -> list[int]:
    """Orders of the service that are still to be paid."""
    unpaid = OrderLine.objects.filter(service=service, order__voided_at__isnull=True, order__paid_on__isnull=True)
    return list(unpaid.order_by("order_id").values_list("order_id", flat=True).distinct())


def _lock_orders_of(service_id: int, by: Actor) -> None:
    """Orders before services, as whoever settles takes them."""
    unpaid = OrderLine.objects.filter(service=service_id, order__voided_at__isnull=True, order__paid_on__isnull=True)
    balances = OrderBalance.objects.filter(merchant=by.merchant, order__in=unpaid.values("order_id"))
    list(balances.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _void_open_orders(service: Service, by: Actor) -> None:
    """Void what nobody has paid anything of, where the order is for this service alone."""
    orders = open_orders(service)
    others = OrderLine.objects.filter(order__in=orders).exclude(service=service).values_list("order_id", flat=True)
    alone = [pk for pk in orders if pk not in set(others)]
    with translation.override(service.customer.language):
        reason = _("The service was cancelled")
    free = OrderBalance.objects.filter(order__in=alone, paid=0).order_by("pk").values_list("pk", flat=True)
    for order_id in free:
        void_unpaid(order_id=order_id, reason=reason, merchant=by.merchant)
    if free:
        service.billed_until = None


def locked(service_id: int, by: Actor) -> Service:
    """The service, locked, if it is the actor's affair at all; else 404."""
    found = Service.objects.select_for_update(of=("self",), no_key=True).select_related("customer").filter(merchant=by.merchant)
    if not (by.is_staff or by.is_system):
        found = found.filter(customer=by.customer) if by.customer else found.none()
    service = found.filter(pk=service_id).first()
    if service is None:
        raise Http404
    return service


def require(customer: Customer, is_left_to_customers: bool, by: Actor) -> None:
    """Staff who register; a contact who may manage services, as far as the house leaves it to them."""
    if by.merchant.pk != customer.merchant_id:
        raise Http404
    if by.is_system or by.can_register:
        return
    contact = by.contact
    if by.is_staff or contact is None or contact.customer_id != customer.pk or not contact.can_manage_services:
        raise NotAllowed
    if not is_left_to_customers:
        raise Refused(_("Please ask us for this: we do it for you."), code="not_by_oneself")


def refuse_bad_terms(name: str, period: str, price: Decimal, tax_rate: Decimal) -> None:
    if not name or period not in Period.values or not 0 < price < AMOUNT_LIMIT or not 0 <= tax_rate <= 1:
        raise Refused(
            _("A service needs a name, a period, a price above zero and a tax between 0 and 100 %."),
            code="bad_offer", fields=("name", "name_es", "price"),
        )  # fmt: skip
