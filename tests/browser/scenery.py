"""A town in the middle of its day: tickets in every state, statements, conversations; what the pictures of the pages show.

Times are chosen so that the queue's deadlines spread from overdue to tomorrow: a report is answered within eight business hours.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import time_machine

from accounts.actors import Actor
from accounts.models import Customer, Merchant, NumberSeries, User
from banking.models import Bank, ReceivingAccount
from banking.money import convert, quantize
from config.demo import scenes
from config.demo.plan import Payment
from files.models import StoredFile
from orders.models import Order, OrderLine
from orders.services import LineDraft, issue_order, void_order
from reconciliation.models import DepositOffer, StatementImport, StatementLine
from reconciliation.services import enter_line, offer_deposit
from tests.browser.town import NOW, TODAY, YESTERDAY, Town
from tests.jobs import run_due_jobs
from tests.own_sheet import bring_own_sheet
from tickets.models import Conversation, Ticket
from tickets.services import open_conversation, post_message

SERVICES = (
    "Servidor dedicado, noviembre", "Hosting Empresarial, noviembre", "Respaldo en la nube 200 GB, noviembre",
    "Certificado SSL Wildcard, 1 año", "Buzones de correo (10), noviembre",
)  # fmt: skip
OTHER_BANKS = ("0102", "0105", "0108", "0191", "0172")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the queue: whose, how much, when it was sent, what became of it, and what the bank shows."""

    number: int
    customer: str
    dollars: tuple[str, ...]
    account: int
    reference: str
    sent: str
    outcome: str = "submitted"
    who: str = ""
    deposits: int = 0


QUEUE = (
    Row(number=431, customer="Ferretería El Samán, C.A.", dollars=("199.70", "140.00"), account=0, reference="00094881204",
        sent="mon 10:20", outcome="in_review", who="Luis"),
    Row(number=437, customer="Marcos Delgado", dollars=("10.00",), account=1, reference="00012774210",
        sent="mon 11:15", deposits=2),
    Row(number=444, customer="Colegio Santa Inés", dollars=("60.00", "50.00", "40.00"), account=0, reference="00045503391",
        sent="mon 12:30", deposits=1),
    Row(number=449, customer="Posada Los Frailejones", dollars=("40.00",), account=0, reference="00007120078", sent="mon 13:20"),
    Row(number=452, customer="Taller Gráfico Ávila", dollars=("20.00",), account=0, reference="00033915926", sent="mon 15:50",
        deposits=2),
    Row(number=455, customer="Rosa Elena Quintero", dollars=("12.00", "8.00"), account=0, reference="00033915920",
        sent="mon 16:20", deposits=1),
    Row(number=458, customer="Distribuidora Kavak, C.A.", dollars=("170.00",) * 4, account=1, reference="00081667301",
        sent="mon 16:45", outcome="awaiting_approval", who="Carmen", deposits=1),
    Row(number=460, customer="Clínica Monte Claro", dollars=("50.00", "50.00", "50.00"), account=0, reference="00064330915",
        sent="tue 8:40", outcome="in_review", who="Carmen", deposits=1),
    Row(number=463, customer="Agencia Ñandú, C.A.", dollars=("25.00",), account=1, reference="00021110933", sent="mon 9:10",
        outcome="waiting_for_bank", who="Luis"),
    Row(number=483, customer="José Gregorio Luna", dollars=("12.00",), account=1, reference="00017004518", sent="tue 10:02"),
)  # fmt: skip


@dataclass(kw_only=True)
class Scenery:
    """What grew, by name, so that pages can be asked for."""

    town: Town
    tickets: dict[str, Ticket]
    old: Order
    void: Order
    talk: str = ""
    offer: DepositOffer | None = None

    def number(self, name: str) -> str:
        return str(self.tickets[name].number)


def moment(text: str) -> dt.datetime:
    """`mon 10:20`: a time of yesterday or (`tue`) today."""
    day, _, clock = text.partition(" ")
    hour, _, minute = clock.partition(":")
    date = {"mon": YESTERDAY, "tue": TODAY}[day]
    return dt.datetime.combine(date, dt.time(int(hour), int(minute)), NOW.tzinfo)


