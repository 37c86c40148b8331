"""The demo shows everything: two merchants, 200 orders each in all states, tickets in every state, clean books."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.actors import Actor
from accounts.key_models import ApiKey
from accounts.models import Merchant, Role, StaffRole
from articles.models import ArticleVote
from banking.models import ReceivingAccount
from config.demo import companies, neighbours
from config.demo.bank_files import name_of
from config.demo.loading import load_merchant
from config.demo.people import PEOPLE
from config.demo.plan import PAPER_INVOICES
from config.demo.receipts import draw_receipt
from files.models import StoredFile
from orders.dates import today_at
from orders.models import FiscalDocument, FiscalKind, Order
from reconciliation.audit import audit_books
from reconciliation.models import StatementLine
from reconciliation.selectors.profiles import current_profile
from reconciliation.services import import_statement
from reports.models import Shipment, ShipmentState
from tickets.models import Conversation, State, Ticket
from webhooks.models import Delivery, Endpoint


@pytest.mark.django_db
@pytest.mark.parametrize("data", [companies.ANDINA, companies.LITORAL], ids=["andina", "litoral"])
def test_a_merchant_of_the_demo_has_orders_and_tickets_in_all_states(data: dict[str, object]) -> None:
    merchant = load_merchant(data, seed=7)
    today = today_at(merchant)
    orders = Order.objects.with_balance().filter(merchant=merchant)
    assert orders.count() == 200 + PAPER_INVOICES  # each with the order of its mailing
    assert {order.display_state(today) for order in orders} == {"void", "paid", "partly_paid", "overdue", "unpaid"}
    assert set(Ticket.objects.filter(merchant=merchant).values_list("state", flat=True)) == set(State.values)
    assert StoredFile.objects.filter(merchant=merchant).count() > 10
    assert StatementLine.objects.filter(merchant=merchant).count() > 80
    assert list(audit_books(merchant)) == []
    _what_the_banks_hand_out_brings_the_last_day(merchant)
    _no_page_is_empty(merchant)


def _no_page_is_empty(merchant: Merchant) -> None:
    """What a visitor of the demo looks for beside the payments: paper on its way, what other systems heard, keys, readers."""
    assert set(Shipment.objects.filter(merchant=merchant).values_list("state", flat=True)) == set(ShipmentState.values)
    sent = Delivery.objects.filter(merchant=merchant)
    assert set(sent.values_list("state", flat=True)) == {Delivery.State.DELIVERED, Delivery.State.FAILED}
    assert not Endpoint.objects.filter(merchant=merchant, is_active=True).exists(), "a made-up address is sent to"
    assert [key.is_live for key in ApiKey.objects.filter(merchant=merchant).order_by("pk")] == [True, False]
    assert ArticleVote.objects.filter(merchant=merchant, is_useful=False).exclude(note="").exists()
    assert Conversation.objects.filter(merchant=merchant).exclude(rating="").exists()
    kinds = set(FiscalDocument.objects.filter(merchant=merchant).values_list("kind", flat=True))
    assert kinds == (set(FiscalKind.values) if merchant.fiscal_policy == "paid" else set())


@pytest.mark.django_db
@pytest.mark.parametrize("data", [neighbours.CAFETAL, neighbours.PAMPA], ids=["cafetal", "pampa"])
def test_the_small_merchants_have_files_of_their_own_banks_and_clean_books(data: dict[str, object]) -> None:
    merchant = load_merchant(data, seed=9)
    assert Order.objects.filter(merchant=merchant).count() == neighbours.ORDERS[merchant.slug] + PAPER_INVOICES
    states = set(Ticket.objects.filter(merchant=merchant).values_list("state", flat=True))
    assert states >= {State.SUBMITTED, State.VERIFIED, State.IN_REVIEW, State.NEEDS_INFORMATION, State.REJECTED}
    assert current_profile(ReceivingAccount.objects.filter(merchant=merchant).earliest("pk")) is not None
    assert list(audit_books(merchant)) == []
    _what_the_banks_hand_out_brings_the_last_day(merchant)


def _staff_of(merchant: Merchant) -> list[Actor]:
    roles = StaffRole.objects.filter(merchant=merchant).select_related("user")
    return [Actor(merchant=merchant, user=row.user, role=Role(row.role)) for row in roles]


def _what_the_banks_hand_out_brings_the_last_day(merchant: Merchant) -> None:
    """Each file is read to the cent, overlaps what is known, and brings what was booked today."""
    clerk = next(actor for actor in _staff_of(merchant) if actor.can_decide)
    names = {path.name: path for path in (Path(settings.DEMO_FILES_DIR) / merchant.slug).iterdir()}
    new = 0
    for account in ReceivingAccount.objects.filter(merchant=merchant).exclude(kind=ReceivingAccount.Kind.CASH):
        path = names.pop(name_of(account, today_at(merchant)))
        made = import_statement(
            merchant=merchant, account_id=account.pk, file_name=path.name, content=path.read_bytes(),
            profile=current_profile(account), by=clerk,
        )  # fmt: skip
        assert (made.problems, made.lines_rejected, made.lines_held) == ([], 0, 0), path.name
        new += made.lines_new
    assert not names
    assert new >= 10
    assert list(audit_books(merchant)) == []


def test_the_customer_is_named_first() -> None:
    assert PEOPLE[0].role == "customer"
    assert {person.merchant for person in PEOPLE} == {"andina", "litoral", "cafetal", "pampa"}


@pytest.mark.django_db
def test_the_demo_is_refused_where_there_may_be_real_money() -> None:
    with pytest.raises(CommandError, match="CONCILIA_DEMO"):
        call_command("demo", "--reset")
    assert Merchant.objects.count() == 0


def test_receipts_are_drawn_as_pictures() -> None:
    upload = draw_receipt(
        bank="0134", amount=Decimal("1250.00"), currency="VES", reference="0045775572442",
        paid_at=dt.datetime(2026, 11, 23, 16, 46, tzinfo=dt.UTC), payer="Alicia Pérez", payee="Hosting Andina",
        account="01340412354121004821",
    )  # fmt: skip
    assert Image.open(io.BytesIO(upload.read())).size == (720, 1240)
