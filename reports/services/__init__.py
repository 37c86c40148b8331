"""Every write of the reports room: drafts, sending, correcting, withdrawing, rejecting. Each act is one transaction."""

from reports.services.correct import answer_question, resubmit_report
from reports.services.decide import reject_report, reopen_report, withdraw_report
from reports.services.drafting import discard_draft, forget_old_drafts, remove_draft_file, save_draft
from reports.services.mail import mailboxes_to_read, read_mailbox, take_mail
from reports.services.shipments import deliver_shipment, hand_over_shipment, prepare_shipment, return_shipment
from reports.services.submit import submit_report
from reports.services.topics import link_topic

__all__ = [
    "answer_question",
    "deliver_shipment",
    "discard_draft",
    "forget_old_drafts",
    "hand_over_shipment",
    "link_topic",
    "mailboxes_to_read",
    "prepare_shipment",
    "read_mailbox",
    "reject_report",
    "remove_draft_file",
    "reopen_report",
    "resubmit_report",
    "return_shipment",
    "save_draft",
    "submit_report",
    "take_mail",
    "withdraw_report",
]
