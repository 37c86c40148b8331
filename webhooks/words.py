"""Why a webhook got no answer, and why an address is none for it, as administrators read it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ERRORS: dict[str, str | Promise] = {
    "url": _("This is no web address. Write it whole, for example https://system.example/concilia."),
    "not_https": _("The address must begin with https://."),
    "no_such_host": _("No server has this name."),
    "private": _("The address leads into a private network, so nothing is sent there."),
    "timeout": _("The server did not answer in time."),
    "tls": _("The server's certificate is not valid, so nothing was sent."),
    "no_answer": _("The server could not be reached, or broke off."),
    "off": _("The address was switched off."),
    "secret": _("The secret cannot be read any more. Make a new one."),
}


def reason_in_words(code: str) -> str | Promise:
    """The sentence of an error's code."""
    return ERRORS.get(code, code)
