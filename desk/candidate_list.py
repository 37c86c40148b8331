"""Deposits to choose from, by transfer: what the matching proposes, what a search found, and what is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from banking.money import UnreadableAmount, parse_amount
from desk.requests import Member
from reconciliation.models import StatementLine
from reconciliation.selectors import Candidate, LineFilters, candidates_for, lines_for
from reconciliation.selectors.preview import lines_with_evidence
from reconciliation.services import MatchChoice
from reconciliation.words import Evidence
from reports.models import Transfer
from reports.view import ReportView

MOST_FOUND = 10


@dataclass(frozen=True, kw_only=True)
class Option:
    """One line to choose. `strength` is empty for what nobody proposed: a person picked it."""

    line: StatementLine
    free: Decimal
    strength: str
    evidence: Sequence[Evidence]
    is_chosen: bool

    @property
    def is_part(self) -> bool:
        """Whether something of the deposit is used already."""
        return self.free != self.line.amount


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """One transfer with its options. `search` is what was searched for, None while nobody searches here."""

    transfer: Transfer
    options: Sequence[Option]
    chosen: int | None
    search: str | None = None
    found: int = 0

    @property
    def field(self) -> str:
        return f"line-{self.transfer.pk}"

    @property
    def proposed(self) -> int:
        """How many the matching proposes."""
        return sum(bool(option.strength) for option in self.options)


def preselected(candidates: Sequence[Candidate]) -> dict[int, int]:
    """Transfer → the line that stands out: strong, alone so, and not the best of two transfers."""
    strong: dict[int, list[int]] = {}
    for candidate in candidates:
        if candidate.strength == "strong":
            strong.setdefault(candidate.transfer.pk, []).append(candidate.line.pk)
    alone = {transfer: lines[0] for transfer, lines in strong.items() if len(lines) == 1}
    return {transfer: line for transfer, line in alone.items() if list(alone.values()).count(line) == 1}


def options_for(
    member: Member,
    view: ReportView,
    typed: Mapping[int, int | None] | None,
    *,
    settled: frozenset[int] = frozenset(),
    search_in: int | None = None,
    search: str = "",
) -> list[Choosing]:
    """Each undecided transfer with its deposits. `typed` is what the person chose (None: nothing yet, so what stands out is).

    Five queries and, while somebody searches, three more.
    """
    candidates = candidates_for(member.actor, view.ticket)
    chosen = preselected(candidates) if typed is None else {key: line for key, line in typed.items() if line is not None}
    transfers = [transfer for transfer in view.transfers if transfer.pk not in settled]
    proposed = {(each.transfer.pk, each.line.pk) for each in candidates}
    found: list[StatementLine] = []
    searched = next((transfer for transfer in transfers if transfer.pk == search_in), None)
    if searched is not None:
        found = list(lines_for(member.actor, _wanted(searched, search)).rows)[:MOST_FOUND]
    picked = [(transfer, chosen[transfer.pk]) for transfer in transfers if transfer.pk in chosen]
    picked += [(searched, line.pk) for line in found] if searched else []
    extra = lines_with_evidence(member.actor, [pair for pair in dict.fromkeys(picked) if (pair[0].pk, pair[1]) not in proposed])
    lists = []
    for transfer in transfers:
        choice = chosen.get(transfer.pk)
        options = [
            _option(each.line, each.free, each.strength, each.evidence, choice)
            for each in candidates
            if each.transfer.pk == transfer.pk
        ]
        options += [
            _option(line, line.balance.free, "", evidence, choice)
            for (transfer_id, _key), (line, evidence) in extra.items()
            if transfer_id == transfer.pk
        ]
        here = searched is not None and searched.pk == transfer.pk
        known = choice if any(option.line.pk == choice for option in options) else None
        lists.append(
            Choosing(transfer=transfer, options=options, chosen=known, search=search if here else None, found=len(found))
        )
    return lists


def choices_of(lists: Sequence[Choosing]) -> list[MatchChoice]:
    """What is chosen, for the services."""
    return [MatchChoice(transfer_id=each.transfer.pk, line_id=each.chosen) for each in lists if each.chosen is not None]


def _option(line: StatementLine, free: Decimal, strength: str, evidence: Sequence[Evidence], chosen: int | None) -> Option:
    return Option(line=line, free=free, strength=strength, evidence=evidence, is_chosen=line.pk == chosen)


def _wanted(transfer: Transfer, search: str) -> LineFilters:
    """An amount when it reads as one with a decimal sign, else words and references."""
    text = search.strip()
    if "," in text or "." in text:
        try:
            return LineFilters(account_id=transfer.account_id, use="free", amount=parse_amount(text, transfer.currency))
        except UnreadableAmount:
            pass
    return LineFilters(account_id=transfer.account_id, use="free", text=text)
