"""Help: articles by topic, the search, one article with its votes. For everybody, as whoever needs help may not get in."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.entry import count_try
from accounts.identity import show_phone
from accounts.models import Language, Merchant
from articles.addresses import address_of
from articles.models import KEY, LONGEST_NOTE, Topic
from articles.ours import our_texts
from articles.rendering import render as render_text
from articles.search import MOST_CHARACTERS
from articles.selectors import article_for, counts_of, related_to, search, shelf_of, vote_of
from articles.services import note_view, vote
from articles.shelf import Text
from banking.selectors import accounts_of
from portal.adapters import house_of
from portal.report_parts import AccountCard
from tickets.models import State

VISITOR, VISITOR_SALT, VISITOR_AGE = "help_visitor", "portal.help.visitor", dt.timedelta(days=365)
VOTES_OF_AN_ADDRESS, NEW_VISITORS_OF_AN_ADDRESS, WINDOW = 60, 12, dt.timedelta(hours=1)
MOST_SUGGESTED, MOST_READ = 4, 5


@require_safe
def show_help(request: HttpRequest) -> HttpResponseBase:
    """Articles by topic, or those with the words of `?q=` or the tag `?tag=`; where to pay, what states mean, whom to ask.

    While a message to support is typed, its page asks here for what may answer it (`subject` and `text`, by htmx).
    """
    merchant, actor, language = _reader(request)
    for_staff = bool(actor and actor.is_staff)
    if getattr(request, "htmx", False):
        return _suggest(request, merchant, language)
    asked, tag = request.GET.get("q", "").strip()[:MOST_CHARACTERS], request.GET.get("tag", "").strip()[:MOST_CHARACTERS]
    shelf = shelf_of(merchant, language, for_staff=for_staff)
    found, has_all = search(merchant, asked, language, for_staff=for_staff) if asked else ([], True)
    if tag and not asked:
        found = [text for text in shelf.values() if tag.lower() in text.tag_list]
    digits = "".join(sign for sign in merchant.support_whatsapp if sign.isdigit())
    context = {
        "asked": asked,
        "tag": tag,
        "is_search": bool(asked or tag),
        "found": found,
        "has_all": has_all,
        "topics": _topics(shelf),
        "most_read": _most_read(merchant, shelf),
        "cards": [AccountCard(account=account) for account in accounts_of(merchant) if account.is_public or actor is not None],
        "whatsapp": f"https://wa.me/{digits}" if digits else "",
        "phone": show_phone(merchant.support_phone),
        "whatsapp_text": show_phone(merchant.support_whatsapp),
        "meanings": meanings(),
    }
    return render(request, "portal/help.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def show_article(request: HttpRequest, key: str) -> HttpResponseBase:
    """One article; POST says whether it was useful, once a visitor, who may change their mind."""
    merchant, actor, language = _reader(request)
    for_staff = bool(actor and actor.is_staff)
    text = article_for(merchant, key, language, for_staff=for_staff) if KEY.match(key) else None
    if text is None:
        if request.method != "POST" and _is_hidden(key, language):
            return redirect("portal:help")  # our pages link to it: what this house hides is not there, the rest is
        raise Http404
    if request.method == "POST":
        return _vote(request, merchant, text, language)
    if request.method == "GET":
        note_view(merchant=merchant, key=text.key)
    shelf = shelf_of(merchant, language, for_staff=for_staff)
    near = list(shelf)
    place = near.index(text.key) if text.key in shelf else -1
    counts = counts_of(merchant, text.key).get(text.key)
    context = {
        "article": text,
        "body": render_text(text.body, language=text.language, link=address_of),
        "is_foreign": text.language != language,
        "topic": text.topic.label,
        "related": related_to(text, shelf),
        "next": shelf[near[place + 1]] if 0 <= place < len(near) - 1 else None,
        "counts": counts,
        "mine": vote_of(merchant, text.key, _visitor(request, merchant)),
        "longest_note": LONGEST_NOTE,
    }
    return render(request, "portal/article.html", context)


def meanings() -> list[tuple[str, str]]:
    """Each state of a ticket with what it means for the customer."""
    return [
        (State.SUBMITTED, _("We have your report; nobody has looked at it yet. You can still withdraw it.")),
        (State.IN_REVIEW, _("Accounting looks for your payment in our account.")),
        (State.WAITING_FOR_BANK, _("Your payment does not show in our account yet. We keep looking.")),
        (State.NEEDS_INFORMATION, _("We need an answer from you; until then the deadline stands still.")),
        (State.AWAITING_APPROVAL, _("We found it; because of the amount a second person confirms it.")),
        (State.VERIFIED, _("We found your payment and applied it to your orders.")),
        (State.REJECTED, _("We could not accept the report; the ticket says why. You can correct it and send it again.")),
        (State.WITHDRAWN, _("You took the report back.")),
        (
            State.REVERSED,
            pgettext("meaning of a state", "The bank took the payment back, or it was a mistake: the orders are owed again."),
        ),
    ]


def _is_hidden(key: str, language: str) -> bool:
    """Whether it is one of ours for customers, so that only the house itself can have taken it off the shelf."""
    ours = our_texts(language).get(key)
    return ours is not None and not ours.for_staff


def _reader(request: HttpRequest) -> tuple[Merchant, Actor | None, str]:
    language = get_language() or settings.LANGUAGE_CODE
    return house_of(request), getattr(request, "actor", None), language if language in Language.values else Language.SPANISH


def _topics(shelf: dict[str, Text]) -> list[tuple[Topic, list[Text]]]:
    by_topic = [(topic, [text for text in shelf.values() if text.topic == topic]) for topic in Topic]
    return [(topic, texts) for topic, texts in by_topic if texts]


def _most_read(merchant: Merchant, shelf: dict[str, Text]) -> list[Text]:
    """Those that most people opened; none until somebody did."""
    counts = counts_of(merchant)
    read = sorted((key for key in counts if key in shelf), key=lambda key: (-counts[key].views, key))
    return [shelf[key] for key in read[:MOST_READ]]


def _suggest(request: HttpRequest, merchant: Merchant, language: str) -> HttpResponse:
    """A few articles that may answer what is being typed."""
    typed = f"{request.GET.get('subject', '')} {request.GET.get('text', '')}"[: MOST_CHARACTERS * 2]
    words = " ".join(word for word in re.findall(r"\w+", typed) if len(word) > 2)
    found, _has_all = search(merchant, words, language, for_staff=False)
    response = render(request, "portal/_help_suggested.html", {"found": found[:MOST_SUGGESTED]})
    response.headers["Vary"] = "HX-Request"
    return response


# --- Votes -----------------------------------------------------------------------------------


def _vote(request: HttpRequest, merchant: Merchant, text: Text, language: str) -> HttpResponse:
    """Keep the vote of this visitor, who is known by their account or by a signed cookie that the first vote leaves."""
    response = redirect(reverse("portal:article", args=(text.key,)) + "#useful")
    said = request.POST.get("useful", "")
    if said not in ("yes", "no"):
        return response
    address, visitor, fresh = str(request.META.get("REMOTE_ADDR", "")), _visitor(request, merchant), ""
    is_welcome = count_try("help-vote", address, most=VOTES_OF_AN_ADDRESS, window=WINDOW)
    if not visitor:
        # A browser that never keeps the cookie would be somebody new each time.
        is_welcome = is_welcome and count_try("help-visitor", address, most=NEW_VISITORS_OF_AN_ADDRESS, window=WINDOW)
        fresh = secrets.token_urlsafe(18)
        visitor = _hash(merchant, fresh)
    if not is_welcome:
        messages.warning(request, _("There were very many votes from your connection. Try again in an hour."))
        return response
    note = request.POST.get("note", "").replace("\x00", "")
    vote(merchant=merchant, key=text.key, visitor=visitor, is_useful=said == "yes", note=note, language=language)
    if fresh:
        response.set_signed_cookie(
            VISITOR, fresh, salt=VISITOR_SALT, max_age=VISITOR_AGE, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return response


def _visitor(request: HttpRequest, merchant: Merchant) -> str:
    """Who votes: a hash that says nothing of them, "" for a stranger without a cookie."""
    if request.user.is_authenticated:
        return _hash(merchant, f"user {request.user.pk}")
    kept: Any = request.get_signed_cookie(VISITOR, default="", salt=VISITOR_SALT, max_age=VISITOR_AGE)
    return _hash(merchant, kept) if kept else ""


def _hash(merchant: Merchant, name: str) -> str:
    return hashlib.sha256(f"{merchant.pk}\x00{name}\x00{settings.SECRET_KEY}".encode()).hexdigest()
