"""Drafts read back, and the signed token by which a form survives a session that expired in the middle.

The token is made with the form, for one person. Who sends the form without being signed in can store it only as that person's
draft, where they find it after signing in.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from accounts.errors import NotAllowed
from accounts.models import Customer, Merchant, User
from accounts.selectors import actor_of
from files.models import StoredFile
from reports.models import DraftFile, PaymentReport, ReportDraft

SALT = "reports.draft"
# A form that lay open over a weekend still arrives.
TOKEN_AGE_S = 4 * 24 * 3600


def draft_token(key: uuid.UUID, customer: Customer, user: User) -> str:
    """A signed token that lets this form be stored for `user`, whoever is (not) signed in when it arrives."""
    return signing.dumps({"key": str(key), "customer": customer.pk, "user": user.pk}, salt=SALT, compress=True)


def rescue_draft(
    token: str,
    data: Mapping[str, Sequence[str]],
    uploads: Mapping[int, Sequence[UploadedFile[bytes]]] | None = None,
    *,
    merchant: Merchant,
) -> ReportDraft | None:
    """Store a form that came without a session as the draft of the person for whom it was made.

    None when the token is not ours, too old, of another merchant, or its person may no longer report. Raises `Refused` as
    `save_draft` does.
    """
    from reports.services import save_draft

    try:
        said = signing.loads(token, salt=SALT, max_age=TOKEN_AGE_S)
    except signing.BadSignature:
        return None
    customers = Customer.objects.select_related("merchant").filter(merchant=merchant, is_active=True)
    customer = customers.filter(pk=said["customer"]).first()
    user = User.objects.filter(pk=said["user"], is_active=True).first()
    actor = actor_of(user, merchant, customer_id=said["customer"]) if customer and user else None
    if customer is None or actor is None:
        return None
    try:
        return save_draft(customer=customer, key=uuid.UUID(said["key"]), data=data, uploads=uploads, by=actor)
    except NotAllowed:
        return None


def draft_of(customer: Customer, user: User, key: uuid.UUID) -> ReportDraft | None:
    """One draft of this person."""
    return ReportDraft.objects.filter(merchant=customer.merchant_id, customer=customer, user=user, key=key).first()


def latest_draft(customer: Customer, user: User) -> ReportDraft | None:
    """What this person was last writing for this customer, to be offered again."""
    drafts = ReportDraft.objects.filter(merchant=customer.merchant_id, customer=customer, user=user)
    return drafts.exclude(data={}, files__isnull=True).order_by("-changed_at").first()


def draft_data(draft: ReportDraft) -> QueryDict:
    """What was typed, as if it were posted again: for a bound form with `skip_checks()`."""
    data = QueryDict(mutable=True)
    for name, values in draft.data.items():
        data.setlist(name, [str(value) for value in values])
    data["key"] = str(draft.key)
    return data


def files_by_position(draft: ReportDraft) -> dict[int, list[StoredFile]]:
    """Position of a transfer (from 1) → its files."""
    found: dict[int, list[StoredFile]] = {}
    for each in DraftFile.objects.filter(draft=draft).select_related("file").order_by("position", "pk"):
        found.setdefault(each.position, []).append(each.file)
    return found


def correction_key(report: PaymentReport) -> uuid.UUID:
    """The key of the draft in which files of the next correction of a sent report wait."""
    return uuid.uuid5(report.key, f"revision {report.revision + 1}")
