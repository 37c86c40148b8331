"""Canned answers: which words in braces are filled in, and with what. Plain substitution; nothing of the text is ever run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from tickets.models import CannedReply, Conversation

VARIABLES: dict[str, Promise] = {
    "customer": _("the customer's name"),
    "number": _("the number of the conversation"),
    "subject": _("what it is about"),
    "department": _("the department"),
    "agent": _("your own name"),
    "merchant": _("the company's name"),
}
EXAMPLES: dict[str, str] = {
    "customer": "Panadería El Ávila",
    "number": "HA-10482",
    "subject": "Mi dominio",
    "department": "Soporte",
    "agent": "Sofía Blanco",
    "merchant": "Hosting Andina",
}
_WORD = re.compile(r"\{([a-z_]{1,30})\}")


def unknown_words(text: str) -> list[str]:
    """Variables in `text` that do not exist, in their order."""
    return [name for name in dict.fromkeys(_WORD.findall(text)) if name not in VARIABLES]


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """`text` with its variables replaced, once: braces in a value stay as they are."""
    return _WORD.sub(lambda found: values.get(found[1], found[0]), text)


def values_for(merchant: Merchant, conversation: Conversation, agent: str, language: str) -> dict[str, str]:
    """What the variables are in this conversation."""
    with translation.override(language):
        department = conversation.department.name
    return {
        "customer": conversation.customer.name,
        "number": conversation.number,
        "subject": conversation.subject,
        "department": department,
        "agent": agent,
        "merchant": merchant.name,
    }


def reply_text(reply: CannedReply, merchant: Merchant, conversation: Conversation, agent: str) -> str:
    """The answer in the customer's language, filled in for this conversation."""
    language = conversation.customer.language
    text = reply.text_en if language == "en" else reply.text_es
    return fill_in(text, values_for(merchant, conversation, agent, language))
