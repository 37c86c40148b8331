"""The links of a page's rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.urls import reverse

# What stands in a path as it is, whatever the route's converter says. Dots and slashes are none of it.
PLAIN = re.compile(r"[A-Za-z0-9_-]+")
SAMPLE = "NUMBER"


def links_to(name: str) -> Callable[[str], str]:
    """What `reverse(name, args=[number])` says, for one number after the other.

    Django looks the route up anew each time, a quarter of what a row of a list took: plain numbers are put into one answer.
    """
    start, _sample, end = reverse(name, args=[SAMPLE]).rpartition(SAMPLE)
    return lambda number: f"{start}{number}{end}" if PLAIN.fullmatch(number) else reverse(name, args=[number])
