"""Delivering: pauses that grow, an end of trying, endpoints that rest, and what is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.actors import Actor
from accounts.errors import NotAllowed, Stale
from accounts.models import Role
from tests.factories import make_merchant, staff_actor
from webhooks.kinds import Kind
from webhooks.models import Announcement, Attempt, Delivery, Endpoint
from webhooks.sending import Answer
from webhooks.services import (
    add_endpoint,
    announce,
    deliver_waiting,
    forget_old_news,
    resend,
    switch_endpoint,
    wake_endpoints,
)
from webhooks.services.delivering import KEEP, MAX_TRIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """What is answered, the last one for ever."""
    told = [Answer(status=204)]
    monkeypatch.setattr("webhooks.services.delivering.post", lambda *_a, **_k: told.pop(0) if len(told) > 1 else told[0])
    return told


def begin(count: int = 1) -> tuple[Actor, Endpoint]:
    by = Actor.system(make_merchant())
    endpoint, _secret = add_endpoint(url="https://hooks.example/", kinds=[Kind.ORDER_PAID], by=by)
    for number in range(count):
        announce(merchant=by.merchant, kind=Kind.ORDER_PAID, about=f"order:{number}", occasion="1", payload={})
    return by, endpoint


def test_what_is_refused_waits_longer_each_time_and_is_given_up_in_the_end(answers: list[Answer]) -> None:
    by, endpoint = begin()
    answers[:] = [Answer(status=500)]
    now, waits = timezone.now(), []
    for _ in range(MAX_TRIES):
        with time_machine.travel(now, tick=False):
            assert deliver_waiting(endpoint_id=endpoint.pk) == 0
        delivery = Delivery.objects.get()
        if delivery.state == "queued":
            waits.append(delivery.due_at - now)
            now = delivery.due_at
    assert waits == sorted(waits)
    assert (delivery.state, delivery.tries, Attempt.objects.count()) == ("failed", MAX_TRIES, MAX_TRIES)
    answers[:] = [Answer(status=204)]
    resend(delivery_id=delivery.pk, by=by)
    assert deliver_waiting(endpoint_id=endpoint.pk) == 1
    assert (Delivery.objects.get().state, Endpoint.objects.get().failures) == ("delivered", 0)


def test_who_refuses_one_gets_the_others_and_who_does_not_answer_rests(answers: list[Answer]) -> None:
    _by, endpoint = begin(3)
    answers[:] = [Answer(status=400), Answer(status=200), Answer(error="timeout")]
    assert deliver_waiting(endpoint_id=endpoint.pk) == 1
    assert Attempt.objects.count() == 3
    assert deliver_waiting(endpoint_id=endpoint.pk) == 0, "it rests"
    assert Attempt.objects.count() == 3
    ProcrastinateJob.objects.filter(task_name="webhooks.jobs.deliver").update(status="succeeded")
    assert wake_endpoints() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        assert wake_endpoints() == 1
        assert wake_endpoints() == 0, "it has its job"


def test_switched_off_nothing_is_kept_waiting(answers: list[Answer]) -> None:
    by, endpoint = begin()
    switch_endpoint(endpoint_id=endpoint.pk, is_on=False, by=by)
    assert Delivery.objects.get().state == "failed"
    with pytest.raises(Stale):
        resend(delivery_id=Delivery.objects.get().pk, by=by)
    switch_endpoint(endpoint_id=endpoint.pk, is_on=True, by=by)
    resend(delivery_id=Delivery.objects.get().pk, by=by)
    assert deliver_waiting(endpoint_id=endpoint.pk) == 1


def test_old_news_are_forgotten_unless_they_wait(answers: list[Answer]) -> None:
    _by, endpoint = begin(2)
    waiting = Delivery.objects.order_by("-pk")[0]
    Delivery.objects.filter(pk=waiting.pk).update(due_at=timezone.now() + timedelta(days=90))
    assert deliver_waiting(endpoint_id=endpoint.pk) == 1
    Announcement.objects.update(at=timezone.now() - KEEP - timedelta(days=1))
    assert forget_old_news() == 1
    assert list(Delivery.objects.values_list("pk", flat=True)) == [waiting.pk]


def test_only_administrators_of_the_house(answers: list[Answer], settings: Any) -> None:
    by, _endpoint = begin()
    for role in (Role.SUPPORT, Role.SENIOR, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            add_endpoint(url="https://hooks.example/", kinds=[Kind.ORDER_PAID], by=staff_actor(by.merchant, role))
    from django.http import Http404

    with pytest.raises(Http404):
        resend(delivery_id=Delivery.objects.get().pk, by=staff_actor(make_merchant(), Role.ADMINISTRATOR))
