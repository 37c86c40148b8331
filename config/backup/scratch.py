"""A copy of the database, brought up beside everything else as it was at the wished moment, to be read and thrown away."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.backup.shelf import SEGMENT, BackupFailed, Copy
from config.launcher.binaries import NoPostgres
from config.launcher.cluster import Cluster, ClusterFailed, prepare_cluster

NAME = "postgres-restored"
# Going through the log of a long day takes its time.
PATIENCE_S = 4 * 60 * 60


@dataclass
class Scratch(Cluster):
    """A cluster that was brought back. This user alone gets in, as the role that owned the tables.

    The settings of where it comes from are left behind: it listens nowhere, and must not write into the log of its origin.
    """

    role: str = ""
    database: str = ""
    until: dt.datetime | None = None

    def url(self) -> str:
        """What DATABASE_URL must be to read it."""
        name, role, host = (quote(each, safe="") for each in (self.database, self.role, str(self.socket_folder)))
        return f"postgres://{role}@/{name}?host={host}"

    def libpq(self) -> dict[str, str]:
        """The same for PostgreSQL's own programs."""
        said = {"PGHOST": str(self.socket_folder), "PGUSER": self.role, "PGDATABASE": self.database}
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **said}

    def settle(self) -> None:
        """Who may come in, and how far the log is followed."""
        user = pwd.getpwuid(os.geteuid()).pw_name
        papers = {
            self.folder / "postgresql.conf": "",
            self.folder / "pg_hba.conf": "local all all peer map=restored\n",
            self.folder / "pg_ident.conf": f'restored "{user}" "{self.role}"\n',
            self.data / "postgresql.auto.conf": "",
        }
        if self.until:
            papers[self.data / "recovery.signal"] = ""
        for path, text in papers.items():
            path.write_text(text)
        self.folder.chmod(0o700)
        for path in (self.folder, *self.folder.rglob("*")):
            self.owner.give(path)

    def _options(self) -> dict[str, str]:
        options = super()._options() | {
            "config_file": str(self.folder / "postgresql.conf"),
            "hba_file": str(self.folder / "pg_hba.conf"),
            "ident_file": str(self.folder / "pg_ident.conf"),
            "hot_standby": "off",
        }
        if self.until:
            options |= {
                "restore_command": "false",  # the log lies in its place already
                "recovery_target_time": self.until.isoformat(),
                "recovery_target_action": "promote",
            }
        return options

    def _connect(self, role: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.socket_folder), user=self.role, dbname=self.database, connect_timeout=5)

    def _make_database(self) -> None:
        """It is there."""


@contextmanager
def brought_up(copy: Copy, *, home: Path, until: dt.datetime | None) -> Iterator[Scratch]:
    """The database of `copy`, with all that its log tells until then, while the block runs. Raises `BackupFailed`."""
    try:
        found = prepare_cluster(home, NAME, durable=False, major=copy.facts.major)
        _clear(found.folder)
        scratch = Scratch(
            folder=found.folder, owner=found.owner, binaries=found.binaries, log=found.log, durable=False, patience_s=PATIENCE_S,
            role=copy.facts.role, database=copy.facts.database, until=until,
        )  # fmt: skip
        _unpack(copy, scratch)
        scratch.settle()
        scratch.log.unlink(missing_ok=True)
        scratch.start()
    except (NoPostgres, ClusterFailed) as error:
        raise BackupFailed(f"{copy.folder} was not brought up. {error}") from error
    try:
        yield scratch
    finally:
        scratch.stop()
        _clear(found.folder)


def _clear(folder: Path) -> None:
    """Take away what is there, but not the programs: they are slow to copy."""
    for each in folder.iterdir() if folder.exists() else ():
        if each.name == "programs":
            continue
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


def _unpack(copy: Copy, scratch: Scratch) -> None:
    scratch.data.mkdir(mode=0o700, parents=True)
    _run("tar", "-xzf", str(copy.folder / "base.tar.gz"), "--no-same-owner", "-C", str(scratch.data))
    manifest = str(copy.folder / "backup_manifest")
    verify = str(scratch.binaries.folder / "pg_verifybackup")
    _run(verify, "--no-parse-wal", "--quiet", "--manifest-path", manifest, str(scratch.data))
    log = scratch.data / "pg_wal"
    log.mkdir(mode=0o700, exist_ok=True)
    _run("tar", "-xzf", str(copy.folder / "pg_wal.tar.gz"), "--no-same-owner", "-C", str(log))
    for segment in segments_after(copy):
        shutil.copyfile(segment, log / segment.name[:24])


def segments_after(copy: Copy) -> list[Path]:
    """The log that streamed in since the copy began, in order. Raises `BackupFailed` where a piece is missing."""
    per_log = 2**32 // copy.facts.segment_bytes

    def number(name: str) -> int:
        return int(name[8:16], 16) * per_log + int(name[16:24], 16)

    found = {}
    for path in copy.wal.iterdir() if copy.wal.is_dir() else ():
        # The piece that is still being written has ".partial" behind its name, and goes as far as it goes.
        whole = path.suffix != ".partial"
        if not SEGMENT.fullmatch(path.name[:24]) or number(path.name) < number(copy.facts.wal_start):
            continue
        if whole or path.name[:24] not in found:
            found[path.name[:24]] = path
    names = sorted(found)
    for before, after in zip(names, names[1:], strict=False):
        if number(after) != number(before) + 1:
            raise BackupFailed(
                f"The log in {copy.wal} has a gap between {before} and {after}: what came after it cannot be brought back from "
                f"{copy.folder.name}. A later copy may do; else move all segments after the gap away."
            )
    return [found[name] for name in names]


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"})
    if done.returncode != 0:
        raise BackupFailed(f"The backup is damaged: {Path(command[0]).name} said\n{done.stderr.strip()}")
