"""Orders: what is owed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import F
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import HouseView, PageQuery, Strict, WritingView
from api.customers import find_customer
from api.schema import describe, list_of
from api.shapes import AmountOut, CurrencyIn, FigureIn, money
from orders.dates import today_at
from orders.fiscal_attach import attach_fiscal_document
from orders.models import Order, OrderLine
from orders.selectors import order_for, orders_for
from orders.services import MOST_LINES, LineDraft, issue_order, void_order
from reports.selectors import orders_in_review

READ, WRITE = "orders:read", "orders:write"
STATES = ("unpaid", "overdue", "partly_paid", "in_review", "paid", "void")
WANTED = ("open", "overdue", "paid", "void")


class OrderLineOut(serializers.Serializer[Any]):
    """One thing charged."""

    kind = serializers.ChoiceField(OrderLine.Kind.choices)
    description = serializers.CharField()
    quantity = serializers.CharField()
    unit_price = AmountOut()
    tax_name = serializers.CharField()
    tax_rate = serializers.CharField(help_text="A fraction: 0.16 is 16 %.")
    subtotal = AmountOut()
    tax = AmountOut()


class OrderOut(serializers.Serializer[Any]):
    """An order with its lines and what is paid of it."""

    number = serializers.CharField()
    customer = serializers.CharField(help_text="The customer's number.")
    kind = serializers.ChoiceField(Order.Kind.choices)
    description = serializers.CharField()
    state = serializers.ChoiceField([(each, each) for each in STATES])
    currency = serializers.CharField()
    subtotal = AmountOut()
    tax = AmountOut()
    total = AmountOut()
    paid = AmountOut()
    due = AmountOut()
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    paid_on = serializers.DateField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField()
    lines = OrderLineOut(many=True)


class OrderQuery(PageQuery):
    """Which orders."""

    customer = serializers.CharField(required=False, max_length=30, help_text="The customer's number.")
    state = serializers.ChoiceField([(each, each) for each in WANTED], required=False)
    due_from = serializers.DateField(required=False)
    due_until = serializers.DateField(required=False)
    issued_from = serializers.DateField(required=False)
    issued_until = serializers.DateField(required=False)


class LineIn(Strict):
    """One thing to charge. Sums are computed here."""

    description = serializers.CharField(max_length=200)
    unit_price = FigureIn(max_digits=16, decimal_places=4, min_value=Decimal(0))
    quantity = FigureIn(required=False, max_digits=11, decimal_places=3, min_value=Decimal("0.001"))
    tax_name = serializers.CharField(required=False, allow_blank=True, max_length=20)
    tax_rate = FigureIn(
        required=False, max_digits=5, decimal_places=4, min_value=Decimal(0), max_value=Decimal(1),
        help_text="A fraction: 0.16 is 16 %.",
    )  # fmt: skip
    kind = serializers.ChoiceField(OrderLine.Kind.choices, required=False)


class OrderIn(Strict):
    """A new order. Without a number the next one of the series is given, without a currency the house's."""

    customer = serializers.CharField(max_length=30, help_text="The customer's number.")
    description = serializers.CharField(max_length=200)
    due_on = serializers.DateField()
    issued_on = serializers.DateField(required=False)
    number = serializers.CharField(required=False, allow_blank=True, max_length=40)
    kind = serializers.ChoiceField(Order.Kind.choices, required=False)
    currency = CurrencyIn(required=False)
    lines = serializers.ListField(child=LineIn(), min_length=1, max_length=MOST_LINES)


class VoidIn(Strict):
    """Why the order is owed no more."""

    reason = serializers.CharField(max_length=200)


class FiscalIn(Strict):
    """The fiscal invoice of another system."""

    number = serializers.CharField(max_length=40)
    dated_on = serializers.DateField(required=False)
    pdf = serializers.FileField(required=False)
    xml = serializers.FileField(required=False)


class FiscalOut(serializers.Serializer[Any]):
    """What is attached now."""

    order = serializers.CharField()
    number = serializers.CharField()
    dated_on = serializers.DateField()


