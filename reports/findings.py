"""What a check finds: a sentence, the form field that it is about, and a code. A problem refuses, a warning is only shown."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`field` is a name of the form (`orders`, `t-0-amount`). `confirm`: the check page asks for a tick of its own for it."""

    code: str
    field: str
    message: str
    ticket: Ticket | None = None
    confirm: bool = False


class Findings:
    """Problems and warnings, in the order in which they were found."""

    def __init__(self) -> None:
        self.problems: list[Finding] = []
        self.warnings: list[Finding] = []

    def problem(self, code: str, field: str, message: str) -> None:
        self.problems.append(Finding(code=code, field=field, message=str(message)))

    def warn(self, code: str, field: str, message: str, *, ticket: Ticket | None = None, confirm: bool = False) -> None:
        self.warnings.append(Finding(code=code, field=field, message=str(message), ticket=ticket, confirm=confirm))
