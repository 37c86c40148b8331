"""T24: logs hold no tokens, cookies or receipt addresses, and what somebody typed stays on one line."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.test import Client

from config.logs import clean_text


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Read what was logged, through the product's own formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = settings.LOGGING["formatters"]["line"]
    handler.setFormatter(formatter["()"](foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_t24_line_breaks_stay_inside_one_line(lines: Callable[[], list[dict[str, Any]]]) -> None:
    typed = 'Pérez\r\n{"event": "verified", "level": "info"}\u2028x\x1b[2J'
    structlog.get_logger("concilia").info("report_sent", payer=typed)
    logging.getLogger("somebody.else").warning("payer %s", typed)
    written = lines()
    assert [line["event"].split(" ")[0] for line in written] == ["report_sent", "payer"]
    assert "⏎" in written[0]["payer"]
    assert "\x1b" not in json.dumps(written, ensure_ascii=False)


SECRETS = [
    "sessionid=abcdefsecret",
    "Cookie: sessionid=abcdefsecret; csrftoken=abcdefsecret",
    "Authorization: Bearer abcdefsecret",
    '{"password": "abcdefsecret"}',
    "GET /andina/account/password/reset/key/3f-abcdefsecret/",
    "GET /andina/files/abcdefsecret.jpg",
    "GET /andina/report/sent/?token=abcdefsecret",
    "https://files.example.com/receipts/abcdefsecret.jpg?X-Amz-Signature=abcdefsecret",
    "GET /andina/draft/0192a7c0-abcdefsecret-abcdefsecret/",
]


@pytest.mark.parametrize("text", SECRETS)
def test_t24_secrets_are_blanked_wherever_they_stand(text: str, lines: Callable[[], list[dict[str, Any]]]) -> None:
    logger = structlog.get_logger("concilia")
    logger.info(text)
    logger.info("event", where=text, deep={"list": [text]})
    logging.getLogger("django.security").error("seen %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("failed")
    assert len(lines()) == 4
    assert "abcdefsecret" not in json.dumps(lines())


def test_t24_a_key_that_says_secret_is_blanked_whatever_it_holds(lines: Callable[[], list[dict[str, Any]]]) -> None:
    structlog.get_logger("concilia").info("signed_in", code="481516", password="xyzzy", status=200)
    assert lines()[0]["code"] == lines()[0]["password"] == "[…]"
    assert lines()[0]["status"] == 200


@pytest.mark.django_db
def test_t24_a_request_is_logged_with_its_id_and_without_its_query(
    client: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    client.cookies["sessionid"] = "abcdefsecret"
    answer = client.get("/?code=abcdefsecret%0d%0ainjected", headers={"authorization": "Bearer abcdefsecret"})
    finished = [line for line in lines() if line["event"] == "request_finished"]
    assert len(finished) == 1
    assert finished[0]["request"] == "GET /?[…]"
    assert finished[0]["request_id"] == answer.headers["X-Request-ID"]
    assert finished[0]["ip"] == "127.0.0.1"
    assert finished[0]["code"] == 200
    assert "abcdefsecret" not in json.dumps(lines())


def test_ordinary_text_is_left_alone() -> None:
    for text in ("GET /andina/orders/AND-1042/", "ticket AND-000123 verified", "Bs 1.234,50 por transferencia"):
        assert clean_text(text) == text


def test_of_a_long_text_beginning_and_end_are_kept() -> None:
    kept = clean_text(f"Traceback{' x' * 20_000} ValueError: the reason")
    assert len(kept) < 10_000
    assert kept.startswith("Traceback x")
    assert kept.endswith("ValueError: the reason")


def test_t24_a_cut_leaves_no_secret_without_its_name() -> None:
    for length in range(2_950, 3_050):
        text = f"{'x' * length} sessionid=abcdefsecret {'y ' * 5_000}'password': 'abcdefsecret'{' z' * (length - 20)}"
        assert "secret" not in clean_text(text)


@pytest.mark.parametrize("piece", ["token", "/", "?", "/files/", "a=", "cookie: ", "\r\n", "/aaaaaaaaaaaaaaaaaaa"])
def test_hostile_text_costs_no_time(piece: str) -> None:
    began = time.perf_counter()
    assert len(clean_text(piece * (1_000_000 // len(piece)))) < 100_000
    assert time.perf_counter() - began < 0.5
