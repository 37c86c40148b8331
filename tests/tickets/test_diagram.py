"""docs/states.md says what the machine does."""

from __future__ import annotations

import re

from letters.kinds import KINDS
from tickets.diagram import PAGE, redraw, steps
from tickets.models import State

SPANISH = (
    "Enviado", "En revisión", "Esperando al banco", "Falta un dato", "Segunda firma", "Verificado", "Rechazado", "Retirado",
    "Revertido",
)  # fmt: skip


def test_the_page_is_drawn_from_the_code() -> None:
    page = PAGE.read_text()
    assert page == redraw(page), "run: python -m tickets.diagram"


def test_the_page_says_of_every_act_who_may() -> None:
    told = set(re.findall(r"^\| `(\w+)` \| [^`|]*\w", PAGE.read_text(), re.MULTILINE))
    assert {act for _source, act, _target in steps()} | {"open"} <= told


def test_the_letters_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`(ticket_(?!state)\w+)`", PAGE.read_text()))
    assert named == {kind for kind in KINDS if kind.startswith("ticket_")}


def test_states_have_the_words_that_users_know() -> None:
    page = PAGE.read_text()
    for state, spanish in zip(State, SPANISH, strict=True):
        assert f"| `{state.value}` | {spanish} |" in page
