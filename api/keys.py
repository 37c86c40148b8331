"""At the door: a key in the header, what it may do, and how often it may call."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api_keys import Admission, admit


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ck_…`. `request.auth` is the key's `Admission`; cookies count for nothing here."""

    def authenticate(self, request: Request) -> tuple[Any, Admission]:
        """The key's user and its admission; `AuthenticationFailed` for a key that opens nothing at this house."""
        scheme, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        merchant = request._request.merchant
        admission = admit(merchant=merchant, text=text.strip()) if scheme.lower() == "bearer" and merchant else None
        if admission is None:
            raise AuthenticationFailed
        if admission.used > settings.API_CALLS_PER_MINUTE:
            raise Throttled(wait=max(1, (admission.until - timezone.now()).total_seconds()))
        return admission.key.user, admission

    def authenticate_header(self, request: Request) -> str:
        """Says how to come in; makes the refusal a 401."""
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """The key has the scope that the view names for this method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether it has."""
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        return scope is None or scope in request.auth.key.scopes
