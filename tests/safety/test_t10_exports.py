"""T10: no cell of any export is a formula: CSV and XLSX, the desk's and the portal's, whatever strangers have written.

The table of addresses is walked: each page is asked for every format and table it knows, and whatever answers with a table is
read cell by cell: a new export is in the test by being there. What the functions do in detail: tests/desk/test_exports.py.
Seen to fail: with `safe_text` giving back its text.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from reconciliation.exports import Format, Table
from tests.once import built_once
from tests.safety import hostile_world
from tests.safety.actors import World, make_world
from tests.safety.mirrors import MERCHANT
from tests.safety.pages import filled

RUN = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("//x.example")',
    "a;=1+1",
    "a\n@x",
    'a"=1',
    "＝1+1",
    "a\t-1",
)
STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
TABLES = ("text/csv", "application/vnd.openxmlformats", "application/vnd.ms-excel", "application/csv")


def fitting(serial: int, longest: int | None, **_kw: Any) -> str:
    found = [text for text in RUN if longest is None or len(text) <= longest]
    return found[serial % len(found)] if found else "=1"[:longest]


def world_of_formulas() -> World:
    """A world in which every text begins as formulas do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hostile_world, "fitting", fitting)
        patch.setattr(hostile_world, "NAUGHTY", RUN)
        world = make_world()
        hostile_world.poison(world)
    return world


built = built_once(world_of_formulas)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    logging.disable(logging.CRITICAL)
    yield built
    logging.disable(logging.NOTSET)


def answers(world: World) -> Iterator[tuple[str, Any]]:
    """Every page of a merchant as people of both sides get it, in each format that it may know."""
    for name, page in MERCHANT.items():
        if not page.shows or page.who in ("closed", "entry", "public"):
            continue
        address, query = filled(world, name, page), dict(page.query(world))
        who = "alice" if not page.who.startswith("staff") else "ada"
        wanted = [{**query, "format": kind, **table} for kind in Format.values for table in tables(query)]
        for asked in wanted:
            answer = world.clients[who].get(address, asked)
            if not answer.headers.get("Content-Type", "").startswith(TABLES):
                break  # a page knows all formats or none
            yield f"{name} {asked}", answer


def tables(query: dict[str, Any]) -> list[dict[str, str]]:
    return [{"table": table} for table in Table.values] if "table" in query else [{}]


def cells_of(answer: Any) -> list[str]:
    """Texts of all cells. Of a workbook only those that are formulas or links make a difference: it must have none."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not content.startswith(b"PK"):
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        sheets = [zipped.read(name).decode() for name in zipped.namelist() if name.startswith("xl/worksheets/")]
        assert not [name for name in zipped.namelist() if "externalLink" in name or "vba" in name.lower()]
    assert sheets
    assert not any(mark in sheet for sheet in sheets for mark in ("<f>", "<f ", "<hyperlink"))
    return [cell for sheet in sheets for cell in re.findall(r"<t[^>]*>([^<]*)</t>", sheet)]


def test_no_cell_of_any_export_is_run(world: World) -> None:
    seen: dict[str, int] = {}
    for name, answer in answers(world):
        cells = cells_of(answer)
        is_csv = answer["Content-Type"].startswith("text/csv")
        seen[name] = sum("1+1" in cell or "SUM(1)" in cell for cell in cells)
        for cell in cells if is_csv else ():
            assert not cell.startswith(STARTS) or NUMBER.fullmatch(cell), f"{name}: {cell!r}"
            behind = [part.lstrip()[:1] for sign in ';,\t|\n"' for part in cell.split(sign)[1:]]
            assert not set(behind) & set(STARTS), f"{name}: {cell!r}"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "attachment" in answer["Content-Disposition"]
    # Both faces, both formats, every table; and there was something in them that could have been run.
    assert {name.split(" ")[0] for name in seen} >= {"desk:exports", "desk:account_statement", "portal:account_statement"}
    assert len(seen) >= 2 * (len(Table) + 2)
    assert [name for name, dangerous in seen.items() if "account" in name and not dangerous] == []
