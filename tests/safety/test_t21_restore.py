"""T21: the restore drill. A backup of verified money and its files; an empty cluster; everything back, and proved.

Seen to fail: without the log that streamed in since the copy (what came after it was gone), with `named_files` without the
statements, with the files fetched only before the database or only after it.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from config.backup import take
from config.backup.restore import move_database, refuse_data
from config.backup.shelf import BackupFailed, Copy, Facts, Shelf
from config.backup.stored import Named, audit_files, named_files
from config.backup.take import libpq_environment, programs
from config.environment import BASE_DIR
from config.launcher.cluster import Cluster, prepare_cluster
from files.privacy import erase_files
from orders.fiscal_attach import attach_fiscal_document
from tests.files.makers import make_file, make_ready_file
from tests.ops.processes import pids_of, wait_until
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import make_scene

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.fixture
def home() -> Iterator[Path]:
    """A place of its own, removed with all that ran there."""
    folder = Path(tempfile.mkdtemp(prefix="cc-drill-"))
    folder.chmod(0o711)
    yield folder
    for pid in pids_of(str(folder)):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)
    assert pids_of(str(folder)) == []


@pytest.fixture
def clusters(home: Path) -> Iterator[tuple[Cluster, Cluster]]:
    """One with data, one that is empty."""
    made = [prepare_cluster(home, name, durable=False) for name in ("source", "empty")]
    for cluster in made:
        cluster.start()
    yield made[0], made[1]
    for cluster in made:
        cluster.stop()


def live_a_little() -> None:
    """Money that was found and verified, with a receipt, the bank's file, and another system's invoice."""
    scene = make_scene(fiscal_policy="external")
    receipt = make_ready_file(customer=scene.cast.a)
    assert receipt.is_ready
    sheet = f"date,amount,reference,text\n{scene.today},40.00,45775572,x\n".encode()
    bring_own_sheet(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="x.csv", content=sheet, by=scene.cast.carol
    )
    order = scene.order("20.00")
    scene.paid("20.00", order)
    pdf = SimpleUploadedFile("f.pdf", b"%PDF-1.4 as it came")
    attach_fiscal_document(order_id=order.pk, number="F-1", pdf=pdf, by=scene.cast.carol)


def fill(cluster: Cluster) -> list[Named]:
    """The tests' database, with some life in it, in a cluster of its own; what its rows name."""
    live_a_little()
    move_database(programs().folder, source=libpq_environment(), target=libpq(cluster))
    return list(named_files())


