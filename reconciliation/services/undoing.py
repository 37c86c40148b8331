"""Taking a whole file of the bank back: its lines, and what was only thought or asked of them, while none has moved money."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.errors import Refused
from reconciliation.closed import require_open
from reconciliation.importing.under_lock import locked_import, renew_previews
from reconciliation.locks import lock_runs
from reconciliation.models import LineConfirmation, Proposal, RejectedLine, StatementImport, StatementLine
from reconciliation.runs.forgetting import forget_lines
from reconciliation.services.imports import lock_account, required_note
from tickets.services.steps import lock_tickets

State = StatementImport.State


def undo_import(*, import_id: int, reason: str, by: Actor) -> StatementImport:
    """Take a whole import back: its lines, its corrections, and what it confirmed. The file and its rows stay to be read.

    Raises `Refused`: `reason_required`, `line_used` when a line that it brought or confirmed carries or carried money,
    `line_confirmed` when a later file holds a corrected one, `period_closed`; `Stale(wrong_state)`.
    """
    by.require(by.can_decide)
    reason = required_note(reason, _("Write why the import is undone."), code="reason_required")
    with transaction.atomic():
        # A run of the matching writes about lines that it read before: it is through, or has not begun.
        lock_runs(by.merchant)
        made = locked_import(import_id, by, State.DONE)
        if made.account is not None:
            lock_account(made.account)
        _hold_lines(made)
        earliest = _lines_of(made).order_by("booked_on").values_list("booked_on", flat=True).first()
        if earliest:
            require_open(by.merchant, earliest)
        _refuse_used(made)
        made.state, made.undone_at, made.undone_by, made.undo_reason = State.UNDONE, timezone.now(), by.user, reason
        made.save()
        LineConfirmation.objects.filter(statement_import=made).delete()
        RejectedLine.objects.filter(line__statement_import=made).update(line=None)
        RejectedLine.objects.filter(like_line__statement_import=made).update(like_line=None)
        _delete_lines(made)
        renew_previews(made)
    return made


def _lines_of(made: StatementImport) -> QuerySet[StatementLine]:
    """Lines that stand in the file: those it brought, and those typed before that it confirmed.

    Who typed a deposit could otherwise have a file of their own confirm it, settle it alone, and take the file away.
    """
    brought = StatementLine.objects.filter(statement_import=made).values("pk")
    confirmed = LineConfirmation.objects.filter(statement_import=made).values("line")
    # A union, for by OR the planner would read every line of the house.
    return StatementLine.objects.filter(pk__in=brought.union(confirmed, all=True))


def _hold_lines(made: StatementImport) -> None:
    """Lock what others take before they use, ask about or set aside a line: tickets, proposals, then the lines' balances."""
    open_ones = Proposal.objects.filter(
        parts__line__statement_import=made, state__in=(Proposal.State.OPEN, Proposal.State.SAMPLED)
    )
    lock_tickets(made.merchant, open_ones.values_list("parts__transfer__report__ticket_id", flat=True))
    proposals = Proposal.objects.filter(pk__in=open_ones.values("pk")).select_for_update().order_by("pk")
    list(proposals.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        # There may be 200,000 of them, and nobody reads them here.
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM reconciliation_linebalance b"
            " WHERE b.line_id IN (SELECT id FROM reconciliation_statementline WHERE statement_import_id = %s"
            " UNION ALL SELECT line_id FROM reconciliation_lineconfirmation WHERE statement_import_id = %s)"
            " ORDER BY b.line_id FOR NO KEY UPDATE) held",
            [made.pk, made.pk],
        )


def _refuse_used(made: StatementImport) -> None:
    carried = Q(matches__isnull=False) | Q(returns__isnull=False) | Q(returned_by__isnull=False) | Q(refunds__isnull=False)
    used = _lines_of(made).filter(carried).values("pk").distinct().count()
    if used:
        raise Refused(
            ngettext(
                "%(count)d movement of this file carries or carried money of a report, so the import can no longer be undone.",
                "%(count)d movements of this file carry or carried money of a report, so the import can no longer be undone.",
                used,
            )
            % {"count": used},
            code="line_used",
        )
    later = LineConfirmation.objects.filter(line__statement_import=made).exclude(statement_import=made)
    confirming = later.select_related("statement_import").order_by("statement_import_id").first()
    if confirming is not None:
        raise Refused(
            _("A row of this file that was corrected by hand stands in %(file)s too. Undo that import first.")
            % {"file": confirming.statement_import.file_name},
            code="line_confirmed",
        )


def _delete_lines(made: StatementImport) -> None:
    """The lines and what stands narrowly beside them; the database itself refuses any that carried money."""
    lines = StatementLine.objects.filter(statement_import=made)
    thought_of = Q(proposal_parts__isnull=False) | Q(ignored__isnull=False) | Q(offers__isnull=False)
    forget_lines(list(lines.filter(thought_of).values_list("pk", flat=True).distinct()))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reconciliation_linebalance b USING reconciliation_statementline l"
            " WHERE b.line_id = l.id AND l.statement_import_id = %s",
            [made.pk],
        )
        cursor.execute("DELETE FROM reconciliation_statementline WHERE statement_import_id = %s", [made.pk])
