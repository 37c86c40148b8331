"""Mails as people and programs send them, and a mailbox that takes them."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from accounts.models import Merchant
from tickets.mail.secrets import seal
from tickets.mail.tokens import reply_token, with_token
from tickets.models import Conversation, Mailbox

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 400
PDF = b"%PDF-1.4\n%%EOF\n"


def make_mailbox(merchant: Merchant, **kw: Any) -> Mailbox:
    kw.setdefault("address", f"soporte@{merchant.slug}.example")
    kw.setdefault("host", "imap.example")
    kw.setdefault("username", kw["address"])
    kw.setdefault("secret", seal("clave"))
    return Mailbox.objects.create(merchant=merchant, **kw)


def answer_address(mailbox: Mailbox, conversation: Conversation, user_id: int | None) -> str:
    return with_token(mailbox.address, reply_token(mailbox.merchant_id, conversation.pk, user_id))


def a_mail(sender: str, to: str, text: str = "Hola", *, files: dict[str, bytes] | None = None, **headers: str) -> bytes:
    """A mail with the usual headers; `Message_ID="<1@x>"` sets one."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    headers.setdefault("Subject", "Re: su ticket")
    headers.setdefault("Message_ID", f"<{abs(hash((sender, to, text, tuple(headers.items()))))}@mail.example>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, content in (files or {}).items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
