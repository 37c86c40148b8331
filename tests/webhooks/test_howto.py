"""The examples of docs/howto/webhooks.md and docs/howto/api.md, run as they stand there."""

from __future__ import annotations

import json
import re
import sys
import threading
from http.server import HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.actors import Actor
from accounts.api_keys import create_api_key
from tests.factories import make_merchant
from tests.reconciliation.scene import make_scene
from webhooks.kinds import SUBSCRIBABLE, Kind
from webhooks.models import Delivery
from webhooks.services import add_endpoint, announce, deliver_waiting, resend

DOCS = Path(__file__).resolve().parents[2] / "docs" / "howto"


def example(page: str) -> Any:
    """The program of a page, as a module."""
    (program,) = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType(page.replace(".", "_"))
    sys.modules[module.__name__] = module
    exec(compile(program, page, "exec"), module.__dict__)  # noqa: S102 - our own page
    return module


@pytest.mark.django_db
def test_the_receiver_of_the_page_takes_what_is_genuine_once(settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    receiver, heard = example("webhooks.md"), []
    receiver.handle = heard.append
    receiver.Receiver.log_message = lambda *_a: None
    server = HTTPServer(("127.0.0.1", 0), receiver.Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        by = Actor.system(make_merchant(slug="andina"))
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        endpoint, receiver.SECRET = add_endpoint(url=url, kinds=[Kind.ORDER_PAID], by=by)
        announce(merchant=by.merchant, kind=Kind.ORDER_PAID, about="order:1", occasion="1", payload={"order": "A-1"})
        deliver_waiting(endpoint_id=endpoint.pk)
        delivery = Delivery.objects.get()
        resend(delivery_id=delivery.pk, by=by)
        deliver_waiting(endpoint_id=endpoint.pk)
        assert [(each["type"], each["data"], each["merchant"]) for each in heard] == [("order.paid", {"order": "A-1"}, "andina")]
        assert [each.status for each in delivery.attempts.all()] == [204, 204]
        receiver.SECRET = "whsec_" + "A" * 43 + "="
        resend(delivery_id=delivery.pk, by=by)
        deliver_waiting(endpoint_id=endpoint.pk)
        assert delivery.attempts.order_by("-pk")[0].status == 401
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_page_names_every_kind_of_news() -> None:
    page = (DOCS / "webhooks.md").read_text(encoding="utf-8")
    assert [kind.value for kind in SUBSCRIBABLE if f"`{kind.value}`" not in page] == []


@pytest.mark.django_db(transaction=True)
def test_the_program_of_the_api_bills_once_and_hears_of_the_payment(live_server: LiveServer) -> None:
    program = example("api.md")
    scene = make_scene(slug="andina", name="Andina", ticket_prefix="A")
    _key, text = create_api_key(name="shop", scopes=["orders:write", "payments:read"], by=scene.cast.ada)
    house = program.House(f"{live_server.url}/andina/api/v1/", text)
    paid, cursor = program.follow(house, "")
    assert paid == []
    number = program.bill(house, scene.cast.a.number, "10.00", "S-1")
    assert program.bill(house, scene.cast.a.number, "10.00", "S-1") == number
    assert program.follow(house, cursor) == ([], cursor)
    order = scene.cast.a.orders.get(number=number)
    line = scene.line("11.60")
    scene.verify(scene.report("11.60", orders=[order]), line)
    paid, after = program.follow(house, cursor)
    assert [each["order"] for each in paid] == [number]
    assert [(each["source"], each["account"], each["statement_line"], each["amount"]) for each in paid[0]["entries"]] == [
        ("deposit", scene.cast.account.pk, line.pk, "11.60")
    ]
    assert program.follow(house, after) == ([], after)
    with pytest.raises(RuntimeError, match="403 not_allowed"):
        house.get("customers/")
    assert json.dumps(paid)
