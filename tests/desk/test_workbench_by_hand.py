"""The workbench's pages for what no proposal does: the picker, setting aside, the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reconciliation.models import IgnoredLine, Match
from tests.reconciliation.scene import Scene
from tickets.models import State

pytestmark = pytest.mark.django_db


def test_the_picker_adds_up_and_settles(scene: Scene, browse: Any, post: Any) -> None:
    orders = [scene.order("60.00"), scene.order("40.00")]
    reports = [scene.report(str(order.total), orders=[order]) for order in orders]
    line = scene.line("100.00", text="DEPOSITO DE LOS DOS")
    picks = [scene.transfers(ticket)[0].pk for ticket in reports]
    address = scene.cast.url("desk:pick_reports", line.pk)
    html = browse("carol").get(address).content.decode()
    assert all(ticket.number in html for ticket in reports)
    html = browse("carol").get(address, {"pick": picks[0]}).content.decode()
    assert "Quedan libres" in html
    html = browse("carol").get(address, {"pick": picks}).content.decode()
    assert "Cuadra exacto" in html
    assert post("carol", "desk:pick_reports", line.pk, pick=picks).status_code == 302
    assert [scene.paid_of(order) for order in orders] == [Decimal(60), Decimal(40)]


def test_a_report_finds_its_deposits(scene: Scene, browse: Any, post: Any) -> None:
    ticket = scene.report("90.00", orders=[scene.order("90.00")])
    lines = [scene.line("50.00", text="PARTE UNO"), scene.line("40.00", text="PARTE DOS")]
    transfer = scene.transfers(ticket)[0]
    address = scene.cast.url("desk:pick_lines", transfer.pk)
    html = browse("carol").get(address, {"q": "parte", "pick": [line.pk for line in lines]}).content.decode()
    assert "PARTE DOS" in html
    assert "Cuadra exacto" in html
    assert post("carol", "desk:pick_lines", transfer.pk, pick=[line.pk for line in lines]).status_code == 302
    assert scene.state(ticket) == State.VERIFIED


def test_a_refusal_keeps_what_is_ticked(scene: Scene, browse: Any, post: Any) -> None:
    ticket = scene.report("90.00", orders=[scene.order("90.00")], claimed_by=scene.cast.dan)
    line, transfer = scene.line("90.00"), scene.transfers(ticket)[0]
    answer = post("carol", "desk:pick_reports", line.pk, pick=[transfer.pk])
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Dan" in html
    assert f'value="{transfer.pk}" checked' in html
    assert not Match.objects.exists()


def test_nothing_ticked_says_so(scene: Scene, browse: Any, post: Any) -> None:
    answer = post("carol", "desk:pick_reports", scene.line("90.00").pk)
    assert answer.status_code == 400
    assert "Elija al menos" in answer.content.decode()


def test_the_picker_asks_a_constant_number_of_times(scene: Scene, browse: Any) -> None:
    line = scene.line("100.00")
    scene.report("100.00", orders=[scene.order("100.00")])
    address = scene.cast.url("desk:pick_reports", line.pk)

    def count() -> int:
        browse("carol").get(address)
        with CaptureQueriesContext(connection) as asked:
            assert browse("carol").get(address).status_code == 200
        return len(asked)

    few = count()
    for each in range(8):
        scene.report(f"{90 + each}.00", orders=[scene.order("10.00")])
    assert count() == few


def test_a_movement_is_set_aside_by_hand(scene: Scene, browse: Any, post: Any) -> None:
    line = scene.line("-1.25", text="COMISION")
    assert post("carol", "desk:line_ignore", line.pk).status_code == 400
    answer = post("carol", "desk:line_ignore", line.pk, reason="other", note="")
    assert answer.status_code == 400
    assert "Escriba por qué" in answer.content.decode()
    assert not IgnoredLine.objects.exists()
    assert post("carol", "desk:line_ignore", line.pk, reason="bank_fee").status_code == 302
    html = browse("carol").get(scene.cast.url("desk:workbench") + "?view=ignored").content.decode()
    assert "COMISION" in html
    assert "Apartó 1 movimiento" in html
    assert post("carol", "desk:line_restore", IgnoredLine.objects.get().pk).status_code == 302
    assert "COMISION" in browse("carol").get(scene.cast.url("desk:workbench") + "?view=out").content.decode()
    assert post("carol", "desk:line_restore", IgnoredLine.objects.get().pk).status_code == 409


def test_a_rule_is_shown_before_it_applies(scene: Scene, browse: Any, post: Any) -> None:
    for amount in ("-1.25", "-2.00"):
        scene.line(amount, text="COMISION POR SERVICIO")
    came = scene.line("30.00", text="REVERSO COMISION")
    rules = scene.cast.url("desk:ignore_rules")
    html = browse("carol").get(rules, {"pattern": "comision", "reason": "bank_fee", "account": ""}).content.decode()
    assert "3 movimientos" in html
    assert "es dinero que entró" in html
    assert not IgnoredLine.objects.exists()
    said = {"pattern": "comision", "reason": "bank_fee", "account": ""}
    assert post("carol", "desk:ignore_rules", **said).status_code == 409  # nobody has looked
    shown = {"shown_count": "3", "shown_until": str(came.pk)}
    assert post("carol", "desk:ignore_rules", **said, **shown).status_code == 302
    assert IgnoredLine.objects.count() == 3
    assert "nada nuevo" in browse("carol").get(rules).content.decode()
    assert browse("carol").get(rules, {"pattern": "c", "reason": "bank_fee"}).status_code == 400
