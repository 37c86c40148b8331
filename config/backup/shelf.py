"""Where backups lie, and which are kept.

    BACKUP_DIR/files/…                          every private file once, under the name that it has in the storage
    BACKUP_DIR/<cluster>/wal/…                  what the database wrote since, as it streams in (`receive_wal`)
    BACKUP_DIR/<cluster>/<time>/base.tar.gz …   one copy of the database, complete once it has this name

A cluster of PostgreSQL is known by the number that it was given when it was made: the log of one is of no use to another.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.files.storage import FileSystemStorage

UNDER_WAY = ".part"
TIME = "%Y-%m-%dT%H%M%SZ"
SEGMENT = re.compile(r"[0-9A-F]{24}")


class BackupFailed(Exception):
    """It cannot be done; the text says why, and nothing was lost."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What must be known of a copy to bring it back. `wal_start` is the first segment of the log that it needs."""

    finished_at: str
    major: int
    database: str
    role: str
    key: str
    wal_start: str
    segment_bytes: int


@dataclass(frozen=True)
class Copy:
    """One copy of the database, in its folder."""

    folder: Path
    facts: Facts

    @property
    def finished_at(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.facts.finished_at)

    @property
    def wal(self) -> Path:
        """The log of the cluster that it was taken of; the folder need not exist."""
        return self.folder.parent / "wal"

    def file_names(self) -> Iterator[str]:
        """Names of the private files that its rows name."""
        with (self.folder / "files.txt").open() as lines:
            yield from (line.rstrip("\n") for line in lines)


class Shelf:
    """The folder of all backups, its owner's alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def files(self) -> FileSystemStorage:
        """The private files of all copies."""
        return FileSystemStorage(self.folder / "files")

    def cluster(self, system: str) -> Path:
        """The folder of one cluster's copies and log."""
        return self.folder / system

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Make the folder, and work in it alone; nobody else may read what comes. Raises `BackupFailed`."""
        os.umask(0o077)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("a")
        except OSError as error:
            raise BackupFailed(f"{self.folder} cannot be written ({error}). Set BACKUP_DIR to a folder that can.") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupFailed(f"Another backup into {self.folder} is under way.") from None
            yield

    def copies(self) -> list[Copy]:
        """All that are complete, the oldest first."""
        found = []
        for note in self.folder.glob("*/*/copy.json"):
            if not note.parent.name.endswith(UNDER_WAY):
                found.append(Copy(note.parent, Facts(**json.loads(note.read_text()))))
        return sorted(found, key=lambda copy: copy.finished_at)

    def finish(self, draft: Path, facts: Facts) -> Copy:
        """Give a copy that is complete its name."""
        (draft / "copy.json").write_text(json.dumps(asdict(facts), indent=1) + "\n")
        folder = draft.with_name(draft.name.removesuffix(UNDER_WAY))
        draft.rename(folder)
        return Copy(folder, facts)

    def forget_old(self, keep: int) -> list[str]:
        """Delete all but the newest `keep` copies, the log before them and files that none of them names; says what went."""
        copies = self.copies()
        gone, kept = copies[:-keep], copies[-keep:]
        for copy in gone:
            shutil.rmtree(copy.folder)
        for draft in self.folder.glob(f"*/*{UNDER_WAY}"):
            shutil.rmtree(draft)
        if gone:
            self._forget_log(kept)
            self._forget_files(kept)
        return [copy.folder.name for copy in gone]

    def _forget_log(self, kept: list[Copy]) -> None:
        for wal in self.folder.glob("*/wal"):
            starts = [copy.facts.wal_start for copy in kept if copy.wal == wal]
            if not starts:
                shutil.rmtree(wal.parent)
                continue
            for segment in wal.iterdir():
                # The first eight digits are the timeline, which is of no account here.
                if SEGMENT.fullmatch(segment.name[:24]) and segment.name[8:24] < min(starts)[8:]:
                    segment.unlink()

    def _forget_files(self, kept: list[Copy]) -> None:
        named = {name for copy in kept for name in copy.file_names()}
        # What came after the oldest copy may be named by a moment between two copies.
        since = kept[0].finished_at.timestamp()
        root = Path(self.files.location)
        for path in root.rglob("*"):
            if path.is_file() and path.stat().st_mtime < since and str(path.relative_to(root)) not in named:
                path.unlink()
