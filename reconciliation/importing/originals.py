"""The files as the bank gave them, kept privately and never served: `statements/<merchant>/<day>/<random>`."""

from __future__ import annotations

import datetime as dt
import secrets
from io import BytesIO

from django.core.files.storage import default_storage

from files.storage import drop, keep, storage_errors

__all__ = ["drop", "keep_original", "read_original", "storage_errors"]


def keep_original(merchant_id: int, day: dt.date, content: bytes) -> str:
    """Keep `content` and give back its name. Raises one of `storage_errors()`."""
    name = f"statements/{merchant_id}/{day.isoformat()}/{secrets.token_urlsafe(24)}"
    keep(name, BytesIO(content))
    return name


def read_original(name: str) -> bytes:
    """The bytes of a file that was kept. Raises one of `storage_errors()`."""
    with default_storage.open(name) as kept:
        content: bytes = kept.read()
    return content
