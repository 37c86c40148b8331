"""Endpoints for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import Merchant
from tests.factories import make_merchant
from webhooks.kinds import SUBSCRIBABLE
from webhooks.models import Endpoint


def make_endpoint(merchant: Merchant | None = None, **kw: Any) -> Endpoint:
    """An endpoint that listens for everything, at an address that nobody serves."""
    kw.setdefault("url", "https://hooks.example/concilia")
    kw["kinds"] = [str(kind) for kind in kw.get("kinds", SUBSCRIBABLE)]
    return Endpoint.objects.create(merchant=merchant or make_merchant(), **kw)
