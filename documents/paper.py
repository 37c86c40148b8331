"""A sheet of paper as data: what every document of the house is made of before it is drawn.

Texts are said already, in the reader's language; the drawing writes them as they are, whatever signs stand in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from accounts.identity import show_phone
from accounts.models import Merchant

# Where sheets are measured in inches; elsewhere A4.
LETTER_COUNTRIES = frozenset({"CA", "CL", "CO", "CR", "DO", "GT", "HN", "MX", "NI", "PA", "PR", "SV", "US", "VE"})
Tone = Literal["", "green", "red", "amber", "grey"]


@dataclass(frozen=True, kw_only=True)
class Brand:
    """Whose paper it is. `accent` is `#rrggbb`; `contact` are lines for the foot of the page."""

    name: str
    legal_name: str
    tax_id: str
    accent: str
    sheet: Literal["a4", "us-letter"]
    logo_png: bytes = b""
    contact: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A label with what it says."""

    label: str
    text: str
    is_strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table; `share` is its part of the width, 0 for as wide as what stands in it."""

    title: str
    share: int = 0
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands in a field of a table, with a smaller line below it."""

    text: str
    small: str = ""
    is_strong: bool = False
    is_struck: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under columns, with a title above; `foot` is the last row, set apart."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Amounts under each other at the right; `total` is the one that the paper is about."""

    rows: tuple[Fact, ...]
    total: Fact | None = None


@dataclass(frozen=True, kw_only=True)
class Box:
    """A title with facts, several of which stand side by side (ways to pay)."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class Boxes:
    title: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str


Part = Table | Sums | Boxes | Note


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One document. `stamp` is its standing in a word (paid, void), `party` whom it is for, `facts` stand beside."""

    brand: Brand
    language: str
    title: str
    number: str = ""
    subtitle: str = ""
    stamp: str = ""
    tone: Tone = ""
    party_title: str = ""
    party: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    parts: Sequence[Part] = field(default=())
    page_words: tuple[str, str] = ("", "")  # "page", "of"


def brand_of(merchant: Merchant) -> Brand:
    """The merchant's letterhead."""
    contact = (merchant.support_email, show_phone(merchant.support_phone))
    return Brand(
        name=merchant.name,
        legal_name=merchant.legal_name or merchant.name,
        tax_id=merchant.tax_id,
        accent=merchant.accent,
        sheet="us-letter" if merchant.country in LETTER_COUNTRIES else "a4",
        logo_png=bytes(merchant.logo_png or b""),
        contact=tuple(filter(None, contact)),
    )
