"""`make run` for real, but for the demo's data: everything comes up, comes back, and goes away."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from config.launcher import run as launcher
from tests.ops.processes import pids_of, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own, removed with all that ran there."""
    folder = Path(tempfile.mkdtemp(prefix="cc-run-"))
    folder.chmod(0o711)
    yield folder
    for pid in pids_of(str(folder)):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def free_port() -> int:
    """A port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Running:
    """`python -m config.launcher run`, as make starts it, and what it said so far."""

    def __init__(self, home: Path, *, port: int) -> None:
        self.port = port
        self.log = home / "said.txt"
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        environment = {**kept, "CONCILIA_HOME": str(home), "PORT": str(port)}
        environment |= {"CONCILIA_DEMO": "0", "CONCILIA_HTTPS": "0", "CONCILIA_POSTGRES": "wheel", "WEB_WORKERS": "1"}
        command = [sys.executable, "-m", "config.launcher", "run"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def said(self) -> str:
        """Everything on its standard output and error."""
        return self.log.read_text()

    def wait_until_ready(self) -> float:
        """Seconds until it greets."""
        began = time.monotonic()
        wait_until(lambda: "Concilia is ready" in self.said() or self.process.poll() is not None, seconds=180, what="readiness")
        assert "Concilia is ready" in self.said(), self.said()
        return time.monotonic() - began

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body; (0, b"") when nobody answers."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether every part says so."""
        return self.get("/readyz")[0] == 200


def stop_and_look(running: Running, home: Path) -> None:
    """Ctrl-C, as the terminal sends it: to the whole group. Then nothing must be left."""
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(40) == 0, running.said()
    assert pids_of(str(home)) == []
    assert running.get("/healthz")[0] == 0
    assert not (home / "environment").exists()


def kill(part: str, home: Path, running: Running) -> None:
    """`kill -9` every process of that name, and wait until it is back and everything is ready."""
    before = set(pids_of(part)) & set(pids_of(str(home)))
    assert before, part
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: set(pids_of(part)) & set(pids_of(str(home))) - before, seconds=40, what=f"{part} again")
    wait_until(running.is_ready, seconds=60, what=f"readiness after {part} was killed")


def test_it_runs_gets_up_again_stops_and_leaves_nothing_when_it_is_killed_itself(home: Path) -> None:
    running = Running(home, port=free_port())
    running.wait_until_ready()
    assert f"http://localhost:{running.port}/" in running.said()
    wait_until(running.is_ready, seconds=30, what="a ready worker")
    assert running.get("/")[0] == 200
    assert json.loads(running.get("/readyz")[1])["worker"] == "ok"
    assert (home / "environment").stat().st_mode & 0o777 == 0o600
    asked = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=BASE_DIR, env={"PATH": os.environ["PATH"], "CONCILIA_HOME": str(home)}, check=False, timeout=60,
    )  # fmt: skip
    assert asked.returncode == 0, "manage.py in a second terminal finds the same database"
    for part in ("config.gunicorn", "procrastinate", f"{home}/postgres/data"):
        kill(part, home, running)
    stop_and_look(running, home)

    again = Running(home, port=free_port())
    assert again.wait_until_ready() < 60
    assert "migrations" not in again.said()
    assert "collected" not in again.said()
    again.process.kill()
    again.process.wait()
    wait_until(lambda: pids_of(str(home)) == [], seconds=30, what="the end of all that it started")


def test_one_home_is_used_by_one_launcher(home: Path) -> None:
    with (
        launcher.home_in_use(home, "run"),
        pytest.raises(launcher.Unable, match="already running"),
        launcher.home_in_use(home, "run"),
    ):
        raise AssertionError("two at once")


def test_a_port_that_is_taken_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(launcher.Unable, match=f"Port {port} is taken"):
            launcher._free_port(str(port))
        monkeypatch.setattr(launcher, "FIRST_PORT", port)
        assert launcher._free_port(None) > port
    assert launcher._free_port(str(port)) == port


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1", "8000; ls"])
def test_a_port_without_sense_is_refused(text: str) -> None:
    with pytest.raises(launcher.Unable, match="PORT must be a number"):
        launcher._free_port(text)
