"""The customer's addresses: who may open each, and a body with which its act succeeds."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from accounts.invitations import token_of
from orders.models import Order
from reports.drafts import correction_key
from tests.factories import make_bank, make_withholding_kind
from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table
from tests.safety.world import Belongings, upload
from tickets.mail.tokens import rating_token


def ticket(state: str) -> Any:
    """The number of Alice's ticket in that state, as arguments of an address."""
    return lambda world: (world.andina.alice.tickets[state].number,)


def order(standing: str) -> Any:
    return lambda world: (world.andina.alice.orders[standing].number,)


def offered(world: World) -> tuple[int]:
    return (world.andina.bench.offers[world.andina.alice.customer.pk].pk,)


def talk(world: World) -> tuple[str]:
    return (world.andina.alice.conversation.number,)


def report_of(world: World, who: Belongings, paid: Order, **changes: Any) -> dict[str, Any]:
    """A good report of one order, as posted by the form."""
    cast = world.andina.scene.cast
    return {
        "key": str(uuid.uuid4()),
        "orders": [str(paid.pk)],
        f"allocation-{paid.pk}": "",
        "t-0-method": str(cast.transfer.pk),
        "t-0-account": str(cast.account.pk),
        "t-0-amount": str(paid.amount_due),
        "t-0-paid_on": (world.andina.scene.today - dt.timedelta(days=1)).isoformat(),
        "t-0-reference": "0045 7755 7244 2",
        "t-0-origin_bank": str(make_bank(country="VE", code="9998").pk),
        "payer_name": "",
        "payer_tax_id": "",
        "note": "Saludos",
        "address": "Av. 5",
        "state": "Zulia",
        "city": "Maracaibo",
        "reference_point": "Plaza",
        "receiver_phone": "0412 1234567",
        **changes,
    }


def new_report(world: World) -> Data:
    voucher = {
        "w-0-kind": str(make_withholding_kind(world.andina.merchant).pk),
        "w-0-number": "2026-0001",
        "w-0-issued_on": world.andina.scene.today.isoformat(),
        "w-0-amount": "0.01",
    }
    return report_of(world, world.andina.alice, world.andina.alice.orders["open"], **voucher)


def kept_report(world: World) -> Data:
    """A report with the files of the draft that waits."""
    alice = world.andina.alice
    more = {"key": str(alice.drafts["waiting"].key), "t-0-files": [str(alice.files["draft"].key)]}
    return {**report_of(world, alice, alice.orders["open"], **more), "t-0-listed": [str(alice.files["draft"].key)]}


def corrected(world: World) -> Data:
    alice = world.andina.alice
    rejected = alice.report("rejected")
    paid = Order.objects.with_balance().get(allocations__report=rejected, allocations__until_revision__isnull=True)
    return report_of(world, alice, paid, key=str(correction_key(rejected)))


def credit_customer(world: World) -> Data:
    return {"customer": str(world.andina.alice.customer.pk), "next": "/andina/orders/"}