def grow(town: Town) -> Scenery:
    """The day until now, as the mockups show it. Everything happens through the product's services, each at its own moment."""
    tickets: dict[str, Ticket] = {}
    old = _story_of_alicia(town, tickets)
    void = town.order("17.24", number="2026-004310")
    with time_machine.travel(moment("mon 15:00"), tick=False):
        void_order(order_id=void.pk, reason="Emitida por error", by=Actor.system(town.andina.merchant))
    for row in QUEUE:
        tickets[row.customer] = _play_row(town, row)
    _bring_strangers(town)
    run_due_jobs()
    return Scenery(town=town, tickets=tickets, old=old, void=void)


def grow_more(scenery: Scenery) -> Scenery:
    """What only pages of their own need: a ticket to decide, others that ended otherwise, a conversation."""
    decide_next(scenery.town, scenery)
    for outcome in ("rejected", "withdrawn", "reversed"):
        scenery.tickets[outcome] = _extra(scenery.town, outcome)
    scenery.talk = _talk(scenery.town)
    scenery.offer = _offer(scenery.town)
    run_due_jobs()
    return scenery


def _offer(town: Town) -> DepositOffer:
    """A deposit that nobody reported, about which Alicia is asked."""
    clerk = next(actor for actor in town.andina.staff.values() if actor.can_decide)
    line = enter_line(
        merchant=town.andina.merchant, account_id=town.andina.accounts[0].pk, booked_on=NOW.date(), amount=Decimal("777.77"),
        reference="00998877665544", text="TRF DE CTA 0105", reason="Consulta en línea", by=clerk,
    )  # fmt: skip
    return offer_deposit(line_id=line.pk, customer_id=town.customer.pk, by=clerk)


def _number_next(town: Town, number: int) -> None:
    NumberSeries.objects.filter(merchant=town.andina.merchant, kind=NumberSeries.Kind.TICKET).update(next_value=number)


def _issue(town: Town, customer: Customer, dollars: str, text: str, day: dt.date, **kw: Any) -> Order:
    with time_machine.travel(dt.datetime.combine(day, dt.time(7, 40), NOW.tzinfo), tick=False):
        return issue_order(
            merchant=customer.merchant, customer=customer, lines=[LineDraft(description=text, unit_price=Decimal(dollars))],
            description=text, issued_on=day, due_on=kw.pop("due_on", day + dt.timedelta(days=15)),
            by=Actor.system(customer.merchant), **kw,
        )  # fmt: skip


def _payment(town: Town, customer: Customer, orders: list[Order], sent: dt.datetime, **kw: Any) -> Payment:
    """A transfer at the rate of the day on which it was sent, unless the amount is said."""
    account = town.andina.accounts[kw.pop("account", 0)]
    total = sum((order.total for order in orders), Decimal(0))
    amount = kw.pop("amount", None) or convert(total, town.andina.rate(sent.date()), "VES")
    return Payment(
        customer=customer, orders=orders, method="transfer", account=account, paid_on=kw.pop("paid_on", sent.date()),
        sent_at=sent, amount=quantize(amount, "VES"), **{"origin_bank": "0134", "outcome": "submitted"} | kw,
    )  # fmt: skip


def _bring_deposit(town: Town, payment: Payment) -> None:
    """A file with this one deposit, some minutes before the report."""
    name = payment.customer.name.upper().replace(",", "").replace(".", "")[:30]
    row = (payment.paid_on, payment.deposit, payment.reference, f"TRF.OB {payment.origin_bank} {name}", name, payment.origin_bank)
    content = f"date,amount,reference,text,payer_name,origin_bank\n{','.join(str(each) for each in row)}\n"
    clerk = next(actor for actor in town.andina.staff.values() if actor.can_decide)
    with time_machine.travel(payment.sent_at - dt.timedelta(minutes=4), tick=False):
        bring_own_sheet(
            merchant=town.andina.merchant, account_id=payment.account.pk, content=content.encode(), by=clerk,
            file_name=f"{payment.account.title.split()[-1].lower()}-{payment.paid_on:%Y-%m-%d}.csv",
        )  # fmt: skip


