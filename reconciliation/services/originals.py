"""The bank's file as it came, for who has to look at it: handed out whole, and written down who took it."""

from __future__ import annotations

import structlog
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from reconciliation.importing.originals import read_original, storage_errors
from reconciliation.models import StatementDownload, StatementImport

log = structlog.get_logger(__name__)


def fetch_original(*, import_id: int, by: Actor) -> tuple[StatementImport, bytes]:
    """The import and the bytes that were sent. Raises `NotAllowed`, `Http404`, `Refused(storage)`."""
    by.require(by.can_decide)
    made = StatementImport.objects.filter(merchant=by.merchant, pk=import_id).exclude(raw_name="").first()
    if made is None:
        raise Http404
    try:
        content = read_original(made.raw_name)
    except storage_errors() as error:
        log.error("statement_not_found", error=type(error).__name__)
        raise Refused(_("The file cannot be fetched just now. Try again in a few minutes."), code="storage") from error
    StatementDownload.objects.create(merchant=by.merchant, statement_import=made, user=by.user)
    return made, content
