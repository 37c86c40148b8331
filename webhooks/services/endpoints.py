"""What administrators do with endpoints: add, change, change the secret, switch off and on, remove, test, send again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.setup_history import facts_of, note_setup, plain
from webhooks.addresses import BadAddress, may_go_to, read_url
from webhooks.kinds import SUBSCRIBABLE, Kind
from webhooks.models import Announcement, Delivery, Endpoint
from webhooks.services.announcing import defer_deliveries
from webhooks.signing import new_secret, seal
from webhooks.words import reason_in_words

MOST_ENDPOINTS = 20
CHANGE_OVER = timedelta(hours=24)


@transaction.atomic
def add_endpoint(*, url: str, kinds: Iterable[str], description: str = "", by: Actor) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is told this once. `Refused`: `url_…`, `kinds_required`, `too_many`."""
    by.require(by.can_administer)
    url, kinds, description = _checked_url(url), _checked_kinds(kinds), _clean(description)
    if Endpoint.objects.filter(merchant=by.merchant, ended_at=None).count() >= MOST_ENDPOINTS:
        raise Refused(_("There are twenty addresses already. Remove one that is not used."), code="too_many")
    secret = new_secret()
    endpoint = Endpoint.objects.create(
        merchant=by.merchant, url=url, kinds=kinds, description=description, secret=seal(secret), created_by=by.user
    )
    note_setup("webhook", {}, _facts(endpoint), subject=endpoint.url, by=by)
    return endpoint, secret


@transaction.atomic
def change_endpoint(*, endpoint_id: int, url: str, kinds: Iterable[str], description: str = "", by: Actor) -> Endpoint:
    """Another address, other kinds; the secret stays. Waiting news go to the new address."""
    by.require(by.can_administer)
    endpoint = _lock(endpoint_id, by)
    before = _facts(endpoint)
    endpoint.url, endpoint.kinds, endpoint.description = _checked_url(url), _checked_kinds(kinds), _clean(description)
    endpoint.failures, endpoint.paused_until = 0, None
    endpoint.save(update_fields=["url", "kinds", "description", "failures", "paused_until"])
    note_setup("webhook", before, _facts(endpoint), subject=endpoint.url, by=by)
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint_id: int, by: Actor) -> tuple[Endpoint, str]:
    """A new secret, told this once; for a day the old one signs too, so that the receiver can change over in peace."""
    by.require(by.can_administer)
    endpoint = _lock(endpoint_id, by)
    secret = new_secret()
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, timezone.now() + CHANGE_OVER
    endpoint.secret = seal(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    note_setup("webhook", {}, {"secret": plain(endpoint.previous_until)}, subject=endpoint.url, by=by)
    return endpoint, secret


@transaction.atomic
def switch_endpoint(*, endpoint_id: int, is_on: bool, by: Actor) -> Endpoint:
    """Stop sending, or begin again. What waits when it is switched off is given up, and can be sent again from the log."""
    by.require(by.can_administer)
    endpoint = _lock(endpoint_id, by)
    if endpoint.is_active == is_on:
        return endpoint
    endpoint.is_active, endpoint.failures, endpoint.paused_until = is_on, 0, None
    endpoint.save(update_fields=["is_active", "failures", "paused_until"])
    if not is_on:
        _give_up(endpoint)
    note_setup("webhook", {"is_active": plain(not is_on)}, {"is_active": plain(is_on)}, subject=endpoint.url, by=by)
    return endpoint


@transaction.atomic
def remove_endpoint(*, endpoint_id: int, by: Actor) -> Endpoint:
    """End it for good: nothing is sent any more, its secrets are erased, its log stays."""
    by.require(by.can_administer)
    endpoint = _lock(endpoint_id, by)
    endpoint.is_active, endpoint.ended_at = False, timezone.now()
    endpoint.secret, endpoint.previous_secret, endpoint.previous_until = "", "", None
    endpoint.save(update_fields=["is_active", "ended_at", "secret", "previous_secret", "previous_until"])
    _give_up(endpoint)
    note_setup("webhook", _facts(endpoint), {"url": "", "kinds": ""}, subject=endpoint.url, by=by)
    return endpoint


@transaction.atomic
def test_endpoint(*, endpoint_id: int, by: Actor) -> Delivery:
    """Send a test to this one endpoint, whatever it listens for."""
    by.require(by.can_administer)
    endpoint = _lock(endpoint_id, by)
    _require_on(endpoint)
    news = Announcement.objects.create(
        merchant=by.merchant, kind=Kind.TEST, about=f"endpoint:{endpoint.pk}", occasion=f"test:{uuid.uuid4()}",
        payload={"text": "It works."},
    )  # fmt: skip
    delivery = Delivery.objects.create(merchant=by.merchant, announcement=news, endpoint=endpoint)
    _hurry(endpoint)
    return delivery


@transaction.atomic
def resend(*, delivery_id: int, by: Actor) -> Delivery:
    """Send one delivery again now, with all its tries, whatever became of it; its receiver knows it by the same id."""
    by.require(by.can_administer)
    delivery = Delivery.objects.select_for_update(of=("self",)).filter(merchant=by.merchant, pk=delivery_id).first()
    if delivery is None:
        raise Http404
    endpoint = _lock(delivery.endpoint_id, by)
    _require_on(endpoint)
    delivery.state, delivery.tries, delivery.due_at, delivery.ended_at = Delivery.State.QUEUED, 0, timezone.now(), None
    delivery.save(update_fields=["state", "tries", "due_at", "ended_at"])
    _hurry(endpoint)
    return delivery


def _lock(endpoint_id: int, by: Actor) -> Endpoint:
    live = Endpoint.objects.filter(merchant=by.merchant, pk=endpoint_id, ended_at=None)
    endpoint = live.select_for_update(no_key=True).first()
    if endpoint is None:
        raise Http404
    return endpoint


def _require_on(endpoint: Endpoint) -> None:
    if not endpoint.is_active:
        raise Stale(_("This address is switched off. Switch it on first."), code="off")


def _hurry(endpoint: Endpoint) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
    defer_deliveries([endpoint.pk])


def _give_up(endpoint: Endpoint) -> None:
    waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.QUEUED)
    waiting.update(state=Delivery.State.FAILED, ended_at=timezone.now())


def _facts(endpoint: Endpoint) -> dict[str, str]:
    return facts_of(endpoint, ("url", "description", "kinds"))


def _clean(description: str) -> str:
    return " ".join(description.replace("\x00", "").split())[:100]


def _checked_kinds(kinds: Iterable[str]) -> list[str]:
    wanted = set(kinds)
    known = [str(kind.value) for kind in SUBSCRIBABLE if kind.value in wanted]
    if not known or len(known) < len(wanted):
        raise Refused(_("Choose what this address shall hear of."), code="kinds_required", fields=("kinds",))
    return known


def _checked_url(url: str) -> str:
    """The address, if it may be one. A name is asked only when something is sent; what is no name's business is known now."""
    url = url.strip()
    try:
        target = read_url(url)
        try:
            is_fine = may_go_to(target.host, is_tls=target.is_tls)
        except ValueError:  # a name, not figures
            is_local = target.host == "localhost" or target.host.endswith((".localhost", ".local", ".internal"))
            is_fine = settings.WEBHOOKS_TO_LOOPBACK if is_local else target.is_tls
        if not is_fine:
            raise BadAddress("private" if target.is_tls else "not_https")
    except BadAddress as bad:
        raise Refused(str(reason_in_words(bad.code)), code=f"url_{bad.code}", fields=("url",)) from bad
    return url
