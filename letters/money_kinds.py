"""Letters about what a customer owes, and about the data that a customer has with us."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.models import Merchant
from letters.addresses import url_or_home
from letters.body import Body, Fact, Facts, Topic, kind


def _written(day: str) -> str:
    """`24 nov 2026` in the reader's language."""
    read = dt.date.fromisoformat(day)
    month = date_format(read, "M")
    return f"{read.day} {month.lower() if (get_language() or 'es').startswith('es') else month} {read.year}"


@kind("payment_reminder", Topic.ORDERS)
def payment_reminder(merchant: Merchant, facts: Facts) -> Body:
    """`orders` (number, amount, currency, due, is_late), `more`, `sums` (amount, currency), `late`, `count`."""
    count, late = int(facts["count"]), int(facts["late"])
    if late:
        heading = ngettext("You have one overdue order", "You have %(count)d overdue orders", late) % {"count": late}
    else:
        heading = ngettext("You have one order that is due soon", "You have %(count)d orders that are due soon", count) % {
            "count": count
        }
    rows = [
        Fact(
            label=(_("Order %(order)s, overdue since %(day)s") if each["is_late"] else _("Order %(order)s, due on %(day)s"))
            % {"order": each["number"], "day": _written(each["due"])},
            amount=each["amount"],
            currency=each["currency"],
        )
        for each in facts["orders"]
    ]
    more = int(facts.get("more") or 0)
    if more:
        rows.append(Fact(label=_("And more"), text=ngettext("one order", "%(count)d orders", more) % {"count": more}))
    if count > 1:
        rows += [Fact(label=_("Total to pay"), amount=each["amount"], currency=each["currency"]) for each in facts["sums"]]
    return Body(
        subject=_("%(heading)s at %(merchant)s") % {"heading": heading, "merchant": merchant.name},
        heading=heading,
        rows=tuple(rows),
        after=(
            _("If you have paid already, report the payment and we stop reminding you."),
            _("You choose in My data which e-mails you get."),
        ),
        button=pgettext("letter", "See what I owe"),
        link=url_or_home(merchant, "portal:orders"),
    )


@kind("customer_email_changed", Topic.ORDERS)
def customer_email_changed(merchant: Merchant, facts: Facts) -> Body:
    """To the address that was. `customer`, `number`, `by_us` (our staff changed it), `gone` (there is none now)."""
    said = {"customer": facts["customer"], "number": facts["number"], "merchant": merchant.name}
    what = (
        _("%(merchant)s does not write to this address any more about %(customer)s (customer %(number)s).")
        if facts.get("gone")
        else _("From now on %(merchant)s writes to another address about %(customer)s (customer %(number)s).")
    )
    who = _("Our staff changed it.") if facts.get("by_us") else _("A person with access to the account changed it.")
    return Body(
        subject=_("The e-mail address of %(customer)s was changed") % said,
        heading=_("Your e-mail address was changed"),
        paragraphs=(what % said, who),
        after=(_("If you did not ask for this, write to us at once."),),
    )


@kind("access_given", Topic.PEOPLE)
def access_given(merchant: Merchant, facts: Facts) -> Body:
    """To who manages a customer's people. `name` and `email` of the person, `who` gave it, `customer`, `number`."""
    return Body(
        subject=_("%(name)s has access to the account of %(customer)s") % facts,
        heading=_("A person was given access"),
        paragraphs=(
            _("%(who)s gave %(name)s (%(email)s) access to the account of %(customer)s (customer %(number)s).") % facts,
            _("What each person may do stands under “Contacts”, where you can change it or take it away."),
        ),
        after=(_("If you did not expect this, write to us at once."),),
        button=_("See who has access"),
        link=url_or_home(merchant, "portal:contacts"),
    )
