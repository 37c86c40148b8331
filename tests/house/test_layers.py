"""Imports and foreign keys point down, and rooms keep their shape."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.db import models

from tests.house.tree import FLOOR, ROOMS, ROOT, project_files, shown


def test_imports_only_point_down() -> None:
    """`import-linter` reads the contracts of pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_only_point_down() -> None:
    """String references escape import-linter, so every model's keys are walked."""
    upward = []
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            for field in model._meta.get_fields():
                if not isinstance(field, models.ForeignKey):
                    continue
                target = field.related_model._meta.app_label
                if target != room and target in FLOOR and FLOOR[target] >= FLOOR[room]:
                    upward.append(f"{model.__name__}.{field.name} → {target}")
    assert not upward


def test_no_python_file_is_over_400_lines() -> None:
    """A long file is split by act."""
    long = {
        shown(path): lines
        for path in project_files(".py")
        if "migrations" not in path.parts and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_there_is_no_room_for_leftovers() -> None:
    """Names that say nothing collect everything."""
    banned = {"utils.py", "helpers.py", "common.py", "misc.py", "signals.py"}
    assert not [shown(path) for path in project_files(".py") if path.name in banned]


def test_rooms_do_not_call_each_other_by_signals() -> None:
    """The higher floor calls the lower in plain sight."""
    found = [
        shown(path)
        for path in project_files(".py")
        if path.relative_to(ROOT).parts[0] in ROOMS
        and any(word in path.read_text(encoding="utf-8") for word in ("post_save", "pre_save", "post_transition", "post_delete"))
    ]
    assert not found


def test_pure_rooms_import_no_django() -> None:
    """Matching and statement reading take rows and give rows."""
    impure = [
        shown(path)
        for folder in ("reconciliation/matching", "reconciliation/statements")
        for path in (ROOT / folder).rglob("*.py")
        if "django" in path.read_text(encoding="utf-8")
    ]
    assert not impure
