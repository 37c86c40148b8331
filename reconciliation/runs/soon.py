"""Having a run made in the background: after lines arrived, and for reports that came since."""

from __future__ import annotations

from django.db.models import F, Max, OuterRef, Q, Subquery
from procrastinate.contrib.django import app

from banking.models import ReceivingAccount
from reconciliation.models import MatchRun
from reports.models import Transfer
from tickets.models import State

PROPOSE_JOB = "reconciliation.jobs.propose_for_account"
MATCH_REPORTS_JOB = "reconciliation.jobs.propose_for_reports"


def propose_soon(account: ReceivingAccount) -> None:
    """Have a job match this account, in the caller's transaction. One at a time for an account."""
    app.configure_task(PROPOSE_JOB, lock=f"propose/{account.pk}").defer(account_id=account.pk)


def accounts_to_match() -> list[ReceivingAccount]:
    """Accounts with an open report that was sent, answered or reopened after their last run, and with deposits to look at."""
    runs = MatchRun.objects.filter(Q(account=OuterRef("pk")) | Q(account__isnull=True), merchant=OuterRef("merchant"))
    changed = (
        Transfer.objects.filter(
            account=OuterRef("pk"),
            until_revision__isnull=True,
            report__ticket__state__in=(State.SUBMITTED, State.IN_REVIEW, State.WAITING_FOR_BANK),
        )
        .values("account")
        .annotate(at=Max("report__ticket__submitted_at"))
        .values("at")
    )
    accounts = ReceivingAccount.objects.annotate(
        matched_at=Subquery(runs.order_by("-started_at").values("started_at")[:1]), changed_at=Subquery(changed)
    )
    due = accounts.filter(Q(matched_at__isnull=True) | Q(changed_at__gt=F("matched_at")), changed_at__isnull=False)
    return list(due.filter(lines__isnull=False).distinct().order_by("pk"))
