"""The password of a mailbox as the table keeps it: encrypted under a key made from `SECRET_KEY`."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(password: str) -> str:
    """Encrypt."""
    return _box().encrypt(password.encode()).decode()


def unseal(sealed: str) -> str:
    """The password again; empty when it can no longer be read (`SECRET_KEY` was changed without a fallback)."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeDecodeError):
        return ""


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"concilia.mailbox\x00" + str(key).encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
