"""Who may do what at the desk: each act by each role, other merchants' tickets, customers and strangers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast, client_of, house_url, make_cast
from tests.desk.conftest import ROLES
from tests.reconciliation.scene import Scene
from tickets.models import State, TicketEvent

pytestmark = pytest.mark.django_db

DECIDE, SIGN, WRITE, ADMINISTER = {"carol", "dan", "ada"}, {"dan", "ada"}, {"carol", "dan", "ada", "sue"}, {"ada"}
ACTS = {
    "claim": DECIDE, "release": DECIDE, "wait_for_bank": DECIDE, "resume": DECIDE, "ask_information": DECIDE, "take_back": DECIDE,
    "verify": DECIDE, "verify_other": DECIDE, "reject": DECIDE, "reopen": DECIDE, "sign": SIGN, "send_back": SIGN,
    "reverse": SIGN, "sign_reversal": SIGN, "refuse_reversal": SIGN, "message": WRITE, "claim_row": DECIDE,
}  # fmt: skip
EVERYBODY = set(ROLES)
PAGES = {
    "queue": EVERYBODY, "search": EVERYBODY, "lines": EVERYBODY, "line_new": DECIDE, "lines_import": DECIDE,
    "imports": EVERYBODY, "orders": EVERYBODY,
    "order_new": WRITE, "customers": EVERYBODY, "customer_new": WRITE, "conversations": EVERYBODY, "setup": EVERYBODY,
    "rates": EVERYBODY, "account_new": ADMINISTER, "method_new": ADMINISTER, "withholding_new": ADMINISTER, "staff": ADMINISTER,
}  # fmt: skip
CUSTOMER_PAGES = {"customer": EVERYBODY, "customer_edit": WRITE, "conversation_new": WRITE, "register": WRITE}


@pytest.mark.parametrize("act", ACTS)
def test_only_the_roles_of_an_act_may_send_it(scene: Scene, post: Any, act: str) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    events = TicketEvent.objects.count()
    for who in set(ROLES) - ACTS[act]:
        assert post(who, f"desk:{act}", ticket.number).status_code == 403, who
    assert TicketEvent.objects.count() == events
    for who in ACTS[act]:
        assert post(who, f"desk:{act}", ticket.number).status_code != 403, who


@pytest.mark.parametrize("name", [*PAGES, *CUSTOMER_PAGES])
def test_pages_open_for_their_roles_alone(scene: Scene, browse: Any, name: str) -> None:
    of_customer = name in CUSTOMER_PAGES
    allowed = CUSTOMER_PAGES[name] if of_customer else PAGES[name]
    address = scene.cast.url(f"desk:{name}", *([scene.cast.a.pk] if of_customer else []))
    for who in ROLES:
        assert browse(who).get(address).status_code == (200 if who in allowed else 403), who


def test_strangers_sign_in_and_customers_stay_outside(scene: Scene) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    for name, args in (("desk:queue", []), ("desk:ticket", [ticket.number]), ("desk:setup", [])):
        address = scene.cast.url(name, *args)
        answer = client_of(None).get(address)
        assert answer.status_code == 302
        assert "login" in answer.headers["Location"]
        assert client_of(scene.cast.alice).get(address).status_code == 403


def test_another_merchants_things_are_not_there(scene: Scene) -> None:
    far: Cast = make_cast()
    ticket, order, line = scene.report("40.00"), scene.order("40.00"), scene.line("40.00")
    client = client_of(far.ada)
    rows = (
        ("ticket", ticket.number), ("order", order.number), ("line", line.pk), ("customer", scene.cast.a.pk),
        ("conversation", ticket.number), ("register", scene.cast.a.pk), ("account", scene.cast.account.pk),
        ("method", scene.cast.transfer.pk),
    )  # fmt: skip
    for name, key in rows:
        assert client.get(house_url(far.merchant, f"desk:{name}", key)).status_code == 404, name
    for act in ACTS:
        assert client.post(house_url(far.merchant, f"desk:{act}", ticket.number)).status_code == 404, act
    assert scene.state(ticket) == State.IN_REVIEW
    # Their staff have no part in our house either.
    assert client_of(far.ada).get(scene.cast.url("desk:queue")).status_code == 404


def test_support_sees_everything_but_decides_nothing(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")], reference="00457755724")
    scene.line("40.00", reference="457755724")
    html = browse("sue").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert "Referencia" in html
    assert 'name="text"' in html
    assert "verify-button" not in html
    assert "Rechazar" not in html


def test_the_auditor_has_no_message_box(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    html = browse("otto").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert 'name="text"' not in html
    assert "verify-button" not in html