def told(order: Order, *, state: str) -> dict[str, Any]:
    """An order as the API tells it."""
    currency = order.currency
    return {
        "number": order.number, "customer": order.customer.number, "kind": order.kind, "description": order.description,
        "state": state, "currency": currency, "subtotal": money(order.subtotal, currency), "tax": money(order.tax, currency),
        "total": money(order.total, currency), "paid": money(order.balance.paid, currency),
        "due": money(order.amount_due, currency), "issued_on": order.issued_on, "due_on": order.due_on,
        "paid_on": order.paid_on, "voided_at": order.voided_at, "void_reason": order.void_reason,
        "lines": [_line(each, currency) for each in order.lines.all()],
    }  # fmt: skip


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "kind": line.kind, "description": line.description, "quantity": f"{line.quantity.normalize():f}",
        "unit_price": f"{line.unit_price.normalize():f}", "tax_name": line.tax_name, "tax_rate": f"{line.tax_rate.normalize():f}",
        "subtotal": money(line.subtotal, currency), "tax": money(line.tax, currency),
    }  # fmt: skip


class OrdersBase(HouseView):
    """What reads orders."""

    def all_told(self, orders: list[Order]) -> list[dict[str, Any]]:
        """Several, with their states, in one query more."""
        today = today_at(self.merchant)
        covered = orders_in_review(self.merchant, [each.pk for each in orders])
        return [told(each, state=each.display_state(today, in_review=each.pk in covered)) for each in orders]

    def one_told(self, number: str, status: int = 200) -> Response:
        """One as it stands now."""
        return Response(self.all_told([order_for(self.actor, number)])[0], status=status)


class Orders(OrdersBase, WritingView):
    """All of them, and new ones."""

    scopes = {"GET": READ, "POST": WRITE}
    query_class = OrderQuery

    @describe("List orders", list_of(OrderOut, "Order"), name="orders_list", query=OrderQuery, tag="orders")
    def get(self, request: Request) -> Response:
        """In the order in which they were issued."""
        query = self.query
        rows = orders_for(self.actor).select_related("customer").prefetch_related("lines")
        if "customer" in query:
            rows = rows.filter(customer__number=query["customer"])
        match query.get("state"):
            case "open":
                rows = rows.open()
            case "overdue":
                rows = rows.open().filter(due_on__lt=today_at(self.merchant))
            case "paid":
                rows = rows.filter(voided_at=None, balance__paid__gte=F("balance__total"))
            case "void":
                rows = rows.exclude(voided_at=None)
        for name, column in (("due", "due_on"), ("issued", "issued_on")):
            for end, sign in (("from", "gte"), ("until", "lte")):
                if f"{name}_{end}" in query:
                    rows = rows.filter(**{f"{column}__{sign}": query[f"{name}_{end}"]})
        return self.page(rows, self.all_told)

    @describe("Issue an order", OrderOut, name="orders_create", status=201, body=OrderIn, problems=(404,), tag="orders")
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """One more order, with its bill where the house mails bills."""
        read = self.read(OrderIn)
        customer = find_customer(self.actor, read.pop("customer"))
        lines = [LineDraft(**each) for each in read.pop("lines")]
        order = issue_order(merchant=self.merchant, customer=customer, lines=lines, by=self.actor, **read)
        return self.one_told(order.number, 201)


class OneOrder(OrdersBase):
    """One of them."""

    scopes = {"GET": READ}

    @describe("Read an order", OrderOut, name="orders_read", problems=(404,), tag="orders")
    def get(self, request: Request, number: str) -> Response:
        """By its number."""
        return self.one_told(number)


class VoidOrder(OrdersBase, WritingView):
    """It is owed no more."""

    scopes = {"POST": WRITE}

    @describe("Void an order", OrderOut, name="orders_void", status=201, body=VoidIn, problems=(404,), tag="orders",
              text="Refused once something is paid: money is reversed first, by people.")  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """Void it."""
        order = order_for(self.actor, kwargs["number"])
        void_order(order_id=order.pk, reason=self.read(VoidIn)["reason"], by=self.actor)
        return self.one_told(order.number, 201)


class FiscalInvoice(WritingView):
    """The invoice of another system."""

    scopes = {"POST": WRITE}
    parser_classes = (MultiPartParser,)

    @describe("Attach a fiscal invoice", FiscalOut, name="orders_attach_invoice", status=201, tag="orders", problems=(404,),
              body={"multipart/form-data": FiscalIn},
              text="The number, PDF and XML of the invoicing system, where the house takes numbers from outside.")  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """Attach what came."""
        order = order_for(self.actor, kwargs["number"])
        document = attach_fiscal_document(order_id=order.pk, by=self.actor, **self.read(FiscalIn))
        return Response({"order": order.number, "number": document.number, "dated_on": document.dated_on}, status=201)
