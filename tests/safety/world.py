"""Two merchants with everything in them: what Alice and Bob have at each, marked so that a leak shows.

Built once a module, inside a transaction that is rolled back at its end; each test sees it untouched (`world` in
`tests.safety.fixtures`). Texts, references and amounts of each owner are canaries: nobody else's answer may hold them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.actors import Actor
from accounts.invitations import invite
from accounts.models import Address, Contact, Customer, Invitation, Merchant
from articles import services as articles
from files.models import PrivacyPolicy, StoredFile
from files.services import note_view, receive_file
from files.storage import keep
from letters.models import Letter
from orders.fiscal_attach import attach_fiscal_document
from orders.models import FiscalDocument, FiscalSeries, Order, OrderLine, Service, ServiceOffer, ServicePolicy
from orders.service_acts import make_service, order_service
from orders.services import void_order
from reconciliation import services as money
from reconciliation.choices import AdjustmentChoice
from reconciliation.models import Adjustment, ReopenRequest, ReversalRequest, StatementImport, StatementLine
from reconciliation.statements.profile import Profile
from reports.content import ReportContent, ShippingContent, TransferContent, WithholdingContent
from reports.models import PaymentReport, Reminder, ReminderPolicy, ReportDraft, Shipment, ShipmentEvent, ShippingWish, Transfer
from reports.services import reject_report, save_draft, submit_report, withdraw_report
from reports.services.shipments import request_shipment
from tests.factories import make_bank, make_contact, make_customer, make_method, make_order, make_user, make_withholding_kind
from tests.files.hostile import jpeg
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene
from tests.safety.world_bench import Bench, bench_of
from tests.safety.world_debits import Debits, debits_of
from tests.safety.world_files import files_of
from tests.safety.world_hooks import Hooks, hooks_of
from tests.safety.world_setup import setup_of
from tests.safety.world_support import Support, support_of
from tickets import services as tickets
from tickets.models import Conversation, State, Ticket

ALL_STATES = tuple(State)
SOME_STATES = (State.SUBMITTED, State.IN_REVIEW, State.NEEDS_INFORMATION, State.REJECTED, State.VERIFIED)
PICTURE = jpeg(80, 120)
_kept: dict[str, bytes] = {}


@dataclass(frozen=True, kw_only=True)
class Canaries:
    """What marks an owner's rows: a word in every text, two digits that open every reference, cents of every amount."""

    word: str
    digits: str
    amount: str

    @property
    def all(self) -> tuple[str, ...]:
        """Everything by which a page would give the owner away, amounts as either language writes them."""
        return (self.word, self.digits, self.amount, self.amount.replace(".", ","))

    def reference(self, serial: int) -> str:
        return f"{self.digits}{serial:06d}"


@dataclass(kw_only=True)
class Belongings:
    """What one customer has at one merchant. `tickets` by state, `orders` by standing."""

    actor: Actor
    canaries: Canaries
    tickets: dict[str, Ticket] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    lines: dict[str, StatementLine] = field(default_factory=dict)
    drafts: dict[str, ReportDraft] = field(default_factory=dict)
    conversation: Conversation = None  # type: ignore[assignment]
    letter: Letter = None  # type: ignore[assignment]
    service: Service = None  # type: ignore[assignment]
    reversal: ReversalRequest = None  # type: ignore[assignment]
    parcel: Shipment = None  # type: ignore[assignment]  # of a verified report
    invoice: FiscalDocument = None  # type: ignore[assignment]  # made when its house stands
    colleague: Contact = None  # type: ignore[assignment]  # made when its house stands
    invitation: Invitation = None  # type: ignore[assignment]  # the same
    serial: int = 0

    @property
    def customer(self) -> Customer:
        assert self.actor.customer is not None
        return self.actor.customer

    def report(self, state: str) -> PaymentReport:
        return PaymentReport.objects.get(ticket=self.tickets[state])

    def transfer(self, state: str) -> Transfer:
        """The first transfer of the report in that state."""
        return Transfer.objects.get(report__ticket=self.tickets[state], until_revision__isnull=True)

    @property
    def numbers(self) -> list[str]:
        """Numbers of their orders, tickets and conversations."""
        several = [*self.tickets.values(), *self.orders.values(), self.conversation]
        return [each.number for each in several]


