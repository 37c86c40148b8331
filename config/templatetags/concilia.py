"""Template tags of the design; loaded into every template as builtins."""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.identity import show_phone
from banking.money import SYMBOLS, format_money, format_number
from config import plain_dates
from config.accent import accent_variables, contrast, darken_for_text
from config.states import ORDER_STATES, TICKET_STATES, Look

register = template.Library()

UNKNOWN_STATE = Look("", "grey", "dash-circle")


def _language() -> str:
    return get_language() or "es"


def _time_zone(context: Context) -> tzinfo:
    """The merchant's, since a deadline is a time at the merchant's house; else the current one."""
    request = context.get("request")
    merchant = getattr(request, "merchant", None)
    return zoneinfo.ZoneInfo(merchant.time_zone) if merchant else timezone.get_current_timezone()


def _today(context: Context) -> date:
    return datetime.now(_time_zone(context)).date()


@register.filter
def phone(number: str) -> str:
    """A telephone as people read it: `+58 212-5550100`."""
    return show_phone(number)


# --- Icons, chips, people --------------------------------------------------------------------


@register.simple_tag
def icon(name: str, *, css: str = "", label: str = "") -> SafeString:
    """One icon of the sprite. Without a `label` it is decoration, which readers skip."""
    return _icon(name, css, str(label))


@functools.lru_cache(maxsize=1024)  # a list of fifty rows shows the same dozen icons hundreds of times
def _icon(name: str, css: str, label: str) -> SafeString:
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        f"icon {css}".strip(), spoken, static("concilia/icons.svg"), name,
    )  # fmt: skip


@register.simple_tag
def chip(text: str, colour: str = "grey", icon_name: str = "", *, href: str = "") -> SafeString:
    """A chip: text, icon and colour. With `href` it is a link."""
    return _chip(str(text), colour, icon_name, href)


@functools.lru_cache(maxsize=1024)
def _chip(text: str, colour: str, icon_name: str, href: str) -> SafeString:
    mark = icon(icon_name) if icon_name else ""
    if href:
        return format_html('<a class="chip chip--{}" href="{}">{}{}</a>', colour, href, mark, text)
    return format_html('<span class="chip chip--{}">{}{}</span>', colour, mark, text)


@register.simple_tag
def ticket_state(state: object, *, href: str = "") -> SafeString:
    """The chip of a ticket's state (`ticket.state`)."""
    return _state_chip(TICKET_STATES, state, href)


@register.simple_tag
def order_state(state: object, *, href: str = "") -> SafeString:
    """The chip of an order's state as shown (`order.display_state`, so also `overdue` and `in_review`)."""
    return _state_chip(ORDER_STATES, state, href)


@register.simple_tag
def state_dot(state: object) -> SafeString:
    """The round mark of a ticket's state in a timeline."""
    look = TICKET_STATES.get(str(state), UNKNOWN_STATE)
    return format_html('<span class="timeline-dot timeline-dot--{}">{}</span>', look.colour, icon(look.icon))


@register.filter
def ticket_state_name(state: object) -> str:
    """A ticket's state in words alone."""
    return str(TICKET_STATES.get(str(state), Look(str(state), "grey", "")).label)


def _state_chip(looks: dict[str, Look], state: object, href: str) -> SafeString:
    look = looks.get(str(state)) or UNKNOWN_STATE._replace(label=str(state))
    return chip(str(look.label), look.colour, look.icon, href=href)


@register.simple_tag
def avatar(name: object, *, small: bool = False) -> SafeString:
    """Initials in a circle; the name itself must stand beside it."""
    css = "avatar avatar--small" if small else "avatar"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, initials(name))


@register.filter
def up_to(count: int, most: int = 1000) -> str:
    """A count that nobody counted to its end: `1000+` beyond `most`."""
    return str(count) if count <= most else f"{most}+"


