"""A house of any size, made by the database: what `manage.py load_scale` and the bench measure pages with.

One report is really sent by the services, so that everything around it is there; the rest are copies of its rows. Nothing of it
was paid: the books of the house prove themselves.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import connection, models, transaction
from helpdesk.models import FollowUp
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.actors import Actor
from accounts.models import Contact, Customer, CustomerSearch, Merchant, Role, StaffRole, User
from accounts.search_models import SearchText
from accounts.services import create_customer, set_role
from banking.models import PaymentMethod, ReceivingAccount
from banking.services import AccountData, save_account
from orders.dates import today_at
from orders.models import Order, OrderBalance, OrderLine, OrderSearch
from orders.services import LineDraft, issue_order
from reconciliation.books.days import add_up_days
from reconciliation.models import LineBalance, StatementImport, StatementLine
from reconciliation.services import import_statement
from reconciliation.services.houses import open_house
from reports.content import ReportContent, TransferContent
from reports.models import Allocation, PaymentReport, ReportRevision, Transfer
from reports.services import submit_report
from tickets.models import Conversation, State, Ticket, TicketEvent, TicketSearch

# Of the tickets so many are open at least, and so many in a hundred; the others were withdrawn long ago.
OPEN_LEAST = 100
OPEN_PER_CENT = 4
VOID_PER_CENT = 30
# The bank's statement goes back so far.
DAYS = 900
BALANCES = """
UPDATE reconciliation_statementline l SET balance_after = s.sum
  FROM (SELECT id, sum(amount) OVER (ORDER BY line_number) AS sum FROM reconciliation_statementline
         WHERE statement_import_id = %s) s
 WHERE s.id = l.id
"""
# What the triggers say of lines that come.
NAMED = """
INSERT INTO reconciliation_changedday (merchant_id, account_id, booked_on)
SELECT DISTINCT merchant_id, account_id, booked_on FROM reconciliation_statementline WHERE merchant_id = %s
"""
Tell = Callable[[str], object]


def multiply(model: type[models.Model], source_id: int, count: int, **changes: str) -> None:
    """Insert `count` copies of a row. `changes` are SQL expressions by column, in which `n` runs from 1 to `count`.

    Keys of the copies follow the greatest key of the table, so that copies of two tables can point at each other by `n`.
    """
    if count <= 0:
        return
    table, pk = model._meta.db_table, str(model._meta.pk.column)
    columns = [str(field.column) for field in model._meta.concrete_fields]
    # Names come from models and expressions from this module and the benches: nothing of it was typed by anybody.
    values: Mapping[str, str] = {pk: f"(SELECT max({pk}) FROM {table}) + n", **changes}  # noqa: S608 - a name of a model
    names = ", ".join(f'"{column}"' for column in columns)
    picked = ", ".join(values.get(column, f'source."{column}"') for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {picked} FROM {table} AS source, generate_series(1, {int(count)}) AS n "  # noqa: S608 - above
            f'WHERE source."{pk}" = {int(source_id)}'
        )
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{pk}'), (SELECT max({pk}) FROM {table}))"  # noqa: S608 - above
        )


def greatest(model: type[models.Model]) -> int:
    """The greatest key of a table, 0 when it is empty."""
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


@contextmanager
def unchecked() -> Iterator[None]:
    """Copies of what was checked need no checks: triggers and keys sleep meanwhile. Needs the rights of the database's owner."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


class Size(TypedDict):
    """How many rows of each kind a house has."""

    tickets: int
    customers: int
    orders: int
    lines: int


def load_house(slug: str, *, tell: Tell = lambda _said: None, **size: Unpack[Size]) -> Merchant:
    """A house of that size, with an administrator, an accountant, and a contact of its first customer, in one transaction.

    Raises `Refused(slug_taken)`.
    """
    with transaction.atomic():
        merchant, ticket, line = _pattern(slug)
        with unchecked():
            first = _copy_customers(merchant, size["customers"], tell)
            order = _copy_orders(merchant, size["orders"], size["customers"], first, tell)
            _copy_tickets(ticket, size["tickets"], size["orders"], order, tell)
            tell(f"{size['lines']} movements of the bank")
            _copy_lines(line, size["lines"])
    with connection.cursor() as cursor:
        tell("statistics of the database")
        cursor.execute("ANALYZE")
    return merchant


def people_of(merchant: Merchant) -> dict[str, Actor]:
    """Who works there: `admin`, `accountant`, and `customer`, the contact of the first customer."""
    roles = {each.role: each for each in StaffRole.objects.filter(merchant=merchant).select_related("user")}
    contact = Contact.objects.filter(merchant=merchant).select_related("customer", "user").earliest("pk")
    return {
        "admin": Actor(merchant=merchant, user=roles[Role.ADMINISTRATOR].user, role=Role.ADMINISTRATOR),
        "accountant": Actor(merchant=merchant, user=roles[Role.ACCOUNTANT].user, role=Role.ACCOUNTANT),
        "customer": Actor(merchant=merchant, user=contact.user, contact=contact),
    }


