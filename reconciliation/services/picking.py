"""Settling what a person put together by hand: one deposit for several reports, several deposits for one, or one for one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from reconciliation.choices import MatchChoice, Outcome
from reconciliation.locks import lock_lines
from reconciliation.models import LineBalance, StatementLine
from reconciliation.selectors.payers import one_payer
from reconciliation.services.payers import remember_payer
from reconciliation.services.settlement import verify_report
from reports.models import Transfer
from tickets import services as tickets
from tickets.models import State, Ticket
from tickets.services.steps import lock_ticket

MOST_PICKED = 24


def settle_picked(
    *, line_ids: Sequence[int], transfer_ids: Sequence[int], across: bool = False, remember: str = "", by: Actor
) -> list[Outcome]:
    """Settle these movements with these transfers, by the rules of a decision on each ticket; all of it or nothing.

    A ticket that nobody has in hand is taken first. One movement for several transfers gives each what it declares, in their
    order, while there is money; several movements give one transfer all that they have. Another amount than declared, or one
    above the limit, ends in a request for the second signature.

    Reports of several customers stand together when one payer pays for them (`PayerGroup`), or when somebody says so: `across`.
    `remember`: the name of who pays, to be kept as their group.
    Raises `Refused`: `nothing_picked`, `too_many_picked`, `many_to_many`, `several_customers`, `other_account`, `line_taken`, all
    that `verify_report` and (with `remember`) `remember_payer` refuse; `Http404`.
    """
    by.require(by.can_decide)
    lines, transfers = list(dict.fromkeys(line_ids)), list(dict.fromkeys(transfer_ids))
    _check_shape(lines, transfers)
    with transaction.atomic():
        declared = _transfers(transfers, by)
        # The house's order: every ticket by pk, every line, then each customer's credit and orders, customer by customer.
        locked = {pk: lock_ticket(by.merchant, pk) for pk in sorted({each.report.ticket_id for each in declared})}
        balances = _lines(lines, by)
        for ticket in locked.values():
            _take(ticket, by)
        _require_one_payer(declared, across=across, remember=remember, by=by)
        choices = _choices(lines, declared, balances)
        outcomes = []
        for ticket in sorted(locked.values(), key=lambda each: (each.customer_id, each.pk)):
            own = [choice for transfer, choice in choices if transfer.report.ticket_id == ticket.pk]
            outcomes.append(verify_report(ticket_id=ticket.pk, choices=own, by=by))
        return outcomes


def _require_one_payer(declared: Sequence[Transfer], *, across: bool, remember: str, by: Actor) -> None:
    customers = {transfer.report.customer_id: transfer.report.customer for transfer in declared}
    if len(customers) < 2 or one_payer(by.merchant, customers):
        return
    if not across:
        names = ", ".join(sorted(customer.name for customer in customers.values()))
        raise Refused(
            _("These reports belong to different customers: %(customers)s. Confirm that one deposit pays them.")
            % {"customers": names},
            code="several_customers",
            fields=("across",),
        )
    if remember:
        remember_payer(name=remember, customer_ids=customers, by=by)


def _check_shape(lines: Sequence[int], transfers: Sequence[int]) -> None:
    if not lines or not transfers:
        raise Refused(_("Choose at least one movement and one report."), code="nothing_picked")
    if len(lines) > 1 and len(transfers) > 1:
        raise Refused(
            _("Choose one movement for several reports, or several movements for one report."), code="many_to_many"
        )  # fmt: skip
    if max(len(lines), len(transfers)) > MOST_PICKED:
        raise Refused(_("Choose at most %(count)d at once.") % {"count": MOST_PICKED}, code="too_many_picked")


def _transfers(keys: Sequence[int], by: Actor) -> list[Transfer]:
    found = Transfer.objects.filter(merchant=by.merchant, pk__in=keys).select_related("report__customer").in_bulk()
    if len(found) != len(keys):
        raise Http404
    return [found[key] for key in keys]


def _lines(keys: Sequence[int], by: Actor) -> dict[int, LineBalance]:
    if StatementLine.objects.filter(merchant=by.merchant, pk__in=keys).count() != len(keys):
        raise Http404
    return lock_lines(keys)


def _take(ticket: Ticket, by: Actor) -> None:
    """Take a ticket that waits: what somebody decides on is in their hands."""
    if ticket.state == State.SUBMITTED:
        tickets.claim(ticket_id=ticket.pk, by=by)
    elif ticket.state == State.WAITING_FOR_BANK:
        tickets.resume(ticket_id=ticket.pk, by=by)


def _choices(
    lines: Sequence[int], transfers: Sequence[Transfer], balances: dict[int, LineBalance]
) -> list[tuple[Transfer, MatchChoice]]:
    """Which movement gives how much to which transfer."""
    if len(transfers) == 1:
        return [(transfers[0], MatchChoice(transfer_id=transfers[0].pk, line_id=line)) for line in lines]
    left = balances[lines[0]].free
    choices = []
    for transfer in transfers:
        taken = min(left, transfer.amount)
        if taken <= Decimal(0):
            raise Refused(
                _("The money of this movement does not reach all the reports that you chose."), code="line_taken"
            )  # fmt: skip
        left -= taken
        choices.append((transfer, MatchChoice(transfer_id=transfer.pk, line_id=lines[0], amount=taken)))
    return choices
