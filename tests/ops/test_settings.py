"""T20: what the installation shows and believes when it stands in the open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config import environment, urls

BASE_DIR = environment.BASE_DIR


def run_manage(home: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """manage.py as on a server: nothing in the environment but what is given."""
    given = {
        "PATH": os.environ["PATH"],
        "CONCILIA_HOME": str(home),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "ALLOWED_HOSTS": "pay.example.com",
        **variables,
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, env=given, capture_output=True, text=True, check=False, timeout=120)


def test_t20_check_deploy_has_nothing_to_say_in_production(tmp_path: Path) -> None:
    done = run_manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_production_is_what_an_empty_environment_means(tmp_path: Path) -> None:
    names = ["DEBUG", "DEMO", "HTTPS", "STAFF_TOTP_REQUIRED", "SESSION_COOKIE_SECURE", "TRUSTED_PROXY_COUNT"]
    code = f"from django.conf import settings; print({{name: getattr(settings, name) for name in {names}}})"
    done = run_manage(tmp_path, "shell", "--no-imports", "-c", code)
    assert done.stdout.strip() == str(
        {
            "DEBUG": False,
            "DEMO": False,
            "HTTPS": True,
            "STAFF_TOTP_REQUIRED": True,
            "SESSION_COOKIE_SECURE": True,
            "TRUSTED_PROXY_COUNT": 0,
        }
    )


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "HOME", tmp_path / "home")
    key = environment.secret_key()
    assert len(key) >= 64
    assert environment.secret_key() == key
    assert (tmp_path / "home" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret-key"]


def test_half_a_secret_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "HOME", tmp_path)
    (tmp_path / "secret-key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match="no complete key"):
        environment.secret_key()


def test_the_demo_is_never_loaded_outside_the_demo(tmp_path: Path) -> None:
    for arguments in (["demo"], ["demo", "--reset"]):
        done = run_manage(tmp_path, *arguments)
        assert done.returncode == 1
        assert "This is not the demo" in done.stderr


# --- hosts and errors ------------------------------------------------------------------------


@pytest.mark.django_db
def test_t20_a_host_outside_the_list_is_refused(client: Client) -> None:
    assert client.get("/", headers={"host": "testserver"}).status_code == 200
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.content


@pytest.mark.django_db
def test_t20_a_forwarded_host_is_not_believed(client: Client) -> None:
    answer = client.get("/", headers={"x-forwarded-host": "evil.example"})
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content


def break_down(request: HttpRequest) -> HttpResponse:
    """A view with a secret in a local variable and an error."""
    secret_in_a_variable = "canary-3141592653"
    raise RuntimeError(secret_in_a_variable)


urlpatterns = [*urls.urlpatterns, path("boom/", break_down)]


@pytest.fixture
def broken(client: Client, settings: object) -> Client:
    """A client of an installation with one page that breaks."""
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    client.raise_request_exception = False
    return client


@pytest.mark.django_db
def test_t20_an_error_shows_no_trace(broken: Client) -> None:
    answer = broken.get("/boom/")
    assert answer.status_code == 500
    assert len(answer.headers["X-Request-ID"]) == 36
    for told in (b"canary", b"Traceback", b"RuntimeError", b"break_down", b"settings"):
        assert told not in answer.content


@pytest.mark.django_db
def test_every_answer_carries_the_headers(client: Client) -> None:
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert len(answer.headers["X-Request-ID"]) == 36


# --- storage ---------------------------------------------------------------------------------


def test_storage_elsewhere_is_private_and_signed_for_five_minutes() -> None:
    options = environment.s3_options("s3://KEY:se%2Fcret@127.0.0.1:8333/receipts?tls=0&region=sa-east-1")
    assert options["access_key"] == "KEY"
    assert options["secret_key"] == "se/cret"
    assert options["bucket_name"] == "receipts"
    assert options["endpoint_url"] == "http://127.0.0.1:8333"
    assert options["region_name"] == "sa-east-1"
    assert options["querystring_auth"] is True
    assert options["querystring_expire"] == 300
    assert options["file_overwrite"] is False


def test_storage_at_amazon_needs_no_host() -> None:
    options = environment.s3_options("s3:///receipts")
    assert "endpoint_url" not in options
    assert environment.s3_origin("s3:///receipts") == ""


@pytest.mark.parametrize("url", ["https://host/bucket", "s3://KEY:secret@host", "receipts"])
def test_a_storage_address_without_sense_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="s3://KEY:SECRET@host/bucket"):
        environment.s3_options(url)


def test_storage_elsewhere_is_a_matter_of_settings_alone(tmp_path: Path) -> None:
    code = (
        "from django.core.files.storage import default_storage as s; from django.conf import settings;"
        "print(s.url('a/b.jpg')); print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
    )
    done = run_manage(tmp_path, "shell", "--no-imports", "-c", code, STORAGE_URL="s3://KEY:secret@files.example.com/receipts")
    address, sources = done.stdout.splitlines()
    assert address.startswith("https://files.example.com/receipts/a/b.jpg?")
    assert "X-Amz-Expires=300" in address
    assert "https://files.example.com" in sources
