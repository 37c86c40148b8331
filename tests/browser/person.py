"""One person's browser: a context of its own in the shared Chromium, that keeps every complaint of the pages it shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation

from accounts.actors import Actor
from accounts.models import Merchant
from tests.cast import client_of, house_url

if TYPE_CHECKING:
    from tests.browser.town import Town

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
REFUSALS = {400, 403, 404, 405, 409, 422, 429}


class Person:
    """A browser in somebody's hands. `scripts=False` has JavaScript switched off."""

    def __init__(
        self,
        town: Town,
        actor: Actor | None,
        *,
        merchant: Merchant,
        phone: bool = False,
        language: str = "es",
        scripts: bool = True,
    ) -> None:
        self.town, self.actor, self.merchant, self.language, self.scripts = town, actor, merchant, language, scripts
        self.complaints: list[str] = []
        self.refused: set[str] = set()
        self.under_way: set[Any] = set()
        self.context = town.browser.new_context(
            viewport=PHONE if phone else DESKTOP, has_touch=phone, java_script_enabled=scripts, reduced_motion="reduce",
            # The machine's languages say nothing: the page follows the person's own choice.
            locale="de-DE", timezone_id="America/Caracas",
        )  # fmt: skip
        self.context.set_default_timeout(45_000)
        cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": town.origin}]
        if actor is not None:
            session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
            cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": session, "url": town.origin})
        self.context.add_cookies(cookies)
        self.context.on("page", self._listen)
        self.page = self.context.new_page()

    # --- where one is ------------------------------------------------------------------------

    def url(self, name: str, *args: Any, **query: Any) -> str:
        """The address of a page of the merchant where this person is."""
        address = self.town.origin + house_url(self.merchant, name, *args)
        return address + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")

    def open(self, name: str, *args: Any, **query: Any) -> int:
        """Go to a page; the status of the answer."""
        answer = self.page.goto(self.url(name, *args, **query))
        return int(answer.status) if answer else 0

    def is_at(self, name: str, *args: Any) -> bool:
        return bool(self.page.url.partition("?")[0] == self.url(name, *args))

    def wait_for(self, name: str, *args: Any) -> None:
        """Wait until the browser stands on that page (whatever its query)."""
        self.page.wait_for_url(re.compile(re.escape(self.url(name, *args)) + r"(\?.*)?(#.*)?$"))

    # --- what one does -----------------------------------------------------------------------

    def say(self, msgid: str, context: str = "", **values: Any) -> str:
        """The page's own words for an English msgid, in this person's language."""
        with translation.override(self.language):
            text = translation.pgettext(context, msgid) if context else translation.gettext(msgid)
        return text % values if values else text

    def press(self, name: str, *, context: str = "", exact: bool = False) -> None:
        """Press the button or follow the link that is called so (an English msgid), and wait for the next page."""
        self.target(name, context=context, exact=exact).click()

    def target(self, name: str, *, context: str = "", exact: bool = False) -> Any:
        """The one visible button or link of that name."""
        words = self.say(name, context)
        either = self.page.get_by_role("button", name=words, exact=exact).or_(
            self.page.get_by_role("link", name=words, exact=exact)
        )
        return either.locator("visible=true").first

    def fill(self, name: str, value: str) -> None:
        self.page.locator(f'[name="{name}"]').locator("visible=true").first.fill(value)

    def sees(self, *texts: str) -> None:
        """All these words stand on the page, visibly (no-break spaces are spaces)."""
        shown = self.text()
        missing = [text for text in texts if text.replace("\xa0", " ") not in shown]
        assert not missing, f"{self.page.url} does not show {missing}: {shown[:3000]}"

    def sees_not(self, *texts: str) -> None:
        shown = self.text()
        assert not [text for text in texts if text in shown], shown[:3000]

    def text(self) -> str:
        """What the page's main part shows, in one line."""
        return " ".join(str(self.page.locator("main").inner_text()).replace("\xa0", " ").split())

    def wait_until_quiet(self, pause: int = 450) -> None:
        """Wait until the page has asked the server nothing for `pause` ms (it asks some 350 ms after the last key)."""
        self.page.wait_for_timeout(pause)
        while self.under_way:
            self.page.wait_for_timeout(50)

    # --- what is watched ---------------------------------------------------------------------

    def _listen(self, page: Any) -> None:
        page.on("console", self._note_line)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._note_answer)
        page.on("request", self._note_request)
        page.on("requestfinished", lambda request: self.under_way.discard(request))
        page.on("requestfailed", lambda request: self.under_way.discard(request))

    def _note_line(self, line: Any) -> None:
        where = str(line.location.get("url", ""))
        # Chromium writes a line for every refused page that one was meant to be refused.
        if line.type == "error" and not ("Failed to load resource" in line.text and where in self.refused):
            self.complaints.append(f"{where}: {line.text}")

    def _note_answer(self, answer: Any) -> None:
        if answer.status >= 500:
            self.complaints.append(f"{answer.url}: answered {answer.status}")
        elif answer.status in REFUSALS and answer.request.is_navigation_request():
            self.refused.add(answer.url)

    def _note_request(self, request: Any) -> None:
        if request.resource_type in {"fetch", "xhr"}:
            self.under_way.add(request)
        if not request.url.startswith((self.town.origin, "data:", "blob:", "about:")):
            self.complaints.append(f"{request.url}: asked from another origin")

    def close(self) -> list[str]:
        """Close the browser; everything its pages complained about (also what the CSP refused)."""
        self.context.close()
        return self.complaints
