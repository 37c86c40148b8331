"""A contact sees what they may see: pages answer 403, and nothing links to them."""

from __future__ import annotations

import pytest

from tests.cast import client_of
from tests.factories import customer_actor, make_order
from tests.portal.conftest import Scene

PAGES = {
    "can_see_orders": ["portal:orders"],
    "can_report": ["portal:report", "portal:report_check"],
    "can_use_tickets": ["portal:tickets", "portal:support_new"],
}


@pytest.mark.parametrize("missing", list(PAGES))
def test_a_missing_permission_closes_its_pages_and_their_links(scene: Scene, missing: str) -> None:
    make_order(scene.customer)
    allowed = {name: name != missing for name in PAGES}
    actor = customer_actor(scene.customer, **allowed)
    client = client_of(actor)
    home = client.get(scene.cast.url("portal:home")).content.decode()
    for permission, names in PAGES.items():
        for name in names:
            url = scene.cast.url(name)
            status = client.get(url).status_code
            if permission == missing:
                assert status == 403, name
                assert f'"{url}"' not in home
            else:
                assert status in {200, 302}, name


def test_somebody_without_any_permission_is_told_whom_to_ask(scene: Scene) -> None:
    order = make_order(scene.customer)
    client = client_of(scene.cast.nora)
    home = client.get(scene.cast.url("portal:home"))
    assert home.status_code == 200
    assert order.number not in home.content.decode()
    for names in PAGES.values():
        for name in names:
            assert client.get(scene.cast.url(name)).status_code == 403
    assert client.get(scene.cast.url("portal:profile")).status_code == 200


def test_acts_are_closed_too(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    actor = customer_actor(scene.customer, can_report=False)
    client = client_of(actor)
    assert client.post(scene.cast.url("portal:ticket_withdraw", ticket.number)).status_code == 403
    assert client.post(scene.cast.url("portal:ticket_answer", ticket.number)).status_code == 403
    page = client.get(scene.cast.url("portal:ticket", ticket.number)).content.decode()
    assert scene.cast.url("portal:ticket_withdraw", ticket.number) not in page
