"""The mailbox on a real IMAP server, over TLS, with letters that really went out through SMTP before they are answered."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import imaplib
import itertools
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from letters.services import deliver_letter
from reports.jobs import read_mailbox, read_mailboxes
from reports.services import mailboxes_to_read, take_mail
from reports.services import read_mailbox as read_now
from tests.races import run_before
from tests.tickets.mails import a_mail, answer_address, make_mailbox
from tests.tickets.makers import House, make_house, make_ticket
from tickets import services
from tickets.mail import imap
from tickets.mail.imap import Reader
from tickets.mail.secrets import seal, unseal
from tickets.models import IncomingMail, Mailbox, Message, State


@dataclass
class Post:
    """An IMAP server with one mailbox, and who signs its certificate."""

    port: int
    authority: Path
    user: str = "soporte"
    password: str = "clave de correo"

    @contextmanager
    def inbox(self) -> Iterator[imaplib.IMAP4]:
        server = imaplib.IMAP4("localhost", self.port, timeout=10)
        server.starttls(ssl.create_default_context(cafile=str(self.authority)))
        server.login(self.user, f'"{self.password}"' if " " not in self.password else self.password)
        server.select("INBOX")
        yield server
        server.logout()

    def arrive(self, raw: bytes) -> None:
        with self.inbox() as server:
            server.append("INBOX", None, None, raw.replace(b"\n", b"\r\n"))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    folder = tmp_path_factory.mktemp("imap")
    certificate, key = _certificate(folder)
    port = _free_port()
    made = Post(port=port, authority=certificate)
    command = [
        sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
        "--cert", str(certificate), "--key", str(key), "dict", "--demo-user", made.user, "--demo-password", made.password,
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    try:
        _wait_for(port, server, folder / "log")
        yield made
    finally:
        server.terminate()
        server.wait(10)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture
def trusted(post: Post, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Post:
    settings.MAILBOX_ON_PRIVATE_HOST = True
    monkeypatch.setenv("SSL_CERT_FILE", str(post.authority))
    return post


def data_of(post: Post, **kw: Any) -> services.MailboxData:
    fields = {
        "address": "soporte@andina.example", "host": "localhost", "port": post.port, "security": "starttls",
        "username": post.user, "password": post.password, **kw,
    }  # fmt: skip
    return services.MailboxData(**fields)


def mailbox_at(post: Post, house: House, **kw: Any) -> Mailbox:
    return make_mailbox(
        house.merchant, host="localhost", port=post.port, security="starttls", username=post.user, secret=seal(post.password),
        begins_on=timezone.localdate() - dt.timedelta(days=2), **kw,
    )  # fmt: skip


class Sink:
    """An SMTP server's memory."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.mark.django_db
def test_a_letter_goes_out_its_answer_comes_in_and_the_ticket_is_in_review_again(trusted: Post, settings: Any) -> None:
    house = make_house()
    mailbox = mailbox_at(trusted, house)
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    sink = Sink()
    smtp = Controller(sink, hostname="127.0.0.1", port=_free_port())
    smtp.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = smtp.hostname, smtp.port
        assert deliver_letter(letter_id=Letter.objects.get(kind="ticket_needs_information").pk)
    finally:
        smtp.stop()
    sent = email.message_from_bytes(sink.mails[0], policy=email.policy.default)
    quoted = "\n".join(f"> {line}" for line in sent.get_body(("plain",)).get_content().splitlines())  # type: ignore[union-attr]
    answer = a_mail(
        sent["To"], sent["Reply-To"], f"Es la 004512.\n\nOn Tue, Andina wrote:\n{quoted}\n", Subject=f"Re: {sent['Subject']}",
        References=f"{sent['References']} {sent['Message-ID']}", In_Reply_To=sent["Message-ID"], Message_ID="<real-1@x.example>",
    )  # fmt: skip
    trusted.arrive(answer)
    trusted.arrive(answer)
    assert read_now(mailbox_id=mailbox.pk) == 2
    ticket.refresh_from_db()
    assert ticket.state == State.IN_REVIEW
    assert Message.objects.get().followup.comment == "Es la 004512."
    mailbox.refresh_from_db()
    assert (mailbox.failure, mailbox.failing_since) == ("", None)
    assert mailbox.read_at is not None
    read_mailbox(mailbox_id=mailbox.pk)
    assert IncomingMail.objects.filter(merchant=house.merchant).count() == 1
    with trusted.inbox() as server:
        assert server.search(None, "UNSEEN")[1] == [b""]


