"""Staff register a report for a customer: same rules as the customer's own, sent once, not signed by who registered it."""

from __future__ import annotations

from typing import Any

import pytest

from reports.models import PaymentReport, ReportDraft
from tests.files.makers import upload
from tests.reconciliation.scene import Scene
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db


def typed(scene: Scene, *orders: Any, **more: Any) -> dict[str, Any]:
    cast = scene.cast
    return {
        "channel": "whatsapp", "orders": [order.pk for order in orders], "t-0-method": cast.deposit.pk,
        "t-0-account": cast.account.pk, "t-0-amount": "40,00", "t-0-paid_on": scene.today.isoformat(),
        "t-0-reference": "004577557", **more,
    }  # fmt: skip


def fields_of(html: str) -> dict[str, Any]:
    """The hidden fields of the check page."""
    import re

    found: dict[str, Any] = {}
    form = html[html.index('/check/" data-once>') :]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[: form.index("</form>")]):
        found.setdefault(name, []).append(value)
    found.pop("csrfmiddlewaretoken", None)
    return found


def check_page(scene: Scene, browse: Any, data: dict[str, Any], who: str = "sue") -> str:
    answer = browse(who).post(scene.cast.url("desk:register", scene.cast.a.pk), data, follow=True)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    assert "Revise antes de enviar" in html
    return html


def test_support_registers_a_report_once(scene: Scene, browse: Any) -> None:
    order = scene.order("40.00")
    data = fields_of(check_page(scene, browse, typed(scene, order)))
    address = scene.cast.url("desk:register_check", scene.cast.a.pk)
    first = browse("sue").post(address, data)
    ticket = Ticket.objects.get()
    assert first.headers["Location"] == scene.cast.url("desk:ticket", ticket.number)
    second = browse("sue").post(address, data)
    assert second.headers["Location"] == first.headers["Location"]
    report = PaymentReport.objects.get()
    assert (report.channel, report.created_by) == ("whatsapp", scene.cast.sue.user)
    assert not ReportDraft.objects.exists()


def test_another_body_under_the_same_key_is_refused(scene: Scene, browse: Any) -> None:
    data = fields_of(check_page(scene, browse, typed(scene, scene.order("40.00"))))
    address = scene.cast.url("desk:register_check", scene.cast.a.pk)
    browse("sue").post(address, data)
    answer = browse("sue").post(address, {**data, "t-0-amount": "39,00"})
    assert answer.status_code == 409
    assert PaymentReport.objects.count() == 1


def test_bad_input_loses_nothing_and_sends_nothing(scene: Scene, browse: Any) -> None:
    address = scene.cast.url("desk:register", scene.cast.a.pk)
    data = typed(scene, scene.order("40.00"), **{"t-0-amount": "12,3,4", "note": "Llamó a las nueve"})
    answer = browse("sue").post(address, data)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "12,3,4" in html
    assert "Llamó a las nueve" in html
    assert not PaymentReport.objects.exists()
    draft = ReportDraft.objects.get()
    assert "Llamó a las nueve" in browse("sue").get(f"{address}?draft={draft.key}").content.decode()


def test_a_receipt_is_kept_through_the_check(scene: Scene, browse: Any) -> None:
    data = typed(scene, scene.order("40.00"))
    html = check_page(scene, browse, {**data, "t-0-receipt": upload(name="pago.jpg")})
    assert "pago.jpg" in html
    browse("sue").post(scene.cast.url("desk:register_check", scene.cast.a.pk), fields_of(html))
    assert PaymentReport.objects.get().receipts.get().file.original_name == "pago.jpg"


def test_buttons_without_javascript_add_a_transfer_and_fill_in_the_sum(scene: Scene, browse: Any) -> None:
    address = scene.cast.url("desk:register", scene.cast.a.pk)
    order = scene.order("40.00")
    answer = browse("sue").post(address, typed(scene, order, add_transfer="1"))
    assert answer.status_code == 200
    assert 'name="t-1-amount"' in answer.content.decode()
    answer = browse("sue").post(address, typed(scene, order, **{"update": "1", "t-0-amount": ""}))
    assert 'value="40,00"' in answer.content.decode()
    assert not PaymentReport.objects.exists()


def test_an_order_that_was_paid_meanwhile_is_a_conflict(scene: Scene, browse: Any) -> None:
    order = scene.order("40.00")
    data = fields_of(check_page(scene, browse, typed(scene, order)))
    scene.paid("40.00", order)
    answer = browse("sue").post(scene.cast.url("desk:register_check", scene.cast.a.pk), data)
    assert answer.status_code == 409
    assert PaymentReport.objects.count() == 1


def test_who_registered_it_does_not_sign_it(scene: Scene, browse: Any, post: Any) -> None:
    data = fields_of(check_page(scene, browse, typed(scene, scene.order("40.00")), who="dan"))
    browse("dan").post(scene.cast.url("desk:register_check", scene.cast.a.pk), data)
    ticket = Ticket.objects.get()
    post("carol", "desk:claim", ticket.number)
    line = scene.line("38.00")
    post("carol", "desk:verify", ticket.number, **{f"line-{scene.transfers(ticket)[0].pk}": line.pk})
    answer = post("dan", "desk:sign", ticket.number)
    assert answer.status_code == 400
    assert scene.state(ticket) == State.AWAITING_APPROVAL
    assert post("ada", "desk:sign", ticket.number).status_code == 302


def test_a_warning_that_asks_for_it_must_be_ticked(scene: Scene, browse: Any) -> None:
    old = (scene.today.replace(year=scene.today.year - 1)).isoformat()
    data = fields_of(check_page(scene, browse, typed(scene, scene.order("40.00"), **{"t-0-paid_on": old})))
    address = scene.cast.url("desk:register_check", scene.cast.a.pk)
    assert browse("sue").post(address, data).status_code == 400
    assert not PaymentReport.objects.exists()
    assert browse("sue").post(address, {**data, "confirmed": "1"}).status_code == 302
    assert PaymentReport.objects.exists()
