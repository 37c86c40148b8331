"""A merchant's own words in its letters: read as plain text with a few names in braces, never as a template.

`{number}` stands for the ticket's number, and so on: what may stand in a kind of letter is listed here and nothing else is looked
up, so that no word of a merchant can reach data or run anything. Amounts, links and codes are not words: they stay as they are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Language, Merchant
from accounts.setup_history import facts_of, note_setup
from letters.body import Body
from letters.kinds import write_letter
from letters.models import LetterText

NAME = re.compile(r"\{([^{}]*)\}")
PARTS = ("subject", "heading", "opening", "closing")
LONGEST = {"subject": 150, "heading": 150, "opening": 3000, "closing": 3000}
# Signs that turn text round or cannot be seen, and everything that breaks a line in a header.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

VARIABLES: Mapping[str, object] = {
    "merchant": gettext_lazy("the name of your company"),
    "number": gettext_lazy("the number of the ticket, order or document"),
    "subject": gettext_lazy("what it is about"),
    "order": gettext_lazy("the number of the order"),
    "due": gettext_lazy("until when it is to be paid"),
    "document": gettext_lazy("fiscal invoice or credit note"),
    "department": gettext_lazy("the department"),
    "carrier": gettext_lazy("who carries it"),
    "tracking": gettext_lazy("the tracking number"),
    "deadline": gettext_lazy("until when it is decided"),
    "answer_due": gettext_lazy("until when you wait for the answer"),
    "until": gettext_lazy("when you look again"),
    "reason": gettext_lazy("the reason, as the customer reads it"),
    "advice": gettext_lazy("what to do next"),
    "team": gettext_lazy("who wrote: support or accounting"),
    "bank": gettext_lazy("the bank of the account"),
}
# Under which name the facts of a letter keep what a variable says, where it is another.
FACTS = {"deadline": "deadline_at", "answer_due": "answer_due_at", "until": "until_on", "due": "due_on", "document": "kind"}


@dataclass(frozen=True, kw_only=True)
class OwnKind:
    """A kind of letter whose words may be a merchant's own. `adds`: our last words are computed, so theirs come after them."""

    name: object
    variables: tuple[str, ...]
    adds: bool = False


_TICKET = ("merchant", "number")
OWN_KINDS: Mapping[str, OwnKind] = {
    "ticket_submitted": OwnKind(name=gettext_lazy("A payment report arrived"), variables=(*_TICKET, "subject", "deadline")),
    "ticket_resubmitted": OwnKind(name=gettext_lazy("A corrected report arrived"), variables=(*_TICKET, "deadline")),
    "ticket_needs_information": OwnKind(name=gettext_lazy("Accounting asks something"), variables=(*_TICKET, "answer_due")),
    "ticket_question_withdrawn": OwnKind(name=gettext_lazy("A question is taken back"), variables=_TICKET),
    "ticket_waiting_for_bank": OwnKind(name=gettext_lazy("A report waits for the bank"), variables=(*_TICKET, "until")),
    "ticket_verified": OwnKind(name=gettext_lazy("A payment is verified"), variables=_TICKET, adds=True),
    "ticket_rejected": OwnKind(name=gettext_lazy("A report is rejected"), variables=(*_TICKET, "reason", "advice")),
    "ticket_withdrawn": OwnKind(name=gettext_lazy("A report is withdrawn"), variables=_TICKET),
    "ticket_reversed": OwnKind(name=gettext_lazy("A payment is reversed"), variables=(*_TICKET, "reason", "advice")),
    "ticket_reopened": OwnKind(name=gettext_lazy("A report is reviewed again"), variables=(*_TICKET, "deadline")),
    "credit_refunded": OwnKind(name=gettext_lazy("A credit balance is paid out"), variables=("merchant",)),
    "refund_reversed": OwnKind(name=gettext_lazy("A refund did not hold"), variables=("merchant",)),
    "deposit_offered": OwnKind(name=gettext_lazy("A deposit may be the customer's"), variables=("merchant", "bank")),
    "conversation_message": OwnKind(
        name=pgettext_lazy("kind of letter", "A message of your team"), variables=(*_TICKET, "subject", "team"), adds=True
    ),
    "conversation_moved": OwnKind(name=gettext_lazy("Another department answers"), variables=(*_TICKET, "subject", "department")),
    "conversation_closed": OwnKind(name=gettext_lazy("A request is closed"), variables=(*_TICKET, "subject"), adds=True),
    "order_issued": OwnKind(name=gettext_lazy("A bill"), variables=(*_TICKET, "subject", "due")),
    "payment_reminder": OwnKind(name=gettext_lazy("A reminder of what is owed"), variables=("merchant",), adds=True),
    "fiscal_document": OwnKind(name=gettext_lazy("A fiscal invoice or a credit note"), variables=(*_TICKET, "document", "order")),
    "shipment_handed_over": OwnKind(
        name=gettext_lazy("A paper invoice is on its way"), variables=(*_TICKET, "carrier", "tracking")
    ),
}


