"""The child's cage: no network, no programs, no processes; threads, files and its own memory stay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from files.cage import MACHINES

ROOT = Path(__file__).resolve().parent.parent.parent
PROBE = """
import json, os, socket, subprocess, sys, threading
sys.path.append(sys.argv[1])
from files.cage import close_the_door, limit_resources
limit_resources(cpu_s=5, memory_bytes=300_000_000, file_bytes=1000)
closed = close_the_door()
said = {"closed": closed}
def attempt(name, act):
    try:
        act()
    except (OSError, MemoryError) as error:
        said[name] = type(error).__name__
    else:
        said[name] = "done"
attempt("socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
attempt("pair", socket.socketpair)
attempt("fork", os.fork)
attempt("program", lambda: subprocess.run(["/bin/true"], check=True))
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("kill", lambda: os.kill(os.getppid(), 0))
attempt("memory", lambda: bytearray(600_000_000))
def long_file():
    with open("long", "wb", buffering=0) as file:
        for _ in range(20):
            if file.write(bytes(100)) < 100:
                raise OSError
attempt("file", long_file)
thread = threading.Thread(target=lambda: said.__setitem__("thread", "done")); thread.start(); thread.join()
print(json.dumps(said))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="seccomp is Linux's")
def test_a_caged_process_reaches_nothing(tmp_path: Path) -> None:
    import os

    if os.uname().machine not in MACHINES:
        pytest.skip("no filter for this machine")
    done = subprocess.run([sys.executable, "-I", "-c", PROBE, str(ROOT)], capture_output=True, check=True, cwd=tmp_path)
    said = json.loads(done.stdout)
    assert said.pop("closed") is True
    assert said.pop("thread") == "done"
    assert said.pop("memory") == "MemoryError"
    assert said.pop("file") == "OSError"
    assert set(said.values()) == {"PermissionError"}, said


def test_the_child_sees_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from files.limited import ENVIRONMENT

    monkeypatch.setenv("SECRET_KEY", "secret")
    assert not {"SECRET_KEY", "DATABASE_URL", "STORAGE_URL"} & set(ENVIRONMENT)
