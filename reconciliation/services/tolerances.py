"""Allowing a difference for an account, and ending it. No money moves here: who accepts a deposit names the difference."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import User
from banking.models import AccountMethod, ReceivingAccount
from banking.money import minor_units
from reconciliation.models import Tolerance
from reconciliation.tolerances import LONGEST_NOTE

MOST_PER_MILLE = 100
MOST = Decimal(10) ** 9


def set_tolerance(
    *,
    account_id: int,
    method_id: int | None = None,
    reason: str,
    less: Decimal = Decimal(0),
    more: Decimal = Decimal(0),
    less_per_mille: int = 0,
    more_per_mille: int = 0,
    note: str = "",
    by: Actor,
) -> Tolerance:
    """Allow deposits into an account to lie so far from their transfers; `method_id` None is every method.

    Amounts are in the account's currency. What was allowed for the same account and method ends. Raises `NotAllowed`, `Http404`,
    `Refused`: `reason_invalid`, `method_unknown`, `amount_invalid`, `share_invalid`, `allows_nothing`, `more_is_theirs`.
    """
    person = _person(by)
    with transaction.atomic():
        # The account's row is what two administrators wait for; of one account and method one tolerance holds.
        account = ReceivingAccount.objects.select_for_update(no_key=True).filter(merchant=by.merchant, pk=account_id).first()
        if account is None:
            raise Http404
        if reason not in Tolerance.Reason.values:
            raise Refused(_("Choose why the amounts may differ."), code="reason_invalid", fields=("reason",))
        links = AccountMethod.objects.filter(merchant=by.merchant, account=account)
        if method_id is not None and not links.filter(method=method_id).exists():
            raise Refused(_("This account does not take that method."), code="method_unknown", fields=("method",))
        for name, amount in (("less", less), ("more", more)):
            _require_money(name, amount, account.currency)
        for name, share in (("less_per_mille", less_per_mille), ("more_per_mille", more_per_mille)):
            if not 0 <= share <= MOST_PER_MILLE:
                said = _("A share is from 0 to %(most)s thousandths of the payment.") % {"most": MOST_PER_MILLE}
                raise Refused(said, code="share_invalid", fields=(name,))
        if not (less or more or less_per_mille or more_per_mille):
            raise Refused(_("Say how much may lack or be over; nothing is what holds already."), code="allows_nothing")
        if (more or more_per_mille) and reason != Tolerance.Reason.ROUNDING:
            raise Refused(
                _("What a customer pays too much is theirs: only a rounding may be over."),
                code="more_is_theirs",
                fields=("more",),
            )
        Tolerance.objects.filter(account=account, method=method_id, ended_at__isnull=True).update(
            ended_at=timezone.now(), ended_by=person
        )
        return Tolerance.objects.create(
            merchant=by.merchant,
            account=account,
            method_id=method_id,
            reason=reason,
            less=less,
            more=more,
            less_per_mille=less_per_mille,
            more_per_mille=more_per_mille,
            note=note.replace("\x00", "").strip()[:LONGEST_NOTE],
            made_by=person,
        )


def drop_tolerance(*, tolerance_id: int, by: Actor) -> Tolerance:
    """Allow it no longer; what was settled under it stays. Raises `NotAllowed`, `Http404`, `Stale(tolerance_gone)`."""
    person = _person(by)
    with transaction.atomic():
        found = Tolerance.objects.select_for_update().filter(merchant=by.merchant, pk=tolerance_id).first()
        if found is None:
            raise Http404
        if found.ended_at is not None:
            raise Stale(_("This difference is no longer allowed."), code="tolerance_gone")
        found.ended_at, found.ended_by = timezone.now(), person
        found.save(update_fields=["ended_at", "ended_by"])
        return found


def _require_money(name: str, amount: Decimal, currency: str) -> None:
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != round(amount, minor_units(currency)):
        raise Refused(_("Write an amount of zero or more, in whole cents."), code="amount_invalid", fields=(name,))


def _person(by: Actor) -> User:
    by.require(by.can_administer)
    if by.user is None:
        raise NotAllowed
    return by.user