def _pattern(slug: str) -> tuple[Merchant, Ticket, StatementLine]:
    """The first of everything, made by the services."""
    merchant = open_house(slug=slug, name=f"Escala {slug}", country="EC", admin=f"admin@{slug}.example")
    Merchant.objects.filter(pk=merchant.pk).update(is_being_set_up=False)
    merchant.refresh_from_db()
    system = Actor.system(merchant)
    set_role(merchant=merchant, email=f"contable@{slug}.example", name="Contable", role=Role.ACCOUNTANT, by=system)
    method = PaymentMethod.objects.filter(merchant=merchant, key="deposit").get()
    account = save_account(
        merchant=merchant, method_ids=[method.pk], by=system,
        data=AccountData(number="2100448172", holder=merchant.name, currency=merchant.currency, institution="Banco de escala"),
    )  # fmt: skip
    customer = create_customer(merchant=merchant, name="Cliente 0", number="E-0", by=system)
    user = User.objects.create_user(f"cliente@{slug}.example", name="Cliente 0")
    contact = Contact.objects.create(
        merchant=merchant, customer=customer, user=user, can_manage_contacts=True, can_manage_services=True
    )
    today = today_at(merchant)
    order = issue_order(
        merchant=merchant, customer=customer, number="E-0", description="Plan fibra", issued_on=today, due_on=today,
        lines=[LineDraft(description="Plan fibra", unit_price=Decimal(20))], by=system,
    )  # fmt: skip
    ticket = _report(merchant, contact, account, method, order, today)
    first = today - dt.timedelta(days=DAYS - 1)
    content = f"date,amount,reference,text,balance\n{first},20.00,900000001,TRF CLIENTE,20.00\n".encode()
    import_statement(
        merchant=merchant, account_id=account.pk, file_name="escala.csv", content=content, profile=None,
        by=people_of(merchant)["admin"],
    )  # fmt: skip
    return merchant, ticket, StatementLine.objects.get(merchant=merchant)


def _report(
    merchant: Merchant, contact: Contact, account: ReceivingAccount, method: PaymentMethod, order: Order, today: dt.date
) -> Ticket:
    transfer = TransferContent(
        method_id=method.pk, account_id=account.pk, origin_bank_id=None, origin_bank_name="", amount=Decimal(20), paid_on=today,
        reference_raw="900000001", payer_phone="", payer_id="", sender_name="", sender_email="", file_keys=(),
    )  # fmt: skip
    content = ReportContent(transfers=(transfer,), orders=(order.pk,))
    by = Actor(merchant=merchant, user=contact.user, contact=contact)
    return submit_report(merchant=merchant, customer=contact.customer, key=uuid.uuid4(), content=content, by=by)[0]


def _copy_customers(merchant: Merchant, count: int, tell: Tell) -> int:
    """`count` customers in all; the key before the first copy."""
    tell(f"{count} customers")
    pattern, first = Customer.objects.get(merchant=merchant), greatest(Customer)
    multiply(
        Customer, pattern.pk, count - 1, number="'E-' || n", name="'Cliente ' || md5(n::text)",
        email="'c' || n || '@escala.example'", tax_id="lpad(n::text, 13, '0')",
    )  # fmt: skip
    _copy_search(CustomerSearch, Customer, first, "r.number, r.name, r.tax_id, r.email, r.phone")
    return first


def _customer(n: str, pattern: int, first: int, customers: int) -> str:
    """SQL for the customer of the n-th row: they take turns; the first one has as much as any."""
    return f"CASE WHEN {n} % {customers} = 0 THEN {pattern} ELSE {first} + {n} % {customers} END"


OF_CUSTOMER = "(SELECT c.number || ' ' || c.name FROM accounts_customer c WHERE c.id = r.customer_id)"


