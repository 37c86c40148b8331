"""Regular expressions that people type into a profile: short, with one group, and none that can run for ever."""

from __future__ import annotations

import functools
import importlib
import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

LONGEST = 200
# More open repeats than this, one after the other, take too long even where each knows its end.
MOST_REPEATS = 6
# So many ways of dividing a text among a pattern's repeats and choices may be tried from each of its letters.
MOST_WAYS = 3000
# Only as much of a text is searched as is kept of it.
SEARCHED = 500

# What a letter can be, as far as two sets of letters are asked whether they meet; the last one stands for all other letters.
LETTERS = frozenset(map(chr, [*range(0x250), 0x3042]))
NO_LETTERS: frozenset[str] = frozenset()

_parser: Any = importlib.import_module("re._parser")


def pattern_error(pattern: object) -> str:
    """The code of what is wrong with a pattern, or nothing.

    `type`, `too_long`, `pattern` (does not compile), `pattern_group` (not exactly one group), `pattern_nested` (a repeat or a
    choice inside a repeat, too many repeats, or repeats that could divide a text in too many ways), `pattern_refused` (back
    references and looking around).
    """
    if not isinstance(pattern, str):
        return "type"
    if len(pattern) > LONGEST:
        return "too_long"
    if not pattern.isprintable():
        return "pattern"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            groups = re.compile(pattern).groups
            tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError, Warning):
        return "pattern"
    if groups != 1:
        return "pattern_group"
    found = list(_walk(tree, inside=False))
    if "refused" in found:
        return "pattern_refused"
    if "nested" in found or found.count("repeat") > MOST_REPEATS or _ways_of(tree) > MOST_WAYS:
        return "pattern_nested"
    return ""


def _walk(tree: Any, *, inside: bool) -> Any:
    for operation, argument in tree:
        name = str(operation)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            least, most, body = argument
            is_open = least != most
            if is_open:
                yield "nested" if inside else "repeat"
            yield from _walk(body, inside=inside or is_open or int(most) > 1)
        elif name == "BRANCH":
            if inside:
                yield "nested"
            for choice in argument[1]:
                yield from _walk(choice, inside=inside)
        elif name in {"SUBPATTERN", "ATOMIC_GROUP"}:
            if name == "SUBPATTERN" and (argument[1] or argument[2]):
                yield "flags"
            yield from _walk(argument[-1] if name == "SUBPATTERN" else argument, inside=inside)
        elif name in {"GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"}:
            yield "refused"


@dataclass(frozen=True)
class _Next:
    """What may come: with which letters it begins, whether it can be nothing at all, and whether that nothing can fail.

    `ways`: how many ways of dividing a text it tries before it gives up.
    """

    letters: frozenset[str] = NO_LETTERS
    can_be_empty: bool = False
    can_fail: bool = False
    ways: int = 1


def _ways_of(tree: Any) -> int:
    """How many ways of dividing one text are tried, at most, before a pattern without nested repeats gives up at one letter.

    A repeat that cannot go on where the next part begins has one way alone. Two that want the same letters, `.*.*`, have as many
    as there are places between them, and ways multiply.
    """
    folds = bool(tree.state.flags & re.IGNORECASE) or "flags" in _walk(tree, inside=False)
    return _ways(tree, NO_LETTERS, _Next(can_be_empty=True), folds=folds)[1].ways


def _ways(tree: Any, before: frozenset[str], after: _Next, *, folds: bool) -> tuple[frozenset[str], _Next]:
    """A part between the letters that may stand before it and what comes after: its last letters, and it with the rest."""
    steps = [(str(operation), argument) for operation, argument in tree]
    ends = [before]
    for name, argument in steps:
        ends.append(_ends(name, argument, ends[-1]))
    for (name, argument), last in zip(reversed(steps), reversed(ends[:-1]), strict=True):
        after = _step(name, argument, last, after, folds=folds)
    return ends[-1], after


