"""Every write of the tickets room. An act locks the ticket, checks, moves the state, writes one event and queues its letter."""

from tickets.services.conversations import close_conversation, open_conversation, post_message
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
from tickets.services.merchants import prepare_merchant
from tickets.services.reasons import move_reason, offer_reason, save_reason
from tickets.services.review import ask_information, claim, release, resume, take_back, wait_for_bank
from tickets.services.steps import lock_ticket, lock_tickets

__all__ = [
    "Verdict",
    "answer",
    "ask_information",
    "claim",
    "close_conversation",
    "expire_answers",
    "expire_claims",
    "lock_ticket",
    "lock_tickets",
    "move_reason",
    "offer_reason",
    "open_conversation",
    "open_ticket",
    "post_message",
    "prepare_merchant",
    "reject",
    "release",
    "reopen",
    "request_approval",
    "resubmit",
    "resume",
    "reverse",
    "save_reason",
    "send_back",
    "take_back",
    "verify",
    "verify_all",
    "verify_many",
    "wait_for_bank",
    "wake_waiting",
    "withdraw",
]
