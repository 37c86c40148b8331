"""What the product does stands in docs/features.md: each row that is promised names a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "features.md"
ROW = re.compile(r"^\| (?P<rows>[^|]+) \| (?P<what>[^|]+) \| `(?P<path>tests/[\w/]+\.py)::(?P<name>test_\w+)` \|$")
NUMBER = re.compile(r"\b([NS]\d?)-(\d{2})\b")


def promised() -> set[str]:
    """The numbers in the page's heading, spans (`S1-07 … S1-13`) as what they span."""
    heading = re.search(r"^Promised: (.+?)\n\n", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert heading
    return numbers(heading[1])


def numbers(text: str) -> set[str]:
    found = {f"{kind}-{number}" for kind, number in NUMBER.findall(text)}
    for kind, first, last in re.findall(r"([NS]\d?)-(\d{2}) … \1-(\d{2})", text):
        found |= {f"{kind}-{number:02d}" for number in range(int(first), int(last) + 1)}
    return found


def rows() -> list[re.Match[str]]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "---" not in line]
    return [match for line in lines[1:] if (match := ROW.match(line))]


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of a file's tests."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def test_each_line_of_the_table_is_a_row_with_a_test() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "---" not in line]
    assert not [line for line in lines[1:] if not ROW.match(line)]


def test_the_test_of_each_row_exists() -> None:
    missing = []
    for row in rows():
        there = (ROOT / row["path"]).exists() and row["name"] in names_in(row["path"])
        missing += [] if there else [f"{row['path']}::{row['name']}"]
    assert not missing


def test_each_promised_row_has_a_test() -> None:
    shown: set[str] = set()
    for row in rows():
        shown |= numbers(row["rows"])
    assert not sorted(promised() - shown)
