"""Rules about one transfer: method and account, date and rate, reference, what the method asks."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banking.forms import amount_sentence
from banking.models import Bank, PaymentMethod, ReceivingAccount, TransferField
from banking.money import AMOUNT_LIMIT, format_money, minor_units, quantize
from banking.references import BLANK, normalize_reference
from orders.dates import today_at, written
from reports.content import TransferContent
from reports.findings import Findings
from reports.offer import Offer, fits_a_mask
from reports.rates import DatedRate, dated_rate, nearest_rate_date
from reports.surcharge import surcharge_within

LONGEST_REFERENCE = 40
OLDEST_YEAR = 2000


@dataclass(frozen=True, kw_only=True)
class ResolvedTransfer:
    """A transfer whose parts exist: rows instead of keys, only what its method asks, and the dated rate (None: same currency)."""

    position: int
    content: TransferContent
    method: PaymentMethod
    account: ReceivingAccount
    origin_bank: Bank | None
    rate: DatedRate | None

    @property
    def currency(self) -> str:
        return self.account.currency

    @property
    def surcharge(self) -> Decimal:
        """How much of the amount is the method's surcharge, which pays no order."""
        return surcharge_within(self.content.amount, self.method.surcharge_per_cent, self.currency)

    @property
    def reference(self) -> str:
        """The normal form of the reference, to compare."""
        return normalize_reference(self.content.reference_raw)


def asked_fields(method: PaymentMethod) -> frozenset[str]:
    """What a method asks for or requires: values of `TransferField`."""
    return frozenset(method.asks) | frozenset(method.requires)


def without_unasked(content: TransferContent, method: PaymentMethod) -> TransferContent:
    """The same without what this method does not ask: fields of another method, hidden on the page, say nothing."""
    asked = asked_fields(method)
    origin = TransferField.ORIGIN_BANK in asked
    return replace(
        content,
        origin_bank_id=content.origin_bank_id if origin else None,
        origin_bank_name=content.origin_bank_name if origin and content.origin_bank_id is None else "",
        reference_raw=content.reference_raw if TransferField.REFERENCE in asked else "",
        payer_phone=content.payer_phone if TransferField.PAYER_PHONE in asked else "",
        payer_id=content.payer_id if TransferField.PAYER_ID in asked else "",
        sender_name=content.sender_name if TransferField.SENDER_NAME in asked else "",
        sender_email=content.sender_email if TransferField.SENDER_EMAIL in asked else "",
    )


def resolve_transfer(
    position: int, content: TransferContent, offer: Offer, currency: str, findings: Findings
) -> ResolvedTransfer | None:
    """Check one transfer (`position` from 1) of a payment for debts in `currency`. None when too little of it makes sense."""
    prefix = f"t-{position - 1}-"
    method, account = offer.methods.get(content.method_id), offer.accounts.get(content.account_id)
    if method is None:
        findings.problem("method_unknown", prefix + "method", _("Choose how you paid."))
    if account is None:
        findings.problem("account_unknown", prefix + "account", _("Choose the account that you paid into."))
    if method is None or account is None:
        return None
    if not offer.takes(account.pk, method.pk):
        findings.problem(
            "account_method", prefix + "account",
            _("The account %(account)s does not take %(method)s. Choose one of the accounts below.")
            % {"account": str(account), "method": method.name},
        )  # fmt: skip
        return None
    content = without_unasked(content, method)
    _check_required(prefix, content, method, findings)
    _check_amount(prefix, content, account.currency, findings)
    bank = offer.banks.get(content.origin_bank_id) if content.origin_bank_id is not None else None
    if content.origin_bank_id is not None and bank is None:
        findings.problem("bank_unknown", prefix + "origin_bank", _("Choose the bank that you paid from."))
    _check_reference(prefix, content, offer, method, bank, findings)
    if not _check_date(prefix, content.paid_on, offer, findings):
        return None
    rate = None
    if account.currency != currency:
        rate = _rate_or_problem(prefix, content, offer, currency, account.currency, findings)
        if rate is None:
            return None
    return ResolvedTransfer(position=position, content=content, method=method, account=account, origin_bank=bank, rate=rate)


