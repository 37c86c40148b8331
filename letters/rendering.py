"""From a row of the outbox to a message: the words of its kind, as text and as HTML, in the reader's language and zone."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from letters.addresses import merchant_home
from letters.answers import answer_place
from letters.attachments import attachments_of
from letters.kinds import write_letter
from letters.models import Letter
from letters.own_words import say_it_their_way

# Control characters and the separators that some readers of headers take for a line's end.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Rendered:
    """A letter ready to be sent."""

    subject: str
    text: str
    html: str


def one_line(text: str) -> str:
    """`text` without line breaks or control characters, so that it can stand in a header."""
    return " ".join(_BREAKS.sub(" ", text).split())


def readable_on(colour: str) -> str:
    """Black or white, whichever is easier to read on `colour` (`#rrggbb`): relative luminance after WCAG."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return "#12142b" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


def render_letter(letter: Letter) -> Rendered:
    """Write the letter. The merchant's zone and the reader's language hold for everything in it."""
    merchant = letter.merchant
    zone = zoneinfo.ZoneInfo(merchant.time_zone)
    with translation.override(letter.language), timezone.override(zone):
        facts = read_context(letter.context, letter.language)
        body = write_letter(letter.kind, merchant, facts)
        body = say_it_their_way(letter.kind, merchant, letter.language, body, facts)
        page = {
            "merchant": merchant,
            "body": body,
            "language": letter.language,
            "home": merchant_home(merchant),
            "on_accent": readable_on(merchant.accent),
            "is_answerable": answer_place(letter) is not None,
        }
        text = render_to_string("letters/letter.txt", page)
        html = render_to_string("letters/letter.html", page)
    return Rendered(
        subject=one_line(body.subject)[:300], text=_BLANK_LINES.sub("\n\n", text).strip() + "\n", html=html.strip() + "\n"
    )


def read_context(context: dict[str, Any], language: str) -> dict[str, Any]:
    """The context as it was before it became JSON, with `x_es` / `x_en` chosen as `x`."""
    facts: dict[str, Any] = {}
    for key, value in context.items():
        if key.endswith(("_es", "_en")):
            if key.endswith(f"_{language}"):
                facts[key[:-3]] = value
        elif key.endswith("_at") and isinstance(value, str) and value:
            facts[key] = datetime.fromisoformat(value)
        elif key.endswith("_on") and isinstance(value, str) and value:
            facts[key] = date.fromisoformat(value)
        else:
            facts[key] = value
    return facts


def build_message(letter: Letter) -> EmailMultiAlternatives:
    """The e-mail of a rendered letter: from the merchant's name, the same Message-ID on every try. Answers go where they are
    taken in, else to the merchant's support."""
    merchant = letter.merchant
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = urlsplit(settings.SITE_URL).hostname or "localhost"
    answers = answer_place(letter)
    thread = answers.token if answers else one_line(letter.about).replace(":", "-").replace(" ", "-")
    reply_to = answers.address if answers else merchant.support_email
    message = EmailMultiAlternatives(
        subject=one_line(letter.subject),
        body=letter.text,
        from_email=formataddr((one_line(merchant.name), sender)),
        to=[letter.to_email],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": f"<letter-{letter.pk}-{letter.created_at:%Y%m%d%H%M%S}@{domain}>",
            "References": f"<{thread}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": letter.language,
        },
    )
    message.attach_alternative(letter.html, "text/html")
    for each in attachments_of(letter):
        message.attach(each.name, each.content, each.content_type)
    return message
