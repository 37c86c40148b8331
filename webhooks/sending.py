"""One POST to another system: to the address that was checked, no redirect followed, no waiting, no large answer read."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from webhooks.addresses import BadAddress, Target, read_url, resolve

CONNECT_TIMEOUT_S = 5.0
TOTAL_TIMEOUT_S = 10.0
MOST_READ = 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one try. Without a `status` nobody answered: `error` says why, one of `webhooks.words.ERRORS`."""

    status: int | None = None
    text: str = ""
    error: str = ""
    took_ms: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver took it. A redirect is no: what is signed for one address is not for another."""
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send; never raises for what the other side does or fails to do. Takes at most some seconds more than it may."""
    begun = time.monotonic()
    try:
        target = read_url(url)
        status, text = _post(target, resolve(target), body, headers)
    except BadAddress as bad:
        return Answer(error=bad.code, took_ms=_ms_since(begun))
    except TimeoutError:
        return Answer(error="timeout", took_ms=_ms_since(begun))
    except ssl.SSLError:
        return Answer(error="tls", took_ms=_ms_since(begun))
    except (OSError, http.client.HTTPException, ValueError):
        late = time.monotonic() - begun >= TOTAL_TIMEOUT_S
        return Answer(error="timeout" if late else "no_answer", took_ms=_ms_since(begun))
    return Answer(status=status, text=text, took_ms=_ms_since(begun))


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked; the name is used for TLS and the Host header alone, never asked again."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_TIMEOUT_S)
        self.target, self.address = target, address
        self.default_port = 443 if target.is_tls else 80

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.target.port), timeout=CONNECT_TIMEOUT_S)
        try:
            if self.target.is_tls:
                plain = ssl.create_default_context().wrap_socket(plain, server_hostname=self.target.host)
        except BaseException:
            plain.close()
            raise
        self.sock = plain


def _post(target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    connection = _Pinned(target, address)
    ends_at = time.monotonic() + TOTAL_TIMEOUT_S
    try:
        connection.connect()
        sock = connection.sock
        # Each read has its timeout, but a drop a second would never reach it: at the end of its time the line is cut.
        is_late = threading.Event()
        cut = threading.Timer(max(0.0, ends_at - time.monotonic()), _cut, [sock, is_late])
        cut.daemon = True
        cut.start()
        try:
            connection.request("POST", target.path, body, {**headers, "Connection": "close"})
            response = connection.getresponse()
            text = response.read(MOST_READ).decode("utf-8", "replace").replace("\x00", "")
            if is_late.is_set():  # half an answer may look like a whole one
                raise TimeoutError
            return response.status, text
        finally:
            cut.cancel()
    finally:
        connection.close()


def _cut(sock: socket.socket, is_late: threading.Event) -> None:
    is_late.set()
    with suppress(OSError):
        # The plain socket's own: TLS would want to say goodbye first.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _ms_since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
