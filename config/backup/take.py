"""Make a backup: first the files, then the database, then the files that came meanwhile.

So whatever the database names at the moment of its copy is there: files are written before the row that names them, and the few
that are deleted (receipts whose time is over, tables that expired) are fetched before. A file is never written over: its name is
drawn at random and its bytes do not change.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import connection
from django.utils.crypto import salted_hmac

from config.backup.shelf import TIME, UNDER_WAY, BackupFailed, Copy, Facts, Shelf
from config.backup.stored import CHUNK, Named, named_files, what_is_wrong
from config.launcher.binaries import Binaries, NoPostgres, find_binaries
from files.storage import storage_errors

SLOT = "concilia_backup"
LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def key_mark(key: str) -> str:
    """By this a SECRET_KEY is known again; the key cannot be made from it."""
    return salted_hmac("config.backup", "mark", secret=key, algorithm="sha256").hexdigest()[:16]


def programs() -> Binaries:
    """PostgreSQL's programs of the server's own version. Raises `BackupFailed`."""
    connection.ensure_connection()
    major = int(connection.cursor().connection.info.server_version) // 10_000
    try:
        return find_binaries(major=major)
    except NoPostgres as error:
        raise BackupFailed(f"PostgreSQL's own programs make the backup. {error}") from error


def libpq_environment() -> dict[str, str]:
    """The database of the settings, as PostgreSQL's programs are told of it: no password among their arguments."""
    given = connection.get_connection_params()
    said = {variable: str(given[name]) for name, variable in LIBPQ.items() if given.get(name)}
    said |= {f"PG{name.upper()}": str(value) for name, value in given.items() if name.startswith("ssl")}
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **said}


def system_identifier() -> str:
    """The number by which the cluster is known."""
    return str(_ask("SELECT system_identifier FROM pg_control_system()"))


def take_backup(shelf: Shelf, *, keep: int, say: Callable[[str], None]) -> tuple[Copy, list[str]]:
    """A copy of database and files; the copies that are too many go. Gives the copy and a sentence for each file that is amiss.

    Raises `BackupFailed`.
    """
    with shelf.hold():
        before, _ = fetch_files(shelf)
        draft = shelf.cluster(system_identifier()) / (dt.datetime.now(dt.UTC).strftime(TIME) + UNDER_WAY)
        draft.parent.mkdir(exist_ok=True)
        _copy_database(draft)
        fetched, amiss = fetch_files(shelf)
        names = dict.fromkeys([*before, *fetched])
        (draft / "files.txt").write_text("".join(f"{name}\n" for name in names))
        copy = shelf.finish(draft, _facts(draft))
        size = sum(each.stat().st_size for each in copy.folder.iterdir())
        say(f"{copy.folder}: the database ({size / 1e6:.1f} MB) and {len(fetched)} files.")
        for name in shelf.forget_old(keep):
            say(f"{name} is older than the {keep} that are kept, and was deleted.")
    return copy, amiss


def fetch_files(shelf: Shelf) -> tuple[list[str], list[str]]:
    """Copy what rows name and the shelf has not. Gives all names there, and a sentence for each that is not as its row says."""
    fetched, amiss = [], []
    for named in named_files():
        if shelf.files.exists(named.name) or _fetch(named, shelf.files):
            fetched.append(named.name)
        else:
            amiss.append(named)
    if amiss:
        # It may have been erased while we came to it: what no row names any more is not amiss.
        still = {each.name for each in named_files()}
        amiss = [each for each in amiss if each.name in still and not _fetch(each, shelf.files)]
    return fetched, [f"{each.row}: {each.name} {what_is_wrong(each, default_storage)}" for each in amiss]


def _fetch(named: Named, shelf: Storage) -> bool:
    """Copy one file and check its bytes on the way; whether it is there now."""
    target = Path(shelf.path(named.name))
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}{UNDER_WAY}")
    digest = hashlib.sha256()
    try:
        with default_storage.open(named.name) as source, draft.open("wb") as copy:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
    except storage_errors():
        draft.unlink(missing_ok=True)
        return False
    if named.sha256 and digest.hexdigest() != named.sha256:
        draft.unlink()
        return False
    draft.replace(target)
    return True


def _copy_database(draft: Path) -> None:
    command = [str(programs().folder / "pg_basebackup"), "--pgdata", str(draft), "--format=tar", "--gzip", "--wal-method=stream"]
    command += ["--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password"]
    done = subprocess.run(command, env=libpq_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip()
        if "replication" in said:
            said += f"\nThe role may not copy the cluster; allow it:  ALTER ROLE {connection.settings_dict['USER']} REPLICATION"
        raise BackupFailed(f"The database was not copied:\n{said}")


def _facts(draft: Path) -> Facts:
    ranges = json.loads((draft / "backup_manifest").read_text())["WAL-Ranges"]
    return Facts(
        finished_at=dt.datetime.now(dt.UTC).isoformat(),
        major=programs().major,
        database=connection.settings_dict["NAME"],
        role=str(_ask("SELECT current_user")),
        key=key_mark(settings.SECRET_KEY),
        wal_start=str(_ask("SELECT pg_walfile_name(%s)", ranges[0]["Start-LSN"])),
        segment_bytes=int(str(_ask("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'"))),
    )


def _ask(question: str, *given: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return cursor.fetchone()[0]