@register.filter
def initials(name: object) -> str:
    """`Alicia Pérez Gil` is `AP`; an e-mail address gives its first letter."""
    words = [word for word in str(name).split("@")[0].replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


# --- Amounts and dates -----------------------------------------------------------------------


@register.simple_tag
def money(amount: Decimal | None, currency: str = "", *, css: str = "") -> SafeString:
    """`Bs 1.234,50`, or `Bs 1,234.50` in English; a dash for nothing."""
    if amount is None:
        return SafeString("—")
    return format_html('<span class="{}">{}</span>', f"money {css}".strip(), format_money(Decimal(amount), currency, _language()))


@register.simple_tag
def number(amount: Decimal | None, currency: str = "") -> str:
    """The figures alone, for columns whose head names the currency."""
    return "—" if amount is None else format_number(Decimal(amount), currency, _language())


@register.simple_tag(takes_context=True)
def date_plain(context: Context, day: date | None, *, weekday: bool = False, year: bool = True) -> SafeString:
    """`24 nov 2026`; of a moment, its day in the merchant's time zone."""
    if day is None:
        return SafeString("—")
    if isinstance(day, datetime):
        day = _local(context, day).date()
    return _day_element(day, _language(), weekday, year)


@functools.lru_cache(maxsize=1024)  # a list is of few days
def _day_element(day: date, language: str, weekday: bool, year: bool) -> SafeString:
    return _time_element(day.isoformat(), plain_dates.write_date(day, language, weekday=weekday, year=year))


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime | None, *, style: str = "plain") -> SafeString:
    """`24 nov 2026, 9:12` in the merchant's time zone; `style`: plain, near (`hoy, 9:12`) or long (deadlines in sentences)."""
    if when is None:
        return SafeString("—")
    there = _local(context, when)
    text = plain_dates.write_moment(there, _language(), today=_today(context), style=style)
    return _time_element(there.isoformat(timespec="minutes"), text)


@register.simple_tag(takes_context=True)
def relative_day(context: Context, day: date | None) -> str:
    """`hace 6 días`, `hoy`, `en 3 días`."""
    if day is None:
        return "—"
    if isinstance(day, datetime):
        day = _local(context, day).date()
    return plain_dates.write_relative_day(day, _language(), today=_today(context))


def _local(context: Context, when: datetime) -> datetime:
    return when.astimezone(_time_zone(context)) if timezone.is_aware(when) else when


def _time_element(machine: str, text: str) -> SafeString:
    return format_html('<time class="nowrap" datetime="{}">{}</time>', machine, text)


# --- Forms -----------------------------------------------------------------------------------


def _kind(widget: forms.Widget) -> str:
    """Which of the shapes in `concilia/field.html` a widget takes."""
    if isinstance(widget, forms.CheckboxSelectMultiple):  # first: it is a RadioSelect too
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "input"


@register.inclusion_tag("concilia/field.html")
def field(
    bound: BoundField, *, label: str = "", hint: str | None = None, prefix: str = "", prefix_icon: str = "", suffix: str = "",
    css: str = "", warning: str = "", note: str = "", optional: bool = True, autocomplete: str = "",
    inputmode: str = "", placeholder: str | None = None, describedby: str = "",
) -> dict[str, object]:  # fmt: skip
    """Label, hint, errors, input, in this order, tied together for readers of screens.

    `label` and `hint` replace the form's own (an empty hint hides it); `prefix` (a currency as its sign), `suffix` and
    `prefix_icon` stand inside the box, `warning` and `note` below it; `inputmode`: which keys a telephone shows; `css`:
    `field--large`, `field--money`;
    `optional=False` hides the word "optional"; `describedby`: ids of further help.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return {"kind": "hidden", "control": bound.as_widget()}
    kind = _kind(widget)
    own = bound.auto_id
    hint = str(bound.help_text or "") if hint is None else hint
    parts = {"hint": hint, "error": bound.errors, "warning": warning, "note": note}
    explained = " ".join([f"{own}-{part}" for part, there in parts.items() if there] + ([describedby] if describedby else []))
    shape = "check" if kind in {"check", "radio", "checks"} else "input"
    attrs: dict[str, Any] = {"class": f"{shape} {widget.attrs.get('class', '')}".strip()}
    if explained:
        attrs["aria-describedby"] = explained
    if bound.name[-3:] in ("_es", "_en"):
        attrs["lang"] = bound.name[-2:]  # what is typed there is in that language, whichever the page speaks
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
        attrs["rows"] = 3  # Django's ten lines are a form of paper
    if bound.errors:
        attrs["aria-invalid"] = "true"
    attrs |= {name: value for name, value in (("autocomplete", autocomplete), ("inputmode", inputmode)) if value}
    if placeholder is not None:
        attrs["placeholder"] = placeholder
    grouped = kind in {"radio", "checks"}
    prefix = SYMBOLS.get(prefix, prefix)
    return {
        "bound": bound, "kind": kind, "own": own, "label": label or bound.label, "hint": hint, "errors": bound.errors,
        "warning": warning, "note": note, "prefix": prefix, "prefix_icon": prefix_icon, "suffix": suffix, "css": css,
        "explained": explained, "optional": optional and not bound.field.required and kind != "check",
        "control": "" if grouped else bound.as_widget(attrs=attrs),
        "options": _options(bound) if grouped else (),
    }  # fmt: skip


def _options(bound: BoundField) -> list[dict[str, object]]:
    """Radio buttons or check boxes one by one, drawn by our own template."""
    return [
        {
            "name": option.data["name"], "value": option.data["value"], "type": option.data["type"],
            "label": option.choice_label, "selected": option.data["selected"],
            "id": option.id_for_label, "disabled": option.data["attrs"].get("disabled", False),
        }
        for option in bound.subwidgets
        if option.data["value"] != "" or bound.field.required is False
    ]  # fmt: skip


@register.inclusion_tag("concilia/error_summary.html")
def error_summary(*several: BaseForm | BaseFormSet[Any] | None, refusal: str = "", kept: bool = True) -> dict[str, object]:
    """What must be put right, at the top, each line a link to its field.

    Takes forms and formsets; `refusal` is the sentence of a service that refused; `kept=False` where a browser forgets what was
    typed (passwords, files).
    """
    found: list[dict[str, str]] = [{"href": "", "text": str(refusal)}] if refusal else []
    for form in _each_form(several):
        found += [{"href": "", "text": str(error)} for error in form.non_field_errors()]
        for bound in form:
            href = "" if bound.is_hidden else f"#{field_target(bound)}"
            found += [{"href": href, "text": f"{bound.label}: {error}" if bound.label else str(error)} for error in bound.errors]
    for formset in several:
        if isinstance(formset, BaseFormSet):
            found += [{"href": "", "text": str(error)} for error in formset.non_form_errors()]
    was_typed = any(getattr(each, "is_bound", False) for each in several)  # several lines as one form only list their fields
    is_refusal = bool(refusal) and len(found) == 1  # nothing that was typed is at fault
    return {"found": found, "count": len(found), "is_refusal": is_refusal, "kept": kept and was_typed}


def _each_form(several: Iterable[BaseForm | BaseFormSet[Any] | None]) -> Iterable[BaseForm]:
    for one in several:
        if isinstance(one, BaseFormSet):
            yield from one.forms
        elif one:  # a page without its form gives an empty text
            yield one


def field_target(bound: BoundField) -> str:
    """The id that a link to this field must name: a group of buttons is reached at its first."""
    return f"{bound.auto_id}_0" if _kind(bound.field.widget) in {"radio", "checks"} else str(bound.id_for_label or bound.auto_id)


# --- Addresses -------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: object) -> str:
    """The query string of this page with some keys changed; an empty value removes the key. Begins with `?`."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def url_if(name: str, *args: object) -> str:
    """The address of `name`, or nothing while that page does not exist in this URLconf."""
    for candidate in (name, name.partition(":")[2]):
        if candidate:
            try:
                return reverse(candidate, args=args)
            except NoReverseMatch:
                continue
    return ""


