"""Tables of the tickets room: the case and its steps; conversations, departments and how they end; mail that arrives."""

from tickets.models.conversations import (
    Attachment,
    CannedReply,
    Conversation,
    ConversationEvent,
    Department,
    Message,
    Rating,
    Topic,
)
from tickets.models.mail import IncomingMail, Mailbox
from tickets.models.tickets import (
    ASKABLE_FIELDS,
    HELD_STATES,
    LIVE_STATES,
    Reason,
    State,
    Ticket,
    TicketEvent,
    TicketSearch,
    claim_has_run_out,
)

__all__ = [
    "ASKABLE_FIELDS",
    "HELD_STATES",
    "LIVE_STATES",
    "Attachment",
    "CannedReply",
    "Conversation",
    "ConversationEvent",
    "Department",
    "IncomingMail",
    "Mailbox",
    "Message",
    "Rating",
    "Reason",
    "State",
    "Ticket",
    "TicketEvent",
    "TicketSearch",
    "Topic",
    "claim_has_run_out",
]