@transaction.atomic
def save_letter_texts(*, kind: str, words: Mapping[str, Mapping[str, str]], by: Actor) -> None:
    """Write a house's own words for a kind of letter, by language and part; a language all blank is back to everybody's.

    By an administrator; all or nothing. Raises `Refused` with the field (`subject_es`): `unknown_kind`, `too_long`,
    `unknown_variable`, `stray_brace`, `unseen_sign`, `one_line`.
    """
    by.require(by.can_administer)
    if kind not in OWN_KINDS or set(words) - set(Language.values):
        raise Refused(_("The words of this letter cannot be changed."), code="unknown_kind")
    for language, said in words.items():
        _save(kind, language, {part: _read(kind, f"{part}_{language}", said.get(part, "")) for part in PARTS}, by)


def _save(kind: str, language: str, read: Mapping[str, str], by: Actor) -> None:
    Merchant.objects.select_for_update(no_key=True).get(pk=by.merchant.pk)
    found = LetterText.objects.filter(merchant=by.merchant, kind=kind, language=language).first()
    before = facts_of(found, PARTS) if found else dict.fromkeys(PARTS, "")
    note_setup("letter", before, read, subject=f"{kind} · {language}", by=by)
    if not any(read.values()):
        if found is not None:
            found.delete()
        return
    text = found or LetterText(merchant=by.merchant, kind=kind, language=language)
    for part, said in read.items():
        setattr(text, part, said)
    text.save()


def own_texts_of(merchant: Merchant) -> dict[tuple[str, str], LetterText]:
    """A house's own words by kind and language."""
    return {(each.kind, each.language): each for each in LetterText.objects.filter(merchant=merchant)}


def say_it_their_way(kind: str, merchant: Merchant, language: str, body: Body, facts: Mapping[str, Any]) -> Body:
    """The letter in the house's own words where it has some."""
    if kind not in OWN_KINDS:
        return body
    text = LetterText.objects.filter(merchant=merchant, kind=kind, language=language).first()
    return body if text is None else with_words(kind, merchant, text, body, facts)


def with_words(kind: str, merchant: Merchant, text: LetterText, body: Body, facts: Mapping[str, Any]) -> Body:
    """The parts of a letter with those words put in that are not blank."""
    values = _values(OWN_KINDS[kind], merchant, facts)
    said = {part: _fill(getattr(text, part), values) for part in PARTS}
    closing = _paragraphs(said["closing"])
    return dataclasses.replace(
        body,
        subject=said["subject"] or body.subject,
        heading=said["heading"] or body.heading,
        paragraphs=_paragraphs(said["opening"]) or body.paragraphs,
        after=(*body.after, *closing) if OWN_KINDS[kind].adds else closing or body.after,
    )


def sample_body(kind: str, merchant: Merchant, language: str, text: LetterText | None) -> Body:
    """The letter with made-up facts, for somebody who writes its words; `text` need not be saved."""
    with translation.override(language):
        facts = sample_facts(merchant)
        body = write_letter(kind, merchant, facts)
        return body if text is None else with_words(kind, merchant, text, body, facts)


