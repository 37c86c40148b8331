"""Pictures of the running demo for the papers: `python -m tests.browser.screens http://127.0.0.1:8000 docs/screens`.

The demo is made by the product's own services, so the pictures show what a newcomer sees after `make run`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from config.demo.people import PASSWORD
from tests.conftest import CHROMIUM, CHROMIUM_ARGS

CUSTOMER, ACCOUNTANT = "alicia@perez.example", "carmen@andina.example"
PORTAL = [
    ("portal-home", "/"), ("orders", "/orders/"), ("report-form", "/report/"), ("tickets", "/tickets/"), ("help", "/help/"),
]  # fmt: skip
DESK = [
    ("desk-queue", "/staff/?view=open"), ("desk-lines", "/staff/lines/"), ("desk-orders", "/staff/orders/"),
    ("desk-customers", "/staff/customers/"), ("desk-setup", "/staff/setup/"),
]  # fmt: skip


def keep(page: Page, folder: Path, name: str) -> None:
    """The whole page as a small PNG: 128 colours are enough for paper and ink."""
    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    picture.convert("RGB").quantize(128).save(folder / f"{name}.png", optimize=True)


def sign_in(page: Page, house: str, email: str) -> None:
    """By password, as people do."""
    page.goto(f"{house}/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button.btn-primary")
    page.wait_for_load_state()


def walk(browser: Browser, house: str, folder: Path, language: str, width: int) -> None:
    """Everything in one language at one width."""
    ending = f"{language}-{width}"

    def visitor(email: str) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800 if width > 500 else 740}, color_scheme="light")
        context.add_cookies([{"name": "django_language", "value": language, "url": house}])
        page = context.new_page()
        if email:
            sign_in(page, house, email)
        return page

    page = visitor("")
    page.goto(f"{house}/")
    keep(page, folder, f"public-{ending}")
    page = visitor(CUSTOMER)
    for name, path in PORTAL:
        page.goto(house + path)
        if name in {"portal-home", "report-form"}:
            for box in page.locator("input[name=orders]").all()[:1] + page.locator("input[name=orders]").all()[2:4]:
                box.check()
        keep(page, folder, f"{name}-{ending}")
    page.goto(f"{house}/")
    page.locator(".card-list a[href*='/tickets/']").first.click()
    keep(page, folder, f"ticket-{ending}")
    page = visitor(ACCOUNTANT)
    for name, path in DESK:
        page.goto(house + path)
        keep(page, folder, f"{name}-{ending}")
    page.goto(f"{house}/staff/?view=mine")
    page.locator("a[data-open]").last.click()
    page.wait_for_load_state()
    keep(page, folder, f"desk-ticket-{ending}")


def main() -> None:
    """Both languages, both widths."""
    house, folder = sys.argv[1].rstrip("/") + "/andina", Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        for language in ("es", "en"):
            for width in (1280, 360):
                walk(browser, house, folder, language, width)
        browser.close()


if __name__ == "__main__":
    main()
