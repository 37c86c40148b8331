"""Reads of the reconciliation room. What a person may see goes through `…_for(actor, …)`."""

from reconciliation.candidates import Candidate, candidates_for
from reconciliation.selectors.history import (
    CustomerHistory,
    Payment,
    credit_of,
    history_of_customer,
    open_approval_of,
    open_reversal_of,
    payments_of,
    settled_for,
)
from reconciliation.selectors.lines import LineFilters, LinePage, line_for, lines_for
from reconciliation.selectors.queue import BankState, QueueFilters, QueuePage, QueueRow, queue_for

__all__ = [
    "BankState",
    "Candidate",
    "CustomerHistory",
    "LineFilters",
    "LinePage",
    "Payment",
    "QueueFilters",
    "QueuePage",
    "QueueRow",
    "candidates_for",
    "credit_of",
    "history_of_customer",
    "line_for",
    "lines_for",
    "open_approval_of",
    "open_reversal_of",
    "payments_of",
    "queue_for",
    "settled_for",
]
