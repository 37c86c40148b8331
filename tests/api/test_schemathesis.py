"""The API keeps to its document, whoever asks and whatever is sent: no 5xx, no answer that the document does not name.

Calls are made from the document by schemathesis, good ones and broken ones, as four callers: without a key, with a key that
reads, with one that may do all, with one of another house. Short in the usual run, thousands of calls in the long one.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.town import Town, built_town, town

__all__ = ["built_town", "town"]
ROLES = (None, "reads", "all", "far")
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
)  # fmt: skip


def look(town: Town, mode: GenerationMode, examples: int) -> dict[str | None, set[int]]:
    """Call every operation so often, each call by every caller; the statuses that each was answered."""
    schema = schemathesis.openapi.from_wsgi(town.near.root + "openapi.json", get_wsgi_application())
    seen: dict[str | None, set[int]] = {role: set() for role in ROLES}
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 20
    for operation in operations:

        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            for role in ROLES:
                headers = {"Authorization": f"Bearer {town.keys[role]}"} if role else {}
                response = case.call(headers=headers)
                seen[role].add(response.status_code)
                case.validate_response(response, checks=CHECKS, headers=headers)

        ask()
    return seen


@pytest.fixture(autouse=True)
def _quiet(settings: Any) -> Any:
    """No limit, no lines of log, and a connection that stays: the town is in its transaction."""
    settings.API_CALLS_PER_MINUTE = 10**6
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_api_keeps_to_its_document_as_four_callers(town: Town) -> None:
    told = look(town, GenerationMode.POSITIVE, 1)
    assert told[None] | told["far"] <= {400, 401}
    assert 200 in told["reads"] & told["all"]
    assert 403 in told["reads"]


@pytest.mark.soak
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_keeps_to_its_document_for_long(town: Town, mode: GenerationMode) -> None:
    told = look(town, mode, 100)
    assert told[None] | told["far"] <= {400, 401, 404, 405}
    assert {400, 404} & told["all"]
