"""Every write of the reconciliation room, one module per act. Callers import from here."""

from reconciliation.choices import AdjustmentChoice, MatchChoice, Outcome
from reconciliation.services.approval import send_back_approval, sign_approval
from reconciliation.services.closing import reject_report, withdraw_report
from reconciliation.services.credit import apply_credit
from reconciliation.services.ignoring import drop_rule, ignore_by_rule, ignore_line, restore_line
from reconciliation.services.lines import enter_line, import_simple_csv
from reconciliation.services.matching import confirm_match, release_match
from reconciliation.services.nightly import close_days, prove_books, prove_soon
from reconciliation.services.periods import close_period, refuse_reopening, request_reopening, sign_reopening
from reconciliation.services.picking import settle_picked
from reconciliation.services.reversal import refuse_reversal, reverse_settlement, sign_reversal
from reconciliation.services.settlement import settle, verify_report

__all__ = [
    "AdjustmentChoice",
    "MatchChoice",
    "Outcome",
    "apply_credit",
    "close_days",
    "close_period",
    "confirm_match",
    "drop_rule",
    "enter_line",
    "ignore_by_rule",
    "ignore_line",
    "import_simple_csv",
    "prove_books",
    "prove_soon",
    "refuse_reopening",
    "refuse_reversal",
    "reject_report",
    "release_match",
    "request_reopening",
    "restore_line",
    "reverse_settlement",
    "send_back_approval",
    "settle",
    "settle_picked",
    "sign_approval",
    "sign_reopening",
    "sign_reversal",
    "verify_report",
    "withdraw_report",
]
