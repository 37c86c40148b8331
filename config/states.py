"""How a state looks: one text, one icon and one colour, the same on every page."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy as _p


class Look(NamedTuple):
    """`colour` is a chip's: red, amber, green, blue, plum or grey. Plum means that the customer owes an answer."""

    label: str | Promise
    colour: str
    icon: str


TICKET_STATES: dict[str, Look] = {
    "submitted": Look(_p("ticket state", "Submitted"), "blue", "send"),
    "in_review": Look(_p("ticket state", "In review"), "amber", "clock-fill"),
    "waiting_for_bank": Look(_p("ticket state", "Waiting for the bank"), "amber", "hourglass-split"),
    "needs_information": Look(_p("ticket state", "Information needed"), "plum", "question-circle-fill"),
    "awaiting_approval": Look(_p("ticket state", "Second signature"), "blue", "pen"),
    "verified": Look(_p("ticket state", "Verified"), "green", "check-circle-fill"),
    "rejected": Look(_p("ticket state", "Rejected"), "red", "x-circle-fill"),
    "withdrawn": Look(_p("ticket state", "Withdrawn"), "grey", "arrow-counterclockwise"),
    "reversed": Look(_p("ticket state", "Reversed"), "red", "arrow-return-left"),
}

ORDER_STATES: dict[str, Look] = {
    "unpaid": Look(_p("order state", "Unpaid"), "red", "exclamation-circle"),
    "overdue": Look(_p("order state", "Overdue"), "red", "exclamation-circle-fill"),
    "in_review": Look(_p("order state", "In review"), "amber", "clock-fill"),
    "partly_paid": Look(_p("order state", "Partly paid"), "blue", "circle-half"),
    "paid": Look(_p("order state", "Paid"), "green", "check-circle-fill"),
    "void": Look(_p("order state", "Void"), "grey", "slash-circle"),
}
