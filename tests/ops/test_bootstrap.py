"""What `make` does before there is an environment: says the one command, or does it; installs nothing twice."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.environment import BASE_DIR
from config.launcher import bootstrap


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run, instead of running them; all succeed, except sudo."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[bytes]":
        commands.append(command)
        return subprocess.CompletedProcess(command, 1 if command[0] == "sudo" else 0, b"", b"")

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    return commands


def test_root_installs_what_is_missing(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    bootstrap.apt_install(("chromium",), reason="The browser tests need Chromium.")
    assert ran == [["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]


def test_others_are_told_the_one_command(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(bootstrap.Unable, match=r"needs Chromium.*sudo apt-get update && sudo apt-get install -y .*chromium$"):
        bootstrap.apt_install(("chromium",), reason="It needs Chromium.")
    assert [command[0] for command in ran] == ["sudo"]


def test_without_apt_the_packages_are_named(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.Unable, match="Please install: chromium"):
        bootstrap.apt_install(("chromium",), reason="It needs Chromium.")
    assert ran == []


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (("chromium", "chromium-headless-shell"), "/usr/bin/chromium-headless-shell"),
        (("chromium",), "/usr/bin/chromium"),
        ((), "/usr/bin/chromium-headless-shell"),
    ],
)
def test_the_lightest_chromium_is_taken_and_one_installed_where_there_is_none(
    there: tuple[str, ...], taken: str, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONCILIA_CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    def which(name: str) -> str | None:
        installed = {"apt-get", *there, *(package for command in ran for package in command if command[1] == "install")}
        return f"/usr/bin/{name}" if name in installed else None

    monkeypatch.setattr(bootstrap.shutil, "which", which)
    assert bootstrap.find_chromium() == taken
    assert bool(ran) == (not there)


def test_an_older_python_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    with pytest.raises(bootstrap.Unable, match=r"Python 3\.11 or newer is needed"):
        bootstrap.check_python()


def test_the_lock_is_installed_by_hash_from_wheels_and_only_when_it_changed(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    lock = tmp_path / "requirements.txt"
    lock.write_text("one==1 --hash=sha256:00\n")
    bootstrap.install(lock)
    bootstrap.install(lock)
    assert len(ran) == 1
    assert {"--require-hashes", "--only-binary", "--no-deps"} <= set(ran[0])
    lock.write_text("one==2 --hash=sha256:11\n")
    bootstrap.install(lock)
    assert len(ran) == 2


def test_a_failed_installation_is_tried_again(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    lock = tmp_path / "requirements.txt"
    lock.write_text("one==1\n")
    with pytest.raises(bootstrap.Unable, match="could not be installed"):
        bootstrap.install(lock)
    assert not list(tmp_path.glob("installed-*"))


def test_every_requirement_is_pinned_with_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (BASE_DIR / name).read_text().splitlines() if line and not line.lstrip().startswith("#")]
        pins = [line for line in lines if not line.startswith(" ")]
        assert pins
        assert all("==" in pin for pin in pins)
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
        assert not [line for line in lines if "://" in line], f"{name} names an address"


def test_the_development_lock_contains_the_product_s() -> None:
    def pins(name: str) -> set[str]:
        text = (BASE_DIR / name).read_text().splitlines()
        return {line.split(" ")[0] for line in text if "==" in line and not line.startswith((" ", "#"))}

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_the_build_server_runs_make_test_and_nothing_else() -> None:
    script = BASE_DIR / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ['cd "$(dirname "$0")/.." && exec make test']


def test_bootstrap_needs_nothing_but_python() -> None:
    folder = str(BASE_DIR / "config" / "launcher")
    code = f"import sys; sys.path.insert(0, {folder!r}); import bootstrap"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
