"""Writes of the files room: receive an upload, prepare its copies, note who looked, sweep what nobody owns."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from typing import BinaryIO

import structlog
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Merchant
from files.checks import check_upload, refusal
from files.limited import ChildInterrupted, Prepared, drawn_logo, prepared_copies
from files.models import FileView, StoredFile
from files.storage import days_before, drop, keep, new_copies_prefix, new_raw_name, raw_names, storage_errors

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
MOST_PAGES = 32_767

# What nobody owns is deleted after a day (a request may still hold it) and looked for during two weeks.
ORPHAN_DAYS = (2, 14)
FORGOTTEN_AFTER = timedelta(minutes=15)
MOST_FORGOTTEN = 500


def logo_from(upload: UploadedFile[bytes]) -> bytes:
    """A small PNG of our own drawn from an upload, in the limited child; nothing is kept. Raises `Refused` about `logo`."""
    try:
        checked = check_upload(upload)
        with tempfile.TemporaryFile() as raw:
            shutil.copyfileobj(upload, raw)
            raw.seek(0)
            drawn, code = drawn_logo(raw, checked.detected_type)
        if code:
            raise refusal(code)
    except Refused as refused:
        raise Refused(refused.message, code=refused.code, fields=("logo",)) from None
    return drawn


def receive_file(
    *, merchant: Merchant, customer: Customer | None, upload: UploadedFile[bytes], purpose: StoredFile.Purpose, by: Actor
) -> StoredFile:
    """Keep an upload privately and have its copies made by a job. Nothing is decoded here.

    `customer` is whose file it is: their contacts may see it. None is for staff alone (attachments of internal notes).
    Raises `Refused` (codes of `files.reasons`) for what is empty, too large or of another type, and `storage` when the bytes
    cannot be kept; `NotAllowed` for whom the customer is none of theirs. Inside a transaction of the caller, row and job go with
    it; the bytes of one that is rolled back are swept up.
    """
    by.require(_may_send(merchant, customer, by))
    checked = check_upload(upload)
    raw_name = new_raw_name(merchant.pk, timezone.now().date())
    try:
        keep(raw_name, upload)
    except storage_errors() as error:
        log.error("upload_not_kept", error=type(error).__name__)
        drop(raw_name)
        raise refusal("storage") from error
    with transaction.atomic():
        file = StoredFile.objects.create(
            merchant=merchant,
            customer=customer,
            purpose=purpose,
            original_name=checked.name,
            claimed_type=(upload.content_type or "")[:100],
            detected_type=checked.detected_type,
            size=checked.size,
            sha256=checked.sha256,
            raw_name=raw_name,
            copies_prefix=new_copies_prefix(merchant.pk),
            uploaded_by=by.user,
        )
        _defer_processing(file.pk)
    return file


def _may_send(merchant: Merchant, customer: Customer | None, by: Actor) -> bool:
    """Staff who write, for any customer of their merchant; contacts who report or use tickets, for their own."""
    if by.merchant.pk != merchant.pk or (customer is not None and customer.merchant_id != merchant.pk):
        return False
    if by.can_write_messages:
        return True
    contact = by.contact
    if contact is None or customer is None or contact.customer_id != customer.pk:
        return False
    return contact.can_report or contact.can_use_tickets


def _defer_processing(file_id: int) -> None:
    """One waiting job a file. The name, not the function: jobs call services, so services cannot import jobs."""
    waiting = f"files.process_file/{file_id}"
    try:
        with transaction.atomic():
            app.configure_task("files.jobs.process_file", lock=waiting, queueing_lock=waiting).defer(file_id=file_id)
    except AlreadyEnqueued:
        return


def process_stored_file(*, file_id: int) -> None:
    """Make the copies of a file that was received; again for the same file it does nothing.

    A file that cannot be decoded, breaks a limit or kills its child is refused with a code. Raises what the storage raises, and
    `ChildInterrupted` while attempts are left: the job tries again later.
    """
    file = StoredFile.objects.filter(pk=file_id, state=StoredFile.State.RECEIVED).first()
    if file is None:
        return
    if file.attempts >= MAX_ATTEMPTS:
        _finish_refused(file, "too_heavy")
        return
    with tempfile.TemporaryFile() as raw:
        with default_storage.open(file.raw_name) as kept:
            shutil.copyfileobj(kept, raw)
        raw.seek(0)
        StoredFile.objects.filter(pk=file.pk).update(attempts=F("attempts") + 1)
        _prepare(file, raw)


def _prepare(file: StoredFile, raw: BinaryIO) -> None:
    try:
        with prepared_copies(raw, file.detected_type) as prepared:
            if prepared.code:
                log.info("file_refused", file=file.pk, reason=prepared.code, detail=prepared.detail)
                _finish_refused(file, prepared.code)
                return
            for name in prepared.names():
                with (prepared.directory / name).open("rb") as copy:
                    keep(f"{file.copies_prefix}/{name}", copy)
            _finish_ready(file, prepared)
    except ChildInterrupted:
        if file.attempts + 1 < MAX_ATTEMPTS:
            raise
        log.warning("file_given_up", file=file.pk)
        _finish_refused(file, "too_heavy")


def _finish_ready(file: StoredFile, prepared: Prepared) -> None:
    StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.RECEIVED).update(
        state=StoredFile.State.READY,
        page_count=min(prepared.page_count, MOST_PAGES),
        width=prepared.width,
        height=prepared.height,
        perceptual_hash=prepared.perceptual_hash or "",
        processed_at=timezone.now(),
    )


def _finish_refused(file: StoredFile, code: str) -> None:
    StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.RECEIVED).update(
        state=StoredFile.State.REFUSED, refused_code=code, processed_at=timezone.now()
    )


def note_view(*, file: StoredFile, by: Actor) -> None:
    """Write down that a member of staff looked at a customer's file. Customers looking at their own are not noted."""
    if by.is_staff:
        FileView.objects.create(merchant_id=file.merchant_id, file=file, user=by.user)


def sweep_orphans() -> int:
    """Delete raw bytes that no row knows (their transaction was rolled back); how many."""
    days = days_before(timezone.now().date(), first=ORPHAN_DAYS[0], last=ORPHAN_DAYS[1])
    dropped = 0
    for merchant_id in Merchant.objects.values_list("pk", flat=True):
        names = raw_names(merchant_id, days)
        known = set(StoredFile.objects.filter(raw_name__in=names).values_list("raw_name", flat=True))
        for name in names:
            if name not in known:
                drop(name)
                dropped += 1
    return dropped


def requeue_forgotten() -> int:
    """Defer again what was received and never prepared (the storage was away for longer than the retries); how many."""
    forgotten = StoredFile.objects.filter(
        state=StoredFile.State.RECEIVED, created_at__lt=timezone.now() - FORGOTTEN_AFTER
    ).order_by("created_at")[:MOST_FORGOTTEN]
    for file in forgotten:
        _defer_processing(file.pk)
    return len(forgotten)
