"""`manage.py prepare` touches no database that another version of the code has made."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
def test_a_database_of_another_version_is_left_as_it_is() -> None:
    MigrationRecorder.Migration.objects.create(app="tickets", name="0099_of_a_later_version")
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()  # something that would be brought up to date
    before = MigrationRecorder.Migration.objects.count()
    with pytest.raises(CommandError, match="tickets.0099_of_a_later_version"):
        call_command("prepare")
    assert MigrationRecorder.Migration.objects.count() == before
