"""What each kind of letter says. One function a kind; text and HTML are laid out from the same parts, so they never differ.

A function gets the merchant and the facts of the row's context, in the reader's language; `docs/states.md` says which facts
letters about tickets have. Moments and amounts stand in `Fact` rows, which the templates write as people read them.
"""

from __future__ import annotations

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.models import Merchant
from letters import money_kinds as money_kinds
from letters import paper_kinds as paper_kinds
from letters import support_kinds as support_kinds
from letters.addresses import url_or_home
from letters.body import KINDS, TOPICS, Body, Fact, Facts, Topic, kind

__all__ = ("KINDS", "TOPICS", "write_letter")


def write_letter(name: str, merchant: Merchant, facts: Facts) -> Body:
    """The parts of a letter of that kind. Raises `KeyError` for a kind that nobody writes."""
    return KINDS[name](merchant, facts)


def _ticket_link(merchant: Merchant, facts: Facts) -> str:
    return url_or_home(merchant, "portal:ticket", number=facts["number"])


def _reason(facts: Facts) -> tuple[Fact, ...]:
    return (
        Fact(label=pgettext("letter", "Reason"), text=facts.get("reason") or ""),
        Fact(label=pgettext("letter", "What to do"), text=facts.get("advice") or ""),
    )


@kind("ticket_submitted", Topic.TICKETS)
def ticket_submitted(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: we received your payment report") % facts,
        heading=_("We received your payment report"),
        paragraphs=(_("Accounting now looks for your payment in the bank account."),),
        rows=(
            Fact(label=_("Ticket number"), text=facts["number"]),
            Fact(label=pgettext("letter", "Report"), text=facts.get("subject") or ""),
            Fact(label=_("Decided at the latest"), at=facts.get("deadline_at")),
        ),
        after=(_("We will write to you at each change. If something is missing, the clock stops until you answer."),),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_resubmitted", Topic.TICKETS)
def ticket_resubmitted(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: we received your corrected report") % facts,
        heading=_("We received your corrected report"),
        paragraphs=(_("Accounting reviews it again from the start, under the same ticket number."),),
        rows=(
            Fact(label=_("Ticket number"), text=facts["number"]),
            Fact(label=_("Decided at the latest"), at=facts.get("deadline_at")),
        ),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_needs_information", Topic.TICKETS)
def ticket_needs_information(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: Accounting needs something from you") % facts,
        heading=_("Information needed for your report"),
        paragraphs=(_("Accounting asks:"),),
        quote=facts.get("note") or "",
        rows=(Fact(label=_("We wait for your answer until"), at=facts.get("answer_due_at")),),
        after=(_("The clock stands still until you answer. Only what we ask about can be changed; everything else stays."),),
        button=_("Answer now"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_question_withdrawn", Topic.TICKETS)
def ticket_question_withdrawn(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: the review goes on") % facts,
        heading=_("Your report is in review again"),
        paragraphs=(
            _("We go on with what we have; you need not answer our question any more."),
            _("If you still want to tell us something, write a message on the ticket."),
        ),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_waiting_for_bank", Topic.TICKETS)
def ticket_waiting_for_bank(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: waiting for the bank") % facts,
        heading=_("We are waiting for the bank"),
        paragraphs=(
            _("Your payment does not show in our bank account yet. You need not do anything: we look again as soon as it does."),
        ),
        rows=(Fact(label=_("We look again at the latest on"), on=facts.get("until_on")),),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_verified", Topic.TICKETS)
def ticket_verified(merchant: Merchant, facts: Facts) -> Body:
    applied = facts.get("applied") or []
    credit = facts.get("credit") or {}
    rows = [
        Fact(label=_("Order %(order)s") % {"order": each["order"]}, amount=each["amount"], currency=each.get("currency", ""))
        for each in applied
    ]
    if credit:
        rows.append(Fact(label=_("To your credit balance"), amount=credit["amount"], currency=credit.get("currency", "")))
    unpaid = [each for each in applied if each.get("left") and each["left"].strip("0.")]
    after = []
    if unpaid:
        after.append(
            ngettext(
                "One order is paid in part; what remains stays open.",
                "%(count)d orders are paid in part; what remains stays open.",
                len(unpaid),
            )
            % {"count": len(unpaid)}
        )
    return Body(
        subject=_("%(number)s: your payment is verified") % facts,
        heading=_("Your payment is verified"),
        paragraphs=(_("We found your payment in the bank and applied it:"),)
        if rows
        else (_("We found your payment in the bank."),),
        rows=tuple(rows),
        after=tuple(after),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_rejected", Topic.TICKETS)
def ticket_rejected(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: your report was rejected") % facts,
        heading=_("Your report was rejected"),
        paragraphs=(_("Accounting could not verify this payment, so your orders stay as they were."),),
        quote=facts.get("note") or "",
        rows=(*_reason(facts), Fact(label=_("Already reported in"), text=facts.get("twin") or "")),
        after=(_("You can correct the report and send it again under the same number."),),
        button=_("View and correct"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_withdrawn", Topic.TICKETS)
def ticket_withdrawn(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: report withdrawn") % facts,
        heading=_("Your report is withdrawn"),
        paragraphs=(
            _("Nobody reviews it any more and your orders stay as they were. You can report the payment anew at any time."),
        ),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_reversed", Topic.TICKETS)
def ticket_reversed(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: the payment was reversed") % facts,
        heading=_("The payment was reversed"),
        paragraphs=(_("A payment that we had verified does not hold. The orders that it paid are open again."),),
        rows=_reason(facts),
        after=(_("If you think that this is a mistake, write a message on the ticket."),),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


@kind("ticket_reopened", Topic.TICKETS)
def ticket_reopened(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("%(number)s: in review again") % facts,
        heading=_("Your report is in review again"),
        paragraphs=(_("Accounting looks at this payment once more. You need not do anything."),),
        rows=(Fact(label=_("Decided at the latest"), at=facts.get("deadline_at")),),
        button=_("View the ticket"),
        link=_ticket_link(merchant, facts),
    )


def _paid_in(facts: Facts) -> str:
    return str(facts.get("paid_currency", facts["currency"]))


def _is_converted(facts: Facts) -> bool:
    return _paid_in(facts) != str(facts["currency"])


def _from_credit(facts: Facts) -> tuple[Fact, ...]:
    """What left the credit, where that is another currency than what was paid, and at which dated rate."""
    if not _is_converted(facts):
        return ()
    number = facts["rate"].replace(".", ",") if (get_language() or "es").startswith("es") else facts["rate"]
    return (
        Fact(label=_("From your credit balance"), amount=facts["amount"], currency=facts["currency"]),
        Fact(label=_("Rate"), text=f"1 {facts['currency']} = {number} {facts['paid_currency']}"),
        Fact(label=_("Date of the rate"), on=facts["rate_on"]),
    )


def _transferred(facts: Facts) -> tuple[Fact, ...]:
    if not _is_converted(facts):
        return ()
    return (Fact(label=_("Paid out"), amount=facts["paid"], currency=facts["paid_currency"]),)


@kind("credit_refunded", Topic.ORDERS)
def credit_refunded(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("We paid your credit balance out"),
        heading=_("We paid your credit balance out"),
        paragraphs=(_("We transferred money that was in your favour to you."),),
        rows=(
            Fact(label=_("Paid out"), amount=facts.get("paid", facts["amount"]), currency=_paid_in(facts)),
            *_from_credit(facts),
            Fact(label=_("Date of the transfer"), on=facts.get("booked_on") or None),
            Fact(label=pgettext("letter", "Reference"), text=facts.get("reference") or ""),
            Fact(label=_("Still in your favour"), amount=facts["left"], currency=facts["currency"]),
        ),
        after=(_("It may take your bank a day or two to show it. If it does not arrive, write to us."),),
        button=_("View my account"),
        link=url_or_home(merchant, "portal:home"),
    )


@kind("refund_reversed", Topic.ORDERS)
def refund_reversed(merchant: Merchant, facts: Facts) -> Body:
    return Body(
        subject=_("Your credit balance is back"),
        heading=_("Your credit balance is back"),
        paragraphs=(_("A payment of your credit balance to you does not hold: the money is in your favour again."),),
        rows=(
            Fact(label=_("Back in your favour"), amount=facts["amount"], currency=facts["currency"]),
            *_transferred(facts),
            Fact(label=_("Now in your favour"), amount=facts["left"], currency=facts["currency"]),
        ),
        after=(_("If you think that this is a mistake, write to us."),),
        button=_("View my account"),
        link=url_or_home(merchant, "portal:home"),
    )


@kind("ticket_answered", Topic.STAFF)
def ticket_answered(merchant: Merchant, facts: Facts) -> Body:
    """To the accountant who asked."""
    return Body(
        subject=_("%(number)s: %(customer)s answered") % facts,
        heading=_("The customer answered your question"),
        quote=facts.get("note") or "",
        rows=(
            Fact(label=pgettext("letter", "Customer"), text=facts["customer"]),
            Fact(label=_("Decide at the latest"), at=facts.get("deadline_at")),
        ),
        button=_("View the ticket"),
        link=url_or_home(merchant, "desk:ticket", number=facts["number"]),
    )


@kind("deposit_offered", Topic.REPORTS)
def deposit_offered(merchant: Merchant, facts: Facts) -> Body:
    """A deposit that may be the customer's: what they need to know it again, nothing about who paid."""
    return Body(
        subject=_("Is this deposit yours?"),
        heading=_("Is this deposit yours?"),
        paragraphs=(_("We received a deposit that nobody has reported, and we think that it may be yours."),),
        rows=(
            Fact(label=_("Amount"), amount=facts["amount"], currency=facts.get("currency", "")),
            Fact(label=_("Date of the bank"), on=facts.get("booked_on")),
            Fact(label=_("Into our account at"), text=facts.get("bank") or ""),
            Fact(label=_("The reference ends in"), text=facts.get("reference_end") or ""),
            Fact(label=_("We ask until"), on=facts.get("until_on")),
        ),
        after=(_("If it is yours, tell us which orders it pays. If it is not, say so with one click."),),
        button=pgettext("verb", "Answer"),
        link=url_or_home(merchant, "portal:deposit", pk=facts["pk"]),
    )


@kind("deposit_denied", Topic.STAFF)
def deposit_denied(merchant: Merchant, facts: Facts) -> Body:
    """To the accountant who asked."""
    return Body(
        subject=_("%(customer)s: the deposit is not theirs") % facts,
        heading=_("The deposit that you offered is not theirs"),
        quote=facts.get("note") or "",
        rows=(
            Fact(label=pgettext("letter", "Customer"), text=facts["customer"]),
            Fact(label=_("Amount"), amount=facts["amount"], currency=facts.get("currency", "")),
            Fact(label=_("Date of the bank"), on=facts.get("booked_on")),
        ),
        button=_("See the offered deposits"),
        link=url_or_home(merchant, "desk:deposit_offers"),
    )


@kind("conversation_message", Topic.TICKETS)
def conversation_message(merchant: Merchant, facts: Facts) -> Body:
    team = {"support": _("Support"), "accounting": _("Accounting")}.get(facts.get("team", ""), merchant.name)
    page = "portal:ticket" if facts.get("about_ticket") else "portal:conversation"
    count = int(facts.get("attachments") or 0)
    after = (
        (ngettext("There is one attached file.", "There are %(count)d attached files.", count) % {"count": count},)
        if count
        else ()
    )
    return Body(
        subject=_("%(number)s: new message from %(team)s") % {"number": facts["number"], "team": team},
        heading=_("New message from %(team)s") % {"team": team},
        paragraphs=(_("About: %(subject)s") % {"subject": facts.get("subject") or facts["number"]},),
        quote=facts.get("text") or "",
        after=after,
        button=_("Read and answer"),
        link=url_or_home(merchant, page, number=facts["number"]),
    )


@kind("account_message", Topic.PERSON)
def account_message(merchant: Merchant, facts: Facts) -> Body:
    """Codes, links and notices about somebody's access: the words are given (`subject`, `heading`, `text`, `code`, `link`,
    `button`)."""
    return Body(
        subject=facts["subject"],
        heading=facts.get("heading") or facts["subject"],
        paragraphs=tuple(part.strip() for part in str(facts.get("text") or "").split("\n\n") if part.strip()),
        code=facts.get("code") or "",
        button=facts.get("button") or (pgettext("letter", "Continue") if facts.get("link") else ""),
        link=facts.get("link") or "",
    )
