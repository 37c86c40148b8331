"""What all tests share. Makers of rows stand in tests/factories.py."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Max
from django.test import TransactionTestCase
from django.urls import clear_script_prefix
from django.utils import translation

CHROMIUM = os.environ.get("CONCILIA_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


# Folders of long files; they begin, and the many short ones fill up what is left. A file stays on one worker.
LONG_FIRST = ("browser", "demo", "storage", "ops", "safety", "desk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first; otherwise in the order of pytest-django."""
    here = Path(__file__).parent
    place = {folder: number for number, folder in enumerate(LONG_FIRST)}
    items.sort(key=lambda item: place.get(item.path.relative_to(here).parts[0], len(place)))


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    """What one request leaves in the process (prefix, language, counters) must not reach the next test."""
    clear_script_prefix()
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()
    yield
    clear_script_prefix()
    translation.deactivate()


# What migrations write: it is there for every test, and a test that commits only adds banks and permissions of queues.
FACTS = (
    "auth_permission", "banking_bank", "banking_referenceformat", "django_content_type", "django_migrations",
    "helpdesk_emailtemplate",
)  # fmt: skip
EMPTY = r"""
DO $$
DECLARE name text; has_rows boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                   AND relname <> ALL ('{{{facts}}}')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO has_rows;
        IF has_rows THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
    DELETE FROM banking_bank WHERE id > {last_bank};
    DELETE FROM auth_permission WHERE codename LIKE 'queue\_access\_%';
END $$
"""


@pytest.fixture(scope="session", autouse=True)
def _kept_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A test that commits leaves only the facts behind, and no forgotten connection keeps the database from being dropped.

    Rows are deleted with triggers and foreign keys asleep, where there are any: emptying every table with TRUNCATE, and making
    the facts anew, took longer than most tests.
    """
    from banking.models import Bank

    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        # Not one of the chosen tests uses the database: none was made.
        yield
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        last_bank = Bank.objects.aggregate(last=Max("pk"))["last"]
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        if not cursor.fetchone()[0]:
            pytest.exit("The tests' database role must be allowed to set session_replication_role (a superuser is).")
    statement = EMPTY.format(facts=",".join(FACTS), last_bank=last_bank)

    def empty(_case: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session", autouse=True)
def _remove_uploads() -> Iterator[None]:
    yield
    if Path(settings.MEDIA_ROOT).name.startswith("concilia-test-media-"):
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Run every job that is due, and the jobs that those defer; gives back how many ran.

    Jobs run in this thread and on this connection, so that a test inside a transaction sees them too. A
    job that raises fails the test.
    """
    from tests.jobs import run_due_jobs

    return run_due_jobs


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the whole session; a test opens its own context in it."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; Django would refuse the database for it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def cast(db: None) -> Any:
    """Everybody at one merchant (`tests.cast`)."""
    from tests.cast import make_cast

    return make_cast(slug="andina", name="Hosting Andina", ticket_prefix="HA")


@pytest.fixture
def far(db: None) -> Any:
    """The same people at a second merchant, in Ecuador."""
    from tests.cast import make_cast

    return make_cast(slug="litoral", name="Red Litoral", ticket_prefix="RL", country="EC")
