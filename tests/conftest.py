"""What all tests share. Makers of rows stand in tests/factories.py."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
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


# Folders whose single tests take long; they begin, and the many short ones fill up what is left.
LONG_FIRST = ("browser", "demo", "storage", "ops")


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


def _bring_back_facts(**_kwargs: Any) -> None:
    """After a test that commits, tables are emptied: banks came from a migration, waiting jobs are in no model's table."""
    from banking.facts import load_banks
    from banking.models import Bank, ReferenceFormat

    if not Bank.objects.exists():
        load_banks(Bank, ReferenceFormat)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.fixture(scope="session", autouse=True)
def _kept_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The installation's facts are there for each test, and no forgotten connection keeps the database from being dropped."""
    post_migrate.connect(_bring_back_facts, sender=apps.get_app_config("banking"), dispatch_uid="tests.facts")
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
