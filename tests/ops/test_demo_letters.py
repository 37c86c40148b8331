"""The demo's letters can be read on a page that exists only in the demo."""

import mailbox
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def maildir(tmp_path: Path, settings: Any) -> Path:
    """An empty post office of the demo."""
    settings.DEMO = True
    settings.DEMO_MAIL_DIR = tmp_path / "mail"
    return tmp_path / "mail"


def drop(folder: Path, *, to: str = "alicia@example.com", subject: str = "Su código", html: str = "", at: int = 10) -> str:
    """Put a letter into the box; returns its key."""
    letter = EmailMessage()
    letter["From"] = "Concilia <concilia@demo.invalid>"
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = f"Sat, 21 Nov 2026 {at}:00:00 +0000"
    letter.set_content("Su código es 481516.\n<script>alert(1)</script>")
    if html:
        letter.add_alternative(html, subtype="html")
    return mailbox.Maildir(folder).add(letter)


PAGES = ["/demo/letters/", "/demo/letters/some.key/", "/demo/letters/some.key/html/"]


@pytest.mark.parametrize("page", PAGES)
def test_outside_the_demo_the_pages_do_not_exist(client: Client, page: str) -> None:
    assert client.get(page).status_code == 404


def test_without_letters_the_page_says_so(client: Client, maildir: Path) -> None:
    assert client.get("/demo/letters/").status_code == 200
    assert not maildir.exists()


def test_letters_are_listed_newest_first_and_by_addressee(client: Client, maildir: Path) -> None:
    drop(maildir, subject="Primera", at=10)
    drop(maildir, subject="Tercera", at=12, to="beto@example.com")
    drop(maildir, subject="Segunda", at=11)
    page = client.get("/demo/letters/").content.decode()
    assert page.index("Tercera") < page.index("Segunda") < page.index("Primera")
    page = client.get("/demo/letters/?to=beto").content.decode()
    assert "Tercera" in page
    assert "Primera" not in page


def test_a_letter_shows_its_text_escaped_and_its_html_in_a_cage(client: Client, maildir: Path) -> None:
    key = drop(maildir, html="<p>Su código: <b>481516</b></p><script>alert(1)</script>")
    page = client.get(f"/demo/letters/{key}/").content.decode()
    assert "481516" in page
    assert "<script>alert" not in page
    assert "sandbox=" in page
    shown = client.get(f"/demo/letters/{key}/html/")
    assert b"<b>481516</b>" in shown.content
    policy = shown.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy + page
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("key", ["..%2F..%2Fsecret-key", "nothing", "%00", "..", "new%2Fx"])
def test_a_guessed_key_opens_no_file(client: Client, maildir: Path, key: str) -> None:
    drop(maildir)
    (maildir.parent / "secret-key").write_text("canary")
    assert client.get(f"/demo/letters/{key}/").status_code == 404
    assert client.get(f"/demo/letters/{key}/html/").status_code == 404


def test_a_broken_letter_breaks_no_page(client: Client, maildir: Path) -> None:
    drop(maildir)
    broken = b"\xff\xfe\x00 no header at all\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff"
    (maildir / "new" / "9.broken").write_bytes(broken)
    assert client.get("/demo/letters/").status_code == 200
    assert client.get("/demo/letters/9.broken/").status_code == 200
