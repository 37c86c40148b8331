"""The desk's further addresses: movements, orders, customers, reports taken by telephone, conversations, the set-up."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import StaffRole
from banking.models import WithholdingKind
from orders.models import OrderImport
from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table
from tests.safety.table_portal import report_of, talk
from tests.safety.world import upload


def article_data(_world: World) -> Data:
    """An article in both languages, as its form posts it."""
    texts = {f"{part}_{language}": f"{part} nuevo" for part in ("title", "summary", "tags", "body") for language in ("es", "en")}
    return {"topic": "staff", "author": "Ada", "version": "", **texts}


def numbers_file(world: World) -> SimpleUploadedFile:
    """A fiscal number for an order that has none."""
    return SimpleUploadedFile("n.csv", f"order_number,fiscal_number\n{world.andina.alice.orders['spare'].number},F-8\n".encode())


def line(world: World) -> tuple[int]:
    return (world.andina.alice.lines["free"].pk,)


def statement(world: World) -> tuple[int]:
    return (world.andina.statement.pk,)


def customer(world: World) -> tuple[int]:
    return (world.andina.alice.customer.pk,)


def contact(world: World) -> tuple[int, int]:
    found = world.andina.alice.actor.contact
    assert found is not None
    return (found.customer_id, found.pk)


def order(standing: str) -> Any:
    return lambda world: (world.andina.alice.orders[standing].number,)


def account(world: World) -> tuple[int]:
    return (world.andina.scene.cast.account.pk,)


def tolerance(world: World) -> tuple[int, int]:
    return (*account(world), world.andina.bench.tolerance.pk)


def tolerance_data(_world: World) -> Data:
    return {
        "method": "", "reason": "bank_fee", "less": "3,00", "less_per_cent": "1,5", "more": "", "more_per_cent": "",
        "note": "El banco emisor",
    }  # fmt: skip


def profile_version(world: World) -> tuple[int, int]:
    return (*account(world), 1)


def profile_data(_world: World) -> Data:
    return {
        "act": "keep", "name": "Banco", "format": "csv", "encoding": "auto", "separator": ";", "skip_header": "1",
        "skip_footer": "0", "start_after": "", "stop_at": "", "header_row": "on", "ignore": "TOTAL", "date_choice": "%d/%m/%Y",
        "decimal": ",", "thousands": ".", "implied_decimals": "0", "amount_style": "signed", "column_date": "Fecha",
        "column_amount": "Monto", "column_text": "Concepto + 4", "pattern_reference": "([0-9]{6,})", "layout": "",
        "account": "", "based_on": "2", "shown_errors": "",
    }  # fmt: skip


def method(world: World) -> tuple[int]:
    return (world.andina.scene.cast.transfer.pk,)


def webhook(world: World) -> tuple[int]:
    return (world.andina.hooks.endpoint.pk,)


def webhook_data(_world: World) -> Data:
    return {"url": "https://hooks.example/concilia", "description": "ERP", "kinds": ["order.paid"]}


def key_data(_world: World) -> Data:
    return {"act": "add", "name": "Facturador", "scopes": ["orders:read"], "expires_on": ""}


def role_of_sue(world: World) -> tuple[int]:
    return (StaffRole.objects.get(merchant=world.andina.merchant, user=world.andina.scene.cast.sue.user).pk,)


def csv(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def new_line(world: World) -> Data:
    return {
        "account": str(world.andina.scene.cast.account.pk), "booked_on": world.andina.scene.today.isoformat(), "direction": "in",
        "amount": "12,50", "reference": "00998877", "text": "TRF", "payer_name": "Ana", "payer_id": "V1",
        "origin_bank_code": "0134", "reason": "Por correo",
    }  # fmt: skip


def statement_file(world: World) -> Data:
    day = world.andina.scene.today.isoformat()
    file = csv("banco.csv", f"date,amount,reference,text\n{day},12.00,12345678,TRF\n")
    return {"account": str(world.andina.scene.cast.account.pk), "file": file}


def line_filters(world: World) -> Data:
    return {
        "account": str(world.andina.scene.cast.account.pk), "use": "free", "since": "2026-01-01", "until": "2027-12-31",
        "amount": "", "q": "", "page": "1",
    }  # fmt: skip


def new_order(world: World) -> Data:
    day = world.andina.scene.today.isoformat()
    return {
        "customer_number": world.andina.alice.customer.number, "number": "", "kind": "service_order", "description": "Dominio",
        "currency": "USD", "issued_on": day, "due_on": day, "line-0-description": "Dominio", "line-0-quantity": "1",
        "line-0-unit_price": "15,00", "line-0-tax_name": "IVA", "line-0-tax_percent": "16", "line-0-kind": "service",
    }  # fmt: skip


def order_filters(world: World) -> Data:
    return {"q": world.andina.alice.canaries.word, "state": "open", "sort": "-total", "page": "1"}


def customer_data(_world: World) -> Data:
    return {
        "name": "Bodega", "tax_id": "J123", "email": "b@b.example", "phone": "0412 1234567", "language": "es",
        "address": "Calle", "state": "Zulia", "city": "Maracaibo", "reference_point": "",
    }  # fmt: skip


def new_customer(world: World) -> Data:
    return {**customer_data(world), "number": "Z9"}


def registered(world: World) -> Data:
    alice = world.andina.alice
    return report_of(world, alice, alice.orders["spare"], channel="telephone")


def account_data(world: World) -> Data:
    cast = world.andina.scene.cast
    return {
        "bank": "", "institution": "Caja", "kind": "checking", "number": "01340000", "holder": "Andina", "holder_tax_id": "J1",
        "phone": "", "email": "", "currency": "USD", "methods": [str(cast.transfer.pk)], "is_public": "on", "position": "3",
        "is_active": "on",
    }  # fmt: skip


def method_data(_world: World) -> Data:
    return {
        "key": "zelle", "name_es": "Zelle", "name_en": "Zelle", "asks": ["reference"], "requires": ["reference"],
        "clearing_days": "0", "note_es": "", "note_en": "", "position": "4", "is_active": "on",
    }  # fmt: skip


def withholding(world: World) -> tuple[int]:
    return (WithholdingKind.objects.filter(merchant=world.andina.merchant).values_list("pk", flat=True)[0],)


def withholding_data(_world: World) -> Data:
    return {"name_es": "Retención de ISLR", "name_en": "Income tax kept back", "position": "4", "is_active": "on"}


def rate(world: World) -> Data:
    day = world.andina.scene.today.isoformat()
    return {"what": "typed", "date": day, "base": "USD", "quote": "VES", "rate": "36,71", "source": "BCV"}


def look_data(world: World) -> Data:
    return {
        "name": "Andina", "legal_name": "", "tax_id": "J1", "accent": "#0b6b63", "support_email": "a@b.example",
        "support_phone": "", "support_whatsapp": "", "intro_es": "Hola", "intro_en": "", "how_to_pay_es": "", "how_to_pay_en": "",
    }  # fmt: skip


def rules_data(_world: World) -> Data:
    return {
        "what": "rules", "day_1": "08:00-12:00", "extra_holidays": "", "review_hours": "6", "answer_business_days": "2",
        "claim_minutes": "45", "report_age_warning_days": "30", "rate_max_age_days": "3", "registration": "closed",
        "fiscal_policy": "external",
    }  # fmt: skip


def orders_file(_world: World) -> Data:
    return {"file": csv("o.csv", "customer_number,customer_name\nZ1,Zeta\n")}


def order_file(world: World) -> tuple[int]:
    return (OrderImport.objects.get(merchant=world.andina.merchant).pk,)


OFFICE: Table = {
    "desk:lines": Page(who="staff", query=line_filters),
    "desk:line": Page(who="staff", args=line),
    "desk:line_new": Page(who="staff:decide", post=302, by="carol", data=new_line, query=lambda _: {"cash": "1"}),
    "desk:lines_import": Page(who="staff:decide", post=302, by="carol", data=statement_file),
    "desk:import": Page(who="staff", args=statement, query=lambda _: {"page": "1"}),
    "desk:orders": Page(who="staff", query=order_filters),
    "desk:order": Page(who="staff", args=order("open")),
    "desk:order_new": Page(
        who="staff:register", post=302, by="sue", data=new_order, query=lambda world: {"customer": str(customer(world)[0])}
    ),
    "desk:order_void": Page(
        who="staff:decide", args=order("spare"), post=302, by="carol", data=lambda _: {"reason": "Se emitió dos veces"}
    ),
    "desk:order_pdf": Page(who="staff", args=order("open")),
    "desk:order_fiscal": Page(
        who="staff:decide", args=order("overdue"), post=302, by="carol", data=lambda _: {"number": "F-9"}
    ),
    "desk:fiscal": Page(
        who="staff", post=302, by="carol", needs_to_act="decide", query=lambda _: {"q": "F", "page": "1"},
        data=lambda world: {"act": "numbers", "file": numbers_file(world)},
    ),
    "desk:shipments": Page(
        who="staff", post=302, by="sue", needs_to_act="register",
        query=lambda _: {"tab": "requested", "page": "1", "format": "csv"},
        data=lambda world: {"act": "prepare", "shipments": [str(world.andina.alice.parcel.pk)]},
    ),
    "desk:fiscal_document": Page(who="staff", args=lambda world: (world.andina.alice.invoice.pk,), query=lambda _: {"as": "pdf"}),
    "desk:ticket_receipt": Page(who="staff", args=lambda world: (world.andina.alice.tickets["verified"].number,)),
    "desk:order_credit": Page(who="staff:decide", args=order("open"), get=NO_WAY, post=302, by="carol"),
    "desk:letters": Page(
        who="staff", post=302, by="sue", needs_to_act="write", data=lambda world: {"letter": str(world.andina.alice.letter.pk)},
        query=lambda world: {"customer": str(customer(world)[0]), "letter": str(world.andina.alice.letter.pk), "page": "1"},
    ),
    "desk:setup_services": Page(
        who="staff", post=302, by="ada", needs_to_act="administer",
        data=lambda _: {"what": "offer", "name_es": "Dominio", "period": "yearly", "price": "12,00", "is_active": "on"},
    ),
    "desk:services": Page(
        who="staff", args=customer, post=302, by="sue", needs_to_act="register",
        data=lambda _: {"act": "make", "name": "Dominio", "period": "yearly", "price": "12,00"},
    ),
    "desk:setup_policies": Page(
        who="staff", post=302, by="ada", needs_to_act="administer",
        data=lambda _: {"what": "reminders", "is_on": "on", "days_before": "3", "days_after": "1, 7", "may_decline": "on"},
    ),
    "desk:customers": Page(who="staff", query=lambda world: {"q": world.andina.alice.canaries.word, "page": "1"}),
    "desk:customer": Page(who="staff", args=customer),
    "desk:customer_new": Page(who="staff:register", post=302, by="sue", data=new_customer),
    "desk:customer_edit": Page(who="staff:register", args=customer, post=302, by="sue", data=customer_data),
    "desk:contact_new": Page(
        who="staff:register", args=customer, get=NO_WAY, post=302, by="sue",
        data=lambda _: {"email": "bob@andina.example", "name": "Otra", "can_see_orders": "on"},
    ),
    "desk:contact_remove": Page(who="staff:register", args=contact, get=NO_WAY, post=302, by="sue"),
    "desk:contact_invitation": Page(
        who="staff:register", args=lambda world: (world.andina.alice.customer.pk, world.andina.alice.invitation.pk), get=NO_WAY,
        post=302, by="sue", data=lambda _: {"act": "withdraw"},
    ),
    "desk:conversation_new": Page(
        who="staff:write", args=customer, post=302, by="sue", data=lambda _: {"subject": "Su plan", "text": "Buenos días"}
    ),
    "desk:register": Page(
        who="staff:register", args=customer, post=302, by="sue", data=registered,
        query=lambda world: {"orders": [str(world.andina.alice.orders["open"].pk)], "draft": "", "check": "1"},
    ),
    "desk:register_check": Page(who="staff:register", args=customer, get=302, post=302, by="sue", data=registered),
    "desk:conversations": Page(
        who="staff",
        query=lambda world: {
            "show": "all", "q": world.andina.alice.canaries.word, "after": "x",
            "department": str(world.andina.support.department.pk),
        },
    ),
    "desk:mails": Page(
        who="staff", post=302, by="sue", data=lambda world: {"mail": str(world.andina.support.mail.pk)},
        query=lambda _: {"page": "1"}, needs_to_act="write",
    ),
    "desk:conversation": Page(
        who="staff", args=talk, post=302, by="sue",
        data=lambda _: {"text": "Sí", "kind": "public", "files": [upload("e.jpg")]}, needs_to_act="write",
    ),
    "desk:conversation_act": Page(
        who="staff:write", args=talk, get=NO_WAY, post=302, by="sue",
        data=lambda world: {"act": "move", "department": str(world.andina.support.department.pk), "note": "Para ventas"},
    ),
    "desk:support": Page(who="staff"),
    "desk:department": Page(
        who="staff:administer", args=lambda world: (world.andina.support.department.pk,), post=302, by="ada",
        data=lambda _: {"name_es": "Técnica", "name_en": "Technical", "email": "", "position": "4", "is_active": "on"},
    ),
    "desk:canned_reply": Page(
        who="staff:administer", args=lambda world: (world.andina.support.reply.pk,), post=302, by="ada",
        data=lambda _: {"name": "Saludo", "text_es": "Hola {customer}", "text_en": "Hello {customer}", "is_active": "on"},
    ),
    "desk:mailbox": Page(
        who="staff:administer", post=302, by="ada",
        data=lambda _: {
            "address": "soporte@andina.example", "host": "imap.andina.example", "port": "993", "security": "tls",
            "username": "soporte", "password": "clave", "folder": "INBOX",
        },
    ),
    "desk:setup": Page(who="staff"),
    "api:reference": Page(who="staff"),
    "desk:webhooks": Page(who="staff:administer", post=200, by="ada", data=webhook_data),
    "desk:webhook": Page(
        who="staff:administer", args=webhook, post=302, by="ada", data=lambda _: {"act": "test"}, query=lambda _: {"page": "1"}
    ),
    "desk:api_keys": Page(who="staff:administer", post=200, by="ada", data=key_data),
    "desk:articles": Page(
        who="staff:administer", post=302, by="ada", data=lambda world: {"key": world.andina.article, "act": "hide"}
    ),
    "desk:article_new": Page(who="staff:administer", post=302, by="ada", data=article_data),
    "desk:article": Page(
        who="staff:administer", args=lambda world: (world.andina.article,), post=302, by="ada",
        data=lambda world: {**article_data(world), "version": "1"},
    ),  # fmt: skip
    "desk:rates": Page(
        who="staff", post=302, by="carol", data=rate, query=lambda _: {"page": "1"}, needs_to_act="decide"
    ),
    "desk:account_new": Page(who="staff:administer", post=302, by="ada", data=account_data),
    "desk:account": Page(who="staff:administer", args=account, post=302, by="ada", data=account_data),
    "desk:tolerances": Page(who="staff:administer", args=account, post=302, by="ada", data=tolerance_data),
    "desk:tolerance_end": Page(who="staff:administer", args=tolerance, get=NO_WAY, post=302, by="ada"),
    "desk:profile": Page(
        who="staff:decide", args=account, post=302, by="carol", data=profile_data,
        query=lambda world: {"layout": "ve-banesco-qif", "file": str(world.andina.statement.pk)},
    ),
    "desk:profile_version": Page(
        who="staff", args=profile_version, post=302, by="carol", data=lambda _: {"based_on": "2"}, needs_to_act="decide"
    ),
    "desk:method_new": Page(who="staff:administer", post=302, by="ada", data=method_data),
    "desk:method": Page(who="staff:administer", args=method, post=302, by="ada", data=method_data),
    "desk:withholding_new": Page(who="staff:administer", post=302, by="ada", data=withholding_data),
    "desk:withholding": Page(who="staff:administer", args=withholding, post=302, by="ada", data=withholding_data),
    "desk:staff": Page(
        who="staff:administer", post=302, by="ada",
        data=lambda _: {"email": "sue@andina.example", "name": "Sue", "role": "accountant"},
        query=lambda _: {"email": "a@b.example", "name": "Ana", "role": "support"},
    ),
    "desk:staff_end": Page(who="staff:administer", args=role_of_sue, get=NO_WAY, post=302, by="ada"),
    "desk:begin": Page(
        who="staff:administer", post=302, by="ada", query=lambda _: {"step": "house"},
        data=lambda _: {
            "country": "VE", "name": "Andina", "legal_name": "Andina, C.A.", "tax_id": "J-1", "currency": "USD",
            "time_zone": "America/Caracas", "default_language": "es",
        },
    ),
    "desk:setup_look": Page(who="staff:administer", post=302, by="ada", data=look_data),
    "desk:setup_rules": Page(who="staff", post=302, by="ada", data=rules_data, needs_to_act="administer"),
    "desk:setup_reasons": Page(
        who="staff:administer", post=302, by="ada", query=lambda _: {"reason": "new"},
        data=lambda _: {"what": "save", "reason": "new", "kind": "reject", "name_es": "Otra causa", "name_en": "Another cause"},
    ),
    "desk:setup_letters": Page(
        who="staff:administer", post=302, by="ada", query=lambda _: {"kind": "ticket_verified"},
        data=lambda _: {"what": "keep", "kind": "ticket_verified", "subject_es": "Listo: {number}"},
    ),
    "desk:setup_history": Page(who="staff", query=lambda _: {"page": "1"}),
    "desk:orders_import": Page(who="staff:register", post=302, by="sue", data=orders_file),
    "desk:order_import": Page(
        who="staff:register", args=order_file, post=302, by="sue", data=lambda _: {"what": "bring"},
    ),
    "desk:search": Page(who="staff", query=lambda world: {"q": world.andina.alice.canaries.word}),
}  # fmt: skip