@pytest.mark.django_db
def test_a_mail_that_breaks_something_stops_no_other(trusted: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house()
    mailbox = mailbox_at(trusted, house)
    ticket = make_ticket(house)
    to = answer_address(mailbox, ticket.conversation, house.customer.user.pk)  # type: ignore[union-attr]
    sender = house.customer.user.email  # type: ignore[union-attr]
    trusted.arrive(a_mail(sender, to, "bum", Message_ID="<real-2@mail.example>"))
    trusted.arrive(a_mail(sender, to, "Sigue", Message_ID="<real-3@mail.example>"))
    whole = take_mail

    def fragile(**kw: Any) -> object:
        if b"bum" in kw["raw"]:
            raise RuntimeError
        return whole(**kw)

    monkeypatch.setattr("reports.services.mail.take_mail", fragile)
    read_now(mailbox_id=mailbox.pk)
    assert IncomingMail.objects.filter(merchant=house.merchant, reason="damaged").count() == 1
    assert Message.objects.get().followup.comment == "Sigue"


@pytest.mark.django_db
def test_a_server_that_numbers_its_mails_anew_is_read_again(trusted: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house()
    mailbox = mailbox_at(trusted, house, uid_validity=1, last_uid=10**9)
    asked: list[str] = []
    since, after = Reader.uids_since, Reader.uids_after
    monkeypatch.setattr(Reader, "uids_since", lambda self, day: asked.append("since") or since(self, day))
    monkeypatch.setattr(Reader, "uids_after", lambda self, uid: asked.append("after") or after(self, uid))
    read_now(mailbox_id=mailbox.pk)
    read_now(mailbox_id=mailbox.pk)
    assert asked == ["since", "after"]


@pytest.mark.django_db
def test_a_mailbox_is_opened_before_it_is_kept(trusted: Post) -> None:
    house = make_house()
    for bad, code in (
        ({"password": "otra"}, "login"), ({"folder": "Nada"}, "folder"), ({"port": 1}, "no_answer"),
        ({"folder": 'a"b'}, "folder"), ({"host": "a b"}, "host"), ({"port": 70000}, "host"),
        ({"address": "a+b@x.example"}, "address"), ({"password": ""}, "password_required"), ({"security": "none"}, "security"),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            services.save_mailbox(merchant=house.merchant, data=data_of(trusted, **bad), by=house.administrator)
        assert caught.value.code == code, bad
        assert not Mailbox.objects.exists()
    kept = services.save_mailbox(merchant=house.merchant, data=data_of(trusted), by=house.administrator)
    assert trusted.password not in kept.secret
    assert unseal(kept.secret) == trusted.password
    again = services.save_mailbox(merchant=house.merchant, data=data_of(trusted, password=""), by=house.administrator)
    assert unseal(again.secret) == trusted.password
    with pytest.raises(Refused) as caught:  # the password does not follow to another server
        services.save_mailbox(
            merchant=house.merchant, data=data_of(trusted, password="", host="evil.example"), by=house.administrator
        )
    assert caught.value.code == "password_required"
    with pytest.raises(Refused) as caught:
        services.save_mailbox(
            merchant=(far := make_house()).merchant, data=data_of(trusted, is_active=False), by=far.administrator
        )
    assert caught.value.code == "address_taken"
    with pytest.raises(NotAllowed):
        services.save_mailbox(merchant=house.merchant, data=data_of(trusted), by=house.senior)


@pytest.mark.django_db
def test_nothing_is_read_without_a_certificate_that_holds_or_from_a_private_network(
    post: Post, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house()
    mailbox = mailbox_at(post, house)
    settings.MAILBOX_ON_PRIVATE_HOST, settings.WEBHOOKS_TO_LOOPBACK = True, False
    assert read_now(mailbox_id=mailbox.pk) == 0
    mailbox.refresh_from_db()
    assert mailbox.failure == "tls"
    settings.MAILBOX_ON_PRIVATE_HOST = False
    monkeypatch.setenv("SSL_CERT_FILE", str(post.authority))
    read_now(mailbox_id=mailbox.pk)
    mailbox.refresh_from_db()
    assert mailbox.failure == "private"
    assert mailbox.failing_since is not None
    mailbox.is_active = False
    mailbox.save()
    assert read_now(mailbox_id=mailbox.pk) == 0


@pytest.mark.django_db
def test_each_mailbox_has_one_job_waiting() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    make_mailbox(make_house().merchant)
    for _minute in range(2):
        read_mailboxes(timestamp=0)
    assert ProcrastinateJob.objects.filter(task_name="reports.jobs.read_mailbox").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_read_twice_at_once_is_one_message() -> None:
    house = make_house()
    mailbox = make_mailbox(house.merchant)
    talk = make_ticket(house).conversation
    raw = a_mail(house.customer.user.email, answer_address(mailbox, talk, house.customer.user.pk), "Una", Message_ID="<race@x>")  # type: ignore[union-attr]
    with run_before("tickets.services.mail._sort", lambda: take_mail(mailbox=mailbox, raw=raw)) as other:
        first = take_mail(mailbox=mailbox, raw=raw)
    assert other.error is None
    assert (first is not None, other.result) == (True, None)
    assert Message.objects.filter(conversation=talk).count() == 1
    assert IncomingMail.objects.filter(merchant=house.merchant).count() == 1


@pytest.mark.parametrize("said", [b"* OK more and more\r\n" * 400, b"* 1 FETCH (BODY[] {30000000000}\r\nx"])
def test_a_server_that_never_stops_talking_fills_no_memory(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    """Seen to fail: without `_spend` the first is read until it ends, the second until memory does."""
    monkeypatch.setattr(imap, "MOST_OF_AN_ANSWER", 10_000)
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.sendall(b"* OK [CAPABILITY IMAP4REV1] da\r\n" + said)
    monkeypatch.setattr(imap._Connection, "_create_socket", lambda *_: ours)
    with theirs, pytest.raises(imap.MailboxFailed), imap.opened(Mailbox(host="x", port=1, security="tls")):
        pass
    assert ours.fileno() == -1


@contextmanager
def dripping(beginning: bytes) -> Iterator[int]:
    """The port of a server that says a byte now and then, for as long as somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with suppress(OSError):
                told, _who = server.accept()
                with told:
                    for byte in itertools.chain(beginning, itertools.repeat(ord("x"))):
                        told.sendall(bytes([byte]))
                        time.sleep(0.01)

        dripper = threading.Thread(target=drip, daemon=True)
        dripper.start()
        yield server.getsockname()[1]
    dripper.join(5)
    assert not dripper.is_alive()  # we have gone away


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("security", "beginning"),
    [
        ("starttls", b"* OK "),
        ("starttls", b"* OK [CAPABILITY IMAP4REV1 STARTTLS] da\r\n* OK "),
        ("tls", b"\x16\x03\x03\x40\x00\x02"),
    ],
)
def test_a_server_that_drips_is_hung_up_on_and_rested_from(
    security: str, beginning: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAILBOX_ON_PRIVATE_HOST = True
    monkeypatch.setattr(imap, "VISIT_S", 0.6)
    house = make_house()
    with dripping(beginning) as port:
        mailbox = make_mailbox(house.merchant, host="127.0.0.1", port=port, security=security, secret=seal("x"))
        assert mailboxes_to_read() == [mailbox.pk]
        began = time.monotonic()
        assert read_now(mailbox_id=mailbox.pk) == 0
        assert time.monotonic() - began < 5
    mailbox.refresh_from_db()
    assert mailbox.failure == "slow"
    assert mailboxes_to_read() == []
    Mailbox.objects.update(rests_until=timezone.now())
    assert mailboxes_to_read() == [mailbox.pk]
