"""Where answers to letters about tickets and conversations arrive: at the merchant's mailbox, signed for one person."""

from __future__ import annotations

from letters.answers import AnswerPlace
from letters.models import Letter
from tickets.mail.tokens import reply_token, with_token
from tickets.models import Conversation, Mailbox


def place_of_answers(letter: Letter) -> AnswerPlace | None:
    """The signed address for the letter's reader; None for letters about other things, and without a mailbox that is read."""
    thing, _colon, pk = letter.about.partition(":")
    if thing not in ("ticket", "conversation") or not pk.isdecimal():
        return None
    mailbox = Mailbox.objects.filter(merchant=letter.merchant_id, is_active=True).only("address").first()
    if mailbox is None:
        return None
    conversations = Conversation.objects.filter(merchant=letter.merchant_id).values_list("pk", "department__email")
    found = conversations.filter(ticket_id=int(pk)) if thing == "ticket" else conversations.filter(pk=int(pk))
    row = found.first()
    if row is None:
        return None
    token = reply_token(letter.merchant_id, row[0], letter.user_id)
    return AnswerPlace(address=with_token(row[1] or mailbox.address, token), token=token)
