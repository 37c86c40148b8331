"""What other systems have here: addresses that hear of news with their log, and keys to the API. For administrators."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.api_keys import api_keys_for, create_api_key, revoke_api_key
from accounts.errors import Refused
from accounts.key_models import Scope
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from tickets.calendar import end_of_day
from webhooks.addresses import LONGEST_URL
from webhooks.kinds import SUBSCRIBABLE, Kind
from webhooks.models import Delivery, Endpoint
from webhooks.selectors import deliveries_for, endpoint_for, endpoints_for
from webhooks.services import (
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    resend,
    rotate_secret,
    switch_endpoint,
    test_endpoint,
)
from webhooks.words import reason_in_words

LOG_PAGE = 25


class EndpointForm(forms.Form):
    """Where news go, and which."""

    url = forms.CharField(
        label=gettext_lazy("Web address"),
        max_length=LONGEST_URL,
        help_text=gettext_lazy("Begins with https:// and is reachable from the internet."),
        widget=forms.URLInput,
    )
    description = forms.CharField(
        label=gettext_lazy("What it is"), max_length=100, required=False, help_text=gettext_lazy("For example: invoicing system.")
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What it hears of"),
        choices=[(kind.value, kind.label) for kind in SUBSCRIBABLE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what this address shall hear of.")},
    )


class KeyForm(forms.Form):
    """A key: for whom, what it may do, until when."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("The system that will use it, for example: shop.")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what the key may do.")},
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Left blank, it works until it is revoked."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@require_http_methods(FORM_METHODS)
@staff_page("administer")
@never_cache
def show_webhooks(request: HouseRequest) -> HttpResponseBase:
    """The addresses, and a form for another. What POST adds is shown with its secret, this once."""
    member = member_of(request)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                context["made"], context["secret"] = add_endpoint(by=member.actor, **form.cleaned_data)
            except Refused as refused:
                context["refusal"], status = _refused(form, refused)
            else:
                status, context["form"] = 200, EndpointForm()
    context["endpoints"] = endpoints_for(member.actor)
    return show(request, member, "desk/webhooks.html", context, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("administer")
@never_cache
def show_webhook(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One address with its log. POST changes it, gives it another secret, switches, tests or removes it, or sends again."""
    member = member_of(request)
    endpoint = endpoint_for(member.actor, pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    initial = {"url": endpoint.url, "description": endpoint.description, "kinds": endpoint.kinds}
    form = EndpointForm(request.POST if act == "change" else None, initial=initial)
    context: dict[str, Any] = {"form": form, "refusal": ""}
    status = 200
    if act:
        try:
            done = _do(member, endpoint, act, form, request, context)
        except Refused as refused:
            context["refusal"], status = _refused(form, refused)
        else:
            if done:
                messages.success(request, done)
                return redirect("desk:webhooks") if act == "remove" else redirect("desk:webhook", pk)
            status = 200 if "secret" in context else BAD_INPUT
    elif request.method == "POST":
        status = BAD_INPUT
    log = Paginator(deliveries_for(member.actor, endpoint), LOG_PAGE).get_page(request.GET.get("page"))
    context |= {"endpoint": endpoint_for(member.actor, pk), "page": log, "rows": [_told(each) for each in log]}
    return show(request, member, "desk/webhook.html", context, status=status)


def _do(member: Member, endpoint: Endpoint, act: str, form: EndpointForm, request: HouseRequest, context: dict[str, Any]) -> str:
    """What the person asked for; the sentence that says it was done, empty where the page itself tells."""
    by = member.actor
    match act:
        case "change":
            if not form.is_valid():
                return ""
            change_endpoint(endpoint_id=endpoint.pk, by=by, **form.cleaned_data)
            return _("The address was changed.")
        case "rotate":
            _endpoint, context["secret"] = rotate_secret(endpoint_id=endpoint.pk, by=by)
            return ""
        case "on" | "off":
            switch_endpoint(endpoint_id=endpoint.pk, is_on=act == "on", by=by)
            return _("Switched on.") if act == "on" else _("Switched off. Nothing is sent there now.")
        case "remove":
            remove_endpoint(endpoint_id=endpoint.pk, by=by)
            return _("The address was removed. Its history stays.")
        case "test":
            test_endpoint(endpoint_id=endpoint.pk, by=by)
            return _("A test is on its way. Its answer appears below in a moment.")
        case "resend":
            resend(delivery_id=_number(request.POST.get("delivery", "")), by=by)
            return _("It is sent again. The answer appears below in a moment.")
    return ""


@require_http_methods(FORM_METHODS)
@staff_page("administer")
@never_cache
def show_api_keys(request: HouseRequest) -> HttpResponseBase:
    """The keys, and a form for another. What POST makes is shown whole, this once."""
    member = member_of(request)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = KeyForm(request.POST if act == "add" else None)
    context: dict[str, Any] = {"form": form, "refusal": ""}
    status = BAD_INPUT if request.method == "POST" else 200
    if act == "revoke":
        revoke_api_key(key_id=_number(request.POST.get("key", "")), by=member.actor)
        messages.success(request, _("The key was revoked. It opens nothing any more."))
        return redirect("desk:api_keys")
    if form.is_bound and form.is_valid():
        read = form.cleaned_data
        try:
            context["made"], context["secret"] = create_api_key(
                name=read["name"], scopes=read["scopes"], expires_at=_end(member, read["expires_on"]), by=member.actor
            )
        except Refused as refused:
            context["refusal"], status = _refused(form, refused)
        else:
            status, context["form"] = 200, KeyForm()
    labels = {scope.value: scope.label for scope in Scope}
    context["keys"] = [(key, [labels.get(scope, scope) for scope in key.scopes]) for key in api_keys_for(member.actor)]
    return show(request, member, "desk/api_keys.html", context, status=status)


def _refused(form: forms.Form, refused: Refused) -> tuple[str, int]:
    """The sentence at its field where it has one, else above the form; and the status."""
    known = [name for name in refused.fields if name in form.fields and form.is_bound]
    for name in known:
        form.add_error(name, refused.message)
    return "" if known else refused.message, status_of(refused)


def _told(delivery: Delivery) -> dict[str, Any]:
    """A line of the log."""
    return {
        "delivery": delivery,
        "kind": Kind(delivery.announcement.kind).label,
        "tries": [(each, reason_in_words(each.error) if each.error else "") for each in delivery.attempts.all()],
    }


def _end(member: Member, day: dt.date | None) -> dt.datetime | None:
    if day is None:
        return None
    try:
        return end_of_day(member.merchant, day).astimezone(zoneinfo.ZoneInfo("UTC"))
    except (OverflowError, ValueError):
        return dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def _number(text: str) -> int:
    """A key as posted; what is none is the key of nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
