"""Tell other systems: news are rows in the transaction of the change, see `concilia_announce` in the migrations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from procrastinate.contrib.django import app

from accounts.models import Merchant
from webhooks.kinds import Kind
from webhooks.models import Endpoint

DELIVER_JOB = "webhooks.jobs.deliver"


@dataclass(frozen=True, kw_only=True)
class News:
    """One piece of news among many: see `announce`."""

    about: str
    occasion: str
    payload: Mapping[str, Any]


def announce(*, merchant: Merchant, kind: str, about: str, occasion: str, payload: Mapping[str, Any]) -> int:
    """Tell those who listen for this kind, in the caller's transaction; how many endpoints will hear of it.

    `kind` is one of `webhooks.kinds.Kind`, `about` the thing (`ticket:17`), `occasion` the moment (`event:93`): the same four
    are told once, however often this is called. `payload` is what the receiver reads as `data`: numbers and names that the
    merchant knows (never our keys), amounts as text, dates and moments as dates. Where nobody listens it costs one statement.
    """
    return announce_many(merchant=merchant, kind=kind, news=[News(about=about, occasion=occasion, payload=payload)])


def announce_many(*, merchant: Merchant, kind: str, news: Iterable[News] | Callable[[], Iterable[News]]) -> int:
    """The same for many at once, in as many statements as for one; how many endpoints will hear of them.

    `news` may be a function: it is asked only when somebody listens, so that nobody pays for looking up what nobody hears.
    """
    kind = Kind(kind)
    if callable(news):
        if not is_heard(merchant=merchant, kind=kind):
            return 0
        news = news()
    told = [{"about": each.about, "occasion": each.occasion, "payload": dict(each.payload)} for each in news]
    if not told:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT concilia_announce(%s, %s, %s::jsonb)",
            [merchant.pk, str(kind.value), json.dumps(told, cls=DjangoJSONEncoder)],
        )
        endpoint_ids = [row[0] for row in cursor.fetchall()]
        defer_deliveries(endpoint_ids)
    return len(endpoint_ids)


def is_heard(*, merchant: Merchant, kind: str) -> bool:
    """Whether anybody listens for this kind of news now."""
    return Endpoint.objects.filter(merchant=merchant, is_active=True, kinds__contains=[str(kind)]).exists()


def defer_deliveries(endpoint_ids: Sequence[int]) -> None:
    """One job an endpoint, for all that waits there; the lock keeps two of them from running at once."""
    made = [app.configure_task(DELIVER_JOB, lock=f"webhook/{pk}").make_new_job(endpoint_id=pk) for pk in sorted(endpoint_ids)]
    if made:
        app.job_manager.batch_defer_jobs(made)
