"""`manage.py prepare` touches no database that another version of the code has made, and speaks what it has just compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import translation
from django.utils.translation import gettext

from config.management.commands.prepare import Command


@pytest.mark.django_db
def test_a_database_of_another_version_is_left_as_it_is() -> None:
    MigrationRecorder.Migration.objects.create(app="tickets", name="0099_of_a_later_version")
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()  # something that would be brought up to date
    before = MigrationRecorder.Migration.objects.count()
    with pytest.raises(CommandError, match="tickets.0099_of_a_later_version"):
        call_command("prepare")
    assert MigrationRecorder.Migration.objects.count() == before


@pytest.mark.django_db
def test_what_it_compiled_is_spoken_at_once(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo is loaded by the same process: with an empty catalogue its first letters were in English."""
    source = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"'
    source.write_text(f'{head}\n\nmsgid "Newly said"\nmsgstr "Recién dicho"\n')
    settings.LOCALE_PATHS = [tmp_path]
    monkeypatch.setattr("config.translations.sources", lambda: [source])
    for later in ("_migrate", "_collect_static"):
        monkeypatch.setattr(Command, later, lambda _self: None)
    with translation.override("es"):
        assert gettext("Newly said") == "Newly said"
        call_command("prepare")
    with translation.override("es"):
        assert gettext("Newly said") == "Recién dicho"
