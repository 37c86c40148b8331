"""What a merchant needs before its first ticket: departments with helpdesk's queues, and the usual reasons."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from helpdesk.models import Queue

from accounts.actors import Actor
from accounts.models import Merchant
from tickets.models import Department, Reason
from tickets.reasons import USUAL_REASONS

USUAL_DEPARTMENTS: dict[str, dict[str, Any]] = {
    Department.SUPPORT: {"name_es": "Soporte", "name_en": "Support", "position": 1},
    Department.PAYMENTS: {"name_es": "Pagos", "name_en": "Payments", "position": 2},
}
LONGEST_SLUG = 50


@transaction.atomic
def prepare_merchant(*, merchant: Merchant, by: Actor) -> None:
    """Make the departments and the usual reasons that the merchant does not have yet. Again it does nothing; what was edited
    stays."""
    by.require(by.can_administer and by.merchant.pk == merchant.pk)
    there = set(Department.objects.filter(merchant=merchant).values_list("key", flat=True))
    for key in USUAL_DEPARTMENTS:
        if key not in there:
            usual_department(merchant, key)
    Reason.objects.bulk_create(
        [Reason(merchant=merchant, position=place, **fields) for place, fields in enumerate(USUAL_REASONS, start=1)],
        ignore_conflicts=True,
    )


def usual_department(merchant: Merchant, key: str) -> Department:
    """A department that the program itself needs (`support`, `payments`), made when it is missing."""
    found = Department.objects.filter(merchant=merchant, key=key).first()
    if found is not None:
        return found
    # One maker at a time: two at once would trip over the unique key.
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    found = Department.objects.filter(merchant=merchant, key=key).first()
    return found or make_department(merchant, key, **USUAL_DEPARTMENTS[key])


def make_department(merchant: Merchant, key: str, **fields: Any) -> Department:
    """A new department with its queue; the merchant's row is locked. Slugs of queues are unique in the installation:
    `andina-payments`."""
    queue = Queue.objects.create(
        title=f"{merchant.name} · {key}"[:100], slug=_free_slug(merchant, key), locale=merchant.default_language
    )
    return Department.objects.create(merchant=merchant, key=key, queue=queue, **fields)


def _free_slug(merchant: Merchant, key: str) -> str:
    """`<merchant>-<key>`; where that is too long or another merchant's (a merchant may be called `andina-payments`), numbered."""
    wanted = [f"{merchant.slug}-{key}", *(f"{merchant.pk}-{key}-{count}" for count in range(1, 100))]
    wanted = [slug for slug in wanted if len(slug) <= LONGEST_SLUG]
    taken = set(Queue.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    return next(slug for slug in wanted if slug not in taken)
