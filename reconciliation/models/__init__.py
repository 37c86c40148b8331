"""Statement lines, matches, settlements and the append-only ledger, each with the narrow row that changes beside it."""

from reconciliation.models.lines import LineBalance, LineConfirmation, StatementImport, StatementLine
from reconciliation.models.money import Adjustment, CreditBalance, LedgerEntry, Match, Settlement
from reconciliation.models.profiles import StatementProfile
from reconciliation.models.signatures import ApprovalRequest, ReversalRequest

__all__ = [
    "Adjustment",
    "ApprovalRequest",
    "CreditBalance",
    "LedgerEntry",
    "LineBalance",
    "LineConfirmation",
    "Match",
    "ReversalRequest",
    "Settlement",
    "StatementImport",
    "StatementLine",
    "StatementProfile",
]