def sample_facts(merchant: Merchant) -> dict[str, Any]:
    """One fact of everything that the kinds above may speak of, in the present language; nobody's."""
    soon = timezone.now().replace(hour=15, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    currency = merchant.currency
    return {
        "number": f"{merchant.ticket_prefix}-000123",
        "subject": _("Order 2026-004001"),
        "customer": _("The corner hardware shop"),
        "deadline_at": soon,
        "answer_due_at": soon,
        "until_on": soon.date(),
        "booked_on": timezone.localdate(),
        "note": _("The number of the operation cannot be read on the receipt. Can you tell it to us?"),
        "text": _("Good morning. We have received your documents."),
        "reason": _("The payment is not in the account"),
        "advice": _("Check with your bank that the transfer went through."),
        "team": "support",
        "bank": _("Example Bank"),
        "reference": "45775572442",
        "reference_end": "2442",
        "order": "2026-004001",
        "due_on": soon.date(),
        "kind": "invoice",
        "department": _("Support"),
        "carrier": "Zoom",
        "tracking": "1234567890",
        "orders": [
            {"number": "2026-004001", "amount": "120.00", "currency": currency, "due": soon.date().isoformat(), "is_late": False}
        ],
        "sums": [{"amount": "120.00", "currency": currency}],
        "count": 1,
        "late": 0,
        "applied": [{"order": "2026-004001", "amount": "120.00", "currency": currency, "left": "0"}],
        "amount": "120.00",
        "currency": currency,
        "left": "0.00",
        "pk": 0,
    }


def _read(kind: str, field: str, text: str) -> str:
    """What was typed in a field (`subject_es`), checked. Raises `Refused`."""
    part = field.partition("_")[0]
    read = re.sub(r"\n{3,}", "\n\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if UNSEEN.search(read):
        raise Refused(_("The text holds signs that cannot be seen. Type it anew."), code="unseen_sign", fields=(field,))
    if part in ("subject", "heading") and "\n" in read:
        raise Refused(_("This is one line."), code="one_line", fields=(field,))
    if len(read) > LONGEST[part]:
        raise Refused(_("The text is longer than %(most)d signs.") % {"most": LONGEST[part]}, code="too_long", fields=(field,))
    known = OWN_KINDS[kind].variables
    unknown = [name for name in NAME.findall(read) if name not in known]
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in known)
        raise Refused(
            _("{%(name)s} means nothing in this letter. These can stand in it: %(names)s.")
            % {"name": unknown[0][:30], "names": names},
            code="unknown_variable",
            fields=(field,),
        )
    if "{" in NAME.sub("", read) or "}" in NAME.sub("", read):
        raise Refused(_("A brace is open or closed alone. Write names as {number}."), code="stray_brace", fields=(field,))
    return read


def _fill(text: str, values: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: values.get(found[1], ""), text)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"\n\s*\n", text) if part.strip())


def _values(kind: OwnKind, merchant: Merchant, facts: Mapping[str, Any]) -> dict[str, str]:
    values = {name: _told(facts.get(FACTS.get(name, name))) for name in kind.variables}
    if "team" in values:
        values["team"] = {"support": _("Support"), "accounting": _("Accounting")}.get(values["team"], merchant.name)
    if "document" in values:
        values["document"] = _("Credit note") if values["document"] == "credit_note" else _("Fiscal invoice")
    return {**values, "merchant": merchant.name}


def _told(value: Any) -> str:
    """A fact as text: moments and dates as people write them."""
    if isinstance(value, dt.datetime):
        return f"{_told(timezone.localtime(value).date())}, {timezone.localtime(value):%H:%M}"
    if isinstance(value, dt.date):
        return date_format(value, "j M Y").lower() if translation.get_language() == "es" else date_format(value, "j M Y")
    return str(value or "")
