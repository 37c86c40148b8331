"""What is asked of one customer's orders and tickets names the merchant too: the indexes begin with it (docs/adr/0132)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.selectors import open_orders_of, orders_for, shipping_lines_of
from reconciliation.selectors import history_of_customer
from reports.selectors import debt_of
from tests.reconciliation.scene import make_scene
from tickets.selectors import tickets_for

pytestmark = pytest.mark.django_db

TABLES = ("orders_order", "tickets_ticket")


def test_a_customers_orders_and_tickets_are_found_by_their_indexes() -> None:
    cast = make_scene().cast
    customer = cast.alice.contact.customer if cast.alice.contact else None
    assert customer is not None
    with CaptureQueriesContext(connection) as asked:
        list(open_orders_of(customer))
        shipping_lines_of(customer)
        debt_of(customer)
        history_of_customer(cast.carol, customer)
        list(orders_for(cast.alice))
        list(tickets_for(cast.alice))
    found = 0
    for each in asked:
        for table in TABLES:
            if f'"{table}"."customer_id" = ' in each["sql"]:
                found += 1
                assert f'"{table}"."merchant_id" = ' in each["sql"], each["sql"]
    assert found >= 6
