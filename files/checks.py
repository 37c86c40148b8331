"""What a request can tell of an upload without decoding it: size, type by first bytes, digest, a name that is safe to show."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.errors import Refused
from files.magic import HEAD_BYTES, accepted_type, refused_kind
from files.reasons import sentence

MAX_FILES = 5
NAME_LENGTH = 120

# Format characters (Unicode Cf) turn text round ("fdp.exe" shown as "exe.pdf"); controls and separators break lines and logs.
UNSHOWN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """An upload that may be kept: bytes, SHA-256 in hex, MIME type by content, name to show."""

    size: int
    sha256: str
    detected_type: str
    name: str


def check_upload(upload: UploadedFile[bytes]) -> Checked:
    """Read `upload` once, in chunks, and say what it is; leaves it at its start.

    Raises `Refused` with a code of `files.reasons`, as soon as it is known: at most the limit is read.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in _chunks(upload):
        size += len(chunk)
        if size > settings.UPLOAD_MAX_BYTES:
            raise refusal("too_large")
        if len(head) < HEAD_BYTES:
            head = (head + chunk)[:HEAD_BYTES]
        digest.update(chunk)
    upload.seek(0)
    if size == 0:
        raise refusal("empty")
    detected = accepted_type(head)
    if detected is None:
        raise refusal(refused_kind(head))
    return Checked(size=size, sha256=digest.hexdigest(), detected_type=detected, name=display_name(upload.name or ""))


def _chunks(upload: UploadedFile[bytes]) -> Iterator[bytes]:
    upload.seek(0)
    yield from upload.chunks()


def display_name(name: str) -> str:
    """`name` as it may be shown: last part of a path, one line, no invisible characters, at most `NAME_LENGTH` long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    spaced = " ".join(last.split())
    shown = "".join(sign for sign in spaced if unicodedata.category(sign) not in UNSHOWN).strip()
    if len(shown) > NAME_LENGTH:
        stem, dot, ending = shown.rpartition(".")
        keep = dot + ending if stem and len(ending) <= 5 else ""
        shown = shown[: NAME_LENGTH - len(keep) - 1] + "…" + keep
    return shown or "?"


def refusal(code: str) -> Refused:
    """The refusal of an upload, with its sentence; the field is the receipt's."""
    return Refused(sentence(code), code=code, fields=("receipt",))
