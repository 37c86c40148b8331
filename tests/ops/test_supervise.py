"""The supervisor: starts again what falls over, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from config.launcher.supervise import MOST_SHORT_LIVES, GaveUp, Service, keep_running, read_procfile, stop_all
from tests.ops.processes import pids_of, wait_until


@pytest.fixture
def mark() -> str:
    """A word by which the processes of this test are known."""
    return f"mark-{uuid.uuid4().hex}"


def service(tmp_path: Path, mark: str, code: str) -> Service:
    """A Python process that does `code`."""
    return Service("thing", [sys.executable, "-c", code], {"MARK": mark, "PATH": os.environ["PATH"]}, tmp_path / "thing.log")


SLEEP = "import time; time.sleep(600)"
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


def test_the_procfile_is_read_without_a_shell(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("# comment: no\nweb: serve --name 'a b' $HOME\n\nworker: work\n")
    assert read_procfile(tmp_path / "Procfile") == {"web": ["serve", "--name", "a b", "$HOME"], "worker": ["work"]}
    assert list(read_procfile(BASE_DIR / "Procfile")) == ["web", "worker"]


def test_stopping_takes_the_children_along(tmp_path: Path, mark: str) -> None:
    thing = service(tmp_path, mark, WITH_CHILD)
    thing.start()
    wait_until(lambda: len(pids_of(mark)) == 2, seconds=20, what="parent and child")
    stop_all([thing])
    wait_until(lambda: pids_of(mark) == [], seconds=5, what="the end of both")


def test_what_does_not_listen_is_ended_all_the_same(tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.launcher.supervise.PATIENCE_S", 0.5)
    thing = service(tmp_path, mark, STUBBORN)
    thing.start()
    wait_until(lambda: "deaf" in thing.tail(), seconds=20, what="deafness")
    stop_all([thing])
    assert pids_of(mark) == []


def test_what_falls_over_is_started_again_but_not_for_ever(tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.launcher.supervise.LONGEST_PAUSE_S", 0.0)
    said: list[str] = []
    thing = service(tmp_path, mark, "raise SystemExit('out of order')")
    thing.start()
    with pytest.raises(GaveUp, match="out of order"):
        keep_running([thing], each_round=lambda: None, say=said.append)
    assert len(said) == MOST_SHORT_LIVES


def test_the_pause_grows_while_it_keeps_falling_and_a_long_life_forgives(tmp_path: Path, mark: str) -> None:
    thing = service(tmp_path, mark, "")
    pauses = []
    for _ in range(7):
        thing.started_at = time.monotonic() - 1
        thing.note_fall()
        pauses.append(round(thing.start_again_at - time.monotonic(), 1))
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    thing.started_at = time.monotonic() - 60
    thing.note_fall()
    assert thing.short_lives == 0


def test_nothing_outlives_a_supervisor_that_is_killed_outright(tmp_path: Path, mark: str) -> None:
    code = (
        "import os, sys; from pathlib import Path; from config.launcher.supervise import Service;"
        f"Service('thing', [sys.executable, '-c', {SLEEP!r}], os.environ, Path({str(tmp_path / 'log')!r})).start();"
        f"{SLEEP}"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, env={**os.environ, "MARK": mark})
    wait_until(lambda: len(pids_of(mark)) == 2, seconds=20, what="supervisor and service")
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    wait_until(lambda: pids_of(mark) == [], seconds=5, what="the end of the service")
