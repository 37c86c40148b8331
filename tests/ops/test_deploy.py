"""What a server installs (deploy/) fits the program and docs/howto/deploy.md."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from config.environment import BASE_DIR
from config.launcher.supervise import read_procfile

DEPLOY = BASE_DIR / "deploy"
HOWTO = (BASE_DIR / "docs" / "howto" / "deploy.md").read_text()
SERVICES = sorted(DEPLOY.glob("*.service"))
# What differs from unit to unit; all else keeps a process in its place, and is the same in each.
OWN = re.compile(
    r"(Exec|Restart|Timeout|Kill|Type|Notify|Runtime|Environment=|Nice|IOScheduling|ReadWrite|ReadOnly|Inaccessible)"
)


def lines_of(unit: Path, section: str) -> list[str]:
    """The settings of one section."""
    text = unit.read_text().partition(f"[{section}]\n")[2].partition("\n[")[0]
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_file_of_a_server_is_explained() -> None:
    for path in DEPLOY.iterdir():
        name = re.sub(r"^(concilia-(backup|files))\.\w+$", r"\1.*", path.name)
        assert f"`{name}`" in HOWTO, path.name


def test_every_process_is_kept_in_its_place_the_same_way() -> None:
    kept = {unit.name: [line for line in lines_of(unit, "Service") if not OWN.match(line)] for unit in SERVICES}
    assert len({tuple(lines) for lines in kept.values()}) == 1, kept
    one = next(iter(kept.values()))
    for wanted in ("User=concilia", "NoNewPrivileges=true", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
        assert wanted in one


def test_what_answers_strangers_cannot_reach_the_backups() -> None:
    for name in ("concilia-web", "concilia-worker"):
        assert "InaccessiblePaths=-/var/backups/concilia" in lines_of(DEPLOY / f"{name}.service", "Service")


def test_units_start_what_there_is() -> None:
    started = [line.partition("=")[2] for unit in SERVICES for line in lines_of(unit, "Service") if line.startswith("ExecStart=")]
    commands = [line.split("manage.py ")[1].split()[0] for line in started if "manage.py" in line]
    assert set(commands) <= set(get_commands())
    assert {"procrastinate", "backup", "restore", "receive_wal", "tell_failure"} == set(commands)
    web = next(line for line in started if "gunicorn" in line)
    ours = read_procfile(BASE_DIR / "Procfile")["web"]
    assert [word for word in web.split()[1:] if word not in ("--graceful-timeout", "30")] == ours[1:]


def test_a_server_with_the_example_s_settings_has_nothing_to_warn_of(tmp_path: Path) -> None:
    said = subprocess.run(
        ["/bin/sh", "-c", 'set -a; . "$1"; set +a; exec env', "sh", str(DEPLOY / "environment.example")],
        env={}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    there = dict(line.split("=", 1) for line in said.splitlines()) | {"PATH": os.environ["PATH"]}
    assert there["DEFAULT_FROM_EMAIL"] == "Payments <payments@example.com>"
    for name in there:
        assert f"`{name}`" in HOWTO or name in ("PWD", "PATH"), f"{name} is not explained"
    there |= {"SECRET_KEY": "x" + "0123456789abcdef" * 5, "CONCILIA_HOME": str(tmp_path), "MEDIA_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR, env=there, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["concilia", "release"])
def test_the_scripts_can_be_read_by_the_shell(name: str) -> None:
    assert os.access(DEPLOY / name, os.X_OK)
    subprocess.run(["/bin/sh", "-n", str(DEPLOY / name)], check=True)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_the_units() -> None:
    """A misspelt setting is only a warning to systemd; programs that are not installed here are no fault of the unit."""
    units = [str(path) for path in DEPLOY.iterdir() if path.suffix in (".service", ".socket", ".timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *units], capture_output=True, text=True, check=False, timeout=60
    )
    wrong = [line for line in done.stderr.splitlines() if "deploy/" in line and "is not executable" not in line]
    assert wrong == []
