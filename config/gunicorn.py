"""How the web server runs, here and on a server: `gunicorn --config python:config.gunicorn config.wsgi`."""

import os
from typing import Any

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
keepalive = 15
timeout = 60
graceful_timeout = 10
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = True
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn's heartbeat, not data
# config.proxy alone decides which forwarded header is believed.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
limit_request_line = 4094
limit_request_fields = 64
control_socket_disable = True
accesslog = None  # django_structlog writes a line for each request, without secrets
errorlog = "-"


def child_exit(server: Any, worker: Any) -> None:
    """Tell the metrics that a worker is gone."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
