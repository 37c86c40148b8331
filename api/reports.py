"""Payment reports: what customers say they paid, their receipts, and where they may pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from api.base import HouseView, PageQuery, Strict, WritingView
from api.customers import find_customer
from api.idempotency import uuid_of
from api.schema import describe, list_of
from api.shapes import AmountIn, AmountOut, money
from banking.models import Bank, ReceivingAccount
from banking.selectors import accounts_of, banks_offered, methods_of
from files.models import StoredFile
from files.services import receive_file
from orders.selectors import orders_for
from reports.content import ReportContent, TransferContent
from reports.models import Allocation, PaymentReport, Transfer
from reports.selectors import report_of
from reports.services import submit_report
from tickets.models import State
from tickets.selectors import ticket_for, tickets_for

READ, WRITE = "reports:read", "reports:write"
MOST_TRANSFERS, MOST_ORDERS, MOST_FILES = 10, 200, 10
CHANNELS = [pair for pair in PaymentReport.Channel.choices if pair[0] != PaymentReport.Channel.PORTAL]


class ReportOut(serializers.Serializer[Any]):
    """A report in a list."""

    ticket = serializers.CharField(help_text="The number of its ticket, by which it is known.")
    customer = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    channel = serializers.ChoiceField(PaymentReport.Channel.choices)
    value = AmountOut()
    currency = serializers.CharField()
    orders = serializers.ListField(child=serializers.CharField())
    submitted_at = serializers.DateTimeField()


class TransferOut(serializers.Serializer[Any]):
    """One movement of money as it was declared."""

    method = serializers.IntegerField()
    account = serializers.IntegerField()
    amount = AmountOut()
    currency = serializers.CharField()
    value = AmountOut(help_text="Its worth in the report's currency.")
    paid_on = serializers.DateField()
    reference = serializers.CharField()
    origin_bank = serializers.CharField()
    payer_phone = serializers.CharField()
    payer_id = serializers.CharField()
    sender_name = serializers.CharField()
    receipts = serializers.ListField(child=serializers.UUIDField())


class ShareOut(serializers.Serializer[Any]):
    """What an order gets of it."""

    order = serializers.CharField()
    amount = AmountOut()


class WholeReportOut(ReportOut):
    """A report as it stands now."""

    payer_name = serializers.CharField()
    payer_tax_id = serializers.CharField()
    note = serializers.CharField()
    transfers = TransferOut(many=True)
    allocations = ShareOut(many=True)
    credit = AmountOut(help_text="What no order takes.")


class ReportQuery(PageQuery):
    """Which reports."""

    customer = serializers.CharField(required=False, max_length=30, help_text="The customer's number.")
    state = serializers.ChoiceField(State.choices, required=False)


class TransferIn(Strict):
    """One movement of money. What a method asks for beyond account, amount and date is told by `GET receiving-accounts/`."""

    method = serializers.IntegerField(min_value=1, max_value=2**62)
    account = serializers.IntegerField(min_value=1, max_value=2**62)
    amount = AmountIn(help_text="In the account's currency.")
    paid_on = serializers.DateField()
    reference = serializers.CharField(required=False, allow_blank=True, max_length=60)
    origin_bank = serializers.CharField(required=False, allow_blank=True, max_length=10, help_text="The bank's code.")
    origin_bank_name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    payer_phone = serializers.CharField(required=False, allow_blank=True, max_length=30)
    payer_id = serializers.CharField(required=False, allow_blank=True, max_length=30)
    sender_name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    sender_email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    receipts = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST_FILES)


class ShareIn(Strict):
    """An order that this pays; without an amount it gets what is left, the oldest due first."""

    order = serializers.CharField(max_length=40)
    amount = AmountIn(required=False)


class ReportIn(Strict):
    """A report by staff's hand or another system's, for a customer. `orders` may be empty: a payment in advance."""

    customer = serializers.CharField(max_length=30, help_text="The customer's number.")
    channel = serializers.ChoiceField(CHANNELS, help_text="How the customer told you.")
    transfers = serializers.ListField(child=TransferIn(), min_length=1, max_length=MOST_TRANSFERS)
    orders = serializers.ListField(child=ShareIn(), required=False, max_length=MOST_ORDERS)
    payer_name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    payer_tax_id = serializers.CharField(required=False, allow_blank=True, max_length=30)
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class ReceiptIn(Strict):
    """A picture or PDF of a receipt."""

    customer = serializers.CharField(max_length=30, help_text="Whose it is: the customer's number.")
    file = serializers.FileField()


class ReceiptOut(serializers.Serializer[Any]):
    """A file that was kept. Name its key in a report's `receipts`."""

    key = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()


