"""Letters about conversations with a department, and about mail that could not be taken in."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Merchant
from letters.addresses import url_or_home
from letters.body import Body, Fact, Facts, Topic, kind


def _link(merchant: Merchant, facts: Facts) -> str:
    page = "portal:ticket" if facts.get("about_ticket") else "portal:conversation"
    return url_or_home(merchant, page, number=facts["number"]) if facts.get("number") else url_or_home(merchant, "portal:tickets")


def _about(facts: Facts) -> str:
    return _("About: %(subject)s") % {"subject": facts.get("subject") or facts.get("number") or ""}


@kind("conversation_moved", Topic.TICKETS)
def conversation_moved(merchant: Merchant, facts: Facts) -> Body:
    """`number`, `subject`, `department`."""
    said = {"number": facts["number"], "department": facts.get("department") or ""}
    return Body(
        subject=_("%(number)s: %(department)s answers you now") % said,
        heading=_("%(department)s answers you now") % said,
        paragraphs=(_about(facts), _("We passed your message on to those who know best. You need not write it again.")),
        button=_("View the conversation"),
        link=_link(merchant, facts),
    )


@kind("conversation_closed", Topic.TICKETS)
def conversation_closed(merchant: Merchant, facts: Facts) -> Body:
    """`number`, `subject`, `token` of the page that asks how it went."""
    return Body(
        subject=_("%(number)s: we closed your request. How was it?") % facts,
        heading=_("We closed your request"),
        paragraphs=(_about(facts), _("If something is left, answer this e-mail or write in your client area: it opens again.")),
        after=(_("How did we serve you? One click is enough, and it helps us."),),
        button=_("Tell us how it was"),
        link=url_or_home(merchant, "portal:rating", token=facts.get("token") or "-"),
    )


@kind("conversation_answered", Topic.STAFF)
def conversation_answered(merchant: Merchant, facts: Facts) -> Body:
    """To the member of the staff who has the conversation."""
    return Body(
        subject=_("%(number)s: %(customer)s wrote") % facts,
        heading=_("%(customer)s wrote") % facts,
        paragraphs=(_about(facts),),
        quote=facts.get("text") or "",
        button=_("Read and answer"),
        link=url_or_home(merchant, "desk:conversation", number=facts["number"]),
    )


@kind("conversation_assigned", Topic.STAFF)
def conversation_assigned(merchant: Merchant, facts: Facts) -> Body:
    """To the member of the staff who got the conversation. `who` gave it."""
    return Body(
        subject=_("%(number)s: this conversation is yours now") % facts,
        heading=_("This conversation is yours now"),
        paragraphs=(_about(facts),),
        rows=(
            Fact(label=pgettext("letter", "Customer"), text=facts["customer"]),
            Fact(label=_("Given to you by"), text=facts.get("who") or ""),
        ),
        button=_("Read and answer"),
        link=url_or_home(merchant, "desk:conversation", number=facts["number"]),
    )


@kind("mail_not_taken", Topic.TICKETS)
def mail_not_taken(merchant: Merchant, facts: Facts) -> Body:
    """`problems` are sentences in the reader's language; `kept`: whether the rest of the e-mail was taken in."""
    problems = tuple(str(each) for each in facts.get("problems") or ())
    kept = (
        _("Your text was received; only this is missing:") if facts.get("kept") else _("Your e-mail was not received, because:")
    )
    return Body(
        subject=_("Something in your e-mail could not be received"),
        heading=_("Something in your e-mail could not be received"),
        paragraphs=(_about(facts), kept, *problems),
        after=(_("Send a photo, a screenshot or a PDF of up to 10 MB, here or in your client area."),),
        button=_("To my client area"),
        link=_link(merchant, facts),
    )
