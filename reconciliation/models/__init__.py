"""Statement lines, matches, settlements and the append-only ledger, each with the narrow row that changes beside it."""

from reconciliation.models.lines import LineBalance, LineConfirmation, StatementImport, StatementLine
from reconciliation.models.money import Adjustment, CreditBalance, LedgerEntry, Match, Settlement
from reconciliation.models.profiles import StatementProfile
from reconciliation.models.runs import (
    AutomaticStop,
    IgnoredLine,
    IgnoreReason,
    IgnoreRule,
    MatchRun,
    Proposal,
    ProposalPart,
    RunInputs,
)
from reconciliation.models.signatures import ApprovalRequest, ReversalRequest

__all__ = [
    "Adjustment",
    "ApprovalRequest",
    "AutomaticStop",
    "CreditBalance",
    "IgnoreReason",
    "IgnoreRule",
    "IgnoredLine",
    "LedgerEntry",
    "LineBalance",
    "LineConfirmation",
    "Match",
    "MatchRun",
    "Proposal",
    "ProposalPart",
    "ReversalRequest",
    "RunInputs",
    "Settlement",
    "StatementImport",
    "StatementLine",
    "StatementProfile",
]
