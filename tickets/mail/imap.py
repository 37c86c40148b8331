"""The mailbox on its server: IMAP over TLS, read from where reading stopped, nothing ever deleted."""

from __future__ import annotations

import datetime as dt
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tickets.mail.parsing import LARGEST_HEAD, LARGEST_MAIL
from tickets.mail.secrets import unseal
from tickets.models import Mailbox
from webhooks.addresses import BadAddress, Target, resolve

TIMEOUT_S = 20.0
VISIT_S = 120.0  # signing in, reading and going away together
MOST_AT_ONCE = 50
MOST_OF_AN_ANSWER = LARGEST_MAIL + 1024 * 1024  # what a server may say to one question; it is kept in memory
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class MailboxFailed(Exception):
    """The mailbox could not be read. `code` is one of `tickets.services.mailboxes.FAILURES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """One mail from the server: whole, or its headers alone when it is too large. `size` is the server's word."""

    uid: int
    raw: bytes
    size: int
    is_whole: bool


class _Deadline:
    """Hangs up when a visit's time is over. Each read has its own limit, but a server that drips keeps within all of them."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.began = seconds, time.monotonic()
        self.is_over = False
        self.line: socket.socket | None = None
        self.clock: threading.Timer | None = None

    @property
    def is_near(self) -> bool:
        """Half of the time is gone: nothing new is begun."""
        return time.monotonic() - self.began > self.seconds / 2

    def watch(self, plain: socket.socket) -> None:
        self.line = plain.dup()  # hung up on, it ends whatever TLS is being spoken over it
        self.clock = threading.Timer(max(0.0, self.began + self.seconds - time.monotonic()), self._hang_up)
        self.clock.daemon = True
        self.clock.start()

    def _hang_up(self) -> None:
        self.is_over = True
        if self.line is not None:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        if self.clock is not None:
            self.clock.cancel()
            self.clock.join()
        if self.line is not None:
            self.line.close()


class _Connection(imaplib.IMAP4):
    """To an address that was checked; the name is used for TLS alone, never asked again."""

    def __init__(self, mailbox: Mailbox, deadline: _Deadline) -> None:
        self.mailbox, self.deadline = mailbox, deadline
        self.left = MOST_OF_AN_ANSWER
        self.context = ssl.create_default_context()
        super().__init__(mailbox.host, mailbox.port, timeout=TIMEOUT_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        address = _address_of(self.mailbox)
        plain = socket.create_connection((address, self.mailbox.port), timeout)
        self.deadline.watch(plain)
        if self.mailbox.security != Mailbox.Security.TLS:
            return plain
        return self.context.wrap_socket(plain, server_hostname=self.mailbox.host)

    def uid(self, command: str, *args: str) -> tuple[str, list[Any]]:
        """A question, whose answer may be as long as one again."""
        self.left = MOST_OF_AN_ANSWER
        return super().uid(command, *args)

    def read(self, size: int) -> bytes:
        """So many bytes, as the server announced them."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """One line, of which the standard library bounds the length, and we the number."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise self.abort("the answer is too long")


def _address_of(mailbox: Mailbox) -> str:
    if settings.MAILBOX_ON_PRIVATE_HOST:
        return mailbox.host
    return resolve(Target(is_tls=True, host=mailbox.host, port=mailbox.port, path=""))


class Reader:
    """A folder that is open."""

    def __init__(self, server: _Connection) -> None:
        self.server = server
        self.uid_validity = int(_first(server.response("UIDVALIDITY")[1]) or 0)

    @property
    def has_time(self) -> bool:
        return not self.server.deadline.is_near

    def uids_after(self, uid: int) -> list[int]:
        """UIDs above `uid`, in their order."""
        # `n:*` names the last mail too when n lies above it.
        return [each for each in self._search("UID", f"{uid + 1}:*") if each > uid]

    def uids_since(self, day: dt.date) -> list[int]:
        """UIDs of mails that arrived on that day or later."""
        return self._search("SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def _search(self, *asked: str) -> list[int]:
        status, found = self.server.uid("SEARCH", *asked)
        if status != "OK":
            raise MailboxFailed("protocol")
        return sorted(int(each) for each in (_first(found) or b"").split())

    def fetch(self, uid: int) -> Fetched | None:
        """One mail, whole unless it is too large; None when it is gone. Reading leaves no mark."""
        size = self._size(uid)
        if size is None:
            return None
        is_whole = size <= LARGEST_MAIL
        asked = "(BODY.PEEK[])" if is_whole else f"(BODY.PEEK[HEADER]<0.{LARGEST_HEAD}>)"
        status, data = self.server.uid("FETCH", str(uid), asked)
        raw = next((bytes(each[1]) for each in data or [] if isinstance(each, tuple)), None)
        if status != "OK" or raw is None:
            return None
        return Fetched(uid=uid, raw=raw, size=size, is_whole=is_whole)

    def _size(self, uid: int) -> int | None:
        _status, data = self.server.uid("FETCH", str(uid), "(RFC822.SIZE)")
        for each in data or []:
            found = _SIZE.search(each if isinstance(each, bytes) else bytes(each[0]) if each else b"")
            if found:
                return int(found[1])
        return None

    def mark_seen(self, uid: int) -> None:
        """So that people who look into the mailbox see what was taken in."""
        with suppress(imaplib.IMAP4.error):
            self.server.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")


def _first(found: object) -> bytes | None:
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, bytes) else None


@contextmanager
def opened(mailbox: Mailbox, *, within: float = 0) -> Iterator[Reader]:
    """Sign in, open the folder, and go away again, `within` so many seconds. Raises `MailboxFailed`; never speaks without TLS."""
    deadline = _Deadline(within or VISIT_S)
    try:
        with _opened(mailbox, deadline) as reader:
            yield reader
    except MailboxFailed as failed:
        if deadline.is_over:
            raise MailboxFailed("slow") from failed
        raise
    finally:
        deadline.stop()


@contextmanager
def _opened(mailbox: Mailbox, deadline: _Deadline) -> Iterator[Reader]:
    try:
        server = _Connection(mailbox, deadline)
    except BadAddress as bad:
        raise MailboxFailed("private" if bad.code == "private" else "no_host") from bad
    except ssl.SSLError as error:
        raise MailboxFailed("tls") from error
    except TimeoutError as error:
        raise MailboxFailed("no_answer") from error
    except (OSError, UnicodeError, imaplib.IMAP4.error) as error:
        raise MailboxFailed("no_answer") from error
    try:
        if mailbox.security == Mailbox.Security.STARTTLS:
            server.starttls(server.context)
        _sign_in(server, mailbox)
        yield Reader(server)
    except ssl.SSLError as error:
        raise MailboxFailed("tls") from error
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise MailboxFailed("protocol") from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error, ValueError):
            server.logout()


def _sign_in(server: imaplib.IMAP4, mailbox: Mailbox) -> None:
    try:
        server.login(mailbox.username, unseal(mailbox.secret))
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:
        raise MailboxFailed("login") from error
    status, _said = server.select(f'"{mailbox.folder}"')
    if status != "OK":
        raise MailboxFailed("folder")
