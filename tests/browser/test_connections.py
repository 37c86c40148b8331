"""An administrator connects other systems: an address that hears of news, a key, and the reference tried with it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from tests.browser.town import Town
from tests.webhooks.receiver import receiving
from webhooks.services import deliver_waiting

LOOK = os.environ.get("CONCILIA_LOOK", "")


def test_an_address_a_key_and_the_reference(town: Town, settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    pedro = town.staff("Pedro", language="en")
    page = pedro.page
    with receiving() as receiver:
        pedro.open("desk:webhooks")
        page.get_by_label("Web address").fill(receiver.url)
        page.get_by_label("An order was paid in full").check()
        picture(page, "webhooks-new")
        pedro.press("Add the address")
        secret = page.locator(".copy-line code").inner_text()
        assert secret.startswith("whsec_")
        picture(page, "webhooks-secret")
        page.get_by_role("link", name=receiver.url).click()
        assert secret not in page.content()
        pedro.press("Send a test")
        endpoint_id = int(re.findall(r"/webhooks/(\d+)/", page.url)[0])
        receiver.status, receiver.text = 200, b"thank you"
        deliver_waiting(endpoint_id=endpoint_id)
        page.reload()
        page.get_by_text("1 try").click()
        assert page.get_by_text("thank you").is_visible()
        assert page.get_by_text("Delivered").is_visible()
        picture(page, "webhook-log")

    pedro.open("desk:api_keys")
    page.get_by_label("Name").fill("Shop")
    page.get_by_label("Read customers").check()
    pedro.press("Make the key")
    key = page.locator(".copy-line code").inner_text()
    assert key.startswith("ck_")
    picture(page, "api-keys")
    page.get_by_role("link", name="Read and try the API").click()
    page.locator(".opblock").first.wait_for()
    assert page.locator(".opblock").count() >= 20
    picture(page, "api-reference")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(key)
    page.locator(".auth-container").get_by_role("button", name="Apply credentials").or_(
        page.locator(".modal-ux button.authorize")
    ).first.click()
    page.locator(".modal-ux .btn-done").click()
    listing = page.locator("#operations-customers-customers_list")
    listing.locator(".opblock-summary-control").click()
    listing.get_by_role("button", name="Try it out").click()
    with page.expect_response(lambda answer: "/api/v1/customers/" in answer.url) as answered:
        listing.get_by_role("button", name="Execute").click()
    assert answered.value.status == 200
    assert len(answered.value.json()["items"]) >= 1
    picture(page, "api-tried")


def picture(page: Any, name: str) -> None:
    """A look at the page, for whoever asks for one."""
    if LOOK:
        page.screenshot(path=str(Path(LOOK) / f"{name}.png"), full_page=True)