@dataclass(kw_only=True)
class House:
    """One merchant: the scene with its people, and what its two customers have."""

    scene: Scene
    alice: Belongings
    bob: Belongings
    statement: StatementImport = None  # type: ignore[assignment]
    reopening: ReopenRequest = None  # type: ignore[assignment]
    guest: Invitation = None  # type: ignore[assignment]  # made when its house stands
    bench: Bench = None  # type: ignore[assignment]
    article: str = ""  # the key of its own article, for the staff
    debits: Debits = None  # type: ignore[assignment]  # the same
    hooks: Hooks = None  # type: ignore[assignment]
    support: Support = None  # type: ignore[assignment]  # the same
    bank_files: dict[str, StatementImport] = field(default_factory=dict)

    @property
    def merchant(self) -> Merchant:
        return self.scene.cast.merchant

    @property
    def canaries(self) -> tuple[str, ...]:
        return (*self.alice.canaries.all, *self.bob.canaries.all, f"zq{self.merchant.slug}")

    def reason(self, code: str) -> int:
        return self.scene.reason(code)


def upload(name: str = "comprobante.jpg", content: bytes = PICTURE) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def ready(file: StoredFile) -> StoredFile:
    """The file as its job would leave it, without the child process: a small picture is its copy."""
    for copy in ("1", "thumb"):
        keep(file.copy_name(copy), BytesIO(PICTURE))
    StoredFile.objects.filter(pk=file.pk).update(
        state=StoredFile.State.READY, page_count=1, width=80, height=120, processed_at=timezone.now()
    )
    file.refresh_from_db()
    return file


def furnish(house: House, who: Belongings, states: Sequence[State]) -> None:
    """Give `who` orders of every standing, tickets in these states, a draft with a file, a conversation, money."""
    scene, word, cents = house.scene, who.canaries.word, who.canaries.amount
    merchant, customer = house.merchant, who.customer
    Customer.objects.filter(pk=customer.pk).update(
        name=f"Cliente {word}", address=f"Calle {word}", tax_id=f"J{who.canaries.digits}", reference_point=f"Junto a {word}"
    )
    customer.refresh_from_db()
    colleague = make_user(email=f"{word}@colleague.example", name=f"Colega {word}")
    who.colleague = make_contact(customer, colleague, can_use_tickets=False, can_manage_contacts=True)
    who.invitation = invite(customer=customer, email=f"{word}@invited.example", name=f"Invitada {word}", by=who.actor)
    for standing, due_in in (("open", 5), ("spare", 6), ("overdue", -4), ("void", 8)):
        who.orders[standing] = make_order(customer, cents, description=f"Hosting {standing} {word}", due_in=due_in)
    who.orders["shipping"] = make_order(customer, "5.00", description=f"Envío {word}", kind=OrderLine.Kind.SHIPPING, due_in=9)
    settled(house, who, "5.00", order=who.orders["shipping"])
    who.orders["shipping"] = Order.objects.with_balance().get(pk=who.orders["shipping"].pk)
    void_order(order_id=who.orders["void"].pk, reason=f"Anulada por {word}", by=scene.cast.carol)
    who.orders["void"].refresh_from_db()
    who.invoice = attach_fiscal_document(
        order_id=who.orders["open"].pk, number=f"F-{word}", pdf=SimpleUploadedFile("f.pdf", f"%PDF-1.7 {word}".encode()),
        xml=SimpleUploadedFile("f.xml", f"<a>{word}</a>".encode()), by=scene.cast.carol,
    )  # fmt: skip
    for state in states:
        who.tickets[state] = ticket_in(house, who, state)
    who.orders["paid"] = Order.objects.with_balance().get(allocations__report=who.report("verified"))
    who.parcel = parcel_of(house, who)
    who.lines["free"] = deposit(house, who, cents)
    big = settled(house, who, "2000.00")
    who.tickets["reversing"] = big
    money.reverse_settlement(
        ticket_id=big.pk, reason_id=house.reason("returned_by_bank"), note=f"Devuelto {word}", by=scene.cast.dan
    )
    who.reversal = ReversalRequest.objects.get(ticket=big)
    settled(house, who, cents, over="50.00")  # fifty of credit
    settled(house, who, cents, fee="2.00")
    talk = tickets.open_conversation(
        merchant=merchant, customer=customer, subject=f"Consulta {word}", text=f"Hola {word}", files=[upload(f"{word}.jpg")],
        by=who.actor,
    )  # fmt: skip
    who.conversation = talk
    who.service = make_service(
        customer=customer, name=f"Hosting {word}", period="monthly", price=Decimal(cents), paid_until=scene.today,
        by=scene.cast.sue,
    )  # fmt: skip
    who.letter = Letter.objects.create(
        merchant=merchant, customer=customer, kind="conversation_message", about=f"conversation:{talk.pk}", occasion="told",
        to_email=f"{word}@letters.example", language="es", context={"number": talk.number, "text": word}, state="sent",
        subject=f"Correo {word}", text=f"Correo {word}\n\n> {word}\n", sent_at=timezone.now(),
    )  # fmt: skip
    tickets.post_message(conversation_id=talk.pk, text=f"Nota {word}", files=[upload()], is_internal=True, by=scene.cast.sue)
    mine = StoredFile.objects.filter(customer=customer, purpose=StoredFile.Purpose.MESSAGE).latest("pk")
    who.files["attachment"] = ready(mine)
    note_view(file=who.files["receipt"], by=scene.cast.carol)
    who.drafts["waiting"] = save_draft(
        customer=customer, key=uuid.uuid4(), data={"orders": [str(who.orders["open"].pk)], "note": [f"Borrador {word}"]},
        uploads={1: [upload(f"borrador-{word}.jpg")]}, by=who.actor,
    )  # fmt: skip
    who.files["draft"] = ready(StoredFile.objects.filter(customer=customer, purpose=StoredFile.Purpose.RECEIPT).latest("pk"))