def _check_required(prefix: str, content: TransferContent, method: PaymentMethod, findings: Findings) -> None:
    given = {
        TransferField.ORIGIN_BANK: content.origin_bank_id is not None or bool(content.origin_bank_name),
        TransferField.REFERENCE: bool(content.reference_raw.strip()),
        TransferField.PAYER_PHONE: bool(content.payer_phone),
        TransferField.PAYER_ID: bool(content.payer_id),
        TransferField.SENDER_NAME: bool(content.sender_name),
        TransferField.SENDER_EMAIL: bool(content.sender_email),
    }
    sentences = {
        TransferField.ORIGIN_BANK: _("Choose the bank that you paid from."),
        TransferField.REFERENCE: _("Write the number of the deposit or transfer."),
        TransferField.PAYER_PHONE: _("Write the telephone that the payment was made from."),
        TransferField.PAYER_ID: _("Write the identity document of the person who paid."),
        TransferField.SENDER_NAME: _("Write the name of the person who sent the money."),
        TransferField.SENDER_EMAIL: _("Write the e-mail address from which the money was sent."),
    }
    for name in TransferField:
        if name in method.requires and not given[name]:
            findings.problem(f"{name}_required", prefix + name, sentences[name])
    if content.payer_phone and len(re.sub(r"\D", "", content.payer_phone)) < 7:
        findings.problem("payer_phone_absurd", prefix + "payer_phone", _("This is no telephone number. Write all its digits."))
    if content.payer_id and len(re.sub(r"\D", "", content.payer_id)) < 4:
        findings.problem("payer_id_absurd", prefix + "payer_id", _("This is no identity document. Write all its digits."))
    if content.sender_email:
        try:
            validate_email(content.sender_email)
        except ValidationError:
            findings.problem(
                "sender_email_absurd", prefix + "sender_email", _("This is no e-mail address. It looks like name@example.com.")
            )


def _check_amount(prefix: str, content: TransferContent, currency: str, findings: Findings) -> None:
    """What a form has read may still be wrong when it comes from elsewhere, or was typed for another currency."""
    amount = content.amount
    code = ""
    if not amount.is_finite():
        code = "unreadable"
    elif amount == 0:
        code = "zero"
    elif amount < 0:
        code = "negative"
    elif amount >= AMOUNT_LIMIT:
        code = "too_large"
    elif minor_units(currency) < 4 and amount != quantize(amount, currency):
        code = "too_fine"
    if code:
        findings.problem(f"amount_{code}", prefix + "amount", amount_sentence(code, currency))


def _check_reference(
    prefix: str, content: TransferContent, offer: Offer, method: PaymentMethod, bank: Bank | None, findings: Findings
) -> None:
    raw = content.reference_raw.strip()
    if not raw:
        return
    field, normal = prefix + "reference", normalize_reference(raw)
    if len(raw) > LONGEST_REFERENCE:
        findings.problem(
            "reference_too_long", field,
            ngettext(
                "This number is too long: at most %(most)d sign.", "This number is too long: at most %(most)d signs.",
                LONGEST_REFERENCE,
            ) % {"most": LONGEST_REFERENCE},
        )  # fmt: skip
    elif normal in BLANK or not any(sign.isdigit() for sign in normal):
        findings.problem(
            "reference_absurd", field, _("This is no reference. Write the number that your bank printed on the receipt.")
        )
    elif (masks := offer.masks(method, bank)) and not fits_a_mask(raw, masks):
        hint = next((mask.hint for mask in masks if mask.hint), "")
        sentence = _("This number does not look like those of this method. Compare it with your receipt.")
        findings.warn("reference_format", field, f"{sentence} {hint}".strip())


def _check_date(prefix: str, paid_on: dt.date, offer: Offer, findings: Findings) -> bool:
    field, merchant = prefix + "paid_on", offer.merchant
    today = today_at(merchant)
    if paid_on > today:
        findings.problem(
            "date_in_future", field,
            _("This date has not come yet: today is %(today)s. Write the day on which you paid.") % {"today": written(today)},
        )  # fmt: skip
        return False
    if paid_on.year < OLDEST_YEAR:
        findings.problem("date_absurd", field, _("This date is too long ago. Check the year."))
        return False
    age = (today - paid_on).days
    if age > merchant.report_age_warning_days:
        findings.warn(
            "old_date", field,
            ngettext(
                "You paid %(days)d day ago, on %(date)s. Is the date right?",
                "You paid %(days)d days ago, on %(date)s. Is the date right?", age,
            ) % {"days": age, "date": written(paid_on)},
            confirm=True,
        )  # fmt: skip
    return True


def _rate_or_problem(
    prefix: str, content: TransferContent, offer: Offer, currency: str, paid_in: str, findings: Findings
) -> DatedRate | None:
    rate = dated_rate(offer.merchant, currency, paid_in, content.paid_on)
    if rate is not None:
        return rate
    nearest = nearest_rate_date(offer.merchant, currency, paid_in, content.paid_on)
    asked = {"from": currency, "to": paid_in, "date": written(content.paid_on)}
    if nearest is None:
        message = _("There is no rate from %(from)s to %(to)s for %(date)s. Write to us and we will enter it.") % asked
    else:
        message = _(
            "There is no rate from %(from)s to %(to)s for %(date)s; the nearest one is of %(nearest)s. "
            "Check the date, or write to us and we will enter it."
        ) % (asked | {"nearest": written(nearest)})
    findings.problem("no_rate", prefix + "paid_on", message)
    return None


def shown(amount: Decimal, currency: str) -> str:
    """An amount in a sentence."""
    return format_money(amount, currency, get_language() or "es")
