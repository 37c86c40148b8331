"""Pages in a real Chromium without a server: what it asks for is answered by Django's own test client, headers and all.

So the browser obeys the very Content-Security-Policy that people get, and sees rows that no transaction has committed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db import DEFAULT_DB_ALIAS, connections

from tests.safety.actors import World

ORIGIN = "http://testserver"
WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', each =>
  window.__violations.push(each.violatedDirective + ' ' + each.blockedURI + ' ' + (each.sample || '')));
"""
# Elements and attributes that our pages do not have: somebody's text came to life.
ALIVE = """
() => {
  const found = [];
  const addresses = ['src', 'href', 'action', 'formaction', 'data', 'xlink:href', 'hx-get', 'hx-post', 'poster', 'srcset'];
  const odd = /^(.*x5q.*|object|embed|base|plaintext|noscript|math|marquee)$/;
  const own = /^(data:image\\/|blob:|mailto:|tel:|https:\\/\\/wa\\.me\\/|http:\\/\\/testserver\\/)/;
  const isOwn = text => own.test(text) || !/^([a-z+.-]*:|\\/\\/)/i.test(text.trim());
  const fromUs = each => each.nonce || /^\\/static\\//.test(each.getAttribute('src') || '');
  for (const each of document.querySelectorAll('*')) {
    const tag = each.tagName.toLowerCase();
    if (odd.test(tag)) found.push('<' + tag + '>');
    if (tag === 'iframe' && !/^\\/demo\\/letters\\//.test(each.getAttribute('src') || '')) found.push('<iframe>');
    if (tag === 'meta' && each.httpEquiv) found.push('<meta http-equiv>');
    if (tag === 'script' && !fromUs(each) && !/json/.test(each.type)) found.push('<script>');
    if (tag === 'style' && !each.nonce && !window.__letter) found.push('<style>');
    for (const { name, value } of each.attributes) {
      if (/^on/.test(name) || /x5q/.test(name)) found.push(tag + ' ' + name);
      if (addresses.includes(name) && !isOwn(value)) found.push(tag + ' ' + name + '=' + value);
    }
  }
  return found;
}
"""


@dataclass
class Shown:
    """One browser page; `seen` gathers what should not have happened, with where."""

    world: World
    page: Any
    who: str = "stranger"
    seen: list[str] = field(default_factory=list)
    status: int = 0  # of the page itself, before any redirect is followed
    static: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: Any = None
    connection: Any = field(default_factory=lambda: connections[DEFAULT_DB_ALIAS])

    @classmethod
    def in_browser(cls, browser: Any, world: World) -> Shown:
        context = browser.new_context(base_url=ORIGIN, service_workers="block")
        context.add_init_script(WATCH)
        shown = cls(world=world, page=context.new_page())
        shown.page.on("dialog", shown._dialog)
        shown.page.on("console", shown._console)
        shown.page.on("pageerror", lambda error: shown.seen.append(f"error: {error}"))
        context.route("**/*", shown._answer)
        return shown

    def _dialog(self, dialog: Any) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            self.seen.append(f"console: {message.text[:300]}")

    def _answer(self, route: Any) -> None:
        # Playwright calls this within its event loop, where Django would open a connection of its own and see nothing.
        connections[DEFAULT_DB_ALIAS] = self.connection
        asked = route.request
        parts = urlsplit(asked.url)
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
            self.seen.append(f"asked elsewhere: {asked.url[:200]}")
            route.abort()
            return
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.path.startswith(("/static/", "/favicon")):
            if parts.path not in self.static:
                self.static[parts.path] = self._as_fulfilled(self.world.ask("stranger", "get", parts.path))
            route.fulfill(**self.static[parts.path])
            return
        if self.given is not None and asked.is_navigation_request():
            answer, self.given = self.given, None
        elif asked.method in ("GET", "HEAD"):
            answer = self.world.ask(
                self.who, "get", path, headers={"HX-Request": "true"} if "hx-request" in asked.headers else None
            )
        else:
            route.fulfill(status=204)
            return
        if asked.is_navigation_request() and asked.frame.parent_frame is None:
            self.status = answer.status_code
        # A browser follows a redirect by itself, past this route: it is followed here.
        while answer.status_code in (301, 302) and answer.headers["Location"].startswith("/"):
            answer = self.world.ask(self.who, "get", answer.headers["Location"])
        route.fulfill(**self._as_fulfilled(answer))

    @staticmethod
    def _as_fulfilled(answer: Any) -> dict[str, Any]:
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in ("content-length", "set-cookie")}
        return {"status": answer.status_code, "headers": kept, "body": body}

    def show(self, who: str, url: str, given: Any = None) -> list[str]:
        """Open a page as somebody (or a `given` answer at its address); what happened that should not."""
        self.who, self.seen, self.given = who, [], given
        self.page.goto(url, wait_until="load")
        found = [f"policy: {each}" for each in self.page.evaluate("() => window.__violations || []")]
        found += [f"alive: {each}" for each in self.page.evaluate(ALIVE)]
        return [f"{url}: {each}" for each in (*self.seen, *found)]

    def text(self) -> str:
        """All text of the page, with runs of white space as one."""
        return " ".join(str(self.page.evaluate("() => document.body.textContent")).split())
