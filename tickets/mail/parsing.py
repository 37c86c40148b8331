"""A mail as bytes to what the house takes from it. Pure; what it costs is bounded whatever arrives.

The standard library's parser reads it with the plainest policy: headers are decoded here, shortened first. Nothing is rendered,
no file is opened, no name is used as a path.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from tickets.mail.words import plain_text, without_quote

LARGEST_MAIL = 25 * 1024 * 1024
LARGEST_HEAD = 256 * 1024
MOST_HEADERS = 1_000
MOST_LINES = 700_000
MOST_PARTS = 100
MOST_FILES = 20
LONGEST_HEADER = 2_000
LONGEST_PART = 1_000_000
# A picture in the running text that is smaller is a logo of the signature, not what the person wants to show.
SMALLEST_INLINE_PICTURE = 10 * 1024
_SILENT_TYPES = frozenset(
    {
        "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "text/x-amp-html",
        "message/delivery-status", "text/calendar",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@[A-Za-z0-9.-]{1,190}\Z")
_IDS = re.compile(r"<([^<>\s]{1,400})>")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_PART = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FAILED_DMARC = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)


class Unreadable(Exception):
    """A mail that is not looked into: `code` is `headers`, `parts`, `lines` or `damaged`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class MailFile:
    """One attachment as it came; nothing about it is believed."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail. `key` names it for good (its Message-ID, else its bytes); `automatic` says why no person wrote it, if so.

    `recipients` are all addresses it was sent to, `references` the ids that it answers, newest last. `is_cut`: the text was too
    long. `is_too_large`: only the headers were fetched.
    """

    key: str
    from_email: str
    from_name: str
    recipients: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    automatic: str
    is_forged: bool
    text: str = ""
    files: tuple[MailFile, ...] = ()
    size: int = 0
    is_too_large: bool = False


@dataclass
class _Found:
    texts: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)


def read_mail(raw: bytes) -> Mail:
    """Read a whole mail. Raises `Unreadable`."""
    head = head_of(raw)
    if raw.count(b"\n") > MOST_LINES:
        raise Unreadable("lines")
    if len(_PART.findall(raw)) > MOST_PARTS:
        raise Unreadable("parts")
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        found = _look_into(message)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise Unreadable("damaged") from error
    text = "\n\n".join(found.texts).strip() or plain_text("\n".join(found.markup))
    return _mail(head, message, size=len(raw), text=without_quote(text), files=tuple(found.files))


def read_head(raw: bytes, *, size: int) -> Mail:
    """Read the headers of a mail that is too large to be fetched. Raises `Unreadable`."""
    head = head_of(raw)
    message = email.message_from_bytes(head, policy=email.policy.compat32)
    return _mail(head, message, size=size, is_too_large=True)


def head_of(raw: bytes) -> bytes:
    """The headers as they came. Raises `Unreadable` for more than anybody sends."""
    start = raw[: LARGEST_HEAD + 4]
    ends = [place for mark in (b"\r\n\r\n", b"\n\n") if (place := start.find(mark)) >= 0]
    if not ends and len(raw) > LARGEST_HEAD:
        raise Unreadable("headers")
    head = start[: min(ends)] if ends else start
    if head.count(b"\n") > MOST_HEADERS:
        raise Unreadable("headers")
    return head + b"\n\n"


def fallback_key(raw: bytes) -> str:
    """What names a mail that cannot be read."""
    return hashlib.sha256(b"raw\x00" + raw).hexdigest()


def _mail(head: bytes, message: Message, **rest: object) -> Mail:
    message_id = next(iter(_IDS.findall(_header(message, "Message-ID"))), "")
    sender = _only_sender(message)
    signed = "id\x00" + message_id if message_id else "raw\x00" + head.decode("latin-1")
    references = _IDS.findall(" ".join(_every(message, "References")) + " " + " ".join(_every(message, "In-Reply-To")))
    return Mail(
        key=hashlib.sha256(signed.encode("utf-8", "replace")).hexdigest(),
        from_email=sender[1],
        from_name=sender[0],
        recipients=tuple(_recipients(message)),
        references=tuple(references[-50:]),
        subject=_words(_header(message, "Subject"))[:200],
        automatic=_why_automatic(message),
        is_forged=any(_FAILED_DMARC.search(each) for each in _every(message, "Authentication-Results")),
        **rest,  # type: ignore[arg-type]  # named by the two callers above
    )


