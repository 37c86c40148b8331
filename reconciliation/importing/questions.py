"""What a waiting file asks of a person before it may come in together with others; pure, from what its reading stored."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from reconciliation.importing.facts import Neighbour, joined
from reconciliation.models import StatementImport

State = StatementImport.State
# What nobody has brought in or put away, and no job is at.
WAITING = (State.ASKING, State.REFUSED, State.HELD, State.PREVIEW)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Why a file waits for its own page; worded by `import_words.question_in_words`."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


def in_order(made: StatementImport) -> tuple[int, dt.date, int]:
    """Files of an account by their days, so that each comes in after the one that it goes on from."""
    return (made.account_id or 0, made.first_day or dt.date.max, made.pk)


def questions_of(files: Iterable[StatementImport], open_rows: Mapping[int, int]) -> dict[int, list[Question]]:
    """What each of these files asks, none when it may come in. `open_rows`: how many rows of a file nobody has decided.

    A file that goes on from another of them, which asks nothing and comes in before it, need not ask what is missing before it.
    """
    found: dict[int, list[Question]] = {}
    coming: dict[int | None, list[StatementImport]] = defaultdict(list)
    bytes_coming: dict[str, StatementImport] = {}
    for made in sorted(files, key=in_order):
        before, twin = coming[made.account_id], bytes_coming.get(made.sha256)
        asked = [*_of_itself(made, open_rows.get(made.pk, 0)), *_of_neighbours(made, before)]
        if twin is not None and twin.account_id != made.account_id:
            asked.append(Question(code="twin", data={"account": str(twin.account)}))
        found[made.pk] = asked
        if not asked:
            before.append(made)
            bytes_coming[made.sha256] = made
    return found


def _of_itself(made: StatementImport, rows: int) -> list[Question]:
    if made.state == State.ASKING:
        return [Question(code="asking")]
    # Also of a preview: it was to come in, and could not be read again.
    if made.refusal:
        return [Question(code="refused", data=made.refusal)]
    asked = [Question(code="same")] if made.same_as_id else []
    asked += [Question(code="problem", data=each) for each in made.problems if each["code"] != "continuity"]
    overlap = made.facts.get("overlap")
    if overlap and not overlap["lines"]:
        asked.append(Question(code="unknown_days", data={"from": overlap["from"], "to": overlap["to"]}))
    return [*asked, Question(code="rows", data={"count": rows})] if rows else asked


def _of_neighbours(made: StatementImport, before: Sequence[StatementImport]) -> list[Question]:
    """What the days before it ask. `before`: files of the account that come in first."""
    problem: Any = next((each for each in made.problems if each["code"] == "continuity"), None)
    gap = made.facts.get("gap")
    if made.first_day and before:
        shared = next((each for each in before if each.last_day and each.last_day >= made.first_day), None)
        if shared is not None:
            return [Question(code="shares", data={"name": shared.file_name})]
        last = max((_neighbour(each) for each in before), key=lambda each: each.last_day)
        previous = (made.facts.get("previous") or {}).get("to", "")
        if "overlap" not in made.facts and last.last_day.isoformat() > previous:
            said, contradiction = joined(last, made.first_day, made.opening)
            gap = said.get("gap")
            problem = asdict(contradiction) if contradiction else None
    asked = [Question(code="problem", data=problem)] if problem else []
    return [*asked, Question(code="gap", data=gap)] if gap else asked


def _neighbour(made: StatementImport) -> Neighbour:
    days = (made.first_day or dt.date.min, made.last_day or dt.date.min)
    return Neighbour(pk=made.pk, first_day=days[0], last_day=days[1], closing=made.closing)
