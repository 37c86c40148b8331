"""Debits of the bank over HTTP: two people return a large deposit, two pay a large credit out; an advance pays a later order."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest

from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Refund, ReturnedDeposit, ReversalRequest
from tests.factories import make_account, make_rate
from tests.reconciliation.scene import Scene
from tickets.models import State

pytestmark = pytest.mark.django_db


def signed(scene: Scene, amount: str) -> tuple[Any, Any]:
    """A verified report without orders, above the limit, and its deposit."""
    ticket, line = scene.report(amount), scene.line(amount, payer_name="PEREZ ALICIA")
    scene.verify(ticket, line)
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.ada)
    return ticket, line


def page(browse: Any, scene: Scene, who: str, name: str, *args: Any) -> str:
    answer = browse(who).get(scene.cast.url(name, *args))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_large_deposit_is_returned_by_two_people(scene: Scene, post: Any, browse: Any) -> None:
    ticket, deposit = signed(scene, "9000")
    debit = scene.line("-9000", text="DEVOLUCION PEREZ ALICIA")
    assert "Nombra a quien pagó" in page(browse, scene, "dan", "desk:line_return", debit.pk)
    right = {"deposit": deposit.pk, "reason": scene.reason("returned_by_bank"), "note": "Cuenta cerrada"}
    bad = post("dan", "desk:line_return", debit.pk, **{**right, "note": ""})
    assert (bad.status_code, f'value="{deposit.pk}" checked' in bad.content.decode()) == (400, True)
    no_senior = post("carol", "desk:line_return", debit.pk, **right)
    assert (no_senior.status_code, "Cuenta cerrada" in no_senior.content.decode()) == (400, True)
    assert not ReturnedDeposit.objects.exists()
    assert post("dan", "desk:line_return", debit.pk, **right).status_code == 302
    assert "espera la segunda firma" in page(browse, scene, "dan", "desk:line", debit.pk)
    assert scene.cast.url("desk:line", debit.pk) in page(browse, scene, "ada", "desk:ticket", ticket.number)
    request = ReversalRequest.objects.get()
    assert post("dan", "desk:sign_reversal", ticket.number, request=request.pk).status_code == 400
    assert post("ada", "desk:sign_reversal", ticket.number, request=request.pk).status_code == 302
    assert (scene.state(ticket), ReturnedDeposit.objects.get().state) == (State.REVERSED, "returned")
    assert "El banco lo devolvió" in page(browse, scene, "sue", "desk:line", deposit.pk)
    post("ada", "desk:return_undo", ReturnedDeposit.objects.get().pk)
    assert scene.balance(deposit).returned_at is None
    assert list(audit_books(scene.cast.merchant)) == []


def test_who_may_not_sign_is_told_at_the_deposit_before_anything_is_typed(scene: Scene, browse: Any) -> None:
    ticket, deposit = scene.report("30", orders=[scene.order("10"), scene.order("20")]), scene.line("30")
    scene.verify(ticket, deposit)
    debit = scene.line("-30")
    told, chosen = "solo contabilidad superior puede revertirlo", f'value="{deposit.pk}" disabled'
    html = page(browse, scene, "carol", "desk:line_return", debit.pk)
    assert (told in html, chosen in html, "<textarea" in html, html.count(f">{ticket.number}<")) == (True, True, False, 1)
    html = page(browse, scene, "dan", "desk:line_return", debit.pk)
    assert (told in html, chosen in html, "<textarea" in html) == (False, False, True)


def test_a_large_credit_is_paid_out_by_two_people(scene: Scene, post: Any, browse: Any) -> None:
    signed(scene, "9000")
    note = {"currency": "USD", "amount": "8000,00", "bank_data": "Banesco 0134", "note": ""}
    assert post("carol", "desk:refund_new", scene.cast.a.pk, **{**note, "amount": "9000,01"}).status_code == 400
    assert post("carol", "desk:refund_new", scene.cast.a.pk, **note).status_code == 302
    refund, debit = Refund.objects.get(), scene.line("-8000")
    shown = page(browse, scene, "carol", "desk:line_refund", debit.pk)
    assert f'value="refund-{refund.pk}" checked' in shown
    assert post("carol", "desk:line_refund", debit.pk, to="customer-0", amount="1").status_code == 400
    paid = {"to": f"refund-{refund.pk}", "amount": "8000,00", "note": ""}
    assert post("carol", "desk:line_refund", debit.pk, **paid).status_code == 302
    assert (Refund.objects.get().state, scene.credit()) == ("waiting", 9000)
    assert post("carol", "desk:refund_sign", refund.pk).status_code == 403
    assert post("dan", "desk:refund_sign", refund.pk).status_code == 302
    assert post("dan", "desk:refund_sign", refund.pk).status_code == 409
    assert scene.credit() == 1000
    assert post("dan", "desk:refund_reverse", refund.pk, note="").status_code == 400
    assert post("dan", "desk:refund_reverse", refund.pk, note="No llegó").status_code == 302
    assert post("dan", "desk:refund_sign_reversal", refund.pk).status_code == 400
    assert post("ada", "desk:refund_sign_reversal", refund.pk).status_code == 302
    assert (Refund.objects.get().state, scene.credit()) == ("reversed", 9000)
    assert list(audit_books(scene.cast.merchant)) == []


def test_a_new_order_offers_what_was_paid_in_advance(scene: Scene, post: Any, browse: Any) -> None:
    scene.verify(scene.report("100"), scene.line("100"))
    address = scene.cast.url("desk:order_new") + f"?customer={scene.cast.a.pk}"
    data = {
        "description": "Hosting", "kind": "service_order", "currency": "USD", "issued_on": scene.today.isoformat(),
        "due_on": scene.today.isoformat(), "line-0-description": "Hosting", "line-0-quantity": "1",
        "line-0-unit_price": "40,00", "line-0-tax_percent": "0",
    }  # fmt: skip
    answer = browse("carol").post(address, data, follow=True)
    said = answer.content.decode()
    assert "tiene saldo a favor" in said
    number = answer.request["PATH_INFO"].rstrip("/").rpartition("/")[2]
    assert post("carol", "desk:order_credit", number).status_code == 302
    assert scene.credit() == Decimal(60)


def test_what_leaves_a_credit_in_dollars_is_shown_before_bolivars_pay_it(scene: Scene, post: Any, browse: Any) -> None:
    cast = scene.cast
    make_rate(cast.merchant, rate="36.70", date=scene.today)
    bolivars = make_account(cast.merchant, currency="VES", methods=[cast.transfer])
    scene.verify(scene.report("100"), scene.line("100"))
    debit = scene.line("-1000", account=bolivars)
    early = scene.line("-1000", account=bolivars, booked_on=scene.today - dt.timedelta(days=30))
    assert "1 USD = 36,70 VES" in page(browse, scene, "carol", "desk:line_refund", debit.pk)
    assert "No hay tasa de USD a VES" in page(browse, scene, "carol", "desk:line_refund", early.pk)
    to = {"to": f"customer-{cast.a.pk}-USD", "amount": "1000,00"}
    assert post("carol", "desk:line_refund", early.pk, **to).status_code == 400
    asked = post("carol", "desk:line_refund", debit.pk, **to)
    said = asked.content.decode()
    assert (asked.status_code, "Del saldo salen" in said, "27,25" in said) == (200, True, True)
    agreed = re.findall(r'name="agreed" value="([^"]+)"', said)[0]
    other = post("carol", "desk:line_refund", debit.pk, **{**to, "amount": "367,00"}, agreed=agreed)
    assert (other.status_code, "10,00" in other.content.decode()) == (200, True)
    assert not Refund.objects.exists()
    assert post("carol", "desk:line_refund", debit.pk, **to, agreed=agreed).status_code == 302
    assert scene.credit() == Decimal("72.75")
    for name, args in (("desk:line", [debit.pk]), ("desk:refunds", [])):
        assert "27,25" in page(browse, scene, "carol", name, *args)