class MethodOut(serializers.Serializer[Any]):
    """A way to pay into an account."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    asks = serializers.ListField(child=serializers.CharField(), help_text="Fields that a transfer may have.")
    requires = serializers.ListField(child=serializers.CharField(), help_text="Fields that it must have.")


class AccountOut(serializers.Serializer[Any]):
    """Where customers may pay."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    bank = serializers.CharField(allow_null=True, help_text="The bank's code.")
    number = serializers.CharField()
    holder = serializers.CharField()
    currency = serializers.CharField()
    methods = MethodOut(many=True)


class BankOut(serializers.Serializer[Any]):
    """A bank of the house's country."""

    code = serializers.CharField()
    name = serializers.CharField()


class PlacesOut(serializers.Serializer[Any]):
    """Accounts with their methods, and the banks that money may come from."""

    accounts = AccountOut(many=True)
    banks = BankOut(many=True)


def told(report: PaymentReport, transfers: list[Transfer], shares: list[Allocation]) -> dict[str, Any]:
    """A report in a list."""
    return {
        "ticket": report.ticket.number, "customer": report.customer.number, "state": report.ticket.state,
        "channel": report.channel, "value": money(sum((each.value for each in transfers), Decimal(0)), report.currency),
        "currency": report.currency, "orders": [each.order.number for each in shares],
        "submitted_at": report.ticket.submitted_at,
    }  # fmt: skip


def whole(actor: Actor, number: str) -> dict[str, Any]:
    """One report, by the number of its ticket."""
    ticket = ticket_for(actor, number)
    if not PaymentReport.objects.filter(ticket=ticket).exists():
        raise Http404
    view = report_of(actor, ticket)
    view.report.ticket = ticket
    current = view.current
    return {
        **told(view.report, list(view.transfers), list(view.allocations)), "value": money(view.value, view.currency),
        "payer_name": current.payer_name, "payer_tax_id": current.payer_tax_id, "note": current.note,
        "transfers": [
            {
                "method": each.method_id, "account": each.account_id, "amount": money(each.amount, each.currency),
                "currency": each.currency, "value": money(each.value, view.currency), "paid_on": each.paid_on,
                "reference": each.reference_raw,
                "origin_bank": each.origin_bank.code if each.origin_bank else each.origin_bank_name,
                "payer_phone": each.payer_phone, "payer_id": each.payer_id, "sender_name": each.sender_name,
                "receipts": [receipt.file.key for receipt in current.receipts_of(each)],
            }
            for each in view.transfers
        ],
        "allocations": [{"order": each.order.number, "amount": money(each.amount, view.currency)} for each in view.allocations],
        "credit": money(view.credit, view.currency),
    }  # fmt: skip