def libpq(cluster: Cluster) -> dict[str, str]:
    info = psycopg.conninfo.conninfo_to_dict(cluster.url())
    names = {"host": "PGHOST", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {"PATH": os.defpath, **{variable: str(info[name]) for name, variable in names.items()}}


def environment(home: Path, cluster: Cluster, media: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept, "CONCILIA_HOME": str(home), "DATABASE_URL": cluster.url(), "MEDIA_ROOT": str(media),
        "BACKUP_DIR": str(home / "shelf"), "SECRET_KEY": settings.SECRET_KEY, "CONCILIA_PLAIN_STATIC": "1",
    }  # fmt: skip


def manage(there: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=BASE_DIR, env=there, check=False, timeout=300, capture_output=True, text=True
    )


def change(cluster: Cluster, statement: str) -> None:
    """As somebody who walks round every trigger does."""
    with psycopg.connect(cluster.url()) as there:
        there.execute("SET session_replication_role = replica")
        there.execute(statement)


def test_what_was_lost_comes_back_whole_and_what_is_not_whole_is_named(home: Path, clusters: tuple[Cluster, Cluster]) -> None:
    source, empty = clusters
    media = Path(settings.MEDIA_ROOT)
    of_others = set(media.rglob("*"))
    named = fill(source)
    assert {each.row.split()[0] for each in named} == {
        "files_storedfile", "orders_fiscalfile", "reconciliation_statementimport",
    }  # fmt: skip
    kept = {path for path in media.rglob("*") if path.is_file()} - of_others
    assert {each.name for each in named} == {str(path.relative_to(media)) for path in kept}

    before = environment(home, source, media)
    made = manage(before, "backup")
    assert made.returncode == 0, made.stdout + made.stderr
    assert [path for path in (home / "shelf").rglob("*") if path.stat().st_mode & 0o077] == []

    with pytest.raises(BackupFailed, match="is not empty .* Nothing was changed"):
        refuse_data()

    after = environment(home, empty, home / "media")
    back = manage(after, "restore")
    assert back.returncode == 0, back.stdout + back.stderr
    assert "The books agree: 1 merchant" in back.stdout
    assert f"The files agree: {len(named)} files." in back.stdout
    assert not (home / "postgres-restored" / "data").exists()

    # One file altered, one gone.
    hashed = [each for each in named if each.sha256]
    (home / "media" / hashed[0].name).write_bytes(b"another")
    (home / "media" / hashed[-1].name).unlink()
    wrong = list(audit_files(FileSystemStorage(home / "media")))
    assert [each.partition(" (")[0] for each in wrong] == [
        f"{hashed[0].row}: {hashed[0].name} is another", f"{hashed[-1].row}: {hashed[-1].name} is missing",
    ]  # fmt: skip


@pytest.mark.soak
def test_a_backup_that_is_not_whole_says_so_when_it_is_rehearsed(home: Path, clusters: tuple[Cluster, Cluster]) -> None:
    source, empty = clusters
    named = [each for each in fill(source) if each.sha256]
    there = environment(home, source, Path(settings.MEDIA_ROOT))
    change(source, "DELETE FROM reconciliation_ledgerentry")
    assert manage(there, "backup").returncode == 0
    (home / "shelf" / "files" / named[0].name).write_bytes(b"another")
    (home / "shelf" / "files" / named[-1].name).unlink()
    for command, place in (("--rehearse", source), ("--from", empty)):
        arguments = (command, str(home / "shelf")) if command == "--from" else (command,)
        said = manage(environment(home, place, home / "media"), "restore", *arguments)
        assert said.returncode == 1, said.stdout
        assert f"{named[0].row}: {named[0].name} is another" in said.stdout
        assert f"{named[-1].row}: {named[-1].name} is missing" in said.stdout
        assert "The books disagree" in said.stderr, said.stderr
    # A copy that was spoilt is not brought up at all.
    base = next((home / "shelf").glob("*/*/base.tar.gz"))
    spoilt = bytearray(base.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    base.write_bytes(spoilt)
    said = manage(there, "restore", "--rehearse")
    assert (said.returncode, "The backup is damaged" in said.stderr) == (1, True), said.stderr


@pytest.mark.soak
def test_any_moment_comes_back_up_to_the_last_second(home: Path, clusters: tuple[Cluster, Cluster]) -> None:
    source, empty = clusters
    fill(source)
    there = environment(home, source, Path(settings.MEDIA_ROOT))
    with subprocess.Popen([sys.executable, "manage.py", "receive_wal"], cwd=BASE_DIR, env=there) as receiving:
        try:
            wait_until(lambda: list((home / "shelf").glob("*/wal/*.partial")), seconds=60, what="the log")
            assert manage(there, "backup").returncode == 0
            change(source, "UPDATE accounts_merchant SET name = 'Before'")
            time.sleep(1)
            moment = dt.datetime.now(dt.UTC).isoformat()
            time.sleep(1)
            change(source, "UPDATE accounts_merchant SET name = 'After'")
            source.stop()  # as if its disk were gone
        finally:
            receiving.send_signal(signal.SIGINT)
    for until, wanted in (((), "After"), (("--until", moment), "Before")):
        with psycopg.connect(empty.url(), autocommit=True) as target:
            target.execute("DROP SCHEMA public CASCADE")
            target.execute("CREATE SCHEMA public")
        back = manage(environment(home, empty, home / "media"), "restore", *until)
        assert back.returncode == 0, back.stdout + back.stderr
        with psycopg.connect(empty.url()) as target:
            assert target.execute("SELECT name FROM accounts_merchant").fetchone() == (wanted,)
    late = manage(environment(home, empty, home / "media"), "restore", "--until", "2020-01-01T00:00:00Z")
    assert (late.returncode, "after that moment" in late.stderr) == (1, True)


def test_what_comes_and_goes_while_the_database_is_copied_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes = make_file()
    there: list[str] = [goes.raw_name]

    def copy_database(draft: Path) -> None:
        there.append(make_file(customer=goes.customer).raw_name)
        erase_files(file_ids=[goes.pk])
        draft.mkdir()
        (draft / "backup_manifest").write_text('{"WAL-Ranges": [{"Start-LSN": "0/1000000"}]}')

    monkeypatch.setattr(take, "_copy_database", copy_database)
    copy, amiss = take.take_backup(Shelf(tmp_path), keep=1, say=lambda said: None)
    assert amiss == []
    assert set(there) <= set(copy.file_names())
    assert [name for name in there if not Shelf(tmp_path).files.exists(name)] == []


def test_copies_that_are_too_many_go_and_take_along_only_what_nobody_names(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for day, names in ((1, "a b"), (2, "b c"), (3, "c d")):
        draft = tmp_path / "77" / f"2026-11-0{day}T000000Z.part"
        draft.mkdir(parents=True)
        (draft / "files.txt").write_text("".join(f"{name}\n" for name in names.split()))
        facts = Facts(
            finished_at=f"2026-11-0{day}T00:00:00+00:00", major=15, database="x", role="x", key="", segment_bytes=2**24,
            wal_start=f"0000000100000000000000{day}0",
        )  # fmt: skip
        assert isinstance(shelf.finish(draft, facts), Copy)
    (tmp_path / "77" / "wal").mkdir()
    for segment in ("1F", "20", "30"):
        (tmp_path / "77" / "wal" / f"0000000100000000000000{segment}").touch()
    (tmp_path / "files").mkdir()
    for name in "abcde":
        (tmp_path / "files" / name).touch()
        if name != "e":  # fetched after the oldest copy that stays: a moment between two copies may name it
            os.utime(tmp_path / "files" / name, (0, 0))
    assert shelf.forget_old(2) == ["2026-11-01T000000Z"]
    assert [copy.folder.name[:10] for copy in shelf.copies()] == ["2026-11-02", "2026-11-03"]
    assert sorted(path.name[-2:] for path in (tmp_path / "77" / "wal").iterdir()) == ["20", "30"]
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == list("bcde")


def test_the_connection_of_the_settings_is_told_without_its_password_among_arguments() -> None:
    connection.ensure_connection()
    assert libpq_environment()["PGDATABASE"] == connection.settings_dict["NAME"]
