"""Which uploaded files a report may take as receipts: the customer's own, and each in one report only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from files.checks import MAX_FILES
from files.models import StoredFile
from reports.content import ReportContent
from reports.findings import Findings
from reports.models import Receipt


def files_of(customer: Customer, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, StoredFile]:
    """Key → file, of this customer's receipts only."""
    wanted = set(keys)
    if not wanted:
        return {}
    found = StoredFile.objects.filter(
        merchant=customer.merchant_id, customer=customer, purpose=StoredFile.Purpose.RECEIPT, key__in=wanted
    )
    return {file.key: file for file in found}


def check_files(customer: Customer, content: ReportContent, findings: Findings, report_id: int | None) -> None:
    """Find keys that name no file of this customer, and files that another report has. A picture that turned out bad is fine."""
    keys = content.file_keys
    if not keys:
        return
    known = files_of(customer, keys)
    used = Receipt.objects.filter(file__in=[file.pk for file in known.values()])
    if report_id is not None:
        used = used.exclude(report_id=report_id, until_revision__isnull=True)
    taken = set(used.values_list("file__key", flat=True))
    placed = [
        *((f"t-{place}-receipt", transfer.file_keys) for place, transfer in enumerate(content.transfers)),
        *((f"w-{place}-receipt", voucher.file_keys) for place, voucher in enumerate(content.withholdings)),
    ]
    for field, own in placed:
        if len(own) > MAX_FILES:
            findings.problem(
                "too_many_files", field,
                ngettext("At most %(most)d file for each transfer.", "At most %(most)d files for each transfer.", MAX_FILES)
                % {"most": MAX_FILES},
            )  # fmt: skip
        if any(key not in known for key in own) or len(set(keys)) != len(keys):
            findings.problem("file_unknown", field, _("We no longer have this receipt. Choose the file again."))
        elif any(key in taken for key in own):
            findings.problem("file_used", field, _("This file belongs to a report that was sent already. Choose the file again."))
