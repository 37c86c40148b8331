"""Statement lines, matches, settlements and the append-only ledger, each with the narrow row that changes beside it."""

from reconciliation.models.days import ChangedDay, DaySum
from reconciliation.models.exports import ExportFile
from reconciliation.models.imports import RejectedLine, StatementDownload, StatementImport
from reconciliation.models.lines import LineBalance, LineConfirmation, StatementLine
from reconciliation.models.money import Adjustment, CreditBalance, LedgerEntry, Match, Settlement
from reconciliation.models.offers import DepositOffer
from reconciliation.models.payers import PayerGroup, PayerGroupMember
from reconciliation.models.periods import AuditRun, DailyClosing, Period, ReopenRequest
from reconciliation.models.profiles import StatementProfile
from reconciliation.models.returns import Refund, ReturnedDeposit
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
from reconciliation.models.tolerances import Tolerance

__all__ = [
    "Adjustment",
    "ApprovalRequest",
    "AuditRun",
    "AutomaticStop",
    "ChangedDay",
    "CreditBalance",
    "DailyClosing",
    "DaySum",
    "DepositOffer",
    "ExportFile",
    "IgnoreReason",
    "IgnoreRule",
    "IgnoredLine",
    "LedgerEntry",
    "LineBalance",
    "LineConfirmation",
    "Match",
    "MatchRun",
    "PayerGroup",
    "PayerGroupMember",
    "Period",
    "Proposal",
    "ProposalPart",
    "Refund",
    "RejectedLine",
    "ReopenRequest",
    "ReturnedDeposit",
    "ReversalRequest",
    "RunInputs",
    "Settlement",
    "StatementDownload",
    "StatementImport",
    "StatementLine",
    "StatementProfile",
    "Tolerance",
]
