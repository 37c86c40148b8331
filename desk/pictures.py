"""What is known of receipts as pictures: the very same, or nearly the same, in another report. Facts, no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from desk.requests import Member
from files.models import StoredFile
from files.selectors import similar_pictures
from reports.models import Receipt
from reports.view import ReportView
from tickets.models import Ticket

MOST_COMPARED = 10


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Other tickets with the same bytes (`same`) or with nearly the same picture (`alike`) as one file."""

    file: StoredFile
    same: Sequence[Ticket] = field(default=())
    alike: Sequence[Ticket] = field(default=())

    @property
    def is_new(self) -> bool:
        return not self.same and not self.alike


def seen_before(member: Member, view: ReportView) -> dict[int, Seen]:
    """File → where it was seen, for the current receipts. One query, and one more for each picture that can be compared."""
    files = [receipt.file for receipt in view.receipts]
    if not files:
        return {}
    alike = {file.pk: [near.pk for near in similar_pictures(member.actor, file)] for file in files[:MOST_COMPARED]}
    near_keys = {pk for keys in alike.values() for pk in keys}
    like = Q(file__sha256__in=[file.sha256 for file in files]) | Q(file__in=near_keys)
    found = (
        Receipt.objects.filter(like, merchant=member.merchant)
        .exclude(report=view.report)
        .select_related("file", "report__ticket__customer")
        .order_by("-pk")[:50]
    )
    others = list(found)
    return {
        file.pk: Seen(
            file=file,
            same=_tickets(each for each in others if each.file.sha256 == file.sha256),
            alike=_tickets(each for each in others if each.file_id in alike.get(file.pk, ())),
        )
        for file in files
    }


def _tickets(receipts: object) -> list[Ticket]:
    tickets = {each.report.ticket_id: each.report.ticket for each in receipts}  # type: ignore[attr-defined]
    return list(tickets.values())[:5]
