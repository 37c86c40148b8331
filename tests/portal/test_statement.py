"""The customer's statement of account: what stands on it, whose it is, and its files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.services import void_order
from tests.cast import client_of
from tests.factories import make_user
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
RUN = '=HYPERLINK("http://x")'


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene(name="Hosting Andina")


def get(scene: Scene, who: Any = None, **query: Any) -> Any:
    return client_of(who or scene.cast.alice).get(scene.cast.url("portal:account_statement"), query)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_goes_from_the_balance_before_to_the_balance_at_the_end(scene: Scene) -> None:
    ticket, _line = scene.paid("30.00", scene.order("50.00"))
    since = (scene.today - dt.timedelta(days=5)).isoformat()
    html = text(get(scene, since=since))
    for words in ("Estado de cuenta", "Saldo anterior", "50,00", "30,00", "20,00", ticket.number, "Saldo al final"):
        assert words in html
    rows = list(csv.reader(io.StringIO(b"".join(get(scene, since=since, format="csv").streaming_content).decode("utf-8-sig"))))
    assert [row[-1] for row in rows[1:]] == ["50.00", "20.00"]


def test_nothing_of_the_staff_or_the_bank_is_told(scene: Scene) -> None:
    ticket, line = scene.paid("30.00", scene.order("50.00"))
    scene.reverse(ticket)
    order = scene.order("9.00")
    void_order(order_id=order.pk, reason="Cobrada por error de Marta", by=scene.cast.carol)
    theirs = scene.order("6543.21", customer=scene.cast.b)
    whole = text(get(scene)) + b"".join(get(scene, format="csv").streaming_content).decode()
    for secret in (
        line.reference_raw,
        "Marta",
        theirs.number,
        "6543.21",
        "6.543,21",
        scene.cast.carol.user.name,
        scene.cast.carol.user.email,
    ):
        assert secret not in whole
    assert order.number in whole


def test_only_who_may_see_orders_opens_it_and_only_their_own(scene: Scene) -> None:
    scene.order("50.00")
    assert get(scene, scene.cast.nora).status_code == 403
    assert get(scene, scene.cast.carol).status_code == 403
    assert "50,00" not in text(get(scene, scene.cast.bob))
    assert get(scene, scene.cast.bob, format="csv").status_code == 200


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
def test_its_files_are_saved_never_run_and_hold_no_formula(scene: Scene, kind: str, start: bytes) -> None:
    order = scene.order("50.00")
    type(order).objects.filter(pk=order.pk).update(description=RUN)
    answer = get(scene, format=kind)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("attachment; ")
    body = b"".join(answer.streaming_content)
    assert body.startswith(start)
    if kind == "csv":
        assert "'=HYPERLINK" in body.decode()


@pytest.mark.parametrize("query", [{"since": "x"}, {"since": "2026-11-20", "until": "2026-11-01"}, {"format": "exe"}])
def test_a_question_that_is_none_is_said(scene: Scene, query: dict[str, str]) -> None:
    assert get(scene, **query).status_code == 400


def test_it_asks_as_often_for_many_rows_as_for_few(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    make_user()

    def count() -> int:
        client.get(scene.cast.url("portal:account_statement"))
        with CaptureQueriesContext(connection) as queries:
            client.get(scene.cast.url("portal:account_statement"))
        return len(queries)

    scene.paid("30.00", scene.order("50.00"))
    few = count()
    for _each in range(4):
        scene.paid("3.00", scene.order("5.00"))
    assert count() == few
    assert few < 15