def _look_into(message: Message) -> _Found:
    """Texts and files of all parts. A mail inside a mail is a file of a type that is not taken."""
    found, waiting = _Found(), [message]
    looked = 0
    while waiting:
        part = waiting.pop()
        looked += 1
        if looked > MOST_PARTS:
            raise Unreadable("parts")
        kind = part.get_content_type()
        if part.is_multipart() and kind != "message/rfc822":
            inner = [each for each in part.get_payload() if isinstance(each, Message)]
            waiting.extend(reversed(inner))
            continue
        _take_part(part, kind, found)
    return found


def _take_part(part: Message, kind: str, found: _Found) -> None:
    place, name = part.get_content_disposition(), part.get_filename()
    is_file = place == "attachment" or bool(name) or not kind.startswith("text/")
    if kind in _SILENT_TYPES:
        return
    if kind in ("text/plain", "text/html") and not is_file:
        into = found.texts if kind == "text/plain" else found.markup
        into.append(_text_of(part))
        return
    if not is_file:
        return
    decoded = part.get_payload(decode=True)
    content = decoded if isinstance(decoded, bytes) else b""
    is_inline = place == "inline" or part.get("Content-ID") is not None
    if kind.startswith("image/") and is_inline and place != "attachment" and len(content) < SMALLEST_INLINE_PICTURE:
        return
    if len(found.files) < MOST_FILES:
        shown = _words(str(name or kind.replace("/", ".")))[:120] or "?"
        found.files.append(MailFile(name=shown, content=content, content_type=kind[:100]))


def _text_of(part: Message) -> str:
    decoded = part.get_payload(decode=True)
    content = (decoded if isinstance(decoded, bytes) else b"")[:LONGEST_PART]
    charset = part.get_content_charset() or "utf-8"
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _every(message: Message, name: str) -> list[str]:
    return [str(each)[:LONGEST_HEADER] for each in message.get_all(name, [])[:20]]


def _header(message: Message, name: str) -> str:
    return next(iter(_every(message, name)), "")


def _words(text: str) -> str:
    """A header as a person reads it: decoded, one line, nothing invisible."""
    with suppress(ValueError, LookupError, TypeError, AssertionError):
        text = str(make_header(decode_header(text)))
    return " ".join(_CONTROL.sub(" ", text).split())


def _only_sender(message: Message) -> tuple[str, str]:
    """Name and address of the one sender; two empty texts when there is none, or more than one."""
    senders = _every(message, "From")
    if len(senders) != 1:
        return "", ""
    found = _addresses(senders)
    if len(found) != 1:
        return "", ""
    name, address = found[0]
    return _words(name)[:150], address


def _addresses(headers: list[str]) -> list[tuple[str, str]]:
    try:
        pairs = getaddresses(headers)
    except (RecursionError, IndexError, ValueError, TypeError):
        return []
    return [(name, address.lower()) for name, address in pairs[:100] if _ADDRESS.match(address)]


def _recipients(message: Message) -> list[str]:
    """Every address that the mail was sent to, as its headers say; the server's own word (`Delivered-To`) first."""
    found: list[str] = []
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"):
        found += [address for _name, address in _addresses(_every(message, name))]
    return list(dict.fromkeys(found))


def _why_automatic(message: Message) -> str:
    """Which header says that a program wrote it; empty when none does. Answers to such mails are how loops begin."""
    submitted = _header(message, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto_submitted"
    if _header(message, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "precedence"
    for name in ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "X-Loop", "List-Id", "List-Unsubscribe"):
        if _header(message, name).strip():
            return "auto_reply"
    if _header(message, "Return-Path").strip() == "<>" or message.get_content_type() == "multipart/report":
        return "bounce"
    senders = [address.partition("@")[0] for _name, address in _addresses(_every(message, "From"))]
    robots = ("mailer-daemon", "postmaster", "no-reply", "noreply", "no_reply", "donotreply")
    return "robot" if any(each in robots for each in senders) else ""
