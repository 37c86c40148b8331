"""Drafts: what was typed and uploaded before sending, kept for the person who typed it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import Customer
from files.checks import MAX_FILES, check_upload
from files.models import StoredFile
from files.services import receive_file
from reports.models import VOUCHER_FILES, DraftFile, PaymentReport, ReportDraft
from reports.services.rows import require_part

# Names of the form's fields; whatever else a page or a stranger posts is not kept.
KNOWN_NAMES = re.compile(
    r"orders|allocation-\d{1,18}|payer_other|payer_name|payer_tax_id|wants_paper|add_shipping|address|state|city|reference_point"
    r"|receiver_phone|note|answer_note|channel"
    r"|t-\d{1,2}-(?:method|account|amount|paid_on|reference|origin_bank|origin_bank_name|payer_phone|payer_id|sender_name|sender_email)"
    r"|w-\d-(?:kind|number|issued_on|amount)"
)
LONGEST_TEXT = 4000
MOST_VALUES = 5000
KEPT_FOR = timedelta(days=30)


def save_draft(
    *,
    customer: Customer,
    key: uuid.UUID,
    data: Mapping[str, Sequence[str]],
    uploads: Mapping[int, Sequence[UploadedFile[bytes]]] | None = None,
    by: Actor,
) -> ReportDraft:
    """Keep what was typed (`name` → values, as `dict(request.POST.lists())`) and uploads by position of their transfer (from 1)
    or voucher (`VOUCHER_FILES` more).

    A file that the draft has already is not kept twice. Raises `Refused`: `already_sent`, `too_many_files`, the codes of the
    files room (what was typed is kept when the caller saves again without the file).
    """
    require_part(customer, by)
    if by.user is None:
        raise NotAllowed
    with transaction.atomic():
        sent = PaymentReport.objects.filter(merchant=by.merchant, customer=customer, key=key).select_related("ticket").first()
        if sent is not None:
            raise Refused(
                _("This form was sent already and became ticket %(ticket)s.") % {"ticket": sent.ticket.number},
                code="already_sent",
            )
        draft, _made = ReportDraft.objects.get_or_create(merchant=by.merchant, customer=customer, user=by.user, key=key)
        draft = ReportDraft.objects.select_for_update().get(pk=draft.pk)
        draft.data = _known_only(data)
        draft.changed_at = timezone.now()
        draft.save(update_fields=["data", "changed_at"])
        for position, several in (uploads or {}).items():
            _keep_files(draft, position, several, by)
    return draft


def discard_draft(*, customer: Customer, key: uuid.UUID, by: Actor) -> None:
    """Forget a draft of the person who acts; a draft that is not there is forgotten already."""
    require_part(customer, by)
    ReportDraft.objects.filter(merchant=by.merchant, customer=customer, user=by.user, key=key).delete()


def remove_draft_file(*, customer: Customer, key: uuid.UUID, file_key: uuid.UUID, by: Actor) -> None:
    """Take one file out of a draft. `Http404` when it is not there."""
    require_part(customer, by)
    found = DraftFile.objects.filter(
        merchant=by.merchant, draft__customer=customer, draft__user=by.user, draft__key=key, file__key=file_key
    )
    if not found.delete()[0]:
        raise Http404


def forget_old_drafts() -> int:
    """Delete drafts that were not touched for a month; how many."""
    old = ReportDraft.objects.filter(changed_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[1].get("reports.ReportDraft", 0)


def _keep_files(draft: ReportDraft, position: int, uploads: Sequence[UploadedFile[bytes]], by: Actor) -> None:
    present = list(DraftFile.objects.filter(draft=draft, position=position).values_list("file__sha256", flat=True))
    for upload in uploads:
        sha256 = check_upload(upload).sha256
        if sha256 in present:
            continue
        if len(present) >= MAX_FILES:
            raise Refused(
                _("At most %(most)d files for each transfer.") % {"most": MAX_FILES},
                code="too_many_files", fields=(_file_field(position),),
            )  # fmt: skip
        file = receive_file(
            merchant=by.merchant, customer=draft.customer, upload=upload, purpose=StoredFile.Purpose.RECEIPT, by=by
        )
        DraftFile.objects.create(merchant=by.merchant, draft=draft, file=file, position=position)
        present.append(sha256)


def _file_field(position: int) -> str:
    """The form's field to which files at this position belong."""
    return f"w-{position - VOUCHER_FILES - 1}-receipt" if position > VOUCHER_FILES else f"t-{position - 1}-receipt"


def _known_only(data: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Texts of the form's own fields, none longer than a field may be; NUL cannot be stored."""
    kept: dict[str, list[str]] = {}
    for name, values in list(data.items())[:MOST_VALUES]:
        if KNOWN_NAMES.fullmatch(name):
            several = [values] if isinstance(values, str) else list(values)
            kept[name] = [str(value).replace("\x00", "")[:LONGEST_TEXT] for value in several[:MOST_VALUES]]
    return kept
