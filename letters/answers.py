"""Where answers to a letter go. A room above says so once, when the program starts; without it they go to the merchant's
support address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from letters.models import Letter


@dataclass(frozen=True, kw_only=True)
class AnswerPlace:
    """`address` takes answers to this letter, and to no other; `token` stands in `References`, for programs that lose the
    address."""

    address: str
    token: str


Finder = Callable[[Letter], AnswerPlace | None]
_finders: list[Finder] = []


def take_answers(finder: Finder) -> None:
    """Have `finder` asked for each letter that goes out."""
    _finders.append(finder)


def answer_place(letter: Letter) -> AnswerPlace | None:
    """Where answers to the letter are taken in; None when nobody does."""
    return next((place for finder in _finders if (place := finder(letter)) is not None), None)
