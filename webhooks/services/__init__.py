"""Writes of the webhooks room: announce news with the change that they tell of, deliver them later, at least once."""

from webhooks.services.announcing import News, announce, announce_many, is_heard

__all__ = ["News", "announce", "announce_many", "is_heard"]
