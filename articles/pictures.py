"""Pictures of the running program, taken by the browser's tests into `docs/screens/help/` and served as static files.

`report-form` is four files: in both languages, for a wide and for a narrow screen. An article shows the reader's language.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cache

from django.conf import settings

NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z")
WIDE, NARROW = 1280, 360


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture in one language. Sizes in pixels; `wide` and `narrow` are names below the static files' address."""

    wide: str
    narrow: str
    width: int
    height: int
    narrow_width: int
    narrow_height: int


@cache
def picture_of(name: str, language: str) -> Picture | None:
    """The picture of that name, or None where there is none."""
    if not NAME.match(name):
        return None
    files = [f"{name}-{language}-{width}.png" for width in (WIDE, NARROW)]
    sizes = [_size_of(file) for file in files]
    if None in sizes:
        return None
    (width, height), (narrow_width, narrow_height) = (size or (0, 0) for size in sizes)
    return Picture(
        wide=f"screens/{files[0]}",
        narrow=f"screens/{files[1]}",
        width=width,
        height=height,
        narrow_width=narrow_width,
        narrow_height=narrow_height,
    )


def _size_of(file: str) -> tuple[int, int] | None:
    """Width and height, as a PNG's first bytes say."""
    try:
        with (settings.SCREENS_DIR / file).open("rb") as opened:
            head = opened.read(24)
    except OSError:
        return None
    return struct.unpack(">II", head[16:24]) if len(head) == 24 else None
