"""Where bytes are kept: `default` of STORAGES (a folder, or S3 by settings alone), and the names under which we keep them.

Names are unguessable and carry the day, so that the sweep finds what no row knows without asking the storage for times:
`raw/<merchant>/<day>/<random>` for what was sent, `copies/<merchant>/<random>/<page>.jpg` for what is shown.
"""

from __future__ import annotations

import contextlib
import secrets
from datetime import date, timedelta
from typing import IO

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage

RAW, COPIES = "raw", "copies"
SIGNED_S = 300


def storage_errors() -> tuple[type[Exception], ...]:
    """What a storage raises when it cannot do as asked. S3's are only known where S3 is used, since boto3 is slow to import."""
    if not signs_addresses(default_storage):
        return (OSError,)
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return (OSError, Boto3Error, BotoCoreError, ClientError)


def signs_addresses(storage: Storage) -> bool:
    """Whether files are fetched from the storage itself by signed addresses (S3), or streamed by us (a folder)."""
    return hasattr(storage, "querystring_auth") and hasattr(storage, "bucket_name")


def new_raw_name(merchant_id: int, day: date) -> str:
    return f"{RAW}/{merchant_id}/{day.isoformat()}/{secrets.token_urlsafe(24)}"


def new_copies_prefix(merchant_id: int) -> str:
    return f"{COPIES}/{merchant_id}/{secrets.token_urlsafe(24)}"


def keep(name: str, content: IO[bytes] | File[bytes]) -> None:
    """Write `content` at exactly `name`, over what stood there (a job that runs again writes its copies again)."""
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(name)
    # Wrapped, so that an upload in a temporary file is copied and stays readable for the caller, not moved away.
    kept = default_storage.save(name, File(content))
    if kept != name:
        default_storage.delete(kept)
        raise OSError("the storage would not take the name that it was given")


def drop(name: str) -> None:
    """Delete `name` if the storage answers; what stays is found by the sweep."""
    with contextlib.suppress(*storage_errors()):
        default_storage.delete(name)


def signed_address(name: str, *, content_type: str, disposition: str, expire_s: int = SIGNED_S) -> str:
    """An address of the storage that opens `name` for `expire_s` seconds, with the headers that we choose for it."""
    parameters = {
        "ResponseContentType": content_type,
        "ResponseContentDisposition": disposition,
        "ResponseCacheControl": "private, no-store",
    }
    # S3's `url` takes more than Django's, hence the ignore.
    return default_storage.url(name, parameters=parameters, expire=expire_s)  # type: ignore[call-arg]


def raw_names(merchant_id: int, days: list[date]) -> list[str]:
    """Names of everything sent to a merchant on those days, as the storage knows them."""
    names = []
    for day in days:
        folder = f"{RAW}/{merchant_id}/{day.isoformat()}"
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            names += [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    return names


def days_before(today: date, *, first: int, last: int) -> list[date]:
    """The days from `first` to `last` days ago."""
    return [today - timedelta(days=ago) for ago in range(first, last + 1)]
