"""Regular expressions that people type into a profile: short, with one group, and none that can run for ever."""

from __future__ import annotations

import functools
import importlib
import re
import warnings
from typing import Any

LONGEST = 200
# More open repeats than this, one after the other, take too long even without nesting.
MOST_REPEATS = 6
# Only the beginning of a text is searched: a bound on time that no real statement meets.
SEARCHED = 1000

_parser: Any = importlib.import_module("re._parser")


def pattern_error(pattern: object) -> str:
    """The code of what is wrong with a pattern, or nothing.

    `type`, `too_long`, `pattern` (does not compile), `pattern_group` (not exactly one group), `pattern_nested` (a repeat or a
    choice inside a repeat, or too many repeats), `pattern_refused` (back references and looking around).
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
    return "pattern_nested" if "nested" in found or found.count("repeat") > MOST_REPEATS else ""


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
            yield from _walk(argument[-1] if name == "SUBPATTERN" else argument, inside=inside)
        elif name in {"GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"}:
            yield "refused"


@functools.lru_cache(maxsize=200)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def find(pattern: str, text: str) -> str:
    """What the pattern's group finds first in a text, stripped; blank when it finds nothing."""
    found = _compiled(pattern).search(text[:SEARCHED])
    return (found[1] or "").strip() if found else ""