class Reports(WritingView):
    """All of them, and new ones."""

    scopes = {"GET": READ, "POST": WRITE}
    query_class = ReportQuery

    @describe("List payment reports", list_of(ReportOut, "Report"), name="reports_list", query=ReportQuery, tag="reports")
    def get(self, request: Request) -> Response:
        """In the order in which they came."""
        now = Transfer.objects.filter(until_revision=None)
        shares = Allocation.objects.filter(until_revision=None).select_related("order").order_by("order__due_on", "order_id")
        rows = (
            PaymentReport.objects.filter(merchant=self.merchant, ticket__in=tickets_for(self.actor).order_by().values("pk"))
            .select_related("ticket", "customer")
            .prefetch_related(
                Prefetch("transfers", now, to_attr="now_transfers"), Prefetch("allocations", shares, to_attr="now_shares")
            )
        )
        if "customer" in self.query:
            rows = rows.filter(customer__number=self.query["customer"])
        if "state" in self.query:
            rows = rows.filter(ticket__state=self.query["state"])
        return self.page(
            rows, lambda found: [told(each, vars(each)["now_transfers"], vars(each)["now_shares"]) for each in found]
        )

    @describe("Send a payment report", WholeReportOut, name="reports_create", status=201, body=ReportIn, problems=(404,),
              tag="reports", text="It becomes a ticket for a person to decide: nothing is paid by sending it.")  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """One more report, checked as in the portal."""
        read = self.read(ReportIn)
        customer = find_customer(self.actor, read["customer"])
        content = ReportContent(
            transfers=tuple(self._transfer(each) for each in read["transfers"]),
            payer_name=read.get("payer_name", ""), payer_tax_id=read.get("payer_tax_id", ""), note=read.get("note", ""),
            **self._shares(read.get("orders", [])),
        )  # fmt: skip
        ticket, _made = submit_report(
            merchant=self.merchant, customer=customer, key=uuid_of(request), content=content, channel=read["channel"],
            by=self.actor,
        )  # fmt: skip
        return Response(whole(self.actor, ticket.number), status=201)

    def _transfer(self, read: dict[str, Any]) -> TransferContent:
        code = read.get("origin_bank", "")
        bank = banks_offered(self.merchant.country).filter(code=code).first() if code else None
        if code and bank is None:
            raise ValidationError({"transfers.origin_bank": [_("No bank has this code.")]})
        texts = ("origin_bank_name", "payer_phone", "payer_id", "sender_name", "sender_email")
        return TransferContent(
            method_id=read["method"], account_id=read["account"], amount=read["amount"], paid_on=read["paid_on"],
            reference_raw=read.get("reference", ""), origin_bank_id=bank.pk if bank else None,
            file_keys=tuple(read.get("receipts", ())), **{name: read.get(name, "") for name in texts},
        )  # fmt: skip

    def _shares(self, read: list[dict[str, Any]]) -> dict[str, Any]:
        numbers = [each["order"] for each in read]
        if len(set(numbers)) < len(numbers):
            raise ValidationError({"orders": [_("An order stands here twice.")]})
        known = dict(orders_for(self.actor).filter(number__in=numbers).values_list("number", "pk"))
        if len(known) < len(numbers):
            raise Http404
        allocations = {known[each["order"]]: each["amount"] for each in read if "amount" in each}
        return {"orders": tuple(known[number] for number in numbers), "allocations": allocations or None}


class OneReport(HouseView):
    """One of them."""

    scopes = {"GET": READ}

    @describe("Read a payment report", WholeReportOut, name="reports_read", problems=(404,), tag="reports")
    def get(self, request: Request, number: str) -> Response:
        """By the number of its ticket."""
        return Response(whole(self.actor, number))


class Receipts(WritingView):
    """Files for reports."""

    scopes = {"POST": WRITE}
    parser_classes = (MultiPartParser,)

    @describe("Upload a receipt", ReceiptOut, name="receipts_create", status=201, problems=(404,), tag="reports",
              body={"multipart/form-data": ReceiptIn}, text="JPEG, PNG, WebP, HEIC or PDF, at most 10 MB.")  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """Keep it, privately."""
        read = self.read(ReceiptIn)
        customer = find_customer(self.actor, read["customer"])
        file = receive_file(
            merchant=self.merchant, customer=customer, upload=read["file"], purpose=StoredFile.Purpose.RECEIPT, by=self.actor
        )
        return Response({"key": str(file.key), "name": file.original_name, "size": file.size}, status=201)


class Places(HouseView):
    """Where customers may pay."""

    scopes = {"GET": READ}

    @describe("Read receiving accounts, methods and banks", PlacesOut, name="receiving_accounts_read", tag="reports")
    def get(self, request: Request) -> Response:
        """Those that are offered now."""
        methods = {each.pk: each for each in methods_of(self.merchant)}
        told_methods = {
            pk: {"id": pk, "key": each.key, "name": each.name, "asks": each.asks, "requires": each.requires}
            for pk, each in methods.items()
        }
        accounts: list[ReceivingAccount] = list(accounts_of(self.merchant))
        banks: list[Bank] = list(banks_offered(self.merchant.country))
        return Response(
            {
                "accounts": [
                    {
                        "id": each.pk, "name": each.title, "bank": each.bank.code if each.bank else None, "number": each.number,
                        "holder": each.holder, "currency": each.currency,
                        "methods": [told_methods[pk] for pk in each.method_ids if pk in told_methods],
                    }
                    for each in accounts
                ],
                "banks": [{"code": bank.code, "name": bank.short_name} for bank in banks],
            }
        )  # fmt: skip
