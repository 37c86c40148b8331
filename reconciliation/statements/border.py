"""The one border to strangers' files: a child of its own reads them, with its time and memory bounded, and can be killed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from files.border import ChildGone, answer_of
from files.border import Tell as Tell
from reconciliation.statements import answer
from reconciliation.statements.decode import check_size
from reconciliation.statements.preview import Preview
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import Statement, StatementRejected
from reconciliation.statements.told import last_told

CHILD = Path(__file__).resolve().parent / "child.py"
# 200,000 rows take some ten seconds of processor on a slow machine. Wall time is only for a child that waits for ever, and is
# generous, so that a busy machine does not refuse an honest file.
CPU_S = 60
WALL_S = 300
MEMORY_MB = 1400
# A preview is looked at while somebody waits.
PREVIEW_CPU_S = 15
PREVIEW_WALL_S = 45


def read(
    content: bytes, profile: Profile, *, currency: str, account_number: str = "", cpu_s: int = CPU_S, wall_s: float = WALL_S,
    memory_mb: int = MEMORY_MB, tell: Tell | None = None,
) -> Statement:  # fmt: skip
    """Read a statement in a child of its own; `tell` hears how many rows are read. Raises `StatementRejected`."""
    with _asked(content, profile, currency, account_number, 0, cpu_s, wall_s, memory_mb, tell) as lines:
        return answer.read_statement(lines)


def read_here(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Statement:
    """The same in this process: for files of our own."""
    return parse(content, profile, currency=currency, account_number=account_number)


def preview(content: bytes, profile: Profile, *, currency: str, account_number: str = "", most: int = 20) -> Preview:
    """What a profile makes of a file's first rows, in a child. A file that cannot be read is a preview with its refusal."""
    asked = _asked(content, profile, currency, account_number, max(most, 1), PREVIEW_CPU_S, PREVIEW_WALL_S, MEMORY_MB)
    try:
        with asked as lines:
            return answer.read_preview(lines)
    except StatementRejected as refusal:
        return Preview(refusal=refusal)


@contextlib.contextmanager
def _asked(
    content: bytes, profile: Profile, currency: str, account_number: str, most: int, cpu_s: int, wall_s: float, memory_mb: int,
    tell: Tell | None = None,
) -> Iterator[Iterator[str]]:  # fmt: skip
    """The lines of the child's answer. Raises `StatementRejected`; no child is left, whatever happens."""
    check_size(content)
    request = {"profile": profile.to_json(), "currency": currency, "account_number": account_number, "most": most}
    question = json.dumps(request).encode() + b"\n" + content
    try:
        with answer_of(CHILD, question, cpu_s=cpu_s, wall_s=wall_s, memory_mb=memory_mb, tell=tell, told=last_told) as lines:
            yield lines
    except ChildGone as gone:
        raise StatementRejected(gone.code, gone.detail) from gone