def parcel_of(house: House, who: Belongings) -> Shipment:
    """A paper invoice that can be prepared, and was once."""
    shipping = make_order(who.customer, "6.00", description=f"Envío {who.canaries.word}", kind=OrderLine.Kind.SHIPPING, due_in=9)
    settled(house, who, "6.00", order=shipping)
    wish = ShippingWish.objects.create(
        merchant=house.merchant, report=who.report("verified"), order_line=shipping.lines.get(), state="Zulia", city="Maracaibo",
        address=f"Av. {who.canaries.word}", phone="+584121234567",
    )  # fmt: skip
    parcel = request_shipment(wish)
    ShipmentEvent.objects.create(
        merchant=house.merchant, shipment=parcel, act="prepare", target="prepared", note=f"Nota {who.canaries.word}"
    )
    return parcel


def content(house: House, who: Belongings, amount: str, order: Order | None, **more: Any) -> ReportContent:
    """One transfer of `amount` for `order`, with the owner's word in every text."""
    word, who.serial = who.canaries.word, who.serial + 1
    scene = house.scene
    transfer = TransferContent(
        method_id=scene.cast.transfer.pk,
        account_id=scene.cast.account.pk,
        amount=Decimal(amount),
        paid_on=scene.today - dt.timedelta(days=1),
        reference_raw=who.canaries.reference(who.serial),
        origin_bank_id=make_bank(country=house.merchant.country, code="9998").pk,
        file_keys=more.pop("files", ()),
    )
    return ReportContent(
        transfers=(transfer,), orders=(order.pk,) if order else (), payer_name=f"Pagador {word}", note=f"Nota {word}", **more
    )


def reported(house: House, who: Belongings, amount: str, *, over: str = "0", order: Order | None = None, **more: Any) -> Ticket:
    """A report of `amount` (and `over` too much) for an order of its own."""
    order = order or make_order(who.customer, amount, description=f"Hosting {who.canaries.word}")
    said = content(house, who, str(Decimal(amount) + Decimal(over)), order, **more)
    ticket, _made = submit_report(merchant=house.merchant, customer=who.customer, key=uuid.uuid4(), content=said, by=who.actor)
    return ticket


