"""What watches the installation: alive, ready, and its numbers.

`/healthz` answers as long as the process does. `/readyz` says which part is missing with 503, so that a
load balancer sends nobody here. `/metrics` is for this machine or for who knows the token.
"""

import functools
from collections.abc import Callable
from hmac import compare_digest
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from procrastinate.contrib.django.models import ProcrastinateWorker

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


def _check_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


@functools.cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app in this process's code, read from disk once."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _check_migrations() -> bool:
    return _newest_migrations().issubset(MigrationRecorder(connection).applied_migrations())


def _check_worker() -> bool:
    since = timezone.now() - settings.WORKER_SILENT_AFTER
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists()


def _check_storage() -> bool:
    # Asking for a file that is not there reaches the storage without writing to it.
    default_storage.exists("readyz")
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _check_database,
    "migrations": _check_migrations,
    "worker": _check_worker,
    "storage": _check_storage,
}


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 with every part "ok", or 503 with "missing" beside what fails. Says no reason to strangers."""
    answer = {}
    for name, check in CHECKS.items():
        try:
            answer[name] = "ok" if check() else "missing"
        except Exception as error:  # noqa: BLE001 - whatever fails, the answer must name the part
            log.error("not_ready", part=name, error=type(error).__name__)
            answer[name] = "missing"
            if isinstance(error, DatabaseError):
                connection.close()
    return JsonResponse(answer, status=200 if set(answer.values()) == {"ok"} else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text, for this machine itself or with `Authorization: Bearer METRICS_TOKEN`; else 404."""
    if not (_from_this_machine(request) or _knows_the_token(request)):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    return response


def _from_this_machine(request: HttpRequest) -> bool:
    if request.META.get("concilia.forwarded"):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _knows_the_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    return bool(token) and compare_digest(given.encode(), token.encode())