def _play(town: Town, number: int, payment: Payment, *, who: str = "") -> Ticket:
    """Send and decide; the deposits that the bank shows come first. `who`: the accountant that takes it."""
    _number_next(town, number)
    if payment.has_deposit:
        _bring_deposit(town, payment)
    staff = dict(town.andina.staff)
    if who:
        for name in ("Carmen", "Luis"):
            if name != who:
                town.andina.staff.pop(name)
    try:
        scenes.play(town.andina, payment)
    finally:
        town.andina.staff.clear()
        town.andina.staff.update(staff)
    return Ticket.objects.get(merchant=town.andina.merchant, number=payment.ticket)


def _story_of_alicia(town: Town, tickets: dict[str, Ticket]) -> Order:
    """Her tickets of the mockups: one paid too much long ago, a part paid, one asked about, one in review, one to decide."""
    customer, orders = town.customer, town.orders
    october = _issue(town, customer, "20.00", "Hosting Empresarial, octubre", TODAY - dt.timedelta(days=50), number="2026-004122")
    with_receipt = {"with_receipt": True}
    sent = dt.datetime.combine(TODAY - dt.timedelta(days=39), dt.time(9, 12), NOW.tzinfo)
    too_much = convert(Decimal("22.32"), town.andina.rate(sent.date()), "VES")
    tickets["over"] = _play(
        town,
        212,
        _payment(town, customer, [october], sent, amount=too_much, reference="00038120664", outcome="verified", **with_receipt),
    )
    sent = dt.datetime.combine(TODAY - dt.timedelta(days=7), dt.time(8, 30), NOW.tzinfo)
    tickets["verified"] = _play(
        town, 398, _payment(town, customer, [orders["4401"]], sent, amount=Decimal("1000.00"), reference="00041887350",
                            outcome="verified", **with_receipt)
    )  # fmt: skip
    tickets["asked"] = _play(
        town, 466, _payment(town, customer, [orders["4455"]], moment("mon 9:30"), reference="557", outcome="needs_information",
                            has_deposit=False, **with_receipt), who="Carmen"
    )  # fmt: skip
    tickets["in_review"] = _play(
        town, 471, _payment(town, customer, [orders["4488"]], moment("tue 9:40"), reference="00045208864", outcome="in_review",
                            has_deposit=False, paid_on=YESTERDAY, **with_receipt), who="Luis"
    )  # fmt: skip
    return october


def decide_next(town: Town, scenery: Scenery) -> Ticket:
    """The report of the story, as the mockups show it at the desk: a little too much, with a receipt and two candidates."""
    orders = [town.orders[tail] for tail in ("4512", "4587", "4603")]
    payment = _payment(
        town, town.customer, orders, NOW - dt.timedelta(minutes=2), amount=Decimal("1250.00"), paid_on=YESTERDAY,
        reference="0045775572442", outcome="in_review", with_receipt=True,
    )  # fmt: skip
    scenery.tickets["decision"] = _play(town, 482, payment, who="Carmen")
    run_due_jobs()
    town.deposit("1250.00", "0000120457", booked_on=TODAY, text="TRF.OB 0105 ABONO EN CUENTA", origin_bank_code="0105")
    return scenery.tickets["decision"]


def _play_row(town: Town, row: Row) -> Ticket:
    customer = next(each for each in town.andina.customers if each.name == row.customer)
    orders = [
        _issue(town, customer, dollars, SERVICES[place % len(SERVICES)], TODAY - dt.timedelta(days=18))
        for place, dollars in enumerate(row.dollars)
    ]
    payment = _payment(
        town, customer, orders, moment(row.sent), account=row.account, reference=row.reference, outcome=row.outcome,
        has_deposit=bool(row.deposits), with_receipt=row.number < 440, origin_bank=OTHER_BANKS[row.number % len(OTHER_BANKS)],
    )  # fmt: skip
    ticket = _play(town, row.number, payment, who=row.who)
    for place in range(1, row.deposits):  # the same amount again, from somebody else
        town.deposit(str(payment.amount), f"000990{place}{row.number}", account=payment.account, text="ABONO EN CUENTA",
                     origin_bank_code="")  # fmt: skip
    return ticket


