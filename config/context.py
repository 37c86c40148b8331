"""What every template may know about the installation, the merchant and who is reading."""

from django.conf import settings
from django.http import HttpRequest

from config.appearance import chosen_theme


def installation(request: HttpRequest) -> dict[str, object]:
    """`demo`: whether this is the demo, which shows its letters on a page of its own; `merchant` and `actor` (None outside a
    merchant's house); `languages` as (code, own name); `theme`: light, dark or empty for the machine's own.
    """
    return {
        "demo": settings.DEMO,
        "merchant": getattr(request, "merchant", None),
        "actor": getattr(request, "actor", None),
        "languages": (("es", "Español"), ("en", "English")),
        "theme": chosen_theme(request),
    }
