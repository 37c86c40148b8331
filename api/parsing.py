"""JSON as it is taken here: one object, each name once, no text that a table could not keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MOST_FOLDS = 16


class StrictJSONParser(BaseParser):
    """Refuses what JSON leaves open: names twice, NaN, lone halves of letters, NUL, folds without end."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The object in the body. Raises `ParseError`."""
        try:
            body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                raise RequestDataTooBig
            text = body.decode("utf-8")
            read = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant, parse_float=_finite)
            json.dumps(read, ensure_ascii=False, default=str).encode("utf-8")
        except (ValueError, RecursionError, ArithmeticError) as error:
            raise ParseError from error
        if not isinstance(read, dict) or not _is_sound(read):
            raise ParseError
        return read


class FirstRenderer(BaseContentNegotiation):
    """There is one form of answer, whatever is asked for."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        """The parser of the body's type."""
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == wanted), None)

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one there is."""
        return renderers[0], renderers[0].media_type


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> Decimal:
    if len(text) > 40:
        raise ValueError("too long")
    return Decimal(text)


def _is_sound(read: Any) -> bool:
    """Whether nothing in it holds a NUL or lies deeper than any body of ours."""
    waiting = [(read, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_FOLDS or (isinstance(value, str) and "\x00" in value):
            return False
        inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(each, depth + 1) for each in inner]
    return True
