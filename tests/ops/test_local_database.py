"""A PostgreSQL of our own, from the machine or from the wheel: found, closed to others, gone when stopped."""

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.launcher import binaries as programs
from config.launcher import cluster as clusters
from config.launcher.binaries import Binaries, NoPostgres, find_binaries
from config.launcher.cluster import Cluster, ClusterFailed, prepare_cluster
from tests.ops.processes import pids_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def machine_has_postgres() -> bool:
    """Whether PostgreSQL is installed here; the wheel's is always."""
    try:
        find_binaries(only="machine")
    except NoPostgres:
        return False
    return True


SOURCES = [
    pytest.param("machine", marks=pytest.mark.skipif(not machine_has_postgres(), reason="no PostgreSQL is installed here")),
    "wheel",
]


@pytest.fixture
def home() -> Iterator[Path]:
    """A short home that other users may pass through, as in /srv or /home/somebody."""
    folder = Path(tempfile.mkdtemp(prefix="cc-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
    assert pids_of(str(folder)) == []


@pytest.fixture
def running(home: Path) -> Iterator[Callable[[str], Cluster]]:
    """Make and start a cluster of this home; stopped at the end."""
    started: list[Cluster] = []

    def start(source: str) -> Cluster:
        cluster = prepare_cluster(home, "pg", only=source, durable=False)
        started.append(cluster)
        cluster.start()
        return cluster

    yield start
    for cluster in started:
        cluster.stop()
        if home not in cluster.folder.parents:
            shutil.rmtree(cluster.folder.parent)


def ask(cluster: Cluster, question: str) -> tuple[object, ...]:
    """The first row of the answer."""
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("source", SOURCES)
def test_a_cluster_has_what_we_need(running: Callable[[str], Cluster], source: str) -> None:
    cluster = running(source)
    assert cluster.binaries.source == source
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION unaccent")
    assert ask(cluster, "SELECT 'ÑANDÚ' ILIKE 'ñandú', lower('ÑANDÚ'), unaccent('ÑANDÚ'), 'ñandú' % 'ñandu'") == (
        True, "ñandú", "NANDU", True,
    )  # fmt: skip
    assert ask(cluster, "SELECT current_user, current_setting('TimeZone'), current_setting('server_encoding')") == (
        "concilia", "UTC", "UTF8",
    )  # fmt: skip
    assert ask(cluster, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == (False,)


@pytest.mark.parametrize("source", SOURCES)
def test_nobody_else_comes_in(running: Callable[[str], Cluster], source: str) -> None:
    cluster = running(source)
    assert ask(cluster, "SHOW listen_addresses") == ("",)
    for folder in (cluster.folder, cluster.socket_folder):
        assert folder.stat().st_mode & 0o077 == 0
    rules = (cluster.data / "pg_hba.conf").read_text().splitlines()
    methods = {line.split()[-1] for line in rules if line.strip() and not line.startswith("#")}
    assert methods == {"scram-sha-256"}
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(cluster.socket_folder), user="concilia", dbname="concilia", password="")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(cluster.socket_folder), user="postgres", dbname="postgres", password="postgres")


@pytest.mark.parametrize("source", SOURCES)
def test_a_second_start_keeps_the_data(home: Path, running: Callable[[str], Cluster], source: str) -> None:
    cluster = running(source)
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop()
    assert pids_of(str(cluster.data)) == []
    again = running("")
    assert again.binaries.major == cluster.binaries.major  # whatever stands first on this machine
    assert ask(again, "SELECT answer FROM kept") == (42,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must step down")
def test_as_root_it_runs_as_another_user_and_opens_no_folder(tmp_path: Path, running: Callable[[str], Cluster]) -> None:
    hidden = tmp_path / "root-only"
    hidden.mkdir(mode=0o700)
    cluster = prepare_cluster(hidden, "pg", only="wheel", durable=False)
    try:
        cluster.start()
        assert hidden not in cluster.folder.parents
        assert hidden.stat().st_mode & 0o777 == 0o700
        assert cluster.folder.stat().st_uid != 0
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in pids_of(str(cluster.data))} == {cluster.folder.stat().st_uid}
        assert ask(cluster, "SELECT 1") == (1,)
        assert prepare_cluster(hidden, "pg").folder == cluster.folder
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only another user cannot reach our environment")
def test_programs_out_of_reach_are_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = find_binaries(only="wheel").folder
    really = clusters._reachable
    monkeypatch.setattr(clusters, "_reachable", lambda path, owner: inside not in path.parents and really(path, owner))
    cluster = prepare_cluster(home, "pg", only="wheel", durable=False)
    assert cluster.folder in cluster.binaries.folder.parents
    try:
        cluster.start()
        assert ask(cluster, "SELECT 1") == (1,)
    finally:
        cluster.stop()


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home / ("d" * 50) / ("e" * 50)
    deep.mkdir(parents=True)
    cluster = prepare_cluster(deep, "pg", only="wheel", durable=False)
    try:
        cluster.start()
        assert len(str(cluster.socket_folder)) < 90
        assert cluster.socket_folder.stat().st_mode & 0o077 == 0
        assert ask(cluster, "SELECT 1") == (1,)
    finally:
        cluster.stop()
        shutil.rmtree(cluster.socket_folder)


def test_a_socket_folder_of_somebody_else_is_not_used(home: Path) -> None:
    deep = home / ("d" * 50) / ("e" * 50)
    cluster = prepare_cluster(deep, "pg", only="wheel", durable=False)
    cluster.socket_folder.symlink_to(home)
    try:
        with pytest.raises(ClusterFailed, match="belongs to somebody else"):
            cluster.start()
    finally:
        cluster.socket_folder.unlink()


def test_the_machine_comes_before_the_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("postgres", "initdb"):
            (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.3'\n")
            (folder / name).chmod(0o755)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)
    assert find_binaries() == Binaries(tmp_path / "17" / "bin", 17, "machine")
    assert find_binaries(major=15).folder == tmp_path / "15" / "bin"
    assert find_binaries(only="wheel").source == "wheel"
    with pytest.raises(NoPostgres, match="PostgreSQL 9"):
        find_binaries(only="machine", major=9)  # too old to be looked at


def test_without_any_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPostgres, match="apt-get install postgresql"):
        find_binaries()


def test_a_broken_data_folder_is_told_with_the_log(home: Path) -> None:
    cluster = prepare_cluster(home, "pg", only="wheel", durable=False)
    cluster.start()
    cluster.stop()
    shutil.rmtree(cluster.data / "global")
    with pytest.raises(ClusterFailed, match="stopped at once"):
        cluster.start()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe, pytest.raises(OSError, match="No such file|refused"):
        probe.connect(str(cluster.socket_folder / ".s.PGSQL.5432"))
