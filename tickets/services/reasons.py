"""Writes of a merchant's reasons: added, worded anew, moved, retired. One that was used is retired, never erased."""

from __future__ import annotations

import itertools

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Merchant
from accounts.setup_history import facts_of, note_setup
from tickets.models import Reason

TEXTS = ("name_es", "name_en", "advice_es", "advice_en", "staff_name_es", "staff_name_en")
LONGEST_ADVICE = 1000


@transaction.atomic
def save_reason(*, kind: str, texts: dict[str, str], names_twin: bool = False, reason_id: int | None = None, by: Actor) -> Reason:
    """Add a reason of `kind`, or word one anew; its kind and code stay. New ones stand last.

    By an administrator. Raises `NotAllowed`, `Http404`, `Refused` (`name_required`, `name_taken`, `bad_reason`).
    """
    merchant = _locked_house(by)
    reason = _reason(merchant, reason_id) if reason_id is not None else Reason(merchant=merchant, kind=kind)
    if reason.kind not in Reason.Kind.values:
        raise Refused(_("Choose what the reason is for."), code="bad_reason", fields=("kind",))
    before = facts_of(reason, TEXTS) if reason_id is not None else {}
    others = [each for each in Reason.objects.filter(merchant=merchant, kind=reason.kind) if each.pk != reason.pk]
    for field in TEXTS:
        setattr(reason, field, texts.get(field, "").strip())
    for field in ("name_es", "name_en"):
        name = getattr(reason, field)
        if not name:
            raise Refused(_("Write the name in both languages."), code="name_required", fields=(field,))
        if any(getattr(each, field).casefold() == name.casefold() and each.is_active for each in others):
            raise Refused(_("There is a reason with this name already."), code="name_taken", fields=(field,))
    for one, other in (("staff_name_es", "staff_name_en"), ("advice_es", "advice_en")):
        if bool(getattr(reason, one)) != bool(getattr(reason, other)):
            missing = other if getattr(reason, one) else one
            raise Refused(_("Write it in both languages, or in neither."), code="one_language", fields=(missing,))
    if max(len(reason.advice_es), len(reason.advice_en)) > LONGEST_ADVICE:
        raise Refused(
            _("The text is longer than %(most)d signs.") % {"most": LONGEST_ADVICE}, code="bad_reason", fields=("advice_es",)
        )
    if reason_id is None:
        reason.code = _free_code(reason.name_en, {each.code for each in others})
        reason.position = max((each.position for each in others), default=0) + 1
        reason.names_twin = names_twin and reason.kind == Reason.Kind.REJECT
    try:
        reason.clean_fields(exclude=["merchant"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_reason", fields=tuple(error.error_dict)) from None
    reason.save()
    note_setup("reason", before, facts_of(reason, TEXTS), subject=reason.code, by=by)
    return reason


@transaction.atomic
def move_reason(*, reason_id: int, up: bool, by: Actor) -> None:
    """Change places with the neighbour of the same kind; at the end nothing happens."""
    merchant = _locked_house(by)
    reason = _reason(merchant, reason_id)
    row = list(Reason.objects.filter(merchant=merchant, kind=reason.kind, is_active=reason.is_active))
    at = next(place for place, each in enumerate(row) if each.pk == reason.pk)
    to = at + (-1 if up else 1)
    if not 0 <= to < len(row):
        return
    row[at], row[to] = row[to], row[at]
    for place, each in enumerate(row, start=1):
        each.position = place
    Reason.objects.bulk_update(row, ["position"])
    note_setup("reason", {"position": str(at + 1)}, {"position": str(to + 1)}, subject=reason.code, by=by)


@transaction.atomic
def offer_reason(*, reason_id: int, is_active: bool, by: Actor) -> Reason:
    """Retire a reason, or offer it again. One of each kind stays, else nothing could be rejected or reversed (`last_reason`)."""
    merchant = _locked_house(by)
    reason = _reason(merchant, reason_id)
    others = Reason.objects.filter(merchant=merchant, kind=reason.kind, is_active=True).exclude(pk=reason.pk)
    if not is_active and not others.exists():
        raise Refused(_("One reason of each kind stays. Add another one first."), code="last_reason")
    before = facts_of(reason, ("is_active",))
    reason.is_active = is_active
    reason.save(update_fields=["is_active"])
    note_setup("reason", before, facts_of(reason, ("is_active",)), subject=reason.code, by=by)
    return reason


def _locked_house(by: Actor) -> Merchant:
    by.require(by.can_administer)
    return Merchant.objects.select_for_update(no_key=True).get(pk=by.merchant.pk)


def _reason(merchant: Merchant, pk: int) -> Reason:
    found = Reason.objects.filter(merchant=merchant, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _free_code(name: str, taken: set[str]) -> str:
    """`not_found`, `not_found_2`, …: of the English name, at most 40 signs."""
    root = slugify(name).replace("-", "_")[:36].strip("_") or "reason"
    tries = itertools.chain([root], (f"{root}_{number}" for number in itertools.count(2)))
    return next(code for code in tries if code not in taken)
