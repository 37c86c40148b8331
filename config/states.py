"""How a state looks: one text, one icon and one colour, the same on every page."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Look(NamedTuple):
    """`colour` is a chip's: red, amber, green, blue, plum or grey. Plum means that the customer owes an answer."""

    label: str | Promise
    colour: str
    icon: str


TICKET_STATES: dict[str, Look] = {
    "submitted": Look(pgettext_lazy("ticket state", "Submitted"), "blue", "send"),
    "in_review": Look(pgettext_lazy("ticket state", "In review"), "amber", "clock-fill"),
    "waiting_for_bank": Look(pgettext_lazy("ticket state", "Waiting for the bank"), "amber", "hourglass-split"),
    "needs_information": Look(pgettext_lazy("ticket state", "Information needed"), "plum", "question-circle-fill"),
    "awaiting_approval": Look(pgettext_lazy("ticket state", "Second signature"), "blue", "pen"),
    "verified": Look(pgettext_lazy("ticket state", "Verified"), "green", "check-circle-fill"),
    "rejected": Look(pgettext_lazy("ticket state", "Rejected"), "red", "x-circle-fill"),
    "withdrawn": Look(pgettext_lazy("ticket state", "Withdrawn"), "grey", "arrow-counterclockwise"),
    "reversed": Look(pgettext_lazy("ticket state", "Reversed"), "red", "arrow-return-left"),
}

ORDER_STATES: dict[str, Look] = {
    "unpaid": Look(pgettext_lazy("order state", "Unpaid"), "red", "exclamation-circle"),
    "overdue": Look(pgettext_lazy("order state", "Overdue"), "red", "exclamation-circle-fill"),
    "in_review": Look(pgettext_lazy("order state", "In review"), "amber", "clock-fill"),
    "partly_paid": Look(pgettext_lazy("order state", "Partly paid"), "blue", "circle-half"),
    "paid": Look(pgettext_lazy("order state", "Paid"), "green", "check-circle-fill"),
    "void": Look(pgettext_lazy("order state", "Void"), "grey", "slash-circle"),
}