def _extra(town: Town, outcome: str) -> Ticket:
    """One of Alicia's reports that ended otherwise, some days ago."""
    sent = dt.datetime.combine(TODAY - dt.timedelta(days=12), dt.time(9, 5), NOW.tzinfo)
    number = {"rejected": 361, "withdrawn": 362, "reversed": 363}[outcome]
    order = _issue(
        town, town.customer, "15.00", "Dominio adicional, 1 año", TODAY - dt.timedelta(days=20), due_on=TODAY + dt.timedelta(20)
    )
    payment = _payment(
        town, town.customer, [order], sent, reference=f"000551{number}", outcome=outcome, has_deposit=outcome == "reversed",
        with_receipt=outcome == "rejected",
    )  # fmt: skip
    return _play(town, number, payment)


def _bring_strangers(town: Town) -> None:
    """A file of the bank with money of nobody we know, a fee, and rows that cannot be read."""
    rows = [
        f"{YESTERDAY},918.40,0003391204,ABONO EN CUENTA,,", f"{YESTERDAY},-1.25,000991,COMISION POR SERVICIO,,",
        f"{YESTERDAY},2310.00,0007711045,DEP EFECTIVO,,0102", f"{YESTERDAY},abc,0007711046,DEP EFECTIVO,,0102",
    ]  # fmt: skip
    content = "\n".join(["date,amount,reference,text,payer_name,origin_bank", *rows]).encode()
    with time_machine.travel(moment("tue 8:05"), tick=False):
        bring_own_sheet(
            merchant=town.andina.merchant, account_id=town.banesco.pk, file_name="banesco-4821-2026-11-23.csv", content=content,
            by=town.andina.staff["Carmen"],
        )  # fmt: skip


def _talk(town: Town) -> str:
    """A conversation with support; its number."""
    _number_next(town, 478)
    alicia, sofia = town.andina.contacts[town.customer.pk], town.andina.staff["Sofía"]
    with time_machine.travel(moment("mon 14:10"), tick=False):
        conversation = open_conversation(
            merchant=town.andina.merchant, customer=town.customer, subject="¿Cuándo llega la factura en papel?",
            text="Buenas tardes, ¿me pueden decir cuándo sale el envío de octubre?", by=alicia,
        )  # fmt: skip
    with time_machine.travel(moment("mon 14:40"), tick=False):
        post_message(conversation_id=conversation.pk, text="Salió esta mañana; llega entre martes y miércoles.", by=sofia)
        post_message(conversation_id=conversation.pk, text="Guía 7781 del courier.", is_internal=True, by=sofia)
    return str(conversation.number)


def words_of_rows() -> set[str]:
    """What people and rows say, in whatever language: no page translates it."""
    found: set[str] = set()
    for model, columns in {
        Order: ("description", "void_reason"), OrderLine: ("description",), Customer: ("name", "address", "city", "state"),
        Merchant: ("name", "legal_name"), User: ("name", "email"), Ticket: ("question",),
        StatementLine: ("text", "payer_name", "entry_reason"),
        Conversation: ("subject",), ReceivingAccount: ("institution", "holder"), Bank: ("name", "short_name"),
        StoredFile: ("original_name",), StatementImport: ("file_name",),
    }.items():  # fmt: skip
        for row in model.objects.values_list(*columns):
            found |= {" ".join(str(each).split()) for each in row if each}
    found |= {"nada-de-esto", "Salió esta mañana; llega entre martes y miércoles.", "Guía 7781 del courier."}
    found |= {"Buenas tardes, ¿me pueden decir cuándo sale el envío de octubre?", "El banco devolvió la transferencia."}
    return found
