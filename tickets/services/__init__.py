"""Every write of the tickets room. An act locks the ticket, checks, moves the state, writes one event and queues its letter."""

from tickets.services.conversations import lock_conversation, open_conversation, post_message
from tickets.services.customers import answer, open_ticket, resubmit, withdraw
from tickets.services.deadlines import expire_answers, expire_claims, wake_waiting
from tickets.services.decisions import (
    Verdict,
    reject,
    reopen,
    request_approval,
    reverse,
    send_back,
    verify,
    verify_all,
    verify_many,
)
from tickets.services.departments import DepartmentData, ReplyData, save_canned_reply, save_department
from tickets.services.mail import Arrival, note_unreadable, open_held_mail, receive_mail, settle_held_mail, settle_mail
from tickets.services.mailboxes import MailboxData, read_mailbox, save_mailbox
from tickets.services.merchants import prepare_merchant
from tickets.services.reasons import move_reason, offer_reason, save_reason
from tickets.services.review import ask_information, claim, release, resume, take_back, wait_for_bank
from tickets.services.steps import lock_ticket, lock_tickets
from tickets.services.talks import (
    add_topic,
    assign_conversation,
    close_conversation,
    move_conversation,
    rate_conversation,
    remove_topic,
    reopen_conversation,
)

__all__ = [
    "Arrival",
    "DepartmentData",
    "MailboxData",
    "ReplyData",
    "Verdict",
    "add_topic",
    "answer",
    "ask_information",
    "assign_conversation",
    "claim",
    "close_conversation",
    "expire_answers",
    "expire_claims",
    "lock_conversation",
    "lock_ticket",
    "lock_tickets",
    "move_conversation",
    "move_reason",
    "note_unreadable",
    "offer_reason",
    "open_conversation",
    "open_held_mail",
    "open_ticket",
    "post_message",
    "prepare_merchant",
    "rate_conversation",
    "read_mailbox",
    "receive_mail",
    "reject",
    "release",
    "remove_topic",
    "reopen",
    "reopen_conversation",
    "request_approval",
    "resubmit",
    "resume",
    "reverse",
    "save_canned_reply",
    "save_department",
    "save_mailbox",
    "save_reason",
    "send_back",
    "settle_held_mail",
    "settle_mail",
    "take_back",
    "verify",
    "verify_all",
    "verify_many",
    "wait_for_bank",
    "wake_waiting",
    "withdraw",
]
