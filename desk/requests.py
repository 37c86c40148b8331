"""Who works at the desk, and how its pages answer: with the counts of the header, and 409 where somebody was faster."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import HouseRequest
from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Merchant, User
from tickets.models import LIVE_STATES
from tickets.selectors import tickets_for

# Refusals that speak of what somebody else did meanwhile: a conflict, not bad input.
CONFLICTS = frozenset(
    {"claimed", "line_taken", "matched_already", "already_void", "match_closed", "partly_settled", "reversal_open"}
)
BAD_INPUT = 400
CONFLICT = 409


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member of the merchant's staff who looks at the desk, and nothing else: what they are as a customer stays outside."""

    actor: Actor
    merchant: Merchant
    user: User


def member_of(request: HouseRequest) -> Member:
    """The person behind a request that `staff_page` let through."""
    actor = request.actor
    if actor.user is None or not actor.is_staff:
        raise NotAllowed
    return Member(actor=replace(actor, contact=None), merchant=actor.merchant, user=actor.user)


def status_of(refused: Refused) -> int:
    """409 for what changed meanwhile, 400 for what was typed."""
    return CONFLICT if isinstance(refused, Stale) or refused.code in CONFLICTS else BAD_INPUT


def show(
    request: HttpRequest,
    member: Member,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    open_tickets: int | None = None,
    to_decide: int | None = None,
) -> HttpResponse:
    """A page of the desk. `open_tickets` spares the count where the page has it already; `to_decide` counts the workbench's."""
    if open_tickets is None:
        open_tickets = tickets_for(member.actor).filter(state__in=LIVE_STATES).count()
    return render(request, template, {"nav_counts": {"queue": open_tickets, "workbench": to_decide}, **context}, status=status)


def back_to(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """To the page that the form names as `next` when it is one of ours, else to the page `name`."""
    target = str(request.POST.get("next", ""))
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(reverse(name))


def key_of(text: object) -> int | None:
    """A primary key as posted; None for what is none."""
    typed = str(text or "")
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII) else None


def keys_named(data: Any, prefix: str) -> dict[int, str]:
    """Fields such as `line-12=345` as {12: "345"}; the last of several."""
    found: dict[int, str] = {}
    for name in data:
        match = re.fullmatch(rf"{prefix}-([0-9]{{1,18}})", name, re.ASCII)
        if match:
            found[int(match[1])] = str(data.get(name) or "")
    return found
