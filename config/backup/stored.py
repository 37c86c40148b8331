"""Every private file that a row of the database names, and whether it is there as the row says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import Storage

from files.models import StoredFile
from files.storage import storage_errors
from orders.models import FiscalFile
from reconciliation.models import ExportFile, StatementImport

CHUNK = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Named:
    """A file in the storage: the row that names it, its name there, and its SHA-256; "" for a copy that we drew ourselves."""

    row: str
    name: str
    sha256: str


def named_files() -> Iterator[Named]:
    """What must be in the storage. A model that begins to keep files is added here; a test looks for it."""
    files = StoredFile.objects.exclude(state=StoredFile.State.ERASED).order_by("pk")
    for file in files.iterator():
        row = f"files_storedfile {file.pk}"
        yield Named(row=row, name=file.raw_name, sha256=file.sha256)
        if file.is_ready:
            for copy in ("thumb", *map(str, file.pages)):
                yield Named(row=row, name=file.copy_name(copy), sha256="")
    for pk, name, sha256 in FiscalFile.objects.order_by("pk").values_list("pk", "place", "sha256").iterator():
        yield Named(row=f"orders_fiscalfile {pk}", name=name, sha256=sha256)
    imports = StatementImport.objects.exclude(raw_name="").order_by("pk")
    for pk, name, sha256 in imports.values_list("pk", "raw_name", "sha256").iterator():
        yield Named(row=f"reconciliation_statementimport {pk}", name=name, sha256=sha256)
    ready = ExportFile.objects.filter(state=ExportFile.State.READY).order_by("pk")
    for pk, name in ready.values_list("pk", "place").iterator():
        yield Named(row=f"reconciliation_exportfile {pk}", name=name, sha256="")


def what_is_wrong(named: Named, storage: Storage) -> str:
    """ "" when `storage` holds the file as its row says; else "is missing", "is another" or "cannot be read"."""
    digest = hashlib.sha256()
    try:
        with storage.open(named.name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return "is missing"
    except storage_errors() as error:
        return f"cannot be read ({type(error).__name__})"
    if named.sha256 and digest.hexdigest() != named.sha256:
        return f"is another (SHA-256 {digest.hexdigest()}, the row says {named.sha256})"
    return ""


def audit_files(storage: Storage) -> Iterator[str]:
    """A sentence for each file that is not in `storage` as its row says."""
    for named in named_files():
        if wrong := what_is_wrong(named, storage):
            yield f"{named.row}: {named.name} {wrong}"
