"""The project's own files, as the rules of the house see them."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "accounts", "articles", "banking", "documents", "files", "letters", "orders", "tickets", "reports", "reconciliation",
    "portal", "desk", "config", "webhooks", "api",
)  # fmt: skip
# Lower number, lower floor. A foreign key or an import may point to the same room or to a lower floor.
FLOOR = {
    "accounts": 0, "articles": 1, "banking": 1, "documents": 1, "files": 1, "letters": 1, "orders": 2, "tickets": 2, "reports": 3,
    "reconciliation": 4, "portal": 5, "desk": 5, "config": 6, "webhooks": 1, "api": 5,
}  # fmt: skip


def project_files(*endings: str) -> list[Path]:
    """Every file of the project (tracked or about to be) whose name ends so, as absolute paths."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in sorted(set(listed)) if name.endswith(endings) and (ROOT / name).exists()]


def shown(path: Path) -> str:
    """A path as a person would write it."""
    return str(path.relative_to(ROOT))
