"""A new version comes into service as systemd does it (deploy/): no request is lost, and the job under way is finished.

Seen to fail: with a server that is killed and not asked to go (thirty-six answers cut off in one restart).
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.environment import BASE_DIR
from tests.files.makers import make_file
from tests.ops.processes import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# What stands behind the server: it takes its time, and writes down whom it answered.
BEHIND = """
import os, time
def application(environ, start_response):
    number = environ["wsgi.input"].read()
    time.sleep(0.15)
    with open(os.environ["BOOK"], "ab") as book:
        book.write(number + b"\\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [os.environ["GENERATION"].encode()]
"""

AS_SYSTEMD_DOES = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.execve(sys.argv[2], sys.argv[2:], {**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})
"""


def command_of(unit: str) -> list[str]:
    """What systemd starts, with the programs of this environment in place of the server's."""
    text = (BASE_DIR / "deploy" / f"{unit}.service").read_text()
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    first, *rest = line.removeprefix("ExecStart=").split()
    return [str(Path(sys.executable).parent / Path(first).name), *rest]


@pytest.fixture
def called() -> Iterator[socket.socket]:
    """The socket that systemd holds."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(4096)
        yield listening


@pytest.fixture
def start(tmp_path: Path, called: socket.socket) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start a generation of the server on that socket, the way systemd hands it over."""
    (tmp_path / "behind.py").write_text(BEHIND)
    started: list[subprocess.Popen[bytes]] = []

    def begin(generation: int) -> subprocess.Popen[bytes]:
        arguments = ["behind" if each == "config.wsgi" else each for each in command_of("concilia-web")]
        there = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tmp_path}:{BASE_DIR}", "BOOK": str(tmp_path / "book")}
        process = subprocess.Popen(
            [sys.executable, "-c", AS_SYSTEMD_DOES, str(called.fileno()), *arguments],
            env={**there, "GENERATION": str(generation)}, pass_fds=[called.fileno()], cwd=tmp_path, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Callers:
    """They call again and again, each on a connection of its own as nginx does, and write down what they heard."""

    def __init__(self, port: int, *, count: int) -> None:
        self.port = port
        self.heard: dict[str, str] = {}
        self.lost: list[str] = []
        self.stops = threading.Event()
        self.threads = [threading.Thread(target=self._call, args=(name,), daemon=True) for name in range(count)]

    def _call(self, name: int) -> None:
        number = 0
        while not self.stops.is_set():
            number += 1
            caller = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                caller.request("POST", "/", body=f"{name}-{number}", headers={"Connection": "close"})
                self.heard[f"{name}-{number}"] = caller.getresponse().read().decode()
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(f"{name}-{number}: {error!r}")
            finally:
                caller.close()

    def have_heard(self, generation: int) -> bool:
        return str(generation) in self.heard.copy().values()


def test_a_restart_loses_no_request(
    start: Callable[[int], subprocess.Popen[bytes]], called: socket.socket, tmp_path: Path
) -> None:
    callers = Callers(called.getsockname()[1], count=12)
    server = start(0)
    for thread in callers.threads:
        thread.start()
    for generation in range(1, 4):
        wait_until(lambda before=generation - 1: callers.have_heard(before), seconds=60, what="an answer")
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
        server = start(generation)
    wait_until(lambda: callers.have_heard(3), seconds=60, what="an answer of the last")
    callers.stops.set()
    for thread in callers.threads:
        thread.join(60)
    assert callers.lost == []
    # Each was answered, and none was done twice.
    book = (tmp_path / "book").read_text().split()
    assert sorted(book) == sorted(callers.heard)
    assert set(callers.heard.values()) == {"0", "1", "2", "3"}


@pytest.mark.django_db(transaction=True)
def test_the_worker_finishes_the_job_under_way() -> None:
    file = make_file()
    there = {
        "PATH": os.environ["PATH"], "DATABASE_URL": url_of_the_tests(), "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "SECRET_KEY": settings.SECRET_KEY, "CONCILIA_PLAIN_STATIC": "1",
    }  # fmt: skip
    with psycopg.connect(url_of_the_tests()) as holding:
        holding.execute("SELECT 1 FROM files_storedfile WHERE id = %s FOR UPDATE", [file.pk])
        with subprocess.Popen(command_of("concilia-worker"), cwd=BASE_DIR, env=there) as worker:
            try:
                wait_until(lambda: asked("SELECT count(*) FROM pg_locks WHERE NOT granted"), seconds=60, what="a job under way")
                worker.send_signal(signal.SIGTERM)
                time.sleep(0.5)
                assert worker.poll() is None, "it went away in the middle of a job"
                holding.rollback()
                assert worker.wait(60) == 0
            finally:
                worker.kill()
    file.refresh_from_db()
    assert file.state == "ready"
    assert (
        asked("SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded' AND task_name = 'files.jobs.process_file'") == 1
    )


def asked(question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


def url_of_the_tests() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
