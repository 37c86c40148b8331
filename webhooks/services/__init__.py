"""Writes of the webhooks room: announce news with the change that they tell of, deliver them later, at least once."""

from webhooks.services.announcing import News, announce, announce_many, is_heard
from webhooks.services.delivering import deliver_waiting, forget_old_news, wake_endpoints
from webhooks.services.endpoints import (
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    resend,
    rotate_secret,
    switch_endpoint,
    test_endpoint,
)

__all__ = [
    "News",
    "add_endpoint",
    "announce",
    "announce_many",
    "change_endpoint",
    "deliver_waiting",
    "forget_old_news",
    "is_heard",
    "remove_endpoint",
    "resend",
    "rotate_secret",
    "switch_endpoint",
    "test_endpoint",
    "wake_endpoints",
]
