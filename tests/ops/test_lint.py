"""What `make lint` says must be nothing; here too, so that the build server hears it."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from config.environment import BASE_DIR

BIN = Path(sys.executable).parent
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def says(*command: str) -> str:
    """What a tool complains about; empty when it is content."""
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=BASE_DIR, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-6000:]


def test_ruff_is_content() -> None:
    assert says("ruff", "check", ".") == ""


def test_the_code_is_in_its_one_form() -> None:
    assert says("ruff", "format", "--check", ".") == ""


def test_mypy_is_content() -> None:
    assert says("mypy") == ""


def test_imports_only_point_down() -> None:
    assert says("lint-imports") == ""


def test_templates_are_in_their_one_form() -> None:
    folders = [path for path in BASE_DIR.iterdir() if path.is_dir() and not path.name.startswith((".", "media"))]
    templates = [str(path) for folder in folders for path in sorted(folder.rglob("*.html"))]
    assert templates
    assert says("djade", "--target-version", "5.2", "--check", *templates) == ""


@pytest.mark.django_db
def test_the_migrations_hold_all_that_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
