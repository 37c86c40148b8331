"""`manage.py demo`: load the demo's data where there is none; `--reset` puts the demo back as it was."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connection

from accounts.models import Merchant
from config.demo.people import PEOPLE


class Command(BaseCommand):
    """See the module. Both refuse where CONCILIA_DEMO is not set: nobody mixes the demo with real money."""

    help = "Load the demo's merchants, people, orders and tickets if they are absent."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--reset` deletes everything first: tables, uploads and letters."""
        parser.add_argument("--reset", action="store_true", help="delete ALL data of this database first")
        parser.add_argument("--all", action="store_true", help="with --reset: companies that somebody opened in the demo too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or reset and load."""
        if not settings.DEMO:
            raise CommandError("This is not the demo: set CONCILIA_DEMO=1 (never where there is real data).")
        self._refuse_beside_real_data(reset=options["reset"], everything=options["all"])
        if options["reset"]:
            self._delete_everything()
        # Here and not above: a hundred modules of stories that no command outside the demo should need.
        from config.demo import loading

        if loading.is_loaded():
            return
        self.stdout.write("Loading the demo's data…")
        loading.load()
        self.stdout.write("The demo is loaded.")

    def _refuse_beside_real_data(self, *, reset: bool, everything: bool) -> None:
        """Companies may be opened in a demo, and it starts with them again; they are deleted only by who says so."""
        if Merchant._meta.db_table not in connection.introspection.table_names():
            return
        of_the_demo = {person.merchant for person in PEOPLE}
        here = set(Merchant.objects.values_list("slug", flat=True))
        is_demo = of_the_demo <= here
        strangers = ", ".join(sorted(here - of_the_demo)[:3])
        if not strangers or (is_demo and (everything or not reset)):
            return
        way = " To delete them too: manage.py demo --reset --all" if is_demo else ""
        raise CommandError(f"This database holds merchants that are not the demo's ({strangers}). Nothing was changed.{way}")

    def _delete_everything(self) -> None:
        with connection.cursor() as cursor:
            # Web server and worker hold connections with locks; they connect again by themselves.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
            )
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        connection.close()
        if not settings.STORAGE_URL:
            _empty(Path(settings.MEDIA_ROOT))
        _empty(Path(settings.DEMO_MAIL_DIR) / "new")
        _empty(Path(settings.DEMO_FILES_DIR))
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def _empty(folder: Path) -> None:
    """Delete what lies in `folder`, but neither the folder nor hidden files (.gitkeep)."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
