"""Reading the demo's letters: the local mail server keeps each as a file of a Maildir."""

import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

NEWEST = 200


@dataclass(frozen=True)
class Letter:
    """One letter as it arrived; `html` is empty when it has no such part."""

    key: str
    sent_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str


def list_letters(folder: Path, *, to: str = "") -> list[Letter]:
    """The newest 200 letters (of one addressee, if given), newest first; none if none was sent."""
    if not (folder / "new").is_dir():
        return []
    box = mailbox.Maildir(folder, create=False)
    letters = [letter for key in box.keys() if (letter := _read(box, key)) is not None]  # noqa: SIM118 - not a dict
    if to:
        letters = [letter for letter in letters if to.lower() in letter.to.lower()]
    return sorted(letters, key=lambda letter: letter.sent_at, reverse=True)[:NEWEST]


def read_letter(folder: Path, key: str) -> Letter | None:
    """The letter of that key, or None. A key is looked up among the letters, never used as a path."""
    if not (folder / "new").is_dir():
        return None
    box = mailbox.Maildir(folder, create=False)
    return _read(box, key) if key in box.keys() else None  # noqa: SIM118 - `in box` would build a path


def _read(box: mailbox.Maildir, key: str) -> Letter | None:
    try:
        raw = box.get_bytes(key)
    except KeyError:  # the demo was put back while we read
        return None
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    return Letter(
        key=key,
        sent_at=_date(message),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _date(message: EmailMessage) -> datetime:
    try:
        date = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return datetime.fromtimestamp(0, tz=UTC)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""
