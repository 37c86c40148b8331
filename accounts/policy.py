"""Writes of a house's own rules and looks: an administrator's, each in its history.

More money for one person to decide alone is an act of two: an administrator asks for it, another person who may sign says yes.
While the house is being set up and nobody else is there to sign, the administrator sets it alone.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SIGNING, Actor
from accounts.errors import Refused, Stale
from accounts.identity import read_phone
from accounts.models import LimitRequest, Merchant, StaffRole
from accounts.setup_history import facts_of, note_setup, plain

TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
MOST_SPANS = 3
MOST_CLOSED_DAYS = 60


class HouseFields(TypedDict, total=False):
    """Names, and what is settled before the first order: country, currency and time zone."""

    name: str
    legal_name: str
    tax_id: str
    country: str
    currency: str
    time_zone: str
    default_language: str


class LookFields(TypedDict, total=False):
    """What customers see of the house, and where they turn to. `logo_png=None` takes the logo away."""

    name: str
    legal_name: str
    tax_id: str
    accent: str
    logo_png: bytes | None
    support_email: str
    support_phone: str
    support_whatsapp: str
    intro_es: str
    intro_en: str
    how_to_pay_es: str
    how_to_pay_en: str


class RuleFields(TypedDict, total=False):
    """How the house works. The limits that signatures hang on are `set_approval_limit`'s and `set_auto_accept`'s."""

    business_hours: Mapping[str, Sequence[Sequence[str]]]
    extra_holidays: Sequence[str]
    review_hours: int
    answer_business_days: int
    claim_minutes: int
    report_age_warning_days: int
    rate_max_age_days: int
    registration: str
    fiscal_policy: str
    mails_bills: bool


@transaction.atomic
def change_look(*, by: Actor, **changes: Unpack[LookFields]) -> Merchant:
    """Names, colour, logo, contact and public texts. Raises `Refused` (`bad_merchant`, with the fields)."""
    merchant = _locked(by)
    for name in ("support_phone", "support_whatsapp"):
        if name in changes:
            changes[name] = read_phone(changes[name], merchant.country) or changes[name].strip()
    return _write(merchant, "look", changes, by)


@transaction.atomic
def change_rules(*, by: Actor, **changes: Unpack[RuleFields]) -> Merchant:
    """Hours, closed days, times and doors. Raises `Refused` (`bad_hours`, `bad_day`, `bad_merchant`)."""
    merchant = _locked(by)
    if "business_hours" in changes:
        changes["business_hours"] = read_hours(changes["business_hours"])
    if "extra_holidays" in changes:
        changes["extra_holidays"] = _read_days(changes["extra_holidays"])
    return _write(merchant, "rules", changes, by)


@transaction.atomic
def change_house(*, is_used: bool, by: Actor, **changes: Unpack[HouseFields]) -> Merchant:
    """Names, and the country, currency and time zone. `is_used`: accounts or orders hang on those three, so that they stay.

    Raises `Refused` (`country_fixed`, `bad_merchant`).
    """
    merchant = _locked(by)
    if is_used and any(name in changes and getattr(merchant, name) != changes[name] for name in ("country", "currency")):
        raise Refused(
            _("Country and currency stay as they are: accounts or orders exist already."),
            code="country_fixed", fields=("country", "currency"),
        )  # fmt: skip
    return _write(merchant, "house", changes, by)


@transaction.atomic
def finish_setup(*, by: Actor) -> Merchant:
    """Say that the house is ready: the list of what is missing goes, and the four-eyes limit takes two from now on."""
    merchant = _locked(by)
    return _write(merchant, "house", {"is_being_set_up": False}, by)


# --- The four-eyes limit ----------------------------------------------------------------------


@transaction.atomic
def set_approval_limit(*, limit: Decimal, by: Actor) -> LimitRequest | None:
    """Say over how much a second signature is needed. Lower holds at once; higher waits for another's signature (returned).

    Raises `Refused`: `limit_invalid`, `limit_waits` (another wish waits already).
    """
    merchant = _locked(by)
    if not limit.is_finite() or not 0 <= limit < Decimal(10) ** 12:
        raise Refused(_("Write the limit as an amount, zero or more."), code="limit_invalid", fields=("approval_limit",))
    if limit == merchant.approval_limit:
        return None
    waiting = LimitRequest.objects.select_for_update().filter(merchant=merchant, answer="").first()
    if limit < merchant.approval_limit or _sets_up_alone(merchant, by):
        if waiting is not None:
            _answer(waiting, LimitRequest.Answer.DROPPED, by)
        _write_limit(merchant, limit, by)
        return None
    if waiting is not None:
        raise Refused(
            _("A higher limit waits for its signature already. Drop that one first."), code="limit_waits",
            fields=("approval_limit",),
        )  # fmt: skip
    if by.user is None:
        raise Refused(_("A higher limit is asked for by a person."), code="limit_invalid")
    note_setup("rules", {"limit_asked": ""}, {"limit_asked": plain(limit)}, by=by)
    return LimitRequest.objects.create(merchant=merchant, limit=limit, asked_by=by.user)


@transaction.atomic
def sign_limit(*, request_id: int, by: Actor) -> Merchant:
    """The other person's yes: the higher limit holds. Raises `NotAllowed`, `Refused` (`own_request`), `Stale`."""
    by.require(by.can_sign)
    merchant = Merchant.objects.select_for_update().get(pk=by.merchant.pk)
    request = _open_request(merchant, request_id)
    if by.user is None or request.asked_by_id == by.user.pk:
        raise Refused(_("Another person than the one who asked signs."), code="own_request")
    _answer(request, LimitRequest.Answer.SIGNED, by)
    _write_limit(merchant, request.limit, by)
    return merchant