def deposit(house: House, who: Belongings, amount: str) -> StatementLine:
    """A movement of the bank that says whose it is."""
    who.serial += 1
    return house.scene.line(
        amount, reference=who.canaries.reference(who.serial), text=f"TRF {who.canaries.word}",
        payer_name=f"Pagador {who.canaries.word}", payer_id=f"V{who.canaries.digits}",
    )  # fmt: skip


def settled(house: House, who: Belongings, amount: str, *, over: str = "0", fee: str = "0", order: Order | None = None) -> Ticket:
    """A verified report; above the limit, or with a bank fee that came off the deposit, Dan has signed."""
    cast, ticket = house.scene.cast, reported(house, who, amount, over=over, order=order)
    tickets.claim(ticket_id=ticket.pk, by=cast.carol)
    line = deposit(house, who, str(Decimal(amount) + Decimal(over) - Decimal(fee)))
    kept = AdjustmentChoice(kind=Adjustment.Kind.BANK_FEE, amount=Decimal(fee), note=f"Comisión {who.canaries.word}")
    if house.scene.verify(ticket, line, adjustments=[kept] if Decimal(fee) else []).kind == "awaiting_approval":
        money.sign_approval(ticket_id=ticket.pk, by=cast.dan)
    return Ticket.objects.get(pk=ticket.pk)


def ticket_in(house: House, who: Belongings, state: str) -> Ticket:
    """A report of `who`, walked to `state` by Carol (and Dan) with the services that own each step."""
    cast, scene, cents = house.scene.cast, house.scene, who.canaries.amount
    if state in (State.VERIFIED, State.REVERSED):
        ticket = settled(house, who, cents)
        if state == State.REVERSED:
            scene.reverse(ticket)
        return Ticket.objects.get(pk=ticket.pk)
    more: dict[str, Any] = {}
    if state == State.SUBMITTED:
        kept = receive_file(
            merchant=house.merchant, customer=who.customer, upload=upload(f"recibo-{who.canaries.word}.jpg"),
            purpose=StoredFile.Purpose.RECEIPT, by=who.actor,
        )  # fmt: skip
        who.files["receipt"] = ready(kept)
        wish = ShippingContent(
            address=f"Av. {who.canaries.word}", state="Zulia", city="Maracaibo", phone="+584121234567", reference_point="Plaza"
        )
        more = {"files": (kept.key,), "shipping": wish}
    if state == State.REJECTED:
        kind = make_withholding_kind(house.merchant)
        number = who.canaries.reference(900)
        voucher = WithholdingContent(kind_id=kind.pk, number=number, issued_on=scene.today, amount=Decimal("0.01"))
        more = {"withholdings": (voucher,)}
    ticket = reported(house, who, "2000.00" if state == State.AWAITING_APPROVAL else cents, **more)
    if state == State.SUBMITTED:
        return ticket
    if state == State.WITHDRAWN:
        withdraw_report(ticket_id=ticket.pk, by=who.actor)
        return Ticket.objects.get(pk=ticket.pk)
    tickets.claim(ticket_id=ticket.pk, by=cast.carol)
    if state == State.WAITING_FOR_BANK:
        tickets.wait_for_bank(ticket_id=ticket.pk, until=scene.today + dt.timedelta(days=1), by=cast.carol)
    elif state == State.NEEDS_INFORMATION:
        tickets.ask_information(
            ticket_id=ticket.pk, question=f"¿Cuál, {who.canaries.word}?", fields=["reference", "receipt"], by=cast.carol
        )
    elif state == State.AWAITING_APPROVAL:
        assert scene.verify(ticket, deposit(house, who, "2000.00")).kind == "awaiting_approval"
    elif state == State.REJECTED:
        reject_report(
            ticket_id=ticket.pk, reason_id=house.reason("not_found"), note=f"No está, {who.canaries.word}", by=cast.carol
        )
    found = Ticket.objects.get(pk=ticket.pk)
    assert found.state == state, (found.state, state)
    return found


