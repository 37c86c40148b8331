"""What a file is, by its first bytes and never by its name. Pure: no Django, no decoder, safe in a request and in the child."""

from __future__ import annotations

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
HEIC = "image/heic"
PDF = "application/pdf"

ACCEPTED = frozenset({JPEG, PNG, WEBP, HEIC, PDF})

# What `<input accept>` offers: types and endings, since phones know some by one and desktops by the other.
ACCEPT_ATTRIBUTE = "image/jpeg,image/png,image/webp,image/heic,image/heif,application/pdf,.jpg,.jpeg,.png,.webp,.heic,.heif,.pdf"

# Enough to know every accepted type, and to recognise what people send instead.
HEAD_BYTES = 1024

# Major brands of ISO/IEC 23008-12 that hold HEVC pictures. AVIF ("avif") is not among them: few banks or phones send it.
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

REFUSED_MARKS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("svg", (b"<svg", b"<?xml")),
    ("web_page", (b"<!doctype", b"<html", b"<head", b"<body", b"<script")),
    ("office", (b"\xd0\xcf\x11\xe0", b"pk\x03\x04", b"{\\rtf")),
)


def accepted_type(head: bytes) -> str | None:
    """The MIME type that `head` (the first `HEAD_BYTES` bytes) shows, or `None` when it is none of `ACCEPTED`."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return HEIC
    # A PDF may stand behind a byte-order mark or a blank line, but not behind another document.
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF
    return None


def refused_kind(head: bytes) -> str:
    """What an unaccepted file seems to be, to tell its sender in words: `svg`, `web_page`, `office` or `other`."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "svg"
    for kind, marks in REFUSED_MARKS:
        if text.startswith(marks):
            return kind
    return "other"
