"""Values that no form expects, as they come over the wire: for addresses, queries and bodies."""

from __future__ import annotations

import zlib
from typing import Any

# Percent-encoded, so that what is no text can be sent too.
WORST = ("%00", "1e3", "9" * 40, "%ff", "%ed%a0%80")
NASTY = (
    *WORST, "a%00b", "%C2%B2", "-1", "NaN%5B%5D", "2026-02-30", "x" * 3000, "%27%25%5C%E2%80%AE%F0%9F%92%A5%0D%0A",
    "customer__user__password", "9223372036854775808",
)  # fmt: skip
# The same as texts and bytes of a body.
NASTY_TEXTS: tuple[str | bytes, ...] = (
    "\x00", "1e3", "9" * 40, b"\xff\xfe", "²", "2026-02-30", "x" * 12_000, "' OR 1=1--\r\n\x00",
)  # fmt: skip


def share(values: tuple[Any, ...], name: str, most: int) -> tuple[Any, ...]:
    """`most` of the values, others for each name, so that many names meet them all."""
    start = zlib.crc32(name.encode()) % len(values) if values else 0
    return (values + values)[start : start + most]


def squares(names: list[str], values: tuple[object, ...]) -> list[dict[str, object]]:
    """Each value at each name, in as few requests as there are values: request n gives name i the value n + i."""
    return [{name: values[(n + i * 3) % len(values)] for i, name in enumerate(names)} for n in range(len(values))]
