"""Paid orders as a feed: what another system books, with the entries by account."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import HouseView, PageQuery
from api.schema import describe, list_of
from api.shapes import AmountOut, money
from reconciliation.selectors.paid_orders import PaidOrder, paid_orders_after

READ = "payments:read"
SOURCES = ("deposit", "credit", "adjustment")


class LedgerEntryOut(serializers.Serializer[Any]):
    """Money that this order got; below zero where it was taken back."""

    id = serializers.IntegerField()
    source = serializers.ChoiceField([(each, each) for each in SOURCES])
    account = serializers.IntegerField(allow_null=True, help_text="The receiving account, for a deposit.")
    statement_line = serializers.IntegerField(allow_null=True)
    adjustment = serializers.CharField(help_text="Which, for an adjustment.")
    amount = AmountOut(help_text="In the order's currency.")
    source_amount = AmountOut(help_text="In the source's currency.")
    source_currency = serializers.CharField()
    rate = serializers.CharField(allow_null=True)
    booked_on = serializers.DateField()


class PaidOrderOut(serializers.Serializer[Any]):
    """An order that is paid in full, with all that was ever booked on it."""

    order = serializers.CharField()
    customer = serializers.CharField(help_text="The customer's number.")
    currency = serializers.CharField()
    total = AmountOut()
    paid_on = serializers.DateField()
    entries = LedgerEntryOut(many=True)


def told(paid: PaidOrder) -> dict[str, Any]:
    """A paid order as the API tells it."""
    order = paid.order
    return {
        "order": order.number, "customer": order.customer.number, "currency": order.currency,
        "total": money(order.total, order.currency), "paid_on": order.paid_on,
        "entries": [
            {
                "id": entry.pk, "source": kind, "account": entry.source_line.account_id if entry.source_line else None,
                "statement_line": entry.source_line_id,
                "adjustment": entry.source_adjustment.kind if entry.source_adjustment else "",
                "amount": money(sign * entry.target_amount, entry.target_currency),
                "source_amount": money(sign * entry.source_amount, entry.source_currency),
                "source_currency": entry.source_currency,
                "rate": f"{entry.rate.normalize():f}" if entry.rate is not None else None, "booked_on": entry.booked_on,
            }
            for entry, kind, sign in paid.entries
        ],
    }  # fmt: skip


class PaidOrders(HouseView):
    """The feed."""

    scopes = {"GET": READ}
    query_class = PageQuery

    @describe("Follow paid orders", list_of(PaidOrderOut, "PaidOrder"), name="paid_orders_list", query=PageQuery, tag="payments",
              text="Keep `next_cursor` and ask again with it: an order comes when it is paid in full, and again when more is "
              "booked on it or it is paid anew. The cursor is never null; without items there is nothing new.")  # fmt: skip
    def get(self, request: Request) -> Response:
        """From a cursor on."""
        after = self._cursor(1)
        found, last = paid_orders_after(self.actor, after=after[0] if after else 0, most=self.query["limit"])
        return self.told([told(each) for each in found], [last])
