"""Every refusal as problem details (RFC 9457), in the language that the caller asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.signals import got_request_exception
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.errors import NotAllowed, Refused, Stale

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
# What RFC 9110 calls them; `detail` says the rest.
TITLES = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests",
    500: "Internal Server Error",
}  # fmt: skip


class Problem(exceptions.APIException):
    """A refusal of this face itself."""

    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail, code)
        self.status_code, self.code, self.sentence, self.field = status, code, detail, field


def as_problem(error: Exception, context: dict[str, Any]) -> Response:
    """Whatever was raised, as an answer. What nobody foresaw is logged and told in no detail."""
    request = context["request"]
    match error:
        case Problem():
            fields = [(error.field, error.sentence)] if error.field else []
            return problem(error.status_code, error.code, error.sentence, fields)
        case Refused():
            status = 409 if isinstance(error, Stale) else 422
            return problem(status, error.code or "refused", error.message, [(name, error.message) for name in error.fields])
        case NotAllowed():
            return problem(403, "not_allowed", _("This key may not do this."))
        case Http404():
            return problem(404, "not_found", _("There is nothing at this address."))
        case exceptions.ValidationError():
            found = list(_flat(error.detail))
            return problem(400, "invalid", _("Something in the call is not right: see errors."), found)
        case exceptions.Throttled():
            answer = problem(429, "too_many_calls", _("Too many calls. Wait, then go on."))
            answer["Retry-After"] = str(int(error.wait or 1))
            return answer
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            answer = problem(401, "key_unknown", _("This key opens nothing here: it is missing, wrong, revoked or has expired."))
            answer["WWW-Authenticate"] = 'Bearer realm="api"'
            return answer
        case exceptions.PermissionDenied():
            return problem(403, "not_allowed", _("This key may not do this."))
        case exceptions.MethodNotAllowed():
            return problem(405, "method_not_allowed", _("This address does not take this method."))
        case exceptions.UnsupportedMediaType():
            return problem(415, "unsupported_media_type", _("The body is of a type that is not taken here."))
        case RequestDataTooBig():
            return problem(413, "too_large", _("The body is too large."))
        case (
            exceptions.ParseError() | BadRequest() | SuspiciousOperation() | TooManyFieldsSent() | TooManyFilesSent()
            | MultiPartParserError() | UnicodeError()
        ):  # fmt: skip
            return problem(400, "unreadable", _("The body cannot be read."))
        case _:
            log.exception("api_error")
            got_request_exception.send(sender=None, request=request._request)
            return problem(500, "error", _("Something went wrong here. It was noted."))


def problem(status: int, code: str, detail: str, errors: list[tuple[str, str]] | None = None) -> Response:
    """Problem details. `errors` are (field, sentence)."""
    told: dict[str, Any] = {
        "type": f"urn:concilia:problem:{code}", "title": TITLES.get(status, "Error"), "status": status, "detail": detail,
        "code": code,
    }  # fmt: skip
    if errors:
        told["errors"] = [{"field": field, "message": message} for field, message in errors]
    return Response(told, status=status, content_type=MEDIA_TYPE)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Errors of nested serializers with the path of each: `lines.0.quantity`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from _flat(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            if isinstance(inner, dict):
                yield from _flat(inner, f"{path}.{number}" if path else str(number))
            else:
                yield path, str(inner)
    else:
        yield path, str(detail)
