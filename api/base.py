"""What all addresses of the API share: the key, its actor, the names that are known, pages by cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import Actor
from accounts.models import Merchant
from api.idempotency import once
from api.keys import HasScope, KeyAuthentication
from api.parsing import FirstRenderer, StrictJSONParser
from api.problems import as_problem

MOST_A_PAGE = 200
Row = TypeVar("Row", bound=Model)


class Strict(serializers.Serializer[Any]):
    """A body or a query of which every name is known; any other is refused, so that nothing is silently left out."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises `ValidationError`."""
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields or self.fields[name].read_only]
            if unknown:
                raise ValidationError({name: [_("This name is not known here.")] for name in unknown})
        return super().to_internal_value(data)


class PageQuery(Strict):
    """What every list takes."""

    cursor = serializers.CharField(required=False, max_length=200, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST_A_PAGE, default=50)


class NoQuery(Strict):
    """No parameters."""


class HouseView(APIView):
    """One address. `scopes` says what a key needs for each method, `query_class` what GET knows."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasScope,)
    renderer_classes = (JSONRenderer,)
    parser_classes: ClassVar[Sequence[Any]] = (StrictJSONParser,)
    content_negotiation_class = FirstRenderer
    metadata_class = None
    throttle_classes = ()
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "patch"]
    scopes: ClassVar[dict[str, str]] = {}
    query_class: ClassVar[type[Strict]] = NoQuery

    def get_exception_handler(self) -> Callable[..., Response]:
        """Problem details, whatever helpdesk or others want of the framework."""
        return as_problem

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Language, key, scope, then the names in the address."""
        wanted = translation.get_language_from_request(request._request) if "HTTP_ACCEPT_LANGUAGE" in request.META else None
        if wanted in dict(settings.LANGUAGES):
            translation.activate(wanted)
        super().initial(request, *args, **kwargs)
        self.query = self._read_query(request)

    @property
    def actor(self) -> Actor:
        """Who acts: the key."""
        admitted: Actor = self.request.auth.actor
        return admitted

    @property
    def merchant(self) -> Merchant:
        """The house."""
        return self.actor.merchant

    def read(self, body: type[Strict], *, partial: bool = False) -> dict[str, Any]:
        """The body's values, checked by `body`."""
        data = self.request.data
        if self.request.FILES or hasattr(data, "getlist"):
            twice = [name for name in data if len(data.getlist(name)) > 1]
            if twice:
                raise ValidationError({name: [_("This name stands twice.")] for name in twice})
            data = {name: data[name] for name in data}
        serializer = body(data=data, partial=partial, context={"actor": self.actor})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def page(self, rows: QuerySet[Row], show: Callable[[list[Row]], list[dict[str, Any]]]) -> Response:
        """A page of `rows` in the order of their keys, which never changes; `show` gives what is told of each."""
        after = self._cursor(1)
        if after:
            rows = rows.filter(Q(pk__gt=after[0]))
        limit = self.query["limit"]
        found = list(rows.order_by("pk")[: limit + 1])
        return self.told(show(found[:limit]), [found[limit - 1].pk] if len(found) > limit else None)

    def told(self, items: list[dict[str, Any]], after: list[int] | None) -> Response:
        """The answer of a list; `after` is where the next page begins."""
        cursor = None
        if after is not None:
            cursor = base64.urlsafe_b64encode(json.dumps(after).encode()).decode().rstrip("=")
        return Response({"items": items, "next_cursor": cursor})

    def _cursor(self, size: int) -> list[int] | None:
        text = self.query.get("cursor")
        if text is None:
            return None
        try:
            read = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, ValueError, RecursionError):
            read = None
        if not isinstance(read, list) or len(read) != size or not all(type(each) is int and 0 <= each < 2**63 for each in read):
            raise ValidationError({"cursor": [_("This cursor is none that was given here.")]})
        return read

    def _read_query(self, request: Request) -> dict[str, Any]:
        known = self.query_class if request.method in ("GET", "HEAD") else NoQuery
        twice = [name for name, values in request.query_params.lists() if len(values) > 1]
        if twice:
            raise ValidationError({name: [_("This name stands twice.")] for name in twice})
        query = known(data=request.query_params.dict(), context={"merchant": request._request.merchant})
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)


class WritingView(HouseView):
    """An address that takes POST: `create` does it, once, however often the call comes."""

    def create(self, request: Request, **kwargs: Any) -> Response:
        """What the call does, in one transaction."""
        raise NotImplementedError  # each address that writes says what it does

    def post(self, request: Request, **kwargs: Any) -> Response:
        """By its `Idempotency-Key`."""
        return once(request, lambda: self.create(request, **kwargs))


class Nowhere(HouseView):
    """An address that there is not."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The same for everybody."""
        raise Http404
