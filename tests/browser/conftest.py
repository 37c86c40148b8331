"""The browser's tests run against a real server with production's static files and a real SMTP server, at a fixed time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from config.templatetags import concilia
from tests.browser.scenery import Scenery, grow
from tests.browser.server import Mailbox, collect_static, receive_mail, serve, static_settings
from tests.browser.town import NOW, Town, build_town


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as production serves them."""
    root = tmp_path_factory.mktemp("static")
    collect_static(root)
    return root


def forget_addresses() -> None:
    """Icons keep the address of their sprite; with hashes in names it is another one."""
    concilia._icon.cache_clear()
    concilia._chip.cache_clear()


@pytest.fixture(scope="package")
def origin(collected: Path) -> Iterator[str]:
    """A running server; letters' links point to it."""
    forget_addresses()
    with override_settings(**static_settings(collected)), serve() as origin, override_settings(SITE_URL=origin):
        yield origin
    forget_addresses()


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    """A running SMTP server to which the outbox sends."""
    smtp = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1"}
    with receive_mail() as (mailbox, port), override_settings(**smtp, EMAIL_PORT=port):
        yield mailbox


@pytest.fixture
def town(transactional_db: None, origin: str, browser: Any, mailbox: Mailbox) -> Iterator[Town]:
    """A fresh town at the fixed time. At the end no page has complained, and `audit_books` is clean for both merchants."""
    mailbox.letters.clear()
    with time_machine.travel(NOW, tick=True):
        town = build_town(origin, browser, mailbox)
        try:
            yield town
        finally:
            complaints = town.close()
        assert complaints == []
        town.check_books()


@pytest.fixture
def scenery(town: Town) -> Scenery:
    """A town full of tickets, as the mockups show it."""
    return grow(town)
