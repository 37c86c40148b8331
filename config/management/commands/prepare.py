"""`manage.py prepare`: bring database, translations and static files up to this version of the code.

Does only what is stale, so it may run at every start. With CONCILIA_DEMO it also loads the demo's data.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.translation.reloader import translation_file_changed

from config.environment import BASE_DIR
from config.translations import compile_stale

# Pages that we never show (HOUSE: all of helpdesk's own pages are closed) need no files.
UNUSED = ["helpdesk", "rest_framework"]


class Command(BaseCommand):
    """See the module."""

    help = "Migrate, make the cache table, compile translations, collect static files; load the demo if this is one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each step; each says what it did only when it did something."""
        if compiled := compile_stale():
            self.stdout.write(f"{len(compiled)} translations compiled")
            # Django read the catalogues when it started, before these were there; the demo's letters are written below.
            translation_file_changed(sender=None, file_path=compiled[0])
        self._migrate()
        call_command("createcachetable", verbosity=0)
        self._collect_static()
        if settings.DEMO:
            call_command("demo", stdout=self.stdout)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if unknown := unknown_changes(executor.loader):
            raise CommandError(
                f"This database holds changes that this version does not know ({', '.join(unknown[:3])}): it belongs to "
                "another version of Concilia. Nothing was done. Take that version, or another database; `make demo-reset` makes "
                "a demo anew."
            )
        if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write(f"Bringing the database up to date ({len(plan)} migrations)…")
            self.stdout.flush()
            call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        root = Path(settings.STATIC_ROOT)
        stamp = root / "collected"
        fingerprint = static_fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        stamp.unlink(missing_ok=True)
        # Files of the version before stay: its pages are still open somewhere, and it may be answering until it is restarted.
        call_command("collectstatic", interactive=False, ignore_patterns=UNUSED, verbosity=0)
        stamp.write_text(fingerprint)
        self.stdout.write(f"Static files collected in {root}")


def unknown_changes(loader: MigrationLoader) -> list[str]:
    """Changes of our own rooms that the database has seen and this code has not."""
    ours = {each.label for each in apps.get_app_configs() if Path(each.path).parent == BASE_DIR}
    return sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app in ours and (app, name) not in loader.disk_migrations
    )


def static_fingerprint() -> str:
    """A digest of the names, sizes and times of every static file, and of how they are stored."""
    found: list[object] = [settings.STORAGES["staticfiles"]["BACKEND"]]
    for finder in get_finders():
        for name, storage in finder.list(UNUSED):
            stat = Path(storage.path(name)).stat()
            found.append([name, stat.st_size, stat.st_mtime_ns])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()
