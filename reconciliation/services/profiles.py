"""Keep how an account's bank writes its statements: each change is a version, none is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from banking.models import ReceivingAccount
from reconciliation.models import StatementProfile
from reconciliation.selectors.profiles import current_profile, layout_name, version_for
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile, ProfileInvalid

LONGEST_NAME = 80


def save_profile(
    *,
    account_id: int,
    settings: Mapping[str, Any],
    layout_key: str = "",
    name: str = "",
    based_on: int | None = None,
    by: Actor,
) -> StatementProfile:
    """Make the next version of an account's profile; what is in use already makes none, and is given back.

    `settings` as of `Profile.to_json()`. `layout_key`: the ready-made layout it began with. `based_on`: the version that the
    person saw (0: none); another one meanwhile is `Stale`. Raises `NotAllowed`, `Http404`, `Refused`: `profile_invalid`,
    `name_too_long`.
    """
    by.require(by.can_decide)
    try:
        profile = Profile.from_json(dict(settings))
    except ProfileInvalid as error:
        raise Refused(
            _("These settings cannot be kept: %(fields)s.") % {"fields": ", ".join(error.errors)}, code="profile_invalid"
        ) from error
    return _next_version(
        account_id=account_id, profile=profile, layout_key=layout_key, name=name, based_on=based_on, restores=None, by=by
    )


def restore_profile(*, account_id: int, version: int, based_on: int | None = None, by: Actor) -> StatementProfile:
    """Take an older version back, as a new version with its settings. Raises as `save_profile` does."""
    by.require(by.can_decide)
    account = _account(account_id, by)
    older = version_for(by, account, version)
    try:
        profile = Profile.from_json(older.settings)
    except ProfileInvalid as error:
        raise Refused(
            _("Version %(version)d breaks rules that are newer than it, so it cannot be taken back.") % {"version": version},
            code="profile_invalid",
        ) from error
    return _next_version(
        account_id=account_id, profile=profile, layout_key=older.layout_key, name=older.name, based_on=based_on,
        restores=version, by=by,
    )  # fmt: skip


def _next_version(
    *,
    account_id: int,
    profile: Profile,
    layout_key: str,
    name: str,
    based_on: int | None,
    restores: int | None,
    by: Actor,
) -> StatementProfile:
    layout = LAYOUTS.get(layout_key)
    name = name.strip() or (layout_name(layout) if layout else _("Own profile"))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(_("The name is too long."), code="name_too_long", fields=("name",))
    settings = profile.to_json()
    with transaction.atomic():
        # The lock of whoever reads a file of this account too: versions follow each other without a gap.
        account = _account(account_id, by, lock=True)
        current = current_profile(account)
        newest = current.version if current else 0
        if current and (current.settings, current.name) == (settings, name):
            return current
        if based_on is not None and based_on != newest:
            raise Stale(
                _("Somebody kept version %(version)d of this profile meanwhile. Look at it before you keep yours.")
                % {"version": newest},
                code="profile_changed",
            )
        return StatementProfile.objects.create(
            merchant=by.merchant,
            account=account,
            version=newest + 1,
            layout_key=layout.key if layout else "",
            name=name,
            settings=settings,
            restores=restores,
            created_by=by.user,
        )


def _account(account_id: int, by: Actor, *, lock: bool = False) -> ReceivingAccount:
    accounts = ReceivingAccount.objects.filter(merchant=by.merchant, pk=account_id)
    found = (accounts.select_for_update(no_key=True) if lock else accounts).first()
    if found is None:
        raise Http404
    return found
