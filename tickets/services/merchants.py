"""What a merchant needs before its first ticket: helpdesk's queues and the usual reasons."""

from __future__ import annotations

from django.db import transaction
from helpdesk.models import Queue

from accounts.actors import Actor
from accounts.models import Merchant
from tickets.models import MerchantQueue, Reason
from tickets.reasons import USUAL_REASONS


@transaction.atomic
def prepare_merchant(*, merchant: Merchant, by: Actor) -> None:
    """Make the queues and the usual reasons that the merchant does not have yet. Again it does nothing; what was edited stays."""
    by.require(by.can_administer and by.merchant.pk == merchant.pk)
    there = set(MerchantQueue.objects.filter(merchant=merchant).values_list("department", flat=True))
    for department in MerchantQueue.Department:
        if department not in there:
            queue_of(merchant, department)
    Reason.objects.bulk_create(
        [Reason(merchant=merchant, position=place, **fields) for place, fields in enumerate(USUAL_REASONS, start=1)],
        ignore_conflicts=True,
    )


def queue_of(merchant: Merchant, department: MerchantQueue.Department) -> MerchantQueue:
    """The merchant's queue for a department, made when it is missing. Slugs are unique in the installation: `andina-payments`."""
    found = MerchantQueue.objects.filter(merchant=merchant, department=department).first()
    if found is not None:
        return found
    # One maker at a time: two at once would trip over helpdesk's unique slug.
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    found = MerchantQueue.objects.filter(merchant=merchant, department=department).first()
    if found is not None:
        return found
    queue = Queue.objects.create(
        title=f"{merchant.name} · {department.value}"[:100],
        slug=f"{merchant.slug}-{department.value}"[:50],
        locale=merchant.default_language,
    )
    return MerchantQueue.objects.create(merchant=merchant, department=department, queue=queue)