def _copy_search(search: type[SearchText], model: type[models.Model], first: int, words: str) -> None:
    """What the copies are found by: their triggers sleep."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {search._meta.db_table} ({search._meta.pk.column}, merchant_id, text) "  # noqa: S608 - names of models
            f"SELECT r.id, r.merchant_id, concilia_fold(concat_ws(' ', '', {words})) "
            f"FROM {model._meta.db_table} r WHERE r.id > %s",
            [first],
        )


def _copy_orders(merchant: Merchant, count: int, customers: int, first_customer: int, tell: Tell) -> int:
    """`count` orders in all, some of them void; the key before the first copy."""
    tell(f"{count} orders with a line each")
    pattern = Order.objects.get(merchant=merchant)
    line, first = pattern.lines.get(), greatest(Order)
    multiply(
        Order, pattern.pk, count - 1, number="'E-' || n", total="10 + n % 90", subtotal="10 + n % 90",
        customer_id=_customer("n", pattern.customer_id, first_customer, customers),
        issued_on="source.issued_on - (n % 900)::int", due_on="source.due_on - (n % 900)::int + 15",
        voided_at=f"CASE WHEN n % 100 < {VOID_PER_CENT} THEN source.created_at END",
        void_reason=f"CASE WHEN n % 100 < {VOID_PER_CENT} THEN 'Se emitió dos veces' ELSE '' END",
    )  # fmt: skip
    multiply(
        OrderLine, line.pk, count - 1, order_id=f"{first} + n", unit_price="10 + n % 90", subtotal="10 + n % 90"
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {OrderBalance._meta.db_table} (order_id, merchant_id, total, paid) "  # noqa: S608 - names of models
            f"SELECT id, merchant_id, total, 0 FROM {Order._meta.db_table} WHERE id > %s AND merchant_id = %s",
            [first, merchant.pk],
        )
    _copy_search(OrderSearch, Order, first, f"r.number, r.description, {OF_CUSTOMER}")
    return first


def _copy_tickets(ticket: Ticket, count: int, orders: int, first_order: int, tell: Tell) -> None:
    """`count` tickets in all, each with its conversation, report, transfer and allocation to an order of its own customer."""
    tell(f"{count} tickets with their reports and conversations")
    report, conversation = ticket.report, ticket.conversation
    firsts = {model: greatest(model) for model in (Ticket, HelpdeskTicket, PaymentReport, Transfer)}
    prefix = ticket.number.partition("-")[0]
    number = f"'{prefix}-E' || n"
    order = f"{first_order} + 1 + n % {max(orders - 1, 1)}"
    owner = f"(SELECT o.customer_id FROM {Order._meta.db_table} o WHERE o.id = {order})"  # noqa: S608 - a figure of ours
    is_open = f"(n < {OPEN_LEAST} OR n % 100 < {OPEN_PER_CENT})"
    # What is open came in the last weeks, as in a house where people work.
    ago = f"(CASE WHEN {is_open} THEN n % 20 ELSE n % 900 END) * interval '1 day'"
    more = count - 1
    multiply(
        Ticket, ticket.pk, more, number=number, customer_id=owner, submitted_at=f"source.submitted_at - {ago}",
        opened_at=f"source.opened_at - {ago}", changed_at=f"source.changed_at - {ago}",
        state=f"CASE WHEN {is_open} THEN '{State.SUBMITTED}' ELSE '{State.WITHDRAWN}' END",
        withdrawn_at=f"CASE WHEN {is_open} THEN NULL ELSE source.submitted_at - {ago} END",
        deadline_at=f"CASE WHEN {is_open} THEN source.deadline_at - {ago} END",
    )  # fmt: skip
    _copy_search(TicketSearch, Ticket, firsts[Ticket], f"r.number, {OF_CUSTOMER}")
    event = TicketEvent.objects.filter(ticket=ticket).earliest("pk")
    multiply(TicketEvent, event.pk, more, ticket_id=f"{firsts[Ticket]} + n", at=f"source.at - {ago}")
    multiply(HelpdeskTicket, conversation.helpdesk_ticket_id, more, secret_key="md5(n::text)")  # noqa: S106 - an expression
    said = FollowUp.objects.filter(ticket=conversation.helpdesk_ticket_id).order_by("pk").first()
    if said is not None:
        multiply(FollowUp, said.pk, more, ticket_id=f"{firsts[HelpdeskTicket]} + n")
    multiply(
        Conversation, conversation.pk, more, number=number, ticket_id=f"{firsts[Ticket]} + n", customer_id=owner,
        helpdesk_ticket_id=f"{firsts[HelpdeskTicket]} + n", changed_at=f"source.changed_at - {ago}",
    )  # fmt: skip
    multiply(
        PaymentReport, report.pk, more, ticket_id=f"{firsts[Ticket]} + n", key="gen_random_uuid()", customer_id=owner
    )  # fmt: skip
    multiply(ReportRevision, report.revisions.get().pk, more, report_id=f"{firsts[PaymentReport]} + n")
    multiply(
        Transfer, report.transfers.get().pk, more, report_id=f"{firsts[PaymentReport]} + n", reference="(100000 + n)::text",
        reference_raw="(100000 + n)::text",
    )  # fmt: skip
    multiply(Allocation, report.allocations.get().pk, more, report_id=f"{firsts[PaymentReport]} + n", order_id=order)


def _copy_lines(line: StatementLine, count: int) -> None:
    """`count` deposits in all that nobody has reported, of one file, in the order of their days and with the bank's balances."""
    first, more = greatest(StatementLine), count - 1
    multiply(
        StatementLine, line.pk, more, amount="10 + n % 90", reference="(200000000 + n)::text",
        reference_raw="(200000000 + n)::text", booked_on=f"source.booked_on + (n * {DAYS - 1} / {more})::int",
        line_number="n + 1", identity="md5(n::text || 'l') || md5(n::text)",
    )  # fmt: skip
    multiply(LineBalance, line.pk, more, line_id=f"{first} + n", amount="10 + n % 90")
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, [line.statement_import_id])
        cursor.execute(NAMED, [line.merchant_id])
    StatementImport.objects.filter(lines=line).update(
        lines_in_file=count, lines_new=count, last_day=line.booked_on + dt.timedelta(days=DAYS - 1)
    )
    add_up_days()
