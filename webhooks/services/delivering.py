"""Deliver what waits: at least once, in the order of the news where all is well, with growing pauses where it is not."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import structlog
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from webhooks.models import Announcement, Attempt, Delivery, Endpoint
from webhooks.sending import Answer, post
from webhooks.services.announcing import DELIVER_JOB, defer_deliveries
from webhooks.signing import headers_of, unseal

log = structlog.get_logger(__name__)

# The pause after each try that failed, three days in all; then it is given up, and somebody may send it again.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
MAX_TRIES = len(PAUSES) + 1
# A delivery in somebody's hands is nobody else's for this long; a worker that was killed leaves it to the next one then.
LEASE = timedelta(minutes=2)
# One job works so long, then lets others work: letters wait in the same line.
ONE_GO_S = 10.0
KEEP = timedelta(days=30)
MOST_FORGOTTEN = 5000


def deliver_waiting(*, endpoint_id: int) -> int:
    """Send what is due at this endpoint, oldest news first, for some seconds; how many were taken.

    What is left has a job of its own. An endpoint that does not answer is left alone for a while, which grows.
    """
    taken = 0
    ends_at = time.monotonic() + ONE_GO_S
    while True:
        delivery = _take_next(endpoint_id)
        if delivery is None:
            return taken
        answer = _send(delivery)
        if _note(delivery, answer):
            taken += 1
        elif answer.status is None:
            return taken
        if time.monotonic() >= ends_at:
            defer_deliveries([endpoint_id])
            return taken


def _take_next(endpoint_id: int) -> Delivery | None:
    """The next delivery that is due, ours for the time of a lease."""
    now = timezone.now()
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("announcement", "endpoint", "merchant")
            .filter(endpoint=endpoint_id, endpoint__is_active=True, state=Delivery.State.QUEUED, due_at__lte=now)
            .filter(Q(endpoint__paused_until=None) | Q(endpoint__paused_until__lte=now))
            .order_by("due_at", "pk")
            .first()
        )
        if delivery is not None:
            Delivery.objects.filter(pk=delivery.pk).update(due_at=now + LEASE, tries=F("tries") + 1)
            delivery.tries += 1
    return delivery


def _send(delivery: Delivery) -> Answer:
    endpoint, news = delivery.endpoint, delivery.announcement
    now = timezone.now()
    try:
        keys = [unseal(endpoint.secret)]
        if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now:
            keys.append(unseal(endpoint.previous_secret))
    except InvalidToken:
        return Answer(error="secret")
    body = body_of(delivery.merchant.slug, news)
    message_id = f"msg_{news.key.hex}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Concilia-Webhooks/1",
        **headers_of(keys, message_id, int(now.timestamp()), body),
    }
    return post(endpoint.url, body, headers)


def body_of(merchant_slug: str, news: Announcement) -> bytes:
    """What the receiver reads: the same bytes at every try."""
    told = {"type": news.kind, "timestamp": news.at.isoformat(), "merchant": merchant_slug, "data": news.payload}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _note(delivery: Delivery, answer: Answer) -> bool:
    """Write the try down and what follows from it; whether it was delivered."""
    now = timezone.now()
    with transaction.atomic():
        Attempt.objects.create(
            merchant_id=delivery.merchant_id, delivery=delivery, status=answer.status, error=answer.error, answer=answer.text,
            took_ms=answer.took_ms,
        )  # fmt: skip
        row = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.QUEUED)
        endpoint = Endpoint.objects.filter(pk=delivery.endpoint_id)
        if answer.is_accepted:
            row.update(state=Delivery.State.DELIVERED, ended_at=now)
            endpoint.exclude(failures=0, paused_until=None).update(failures=0, paused_until=None)
            return True
        if delivery.tries >= MAX_TRIES:
            row.update(state=Delivery.State.FAILED, ended_at=now)
            log.error("webhook_given_up", delivery=delivery.pk, endpoint=delivery.endpoint_id)
        else:
            row.update(due_at=now + PAUSES[delivery.tries - 1])
        # Where nobody answers at all, what comes next would only wait as long: all of it rests.
        rest = None if answer.status is not None else now + PAUSES[min(delivery.endpoint.failures, 3)]
        endpoint.update(failures=F("failures") + 1, paused_until=rest)
    log.warning("webhook_not_delivered", delivery=delivery.pk, status=answer.status, error=answer.error, tries=delivery.tries)
    return False


def wake_endpoints() -> int:
    """Make a job for each endpoint where something is due and no job waits; how many. This is how pauses end."""
    now = timezone.now()
    with_job = (
        ProcrastinateJob.objects.filter(task_name=DELIVER_JOB, status__in=("todo", "doing"))
        .annotate(endpoint=Cast(KeyTextTransform("endpoint_id", "args"), BigIntegerField()))
        .filter(endpoint=OuterRef("pk"))
    )
    due = Delivery.objects.filter(endpoint=OuterRef("pk"), state=Delivery.State.QUEUED, due_at__lte=now)
    waiting = (
        Endpoint.objects.filter(Q(paused_until=None) | Q(paused_until__lte=now), Exists(due), is_active=True)
        .exclude(Exists(with_job))
        .order_by("pk")
    )
    found = list(waiting.values_list("pk", flat=True))
    defer_deliveries(found)
    return len(found)


def forget_old_news() -> int:
    """Erase news and their log a month after they ended everywhere; how many. What still waits is kept."""
    waiting = Delivery.objects.filter(announcement=OuterRef("pk"), state=Delivery.State.QUEUED)
    old = Announcement.objects.filter(~Exists(waiting), at__lt=timezone.now() - KEEP).order_by("at")
    pks = list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN])
    with transaction.atomic():
        Attempt.objects.filter(delivery__announcement__in=pks).delete()
        Delivery.objects.filter(announcement__in=pks).delete()
        Announcement.objects.filter(pk__in=pks).delete()
    return len(pks)
