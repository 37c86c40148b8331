"""Answers that are ready, put into the box where one writes: they are read and changed before they are sent."""

from __future__ import annotations

from accounts.access import HouseRequest
from desk.forms import MessageForm
from desk.requests import Member, key_of
from tickets.canned import reply_text
from tickets.models import Conversation
from tickets.support import replies_for


def box_of(request: HouseRequest, member: Member, conversation: Conversation) -> MessageForm:
    """The box to write in: empty, or with the answer that `?canned=` names."""
    key = key_of(request.GET.get("canned"))
    reply = replies_for(member.actor, conversation.department).filter(pk=key).first() if key else None
    return MessageForm(initial={"text": reply_text(reply, member.merchant, conversation, str(member.user))} if reply else {})
