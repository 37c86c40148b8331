"""A PostgreSQL cluster of our own: made once, started and stopped with what uses it.

It listens on no network port, only on a socket in a folder that its own user alone can enter, and asks
for a password even there. PostgreSQL refuses to run as root, so under root it runs as another user, in a
folder which that user can reach; no folder of yours is opened wider for it.
"""

import hashlib
import locale
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.launcher.binaries import Binaries, copy_wheel, find_binaries
from config.launcher.children import die_with_parent

ROLE = "concilia"
DATABASE = "concilia"
# A socket's address holds 107 characters; PostgreSQL adds a file name of some fifteen.
LONGEST_SOCKET_FOLDER = 90
START_TIMEOUT_S = 60


class ClusterFailed(Exception):
    """The cluster could not be made or started; the text says why and where the log is."""


@dataclass(frozen=True)
class Owner:
    """The user under which the cluster runs; None stands for ourselves."""

    uid: int | None
    gid: int | None

    def run_as(self) -> dict[str, object]:
        """Arguments for subprocess that change to this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand a file or folder over to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass
class Cluster:
    """One cluster in `folder` (data, socket and password), run by `owner` with `binaries`."""

    folder: Path
    owner: Owner
    binaries: Binaries
    log: Path
    durable: bool = True
    for_trials: bool = False
    patience_s: int = START_TIMEOUT_S
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """The private folder of the socket; a short one elsewhere if the path would be too long."""
        beside = self.folder / "socket"
        if len(str(beside)) <= LONGEST_SOCKET_FOLDER:
            return beside
        return Path(tempfile.gettempdir()) / f"concilia-{_digest(self.folder)}"

    def url(self) -> str:
        """What DATABASE_URL must be to use this cluster."""
        return f"postgres://{ROLE}:{self._password(ROLE)}@/{DATABASE}?host={quote(str(self.socket_folder), safe='')}"

    def start(self) -> None:
        """Make the cluster if there is none, start it, and wait until it answers. Raises ClusterFailed."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._make_private(self.socket_folder)
        command = [str(self.binaries.postgres), "-D", str(self.data)]
        for name, value in self._options().items():
            command += ["-c", f"{name}={value}"]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=_bare_environment(),
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
                **self.owner.run_as(),
            )
        try:
            self._wait()
            self._make_database()
        except BaseException:
            self.stop()
            raise

    def _options(self) -> dict[str, str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.durable:
            # PostgreSQL's own defaults are for the smallest machine: a month of a busy account would not fit into its memory, and
            # would be written twice, for a checkpoint would come every few seconds.
            options |= {"shared_buffers": f"{_buffers_mb()}MB", "max_wal_size": "2GB"}
        else:
            # What the vacuum counts in the middle of a test's transaction is not there for it, and spoils the plans of the rest.
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        return options

    def stop(self) -> None:
        """Stop it in order (a fast shutdown), by force after twenty seconds."""
        if self.process is None:
            return
        for how, patience_s in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            if self.process.poll() is None:
                self.process.send_signal(how)
            try:
                self.process.wait(patience_s)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None

    def _initialise(self) -> None:
        self._make_private(self.folder)
        shutil.rmtree(self.data, ignore_errors=True)  # what a broken attempt left
        for role in ("postgres", ROLE):
            path = self.folder / f"password-{role}"
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
            self.owner.give(path)
        command = [str(self.binaries.initdb), "-D", str(self.data), "-U", "postgres", "--encoding=UTF8", *_locale(self.binaries)]
        command += ["--auth=scram-sha-256", f"--pwfile={self.folder / 'password-postgres'}"]
        if not self.durable:
            command.append("--no-sync")
        made = subprocess.run(  # type: ignore[call-overload]
            command,
            cwd=self.folder,
            env=_bare_environment(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=die_with_parent(signal.SIGKILL),
            **self.owner.run_as(),
        )
        if made.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ClusterFailed(f"PostgreSQL's initdb failed in {self.folder}:\n{made.stderr.strip()}")

    def _wait(self) -> None:
        until = time.monotonic() + self.patience_s
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise ClusterFailed(f"PostgreSQL stopped at once; the end of {self.log}:\n{_tail(self.log)}")
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise ClusterFailed(f"PostgreSQL did not answer within {self.patience_s} seconds; see {self.log}")

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                        sql.Identifier(ROLE), sql.Literal(self._password(ROLE))
                    )
                )
            # `make backup` copies the cluster.
            connection.execute(sql.SQL("ALTER ROLE {} REPLICATION").format(sql.Identifier(ROLE)))
            if self.for_trials:
                # Tests empty their tables, and measurements fill them, with the triggers asleep.
                connection.execute(sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(sql.Identifier(ROLE)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))

    def _connect(self, role: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self.socket_folder), user=role, password=self._password(role), dbname="postgres", autocommit=True,
            connect_timeout=5,
        )  # fmt: skip

    def _password(self, role: str) -> str:
        return (self.folder / f"password-{role}").read_text()

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        wanted = {os.geteuid(), self.owner.uid if self.owner.uid is not None else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in wanted:
            raise ClusterFailed(f"{folder} belongs to somebody else; remove it or set CONCILIA_HOME to another folder.")
        folder.chmod(0o700)
        self.owner.give(folder)


def prepare_cluster(
    home: Path, name: str, *, only: str = "", durable: bool = True, for_trials: bool = False, major: int | None = None
) -> Cluster:
    """The cluster called `name` of this home, not started yet. Raises NoPostgres or ClusterFailed.

    `only` ("machine" or "wheel") restricts where the programs come from; `major` is the version of what will be put there.
    `for_trials`: our role may put its triggers to sleep, as no role of a server may.
    """
    folder, owner = _place(home, name)
    version = folder / "data" / "PG_VERSION"
    if version.exists():
        major = int(version.read_text())
    binaries = find_binaries(only=only, major=major)
    if not _reachable(binaries.postgres, owner):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        binaries = copy_wheel(binaries, folder / "programs")
        owner.give(folder)
        for path in (folder / "programs").rglob("*"):
            if not path.is_symlink():
                owner.give(path)
        owner.give(folder / "programs")
    return Cluster(
        folder=folder, owner=owner, binaries=binaries, log=home / "log" / f"{name}.log", durable=durable, for_trials=for_trials
    )


def _place(home: Path, name: str) -> tuple[Path, Owner]:
    beside = home / name
    if os.geteuid() != 0:
        return beside, Owner(None, None)
    elsewhere = Path(f"/var/lib/concilia-{_digest(home)}") / name
    for folder in (beside, elsewhere):  # what exists keeps its owner
        if folder.exists() and (owner_id := folder.stat().st_uid) != 0:
            return folder, Owner(owner_id, folder.stat().st_gid)
    owner = _another_user()
    home.mkdir(parents=True, exist_ok=True)
    if _reachable(home, owner):
        return beside, owner
    elsewhere.parent.mkdir(mode=0o711, exist_ok=True)
    return elsewhere, owner


def _another_user() -> Owner:
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(found.pw_uid, found.pw_gid)
    raise ClusterFailed("PostgreSQL cannot run as root, and there is no user postgres or nobody. Run as another user.")


def _reachable(path: Path, owner: Owner) -> bool:
    if owner.uid is None:
        return True
    tried = subprocess.run(["/usr/bin/test", "-x", str(path)], check=False, cwd="/", **owner.run_as())  # type: ignore[call-overload]
    return bool(tried.returncode == 0)


def _locale(binaries: Binaries) -> list[str]:
    """Sorting by code point, upper and lower case for all letters ('ñandú' finds 'ÑANDÚ')."""
    known = "C"
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        known = locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        pass
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    if binaries.major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={known}"]
    return [f"--locale={known}"]


def _bare_environment() -> dict[str, str]:
    # Nothing of ours leaks into the server: no PG* variable, no password.
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _buffers_mb() -> int:
    """An eighth of the machine's memory, for it is shared with all else here; 128 to 2048."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(2048, max(128, memory // 8 // 2**20))


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-12:])
