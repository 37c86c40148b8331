"""Text columns as numbers, so that many pairs are compared at once: references by their end, runs of digits, words.

A code is a row of `WIDTH` bytes read from its end (padded with 0), so that two codes share a suffix as long as their rows begin
alike. What lies before the last `WIDTH` characters does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reconciliation.matching.columns import Ints, Words, ints
from reconciliation.matching.evidence import folded

Bytes: TypeAlias = npt.NDArray[np.uint8]
Marks: TypeAlias = npt.NDArray[np.uint64]

WIDTH = 24
ZERO, NINE, LETTER_A, LETTER_Z = b"09AZ"
SHORTEST_WORD = 3
# Pairs compared at once, so that what is worked with stays small.
AT_ONCE = 1_000_000
# A code as `WORDS` numbers of eight signs, the last sign in the lowest byte; how each is masked to keep so many last signs.
WORDS = WIDTH // 8
MASKS = np.where(np.arange(WIDTH) < np.arange(WIDTH + 1)[:, None], np.uint8(255), np.uint8(0)).view("<u8").astype(np.uint64)
ODD = np.array([0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)


@dataclass(frozen=True, kw_only=True)
class Codes:
    """Codes from their end, and their lengths (of what counts)."""

    signs: Bytes
    length: Ints

    def __len__(self) -> int:
        return len(self.length)

    @cached_property
    def words(self) -> Marks:
        """The signs as `WORDS` numbers a row, so that eight of them are compared at once."""
        return np.ascontiguousarray(self.signs).view("<u8").astype(np.uint64, copy=False)


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Runs of digits in texts: `owner` is the row of the text (rising), `raw` the length as printed, `code` without zeros."""

    owner: Ints
    raw: Ints
    code: Codes


def codes_of(words: Words) -> Codes:
    """Codes of a column of normal references (ASCII)."""
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    letters = np.frombuffer("".join(words).encode("ascii", "replace"), dtype=np.uint8)
    return _from_ends(letters, np.cumsum(lengths), lengths)


def digits_of(words: Words) -> Codes:
    """Codes of the digits of each word, leading zeros off: `J-00123456-0` and `1234560` are the same."""
    letters, start = _joined(words)
    keep = (letters >= ZERO) & (letters <= NINE)
    count = np.concatenate([ints([0]), np.cumsum(keep)])
    lengths = count[start[1:]] - count[start[:-1]]
    return _without_zeros(_from_ends(letters[keep], np.cumsum(lengths), lengths))


def runs_of(texts: Words, shortest: int) -> Runs:
    """All runs of at least so many digits."""
    letters, start = _joined(texts)
    first, last = _spans((letters >= ZERO) & (letters <= NINE))
    long = last - first >= shortest
    first, last = first[long], last[long]
    owner = ints(np.searchsorted(start, first, side="right") - 1)
    return Runs(owner=owner, raw=last - first, code=_without_zeros(_from_ends(letters, last, last - first)))


def marks_of(codes: Codes, length: int = WIDTH) -> Marks:
    """One number for the last `length` signs of each code (all of them by default); equal ends give equal numbers."""
    kept = np.minimum(codes.length, length)
    signs = codes.words & MASKS[kept]
    return _mixed((signs * ODD).sum(axis=1, dtype=np.uint64) + kept.astype(np.uint64))


