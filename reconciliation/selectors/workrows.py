"""The rows of the workbench: movements left, reports right, and in words between them why they belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Customer, Merchant
from banking.money import format_money
from reconciliation.doubts import reason_composed, reason_not_automatic
from reconciliation.models import DepositOffer, IgnoredLine, Match, PayerGroup, Proposal, ProposalPart, StatementLine
from reconciliation.selectors.offers import live_offers
from reconciliation.selectors.payers import live_groups
from reconciliation.selectors.runs import facts_of
from reconciliation.words import Evidence, tell
from reports.models import Allocation, Transfer, Withholding

MOST_FACTS = 3


@dataclass(frozen=True, kw_only=True)
class LineSide:
    """A movement, and how much of it the row speaks of."""

    line: StatementLine
    amount: Decimal

    @property
    def is_part(self) -> bool:
        return self.amount != abs(self.line.amount)


@dataclass(frozen=True, kw_only=True)
class ReportSide:
    """A transfer of a report. `orders` counts what the report pays."""

    transfer: Transfer
    orders: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. `evidence` says why (or why not); `doubt` colours its edge: `sure`, `doubt` or `none`."""

    key: str
    lines: Sequence[LineSide] = ()
    reports: Sequence[ReportSide] = ()
    evidence: Sequence[Evidence] = ()
    doubt: str = "none"
    proposal: Proposal | None = None
    ignored: IgnoredLine | None = None
    offer: DepositOffer | None = None
    matches: Sequence[Match] = ()
    parts: Sequence[Part] = field(default=())

    @property
    def is_reserved(self) -> bool:
        """Whether money of it waits to be settled, as for a second signature."""
        return any(match.state == Match.State.RESERVED for match in self.matches)

    @property
    def customers(self) -> list[Customer]:
        """Whose reports these are, each once."""
        found = {each.transfer.report.customer_id: each.transfer.report.customer for each in self.reports}
        return list(found.values())

    @property
    def amount(self) -> Decimal:
        """What the movements bring; of a report without any, what it declares."""
        sides: Sequence[LineSide | ReportSide] = self.lines or self.reports
        return sum((each.amount for each in sides), Decimal(0))

    @property
    def currency(self) -> str:
        return self.lines[0].line.currency if self.lines else self.reports[0].transfer.currency

    @property
    def is_group(self) -> bool:
        return len(self.lines) > 1 or len(self.reports) > 1

    @property
    def line_ids(self) -> list[int]:
        return [each.line.pk for each in self.lines]

    @property
    def transfer_ids(self) -> list[int]:
        return [each.transfer.pk for each in self.reports]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One pair of a proposal with everything that is known about it, for the page that compares."""

    line: LineSide
    report: ReportSide
    evidence: Sequence[Evidence]


@dataclass(frozen=True, kw_only=True)
class Composition:
    """What a report's payment is made of besides its deposits: surcharges by transfer, vouchers, and what its orders get."""

    surcharges: Sequence[Transfer]
    vouchers: Sequence[Withholding]
    to_orders: Decimal
    currency: str


def composition_of(reports: Sequence[ReportSide]) -> list[Composition]:
    """Of each report that a surcharge or a voucher belongs to, the composition. Three queries, whatever their number."""
    own = {each.transfer.report_id: each.transfer.report for each in reports}
    current = {"report__in": list(own), "until_revision__isnull": True}
    surcharged = list(Transfer.objects.filter(**current, surcharge__gt=0).select_related("method"))
    vouchers = list(Withholding.objects.filter(**current).select_related("kind"))
    sums = Allocation.objects.filter(**current).order_by().values_list("report_id").annotate(sum=Sum("amount"))
    allocated: dict[int, Decimal] = dict(sums)
    composed = {each.report_id for each in surcharged} | {each.report_id for each in vouchers}
    return [
        Composition(
            surcharges=[each for each in surcharged if each.report_id == pk],
            vouchers=[each for each in vouchers if each.report_id == pk],
            to_orders=allocated.get(pk, Decimal(0)),
            currency=report.currency,
        )
        for pk, report in own.items()
        if pk in composed
    ]


