"""A letter as a page shows it: the parts of the text that was sent. Nothing of its HTML is used, so nothing in it can act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from letters.models import Letter


@dataclass(frozen=True, kw_only=True)
class Part:
    """One block of a letter: words, somebody's own words, or the way to a page (`address` is one of this installation's)."""

    kind: Literal["text", "quote", "link", "foot"]
    text: str
    address: str = ""


def parts_of(letter: Letter) -> list[Part]:
    """The blocks of a sent letter, in order; its footer last."""
    written, _line, foot = letter.text.strip().rpartition("\n--\n")
    blocks = [_part(block) for block in (written or foot).split("\n\n") if block.strip()]
    return [*blocks, Part(kind="foot", text=foot.strip())] if written else blocks


def _part(block: str) -> Part:
    lines = block.strip("\n").split("\n")
    if all(line.startswith(">") for line in lines):
        return Part(kind="quote", text="\n".join(line[1:].strip() for line in lines))
    address = lines[-1].strip()
    if len(lines) > 1 and address.startswith(f"{settings.SITE_URL}/"):
        return Part(kind="link", text=" ".join(lines[:-1]).rstrip(":"), address=address)
    return Part(kind="text", text="\n".join(line.strip() for line in lines))
