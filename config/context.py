"""What every template may know about the installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:
    """`demo`: whether this is the demo, which shows its letters on a page of its own."""
    return {"demo": settings.DEMO}