def _step(name: str, argument: Any, before: frozenset[str], after: _Next, *, folds: bool) -> _Next:
    if name == "AT":
        return replace(after, can_fail=True)
    if name in {"SUBPATTERN", "ATOMIC_GROUP"}:
        return _ways(argument[-1] if name == "SUBPATTERN" else argument, before, after, folds=folds)[1]
    if name == "BRANCH":
        found = [_ways(choice, before, after, folds=folds)[1] for choice in argument[1]]
        letters = frozenset().union(*(each.letters for each in found))
        # Where each choice begins with letters of its own, the text leaves only one.
        is_clear = len(letters) == sum(len(each.letters) for each in found) and not any(each.can_be_empty for each in found)
        counts = [each.ways for each in found]
        fails = any(each.can_fail for each in found)
        return _Next(letters, any(each.can_be_empty for each in found), fails, max(counts) if is_clear else sum(counts))
    if not name.endswith("_REPEAT"):
        return replace(after, letters=_letters_of(name, argument, folds=folds), can_be_empty=False)
    least, most = int(argument[0]), min(int(argument[1]), SEARCHED)
    begins = _ways(argument[2], before, _Next(can_be_empty=True), folds=folds)[1]
    meets = (after.can_fail if after.can_be_empty else not begins.letters.isdisjoint(after.letters)) and most > least
    # A run that begins behind a letter of its own kind is walked again from each of its letters.
    walked = 0 if before.isdisjoint(begins.letters) else most - least
    ways = walked + begins.ways * (most - least + 1 if meets else 1) * after.ways
    if least and not begins.can_be_empty:
        return _Next(begins.letters, can_be_empty=False, can_fail=after.can_fail, ways=ways)
    return _Next(begins.letters | after.letters, after.can_be_empty, after.can_fail, ways)


def _ends(name: str, argument: Any, before: frozenset[str]) -> frozenset[str]:
    """On which letters a step can end, for those that are simple; `before` it stood these."""
    if name == "AT":
        return before
    if name == "SUBPATTERN" and argument[-1]:
        return _ends_of(argument[-1], before)
    if name.endswith("_REPEAT") and argument[2]:
        ends = _ends_of(argument[2], before)
        return ends if int(argument[0]) else ends | before
    return _letters_of(name, argument)


def _ends_of(tree: Any, before: frozenset[str]) -> frozenset[str]:
    for operation, argument in tree:
        before = _ends(str(operation), argument, before)
    return before


def _letters_of(name: str, argument: Any, *, folds: bool = True) -> frozenset[str]:
    """With which letters one sign of a pattern is content; `folds`: whatever their case."""
    letters = _letters(name, argument)
    return letters.union(*({each.lower(), each.upper(), each.swapcase()} & LETTERS for each in letters)) if folds else letters


def _letters(name: str, argument: Any) -> frozenset[str]:
    if name == "ANY":
        return LETTERS
    if name in {"LITERAL", "NOT_LITERAL"}:
        letter = chr(argument) if chr(argument) in LETTERS else max(LETTERS)
        return frozenset(letter) if name == "LITERAL" else LETTERS
    if name == "CATEGORY":
        sign = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}.get(str(argument).rpartition("_")[2], "(?s:.)")
        sign = sign.upper() if "_NOT_" in str(argument) else sign
        return frozenset(letter for letter in LETTERS if re.fullmatch(sign, letter))
    if name == "RANGE":
        low, high = argument
        return frozenset(letter for letter in LETTERS if low <= ord(letter) <= high) | frozenset(
            max(LETTERS) if high > 0x24F else ""
        )
    if name == "IN":
        parts = [(str(part), value) for part, value in argument]
        if parts[0][0] == "NEGATE":
            # Every letter but those: which others there are is not counted, so the letters beyond ours stay in.
            gone = frozenset().union(*(_letters(part, value) for part, value in parts[1:])) - {max(LETTERS)}
            return LETTERS - gone
        return frozenset().union(*(_letters(part, value) for part, value in parts))
    return LETTERS


@functools.lru_cache(maxsize=200)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def find(pattern: str, text: str) -> str:
    """What the pattern's group finds first in a text, stripped; blank when it finds nothing."""
    found = _compiled(pattern).search(text[:SEARCHED])
    return (found[1] or "").strip() if found else ""
