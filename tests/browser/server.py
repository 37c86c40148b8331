"""A web server for the browser's tests: the real application with production's static files, and a mailbox that speaks SMTP.

pytest-django's `live_server` serves static files from where they lie and takes every path for an upload when `MEDIA_URL` is
empty, as here; so this one serves the WSGI application itself, behind the same middleware as in production.
"""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler

# Big, and on none of our pages.
NOT_OURS = ["admin*", "helpdesk*", "rest_framework*"]


def static_settings(root: Path) -> dict[str, Any]:
    """Hashed file names from a manifest, read by WhiteNoise once: what production does."""
    return {
        "STATIC_ROOT": str(root),
        "STORAGES": settings.STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_USE_FINDERS": False,
    }


def collect_static(root: Path) -> None:
    """Put the static files of our pages, hashed and compressed, into `root`."""
    with override_settings(**static_settings(root)):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_OURS)


@contextmanager
def serve() -> Iterator[str]:
    """The application on a free port of this machine, a thread for each request; its origin."""
    server = ThreadedWSGIServer(("localhost", 0), QuietWSGIRequestHandler, allow_reuse_address=False)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


class Mailbox:
    """Every letter that arrived by SMTP, oldest first."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What that person got."""
        return [each for each in self.letters if address in str(each["To"])]

    def last_to(self, address: str) -> tuple[str, str, str]:
        """Subject, plain text and HTML of the newest letter to `address`."""
        letter = self.to(address)[-1]
        parts = [letter.get_body((kind,)) for kind in ("plain", "html")]
        assert all(parts), "a letter without text or without HTML"
        text, html = (str(part.get_content()) for part in parts if part is not None)
        return str(letter["Subject"]), text, html


@contextmanager
def receive_mail() -> Iterator[tuple[Mailbox, int]]:
    """An SMTP server that keeps what it gets, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()
