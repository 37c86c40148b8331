"""The one exception inside the readers: this row cannot be read, for this reason, in this column."""

from __future__ import annotations


class Unreadable(ValueError):
    """`code` is one of `rows.ROW_REFUSALS`; `column` names the field that it concerns, blank for the row as a whole."""

    def __init__(self, code: str, column: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.column = column
