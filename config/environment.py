"""What the settings read before there are settings: the environment and Concilia's own folder.

`CONCILIA_HOME` (default `.local/` beside manage.py) holds what one machine keeps to itself: the
secret key, the local database, the demo's letters. The local launcher writes an `environment` file
there, so that `manage.py` in a second terminal finds the same database; real variables win over it.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("CONCILIA_HOME") or BASE_DIR / ".local").resolve()
ENVIRONMENT_FILE = HOME / "environment"


def read_environment() -> environ.Env:
    """The process's environment, completed by the file that the local launcher wrote."""
    if ENVIRONMENT_FILE.is_file() and os.access(ENVIRONMENT_FILE, os.R_OK):
        environ.Env.read_env(ENVIRONMENT_FILE)
    return environ.Env()


def secret_key() -> str:
    """The key kept under CONCILIA_HOME, made on first use and readable by its owner alone.

    Only for one machine: several web servers must be given the same SECRET_KEY.
    """
    path = HOME / "secret-key"
    try:
        if not path.exists():
            HOME.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(64))
    except OSError as error:
        raise ImproperlyConfigured(f"Set SECRET_KEY, or make {HOME} writable so that one can be kept there ({error}).") from error
    key = path.read_text().strip()
    if len(key) < 50:
        raise ImproperlyConfigured(f"{path} holds no complete key: delete it and start again.")
    return key


def _write_once(path: Path, text: str) -> None:
    """Make a private file with its content in one step: of two processes at once, one wins, none reads half."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def s3_options(url: str) -> dict[str, Any]:
    """django-storages' options from `s3://KEY:SECRET@host[:port]/bucket?region=…&tls=0`.

    Without a host it is Amazon's own S3. Key and secret are percent-encoded. Files are private and
    reached by signed addresses of five minutes, never by a plain one.
    """
    from botocore.config import Config

    parts = urlsplit(url)
    query = parse_qs(parts.query)
    bucket = parts.path.strip("/")
    if parts.scheme != "s3" or not bucket:
        raise ImproperlyConfigured("STORAGE_URL must look like s3://KEY:SECRET@host/bucket")
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "region_name": query.get("region", ["us-east-1"])[0],
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 300,
        "file_overwrite": False,
        "custom_domain": None,
    }
    if parts.username:
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password or "")
    style = "auto"
    if origin := s3_origin(url):
        options["endpoint_url"] = origin
        style = "path"
    # boto3 would wait minutes for a storage that is away, and a web worker with it.
    options["client_config"] = Config(
        signature_version="s3v4",
        s3={"addressing_style": style},
        connect_timeout=3,
        read_timeout=20,
        retries={"total_max_attempts": 2},
    )
    return options


def s3_origin(url: str) -> str:
    """Scheme, host and port of the storage in `url`; empty for Amazon's own."""
    parts = urlsplit(url)
    if not parts.hostname:
        return ""
    scheme = "http" if parse_qs(parts.query).get("tls") == ["0"] else "https"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{scheme}://{host}" + (f":{parts.port}" if parts.port else "")