def proposal_rows(merchant: Merchant, proposals: Sequence[Proposal]) -> list[Row]:
    """Rows of proposals. Two queries, whatever their number, two more for facts that a large run did not store, and one for who
    pays where reports of several customers stand together.
    """
    parts: dict[int, list[ProposalPart]] = {proposal.pk: [] for proposal in proposals}
    fetched = ProposalPart.objects.filter(proposal__in=list(parts)).select_related(
        "line__balance", "transfer__report__ticket__claimed_by", "transfer__report__customer"
    )
    for part in fetched.order_by("pk"):
        parts[part.proposal_id].append(part)
    orders = orders_of(part.transfer for each in parts.values() for part in each)
    facts = facts_of(merchant, proposals)
    across = {pk for own in parts.values() if len(pks := {part.transfer.report.customer_id for part in own}) > 1 for pk in pks}
    payers = live_groups(merchant, across) if across else {}
    return [
        _proposal_row(proposal, parts[proposal.pk], facts.get(proposal.pk, []), orders, payers)
        for proposal in proposals
        if parts[proposal.pk]
    ]


def _proposal_row(
    proposal: Proposal,
    parts: Sequence[ProposalPart],
    stored: list[list[dict[str, Any]]],
    orders: Mapping[int, int],
    payers: Mapping[int, PayerGroup],
) -> Row:
    lines: dict[int, LineSide] = {}
    reports: dict[int, ReportSide] = {}
    told = []
    for part, facts in zip(parts, [*stored, *([] for _part in parts)], strict=False):
        before = lines.get(part.line_id)
        lines[part.line_id] = LineSide(line=part.line, amount=part.amount + (before.amount if before else 0))
        reports[part.transfer_id] = ReportSide(
            transfer=part.transfer, orders=orders.get(part.transfer.report_id, 0), amount=part.transfer.amount
        )
        own = LineSide(line=part.line, amount=part.amount)
        # In a group an amount speaks for the sum, never for a part.
        said = [tell(fact) for fact in facts if len(parts) == 1 or fact["kind"] != "amount"]
        told.append(Part(line=own, report=reports[part.transfer_id], evidence=said))
    row = Row(key=f"p{proposal.pk}", lines=list(lines.values()), reports=list(reports.values()), proposal=proposal, parts=told)
    evidence = [*(_of_group(row, payers) if row.is_group else ()), *_telling(told, is_group=row.is_group)]
    differs = any(each.mark == "differs" for each in evidence)
    sure = not differs and evidence[:1] and not proposal.why_not
    shown = evidence[:MOST_FACTS]
    if proposal.why_not and not row.is_group and not any(each.mark == "differs" for each in shown):
        shown.append(Evidence(kind="doubt", mark="doubt", text=_doubt(proposal.why_not[0], parts), weight=0.0))
    return Row(**{**row.__dict__, "evidence": shown, "doubt": "sure" if sure else "doubt"})


def _doubt(code: str, parts: Sequence[ProposalPart]) -> str:
    """The sentence of a row. What is composed and pays no surcharge has a voucher; nothing is fetched to say so."""
    if code != "composed":
        return reason_not_automatic(code)
    has_surcharge = any(part.transfer.surcharge for part in parts)
    return reason_composed(has_surcharge=has_surcharge, has_voucher=not has_surcharge)


def _telling(parts: Sequence[Part], *, is_group: bool) -> list[Evidence]:
    """The facts that say most, each once."""
    seen: dict[str, Evidence] = {}
    for part in parts:
        for fact in part.evidence:
            if not (is_group and fact.kind == "amount"):
                seen.setdefault(fact.text, fact)
    said = [fact for fact in seen.values() if fact.weight or fact.kind == "reference"]
    first = {"reference": 0, "amount": 1}
    return sorted(said, key=lambda fact: (first.get(fact.kind, 2), -abs(fact.weight)))


def _of_group(row: Row, payers: Mapping[int, PayerGroup]) -> list[Evidence]:
    """What a group is, and whether its sums agree."""
    declared = sum((each.amount for each in row.reports), Decimal(0))
    off = declared - row.amount
    if len(row.reports) > 1:
        count = len(row.reports)
        whole = ngettext("Exact sum of %(count)d report", "Exact sum of %(count)d reports", count) % {"count": count}
        shape = _("One deposit, %(count)d reports") % {"count": count}
    else:
        count = len(row.lines)
        whole = ngettext("Exact sum of %(count)d deposit", "Exact sum of %(count)d deposits", count) % {"count": count}
        shape = _("%(count)d deposits, one report") % {"count": count}
    if off:
        money = format_money(abs(off), row.currency, get_language() or "es")
        whole = (_("%(money)s less than reported") if off > 0 else _("%(money)s more than reported")) % {"money": money}
    amount = Evidence(kind="amount", mark="differs" if off else "agrees", text=whole, weight=0.0)
    said = [amount, Evidence(kind="group", mark="doubt", text=shape, weight=0.0)]
    if len(row.customers) > 1:
        said.insert(1, payer_of(row.customers, payers))
    return said