PORTAL: Table = {
    "portal:home": Page(who="public"),
    "portal:about": Page(who="public"),
    "portal:privacy": Page(who="public"),
    "portal:orders": Page(
        who="customer:see_orders", query=lambda world: {"state": "pending", "q": world.andina.alice.canaries.word, "page": "1"}
    ),
    "portal:order": Page(who="customer:see_orders", args=order("open"), of_alice=True),
    "portal:order_print": Page(who="customer:see_orders", args=order("open"), of_alice=True),
    "portal:order_pdf": Page(who="customer:see_orders", args=order("open"), of_alice=True),
    "portal:fiscal_document": Page(
        who="customer:see_orders", args=lambda world: (world.andina.alice.invoice.pk,), of_alice=True,
        query=lambda _: {"as": "xml"},
    ),
    "portal:ticket_receipt": Page(who="customer:use_tickets", args=ticket("verified"), of_alice=True),
    "portal:order_credit": Page(who="customer:see_orders+report", args=order("open"), of_alice=True, post=302),
    "portal:report": Page(
        who="customer:report",
        post=302,
        data=new_report,
        query=lambda world: {
            "orders": [str(world.andina.alice.orders["open"].pk)],
            "draft": str(world.andina.alice.drafts["waiting"].key),
            "check": "1",
        },
    ),
    "portal:account_statement": Page(
        who="customer:see_orders", query=lambda _: {"since": "2026-01-01", "until": "2026-11-30", "format": "csv"}
    ),
    "portal:deposit": Page(who="customer:report", args=offered, of_alice=True),
    "portal:deposit_mine": Page(who="customer:report", args=offered, of_alice=True, get=NO_WAY, post=302),
    "portal:deposit_not_mine": Page(
        who="customer:report", args=offered, of_alice=True, get=NO_WAY, post=302, data=lambda _: {"note": "No fui yo"}
    ),
    "portal:report_check": Page(
        who="customer:report",
        get=302,  # back to the form: there is nothing to check yet
        post=302,
        data=kept_report,
        query=lambda world: {"draft": str(world.andina.alice.drafts["waiting"].key)},
    ),
    "portal:report_live": Page(who="customer:report", get=NO_WAY, post=200, data=new_report),
    "portal:report_discard": Page(
        who="customer:report", get=NO_WAY, post=302, data=lambda world: {"key": str(world.andina.alice.drafts["waiting"].key)}
    ),
    "portal:report_upload": Page(
        who="customer:report",
        args=lambda world: (world.andina.alice.drafts["waiting"].key, 1),
        get=NO_WAY,
        post=200,
        data=lambda world: {"file": upload("otra.jpg", b"\xff\xd8\xff\xe0" + b"x" * 300), "replaces": str(uuid.uuid4())},
    ),
    "portal:report_sent": Page(who="customer:report", args=ticket("submitted"), of_alice=True),
    "portal:tickets": Page(who="customer:use_tickets", query=lambda world: {"kind": "reports", "page": "1"}),
    "portal:support_new": Page(
        who="customer:use_tickets",
        post=302,
        data=lambda world: {
            "subject": "Una duda", "text": "¿Cómo reporto?", "files": [upload("a.jpg")],
            "department": str(world.andina.support.department.pk), "topic": world.andina.alice.orders["open"].number,
        },
        query=lambda world: {"about": world.andina.alice.orders["open"].number},
    ),
    "portal:ticket": Page(who="customer:use_tickets", args=ticket("submitted"), of_alice=True),
    "portal:ticket_answer": Page(
        who="customer:use_tickets+report",
        args=ticket("needs_information"),
        of_alice=True,
        get=NO_WAY,
        post=302,
        data=lambda world: {"t-0-reference": "004512349876", "answer_note": "Aquí", "t-0-receipt": [upload("b.jpg")]},
    ),
    "portal:ticket_withdraw": Page(who="customer:use_tickets+report", args=ticket("submitted"), of_alice=True, post=302),
    "portal:ticket_correct": Page(who="customer:report", args=ticket("rejected"), of_alice=True, post=302, data=corrected),
    "portal:ticket_correct_check": Page(
        who="customer:report", args=ticket("rejected"), of_alice=True, get=302, post=302, data=corrected
    ),
    "portal:ticket_correct_live": Page(
        who="customer:report", args=ticket("rejected"), of_alice=True, get=NO_WAY, post=200, data=corrected
    ),
    "portal:ticket_message": Page(
        who="customer:use_tickets",
        args=ticket("submitted"),
        of_alice=True,
        get=NO_WAY,
        post=302,
        data=lambda world: {"text": "Hola", "files": [upload("c.jpg")]},
    ),
    "portal:conversation": Page(
        who="customer:use_tickets", args=talk, of_alice=True, post=302, data=lambda world: {"text": "Gracias"}
    ),
    "portal:rating": Page(
        who="public", post=302, by="stranger", data=lambda _: {"rating": "good", "note": "Muy bien"},
        args=lambda world: (rating_token(world.andina.merchant.pk, world.andina.support.closed.pk),),
    ),
    "portal:profile": Page(
        who="customer", post=302, data=lambda world: {"name": "Alicia", "phone": "0412 1234567", "language": "en"}
    ),
    "portal:contacts": Page(who="customer:manage_contacts"),
    "portal:contact_invite": Page(
        who="customer:manage_contacts", post=302,
        data=lambda _: {"email": "bob@andina.example", "name": "Otra", "can_manage_contacts": "on"},
    ),
    "portal:contact": Page(
        who="customer:manage_contacts", args=lambda world: (world.andina.alice.colleague.pk,), of_alice=True, post=302,
        data=lambda _: {"can_report": "on"},
    ),
    "portal:contact_remove": Page(
        who="customer:manage_contacts", args=lambda world: (world.andina.alice.colleague.pk,), of_alice=True, post=302
    ),
    "portal:contact_invitation": Page(
        who="customer:manage_contacts", args=lambda world: (world.andina.alice.invitation.pk,), of_alice=True, get=NO_WAY,
        post=302, data=lambda _: {"act": "withdraw"},
    ),
    "portal:invitation": Page(
        who="public", args=lambda world: (token_of(world.andina.guest),), post=302, by="stranger"
    ),
    "portal:customer_data": Page(
        who="customer:see_orders", post=302, data=lambda _: {"name": "Alicia S. A.", "tax_id": "J-123", "language": "es"}
    ),
    "portal:addresses": Page(
        who="customer:see_orders", post=302, data=lambda _: {"kind": "shipping", "label": "Oficina", "address": "Calle 9"}
    ),
    "portal:profile_letters": Page(
        who="customer", get=NO_WAY, post=302, data=lambda _: {"gets_order_letters": "on"}
    ),
    "portal:services": Page(
        who="customer:manage_services", post=302,
        data=lambda world: {"act": "cancel", "service": str(world.andina.alice.service.pk), "note": "Ya no"},
    ),
    "portal:letters": Page(who="customer", query=lambda _: {"page": "1"}),
    "portal:letter": Page(
        who="customer:use_tickets", args=lambda world: (world.andina.alice.letter.pk,), of_alice=True, post=302
    ),
    "portal:choose": Page(who="signed_in"),
    "portal:switch_customer": Page(who="contact", get=NO_WAY, post=302, data=credit_customer),
    "portal:help": Page(who="public", query=lambda world: {"q": world.andina.alice.canaries.word, "tag": "ticket"}),
    "portal:article": Page(
        who="public", args=lambda _: ("sign-in-code",), notes="articles_articleviews", post=302,
        data=lambda _: {"useful": "no", "note": "Falta una foto"},
    ),  # fmt: skip
}  # fmt: skip
