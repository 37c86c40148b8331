"""What each merchant has for other systems: an address that hears of everything, its log, a key and a call that was answered."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.actors import Actor
from accounts.api_keys import create_api_key
from accounts.key_models import ApiKey
from api.models import Call
from webhooks.kinds import SUBSCRIBABLE
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import add_endpoint, test_endpoint

test_endpoint.__test__ = False  # type: ignore[attr-defined]  # a service, whatever pytest thinks of its name


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """The rows."""

    endpoint: Endpoint
    delivery: Delivery
    key: ApiKey


def hooks_of(by: Actor) -> Hooks:
    """Make them; `by` administers."""
    merchant = by.merchant
    kinds = [str(kind) for kind in SUBSCRIBABLE]
    endpoint, _secret = add_endpoint(url=f"https://{merchant.slug}.example/hook", kinds=kinds, description="ERP", by=by)
    delivery = test_endpoint(endpoint_id=endpoint.pk, by=by)
    Attempt.objects.create(merchant=merchant, delivery=delivery, status=500, answer="<b>no</b>")
    key, _text = create_api_key(name=f"ERP {merchant.slug}", scopes=["orders:read"], by=by)
    Call.objects.create(merchant=merchant, api_key=key, key="1", digest="0" * 64, status=201, body="{}")
    return Hooks(endpoint=endpoint, delivery=delivery, key=key)
