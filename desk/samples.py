"""The file on which somebody tries a bank's profile: kept privately for their session, and swept away within days.

It is no import: nothing reads it but the preview of whoever sent it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import timezone

from desk.requests import Member
from files.storage import drop, keep, new_raw_name, storage_errors
from reconciliation.models import StatementImport

IN_SESSION = "statement_samples"
MOST = 5


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A kept file: what its owner called it, where it lies, how many bytes it has. Of an import it is the import's own file."""

    name: str
    raw_name: str
    size: int
    import_id: int = 0


def sample_of(request: HttpRequest, account_id: int) -> Sample | None:
    """The file that this session tries for an account."""
    found = request.session.get(IN_SESSION, {}).get(str(account_id))
    return Sample(**found) if found else None


def keep_sample(request: HttpRequest, member: Member, account_id: int, upload: UploadedFile[bytes]) -> Sample:
    """Keep a file in place of the one before it. Raises what the storage raises."""
    content = upload.read()
    raw_name = new_raw_name(member.merchant.pk, timezone.now().date())
    keep(raw_name, BytesIO(content))
    forget_sample(request, account_id)
    sample = Sample(name=(upload.name or "-").replace("\x00", "")[-100:], raw_name=raw_name, size=len(content))
    _remember(request, account_id, sample)
    return sample


def try_import(request: HttpRequest, account_id: int, made: StatementImport) -> None:
    """Try the profile on a file that was sent to be imported: the import keeps it, we only read it."""
    forget_sample(request, account_id)
    sample = Sample(name=made.file_name, raw_name=made.raw_name, size=made.size, import_id=made.pk)
    _remember(request, account_id, sample)


def _remember(request: HttpRequest, account_id: int, sample: Sample) -> None:
    kept = {**request.session.get(IN_SESSION, {}), str(account_id): asdict(sample)}
    for oldest in list(kept)[:-MOST]:
        _drop(kept.pop(oldest))
    request.session[IN_SESSION] = kept


def _drop(kept: dict[str, Any]) -> None:
    if not kept.get("import_id"):
        drop(kept["raw_name"])


def forget_sample(request: HttpRequest, account_id: int) -> None:
    """Delete it, and the memory of it."""
    kept = dict(request.session.get(IN_SESSION, {}))
    found = kept.pop(str(account_id), None)
    if found:
        _drop(found)
        request.session[IN_SESSION] = kept


def content_of(sample: Sample) -> bytes | None:
    """Its bytes; None when the storage has it no longer, or does not answer."""
    try:
        with default_storage.open(sample.raw_name) as file:
            return bytes(file.read())
    except storage_errors():
        return None
