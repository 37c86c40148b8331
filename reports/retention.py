"""Receipts are erased after the house's time: never while their ticket lives, and sooner when no report ever took them."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Merchant
from files.models import PrivacyPolicy, StoredFile
from files.privacy import erase_files, privacy_of
from files.storage import storage_errors
from reports.models import DraftFile, Receipt
from tickets.models import LIVE_STATES

log = structlog.get_logger(__name__)

# A draft is kept for a month; a file that neither a draft nor a report has by then belongs to nobody.
FORGOTTEN_AFTER = dt.timedelta(days=35)
BATCH = 200
MOST_A_NIGHT = 20_000


def erase_old_receipts(*, now: dt.datetime | None = None) -> int:
    """At every house: receipts whose time is over, and those of forgotten drafts; how many files were erased."""
    now = now or timezone.now()
    return sum(_erase_at(merchant, now) for merchant in Merchant.objects.order_by("pk"))


def _erase_at(merchant: Merchant, now: dt.datetime) -> int:
    erased = 0
    last = 0
    while erased < MOST_A_NIGHT:
        due = list(due_files(privacy_of(merchant), now).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not due:
            return erased
        last = due[-1]
        try:
            erased += erase_files(file_ids=due)
        except storage_errors() as error:
            log.error("receipts_not_erased", merchant=merchant.pk, error=type(error).__name__)
            return erased
    return erased


def due_files(policy: PrivacyPolicy, now: dt.datetime) -> QuerySet[StoredFile]:
    """Receipts of a house whose bytes have to go now."""
    kept = StoredFile.objects.filter(merchant=policy.merchant, purpose=StoredFile.Purpose.RECEIPT).exclude(
        state=StoredFile.State.ERASED
    )
    receipts = Receipt.objects.filter(file=OuterRef("pk"))
    over = receipts.filter(report__ticket__changed_at__lt=months_before(now, policy.receipt_months)).exclude(
        report__ticket__state__in=LIVE_STATES
    )
    forgotten = kept.filter(created_at__lt=now - FORGOTTEN_AFTER).exclude(Exists(receipts))
    forgotten = forgotten.exclude(Exists(DraftFile.objects.filter(file=OuterRef("pk"))))
    decided = kept.filter(created_at__lt=months_before(now, policy.receipt_months)).filter(Exists(over))
    return StoredFile.objects.filter(pk__in=decided.values("pk").union(forgotten.values("pk")))


def months_before(moment: dt.datetime, months: int) -> dt.datetime:
    """The same moment, so many months earlier; the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError(moment)
