"""What the form promises and what the desk is held to are one moment."""

from __future__ import annotations

from django.utils import timezone

from reports.selectors import promised_at
from tests.factories import make_order
from tests.reports.conftest import Scene


def test_the_deadline_of_a_ticket_is_the_promise_of_the_form(scene: Scene) -> None:
    method = scene.cast.transfer
    for days in (0, 2):
        method.clearing_days = days
        method.save()
        promised = promised_at(scene.merchant, method, timezone.now())
        deadline = scene.report(make_order(scene.customer)).deadline_at
        assert deadline is not None
        assert abs((deadline - promised).total_seconds()) < 60


def test_a_method_that_clears_later_is_promised_later(scene: Scene) -> None:
    method, now = scene.cast.transfer, timezone.now()
    method.clearing_days = 0
    early = promised_at(scene.merchant, method, now)
    method.clearing_days = 3
    assert promised_at(scene.merchant, method, now) > early
