"""Pages of a house's own set-up: looks, rules with the four-eyes limit, reasons, words of letters, and the history of it all."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.key_models import Scope
from accounts.models import Language, Merchant, Registration, Role, SetupChange
from accounts.policy import change_look, change_rules, drop_limit, open_limit_request, set_approval_limit, sign_limit
from accounts.setup_history import AREAS, FIELDS, setup_changes_for
from accounts.setup_models import FiscalPolicy
from banking.models import ReceivingAccount, TransferField
from banking.money import format_number
from desk.acts import FORM_METHODS
from desk.house_forms import LetterTextForm, LimitForm, LookForm, ReasonForm, RulesForm
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from files.services import logo_from
from letters.models import LetterText
from letters.own_words import OWN_KINDS, PARTS, VARIABLES, own_texts_of, sample_body, save_letter_texts
from orders.dates import today_at, written
from tickets.calendar import is_business_day, national_holidays, review_deadline
from tickets.models import Reason
from tickets.services import move_reason, offer_reason, save_reason
from webhooks.kinds import Kind

CHANGES_SHOWN = 50
HOLIDAYS_SHOWN = 8
TICKED = ("auto_accept", "offers_shipping", "mails_bills", "business_days_only", "bills_renewals")
MOMENTS = ("expires_at", "revoked_at", "secret")
# Fields whose history keeps a code, and what the codes are called; lists hold nothing else.
CODED = ("role", "registration", "fiscal_policy", "kind")
CODES = {
    str(value): label
    for names in (Role, Registration, FiscalPolicy, Scope, Kind, TransferField, ReceivingAccount.Kind, Reason.Kind)
    for value, label in names.choices
}


def place_refusal(form: forms.Form, refused: Refused) -> str:
    """Put a refusal beside the fields that it names; the sentence for the top of the page when it names none of them."""
    named = [field for field in refused.fields if field in form.fields]
    for field in named:
        form.add_error(field, refused.message)
    return "" if named else refused.message


# --- Looks ------------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_look(request: HouseRequest) -> HttpResponseBase:
    """Names, logo, colour, contact and public texts."""
    member = member_of(request)
    posted = request.method == "POST"
    form = LookForm(request.POST if posted else None, request.FILES if posted else None, merchant=member.merchant)
    refusal, status = "", 200
    if posted:
        status = BAD_INPUT
        if form.is_valid():
            try:
                _keep_look(member, form)
            except Refused as refused:
                refusal = place_refusal(form, refused)
            else:
                messages.success(request, _("Your looks are kept."))
                if form.tax_id_note:
                    messages.warning(request, form.tax_id_note)
                return redirect("desk:setup_look")
    return show(request, member, "desk/setup_look.html", {"form": form, "refusal": refusal}, status=status)


def _keep_look(member: Member, form: LookForm) -> None:
    changes = form.changes()
    if form.cleaned_data.get("logo"):
        changes["logo_png"] = logo_from(form.cleaned_data["logo"])
    elif form.cleaned_data.get("no_logo"):
        changes["logo_png"] = None
    change_look(by=member.actor, **changes)


# --- Rules ------------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page()
def edit_rules(request: HouseRequest) -> HttpResponseBase:
    """Hours, days, times, doors and the four-eyes limit: everybody looks, an administrator changes, who may sign signs."""
    member = member_of(request)
    merchant = member.merchant
    what = request.POST.get("what", "rules")
    limit_text = format_number(merchant.approval_limit, merchant.currency, get_language() or "es")
    rules = RulesForm(request.POST if request.method == "POST" and what == "rules" else None, merchant=merchant)
    limit = LimitForm(
        request.POST if request.method == "POST" and what == "limit" else None,
        merchant=merchant, initial={"approval_limit": limit_text},
    )  # fmt: skip
    refusal, status = "", 200
    if request.method == "POST":
        if not (member.actor.can_administer or (what in ("sign", "drop") and member.actor.can_sign)):
            raise NotAllowed
        status = BAD_INPUT
        try:
            said = _act_on_rules(member, what, request.POST.get("request"), rules, limit)
        except Refused as refused:
            refusal, status = place_refusal(limit if what == "limit" else rules, refused), status_of(refused)
        else:
            if said:
                messages.success(request, said)
                return redirect("desk:setup_rules")
    waiting = open_limit_request(merchant)
    context = {
        "rules": rules,
        "limit": limit,
        "refusal": refusal,
        "waiting": waiting,
        "may_sign": waiting is not None and member.actor.can_sign and waiting.asked_by_id != member.user.pk,
        "may_drop": waiting is not None and member.actor.can_sign,
        "can_administer": member.actor.can_administer,
        "examples": examples(merchant),
        "closed": closed_days(merchant),
    }
    return show(request, member, "desk/setup_rules.html", context, status=status)


def _act_on_rules(member: Member, what: str, request_key: object, rules: RulesForm, limit: LimitForm) -> str:
    """Do what was posted; the sentence to say, nothing where a form is not valid."""
    if what == "sign":
        sign_limit(request_id=key_of(request_key) or 0, by=member.actor)
        return _("Signed: the higher limit holds.")
    if what == "drop":
        drop_limit(request_id=key_of(request_key) or 0, by=member.actor)
        return _("The limit stays as it was.")
    if what == "limit":
        if not limit.is_valid():
            return ""
        waits = set_approval_limit(limit=limit.cleaned_data["approval_limit"], by=member.actor)
        return _("Asked. It holds when another person who may sign agrees.") if waits else _("The limit is kept.")
    if not rules.is_valid():
        return ""
    change_rules(by=member.actor, **rules.changes())
    return _("Your rules are kept.")


def examples(merchant: Merchant) -> list[tuple[dt.datetime, dt.datetime]]:
    """With these hours: when a report is decided that arrives now, at tonight's end, and before the next day off."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = today_at(merchant)
    off = next((day for days in range(1, 15) if not is_business_day(merchant, day := today + dt.timedelta(days=days))), today)
    moments = [now, *(
        dt.datetime.combine(day, dt.time(16, 0), tzinfo=merchant.zone) for day in (today + dt.timedelta(days=1), off)
    )]  # fmt: skip
    return [(moment, review_deadline(merchant, moment)) for moment in sorted(set(moments))]


