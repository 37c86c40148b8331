"""A month to reconcile, as the mockup of the workbench shows it: the bank's movements, the customers' reports, what fits.

The proposals stand as a run would leave them; how runs find them is tested elsewhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from banking.models import ReceivingAccount
from config.demo import scenes
from config.demo.plan import Payment
from reconciliation.models import Proposal, StatementImport, StatementLine
from reports.models import Transfer
from tests.browser.scenery import _issue
from tests.browser.town import TODAY, Town
from tests.reconciliation.bench import make_proposal
from tickets.models import Ticket

ALIKE = "PAGO MOVIL 0414•••2210"


@dataclass(kw_only=True)
class Month:
    """What grew, by name."""

    town: Town
    certain: list[Proposal] = field(default_factory=list)
    doubtful: dict[str, Proposal] = field(default_factory=dict)
    stranger: StatementLine = None  # type: ignore[assignment]
    fee: StatementLine = None  # type: ignore[assignment]
    lonely: Ticket = None  # type: ignore[assignment]

    def ticket(self, name: str) -> Ticket:
        return ticket_of(self.doubtful[name])


def ticket_of(proposal: Proposal) -> Ticket:
    part = proposal.parts.select_related("transfer__report__ticket").order_by("pk")[0]
    found: Ticket = part.transfer.report.ticket
    return found


def report(
    town: Town, name: str, amount: str, reference: str, *, days_ago: int = 5, account: ReceivingAccount | None = None,
    method: str = "transfer",
) -> Transfer:  # fmt: skip
    """A customer's report of so many bolívares, sent on the day of the payment."""
    customer = next(each for each in town.andina.customers if each.name == name)
    day = TODAY - dt.timedelta(days=days_ago)
    dollars = str((Decimal(amount) / town.andina.rate(day)).quantize(Decimal("0.01")))
    order = _issue(town, customer, dollars, "Hosting Empresarial, noviembre", TODAY - dt.timedelta(days=max(18, days_ago + 5)))
    sent = dt.datetime.combine(day, dt.time(9, 30), town.andina.zone)
    payment = Payment(
        customer=customer, orders=[order], method=method, account=account or town.banesco, paid_on=day, sent_at=sent,
        amount=Decimal(amount), reference=reference, origin_bank="0134", outcome="submitted",
    )  # fmt: skip
    ticket = scenes.send(town.andina, payment)
    return Transfer.objects.get(report__ticket=ticket, until_revision__isnull=True)


def book(file: StatementImport, number: int, amount: str, reference: str, text: str, *, days_ago: int = 5) -> StatementLine:
    """A line of the bank's file."""
    account = file.account
    assert account is not None
    return StatementLine.objects.create(
        merchant=file.merchant, account=account, statement_import=file, source=StatementLine.Source.IMPORT,
        line_number=number, booked_on=TODAY - dt.timedelta(days=days_ago), amount=Decimal(amount), currency=account.currency,
        reference_raw=reference, reference=reference.lstrip("0"), text=text, origin_bank_code="0134", identity=f"{number:064d}",
    )  # fmt: skip


def grow_month(town: Town, *, certain: int = 8) -> Month:
    """The bank's file, the reports, and proposals between them."""
    month = Month(town=town)
    file = StatementImport.objects.create(
        merchant=town.andina.merchant, account=town.banesco, file_name="banesco-4821-2026-11.txt", sha256="0" * 64,
        created_by=town.andina.staff["Carmen"].user, lines_new=20 + certain, lines_in_file=20 + certain,
    )  # fmt: skip
    both = [report(town, "Clínica Monte Claro", amount, "330915") for amount in ("5511.00", "3674.00")]
    whole = book(file, 96, "9185.00", "00330915", "TRF.OB 0102 CLINICA MONTE CLARO", days_ago=4)
    month.doubtful["group"] = make_proposal(both, whole, why_not=["group"])
    short = report(town, "Ferretería El Samán, C.A.", "1469.60", "557", days_ago=6)
    cash = book(file, 58, "1450.00", "000004471", "DEPOSITO EN EFECTIVO OF. 0212", days_ago=6)
    month.doubtful["short"] = make_proposal(short, cash, why_not=["amount"])
    alicia = report(town, town.customer.name, "1250.00", "0045775572442", days_ago=1)
    deposit = book(file, 118, "1250.00", "45775572442", "TRF.OB 0134 PEREZ ALICIA", days_ago=1)
    month.doubtful["alicia"] = make_proposal(alicia, deposit)
    for name, number, tail in (("Taller Gráfico Ávila", 71, "915926"), ("Rosa Elena Quintero", 72, "915920")):
        line = book(file, number, "734.80", f"00{tail}", ALIKE)
        month.doubtful[name] = make_proposal(report(town, name, "734.80", tail), line, why_not=["margin_line"])
    for each in range(certain):
        reference = f"0077{each:02d}418{each:02d}9"
        sent = report(town, "Colegio Santa Inés", f"{310 + 17 * each}.00", reference, days_ago=3)
        line = book(file, 20 + each, f"{310 + 17 * each}.00", reference, "TRF.OB 0134 COLEGIO SANTA INES", days_ago=3)
        month.certain.append(make_proposal(sent, line, is_automatic=True))
    month.stranger = book(file, 131, "918.40", "0003391204", "ABONO EN CUENTA", days_ago=9)
    month.fee = book(file, 132, "-1.25", "000991", "COMISION POR SERVICIO", days_ago=2)
    month.lonely = report(town, "Marcos Delgado", "367.40", "00012774210", days_ago=2).report.ticket
    return month
