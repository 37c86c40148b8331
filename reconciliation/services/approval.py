"""The second signature: another person settles what the first prepared, or sends it back and the deposit is free again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import User
from reconciliation.choices import AdjustmentChoice, Outcome
from reconciliation.models import ApprovalRequest, Match
from reconciliation.services.matching import release_all
from reconciliation.services.settlement import carry_out, lock_and_plan
from reconciliation.services.standing import lock_in
from reports.models import PaymentReport, ReportRevision
from tickets import services as tickets
from tickets.models import State, Ticket


def sign_approval(*, ticket_id: int, by: Actor) -> Outcome:
    """Give the second signature and settle as prepared. Senior accounting or an administrator, never who prepared or reported it.

    Raises `NotAllowed`, `Refused(same_person, entered_the_report)`, `Stale(wrong_state)`.
    """
    signer = _signer(by)
    with transaction.atomic():
        ticket = lock_in(ticket_id, (State.AWAITING_APPROVAL,), by)
        request = _open_request(ticket)
        _require_other_person(ticket, request, signer)
        plan = lock_and_plan(ticket, [AdjustmentChoice.from_json(row) for row in request.adjustments], request.missing)
        request.signed_by, request.decided_at = signer, timezone.now()
        request.save(update_fields=["signed_by", "decided_at"])
        return carry_out(ticket, plan, note=request.note, prepared_by=request.prepared_by, signed_by=signer, by=by)


def send_back_approval(*, ticket_id: int, note: str, by: Actor) -> Ticket:
    """Do not sign: the ticket goes back into review and its deposits are free. `note` must say why."""
    signer = _signer(by)
    with transaction.atomic():
        ticket = lock_in(ticket_id, (State.AWAITING_APPROVAL,), by)
        request = _open_request(ticket)
        release_all(Match.objects.filter(transfer__report__ticket=ticket, state=Match.State.RESERVED))
        # Who prepared it may take it back too, which is no signature.
        request.signed_by = signer if signer.pk != request.prepared_by_id else None
        request.decided_at, request.was_sent_back = timezone.now(), True
        request.save(update_fields=["signed_by", "decided_at", "was_sent_back"])
        return tickets.send_back(ticket_id=ticket.pk, note=note, by=by)


def _signer(by: Actor) -> User:
    """A person who may sign: the program never does."""
    if by.user is None or not by.can_sign:
        raise NotAllowed
    return by.user


def _open_request(ticket: Ticket) -> ApprovalRequest:
    return ApprovalRequest.objects.select_related("prepared_by").get(ticket=ticket, decided_at__isnull=True)


def _require_other_person(ticket: Ticket, request: ApprovalRequest, signer: User) -> None:
    if signer.pk in (request.prepared_by_id, ticket.prepared_by_id):
        raise Refused(_("You prepared this decision: somebody else must sign it."), code="same_person")
    report = PaymentReport.objects.get(ticket=ticket)
    entered = {report.created_by_id, *ReportRevision.objects.filter(report=report).values_list("by_id", flat=True)}
    if signer.pk in entered:
        raise Refused(_("You entered this report: somebody else must sign it."), code="entered_the_report")
