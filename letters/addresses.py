"""Absolute addresses of pages, for letters: no request is at hand to build them from."""

from __future__ import annotations

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix

from accounts.models import Merchant


def merchant_url(merchant: Merchant, name: str, **kwargs: object) -> str:
    """The absolute address of the page `name` (with its namespace) at this merchant.

    Raises `NoReverseMatch` when there is no such page.
    """
    before = get_script_prefix()
    set_script_prefix(f"/{merchant.slug}/")
    try:
        path = reverse(name, urlconf=settings.MERCHANT_URLCONF, kwargs=kwargs)
    finally:
        set_script_prefix(before)
    return f"{settings.SITE_URL}{path}"


def merchant_home(merchant: Merchant) -> str:
    """The absolute address of the merchant's first page."""
    return f"{settings.SITE_URL}/{merchant.slug}/"


def url_or_home(merchant: Merchant, name: str, **kwargs: object) -> str:
    """As `merchant_url`, or the merchant's first page: a letter goes out even when a page was renamed since it was queued."""
    try:
        return merchant_url(merchant, name, **kwargs)
    except NoReverseMatch:
        return merchant_home(merchant)
