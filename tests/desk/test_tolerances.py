"""Differences that are allowed: an administrator's page, and what a proposal or a decision says of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils.html import escape

from banking.money import format_money
from reconciliation.models import Adjustment, Tolerance
from reconciliation.services import set_tolerance
from tests.reconciliation.bench import pair
from tests.reconciliation.scene import Scene

pytestmark = pytest.mark.django_db


def test_an_administrator_allows_a_difference_and_ends_it(scene: Scene, browse: Any) -> None:
    address, ada = scene.cast.url("desk:tolerances", scene.cast.account.pk), browse("ada")
    assert "Ninguna: los montos deben coincidir al céntimo." in ada.get(address).content.decode()
    typed = {"method": str(scene.cast.deposit.pk), "reason": "rounding", "less": "1,50", "less_per_cent": "2,5", "more": "0,05"}
    assert ada.post(address, typed).status_code == 302
    made = Tolerance.objects.get()
    assert (made.less, made.more, made.less_per_mille, made.method) == (Decimal("1.5"), Decimal("0.05"), 25, scene.cast.deposit)
    html = " ".join(ada.get(address).content.decode().split())
    assert "Redondeo" in html
    assert "2,5 %" in html
    assert "1 está permitida" in ada.get(scene.cast.url("desk:account", scene.cast.account.pk)).content.decode()
    end = scene.cast.url("desk:tolerance_end", scene.cast.account.pk, made.pk)
    assert ada.post(end).status_code == 302
    assert ada.post(end).status_code == 302  # twice does no harm
    made.refresh_from_db()
    assert made.ended_by == scene.cast.ada.user


def test_a_refused_one_keeps_what_was_typed(scene: Scene, browse: Any) -> None:
    address = scene.cast.url("desk:tolerances", scene.cast.account.pk)
    answer = browse("ada").post(address, {"reason": "bank_fee", "less": "", "more": "7,77", "note": "Algo"})
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Lo que un cliente paga de más es suyo" in html
    assert "7,77" in html
    assert not Tolerance.objects.exists()


def test_a_proposal_says_the_difference_and_accepting_books_it(scene: Scene, browse: Any) -> None:
    made = set_tolerance(account_id=scene.cast.account.pk, reason="bank_fee", less=Decimal(3), by=scene.cast.ada)
    proposal = pair(scene, "100.00", deposit="98.00", why_not=["amount"])
    carol = browse("carol")
    html = " ".join(carol.get(scene.cast.url("desk:proposal", proposal.pk)).content.decode().split())
    fee, most = (escape(format_money(Decimal(each), "USD", "es").replace("\xa0", " ")) for each in (2, 3))
    assert f"Comisión bancaria {fee}, permitida hasta {most} para esta cuenta" in html.replace("\xa0", " ")
    answer = carol.post(scene.cast.url("desk:proposal_accept", proposal.pk), {"tolerance": str(made.pk)})
    assert answer.status_code == 302
    assert Adjustment.objects.get().amount == 2


def test_one_that_is_gone_is_said_and_nothing_moves(scene: Scene, browse: Any) -> None:
    proposal = pair(scene, "100.00", deposit="98.00", why_not=["amount"])
    answer = browse("carol").post(scene.cast.url("desk:proposal_accept", proposal.pk), {"tolerance": "7"})
    assert answer.status_code == 409
    assert "ya no está permitida" in answer.content.decode()
    assert not Adjustment.objects.exists()


def test_another_amount_begins_with_the_difference_that_is_allowed(scene: Scene, browse: Any) -> None:
    set_tolerance(account_id=scene.cast.account.pk, reason="bank_fee", less=Decimal(3), by=scene.cast.ada)
    ticket, line = scene.report("100.00", orders=[scene.order("100.00")]), scene.line("98.00")
    transfer = scene.transfers(ticket)[0]
    address = scene.cast.url("desk:verify_other", ticket.number)
    html = browse("carol").get(address, {f"line-{transfer.pk}": line.pk}).content.decode()
    assert 'value="2,00"' in html
    assert 'value="bank_fee" selected' in html
    typed = {f"line-{transfer.pk}": line.pk, "adjustment_kind": "bank_fee", "adjustment_amount": "2,00",
             "adjustment_way": "kept", "adjustment_note": "Comisión"}  # fmt: skip
    assert browse("carol").post(address, typed).status_code == 302
    assert scene.state(ticket) == "verified"
