"""T22: outgoing webhooks are signed with their time, follow nobody elsewhere, and reach no private address.

Each test that refuses was seen to fail with its protection taken away; what was taken away stands in its docstring.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import Refused
from tests.factories import make_merchant
from tests.webhooks.receiver import Receiver, make_certificate, receiving
from webhooks import addresses, sending
from webhooks.addresses import may_go_to
from webhooks.kinds import Kind
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.sending import post
from webhooks.services import add_endpoint, announce, deliver_waiting, remove_endpoint, rotate_secret
from webhooks.services.endpoints import CHANGE_OVER

PUBLIC = "93.184.215.14"
PRIVATE = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0",  # noqa: S104
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1", "64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1",
    "fec0::1", "64:ff9b:1:a00:0:100:808:808", "4000::1",
)  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def on_this_machine(settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True


def send(url: str) -> sending.Answer:
    return post(url, b"{}", {"Content-Type": "application/json"})


def resolves_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Names resolve to these addresses, all at once; gives back the list of the names asked."""
    asked: list[str] = []

    def answer(host: str, port: int, **_kw: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
    return asked


def test_no_private_address_in_any_spelling() -> None:
    """Seen to fail: `is_global` alone (multicast); without `_true_address` (the spellings that hide an IPv4 address)."""
    assert [each for each in PRIVATE if may_go_to(each, is_tls=True)] == []
    for public in (PUBLIC, "2606:4700:4700::1111", f"64:ff9b::{PUBLIC}", f"::ffff:{PUBLIC}"):
        assert may_go_to(public, is_tls=True), public
        assert not may_go_to(public, is_tls=False), public


def test_what_resolves_to_this_machine_is_not_sent_to(receiver: Receiver, tmp_path: Path) -> None:
    """Seen to fail: `may_go_to` left out of `resolve` (the TLS handshake reached the receiver)."""
    with receiving(certificate=make_certificate(tmp_path, "localhost")) as own:
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"):
            assert send(f"https://{host}:{own.port}/hook").error in ("private", "no_such_host"), host
        assert send(receiver.url).error == "not_https"
        assert (receiver.seen, own.seen, own.names) == ([], [], [])


def test_one_private_address_among_several_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen to fail: judging `addresses[0]` alone."""
    resolves_to(monkeypatch, PUBLIC, "10.0.0.1")
    monkeypatch.setattr(sending.socket, "create_connection", lambda *_a, **_k: pytest.fail("connected"))
    assert send("https://hooks.example/").error == "private"


def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rebinding: the name is asked once, TLS and Host keep it. Seen to fail: `HTTPSConnection(host)` (asks again)."""
    certificate = make_certificate(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connected: list[str] = []
    connect = socket.create_connection
    with receiving(certificate=certificate) as own:
        asked = resolves_to(monkeypatch, PUBLIC)

        def instead(address: tuple[str, int], **kw: Any) -> socket.socket:
            connected.append(address[0])
            monkeypatch.undo()  # from now on the name leads to this machine
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            return connect(("127.0.0.1", own.port), **kw)

        monkeypatch.setattr(sending.socket, "create_connection", instead)
        assert send("https://hooks.example/hook?a=1").status == 204
        assert (asked, connected, own.names) == (["hooks.example"], [PUBLIC], ["hooks.example"])
        assert (own.seen[0][0], own.seen[0][1]["host"]) == ("/hook?a=1", "hooks.example")


def test_a_certificate_of_nobody_gets_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on_this_machine: None) -> None:
    """Seen to fail: `ssl._create_unverified_context`."""
    with receiving(certificate=make_certificate(tmp_path, "elsewhere.example")) as own:
        assert send(f"https://127.0.0.1:{own.port}/").error == "tls"
        assert own.seen == []


def test_a_redirect_is_not_followed(receiver: Receiver, on_this_machine: None) -> None:
    """What sends (`http.client`) follows nobody; another library in its place would have to pass here."""
    with receiving() as other:
        receiver.status, receiver.location = 307, other.url
        answer = send(receiver.url)
        assert (answer.status, answer.is_accepted, other.seen) == (307, False, [])


def test_who_drips_is_cut_off(receiver: Receiver, on_this_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen to fail: without the timer the drops never reach the timeout of a read."""
    monkeypatch.setattr(sending, "TOTAL_TIMEOUT_S", 0.4)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(30):
            handler.wfile.write(b"X: y\r\n")
            handler.wfile.flush()
            time.sleep(0.1)

    receiver.speak = drip
    begun = time.monotonic()
    assert send(receiver.url).error == "timeout"
    assert time.monotonic() - begun < 1.5


def test_no_more_than_the_first_kilobyte_of_an_answer_is_read(receiver: Receiver, on_this_machine: None) -> None:
    """Seen to fail: `response.read()`."""

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            handler.wfile.write(b"x" * 100_000)

    receiver.speak = flood
    answer = send(receiver.url)
    assert (answer.status, len(answer.text)) == (200, sending.MOST_READ)


def test_the_address_is_judged_when_it_is_typed_too(settings: Any) -> None:
    bad = ("http://hooks.example/", "https://10.0.0.1/", "https://[::1]/", "https://localhost/", "https://db.internal/", "ftp://x/",
           "https://user:secret@hooks.example/", "https://hooks.example/#here", "hooks.example", "https://", "https://x:99999/",
           "https://hooks.example/a b", "javascript:alert(1)", "https://hooks.example/\r\nX: y", "https://ñ.ar/")  # fmt: skip
    for url in bad:
        with pytest.raises(Refused) as refused:
            add_endpoint_checked(url)
        assert refused.value.code.startswith("url_"), url
    add_endpoint_checked("https://hooks.example:8443/a?b=c")


def add_endpoint_checked(url: str) -> str:
    from webhooks.services.endpoints import _checked_url

    return _checked_url(url)


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does, written anew from the standard's page."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(each, f"v1,{right}") for each in headers["webhook-signature"].split())


@pytest.mark.django_db
def test_every_try_is_signed_with_its_time_and_one_id_with_both_secrets_while_one_follows_the_other(
    receiver: Receiver, on_this_machine: None
) -> None:
    merchant = make_merchant(slug="andina")
    by = Actor.system(merchant)
    endpoint, old = add_endpoint(url=receiver.url, kinds=[Kind.ORDER_PAID], by=by)
    receiver.status, receiver.text = 500, b"no\x00t today"
    announce(merchant=merchant, kind=Kind.ORDER_PAID, about="order:1", occasion="1", payload={"order": "Ñ-1"})
    deliver_waiting(endpoint_id=endpoint.pk)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries) == ("queued", 1)
    assert list(Attempt.objects.values_list("status", "answer")) == [(500, "not today")]
    deliver_waiting(endpoint_id=endpoint.pk)
    assert len(receiver.seen) == 1, "a pause is a pause"

    _endpoint, new = rotate_secret(endpoint_id=endpoint.pk, by=by)
    receiver.status = 200
    with time_machine.travel(timezone.now() + CHANGE_OVER / 2, tick=False):
        deliver_waiting(endpoint_id=endpoint.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("delivered", 2)
    (_p, first, body), (_p, second, again) = receiver.seen
    assert body == again
    assert json.loads(body) | {"timestamp": ""} == {
        "type": "order.paid", "timestamp": "", "merchant": "andina", "data": {"order": "Ñ-1"},
    }  # fmt: skip
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) > int(first["webhook-timestamp"])
    assert verified(old, first, body)
    assert not verified(new, first, body)
    assert verified(old, second, body)
    assert verified(new, second, body)
    assert not verified(new, second, body + b" ")
    assert not verified(new, second | {"webhook-timestamp": "1"}, body)

    announce(merchant=merchant, kind=Kind.ORDER_PAID, about="order:2", occasion="1", payload={})
    with time_machine.travel(timezone.now() + CHANGE_OVER * 2, tick=False):
        deliver_waiting(endpoint_id=endpoint.pk)
    assert len(receiver.seen[2][1]["webhook-signature"].split()) == 1
    assert not verified(old, *receiver.seen[2][1:])


@pytest.mark.django_db
def test_a_secret_is_in_no_table_in_the_clear_and_gone_with_its_endpoint() -> None:
    """Seen to fail: `secret=secret` in `add_endpoint`."""
    by = Actor.system(make_merchant())
    endpoint, secret = add_endpoint(url="https://hooks.example/", kinds=[Kind.ORDER_PAID], by=by)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT e::text FROM webhooks_endpoint e) || (SELECT string_agg(c::text, '') FROM accounts_setupchange c)"
        )
        assert secret.removeprefix("whsec_") not in cursor.fetchone()[0]
    remove_endpoint(endpoint_id=endpoint.pk, by=by)
    assert Endpoint.objects.get().secret == ""
