"""Bills by e-mail: with the paper attached, made when the letter leaves; never for orders of the past."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.core import mail

from accounts.models import Merchant
from letters.models import Letter
from letters.services import deliver_letter
from orders.dates import today_at
from orders.models import Order
from orders.services import LineDraft, add_shipping_order, issue_order
from tests.factories import customer_actor, make_account, make_customer, make_merchant, staff_actor

pytestmark = pytest.mark.django_db


def issue(merchant: Merchant, *, days_ago: int = 0, **customer: Any) -> Order:
    today = today_at(merchant)
    return issue_order(
        merchant=merchant, customer=make_customer(merchant, **customer), description="Hosting",
        lines=[LineDraft(description="Hosting", unit_price=Decimal("12.50"))], issued_on=today - dt.timedelta(days=days_ago),
        due_on=today + dt.timedelta(days=5), by=staff_actor(merchant),
    )  # fmt: skip


def test_a_bill_is_mailed_as_pdf_when_it_is_issued_and_the_house_says_so() -> None:
    merchant = make_merchant(mails_bills=True)
    make_account(merchant, number="01340412354121004821")
    order = issue(merchant, language="es")
    letter = Letter.objects.get(kind="order_issued")
    assert "papers" in letter.context
    assert deliver_letter(letter_id=letter.pk)
    (sent,) = mail.outbox
    (name, content, kind) = sent.attachments[0]
    assert (name, kind) == (f"{order.number}.pdf", "application/pdf")
    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range().replace("\xa0", " ")
    assert "Por pagar" in text
    assert "USD 12,50" in text
    assert "0134 0412 3541 2100 4821" in text
    letter.refresh_from_db()
    assert "%PDF" not in f"{letter.text}{letter.html}{letter.context}"


def test_old_orders_shippings_and_houses_that_do_not_want_it_are_not_written_about() -> None:
    issue(make_merchant(mails_bills=False))
    merchant = make_merchant(mails_bills=True, shipping_price=Decimal(3))
    issue(merchant, days_ago=8)
    add_shipping_order(customer=(customer := make_customer(merchant)), by=customer_actor(customer))
    assert not Letter.objects.exists()
