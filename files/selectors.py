"""Reads of the files room: who may see which file, and which files show the same picture."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.actors import Actor
from files.models import StoredFile

# Receipts of one bank that are different are 64 bits or more apart; resized or recompressed ones at most 12.
SIMILAR_BITS = 30
# The newest this many are compared: some hundredths of a second in the database, years of a merchant's receipts.
MOST_COMPARED = 50_000
MOST_SHOWN = 20


def files_for(actor: Actor | None) -> QuerySet[StoredFile]:
    """Files that `actor` may see: staff those of their merchant, contacts who report or use tickets those of their customer."""
    files = StoredFile.objects.order_by("-pk")
    if actor is None:
        return files.none()
    files = files.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return files
    contact = actor.contact
    if contact is None or not (contact.can_report or contact.can_use_tickets):
        return files.none()
    return files.filter(customer_id=contact.customer_id)


def file_for(actor: Actor | None, key: uuid.UUID) -> StoredFile:
    """The file with that key, or 404: another's file and a file that never was look the same."""
    file = files_for(actor).filter(key=key).first()
    if file is None:
        raise Http404
    return file


def same_picture_as(actor: Actor, file: StoredFile) -> list[StoredFile]:
    """Other files of the merchant with the very same bytes, newest first. For staff: a customer learns nothing of others."""
    if not actor.is_staff and not actor.is_system:
        return []
    return list(files_for(actor).filter(sha256=file.sha256).exclude(pk=file.pk)[:MOST_SHOWN])


def similar_pictures(actor: Actor, file: StoredFile, at_most: int = SIMILAR_BITS) -> list[StoredFile]:
    """Other files of the merchant that look the same (hash at most `at_most` of 1024 bits away) without being the same bytes.

    Nearest first, each with its distance as `.bits_apart`. For staff. Crops and rotations are not found.
    """
    if not file.perceptual_hash or not (actor.is_staff or actor.is_system):
        return []
    return list(
        StoredFile.objects.raw(
            """
            SELECT * FROM (
                SELECT near.*, bit_count(('x' || near.perceptual_hash)::bit(1024) # ('x' || %s)::bit(1024)) AS bits_apart
                FROM (
                    SELECT * FROM files_storedfile
                    WHERE merchant_id = %s AND perceptual_hash <> '' AND sha256 <> %s AND id <> %s
                    ORDER BY id DESC LIMIT %s
                ) AS near
            ) AS compared
            WHERE bits_apart <= %s ORDER BY bits_apart, id DESC LIMIT %s
            """,
            [file.perceptual_hash, actor.merchant.pk, file.sha256, file.pk, MOST_COMPARED, at_most, MOST_SHOWN],
        )
    )


def unprepared(merchant_id: int) -> int:
    """How many files of a merchant still wait for their copies."""
    return StoredFile.objects.filter(Q(merchant_id=merchant_id), state=StoredFile.State.RECEIVED).count()
