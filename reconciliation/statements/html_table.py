"""A web page's tables, as many banks give them under the name of an Excel file."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from reconciliation.statements.cells import Cells
from reconciliation.statements.decode import decode
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import StatementRejected
from reconciliation.statements.simple_csv import MOST_ROWS

MOST_SPAN = 50
MOST_HTML_ROWS = MOST_ROWS + 1000


def cells_of(content: bytes, profile: Profile) -> Iterator[Cells]:
    """The rows of all tables of the page, numbered by its lines. Raises `StatementRejected("html")` without any."""
    parser = _Tables()
    parser.feed(decode(content, profile.encoding, markup=True))
    parser.close()
    parser.end_row()
    if not parser.rows:
        raise StatementRejected("html")
    yield from parser.rows


class _Tables(HTMLParser):
    """Collects rows. A table within a cell gives rows of its own; the outer cell keeps its own words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[Cells] = []
        self._open: list[list[str]] = []
        self._lines: list[int] = []
        self._words: list[str] | None = None
        self._span = 1
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._hidden += 1
        elif tag == "table":
            self._end_cell()
        elif tag == "tr":
            self.end_row()
            self._open, self._lines = [[]], [self.getpos()[0]]
        elif tag in {"td", "th"}:
            self._end_cell()
            if not self._open:
                self._open, self._lines = [[]], [self.getpos()[0]]
            span = dict(attrs).get("colspan") or "1"
            self._words, self._span = [], min(int(span), MOST_SPAN) if span.isascii() and span.isdigit() else 1
        elif tag == "br" and self._words is not None:
            self._words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden = max(0, self._hidden - 1)
        elif tag in {"td", "th"}:
            self._end_cell()
        elif tag in {"tr", "table"}:
            self.end_row()

    def handle_data(self, data: str) -> None:
        if self._words is not None and not self._hidden:
            self._words.append(data)

    def _end_cell(self) -> None:
        if self._words is not None and self._open:
            text = " ".join("".join(self._words).split())
            self._open[-1] += [text] + [""] * (max(self._span, 1) - 1)
        self._words = None

    def end_row(self) -> None:
        self._end_cell()
        if self._open and self._open[-1]:
            if len(self.rows) >= MOST_HTML_ROWS:
                raise StatementRejected("too_many")
            cells = self._open[-1]
            fault = "encoding" if any("\ufffd" in cell for cell in cells) else ""
            self.rows.append(Cells(self._lines[-1], cells, " | ".join(cells), fault))
        self._open, self._lines = [], []
