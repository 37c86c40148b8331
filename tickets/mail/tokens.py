"""Signed tokens: which conversation an answer by mail belongs to and who was written to, and who may rate a conversation.

A token stands in the address of the answer (`soporte+r7h-2k-…@`) and in `References`, so that an answer finds its conversation
whichever of the two a mail program keeps. Lower case alone: some servers fold the local part.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.utils.http import base36_to_int, int_to_base36

LONGEST_LOCAL = 64
_TOKEN = re.compile(r"\Ar([0-9a-z]{1,12})-([0-9a-z]{1,12})-([a-z2-7]{20})\Z")
_RATING = "tickets.rating"


@dataclass(frozen=True)
class ReplyTo:
    """What a token says. `user_id` is 0 for a customer that is written to at its own address."""

    conversation_id: int
    user_id: int


def reply_token(merchant_id: int, conversation_id: int, user_id: int | None) -> str:
    """The token for answers of one person in one conversation."""
    signed = f"{merchant_id}:{conversation_id}:{user_id or 0}"
    mac = _macs(signed)[0]
    return f"r{int_to_base36(conversation_id)}-{int_to_base36(user_id or 0)}-{mac}"


def read_token(token: str, merchant_id: int) -> ReplyTo | None:
    """What the token says; None for one that this installation did not make for this merchant."""
    found = _TOKEN.match(token.lower())
    if found is None:
        return None
    try:
        conversation_id, user_id = base36_to_int(found[1]), base36_to_int(found[2])
    except ValueError:
        return None
    right = [hmac.compare_digest(found[3], each) for each in _macs(f"{merchant_id}:{conversation_id}:{user_id}")]
    return ReplyTo(conversation_id, user_id) if any(right) else None


def with_token(address: str, token: str) -> str:
    """`soporte@x.example` with the token behind a plus; the address as it is where that would be too long for mail."""
    local, _at, domain = address.rpartition("@")
    longer = f"{local}+{token}"
    return f"{longer}@{domain}" if len(longer) <= LONGEST_LOCAL else address


def split_address(address: str) -> tuple[str, str]:
    """An address without what stands behind its plus, and that: (`soporte@x.example`, `r7h-2k-…`)."""
    local, _at, domain = address.lower().rpartition("@")
    plain, _plus, detail = local.partition("+")
    return f"{plain}@{domain}", detail


def rating_token(merchant_id: int, conversation_id: int) -> str:
    """Who holds it may say how the conversation went, and nothing else."""
    return signing.dumps([merchant_id, conversation_id], salt=_RATING)


def read_rating_token(token: str, merchant_id: int) -> int | None:
    """The conversation; None for a token that is not this merchant's or that was never made."""
    try:
        said = signing.loads(token, salt=_RATING)
    except signing.BadSignature:
        return None
    return int(said[1]) if isinstance(said, list) and len(said) == 2 and said[0] == merchant_id else None


def _macs(signed: str) -> list[str]:
    """The signature under the present key, then under those that are being retired."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hmac.new(b"concilia.reply\x00" + str(key).encode(), signed.encode(), hashlib.sha256).digest() for key in keys]
    return [base64.b32encode(digest[:12]).decode().rstrip("=").lower() for digest in digests]