def closed_days(merchant: Merchant) -> list[tuple[dt.date, bool]]:
    """The next days on which nobody works, and whether each is one of the house's own."""
    today = today_at(merchant)
    own = {dt.date.fromisoformat(day) for day in merchant.extra_holidays}
    known = {day for year in (today.year, today.year + 1) for day in national_holidays(merchant.country, year)}
    return [(day, day in own) for day in sorted(own | known) if day >= today][:HOLIDAYS_SHOWN]


# --- Reasons ----------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_reasons(request: HouseRequest) -> HttpResponseBase:
    """The list in its order; `?reason=new` or a key shows the form. POST `what`: save, up, down, retire, offer."""
    member = member_of(request)
    every = list(Reason.objects.filter(merchant=member.merchant).order_by("kind", "-is_active", "position", "pk"))
    asked = request.POST.get("reason") if request.method == "POST" else request.GET.get("reason", "")
    chosen = next((each for each in every if each.pk == key_of(asked)), None)
    if asked and asked != "new" and chosen is None:
        raise Http404
    what = request.POST.get("what", "") if request.method == "POST" else ""
    form = ReasonForm(request.POST if what == "save" else None, reason=chosen)
    refusal, status = "", 200
    if request.method == "POST":
        status = BAD_INPUT
        try:
            said = _act_on_reason(member, what, chosen, form)
        except Refused as refused:
            refusal, status = place_refusal(form, refused) if what == "save" else refused.message, status_of(refused)
        else:
            if said:
                messages.success(request, said)
                return redirect("desk:setup_reasons")
    context = {
        "groups": [(label, [each for each in every if each.kind == kind]) for kind, label in Reason.Kind.choices],
        "form": form if asked and (request.method != "POST" or what == "save") else None,
        "chosen": chosen,
        "refusal": refusal,
    }
    return show(request, member, "desk/setup_reasons.html", context, status=status)


def _act_on_reason(member: Member, what: str, chosen: Reason | None, form: ReasonForm) -> str:
    if what == "save":
        if not form.is_valid():
            return ""
        texts = {name: value for name, value in form.cleaned_data.items() if name not in ("kind", "names_twin")}
        kept = save_reason(
            kind=form.cleaned_data.get("kind", ""), texts=texts, names_twin=form.cleaned_data.get("names_twin", False),
            reason_id=chosen.pk if chosen else None, by=member.actor,
        )  # fmt: skip
        return _("The reason “%(name)s” is kept.") % {"name": kept.staff_name}
    if chosen is None or what not in ("up", "down", "retire", "offer"):
        raise Http404
    if what in ("up", "down"):
        move_reason(reason_id=chosen.pk, up=what == "up", by=member.actor)
        return _("The order is kept.")
    offer_reason(reason_id=chosen.pk, is_active=what == "offer", by=member.actor)
    return _("Offered again.") if what == "offer" else _("Retired: what it was used for keeps it.")