def shared_ends(one: Codes, left: Ints, other: Codes, right: Ints) -> Ints:
    """How many signs the codes `one[left]` and `other[right]` share at their end."""
    found = np.zeros(len(left), dtype=np.int64)
    for start in range(0, len(left), AT_ONCE):
        alike = np.arange(start, min(start + AT_ONCE, len(left)))
        for word in range(WORDS):
            unlike = one.words[left[alike], word] ^ other.words[right[alike], word]
            # Bits below the lowest one that differs; all of them where none does.
            shared = np.bitwise_count((unlike & (~unlike + np.uint64(1))) - np.uint64(1)) >> 3
            found[alike] += shared
            alike = alike[shared == WIDTH // WORDS]
    return np.minimum(found, np.minimum(one.length[left], other.length[right]))


def words_of(texts: Words) -> tuple[Ints, Marks]:
    """Words of three and more letters, without accents, as (row of the text, mark); each word of a text once."""
    letters, start = _joined([text if text.isascii() else folded(text) for text in texts])
    letters = np.frombuffer(letters.tobytes().upper(), dtype=np.uint8)
    first, last = _spans((letters >= LETTER_A) & (letters <= LETTER_Z))
    long = last - first >= SHORTEST_WORD
    first, last = first[long], last[long]
    if not len(first):
        return ints([]), np.array([], dtype=np.uint64)
    owner = ints(np.searchsorted(start, first, side="right") - 1)
    powers = np.cumprod(np.full(int((last - first).max()), 0x100000001B3, dtype=np.uint64))
    place = np.arange(int((last - first).sum())) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    signs = letters[np.repeat(first, last - first) + place].astype(np.uint64) * powers[place]
    marks = _mixed(np.add.reduceat(signs, np.cumsum(last - first) - (last - first)))
    order = np.lexsort((marks, owner))
    owner, marks = owner[order], marks[order]
    new = np.ones(len(owner), dtype=np.bool_)
    new[1:] = (owner[1:] != owner[:-1]) | (marks[1:] != marks[:-1])
    return owner[new], marks[new]


def expand(count: Ints) -> tuple[Ints, Ints]:
    """For rows with so many parts: (row, number of the part within the row) of every part."""
    row = np.repeat(np.arange(len(count)), count)
    return ints(row), ints(np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count))


def as_printed(codes: Codes, zeros: Ints) -> Codes:
    """The codes with so many zeros before each again."""
    length = np.where(codes.length > 0, np.minimum(codes.length + zeros, WIDTH), 0)
    place = np.arange(WIDTH)
    added = (place >= codes.length[:, None]) & (place < length[:, None])
    return Codes(signs=np.where(added, np.uint8(ZERO), codes.signs), length=ints(length))


def _joined(texts: Sequence[str]) -> tuple[Bytes, Ints]:
    """All texts in one row of bytes, each ended by a line feed, and where each begins (and the last ends)."""
    whole = "\n".join([*texts, ""]).encode("ascii", "replace")
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1
    return np.frombuffer(whole, dtype=np.uint8), np.concatenate([ints([0]), np.cumsum(lengths)])


def _spans(mask: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    edges = np.flatnonzero(np.diff(mask.view(np.int8), prepend=0, append=0))
    return ints(edges[::2]), ints(edges[1::2])


def _from_ends(letters: Bytes, ends: Ints, lengths: Ints) -> Codes:
    kept = np.minimum(lengths, WIDTH)
    padded = np.concatenate([np.zeros(WIDTH, dtype=np.uint8), letters])
    if not len(ends):
        return Codes(signs=np.zeros((0, WIDTH), dtype=np.uint8), length=ints([]))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WIDTH)
    signs = windows[ends][:, ::-1] * (np.arange(WIDTH) < kept[:, None])
    return Codes(signs=np.ascontiguousarray(signs, dtype=np.uint8), length=ints(kept))


def _without_zeros(codes: Codes) -> Codes:
    """Leading zeros off."""
    solid = (codes.signs != ZERO) & (codes.signs != 0)
    length = np.where(solid.any(axis=1), WIDTH - solid[:, ::-1].argmax(axis=1), 0)
    return Codes(signs=codes.signs * (np.arange(WIDTH) < length[:, None]).astype(np.uint8), length=ints(length))


def _mixed(marks: Marks) -> Marks:
    """Spreads the bits, so that the upper ones alone tell marks apart."""
    marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return marks ^ (marks >> np.uint64(29))