@transaction.atomic
def drop_limit(*, request_id: int, by: Actor) -> None:
    """Say no to a higher limit, or take the wish back. Raises `NotAllowed`, `Stale`."""
    by.require(by.can_sign)
    merchant = Merchant.objects.select_for_update().get(pk=by.merchant.pk)
    request = _open_request(merchant, request_id)
    _answer(request, LimitRequest.Answer.DROPPED, by)
    note_setup("rules", {"limit_dropped": ""}, {"limit_dropped": plain(request.limit)}, by=by)


def _sets_up_alone(merchant: Merchant, by: Actor) -> bool:
    signers = StaffRole.objects.filter(merchant=merchant, role__in=SIGNING, user__is_active=True)
    return merchant.is_being_set_up and not signers.exclude(user=by.user).exists()


def open_limit_request(merchant: Merchant) -> LimitRequest | None:
    """The higher limit that waits for its signature."""
    return LimitRequest.objects.filter(merchant=merchant, answer="").select_related("asked_by").first()


def _open_request(merchant: Merchant, pk: int) -> LimitRequest:
    request = LimitRequest.objects.select_for_update().filter(merchant=merchant, pk=pk, answer="").first()
    if request is None:
        raise Stale(_("This was decided meanwhile."), code="limit_decided")
    return request


def _answer(request: LimitRequest, answer: str, by: Actor) -> None:
    request.answer, request.answered_by, request.answered_at = answer, by.user, timezone.now()
    request.save(update_fields=["answer", "answered_by", "answered_at"])


def _write_limit(merchant: Merchant, limit: Decimal, by: Actor) -> None:
    """The limit; what is accepted without a person never lies above it."""
    before = facts_of(merchant, ("approval_limit", "auto_accept_limit"))
    merchant.approval_limit = limit
    merchant.auto_accept_limit = min(merchant.auto_accept_limit, limit)
    merchant.save(update_fields=["approval_limit", "auto_accept_limit"])
    note_setup("rules", before, facts_of(merchant, before), by=by)


# --- Together ---------------------------------------------------------------------------------


def read_hours(hours: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, list[list[str]]]:
    """Opening hours by ISO weekday, checked: times as 08:00, the end after the beginning, no span inside another.

    Raises `Refused(bad_hours)` that names the day's field (`day_1` … `day_7`).
    """
    read: dict[str, list[list[str]]] = {}
    for day in (str(number) for number in range(1, 8)):
        spans = sorted([str(part) for part in span] for span in hours.get(day, ()))
        flat = [time for span in spans for time in span]
        if (
            len(spans) > MOST_SPANS
            or any(len(span) != 2 for span in spans)
            or any(not TIME.fullmatch(time) for time in flat)
            or any(later <= earlier for earlier, later in zip(flat, flat[1:], strict=False))
        ):
            raise Refused(
                _("Write hours such as 08:00-12:00, 13:00-17:00: at most three spans a day, none inside another."),
                code="bad_hours", fields=(f"day_{day}",),
            )  # fmt: skip
        if spans:
            read[day] = spans
    return read


def _read_days(days: Sequence[str]) -> list[str]:
    try:
        read = sorted({dt.date.fromisoformat(day).isoformat() for day in days})
    except ValueError:
        raise Refused(
            _("Write closed days as year-month-day, for example 2026-12-24."), code="bad_day", fields=("extra_holidays",)
        ) from None
    if len(read) > MOST_CLOSED_DAYS:
        raise Refused(_("At most 60 closed days."), code="bad_day", fields=("extra_holidays",))
    return read


def _locked(by: Actor) -> Merchant:
    by.require(by.can_administer)
    return Merchant.objects.select_for_update().get(pk=by.merchant.pk)


def _write(merchant: Merchant, area: str, changes: Mapping[str, object], by: Actor) -> Merchant:
    before = facts_of(merchant, changes)
    for field, value in changes.items():
        setattr(merchant, field, value.strip() if isinstance(value, str) else value)
    try:
        merchant.clean_fields(exclude=["slug"])
        zoneinfo.ZoneInfo(merchant.time_zone)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_merchant", fields=tuple(error.error_dict)) from None
    merchant.save(update_fields=list(changes))
    note_setup(area, before, facts_of(merchant, changes), by=by)
    return merchant