def make_house(scene: Scene, marks: tuple[Canaries, Canaries]) -> House:
    """Furnish a merchant for its Alice and its Bob, with a statement file and a method for cash."""
    cast = scene.cast
    house = House(
        scene=scene,
        alice=Belongings(actor=cast.alice, canaries=marks[0]),
        bob=Belongings(actor=cast.bob, canaries=marks[1]),
    )
    make_method(cast.merchant, "cash")
    FiscalSeries.objects.create(merchant=cast.merchant, kind="invoice", next_value=1)
    house.reopening = closed_month(house)
    guests = make_customer(cast.merchant, name="Tercera Casa")
    house.guest = invite(customer=guests, email=f"bob@{cast.merchant.slug}.example", name="Bob", by=cast.sue)
    furnish(house, house.alice, ALL_STATES)
    furnish(house, house.bob, SOME_STATES)
    typed = house.alice.lines["confirmed"] = deposit(house, house.alice, "61.00")  # which the bank's file brings too
    rows = (f"31.00,5566{cast.merchant.pk},zq{cast.merchant.slug}", f"61.00,{typed.reference_raw},{typed.text}")
    file = "\n".join(["date,amount,reference,text", *(f"{scene.today.isoformat()},{row}" for row in rows)])
    house.statement = bring_own_sheet(
        merchant=cast.merchant, account_id=cast.account.pk, file_name=f"zq{cast.merchant.slug}.csv", content=file.encode(),
        by=cast.carol,
    )  # fmt: skip
    for kind in ("camt", "simple"):  # the newest one reads what the tests send
        settings = Profile(format=kind).to_json()
        money.save_profile(account_id=cast.account.pk, settings=settings, name=f"zq{cast.merchant.slug} {kind}", by=cast.carol)
    house.bank_files = files_of(cast.merchant, cast.account, scene.today, cast.carol)
    money.close_days(until=scene.today, days=1, by=cast.dan)
    money.prove_books(by=cast.dan)
    house.article = articled(house)
    house.bench = bench_of(house)
    setup_of(house)
    house.debits = debits_of(house)
    house.hooks = hooks_of(cast.ada)
    house.support = support_of(house)
    house_rules(house)
    return house


def house_rules(house: House) -> None:
    """What the house does by itself, and for whom: reminders, receipts, addresses."""
    merchant, word = house.merchant, house.alice.canaries.word
    offer = ServiceOffer.objects.create(merchant=merchant, name_es=f"Plan zq{merchant.slug}", period="monthly", price=Decimal(9))
    ServicePolicy.objects.create(merchant=merchant, may_order=True, may_cancel=True)
    order_service(customer=house.bob.customer, offer_id=offer.pk, by=house.scene.cast.sue)
    ReminderPolicy.objects.create(merchant=merchant, is_on=True)
    Reminder.objects.create(merchant=merchant, customer=house.alice.customer, day=house.scene.today)
    PrivacyPolicy.objects.create(merchant=merchant, notice_es=f"Aviso zq{merchant.slug}")
    Address.objects.create(
        merchant=merchant, customer=house.alice.customer, kind="shipping", label=f"Casa {word}", address=f"Calle {word}"
    )


def articled(house: House) -> str:
    """An article of the house's own for its staff, read and voted on once; its key."""
    cast, word = house.scene.cast, f"zq{house.merchant.slug}"
    text = articles.TextDraft(title=f"Manual {house.merchant.pk}", body=f"1. Paso {word}", tags=word, summary=word, author=word)
    key = articles.save_article(topic="staff", texts={"es": text, "en": text}, by=cast.ada).key
    articles.note_view(merchant=house.merchant, key=key)
    articles.vote(merchant=house.merchant, key=key, visitor=word, is_useful=False, note=f"Falta {word}", language="es")
    return key


def closed_month(house: House) -> ReopenRequest:
    """A month long ago is closed, and Dan asks to open it again."""
    cast, month = house.scene.cast, (house.scene.today.replace(day=1) - dt.timedelta(days=70)).replace(day=1)
    period = money.close_period(month=month, note=f"Cerrado zq{cast.merchant.slug}", by=cast.dan)
    return money.request_reopening(period_id=period.pk, reason=f"Falta un extracto zq{cast.merchant.slug}", by=cast.dan)
