"""The state machine as documents show it, read from the code: `python -m tickets.diagram` rewrites `docs/states.md`.

A test fails when the page says something else than the machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"
BEGIN, END = "<!-- drawn from the code: begin -->", "<!-- drawn from the code: end -->"
Step = tuple[str, str, str]


def steps() -> list[Step]:
    """Every transition as (source, act, target), in the order of the states and then of the acts."""
    from tickets.models import State, Ticket

    order = {state.value: place for place, state in enumerate(State)}
    found = {
        (str(each.source), name, str(each.target))
        for name, method in Ticket._meta.get_field("state").transitions[Ticket].items()
        for each in method._django_fsm.transitions.values()
    }
    return sorted(found, key=lambda step: (order[step[0]], order[step[2]], step[1]))


def draw() -> str:
    """The part of the page between the marks: names, table and diagram."""
    from django.utils.translation import override

    from tickets.models import LIVE_STATES, State

    lines = [BEGIN, "", "| state | Spanish | English | live |", "|---|---|---|---|"]
    for state in State:
        with override("es"):
            spanish = str(state.label)
        with override("en"):
            english = str(state.label)
        lines.append(f"| `{state.value}` | {spanish} | {english} | {'yes' if state in LIVE_STATES else ''} |")
    lines += ["", "| from | act | to |", "|---|---|---|", f"| (new) | `open` | `{State.SUBMITTED.value}` |"]
    lines += [f"| `{source}` | `{act}` | `{target}` |" for source, act, target in steps()]
    lines += ["", "```mermaid", "stateDiagram-v2", f"    [*] --> {State.SUBMITTED.value}: open"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for source, act, target in steps():
        arrows.setdefault((source, target), []).append(act)
    lines += [f"    {source} --> {target}: {' / '.join(acts)}" for (source, target), acts in arrows.items()]
    lines += ["```", "", END]
    return "\n".join(lines)


def redraw(page: str) -> str:
    """The page with its drawn part made anew."""
    before, _begin, rest = page.partition(BEGIN)
    _drawn, _end, after = rest.partition(END)
    return before + draw() + after


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    PAGE.write_text(redraw(PAGE.read_text()))
    sys.stdout.write(f"{PAGE.name} drawn\n")
