"""Where one is signed in: each browser with when it was last used, endable one by one or all others at once."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from portal.requests import signed_in_page

# The first that the browser names itself by: most of them say "Chrome" and "Safari" too.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """One row of the page."""

    session: UserSession
    browser: str
    is_current: bool


def browser_of(user_agent: str) -> str:
    """`Firefox, Windows` from what a browser says of itself; the empty string when it says nothing that we know."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)


def _sessions(request: HttpRequest, user: User) -> list[OpenSession]:
    """This one first, then by last use. Sessions that ended otherwise are forgotten on the way."""
    key = request.session.session_key
    found = [
        OpenSession(session=each, browser=browser_of(each.user_agent), is_current=each.session_key == key)
        for each in UserSession.objects.purge_and_list(user)
    ]
    return sorted(found, key=lambda each: (not each.is_current, -each.session.last_seen_at.timestamp()))


@signed_in_page
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, user: User) -> HttpResponseBase:
    """The list; a POST ends all sessions but this one."""
    sessions = _sessions(request, user)
    if request.method == "POST":
        for each in sessions:
            if not each.is_current:
                each.session.end()
        messages.success(request, _("You are signed out on the other devices."))
        return redirect("usersessions_list")
    return render(request, "usersessions/usersession_list.html", {"sessions": sessions, "session_count": len(sessions)})


@signed_in_page
@require_POST
def end(request: HttpRequest, user: User, pk: int) -> HttpResponseBase:
    """End one session of one's own; ending this one is signing out."""
    found = next((each for each in _sessions(request, user) if each.session.pk == pk), None)
    if found is None:
        raise Http404
    if found.is_current:
        return redirect("account_logout")
    found.session.end()
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")
