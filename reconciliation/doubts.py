"""Why a proposal is not settled by itself, or not by one person: sentences in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Merchant
from banking.money import format_money


def reason_for_signature(code: str, merchant: Merchant) -> str:
    """Why one person may not decide; `code` as `settlement.why_approval` gives it."""
    limit = format_money(merchant.approval_limit, merchant.currency, get_language() or "es")
    return {
        "above_limit": _("Above the limit of one signature (%(limit)s): a second person signs.") % {"limit": limit},
        "other_amount": _("Another amount than declared: a second person signs."),
        "missing": _("A transfer without its deposit: a second person signs."),
        "registered_by_self": _("Who decides registered this report: a second person signs."),
        "unconfirmed_line": _(
            "Who decides typed the deposit by hand, and no file of the bank has confirmed it: a second person signs."
        ),
    }[code]


def reason_composed(*, has_surcharge: bool, has_voucher: bool) -> str:
    """Why the program leaves a payment to a person that a surcharge or a withholding voucher belongs to: which of the two."""
    if has_surcharge and has_voucher:
        return _("A withholding voucher and a surcharge belong to the payment.")
    if has_surcharge:
        return _("A surcharge belongs to the payment.")
    if has_voucher:
        return _("A withholding voucher belongs to the payment.")
    return reason_not_automatic("composed")


def reason_not_automatic(code: str) -> str:
    """Why the rules do not settle a proposal by themselves; `code` is one of `matching.policy.ORDER`."""
    return {
        "amount": _("The amounts differ."),
        "unproven": _("Neither six digits of the reference nor the payer's document agree."),
        "score": _("There is too little evidence."),
        "chance": _("There are so many deposits of this amount that this may be chance."),
        "margin_transfer": _("Another deposit fits this report nearly as well."),
        "margin_line": _("Another report fits this deposit nearly as well."),
        "taken": _("The deposit belongs rather to another report."),
        "flagged": _(
            "Another report names the same reference or shows the same picture, or we had told the customer of a deposit."
        ),
        "limit": _("The amount is above the limit of the second signature."),
        "closed": _("The deposit lies in a month that is closed."),
        "part": _("A part of the deposit is used already."),
        "crowded": _("There are more candidates than were looked at."),
        "composed": _("A withholding voucher or a surcharge belongs to the payment."),
        "waiting": _("The customer was asked something about this report."),
        "customers": _("The reports belong to several customers for whom one payer pays."),
        "not_unique": _("Several sets of deposits add up to this amount."),
    }.get(code, _("The rules ask for a person."))
