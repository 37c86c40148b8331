"""Calls that write are done once: the same key and body again is answered with the first answer.

The row of the call is written in the transaction of what it does. A second call with the key waits at the unique index until
the first has ended: then it finds the answer, or, when the first was refused or broke, does the work itself. So a connection cut
after the COMMIT loses nothing, and a refusal leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import Call
from api.problems import Problem

HEADER = "Idempotency-Key"
LONGEST = 200
KEEP = timedelta(hours=48)
WAIT_S = 10


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Do `act` unless this call was answered before. Raises `Problem`: 400 without a key, 422 for another body, 409."""
    key = key_of(request)
    admission = request.auth
    digest = _digest(request)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
                cursor.execute(
                    "INSERT INTO api_call (merchant_id, api_key_id, key, digest, body, at) VALUES (%s, %s, %s, %s, '', %s) "
                    "ON CONFLICT DO NOTHING RETURNING id",
                    [admission.actor.merchant.pk, admission.key.pk, key, digest, timezone.now()],
                )
                row = cursor.fetchone()
            if row is None:
                return _replay(Call.objects.get(api_key=admission.key, key=key), digest)
            response = act()
            body = JSONRenderer().render(response.data).decode()
            Call.objects.filter(pk=row[0]).update(status=response.status_code, body=body)
            return response
    except OperationalError as error:
        if "lock timeout" not in str(error):
            raise
        raise Problem(409, "busy", _("The same call, or another at the same thing, is still being worked on.")) from error


def key_of(request: Request) -> str:
    """The call's key. Raises `Problem`."""
    key = str(request.headers.get(HEADER, ""))
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise Problem(
            400, "idempotency_key_required",
            _("Calls that write need a header Idempotency-Key: letters and figures that are new for each thing to be done."),
            field=HEADER,
        )  # fmt: skip
    return key


def uuid_of(request: Request) -> uuid.UUID:
    """The same for what wants a UUID."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"concilia:{request.auth.key.pk}:{key_of(request)}")


def forget_old_calls() -> int:
    """Delete answers of two days ago; how many."""
    return Call.objects.filter(at__lt=timezone.now() - KEEP).delete()[0]


def _replay(call: Call, digest: str) -> Response:
    if call.digest != digest:
        raise Problem(
            422, "idempotency_key_reused", _("This Idempotency-Key was used for another call. Give each call its own."), HEADER
        )
    return Response(json.loads(call.body), status=call.status, headers={"Idempotency-Replayed": "true"})


def _digest(request: Request) -> str:
    """What makes the call: method, address and body; files by what is in them."""
    parts: list[object] = [request.method, request.path]
    if request.FILES:
        parts += [[name, request.data.getlist(name)] for name in sorted(request.data) if name not in request.FILES]
        for name in sorted(request.FILES):
            parts += [[name, each.name, _hash(each)] for each in request.FILES.getlist(name)]
    else:
        parts.append(dict(request.data))
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _hash(upload: UploadedFile[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
