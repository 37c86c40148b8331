"""Changes of a service: at once where nothing is paid yet, else with the next period that is billed and paid.

A customer never has what is dear by having paid what is cheap: until the order of the next period is paid, the service stays what
was paid for, and the change that waits can be dropped until that order is issued.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from orders.models import Order, Service, ServiceEvent, ServiceOffer
from orders.service_acts import locked, open_orders, refuse_bad_terms, require, service_policy_of
from orders.service_models import Period, ServiceState
from orders.service_payments import note_event

Act = ServiceEvent.Act


@transaction.atomic
def change_service(
    *, service_id: int, offer_id: int | None = None, name: str = "", price: Decimal | None = None, by: Actor
) -> Service:
    """Another offer (by the customer where the policy says so), or another name and price (staff).

    What staff change holds at once. What a customer changes holds at once where nothing is paid, else it waits as `next_terms`.
    Raises `Refused` (`not_by_oneself`, `not_offered`, `other_sort`, `bad_offer`), `Stale` (`over`, `unpaid`).
    """
    service = locked(service_id, by)
    require(service.customer, service_policy_of(by.merchant).may_change and offer_id is not None, by)
    if service.is_over or service.ends_on:
        raise Stale(_("This service is cancelled."), code="over")
    if offer_id is None:
        was = _in_words(service)
        service.name, service.price = " ".join(name.split())[:120] or service.name, price or service.price
        refuse_bad_terms(service.name, service.period, service.price, service.tax_rate)
        note_event(service, Act.CHANGED, source=service.state, renews_before=service.renews_on, note=was, by=by)
        return service
    offer = ServiceOffer.objects.filter(merchant=by.merchant, pk=offer_id, is_active=True).first()
    if offer is None:
        raise Refused(_("This is not offered any more."), code="not_offered", fields=("offer",))
    _refuse_way_round(service, offer, by)
    terms = offer.terms_in(service.customer.language)
    if not by.can_register and service.renews_on:
        is_other = terms != service.terms
        service.next_terms = terms.kept if is_other else None
        act = Act.PLANNED if is_other else Act.DROPPED
        note_event(service, act, source=service.state, renews_before=service.renews_on, note=terms.name, by=by)
        return service
    was = _in_words(service)
    service.take(terms)
    service.next_terms = None
    note_event(service, Act.CHANGED, source=service.state, renews_before=service.renews_on, note=was, by=by)
    return service


@transaction.atomic
def drop_change(*, service_id: int, by: Actor) -> Service:
    """Leave the service as it is: the change that waits is forgotten. Raises `Stale` (`nothing_waits`, `billed_already`)."""
    service = locked(service_id, by)
    require(service.customer, service_policy_of(by.merchant).may_change, by)
    terms = service.next
    if terms is None:
        raise Stale(_("No change waits any more. Please look again."), code="nothing_waits")
    _refuse_billed(service)
    service.next_terms = None
    note_event(service, Act.DROPPED, source=service.state, renews_before=service.renews_on, note=terms.name, by=by)
    return service


def _in_words(service: Service) -> str:
    return f"{service.name}, {service.price.normalize():f} {service.currency}"


def _refuse_way_round(service: Service, offer: ServiceOffer, by: Actor) -> None:
    """Nobody gets what is dear by paying the order of what is cheap, nor for ever what is paid by the month."""
    if (service.period == Period.ONCE) != (offer.period == Period.ONCE):
        raise Refused(
            _("What is paid once does not become what is paid each period, nor the other way round. Order it anew."),
            code="other_sort", fields=("offer",),
        )  # fmt: skip
    if by.can_register:
        return
    if unpaid := open_orders(service):
        number = Order.objects.values_list("number", flat=True).get(pk=unpaid[0])
        raise Stale(_("Order %(number)s of this service waits to be paid. Pay it first.") % {"number": number}, code="unpaid")
    if service.period == Period.ONCE and service.state != ServiceState.PENDING:
        raise Refused(_("What is paid once is not billed again. Order the other one."), code="other_sort", fields=("offer",))


def _refuse_billed(service: Service) -> None:
    bills = ServiceEvent.objects.filter(service=service, act=Act.BILLED, terms__isnull=False, order__in=open_orders(service))
    if number := bills.values_list("order__number", flat=True).first():
        raise Stale(_("Order %(number)s bills this change already.") % {"number": number}, code="billed_already")
