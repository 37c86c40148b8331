"""The differences that an administrator allowed: for the matching, and for whoever accepts a deposit that lies within one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Merchant
from banking.money import format_money, quantize
from reconciliation.choices import AdjustmentChoice
from reconciliation.matching import policy
from reconciliation.models import Tolerance
from reports.models import Transfer, worth

LONGEST_NOTE = 200


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A deposit beside its transfer, and the tolerance that covers what lies between them.

    `amount` is the named difference: in the report's currency where the deposit brings less, in the line's where it brings more.
    `taken` is what of the deposit is used, all that is free; `allowed` the greatest such difference, in the account's currency.
    """

    tolerance: Tolerance
    amount: Decimal
    currency: str
    allowed: Decimal
    allowed_currency: str
    taken: Decimal
    is_less: bool

    @property
    def note(self) -> str:
        """What the books say beside it, in the language that is active."""
        allowed = format_money(self.allowed, self.allowed_currency, get_language() or "es")
        said = _("Allowed for this account: up to %(allowed)s.") % {"allowed": allowed}
        return f"{said} {self.tolerance.note}".strip()[:LONGEST_NOTE]

    @property
    def words(self) -> str:
        """`Bank fee 2.00, allowed up to 3.00 for this account`."""
        language = get_language() or "es"
        return _("%(reason)s %(amount)s, allowed up to %(allowed)s for this account") % {
            "reason": self.tolerance.get_reason_display(),
            "amount": format_money(self.amount, self.currency, language),
            "allowed": format_money(self.allowed, self.allowed_currency, language),
        }

    def as_choice(self, line_id: int) -> AdjustmentChoice:
        """The named difference as a decision carries it."""
        line = None if self.is_less else line_id
        return AdjustmentChoice(kind=self.tolerance.reason, amount=self.amount, note=self.note, line_id=line)


def live_tolerances(merchant: Merchant, account_ids: Iterable[int]) -> list[Tolerance]:
    """What holds now for these accounts, in the order in which it is asked: a method's own before what holds for all methods."""
    found = Tolerance.objects.filter(merchant=merchant, account__in=list(account_ids), ended_at__isnull=True)
    return sorted(found, key=lambda each: (each.account_id, each.method_id is None, each.pk))


def as_policy(row: Tolerance, decimals: int) -> policy.Tolerance:
    """A row as the matching reads it: money in units of 10^-decimals."""
    return policy.Tolerance(
        account=row.account_id,
        method=row.method_id or 0,
        less=int(row.less.scaleb(decimals)),
        more=int(row.more.scaleb(decimals)),
        less_per_mille=row.less_per_mille,
        more_per_mille=row.more_per_mille,
        reason=row.reason,
    )


def difference_of(transfer: Transfer, free: Decimal, currency: str, tolerances: Sequence[Tolerance]) -> Difference | None:
    """What a deposit with so much `free` money lacks or is over, if the first of `tolerances` that fits covers it, as in a run.

    `currency` is the report's. None as well for a transfer with a surcharge, whose share of the difference nobody knows.
    """
    lacking = transfer.amount - free
    if not lacking or free <= 0 or transfer.surcharge:
        return None
    for each in tolerances:
        if each.account_id != transfer.account_id or each.method_id not in (None, transfer.method_id):
            continue
        fixed, share = (each.less, each.less_per_mille) if lacking > 0 else (each.more, each.more_per_mille)
        allowed = max(fixed, _stored_part(transfer.amount * share / 1000))
        if abs(lacking) > allowed:
            continue
        amount = transfer.value - quantize(worth(free, transfer.rate), currency) if lacking > 0 else -lacking
        if amount <= 0:
            return None
        return Difference(
            tolerance=each,
            amount=amount,
            currency=currency if lacking > 0 else transfer.currency,
            allowed=allowed,
            allowed_currency=transfer.currency,
            taken=free,
            is_less=lacking > 0,
        )
    return None


def _stored_part(amount: Decimal) -> Decimal:
    """To the finest part of money that is stored, as the matching divides."""
    return (amount * 10000 // 1) / 10000
