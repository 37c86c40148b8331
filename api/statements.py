"""Bank movements, and statements handed in for a person to take in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import HouseView, PageQuery, Strict, WritingView
from api.schema import describe, list_of
from api.shapes import AmountOut, money
from reconciliation.import_words import rejection_of_file
from reconciliation.models import StatementImport, StatementLine
from reconciliation.selectors.imports import import_for
from reconciliation.selectors.lines import visible_lines
from reconciliation.services import receive_statement

READ, WRITE = "statements:read", "statements:write"
MOST_BYTES = 10 * 1024 * 1024


class LineOut(serializers.Serializer[Any]):
    """A movement at the bank. Money that came in is above zero."""

    id = serializers.IntegerField()
    account = serializers.IntegerField()
    booked_on = serializers.DateField()
    amount = AmountOut()
    currency = serializers.CharField()
    reference = serializers.CharField()
    text = serializers.CharField()
    payer_name = serializers.CharField()
    payer_id = serializers.CharField()
    source = serializers.ChoiceField(StatementLine.Source.choices)
    allocated = AmountOut(help_text="What of it was settled.")
    free = AmountOut(help_text="What is still to be found an owner.")


class LineQuery(PageQuery):
    """Which movements."""

    account = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    booked_from = serializers.DateField(required=False)
    booked_until = serializers.DateField(required=False)


class StatementIn(Strict):
    """A bank's file as it is."""

    file = serializers.FileField()
    account = serializers.IntegerField(required=False, min_value=1, max_value=2**62, help_text="Left out, the file tells.")


class ImportOut(serializers.Serializer[Any]):
    """A file that was handed in. `preview` waits for a person of accounting, who takes it in."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(StatementImport.State.choices)
    account = serializers.IntegerField(allow_null=True)
    file_name = serializers.CharField()
    refusal = serializers.CharField(help_text="Why it could not be read.")
    lines_in_file = serializers.IntegerField()
    lines_new = serializers.IntegerField()
    lines_known = serializers.IntegerField()
    lines_rejected = serializers.IntegerField()
    lines_held = serializers.IntegerField()


def told(line: StatementLine) -> dict[str, Any]:
    """A movement as the API tells it."""
    balance = line.balance
    return {
        "id": line.pk, "account": line.account_id, "booked_on": line.booked_on, "amount": money(line.amount, line.currency),
        "currency": line.currency, "reference": line.reference_raw, "text": line.text, "payer_name": line.payer_name,
        "payer_id": line.payer_id, "source": line.source, "allocated": money(balance.allocated, line.currency),
        "free": money(balance.free, line.currency),
    }  # fmt: skip


def told_import(made: StatementImport) -> dict[str, Any]:
    """A file as the API tells it."""
    names = ("state", "file_name", "lines_in_file", "lines_new", "lines_known", "lines_rejected", "lines_held")
    refusal = rejection_of_file(**made.refusal) if made.refusal else ""
    return {"id": made.pk, "account": made.account_id, "refusal": str(refusal), **{name: getattr(made, name) for name in names}}


class Lines(HouseView):
    """All movements."""

    scopes = {"GET": READ}
    query_class = LineQuery

    @describe("List bank movements", list_of(LineOut, "Line"), name="statement_lines_list", query=LineQuery, tag="statements")
    def get(self, request: Request) -> Response:
        """In the order in which they came in."""
        query = self.query
        rows = visible_lines(self.actor).select_related("balance")
        if "account" in query:
            rows = rows.filter(account_id=query["account"])
        if "booked_from" in query:
            rows = rows.filter(booked_on__gte=query["booked_from"])
        if "booked_until" in query:
            rows = rows.filter(booked_on__lte=query["booked_until"])
        return self.page(rows, lambda found: [told(each) for each in found])


class Imports(WritingView):
    """Files handed in."""

    scopes = {"POST": WRITE}
    parser_classes = (MultiPartParser,)

    @describe("Hand a bank statement in", ImportOut, name="statement_imports_create", status=202, problems=(404,),
              tag="statements", body={"multipart/form-data": StatementIn},
              text="A job reads it. A person of accounting looks at the preview and takes it in.")  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """Keep it and have it read."""
        read = self.read(StatementIn)
        upload = read["file"]
        made = receive_statement(
            merchant=self.merchant, account_id=read.get("account"), file_name=upload.name,
            content=upload.read(MOST_BYTES + 1), by=self.actor,
        )  # fmt: skip
        return Response(told_import(made), status=202)


class OneImport(HouseView):
    """One file."""

    scopes = {"GET": READ}

    @describe("Read what became of a statement", ImportOut, name="statement_imports_read", problems=(404,), tag="statements")
    def get(self, request: Request, pk: int) -> Response:
        """By its id."""
        return Response(told_import(import_for(self.actor, pk)))
