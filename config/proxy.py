"""Who the client is, when servers of ours stand in front.

With `TRUSTED_PROXY_COUNT = n` the n-th address from the right of `X-Forwarded-For` is the client: the
last n entries were written by our proxies, whatever stands left of them was typed by anybody. With 0
no forwarded header is believed, and all are dropped so that nothing further in can be fooled.
"""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)


class TrustedProxyMiddleware:
    """Put the client's address and scheme where Django looks for them; drop the headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        forwarded = {name: meta.pop(name) for name in FORWARDED if name in meta}
        # /metrics is open to this machine only, and a proxy on it must not count as this machine.
        meta["concilia.forwarded"] = bool(forwarded)
        count = settings.TRUSTED_PROXY_COUNT
        if count > 0:
            hops = [hop.strip() for hop in forwarded.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(hops) >= count and _is_address(hops[-count]):
                meta["REMOTE_ADDR"] = hops[-count]
            protos = forwarded.get("HTTP_X_FORWARDED_PROTO", "").split(",")
            # Each proxy of ours overwrites this header, so the last word is the nearest one's.
            if protos[-1].strip() == "https":
                meta["wsgi.url_scheme"] = "https"
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
