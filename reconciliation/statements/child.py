"""The reading child: `python -I reconciliation/statements/child.py CPU_S MEMORY_MB`, a request on stdin, the answer on stdout,
how far it is on stderr.

The request is one line of JSON and the file's bytes behind it. Limits come first, then our own code, then the door is closed, and
only then is a byte of the file looked at.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
ANSWER_BYTES = 400 * MEGABYTE
OUT_OF_MEMORY = 3


def main(cpu_s: int, memory_mb: int) -> None:
    """Answer the request. Everything that a hostile file can raise becomes a refusal here, in one place."""
    # -I keeps the working folder and the environment out of the path; the project's own root goes last, so it shadows nothing.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    from files.cage import close_the_door, limit_resources

    limit_resources(cpu_s=cpu_s, memory_bytes=memory_mb * MEGABYTE, file_bytes=ANSWER_BYTES)
    import python_calamine  # noqa: F401 - it is loaded before the door is closed

    from reconciliation.statements import answer
    from reconciliation.statements.preview import preview
    from reconciliation.statements.profile import Profile
    from reconciliation.statements.reading import parse
    from reconciliation.statements.rows import StatementRejected
    from reconciliation.statements.told import tell_to

    tell_to(sys.stderr)
    gc.disable()  # rows are no rings; the child ends when they are told
    close_the_door()
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    currency, number = str(request["currency"]), str(request["account_number"])
    try:
        profile = Profile.from_json(request["profile"])
        if request["most"]:
            answer.write_preview(
                preview(content, profile, currency=currency, account_number=number, most=int(request["most"])), sys.stdout
            )
        else:
            answer.write_statement(parse(content, profile, currency=currency, account_number=number), sys.stdout)
    except StatementRejected as refusal:
        answer.write_refusal(refusal, sys.stdout)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a reader's own fault is a refusal of this file, and its name goes along
        answer.write_refusal(StatementRejected("format", type(error).__name__), sys.stdout)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
        sys.stdout.flush()
    except MemoryError:
        # Half an answer may be written already, so the status says it.
        os._exit(OUT_OF_MEMORY)
