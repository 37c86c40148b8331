"""Compile every translation that is older than its source: `python -m config.translations`.

Pure Python (Babel), so that a machine without gettext can start; Django's own compilemessages needs it.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

BASE_DIR = Path(__file__).resolve().parent.parent


def sources() -> list[Path]:
    """All .po files of the house."""
    return sorted(BASE_DIR.glob("*/locale/*/LC_MESSAGES/*.po"))


def compile_stale() -> list[Path]:
    """Write the .mo beside each .po that is newer; gives back what was written.

    Fuzzy entries stay out: a guessed sentence about money is worse than the English one.
    """
    written = []
    for source in sources():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
        half_done = target.with_suffix(".mo.new")
        with half_done.open("wb") as file:
            write_mo(file, catalog, use_fuzzy=False)
        half_done.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    compiled = compile_stale()
    sys.stdout.write(f"{len(compiled)} of {len(sources())} translations compiled\n")
