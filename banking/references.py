"""References of transfers and deposits: what was typed stays, beside it a normal form to compare.

Blank never equals blank; comparison is by suffix, because customers type the end of what the
bank prints and banks pad with zeros.
"""

from __future__ import annotations

import re
import unicodedata

BLANK = frozenset({"", "NONREF", "NONE", "NA", "SR", "SINREFERENCIA", "NULL"})
LOOK_ALIKES = str.maketrans("АВСЕНІЈКМОРЅТХУЗбО", "ABCEHIJKMOPSTXY360")  # Cyrillic letters seen inside codes.


def normalize_reference(raw: str) -> str:
    """NFKC, upper case, letters and digits only, leading zeros off; blank markers become the empty string."""
    if raw.isascii() and raw.isalnum():
        text = raw.upper().lstrip("0")  # what nearly every bank prints, and the long way leaves as it is
    else:
        text = unicodedata.normalize("NFKC", raw).upper().translate(LOOK_ALIKES)
        text = re.sub(r"[^0-9A-Z]", "", text).lstrip("0")
    return "" if text in BLANK else text


def shared_suffix(one: str, other: str) -> int:
    """How many trailing characters two normal forms share; 0 when either is blank."""
    if one.endswith(other) or other.endswith(one):
        return min(len(one), len(other))
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count


def same_reference(one: str, other: str, *, digits: int = 6) -> bool:
    """Whether two normal forms name one payment: the shorter one whole, or at least the last `digits` characters."""
    if not one or not other:
        return False
    return shared_suffix(one, other) >= min(digits, len(one), len(other))


def group_reference(raw: str) -> str:
    """Groups of four from the left, as `0045 7755 7244 2`, for showing."""
    digits = re.sub(r"[\s-]", "", raw)
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
