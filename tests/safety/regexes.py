"""Every regular expression of the project, found by reading its code, and texts made to be slow for each of them."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Rooms of the program; what developers alone run (tests, the maker of the icons' sprite) reads nobody's text.
ROOMS = sorted(each.parent.name for each in ROOT.glob("*/__init__.py") if each.parent.name != "tests")
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
TAKE_A_REGEX = ("RegexValidator", "RegexField", "re_path")
SIZE = 100_000
# Grown in steps, so that one that would never end is noticed while it still does.
SIZES = (20, 24, 28, 40, 320, 5000, SIZE)
_parser: Any = importlib.import_module("re._parser")


@dataclass(frozen=True, order=True)
class Found:
    """One regular expression: where it stands (`path:code`), and how it is asked."""

    where: str
    pattern: str
    flags: int = 0
    method: str = "search"

    def ask(self, text: str) -> object:
        compiled = re.compile(self.pattern, self.flags)
        if self.method in ("sub", "subn"):
            return compiled.sub("", text)
        answer = getattr(compiled, self.method)(text)
        return sum(1 for _each in answer) if self.method == "finditer" else answer


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


@functools.cache
def uses_of_names() -> dict[str, set[str]]:
    """`NAME` → how a compiled expression of that name is asked, anywhere in the program."""
    uses: dict[str, set[str]] = {}
    for _path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
                uses.setdefault(name, set()).add(node.attr)
    return uses


def regexes(computed: dict[str, tuple[str, ...]]) -> tuple[list[Found], list[str]]:
    """All that are found; and the places (`path:code`) of those that only running code knows and `computed` does not name."""
    found: set[Found] = set()
    unknown = []
    for path, tree in modules():
        if any(isinstance(node, ast.ImportFrom) and node.module == "re" for node in ast.walk(tree)):
            unknown.append(f"{path}:from re import")
        names = {id(node.value): node.targets[0] for node in ast.walk(tree) if isinstance(node, ast.Assign)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or (asked := _asked(node)) is None:
                continue
            method, pattern, flags = asked
            where = f"{path}:{ast.unparse(pattern)}"
            values = computed.get(where) or _evaluated(path, pattern)
            if values is None:
                unknown.append(where)
                continue
            target = names.get(id(node))
            used = uses_of_names().get(target.id, {"search"}) if isinstance(target, ast.Name) else {"search"}
            for value in values:
                bits = int(_value(path, flags) or 0) if flags is not None else 0
                found |= {Found(where, value, bits, each) for each in (used if method == "compile" else {method})}
    return sorted(found), unknown


def _asked(call: ast.Call) -> tuple[str, ast.expr, ast.expr | None] | None:
    """Method, pattern and flags of a call that takes a regular expression."""
    named = {each.arg: each.value for each in call.keywords}
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "re":
        method = call.func.attr
        if method not in (*METHODS, "compile"):
            return None
        place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(method, 2)
        flags = named.get("flags") or (call.args[place] if len(call.args) > place else None)
        return method, call.args[0], flags
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    if name in TAKE_A_REGEX:
        return "search", named.get("regex") or call.args[0], None
    return None


def _evaluated(path: str, node: ast.expr) -> tuple[str, ...] | None:
    try:
        value = _value(path, node)
    except NameError:
        return None
    if isinstance(value, re.Pattern):
        return ()  # its own `re.compile` is among the calls
    if isinstance(value, bytes):
        return (value.decode("latin-1"),)  # tried on text: the same expression
    return (value,) if isinstance(value, str) else None


def _value(path: str, node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    module = importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return eval(compile(ast.Expression(node), path, "eval"), vars(module))  # noqa: S307 - the project's own code


# --- Texts -----------------------------------------------------------------------------------

EVERYWHERE = (" ", "0", "a", "-", ".", "\n", "/", "<", ",", "1.", "a ", "%", ";\t")


def attacks(pattern: str, flags: int = 0) -> list[tuple[str, str, str]]:
    """(beginning, what is repeated, end): each repeat of the pattern fed with what it wants and stopped by what nobody wants."""
    tree = _parser.parse(pattern, flags)
    pumps = [(before, body) for before, body in _pumps(tree, "") if body]
    whole = _sample(tree)
    pumps += [("", whole), *(("", body) for _before, body in pumps)]
    found = [(before, body, end) for before, body in pumps if body for end in ("", "\x00", "!x")]
    return list(dict.fromkeys([*found, *(("", each, "\x00") for each in EVERYWHERE)]))


def _sample(tree: Any) -> str:
    """A short text that the pattern takes (looking around and going back are left out)."""
    said = ""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            said += chr(argument)
        elif name in ("ANY", "NOT_LITERAL"):
            said += "a" if name == "ANY" or chr(argument) != "a" else "b"
        elif name == "IN":
            said += _one_of(argument)
        elif name.endswith("_REPEAT"):
            said += _sample(argument[2]) * min(int(argument[0]), 50)
        elif name == "BRANCH":
            said += _sample(argument[1][0])
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            said += _sample(argument[-1] if name == "SUBPATTERN" else argument)
    return said


def _one_of(items: Any) -> str:
    kinds = {"DIGIT": "0", "SPACE": " ", "WORD": "a"}
    wanted = []
    for operation, argument in items:
        name = str(operation)
        if name == "NEGATE":
            return next(each for each in "a0 -<" if _is_in(each, items))
        wanted += [chr(argument)] if name == "LITERAL" else [chr(argument[0])] if name == "RANGE" else []
        wanted += [kinds.get(str(argument).rpartition("_")[2], "a")] if name == "CATEGORY" else []
    return wanted[0]


def _is_in(letter: str, items: Any) -> bool:
    for operation, argument in items:
        name = str(operation)
        if name == "LITERAL" and chr(argument) == letter:
            return False
        if name == "RANGE" and argument[0] <= ord(letter) <= argument[1]:
            return False
        if name == "CATEGORY" and re.match({"DIGIT": r"\d", "SPACE": r"\s"}.get(str(argument).rpartition("_")[2], r"\w"), letter):
            return False
    return True


def _pumps(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    for operation, argument in tree:
        name = str(operation)
        if name.endswith("_REPEAT"):
            body = _sample(argument[2])
            yield before, body
            yield from _pumps(argument[2], before)
        elif name == "BRANCH":
            for choice in argument[1]:
                yield before, _sample(choice)
                yield from _pumps(choice, before)
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            yield from _pumps(argument[-1] if name == "SUBPATTERN" else argument, before)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _pumps(argument[1], before)
        before += _sample([(operation, argument)])


def slowest(
    ask: Callable[[str], object], pattern: str, flags: int, most_s: float, sizes: tuple[int, ...] = SIZES
) -> tuple[float, str]:
    """The longest that an attack takes, in seconds of this thread's processor; stops at the first that takes too long."""
    worst = (0.0, "")
    for before, body, end in attacks(pattern, flags):
        for size in sizes:
            text = before + (body * (size // len(body) + 1))[: max(size - len(before) - len(end), 0)] + end
            took = _time(ask, text)
            if took > most_s:
                took = min(took, _time(ask, text))
            worst = max(worst, (took, f"{size} of {before!r} + {body!r} … {end!r}"))
            if took > most_s:
                return worst
    return worst


def _time(ask: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    ask(text)
    return time.thread_time() - began
