"""Support in the demo: departments, answers that are ready, and conversations that wait, go on and ended well."""

from __future__ import annotations

import datetime as dt

import time_machine

from accounts.actors import Actor
from accounts.models import Role
from config.demo.stage import Stage
from reports.services import link_topic
from tickets import services as tickets
from tickets.models import Conversation

DEPARTMENTS = (("Ventas", "Sales", True), ("Técnica", "Technical", False))
REPLIES = (
    (
        "Saludo y revisión",
        "Buenos días, {customer}:\n\nRecibimos su mensaje sobre «{subject}» y ya lo revisamos. Hoy mismo le escribimos.\n\n"
        "{agent}, {merchant}",
        "Good morning, {customer}.\n\nWe received your message about “{subject}” and look into it. We write again today.\n\n"
        "{agent}, {merchant}",
    ),
    (
        "Cómo reportar un pago",
        "En «Órdenes» marque las que pagó y pulse «Reportar pago(s)». Con la referencia y el comprobante es más rápido.",
        "In “Orders” tick those that you paid and press “Report payment(s)”. With the reference and the receipt it goes faster.",
    ),
)  # fmt: skip


def talk_to_support(stage: Stage) -> None:
    """Three conversations of the first customers, each at its moment of the last working days."""
    merchant = stage.merchant
    staff = list(stage.staff.values())
    admin = next((each for each in staff if each.can_administer), Actor.system(merchant))
    helper = next((each for each in staff if each.role == Role.SUPPORT), None)
    if helper is None:
        return
    for place, (name_es, name_en, is_offered) in enumerate(DEPARTMENTS, start=3):
        data = tickets.DepartmentData(name_es=name_es, name_en=name_en, is_offered=is_offered, position=place)
        tickets.save_department(merchant=merchant, data=data, by=admin)
    for name, text_es, text_en in REPLIES:
        reply = tickets.ReplyData(name=name, text_es=text_es, text_en=text_en)
        tickets.save_canned_reply(merchant=merchant, data=reply, by=admin)
    first, second, third = (stage.contacts[customer.pk] for customer in stage.customers[:3])
    now = dt.datetime.now(dt.UTC)
    done = _ask(stage, second, "El certificado del sitio venció", "Los navegadores avisan que el sitio no es seguro", days_ago=6)
    _answer(stage, done, helper, "Ya lo renovamos; en unos minutos el aviso desaparece.", days_ago=6)
    with time_machine.travel(min(stage.at(stage.workday(5), 10), now), tick=False):
        tickets.close_conversation(conversation_id=done.pk, by=helper)
    with time_machine.travel(min(stage.at(stage.workday(5), 12), now), tick=False):
        tickets.rate_conversation(conversation_id=done.pk, rating="good", note="Muy rápidos, gracias.", by=second)
    going = _ask(stage, first, "¿Puedo pasar al plan anual?", "Queremos pagar el año completo. ¿Hay descuento?", days_ago=2)
    _answer(stage, going, helper, "Sí: dos meses de regalo. Se lo confirmo con Ventas.", days_ago=1)
    order = first.customer.orders.order_by("-pk").first() if first.customer else None
    if order is not None:
        link_topic(conversation_id=going.pk, number=order.number, by=helper)
    tickets.assign_conversation(conversation_id=going.pk, user_id=helper.user.pk if helper.user else None, by=helper)
    _ask(stage, third, "Cambio de razón social", "Desde este mes facturamos con otro nombre. ¿Qué necesitan?", days_ago=1)


def _ask(stage: Stage, by: Actor, subject: str, text: str, *, days_ago: int) -> Conversation:
    moment = min(stage.at(stage.workday(days_ago), 9, 20), dt.datetime.now(dt.UTC))
    assert by.customer is not None  # noqa: S101 - contacts of the demo act for a customer
    with time_machine.travel(moment, tick=False):
        return tickets.open_conversation(merchant=stage.merchant, customer=by.customer, subject=subject, text=text, by=by)


def _answer(stage: Stage, talk: Conversation, by: Actor, text: str, *, days_ago: int) -> None:
    moment = min(stage.at(stage.workday(days_ago), 9, 50), dt.datetime.now(dt.UTC))
    with time_machine.travel(moment, tick=False):
        tickets.post_message(conversation_id=talk.pk, text=text, by=by)
