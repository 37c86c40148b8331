"""The OpenAPI document: what each address takes and answers, refusals with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from api.idempotency import HEADER
from api.problems import MEDIA_TYPE

Method = TypeVar("Method", bound=Callable[..., Any])
ALWAYS = (400, 401, 403, 429)
SAID = {
    400: "Something in the call cannot be read, is not known, or is missing.",
    401: "The key is missing, wrong, revoked, has expired, or belongs to another house.",
    403: "The key lacks the scope.",
    404: "There is no such thing at this house.",
    409: "It has changed meanwhile, or is being worked on: look again.",
    413: "The body is too large.",
    415: "The body is of another type.",
    422: "It was understood and refused: `code` and `detail` say why. Nothing was done.",
    429: "Too many calls: wait as long as `Retry-After` says.",
}
IDEMPOTENCY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, required=True,
    description="New for each thing to be done. The same key with the same body again is answered with the first answer, for "
    "48 hours; with another body it is refused.",
)  # fmt: skip


class FieldProblem(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    message = serializers.CharField()


class ProblemDetails(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldProblem(many=True, required=False)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # ships no types
    """How a key is shown."""

    target_class = "api.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """As OpenAPI says it."""
        return {"type": "http", "scheme": "bearer", "description": "A key of the house, made by an administrator: `ck_…`."}


def describe(
    summary: str,
    answer: Any,
    *,
    name: str,
    status: int = 200,
    body: Any = None,
    query: Any = None,
    text: str = "",
    problems: Sequence[int] = (),
    tag: str,
) -> Callable[[Method], Method]:
    """Say of a method what it does. With a `body` that is a mapping the keys are media types; `status` 2xx is what it answers."""
    is_post = status in (201, 202)
    refusals = sorted({*ALWAYS, *problems, *((409, 413, 415, 422) if body is not None else ())})
    responses: dict[Any, Any] = {status: answer}
    for code in refusals:
        responses[(code, MEDIA_TYPE)] = OpenApiResponse(ProblemDetails, description=SAID[code])
    request: Any = body if isinstance(body, Mapping) or body is None else {"application/json": body}
    parameters = [*([IDEMPOTENCY] if is_post else []), *([query] if query is not None else [])]
    decorate: Callable[[Method], Method] = extend_schema(
        operation_id=name, summary=summary, description=text, request=request, responses=responses, parameters=parameters,
        tags=[tag],
    )  # fmt: skip
    return decorate


def list_of(item: type[serializers.Serializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """The answer of a list of these."""
    fields = {"items": item(many=True), "next_cursor": serializers.CharField(allow_null=True)}
    return type(f"{name}Page", (serializers.Serializer,), {**fields, "__doc__": "A page: where the next one begins, or null."})
