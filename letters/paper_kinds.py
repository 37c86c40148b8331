"""Letters that bring a paper: a bill, a fiscal invoice or a credit note, and the paper invoice that was handed over."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Merchant
from letters.addresses import url_or_home
from letters.body import Body, Fact, Facts, Topic, kind


@kind("order_issued", Topic.ORDERS)
def order_issued(merchant: Merchant, facts: Facts) -> Body:
    """`number`, `subject`, `amount`, `currency`, `due_on`."""
    return Body(
        subject=_("%(number)s: your bill from %(merchant)s") % {"number": facts["number"], "merchant": merchant.name},
        heading=_("Your bill"),
        paragraphs=(_("The bill is attached as PDF."),),
        rows=(
            Fact(label=pgettext("letter", "Order"), text=facts["number"]),
            Fact(label=pgettext("letter", "For"), text=facts.get("subject") or ""),
            Fact(label=pgettext("letter", "To pay"), amount=facts.get("amount") or "", currency=facts.get("currency") or ""),
            Fact(label=pgettext("letter", "Due on"), on=facts.get("due_on")),
        ),
        after=(_("After paying, report the payment in your client area, so that it is found and applied."),),
        button=_("View the order and how to pay"),
        link=url_or_home(merchant, "portal:order", number=facts["number"]),
    )


@kind("fiscal_document", Topic.ORDERS)
def fiscal_document(merchant: Merchant, facts: Facts) -> Body:
    """`number` of the document, `kind` (invoice or credit_note), `order`, `amount`, `currency`, `reason`."""
    is_note = facts.get("kind") == "credit_note"
    subject = (
        _("%(number)s: your credit note from %(merchant)s") if is_note else _("%(number)s: your fiscal invoice from %(merchant)s")
    )
    return Body(
        subject=subject % {"number": facts["number"], "merchant": merchant.name},
        heading=_("Your credit note") if is_note else _("Your fiscal invoice"),
        paragraphs=(_("It is attached, and stands in your client area at the order."),),
        rows=(
            Fact(label=_("Credit note") if is_note else _("Fiscal invoice"), text=facts["number"]),
            Fact(label=pgettext("letter", "Order"), text=facts.get("order") or ""),
            Fact(label=pgettext("letter", "Total"), amount=facts.get("amount") or "", currency=facts.get("currency") or ""),
            Fact(label=pgettext("letter", "Reason"), text=facts.get("reason") or ""),
        ),
        button=_("View the order"),
        link=url_or_home(merchant, "portal:order", number=facts.get("order") or facts["number"]),
    )


@kind("shipment_handed_over", Topic.TICKETS)
def shipment_handed_over(merchant: Merchant, facts: Facts) -> Body:
    """`number` of the ticket, `carrier`, `tracking`, `address`."""
    return Body(
        subject=_("%(number)s: your paper invoice is on its way") % facts,
        heading=_("Your paper invoice is on its way"),
        paragraphs=(_("We handed it over to the carrier."),),
        rows=(
            Fact(label=pgettext("letter", "Carrier"), text=facts.get("carrier") or ""),
            Fact(label=pgettext("letter", "Tracking number"), text=facts.get("tracking") or ""),
            Fact(label=pgettext("letter", "Address"), text=facts.get("address") or ""),
        ),
        button=_("View the ticket"),
        link=url_or_home(merchant, "portal:ticket", number=facts["number"]),
    )
