"""What nobody types: NUL, lists for scalars, huge and negative keys, hostile words. Never a 500, never raw on the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reconciliation.scene import Scene
from tickets.models import Message
from tickets.services import post_message

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
FINE = {200, 302, 400, 404, 405, 409}


@pytest.mark.parametrize(
    "path",
    [
        "tickets/%00/", "tickets/HA%00/", "orders/%00/", "conversations/%00/", "lines/99999999999999999999999/",
        "customers/99999999999999999999999/", "register/0/", "lines/imports/99999999999999999999999/",
        "setup/accounts/99999999999999999999999/", "?page=1e3", "?page=-1", "?q=%00", "?view=new&view=mine", "?account=1e3",
        "lines/?page=99999999999", "lines/?since=ayer", "lines/?q=%00", "orders/?q=%00", "orders/?state=x", "orders/?sort=pk;",
        "customers/?q=%00&page=x", "search/?q=%00", "search/?q=%25_%27%22", "conversations/?kind=x&page=x",
        "orders/new/?customer=x", "orders/new/?customer=99999999999999999",
        "register/1/?draft=x", "setup/rates/?page=x", "setup/staff/?role=king",
    ],
)  # fmt: skip
def test_odd_addresses_are_answered(scene: Scene, browse: Any, path: str) -> None:
    assert browse("ada").get(scene.cast.url("desk:queue") + path).status_code in FINE


@pytest.mark.parametrize("query", ["?line-1=x", "?line-99999999999999999999=1", "?find=x&q=%00", "?find=1&q=1e400", "?line-=1"])
def test_odd_choices_leave_the_page_standing(scene: Scene, browse: Any, query: str) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    transfer = scene.transfers(ticket)[0]
    address = scene.cast.url("desk:ticket", ticket.number)
    assert browse("carol").get(address + query.replace("find=1", f"find={transfer.pk}")).status_code == 200


@pytest.mark.parametrize("act", ["verify", "verify_other", "reject", "ask_information", "wait_for_bank", "message", "reopen"])
def test_odd_bodies_change_nothing(scene: Scene, browse: Any, act: str) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    transfer = scene.transfers(ticket)[0]
    body = {
        f"line-{transfer.pk}": ["9" * 18, "\x00"], "reason": ["1e3", "x"], "note": "\x00", "question": "\x00",
        "until": "2026-99-99", "fields_asked": ["state", "claimed_by"], "text": "\x00", "state": "verified", "merchant": "1",
        "adjustment_kind": "gift", "adjustment_amount": "NaN", "duplicate_of": "\x00",
    }  # fmt: skip
    assert browse("carol").post(scene.cast.url(f"desk:{act}", ticket.number), body).status_code in {400, 409}
    assert scene.state(ticket) == "in_review"
    assert not Message.objects.exists()


def test_hostile_words_are_words(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    scene.line("40.00", text=SCRIPT, payer_name=SCRIPT, reason=SCRIPT)
    customer = ticket.customer
    customer.name = SCRIPT
    customer.save()
    post_message(conversation_id=ticket.conversation.pk, text=SCRIPT, by=scene.cast.alice)
    pages = [
        scene.cast.url("desk:ticket", ticket.number), scene.cast.url("desk:queue"), scene.cast.url("desk:lines"),
        scene.cast.url("desk:customer", customer.pk), scene.cast.url("desk:search") + "?q=" + SCRIPT,
        scene.cast.url("desk:conversations") + "?show=all",
    ]  # fmt: skip
    for page in pages:
        html = browse("carol").get(page).content.decode()
        assert SCRIPT not in html, page
        assert "&lt;script&gt;" in html, page
