"""T15 at the API: the same call many times at once is done once, and all are answered alike."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.api_keys import create_api_key
from accounts.models import Customer
from tests.cast import make_cast


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_one() -> None:
    cast = make_cast(slug="andina", name="Andina", ticket_prefix="A")
    _key, text = create_api_key(name="n", scopes=["customers:write"], by=cast.ada)
    answers: list[Any] = []

    def call() -> None:
        try:
            headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "once"}
            answers.append(
                Client().post("/andina/api/v1/customers/", {"name": "Una"}, content_type="application/json", headers=headers)
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert len([each for each in answers if "Idempotency-Replayed" not in each.headers]) == 1
    assert Customer.objects.filter(name="Una").count() == 1
