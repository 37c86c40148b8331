"""Where a webhook may go: public addresses over TLS, judged by the address that is really connected to."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

LONGEST_URL = 500
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # all that the internet uses of IPv6
# IPv6 addresses in which an IPv4 address is hidden: IPv4-compatible ones and those that a NAT64 translates.
_CARRIES_IPV4 = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))


class BadAddress(Exception):
    """This address is not sent to. `code` is one of `webhooks.words.ERRORS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Target:
    """A web address taken apart: `path` with its query, `host` as TLS and the receiver know it."""

    is_tls: bool
    host: str
    port: int
    path: str


def read_url(url: str) -> Target:
    """Take a web address apart; raises `BadAddress` for what no webhook may go to, whatever its name resolves to."""
    if len(url) > LONGEST_URL or any(ord(each) <= 32 or ord(each) >= 127 for each in url):
        raise BadAddress("url")
    try:
        parts: SplitResult = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress("url") from error
    if parts.scheme not in ("https", "http") or not host or parts.username is not None or parts.fragment:
        raise BadAddress("url")
    is_tls = parts.scheme == "https"
    if not is_tls and not settings.WEBHOOKS_TO_LOOPBACK:
        raise BadAddress("not_https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_tls=is_tls, host=host, port=port or (443 if is_tls else 80), path=path)


def resolve(target: Target) -> str:
    """The address to connect to, checked. The name is asked once: who connects to the answer cannot be led elsewhere later.

    A name that has any address that is not public is refused as a whole. Raises `BadAddress`.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddress("no_such_host") from error
    addresses = [str(each[4][0]) for each in found]
    for address in addresses:
        if not may_go_to(address, is_tls=target.is_tls):
            raise BadAddress("private")
    return addresses[0]


def may_go_to(address: str, *, is_tls: bool) -> bool:
    """Whether a webhook may go to this IP address. Without TLS to this very machine alone, where the setting allows it."""
    ip = _true_address(ipaddress.ip_address(address.partition("%")[0]))
    if settings.WEBHOOKS_TO_LOOPBACK and ip.is_loopback:
        return True
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GIVEN_OUT:
        return False
    return is_tls and ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_unspecified)


def _true_address(ip: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(ip, ipaddress.IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ip
    hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    if hidden is not None:
        return hidden
    if any(ip in network for network in _CARRIES_IPV4):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
