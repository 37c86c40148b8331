"""The history of a ticket in the customer's words: each step a title, a sentence, who and when."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Merchant
from tickets.selectors import Entry


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the history. `entry` is the step or message itself; `text` tells what happened, `who` by which team."""

    entry: Entry
    text: str
    who: str


def team_name(team: str, merchant: Merchant, *, is_own: bool) -> str:
    """A team as the customer knows it; people of the staff stay unnamed."""
    if is_own:
        return _("You")
    names = {"customer": _("Your company"), "support": _("Support team"), "accounting": _("Accounting team")}
    return names.get(team, merchant.name)


def told(entries: list[Entry], merchant: Merchant) -> list[Step]:
    """The history, the newest first."""
    return [
        Step(entry=entry, text=_text_of(entry), who=team_name(entry.team, merchant, is_own=entry.is_own))
        for entry in reversed(entries)
    ]


def _text_of(entry: Entry) -> str:
    """What a step did, as a sentence; nothing for messages, whose words speak for themselves."""
    if entry.is_message:
        return ""
    from_customer = entry.team == "customer"
    sentences = {
        "open": _("The report arrived through the portal.") if from_customer else _("The report was written down for you."),
        "claim": _("Accounting took your report."),
        "wait_for_bank": _("The money is not in the account yet; we keep looking."),
        "resume": _("Accounting looks for your payment again."),
        "ask_information": _("Accounting has a question."),
        "answer": _("The answer arrived."),
        "take_back": _("Accounting went on without waiting for the answer."),
        "verify": _("We found your payment and applied it."),
        "reject": "",
        "resubmit": _("The corrected report arrived."),
        "reopen": _("Accounting looks at it again."),
        "withdraw": _("The report was withdrawn."),
        "reverse": _("The payment was reversed; its orders are owed again."),
    }
    return sentences.get(entry.act, "")
