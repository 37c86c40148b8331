"""Staff see a withholding voucher beside the deposit, verify both in one act, and register one for a customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from reports.models import Withholding
from tests.desk.test_register import check_page, fields_of, typed
from tests.factories import make_withholding_kind
from tests.files.makers import upload
from tests.reconciliation.bench import make_proposal
from tests.reconciliation.scene import Scene
from tests.reconciliation.test_withholding import igtf, report
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db


def voucher(scene: Scene, **more: Any) -> dict[str, Any]:
    kind = make_withholding_kind(scene.cast.merchant)
    return {
        "w-0-kind": kind.pk,
        "w-0-number": "2026-0007",
        "w-0-issued_on": scene.today.isoformat(),
        "w-0-amount": "6,00",
        **more,
    }


def test_staff_register_a_voucher_and_another_verifies_it_in_one_act(scene: Scene, browse: Any) -> None:
    order = scene.order("46.00")
    page = check_page(scene, browse, typed(scene, order, **voucher(scene, **{"w-0-receipt": upload()})))
    assert "Retención de IVA" in page
    assert "2026-0007" in page
    browse("sue").post(scene.cast.url("desk:register_check", scene.cast.a.pk), fields_of(page))
    ticket = Ticket.objects.get()
    assert Withholding.objects.get().report.ticket == ticket
    carol, line = browse("carol"), scene.line("40")
    carol.post(scene.cast.url("desk:claim", ticket.number))
    transfer = scene.transfers(ticket)[0]
    shown = carol.get(scene.cast.url("desk:ticket", ticket.number), {f"line-{transfer.pk}": line.pk}).content.decode()
    text = shown.replace("\u00a0", " ")
    assert "USD 40,00 pagados + USD 6,00 retenidos" in text
    assert "de ello, Retención de IVA 2026-0007" in text
    assert "1 orden pagada" in text
    carol.post(scene.cast.url("desk:verify", ticket.number), {f"line-{transfer.pk}": line.pk, f"take-{transfer.pk}": "1"})
    assert (scene.state(ticket), scene.paid_of(order)) == (State.VERIFIED, Decimal(46))
    assert "Retención de IVA 2026-0007" in carol.get(scene.cast.url("desk:ticket", ticket.number)).content.decode()


def test_a_bad_voucher_of_the_staff_is_told_and_kept(scene: Scene, browse: Any) -> None:
    order, address = scene.order("46.00"), scene.cast.url("desk:register", scene.cast.a.pk)
    answer = browse("sue").post(address, typed(scene, order, **voucher(scene, **{"w-0-amount": "-6", "w-0-number": ""})))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Escriba el número del comprobante de retención." in page
    assert 'value="-6"' in page
    assert not Ticket.objects.exists()


def test_the_voucher_is_asked_for_only_where_there_are_kinds(scene: Scene, browse: Any) -> None:
    ticket, carol = scene.report("40", orders=[scene.order("40.00")]), browse("carol")
    address = scene.cast.url("desk:ask_information", ticket.number)
    assert "Comprobante de retención" not in carol.get(address).content.decode()
    make_withholding_kind(scene.cast.merchant)
    assert "Comprobante de retención" in carol.get(address).content.decode()


def test_a_surcharge_stands_beside_what_the_order_gets(scene: Scene, browse: Any) -> None:
    method = scene.cast.deposit
    method.surcharge_per_cent, method.surcharge_name_es = Decimal(3), "IGTF"
    method.save()
    order = scene.order("100.00")
    ticket, line = scene.report("103", orders=[order]), scene.line("103")
    (transfer,) = scene.transfers(ticket)
    page = browse("carol").get(scene.cast.url("desk:ticket", ticket.number), {f"line-{transfer.pk}": line.pk})
    text = page.content.decode().replace("\u00a0", " ")
    assert "aparte, IGTF 3 %" in text
    assert "Coincide" in text
    scene.verify(ticket, line)
    after = browse("carol").get(scene.cast.url("desk:ticket", ticket.number)).content.decode().replace("\u00a0", " ")
    assert "aparte, IGTF 3 %" in after


def test_the_sum_that_is_filled_in_leaves_out_what_was_withheld(scene: Scene, browse: Any) -> None:
    order, address = scene.order("46.00"), scene.cast.url("desk:register", scene.cast.a.pk)
    data = typed(scene, order, **voucher(scene, **{"t-0-amount": "", "update": "1"}))
    assert 'value="40,00"' in browse("sue").post(address, data).content.decode()


def test_the_page_of_a_proposal_tells_what_the_payment_is_made_of(scene: Scene, browse: Any) -> None:
    igtf(scene)
    kind = make_withholding_kind(scene.cast.merchant)
    ticket, line = report(scene, "103", (kind, "3"), orders=[scene.order("103.00")]), scene.line("103")
    proposal = make_proposal(scene.transfers(ticket)[0], line, why_not=["composed"])
    page = browse("carol").get(scene.cast.url("desk:proposal", proposal.pk)).content.decode().replace("\u00a0", " ")
    for words in ("<dt>IGTF 3 %</dt>", "Retención de IVA</dt>", "2026-0001", "Para las órdenes", "de retención y un recargo"):
        assert words in page
