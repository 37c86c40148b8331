"""Two houses with something behind every address of the API, and keys to both."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.api_keys import create_api_key, revoke_api_key
from accounts.key_models import ApiKey, Scope
from orders.models import Order
from reconciliation.models import StatementImport
from reconciliation.services import receive_statement
from tests.cast import Cast
from tests.files.hostile import jpeg
from tests.reconciliation.scene import Scene, make_scene
from tickets.models import Ticket

PICTURE = jpeg(60, 40)


@dataclass(kw_only=True)
class House:
    """One of them: an open order, one to void, a paid one, a report in review, a settled one, a statement handed in."""

    scene: Scene
    order: Order
    unwanted: Order
    paid: Order
    ticket: Ticket
    settled: Ticket
    statement: StatementImport

    @property
    def cast(self) -> Cast:
        return self.scene.cast

    @property
    def root(self) -> str:
        return f"/{self.cast.merchant.slug}/api/v1/"


@dataclass(kw_only=True)
class Town:
    """Both houses. `keys`: what stands in the header, by name; `far` opens the other house alone."""

    near: House
    far: House
    keys: dict[str, str] = field(default_factory=dict)
    rows: dict[str, ApiKey] = field(default_factory=dict)

    def key(self, name: str, scopes: list[str], *, house: House | None = None) -> str:
        """Make a key."""
        by = (house or self.near).cast.ada
        self.rows[name], self.keys[name] = create_api_key(name=name, scopes=scopes, by=by)
        return self.keys[name]

    def call(
        self, key: str | None, method: str, path: str, body: Any = None, *, house: House | None = None, **headers: str
    ) -> Any:
        """Ask as another system does. A body of bytes goes as it is; one with files as a form; POST has a key of its own."""
        sent: dict[str, Any] = {"headers": dict(headers)}
        if key is not None:
            sent["headers"]["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        if method == "post":
            sent["headers"].setdefault("Idempotency-Key", uuid.uuid4().hex)
        url = path if path.startswith("/") else self.near.root + path
        client = Client(raise_request_exception=False)
        if isinstance(body, bytes):
            return client.generic(method.upper(), url, body, content_type="application/json", **sent)
        files = [each for each in body.values() if isinstance(each, SimpleUploadedFile)] if isinstance(body, dict) else []
        for each in files:
            each.seek(0)
        if files:
            return client.post(url, body, **sent)
        if body is not None:
            return client.generic(method.upper(), url, json.dumps(body), content_type="application/json", **sent)
        return getattr(client, method)(url, **sent)


def picture(name: str = "recibo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PICTURE, content_type="image/jpeg")


def sheet(text: str = "date,amount,reference,text\n2026-01-05,10.00,123456,PAGO\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("banco.csv", text.encode(), content_type="text/csv")


def make_house(slug: str) -> House:
    """Furnish one."""
    scene = make_scene(slug=slug, name=slug.title(), ticket_prefix=slug[:2].upper())
    order, paid = scene.order("100.00"), scene.order("36.50")
    settled = scene.report("36.50", orders=[paid])
    scene.verify(settled, scene.line("36.50"))
    statement = receive_statement(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="banco.csv", content=sheet().read(),
        by=scene.cast.carol,
    )  # fmt: skip
    ticket = scene.report("100.00", orders=[order], claim=False)
    return House(
        scene=scene,
        order=scene.order("80.00"),
        unwanted=scene.order("5.00"),
        paid=paid,
        ticket=ticket,
        settled=settled,
        statement=statement,
    )


def make_town() -> Town:
    """Both, with a key of every sort."""
    town = Town(near=make_house("andina"), far=make_house("litoral"))
    everything = [str(scope.value) for scope in Scope]
    town.key("all", everything)
    town.key("reads", [scope for scope in everything if scope.endswith(":read")])
    town.key("far", everything, house=town.far)
    for name in ("revoked", "expired"):
        town.key(name, everything)
    revoke_api_key(key_id=town.rows["revoked"].pk, by=town.near.cast.ada)
    ApiKey.objects.filter(pk=town.rows["expired"].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    for scope in everything:
        town.key(scope, [scope])
        town.key(f"not {scope}", [other for other in everything if other != scope])
    return town


@pytest.fixture(scope="module")
def built_town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The town, in a transaction that ends with the module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield make_town()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def town(built_town: Town, db: None) -> Town:
    """The town as it was built: what a test changes is gone after it."""
    return built_town
