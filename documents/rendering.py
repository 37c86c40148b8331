"""From a sheet as data to a PDF: typst lays out `templates/paper.typ`, which gets it as JSON and takes every text literally.

No font but ours is looked at, nothing outside what is given is read, and nothing is fetched.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import structlog
import typst

from documents.paper import Boxes, Note, Paper, Sums, Table

log = structlog.get_logger(__name__)

HERE = Path(__file__).resolve().parent
FONT = "Roboto"
# What it has no sign for is drawn with these, in this order: the last two have nearly every sign that there is (ADR 0152).
FURTHER_FONTS = ("DejaVu Sans", "Unifont", "Unifont Upper")
KINDS: dict[type[Any], str] = {Table: "table", Sums: "sums", Boxes: "boxes", Note: "note"}
# What no reader sees: control signs but for the line's end, those that turn what follows around, and halves of pairs, which JSON
# cannot carry.
_ENDLESS = re.compile(r"\S{40}(?=\S)")
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class PaperNotDrawn(RuntimeError):
    """The sheet could not be laid out; what the layout says stands in the message."""


def draw(paper: Paper) -> bytes:
    """The PDF. A logo that cannot be drawn is left out: no bill waits for a picture. Raises `PaperNotDrawn`."""
    logo = paper.brand.logo_png
    if logo:
        try:
            return _laid_out(paper, logo)
        except PaperNotDrawn as error:
            log.warning("logo_left_out", merchant=paper.brand.name, error=str(error)[:200])
    return _laid_out(paper, b"")


def _laid_out(paper: Paper, logo: bytes) -> bytes:
    try:
        made, warnings = typst.compile_with_warnings(
            _layout(), font_paths=_fonts(), sys_inputs={"paper": as_json(paper, logo=logo)}, format="pdf"
        )
    except RuntimeError as error:
        raise PaperNotDrawn(str(error)) from error
    for warning in warnings:
        log.warning("paper_warning", warning=str(warning)[:200])
    if not isinstance(made, bytes):
        raise PaperNotDrawn("no file came out")
    return made


def as_json(paper: Paper, *, logo: bytes = b"") -> str:
    """What the layout reads; the picture as a list of numbers, as nothing but text goes in."""
    sheet = asdict(paper)
    sheet["brand"]["logo_png"] = list(logo)
    sheet["fonts"] = [FONT, *FURTHER_FONTS]
    sheet["parts"] = [{"kind": KINDS[type(part)], **asdict(part)} for part in paper.parts]
    return json.dumps(_readable(sheet), ensure_ascii=False)


def _readable(part: Any) -> Any:
    """Every text without unseen signs, and with a place to break in what has no blanks."""
    if isinstance(part, str):
        return _ENDLESS.sub("\\g<0>\u200b", _UNSEEN.sub("", part))
    if isinstance(part, dict):
        return {key: _readable(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_readable(each) for each in part]
    return part


@cache
def _layout() -> bytes:
    return (HERE / "templates" / "paper.typ").read_bytes()


@cache
def _fonts() -> Any:
    """Ours alone, read once: what a machine has installed must not change a paper."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(HERE / "fonts")])
