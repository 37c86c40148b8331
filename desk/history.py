"""The history of a ticket in the staff's words: who did what, internal notes and messages among it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.models import PaymentReport
from reports.view import ReportView
from tickets.selectors import Entry


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line, the newest first. `title` of a message says who wrote; `text` is a sentence."""

    entry: Entry
    title: str
    text: str


def who(entry: Entry) -> str:
    """A person's name; the customer's people with what they are; the program as such."""
    if entry.person is None:
        return _("Concilia")
    return str(entry.person)


def told(entries: list[Entry], view: ReportView) -> list[Step]:
    """Everything that happened, the newest first. Reads nothing."""
    return [Step(entry=entry, title=_title(entry), text=_sentence(entry, view)) for entry in reversed(entries)]


def _title(entry: Entry) -> str:
    if not entry.is_message:
        return ""
    if entry.team == "stranger":
        sender = entry.mail.from_email if entry.mail else "–"
        return _("Held e-mail from %(address)s; the customer does not see it") % {"address": sender or "–"}
    if entry.is_internal:
        return _("Internal note by %(name)s") % {"name": _("you") if entry.is_own else who(entry)}
    if entry.is_own:
        return _("You wrote to the customer")
    if entry.team == "customer" and entry.person is None:
        return _("The customer wrote by e-mail")
    if entry.team == "customer":
        return _("%(name)s (customer) wrote") % {"name": who(entry)}
    return _("%(name)s wrote to the customer") % {"name": who(entry)}


def _sentence(entry: Entry, view: ReportView) -> str:
    if entry.is_message:
        return ""
    if entry.act == "open":
        return _opened(view.report, sum(map(len, view.revisions[-1].receipts.values())))
    name = {"name": who(entry)}
    if entry.is_own:
        return {
            "claim": _("You took it."),
            "release": _("You gave it back."),
            "wait_for_bank": _("You wait for the deposit."),
            "resume": _("You took it up again."),
            "ask_information": _("You asked."),
            "take_back": _("You withdrew the question."),
            "request_approval": _("You prepared it for the second signature."),
            "send_back": _("You sent it back."),
            "verify": _("You verified it."),
            "reject": _("You rejected it."),
            "reopen": _("You reopened it."),
            "reverse": _("You reversed it."),
        }.get(entry.act, "")
    return {
        "claim": _("%(name)s took it."),
        "release": _("%(name)s gave it back."),
        "wait_for_bank": _("%(name)s waits for the deposit."),
        "resume": _("%(name)s took it up again."),
        "ask_information": _("%(name)s asked."),
        "answer": _("%(name)s answered."),
        "take_back": _("%(name)s withdrew the question."),
        "request_approval": _("%(name)s prepared it for the second signature."),
        "send_back": _("%(name)s sent it back."),
        "verify": _("%(name)s verified it."),
        "reject": _("%(name)s rejected it."),
        "resubmit": _("%(name)s corrected it and sent it again."),
        "reopen": _("%(name)s reopened it."),
        "withdraw": _("%(name)s withdrew it."),
        "reverse": _("%(name)s reversed it."),
    }.get(entry.act, "") % name


def _opened(report: PaymentReport, receipts: int) -> str:
    several = ngettext("%(count)d receipt", "%(count)d receipts", receipts) % {"count": receipts}
    counted = several if receipts else _("no receipt")
    if report.channel == PaymentReport.Channel.PORTAL:
        return _("Through the portal, %(receipts)s.") % {"receipts": counted}
    return _("%(channel)s, written down by %(name)s, %(receipts)s.") % {
        "channel": report.get_channel_display(),
        "name": report.created_by or _("Concilia"),
        "receipts": counted,
    }
