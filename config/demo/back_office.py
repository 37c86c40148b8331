"""What a house does besides deciding: paper invoices travel, a credit note is drawn, other systems listen, articles are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import time_machine
from django.utils import timezone

from accounts.actors import Actor
from accounts.api_keys import create_api_key, revoke_api_key
from accounts.key_models import Scope
from articles.models import Topic
from articles.services import TextDraft, note_view, save_article, vote
from config.demo.plan import Payment
from config.demo.stage import Stage
from orders.fiscal import asking_credit_note, draw_credit_note
from reports.models import Shipment, ShipmentState
from reports.services import deliver_shipment, hand_over_shipment, prepare_shipment, return_shipment
from webhooks.kinds import Kind
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import add_endpoint, switch_endpoint

CARRIERS = {"VE": "MRW", "EC": "Servientrega", "CO": "Servientrega", "AR": "Correo Argentino"}
# How many steps a paper invoice took to be where it is, and where that of each report is, the oldest report first.
STEPS = {
    ShipmentState.REQUESTED: 0, ShipmentState.PREPARED: 1, ShipmentState.HANDED_OVER: 2, ShipmentState.DELIVERED: 3,
    ShipmentState.RETURNED: 3,
}  # fmt: skip
REACHED = (
    ShipmentState.DELIVERED, ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.HANDED_OVER, ShipmentState.PREPARED,
    ShipmentState.REQUESTED,
)  # fmt: skip
# Key of the article, how many found it useful, how many did not and what one of them missed.
READ = (
    ("report-a-payment", 14, 1, "¿Cómo reporto dos transferencias en un mismo reporte?"),
    ("which-reference", 9, 2, "Falta un ejemplo de mi banco."),
    ("paper-invoice", 5, 0, ""),
    ("first-time", 3, 0, ""),
)
SYSTEM = "https://facturacion.{slug}.example/concilia"


def listen(stage: Stage) -> Endpoint:
    """Another system hears what happens from now on."""
    endpoint, _secret = add_endpoint(
        url=SYSTEM.format(slug=stage.merchant.slug), kinds=[Kind.ORDER_PAID, Kind.ORDER_REOPENED],
        description="Sistema de facturación", by=_administrator(stage),
    )  # fmt: skip
    return endpoint


def work_in_the_back_office(stage: Stage, payments: list[Payment], endpoint: Endpoint) -> None:
    """Everything that follows the payments, by the product's own services, each at its moment."""
    _send_paper(stage, [payment for payment in payments if payment.wants_paper])
    accountant = next(actor for actor in stage.staff.values() if actor.can_decide)
    invoice = asking_credit_note(stage.merchant).order_by("pk").first()
    if invoice is not None:
        draw_credit_note(document_id=invoice.pk, reason="El banco devolvió la transferencia", by=accountant)
    _hear_answers(stage, endpoint)
    _open_the_api(stage)
    _read_articles(stage)


def _administrator(stage: Stage) -> Actor:
    people = stage.staff.values()
    return next((each for each in people if each.can_administer), Actor.system(stage.merchant))


def _send_paper(stage: Stage, payments: list[Payment]) -> None:
    clerk = next(actor for actor in stage.staff.values() if actor.can_register)
    carrier = CARRIERS[stage.merchant.country]
    for payment, reached in zip(sorted(payments, key=lambda each: each.sent_at), REACHED, strict=False):
        pk = Shipment.objects.get(merchant=stage.merchant, wish__report__ticket__number=payment.ticket).pk
        tracking = f"{stage.rng.randrange(10**9, 10**10)}"
        acts: list[Callable[[], Shipment]] = [
            partial(prepare_shipment, shipment_id=pk, by=clerk),
            partial(hand_over_shipment, shipment_id=pk, carrier=carrier, tracking=tracking, by=clerk),
            partial(return_shipment, shipment_id=pk, note="Nadie recibió en tres visitas", by=clerk)
            if reached == ShipmentState.RETURNED
            else partial(deliver_shipment, shipment_id=pk, by=clerk),
        ]
        for days, act in enumerate(acts[: STEPS[reached]], start=1):
            moment = min(payment.sent_at + dt.timedelta(days=days, hours=1), dt.datetime.now(dt.UTC))
            with time_machine.travel(moment, tick=False):
                act()


def _hear_answers(stage: Stage, endpoint: Endpoint) -> None:
    """The other system took the news, once after a pause; it is made up, so it is switched off and the last one stays behind."""
    waiting = list(Delivery.objects.filter(endpoint=endpoint).order_by("pk"))
    taken = waiting[:-1]
    busy = {delivery.pk for delivery in taken[2:3]}
    tries = [
        Attempt(merchant=stage.merchant, delivery=delivery, status=status, answer=text, took_ms=stage.rng.randint(80, 420))
        for delivery in taken
        for status, text in (*(((503, "Service unavailable"),) if delivery.pk in busy else ()), (200, "ok"))
    ]
    Attempt.objects.bulk_create(tries)
    keys = [delivery.pk for delivery in taken]
    Delivery.objects.filter(pk__in=keys).update(state=Delivery.State.DELIVERED, tries=1, ended_at=timezone.now())
    Delivery.objects.filter(pk__in=busy).update(tries=2)
    switch_endpoint(endpoint_id=endpoint.pk, is_on=False, by=_administrator(stage))


def _open_the_api(stage: Stage) -> None:
    """One key that works and one that was revoked; nobody is told their text."""
    by = _administrator(stage)
    create_api_key(name="Tienda en línea", scopes=[Scope.CUSTOMERS_READ, Scope.ORDERS_READ, Scope.ORDERS_WRITE], by=by)
    old, _text = create_api_key(name="Prueba del proveedor", scopes=[Scope.REPORTS_READ], by=by)
    revoke_api_key(key_id=old.pk, by=by)


def _read_articles(stage: Stage) -> None:
    merchant = stage.merchant
    for key, useful, useless, missed in READ:
        for place in range(useful + useless):
            note_view(merchant=merchant, key=key)
            note_view(merchant=merchant, key=key)
            vote(
                merchant=merchant, key=key, visitor=f"demo-{place}", is_useful=place < useful,
                note=missed if place == useful else "", language="es",
            )  # fmt: skip
    texts = {
        "es": TextDraft(
            title="Horario de caja", summary="Cuándo puede pagar en nuestra oficina.", tags="efectivo, oficina",
            body="Recibimos pagos en la oficina de **lunes a viernes**, de 8:30 a 12:00 y de 13:30 a 16:00.\n\n"
            "Traiga el número de su orden; le entregamos el recibo en el momento.",
        ),
        "en": TextDraft(
            title="Cash desk hours", summary="When you can pay at our office.", tags="cash, office",
            body="We take payments at the office from **Monday to Friday**, 8:30 to 12:00 and 13:30 to 16:00.\n\n"
            "Bring the number of your order; you get the receipt at once.",
        ),
    }  # fmt: skip
    save_article(topic=Topic.OWED, texts=texts, by=_administrator(stage))
