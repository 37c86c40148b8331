"""Keys for the API: made and revoked by administrators, shown once, counted at each call."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.key_models import ApiKey, Scope
from accounts.models import Merchant, Role, User
from accounts.setup_history import note_setup, plain

PREFIX = "ck_"
MOST_KEYS = 50
WINDOW = dt.timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A live key at its door: who acts, and how many calls it made in the running minute, which ends at `until`."""

    key: ApiKey
    actor: Actor
    used: int
    until: dt.datetime


@transaction.atomic
def create_api_key(*, name: str, scopes: Iterable[str], expires_at: dt.datetime | None = None, by: Actor) -> tuple[ApiKey, str]:
    """A new key and its text, which is told this once. `Refused`: `name_required`, `scopes_required`, `expired`, `too_many`."""
    by.require(by.can_administer)
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise Refused(_("Give the key a name, for example the system that uses it."), code="name_required", fields=("name",))
    wanted = set(scopes)
    known = [scope.value for scope in Scope if scope.value in wanted]
    if not known or len(known) < len(wanted):
        raise Refused(_("Choose what the key may do."), code="scopes_required", fields=("scopes",))
    if expires_at is not None and expires_at <= timezone.now():
        raise Refused(_("The last day lies in the past."), code="expired", fields=("expires_on",))
    if ApiKey.objects.filter(merchant=by.merchant, revoked_at=None).count() >= MOST_KEYS:
        raise Refused(_("There are fifty keys already. Revoke one that is not used."), code="too_many")
    text = PREFIX + secrets.token_urlsafe(32)
    # A name under which its acts stand in histories; no address, no password, not active: nobody signs in with it.
    user = User.objects.create_user(f"key-{uuid.uuid4().hex}@keys.invalid", None, name=f"API · {name}", is_active=False)
    key = ApiKey.objects.create(
        merchant=by.merchant, user=user, name=name, digest=digest_of(text), hint=text[:8], scopes=known,
        expires_at=expires_at, created_by=by.user,
    )  # fmt: skip
    note_setup("api_key", {}, {"scopes": plain(known), "expires_at": plain(expires_at)}, subject=name, by=by)
    return key, text


@transaction.atomic
def revoke_api_key(*, key_id: int, by: Actor) -> ApiKey:
    """From now on it opens nothing. Done twice it is done once."""
    by.require(by.can_administer)
    key = ApiKey.objects.select_for_update().filter(merchant=by.merchant, pk=key_id).first()
    if key is None:
        raise Http404
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = timezone.now(), by.user
        key.save(update_fields=["revoked_at", "revoked_by"])
        note_setup("api_key", {}, {"revoked_at": plain(key.revoked_at)}, subject=key.name, by=by)
    return key


def api_keys_for(actor: Actor) -> QuerySet[ApiKey]:
    """The house's keys, those that work first; for administrators."""
    if not actor.can_administer:
        return ApiKey.objects.none()
    keys = ApiKey.objects.filter(merchant=actor.merchant).select_related("created_by", "revoked_by")
    return keys.order_by("-revoked_at", "-pk")


def digest_of(text: str) -> str:
    """What the table keeps of a key: it is random enough that a plain hash tells nobody what it is."""
    return hashlib.sha256(text.encode()).hexdigest()


# Each call is one statement, so that twenty at once are twenty.
USE = """
UPDATE accounts_apikey SET last_used_at = %(now)s,
       window_used = CASE WHEN window_at > %(begun)s THEN window_used + 1 ELSE 1 END,
       window_at = CASE WHEN window_at > %(begun)s THEN window_at ELSE %(now)s END
 WHERE digest = %(digest)s AND merchant_id = %(merchant)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)
RETURNING id, window_used, window_at
"""


def admit(*, merchant: Merchant, text: str) -> Admission | None:
    """Who acts with this key at this house; the call is counted. None when it opens nothing here, whatever the reason."""
    if not text.startswith(PREFIX) or len(text) > 100 or not text.isascii():
        return None
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(USE, {"now": now, "begun": now - WINDOW, "digest": digest_of(text), "merchant": merchant.pk})
        row = cursor.fetchone()
    if row is None:
        return None
    key = ApiKey.objects.select_related("user").get(pk=row[0])
    return Admission(key=key, actor=actor_of_key(key, merchant), used=row[1], until=row[2] + WINDOW)


def actor_of_key(key: ApiKey, merchant: Merchant) -> Actor:
    """A key that only reads sees what an auditor sees; one that writes may do, at most, what support may and its scopes add."""
    writes = any(scope.endswith(":write") for scope in key.scopes)
    role = Role.SUPPORT if writes else Role.AUDITOR
    return Actor(merchant=merchant, user=key.user, role=role, scopes=frozenset(key.scopes))
