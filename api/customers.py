"""Customers: who owes."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.models import Customer, Language
from accounts.selectors import customer_by_number, customers_for
from accounts.services import create_customer
from api.base import HouseView, PageQuery, Strict, WritingView
from api.schema import describe, list_of
from letters.people import change_customer

READ, WRITE = "customers:read", "customers:write"
FIELDS = ("name", "tax_id", "email", "phone", "language", "address", "state", "city", "reference_point")


def find_customer(actor: Actor, number: str) -> Customer:
    """The house's customer with this number; `Http404` otherwise."""
    customer = customer_by_number(actor, number)
    if customer is None:
        raise Http404
    return customer


class CustomerOut(serializers.Serializer[Any]):
    """A customer."""

    number = serializers.CharField()
    name = serializers.CharField()
    tax_id = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    language = serializers.ChoiceField(Language.choices)
    address = serializers.CharField()
    state = serializers.CharField()
    city = serializers.CharField()
    reference_point = serializers.CharField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class CustomerQuery(PageQuery):
    """Which customers."""

    q = serializers.CharField(required=False, max_length=100, help_text="Words of name, number, tax id, e-mail or phone.")
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)


class CustomerIn(Strict):
    """A new customer. Without a number one is drawn."""

    number = serializers.CharField(required=False, allow_blank=True, max_length=30)
    name = serializers.CharField(max_length=200)
    tax_id = serializers.CharField(required=False, allow_blank=True, max_length=30)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=30)
    language = serializers.ChoiceField(Language.choices, required=False)
    address = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    state = serializers.CharField(required=False, allow_blank=True, max_length=60)
    city = serializers.CharField(required=False, allow_blank=True, max_length=60)
    reference_point = serializers.CharField(required=False, allow_blank=True, max_length=200)


class CustomerChange(CustomerIn):
    """What may be changed of a customer: name only what changes."""

    number = None
    name = serializers.CharField(required=False, max_length=200)
    is_active = serializers.BooleanField(required=False)


def told(customer: Customer) -> dict[str, Any]:
    """A customer as the API tells it."""
    names = ("number", *FIELDS, "is_active", "created_at")
    return {name: getattr(customer, name) for name in names}


class Customers(WritingView):
    """All of them, and new ones."""

    scopes = {"GET": READ, "POST": WRITE}
    query_class = CustomerQuery

    @describe("List customers", list_of(CustomerOut, "Customer"), name="customers_list", query=CustomerQuery, tag="customers")
    def get(self, request: Request) -> Response:
        """In the order in which they were added."""
        rows = customers_for(self.actor, self.query.get("q", ""))
        if self.query["is_active"] is not None:
            rows = rows.filter(is_active=self.query["is_active"])
        return self.page(rows, lambda found: [told(each) for each in found])

    @describe("Add a customer", CustomerOut, name="customers_create", status=201, body=CustomerIn, tag="customers")
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """One more customer."""
        customer = create_customer(merchant=self.merchant, by=self.actor, **self.read(CustomerIn))
        return Response(told(customer), status=201)


class OneCustomer(HouseView):
    """One of them."""

    scopes = {"GET": READ, "PATCH": WRITE}

    @describe("Read a customer", CustomerOut, name="customers_read", problems=(404,), tag="customers")
    def get(self, request: Request, number: str) -> Response:
        """By its number."""
        return Response(told(find_customer(self.actor, number)))

    @describe("Change a customer", CustomerOut, name="customers_change", body=CustomerChange, problems=(404,), tag="customers",
              text="Name only what changes. What changed stays in the customer's history.")  # fmt: skip
    def patch(self, request: Request, number: str) -> Response:
        """What is named changes, the rest stays."""
        customer = find_customer(self.actor, number)
        return Response(told(change_customer(customer=customer, by=self.actor, **self.read(CustomerChange))))
