"""Tickets of payment reports: where each stands, and messages to the customer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import HouseView, PageQuery, Strict, WritingView
from api.schema import describe, list_of
from tickets.models import State, Ticket
from tickets.selectors import Entry, ticket_for, tickets_for, timeline_for
from tickets.services import post_message

READ, WRITE = "tickets:read", "tickets:write"
TEAMS = ("customer", "support", "accounting", "system")


class TicketOut(serializers.Serializer[Any]):
    """A ticket."""

    number = serializers.CharField()
    customer = serializers.CharField(help_text="The customer's number.")
    state = serializers.ChoiceField(State.choices)
    reason = serializers.CharField(help_text="Why it was rejected or reversed, as the customer reads it.")
    submitted_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class TimelineEntryOut(serializers.Serializer[Any]):
    """A step or a message, as the customer sees them: notes among staff are not told."""

    at = serializers.DateTimeField()
    by = serializers.ChoiceField([(each, each) for each in TEAMS])
    act = serializers.CharField(help_text="Empty for a message.")
    state = serializers.CharField()
    text = serializers.CharField()


class WholeTicketOut(TicketOut):
    """A ticket with what happened."""

    timeline = TimelineEntryOut(many=True)


class TicketQuery(PageQuery):
    """Which tickets."""

    customer = serializers.CharField(required=False, max_length=30, help_text="The customer's number.")
    state = serializers.ChoiceField(State.choices, required=False)


class MessageIn(Strict):
    """What the customer will read."""

    text = serializers.CharField(max_length=10_000)


def told(ticket: Ticket) -> dict[str, Any]:
    """A ticket in a list."""
    return {
        "number": ticket.number, "customer": ticket.customer.number, "state": ticket.state,
        "reason": ticket.reason.name if ticket.reason else "", "submitted_at": ticket.submitted_at,
        "deadline_at": ticket.deadline_at, "changed_at": ticket.changed_at,
    }  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at, "by": entry.team, "act": entry.act, "state": str(entry.state),
        "text": entry.text if entry.is_message else entry.note,
    }  # fmt: skip


class Tickets(HouseView):
    """All of them."""

    scopes = {"GET": READ}
    query_class = TicketQuery

    @describe("List tickets", list_of(TicketOut, "Ticket"), name="tickets_list", query=TicketQuery, tag="tickets")
    def get(self, request: Request) -> Response:
        """In the order in which they were opened."""
        rows = tickets_for(self.actor)
        if "customer" in self.query:
            rows = rows.filter(customer__number=self.query["customer"])
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        return self.page(rows, lambda found: [told(each) for each in found])


class TicketBase(HouseView):
    """What tells a whole ticket."""

    def whole(self, number: str, status: int = 200) -> Response:
        """One with what happened in it."""
        ticket = ticket_for(self.actor, number)
        entries = [each for each in timeline_for(self.actor, ticket) if not each.is_internal]
        return Response({**told(ticket), "timeline": [_entry(each) for each in entries]}, status=status)


class OneTicket(TicketBase):
    """One of them."""

    scopes = {"GET": READ}

    @describe("Read a ticket", WholeTicketOut, name="tickets_read", problems=(404,), tag="tickets")
    def get(self, request: Request, number: str) -> Response:
        """By its number."""
        return self.whole(number)


class Messages(TicketBase, WritingView):
    """Words to the customer."""

    scopes = {"POST": WRITE}

    @describe("Write to the customer", WholeTicketOut, name="tickets_message", status=201, body=MessageIn, problems=(404,),
              tag="tickets")  # fmt: skip
    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return super().post(request, **kwargs)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """One more message; the customer gets a letter."""
        ticket = ticket_for(self.actor, kwargs["number"])
        post_message(conversation_id=ticket.conversation.pk, text=self.read(MessageIn)["text"], by=self.actor)
        return self.whole(ticket.number, 201)
