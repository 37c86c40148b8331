"""What administrators see of webhooks."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from accounts.actors import Actor
from webhooks.models import Attempt, Delivery, Endpoint


def endpoints_for(actor: Actor | None) -> QuerySet[Endpoint]:
    """The merchant's endpoints that were not removed, each with `waiting` and `given_up`. Nothing for who may not administer."""
    if actor is None or not actor.can_administer:
        return Endpoint.objects.none()
    count = Count("deliveries", filter=Q(deliveries__state=Delivery.State.QUEUED))
    failed = Count("deliveries", filter=Q(deliveries__state=Delivery.State.FAILED))
    live = Endpoint.objects.filter(merchant=actor.merchant, ended_at=None)
    return live.annotate(waiting=count, given_up=failed).order_by("pk")


def endpoint_for(actor: Actor | None, pk: int) -> Endpoint:
    """One of them; `Http404` otherwise."""
    endpoint = endpoints_for(actor).filter(pk=pk).first()
    if endpoint is None:
        raise Http404
    return endpoint


def deliveries_for(actor: Actor | None, endpoint: Endpoint | None = None, state: str = "") -> QuerySet[Delivery]:
    """The log, newest first, with the tries of each (newest first)."""
    if actor is None or not actor.can_administer:
        return Delivery.objects.none()
    found = Delivery.objects.filter(merchant=actor.merchant)
    if endpoint is not None:
        found = found.filter(endpoint=endpoint)
    if state:
        found = found.filter(state=state)
    tries = Prefetch("attempts", Attempt.objects.order_by("-pk"))
    return found.select_related("announcement", "endpoint").prefetch_related(tries).order_by("-pk")