def payer_of(customers: Sequence[Customer], payers: Mapping[int, PayerGroup]) -> Evidence:
    """Who pays for these customers, or that nobody said so. `payers`: customer → live group."""
    groups = {payers.get(each.pk) for each in customers}
    group = next(iter(groups)) if len(groups) == 1 else None
    if group is not None:
        text = _("These customers belong to the payer group %(group)s") % {"group": group.name}
        return Evidence(kind="payer_group", mark="doubt", text=text, weight=0.0)
    names = ", ".join(each.name for each in customers)
    text = _("These reports belong to different customers: %(customers)s") % {"customers": names}
    return Evidence(kind="payer_group", mark="differs", text=text, weight=0.0)


def line_rows(lines: Sequence[StatementLine], *, bucket: str) -> list[Row]:
    """Rows of movements: of those that are done with their reports, of those set aside with the reason. At most four queries."""
    keys = [line.pk for line in lines]
    ignored: dict[int, IgnoredLine] = {}
    matches: dict[int, list[Match]] = {}
    if bucket == "ignored":
        live = IgnoredLine.objects.filter(line__in=keys, taken_back_at__isnull=True).select_related("rule", "by")
        ignored = {row.line_id: row for row in live}
    if bucket == "done":
        held = Match.objects.filter(line__in=keys).exclude(state=Match.State.RELEASED)
        for match in held.select_related("transfer__report__ticket", "transfer__report__customer", "settlement").order_by("pk"):
            matches.setdefault(match.line_id, []).append(match)
    orders = orders_of(match.transfer for each in matches.values() for match in each)
    rows = [_line_row(line, ignored.get(line.pk), matches.get(line.pk, []), orders) for line in lines]
    if bucket != "lines" or not lines:
        return rows
    offers = live_offers(lines[0].merchant_id, keys)
    return [replace(row, offer=offers.get(line.pk)) for row, line in zip(rows, lines, strict=True)]


def _line_row(line: StatementLine, ignored: IgnoredLine | None, matches: list[Match], orders: Mapping[int, int]) -> Row:
    reports = [
        ReportSide(transfer=match.transfer, orders=orders.get(match.transfer.report_id, 0), amount=match.amount)
        for match in matches
    ]
    own = LineSide(line=line, amount=line.balance.free if not matches and line.amount > 0 else abs(line.amount))
    parts = [
        Part(line=own, report=report, evidence=[tell(fact) for fact in match.evidence])
        for report, match in zip(reports, matches, strict=True)
    ]
    evidence = _telling(parts, is_group=len(parts) > 1)[:MOST_FACTS]
    doubt = "sure" if matches else "none"
    return Row(
        key=f"l{line.pk}", lines=[own], reports=reports, ignored=ignored, matches=matches, evidence=evidence, doubt=doubt
    )  # fmt: skip


def report_rows(transfers: Sequence[Transfer]) -> list[Row]:
    """Rows of reports without money. One query."""
    orders = orders_of(transfers)
    return [
        Row(
            key=f"t{transfer.pk}",
            reports=[ReportSide(transfer=transfer, orders=orders.get(transfer.report_id, 0), amount=transfer.amount)],
        )
        for transfer in transfers
    ]


def orders_of(transfers: Any) -> dict[int, int]:
    """Report → how many orders it pays. One query, none for nothing."""
    reports = {transfer.report_id for transfer in transfers}
    if not reports:
        return {}
    current = Allocation.objects.filter(report__in=reports, until_revision__isnull=True)
    return dict(current.values_list("report_id").annotate(count=Count("pk")))


def fetched_lines(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    return lines.select_related("balance")


def fetched_reports(transfers: QuerySet[Transfer]) -> QuerySet[Transfer]:
    return transfers.select_related("report__ticket", "report__customer")
