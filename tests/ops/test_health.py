"""Alive, ready, numbers: who is told what."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from config import health


def heard_from_worker(seconds_ago: int) -> None:
    """A worker whose heart beat then."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))", [seconds_ago]
        )


def test_healthz_asks_nobody(client: Client) -> None:
    answer = client.get("/healthz")  # without the database mark: a query would fail the test
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_says_ok_when_every_part_is_there(client: Client) -> None:
    heard_from_worker(5)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "worker": "ok", "storage": "ok"}


@pytest.mark.django_db
def test_readyz_names_a_worker_that_fell_silent(client: Client) -> None:
    heard_from_worker(600)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "missing"
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db
def test_readyz_names_a_storage_that_fails_and_tells_no_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> bool:
        raise OSError("canary: no route to 10.0.0.7")

    heard_from_worker(5)
    monkeypatch.setattr(default_storage._wrapped, "exists", fail, raising=False)  # type: ignore[attr-defined]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["storage"] == "missing"
    assert b"canary" not in answer.content


@pytest.mark.django_db
def test_readyz_names_migrations_that_were_not_applied(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    heard_from_worker(5)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert client.get("/readyz").json()["migrations"] == "missing"


def test_readyz_survives_a_database_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def gone() -> bool:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(health, "CHECKS", dict.fromkeys(health.CHECKS, gone))
    monkeypatch.setattr(connection, "close", lambda: None)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json().values()) == {"missing"}


def test_metrics_are_for_this_machine(client: Client) -> None:
    assert b"django_http_requests" in client.get("/metrics").content
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_metrics_are_not_given_to_a_stranger_behind_a_proxy_of_this_machine(client: Client, settings: Any) -> None:
    assert client.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"}).status_code == 404
    settings.TRUSTED_PROXY_COUNT = 1
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404


def test_metrics_are_given_for_the_token_alone(client: Client, settings: Any) -> None:
    def ask(token: str) -> int:
        return client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers={"authorization": f"Bearer {token}"}).status_code

    assert ask("") == 404  # no token is set: an empty one opens nothing
    settings.METRICS_TOKEN = "right-token"
    assert ask("right-token") == 200
    assert ask("wrong-token") == 404
    assert ask("") == 404
