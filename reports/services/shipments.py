"""Acts on the paper invoice of a report: prepared, handed over, delivered, come back.

A paper invoice leaves only for a report that is verified, whose wish stands and whose shipping is paid: nothing is sent cash on
delivery, and a right is used once.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.selectors import recipients_of
from letters.services import queue_letter
from reports.models import Shipment, ShipmentEvent, ShipmentState, ShippingWish
from tickets.models import State
from tickets.services import lock_ticket

# With the carrier or at the customer's: its shipping is used.
GONE = (ShipmentState.HANDED_OVER, ShipmentState.DELIVERED)


def request_shipment(wish: ShippingWish) -> Shipment:
    """The shipment of a wish that was written just now."""
    return Shipment.objects.create(merchant_id=wish.merchant_id, wish=wish)


@transaction.atomic
def prepare_shipment(*, shipment_id: int, by: Actor) -> Shipment:
    """The invoice is printed and in its envelope; again after it came back.

    All four acts: by staff who write. Raise `NotAllowed`, `Http404`, `Stale` (`wrong_state`); this one and the next also
    `Refused` (`not_verified`, `wish_released`, `shipping_unpaid`).
    """
    shipment = _locked(shipment_id, "prepare", by)
    _require_right(shipment)
    return _step(shipment, "prepare", lambda: shipment.prepare(now=timezone.now()), by)


@transaction.atomic
def hand_over_shipment(*, shipment_id: int, carrier: str, tracking: str = "", by: Actor) -> Shipment:
    """Given to the carrier; the customer is written to. Raises also `Refused` (`carrier_required`)."""
    shipment = _locked(shipment_id, "hand_over", by)
    _require_right(shipment)
    carrier, tracking = " ".join(carrier.split())[:80], " ".join(tracking.split())[:80]
    if not carrier:
        raise Refused(_("Write who carries it."), code="carrier_required", fields=("carrier",))
    now = timezone.now()
    made = _step(shipment, "hand_over", lambda: shipment.hand_over(now=now, carrier=carrier, tracking=tracking), by)
    report, wish = shipment.wish.report, shipment.wish
    queue_letter(
        merchant=by.merchant,
        kind="shipment_handed_over",
        about=f"ticket:{report.ticket_id}",
        occasion=f"shipment:{shipment.pk}:{now.isoformat()}",
        recipients=recipients_of(report.customer, about="tickets"),
        context={
            "number": report.ticket.number,
            "carrier": carrier,
            "tracking": tracking,
            "address": ", ".join((wish.address, wish.city, wish.state)),
        },
        customer=report.customer,
    )
    return made


@transaction.atomic
def deliver_shipment(*, shipment_id: int, by: Actor) -> Shipment:
    """The carrier says that it was delivered."""
    shipment = _locked(shipment_id, "deliver", by)
    return _step(shipment, "deliver", lambda: shipment.deliver(now=timezone.now()), by)


@transaction.atomic
def return_shipment(*, shipment_id: int, note: str, by: Actor) -> Shipment:
    """It came back; the note says why, and the customer reads it. Raises also `Refused` (`note_required`)."""
    shipment = _locked(shipment_id, "come_back", by)
    note = " ".join(note.split())[:200]
    if not note:
        raise Refused(_("Write why it came back."), code="note_required", fields=("note",))
    return _step(shipment, "come_back", lambda: shipment.come_back(now=timezone.now()), by, note=note)


def _locked(shipment_id: int, act: str, by: Actor) -> Shipment:
    """Ticket first, then the shipment as it is now; refused where its state does not have this act."""
    by.require(by.can_register)
    found = (
        Shipment.objects.filter(merchant=by.merchant, pk=shipment_id).values_list("wish__report__ticket_id", flat=True).first()
    )
    if found is None:
        raise Http404
    ticket = lock_ticket(by.merchant, found)
    shipments = Shipment.objects.select_for_update(of=("self",)).select_related(
        "wish__report__customer", "wish__order_line__order__balance"
    )
    shipment = shipments.get(pk=shipment_id)
    shipment.wish.report.ticket = ticket
    if not getattr(Shipment, act)._django_fsm.has_transition(shipment.state):
        raise Stale(
            _("This cannot be done now: the paper invoice of %(number)s is in the state “%(state)s”.")
            % {"number": ticket.number, "state": ShipmentState(shipment.state).label},
            code="wrong_state",
        )
    return shipment


def _require_right(shipment: Shipment) -> None:
    wish = shipment.wish
    number = {"number": wish.report.ticket.number}
    if wish.released_at is not None:
        raise Refused(_("The report %(number)s wants no paper invoice any more.") % number, code="wish_released")
    if wish.report.ticket.state != State.VERIFIED:
        raise Refused(_("The report %(number)s is not verified.") % number, code="not_verified")
    if wish.order_line.order.is_open or wish.order_line.order.voided_at:
        raise Refused(_("The shipping of %(number)s is not paid.") % number, code="shipping_unpaid")


def _step(shipment: Shipment, act: str, move: Callable[[], None], by: Actor, *, note: str = "") -> Shipment:
    source = shipment.state
    move()
    shipment.save()
    ShipmentEvent.objects.create(
        merchant_id=shipment.merchant_id, shipment=shipment, act=act, source=source, target=shipment.state,
        carrier=shipment.carrier, tracking=shipment.tracking, note=note, by=by.user,
    )  # fmt: skip
    return shipment