# --- Words of letters -------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_letter_texts(request: HouseRequest) -> HttpResponseBase:
    """The kinds of letters; `?kind=` shows one with its form and how it reads. POST `what`: keep, look, default."""
    member = member_of(request)
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if kind and kind not in OWN_KINDS:
        raise Http404
    own = own_texts_of(member.merchant)
    if not kind:
        if request.method == "POST":
            raise Http404
        rows = [(key, each.name, any((key, str(language)) in own for language in Language)) for key, each in OWN_KINDS.items()]
        return show(request, member, "desk/setup_letters.html", {"rows": rows})
    return _one_letter(request, member, kind, own)


def _one_letter(request: HouseRequest, member: Member, kind: str, own: dict[tuple[str, str], LetterText]) -> HttpResponseBase:
    stored = {
        f"{part}_{language}": getattr(own[kind, language], part)
        for language in Language.values for part in PARTS if (kind, language) in own
    }  # fmt: skip
    form = LetterTextForm(request.POST if request.method == "POST" else None, initial=stored)
    what, refusal, status = request.POST.get("what", ""), "", 200
    if request.method == "POST":
        status = BAD_INPUT
        if form.is_valid():
            try:
                if what != "look":
                    words = {each: {} if what == "default" else form.words(each) for each in Language.values}
                    save_letter_texts(kind=kind, words=words, by=member.actor)
                    messages.success(request, _("The original text is back.") if what == "default" else _("Your words are kept."))
                    return redirect(f"{request.path}?kind={kind}")
                status = 200
            except Refused as refused:
                refusal = place_refusal(form, refused)
    bodies = []
    for language, name in Language.choices:
        text = own.get((kind, language))
        if form.is_bound and form.is_valid():
            text = LetterText(merchant=member.merchant, kind=kind, language=language, **form.words(language))
        bodies.append((language, name, sample_body(kind, member.merchant, language, text)))
    context = {
        "kind": kind,
        "title": OWN_KINDS[kind].name,
        "form": form,
        "refusal": refusal,
        "variables": [(f"{{{name}}}", VARIABLES[name]) for name in OWN_KINDS[kind].variables],
        "bodies": bodies,
        "is_own": bool(stored),
    }
    return show(request, member, "desk/setup_letter.html", context, status=status)


# --- History ----------------------------------------------------------------------------------


@require_safe
@staff_page()
def show_history(request: HouseRequest) -> HttpResponseBase:
    """Who changed what of the set-up, newest first."""
    member = member_of(request)
    page = Paginator(setup_changes_for(member.actor), CHANGES_SHOWN).get_page(request.GET.get("page"))
    zone = zoneinfo.ZoneInfo(member.merchant.time_zone)
    rows = [
        (each, AREAS.get(each.area, each.area), FIELDS.get(each.field, each.field), *_told(each, zone))
        for each in page.object_list
    ]
    return show(request, member, "desk/setup_history.html", {"page": page, "rows": rows})


def _told(change: SetupChange, zone: zoneinfo.ZoneInfo) -> Sequence[str]:
    return _in_words(change.field, change.before, zone), _in_words(change.field, change.after, zone)


def _in_words(field: str, kept: str, zone: zoneinfo.ZoneInfo) -> str:
    """What the history kept of a field, as people read it: codes by their names, hours by their days, moments on our clock."""
    if field.startswith(("is_", "may_")) or field in TICKED:
        return _("yes") if kept else _("no")
    if not kept:
        return ""
    if field in MOMENTS:
        moment = dt.datetime.fromisoformat(kept).astimezone(zone)
        return f"{written(moment.date())}, {moment.hour}:{moment.minute:02d}"
    if field == "business_hours":
        hours = json.loads(kept)
        spans = {day: ", ".join(f"{opens}–{closes}" for opens, closes in hours[day]) for day in sorted(hours) if hours[day]}
        return " · ".join(f"{WEEKDAYS_ABBR[int(day) - 1]} {each}" for day, each in spans.items())
    if field == "extra_holidays":
        return ", ".join(written(dt.date.fromisoformat(day)) for day in json.loads(kept))
    if kept.startswith("["):
        return ", ".join(str(CODES.get(each, each)) for each in json.loads(kept))
    return str(CODES.get(kept, kept)) if field in CODED else kept
