"""A limit on what a request may send, kept while it arrives. Name it first in `FILE_UPLOAD_HANDLERS`.

Django reads a whole body before a form sees it, so a field's own limit comes too late for the disk. This handler lets one byte
more than the limit of a file through and drops the rest: the form says "too large" and keeps everything that was typed, while
a file of gigabytes takes ten megabytes. How many files one request may bring is `DATA_UPLOAD_MAX_NUMBER_FILES`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """Pass on at most `UPLOAD_MAX_BYTES` + 1 of each file."""

    passed = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.passed = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        kept = raw_data[: settings.UPLOAD_MAX_BYTES + 1 - self.passed]
        self.passed += len(kept)
        return kept or None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        return None
