"""Signals on the decision page: one list of facts, and the receipt and the comparison point at it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reconciliation.scene import Scene

pytestmark = pytest.mark.django_db


def test_a_used_reference_stands_among_the_signals(scene: Scene, browse: Any) -> None:
    other = scene.report("40.00", orders=[scene.order("40.00", customer=scene.cast.b)], reference="45775572", by=scene.cast.bob)
    ticket = scene.report("40.00", orders=[scene.order("40.00")], reference="0045775572")
    html = browse("carol").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert "Otro cliente reportó la referencia 0045775572 con el mismo monto." in html
    assert "Repetida, vea las señales" in html
    start = html.index('id="signals"')
    assert other.number in html[start : html.index("</section>", start)]


def test_without_signals_there_is_no_list(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    scene.verify(ticket, scene.line("40.00"))
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    html = browse("carol").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert 'id="signals"' not in html
    assert "Sin repetir" in html
