"""Every write of the reconciliation room, one module per act. Callers import from here."""

from reconciliation.choices import AdjustmentChoice, MatchChoice, Outcome
from reconciliation.runs.soon import propose_soon
from reconciliation.services.approval import send_back_approval, sign_approval
from reconciliation.services.bulk import BulkOutcome, Left, accept_proposal, accept_proposals
from reconciliation.services.closing import reject_report, withdraw_report
from reconciliation.services.credit import apply_credit
from reconciliation.services.ignoring import drop_rule, ignore_by_rule, ignore_line, restore_line
from reconciliation.services.imports import (
    choose_account,
    commit_import,
    discard_import,
    import_statement,
    read_statement,
    receive_statement,
    release_held,
    reread_statement,
    write_statement,
)
from reconciliation.services.lines import enter_line
from reconciliation.services.matching import confirm_match, release_match
from reconciliation.services.nightly import close_days, prove_books, prove_soon
from reconciliation.services.offers import claim_deposit, deny_deposit, offer_deposit, submit_claim, withdraw_offer
from reconciliation.services.originals import fetch_original
from reconciliation.services.payers import add_customer, end_group, make_payer_group, remove_customer
from reconciliation.services.periods import close_period, refuse_reopening, request_reopening, sign_reopening
from reconciliation.services.picking import settle_picked
from reconciliation.services.profiles import restore_profile, save_profile
from reconciliation.services.refunds import (
    RefundOutcome,
    drop_refund,
    refund_credit,
    refuse_refund_reversal,
    request_refund,
    reverse_refund,
    sign_refund,
    sign_refund_reversal,
)
from reconciliation.services.rejections import correct_rejected, decide_held, ignore_rejected
from reconciliation.services.returns import ReturnOutcome, return_deposit, undo_return
from reconciliation.services.reversal import refuse_reversal, reverse_settlement, sign_reversal
from reconciliation.services.runs import (
    Replay,
    UndoOutcome,
    dismiss_proposals,
    lift_stop,
    propose_matches,
    replay_run,
    restore_proposal,
    undo_run,
)
from reconciliation.services.settlement import settle, verify_report
from reconciliation.services.together import Together, commit_imports
from reconciliation.services.tolerances import drop_tolerance, set_tolerance
from reconciliation.services.undoing import undo_import

__all__ = [
    "AdjustmentChoice",
    "BulkOutcome",
    "Left",
    "MatchChoice",
    "Outcome",
    "RefundOutcome",
    "Replay",
    "ReturnOutcome",
    "Together",
    "UndoOutcome",
    "accept_proposal",
    "accept_proposals",
    "add_customer",
    "apply_credit",
    "choose_account",
    "claim_deposit",
    "close_days",
    "close_period",
    "commit_import",
    "commit_imports",
    "confirm_match",
    "correct_rejected",
    "decide_held",
    "deny_deposit",
    "discard_import",
    "dismiss_proposals",
    "drop_refund",
    "drop_rule",
    "drop_tolerance",
    "end_group",
    "enter_line",
    "fetch_original",
    "ignore_by_rule",
    "ignore_line",
    "ignore_rejected",
    "import_statement",
    "lift_stop",
    "make_payer_group",
    "offer_deposit",
    "propose_matches",
    "propose_soon",
    "prove_books",
    "prove_soon",
    "read_statement",
    "receive_statement",
    "refund_credit",
    "refuse_refund_reversal",
    "refuse_reopening",
    "refuse_reversal",
    "reject_report",
    "release_held",
    "release_match",
    "remove_customer",
    "replay_run",
    "request_refund",
    "request_reopening",
    "reread_statement",
    "restore_line",
    "restore_profile",
    "restore_proposal",
    "return_deposit",
    "reverse_refund",
    "reverse_settlement",
    "save_profile",
    "send_back_approval",
    "set_tolerance",
    "settle",
    "settle_picked",
    "sign_approval",
    "sign_refund",
    "sign_refund_reversal",
    "sign_reopening",
    "sign_reversal",
    "submit_claim",
    "undo_import",
    "undo_return",
    "undo_run",
    "verify_report",
    "withdraw_offer",
    "withdraw_report",
    "write_statement",
]
