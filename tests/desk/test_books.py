"""Lines, orders, customers and the set-up over HTTP: each bad input has its sentence, and nothing happens twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Contact, Customer, Role, StaffRole
from banking.models import ExchangeRate, PaymentMethod, ReceivingAccount, WithholdingKind
from orders.models import Order
from reconciliation.models import LineBalance, StatementLine
from tests.factories import make_account, make_method
from tests.reconciliation.scene import Scene
from tests.triggers import triggers_asleep

pytestmark = pytest.mark.django_db


def test_a_line_by_hand_needs_a_reason_and_comes_once(scene: Scene, post: Any) -> None:
    data = {"account": scene.cast.account.pk, "booked_on": scene.today.isoformat(), "amount": "1.234,50", "reference": "0045"}
    bad = post("carol", "desk:line_new", **data)
    assert bad.status_code == 400
    assert "1.234,50" in bad.content.decode()
    assert post("carol", "desk:line_new", **data, reason="Correo del banco").status_code == 302
    line = StatementLine.objects.get()
    assert (line.amount, line.source, line.entered_by) == (Decimal("1234.50"), "manual", scene.cast.carol.user)
    assert post("carol", "desk:line_new", **data, reason="Otra vez").status_code == 400
    assert StatementLine.objects.count() == 1


def test_money_that_went_out_is_negative(scene: Scene, post: Any) -> None:
    post(
        "carol", "desk:line_new", account=scene.cast.account.pk, booked_on=scene.today.isoformat(), amount="5", direction="out",
        reason="Comisión",
    )  # fmt: skip
    assert StatementLine.objects.get().amount == Decimal(-5)


def test_the_cash_desk_takes_cash_accounts_alone(scene: Scene, browse: Any) -> None:
    address = scene.cast.url("desk:line_new") + "?cash=1"
    assert "No hay una cuenta así" in browse("carol").get(address).content.decode()
    cash = make_account(
        scene.cast.merchant, kind="cash", bank=None, institution="Caja", methods=[make_method(scene.cast.merchant, "cash")]
    )
    data = {"account": scene.cast.account.pk, "booked_on": scene.today.isoformat(), "amount": "20", "reason": "Efectivo"}
    assert browse("carol").post(address, data).status_code == 400
    assert browse("carol").post(address, {**data, "account": cash.pk}).status_code == 302
    assert StatementLine.objects.get().source == "cash"


def test_lines_are_found_by_use_amount_and_words(scene: Scene, browse: Any) -> None:
    used = scene.paid("10.00", scene.order("10.00"))[1]
    free = scene.line("77.00", text="TRF PEREZ")
    address = scene.cast.url("desk:lines")

    def links(query: str) -> str:
        return browse("otto").get(address + query).content.decode()

    free_url, used_url = (scene.cast.url("desk:line", line.pk) for line in (free, used))
    assert free_url in links("?use=free")
    assert used_url not in links("?use=free")
    assert free_url not in links("?use=used")
    assert free_url in links("?amount=77")
    assert free_url in links("?q=perez")
    assert browse("otto").get(address + "?account=abc").status_code == 400
    html = browse("otto").get(used_url).content.decode()
    assert Order.objects.get().number in html
    # On a phone, what is free is said only where it says more than the amount and the ticket do.
    part = scene.line("50.00")
    with triggers_asleep():
        LineBalance.objects.filter(line=part).update(reserved=Decimal(20))
    for line, is_said in ((free, False), (used, False), (part, True)):
        row = links(f"?amount={line.amount}").partition("data-open>")[2]
        assert ('cell-line num"' in row) is is_said, line.amount


def test_an_order_is_made_shown_and_voided_with_a_reason(scene: Scene, browse: Any, post: Any) -> None:
    due = (scene.today + dt.timedelta(days=5)).isoformat()
    data = {
        "description": "Hosting", "kind": "service_order", "currency": "USD", "issued_on": scene.today.isoformat(), "due_on": due,
        "line-0-description": "Hosting", "line-0-quantity": "2", "line-0-unit_price": "10,00", "line-0-tax_percent": "16",
    }  # fmt: skip
    address = scene.cast.url("desk:order_new") + f"?customer={scene.cast.a.pk}"
    more = browse("sue").post(address, {**data, "add_line": "1"})
    assert more.status_code == 200
    assert 'name="line-1-description"' in more.content.decode()
    assert not Order.objects.exists()
    bad = browse("sue").post(address, {**data, "line-0-unit_price": "x"})
    assert bad.status_code == 400
    assert browse("sue").post(address, data).status_code == 302
    order = Order.objects.get()
    assert order.total == Decimal("23.20")
    assert browse("otto").get(scene.cast.url("desk:order", order.number)).status_code == 200
    assert post("sue", "desk:order_void", order.number, reason="Error").status_code == 403
    assert post("carol", "desk:order_void", order.number, reason="").status_code == 400
    assert post("carol", "desk:order_void", order.number, reason="Duplicada").status_code == 302
    assert post("carol", "desk:order_void", order.number, reason="Duplicada").status_code == 409
    order.refresh_from_db()
    assert order.void_reason == "Duplicada"


def test_a_paid_order_is_not_voided(scene: Scene, post: Any) -> None:
    order = scene.order("10.00")
    scene.paid("10.00", order)
    answer = post("carol", "desk:order_void", order.number, reason="Ya no")
    assert answer.status_code == 400
    order.refresh_from_db()
    assert order.voided_at is None


def test_credit_is_used_on_an_order(scene: Scene, browse: Any, post: Any) -> None:
    scene.verify(scene.report("15.00"), scene.line("15.00"))
    order = scene.order("10.00")
    assert "a su favor" in browse("carol").get(scene.cast.url("desk:order", order.number)).content.decode()
    assert post("sue", "desk:order_credit", order.number).status_code == 403
    assert post("carol", "desk:order_credit", order.number).status_code == 302
    assert scene.paid_of(order) == Decimal(10)
    assert post("carol", "desk:order_credit", order.number).status_code == 400
    assert scene.credit() == Decimal(5)


def test_a_customer_is_made_changed_and_gets_people(scene: Scene, browse: Any, post: Any) -> None:
    data = {"name": "Ferretería El Samán", "language": "es", "tax_id": "J-1", "email": "pagos@saman.example"}
    assert post("sue", "desk:customer_new", **{**data, "name": ""}).status_code == 400
    assert post("sue", "desk:customer_new", **data).status_code == 302
    customer = Customer.objects.get(name="Ferretería El Samán")
    assert post("sue", "desk:customer_edit", customer.pk, **{**data, "city": "Maracay"}).status_code == 302
    customer.refresh_from_db()
    assert customer.city == "Maracay"
    bad = post("sue", "desk:contact_new", customer.pk, email="no", name="Rosa")
    assert bad.status_code == 400
    assert "Rosa" in bad.content.decode()
    assert (
        post("sue", "desk:contact_new", customer.pk, email="rosa@saman.example", name="Rosa", can_report="on").status_code == 302
    )
    contact = Contact.objects.get(customer=customer)
    assert contact.can_report
    assert not contact.can_see_orders
    assert post("sue", "desk:contact_remove", scene.cast.a.pk, contact.pk).status_code == 404
    assert post("sue", "desk:contact_remove", customer.pk, contact.pk).status_code == 302
    assert not Contact.objects.filter(customer=customer).exists()
    assert "Samán" in browse("otto").get(scene.cast.url("desk:customers"), {"q": "saman"}).content.decode()


def test_rates_are_typed_and_imported(scene: Scene, browse: Any, post: Any) -> None:
    data = {"what": "rate", "date": scene.today.isoformat(), "base": "USD", "quote": "VES", "source": "BCV"}
    assert post("sue", "desk:rates", **data, rate="36,74").status_code == 403
    assert post("carol", "desk:rates", **data, rate="x").status_code == 400
    assert post("carol", "desk:rates", **data, rate="36,74").status_code == 302
    assert ExchangeRate.objects.get().rate == Decimal("36.74")
    good = SimpleUploadedFile("t.csv", f"date,base,quote,rate,source\n{scene.today},USD,VES,36.80,BCV\n".encode(), "text/csv")
    assert post("carol", "desk:rates", what="file", file=good).status_code == 302
    bad = SimpleUploadedFile("t.csv", b"date,base,quote,rate,source\nayer,USD,VES,36.80,BCV\n", "text/csv")
    answer = post("carol", "desk:rates", what="file", file=bad)
    assert answer.status_code == 400
    assert "2" in answer.content.decode()
    assert ExchangeRate.objects.count() == 2
    assert "36,8" in browse("otto").get(scene.cast.url("desk:rates")).content.decode()


def test_administrators_keep_accounts_methods_and_staff(scene: Scene, browse: Any, post: Any) -> None:
    cast = scene.cast
    method = {
        "key": "giro",
        "name_es": "Giro",
        "name_en": "Money order",
        "clearing_days": "1",
        "position": "9",
        "is_active": "on",
    }
    assert post("ada", "desk:method_new", **{**method, "key": "Mal Escrito"}).status_code == 400
    assert post("ada", "desk:method_new", **method).status_code == 302
    made = PaymentMethod.objects.get(key="giro")
    account = {
        "institution": "Correos", "kind": "cash", "number": "001", "holder": "Andina", "currency": "USD", "methods": [made.pk],
        "position": "9", "is_active": "on",
    }  # fmt: skip
    assert post("ada", "desk:account_new", **{**account, "methods": []}).status_code == 400
    assert post("ada", "desk:account_new", **account).status_code == 302
    kept = ReceivingAccount.objects.get(institution="Correos")
    assert post("ada", "desk:account", kept.pk, **{**account, "currency": "VES"}).status_code == 400
    assert post("ada", "desk:account", kept.pk, **{**account, "holder": "Hosting Andina"}).status_code == 302
    assert post("ada", "desk:method", made.pk, **{**method, "name_es": "Giro postal"}).status_code == 302
    assert post("ada", "desk:staff", email="eva@andina.example", name="Eva", role="support").status_code == 302
    eva = StaffRole.objects.get(user__email="eva@andina.example")
    assert eva.role == Role.SUPPORT
    assert post("ada", "desk:staff", email=cast.ada.user.email, name="Ada", role="support").status_code == 400  # type: ignore[union-attr]
    assert post("ada", "desk:staff_end", eva.pk).status_code == 302
    assert not StaffRole.objects.filter(pk=eva.pk).exists()
    html = browse("otto").get(cast.url("desk:setup")).content.decode()
    assert "Giro postal" in html
    assert cast.url("desk:account_new") not in html


def test_administrators_keep_the_withholdings(scene: Scene, browse: Any, post: Any) -> None:
    typed = {"name_es": "Retención de IVA", "name_en": "VAT kept back", "position": "1", "is_active": "on"}
    assert post("ada", "desk:withholding_new", **{**typed, "name_en": ""}).status_code == 400
    assert post("dan", "desk:withholding_new", **typed).status_code == 403
    assert not WithholdingKind.objects.exists()
    assert post("ada", "desk:withholding_new", **typed).status_code == 302
    kind = WithholdingKind.objects.get()
    again = post("ada", "desk:withholding_new", **typed)
    assert (again.status_code, "Ya hay una retención" in again.content.decode()) == (400, True)
    assert "Retención de IVA" in browse("dan").get(scene.cast.url("desk:setup")).content.decode()
    assert post("ada", "desk:withholding", kind.pk, **{**typed, "is_active": ""}).status_code == 302
    assert "Apagada" in browse("ada").get(scene.cast.url("desk:setup")).content.decode()
    assert post("ada", "desk:withholding", 0, **typed).status_code == 404