@register.simple_tag(takes_context=True)
def nav_link(
    context: Context, name: str, text: str, *also: str, icon_name: str = "", count: int | str | None = None, css: str = ""
) -> SafeString:
    """A link of the header; the page one is on (or one of `also`, its subpages) carries `aria-current`."""
    href = url_if(name)
    if not href:
        return SafeString("")
    match = getattr(context.get("request"), "resolver_match", None)
    here = {name, *also, name.partition(":")[2], *(other.partition(":")[2] for other in also)} - {""}
    current = SafeString('aria-current="page"') if match and match.view_name in here else ""
    mark = icon(icon_name) if icon_name else ""
    counted = format_html('<span class="count">{}</span>', count) if count not in (None, "") else ""
    return format_html('<a href="{}" class="{}" {}>{}{}{}</a>', href, css, current, mark, text, counted)


@register.simple_tag
def readable_accent(colour: object) -> dict[str, object]:
    """What becomes of a merchant's colour: `typed` and `used` as `#rrggbb`, and the contrast of white on the first as `1,0`."""
    text = str(colour or "").lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", text):
        return {}
    return {"typed": text, "used": darken_for_text(text), "ratio": number_format(contrast("#ffffff", text), 1)}


@register.simple_tag
def accent_css(merchant: object) -> SafeString:
    """The merchant's colour as CSS variables, for the `<style>` of the base page. Only digits and letters of a checked colour."""
    return SafeString(accent_variables(str(getattr(merchant, "accent", "") or "")))  # noqa: S308


@register.inclusion_tag("concilia/pages.html", takes_context=True)
def pagination(context: Context, page: object) -> dict[str, object]:
    """The place in a list, `1–12 of 76`, with links to the neighbours; `page` is a `django.core.paginator.Page`.

    Of a list that nobody counted to its end (`accounts.paging`) it says that there is more.
    """
    listed = getattr(getattr(page, "paginator", None), "object_list", None)
    return {"page": page, "is_cut": getattr(listed, "is_cut", False), "request": context["request"]}
