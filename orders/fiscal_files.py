"""Files of another system's fiscal documents: a PDF and an XML, kept privately as they came, byte for byte.

They are looked at no further than to know that they are what they say: a signature must stay good, so nothing is re-encoded;
they are given out as downloads alone, in a sandbox.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

import structlog
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts.errors import Refused
from files.storage import drop, keep, storage_errors
from orders.models import FiscalFile

log = structlog.get_logger(__name__)

CONTENT_TYPES: dict[str, str] = {FiscalFile.Kind.PDF: "application/pdf", FiscalFile.Kind.XML: "application/xml"}
LARGEST: dict[str, int] = {FiscalFile.Kind.PDF: 10 * 1024 * 1024, FiscalFile.Kind.XML: 2 * 1024 * 1024}


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A file that is what it says, not yet kept."""

    kind: str
    content: bytes


def check_file(kind: str, upload: UploadedFile[bytes]) -> CheckedFile:
    """The bytes of an upload. Raises `Refused`: `empty`, `too_large`, `not_pdf`, `not_xml`."""
    if (upload.size or 0) > LARGEST[kind]:
        size = LARGEST[kind] // 1024 // 1024
        raise Refused(_("The file is larger than %(size)d MB.") % {"size": size}, code="too_large", fields=(kind,))
    upload.seek(0)
    content = upload.read(LARGEST[kind] + 1)
    if not content:
        raise Refused(_("The file is empty."), code="empty", fields=(kind,))
    if kind == FiscalFile.Kind.PDF and b"%PDF-" not in content[:1024]:
        raise Refused(_("This is no PDF file."), code="not_pdf", fields=(kind,))
    if kind == FiscalFile.Kind.XML and not _is_plain_xml(content):
        raise Refused(_("This is no XML file, or one that declares a document type."), code="not_xml", fields=(kind,))
    return CheckedFile(kind=kind, content=content)


class _Declares(Exception):
    """A document type: entities and addresses that whoever opens the file would follow."""


def _is_plain_xml(content: bytes) -> bool:
    """Well-formed, without a document type. Nothing is built and nothing is fetched."""

    def refuse(*_arguments: object) -> None:
        raise _Declares

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (_Declares, expat.ExpatError, ValueError, LookupError):
        return False
    return True


def keep_file(merchant_id: int, day: dt.date, checked: CheckedFile) -> FiscalFile:
    """Keep the bytes and give back the row, unsaved and without its document. Raises `Refused(storage)`."""
    place = f"fiscal/{merchant_id}/{day.isoformat()}/{secrets.token_urlsafe(24)}"
    try:
        keep(place, BytesIO(checked.content))
    except storage_errors() as error:
        log.error("fiscal_file_not_kept", error=type(error).__name__)
        drop(place)
        raise Refused(_("The file cannot be kept just now. Try again in a few minutes."), code="storage") from error
    digest = hashlib.sha256(checked.content).hexdigest()
    return FiscalFile(merchant_id=merchant_id, kind=checked.kind, place=place, size=len(checked.content), sha256=digest)


def read_file(file: FiscalFile) -> bytes:
    """The bytes as they came. Raises one of `files.storage.storage_errors()`."""
    with default_storage.open(file.place) as kept:
        content: bytes = kept.read()
    return content
