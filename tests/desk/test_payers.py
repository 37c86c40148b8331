"""The desk's pages of payer groups, and the picker's second look at reports of several customers."""

from __future__ import annotations

from typing import Any

import pytest

from reconciliation.models import Match, PayerGroup
from reconciliation.services import make_payer_group
from tests.factories import make_customer
from tests.reconciliation.scene import Scene
from tickets.models import State

pytestmark = pytest.mark.django_db


def test_a_group_is_made_and_changed_on_its_pages(scene: Scene, browse: Any, post: Any) -> None:
    carol, cast = browse("carol"), scene.cast
    other = make_customer(cast.merchant, name="Sucursal Norte")
    page = carol.get(cast.url("desk:customer", cast.a.pk)).content.decode()
    assert f"{cast.url('desk:payer_group_new')}?customer={cast.a.pk}" in page
    html = carol.get(cast.url("desk:payer_group_new"), {"customer": cast.a.pk, "q": "sucursal"}).content.decode()
    assert f'value="{cast.a.pk}" checked' in html
    assert f'value="{other.pk}"' in html
    answer = post("carol", "desk:payer_group_new", name="Inversiones Roble", customer=[cast.a.pk])
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "al menos dos clientes" in html
    assert "Inversiones Roble" in html
    assert f'value="{cast.a.pk}" checked' in html
    answer = post("carol", "desk:payer_group_new", name="Inversiones Roble", customer=[cast.a.pk], q="sucursal", look="1")
    assert answer.status_code == 200
    assert "Sucursal Norte" in answer.content.decode()
    assert not PayerGroup.objects.exists()
    assert post("carol", "desk:payer_group_new", name="Inversiones Roble", customer=[cast.a.pk, cast.b.pk]).status_code == 302
    group = PayerGroup.objects.get()
    assert "Inversiones Roble" in carol.get(cast.url("desk:customer", cast.a.pk)).content.decode()
    assert post("carol", "desk:payer_group", group.pk, act="add", customer=other.pk).status_code == 302
    html = carol.get(cast.url("desk:payer_groups")).content.decode()
    assert "Sucursal Norte" in html
    assert post("carol", "desk:payer_group", group.pk, act="remove", customer=cast.b.pk).status_code == 302
    refused = post("carol", "desk:payer_group", group.pk, act="remove", customer=other.pk)
    assert refused.status_code in (400, 409)
    assert "termine el grupo" in refused.content.decode()
    assert post("carol", "desk:payer_group", group.pk, act="add").status_code == 400
    assert post("carol", "desk:payer_group", group.pk, act="end").status_code == 302
    assert "Sucursal Norte" in carol.get(cast.url("desk:payer_groups"), {"ended": "1"}).content.decode()
    assert "quitado por" in carol.get(cast.url("desk:payer_group", group.pk)).content.decode()


def test_the_picker_looks_twice_at_reports_of_several_customers(scene: Scene, browse: Any, post: Any) -> None:
    orders = [scene.order("60.00"), scene.order("40.00", customer=scene.cast.b)]
    reports = [
        scene.report("60.00", orders=orders[:1], claim=False),
        scene.report("40.00", orders=orders[1:], by=scene.cast.bob, claim=False),
    ]
    line = scene.line("100.00", payer_name="Inversiones Roble")
    picks = [scene.transfers(ticket)[0].pk for ticket in reports]
    address = scene.cast.url("desk:pick_reports", line.pk)
    html = browse("carol").get(address, {"pick": picks[:1]}).content.decode()
    assert "clientes distintos" not in html
    html = browse("carol").get(address, {"pick": picks}).content.decode()
    assert "clientes distintos" in html
    assert 'name="across"' in html
    answer = post("carol", "desk:pick_reports", line.pk, pick=picks, remember="on")
    assert answer.status_code in (400, 409)
    html = answer.content.decode()
    assert scene.cast.b.name in html
    assert 'name="remember" checked' in html
    assert not Match.objects.exists()
    assert not PayerGroup.objects.exists()
    assert post("carol", "desk:pick_reports", line.pk, pick=picks, across="on", remember="on").status_code == 302
    assert [scene.state(ticket) for ticket in reports] == [State.VERIFIED, State.VERIFIED]
    assert PayerGroup.objects.get().name == "Inversiones Roble"


def test_within_a_group_the_picker_only_says_so(scene: Scene, browse: Any) -> None:
    make_payer_group(name="Inversiones Roble", customer_ids=[scene.cast.a.pk, scene.cast.b.pk], by=scene.cast.carol)
    reports = [
        scene.report("60.00", orders=[scene.order("60.00")]),
        scene.report("40.00", orders=[scene.order("40.00", customer=scene.cast.b)], by=scene.cast.bob),
    ]
    picks = [scene.transfers(ticket)[0].pk for ticket in reports]
    html = browse("carol").get(scene.cast.url("desk:pick_reports", scene.line("100.00").pk), {"pick": picks}).content.decode()
    assert "grupo de pago Inversiones Roble" in html
    assert 'name="across"' not in html
