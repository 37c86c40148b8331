"""The demo's post office takes letters and keeps them where the page reads them."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from config.maildir import list_letters
from tests.ops.processes import wait_until


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Port and folder of a post office that runs; its folder exists already, but empty."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    folder = tmp_path / "mail"
    folder.mkdir()
    environment = {**os.environ, "SMTP_PORT": str(port), "MAIL_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "config.launcher.mail"], cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "letters go to" in process.stdout.readline()
    yield port, folder
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdout.close()


def test_a_letter_arrives_and_can_be_read(office: tuple[int, Path]) -> None:
    port, folder = office
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "concilia@demo.invalid", "alicia@perez.example", "Su código · Ñandú"
    letter.set_content("Su código es 481516.")
    letter.add_alternative("<p>Su código es <b>481516</b>.</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(letter)
        client.send_message(letter)
    wait_until(lambda: len(list_letters(folder)) == 2, seconds=5, what="the letters' arrival")
    first = list_letters(folder)[0]
    assert (first.subject, first.to) == ("Su código · Ñandú", "alicia@perez.example")
    assert first.text.strip() == "Su código es 481516."
    assert "<b>481516</b>" in first.html


def test_it_listens_on_this_machine_alone(office: tuple[int, Path]) -> None:
    table = Path("/proc/net/tcp").read_text().splitlines()
    listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert f"0100007F:{office[0]:04X}" in listening
    assert f"00000000:{office[0]:04X}" not in listening
