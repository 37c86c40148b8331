"""Order numbers in addresses. Companies bring their own (`INV/2026/0042`), so a slash in one must not end the segment."""

from __future__ import annotations


class OrderNumber:
    """Path converter: slashes, dots alone and the sign that hides them travel escaped; everything else stays readable."""

    regex = "[^/]+"

    def to_python(self, segment: str) -> str:
        """The number of a segment."""
        return segment.replace("%2E", ".").replace("%2F", "/").replace("%25", "%")

    def to_url(self, number: object) -> str:
        """The segment of a number; dots alone would be taken for a folder."""
        text = str(number).replace("%", "%25").replace("/", "%2F")
        return text.replace(".", "%2E") if set(text) == {"."} else text
