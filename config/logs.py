"""One line of JSON per event on standard output, with the request's id and without secrets.

Everything that Django, allauth, procrastinate or we log passes through the same processors: text is
kept on one line (a CR or LF that somebody typed cannot forge an entry), and what opens a door (cookies,
tokens, codes, keys, the query string, the address of a receipt) is blanked before it is written.
"""

import re
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, Processor, WrappedLogger

BLANK = "[…]"
SECRET_KEYS = frozenset(
    {"password", "cookie", "cookies", "authorization", "token", "secret", "code", "otp", "csrfmiddlewaretoken", "session"}
)
# Path segments after which everything is somebody's alone: receipts and thumbnails, password-reset
# and confirmation keys, and any long random segment (UUIDs, signed tokens).
_PRIVATE_PATHS = re.compile(r"(/files/|/media/|/receipts?/|/reset/key/|/confirm-email/|/draft/)[^\s\"'?]+", re.IGNORECASE)
_LONG_SEGMENT = re.compile(r"/[\w.~:=-]{20,}(?=/|\s|$|\?|\"|')")
_QUERY = re.compile(r"\?[^\s\"']+")
_ASSIGNED = re.compile(
    r"(?i)\b(sessionid|csrftoken|csrfmiddlewaretoken|password\d?|token|secret|signature|x-amz-\w+|authorization|cookie)"
    r"([\"']?\s*[=:]\s*[\"']?)(Bearer\s+|Basic\s+)?[^\s&;,\"']+"
)
_LINE_BREAKS = re.compile("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# What is read and what is written are bounded: a megabyte of somebody's text is no log line. The end of a long
# text stays as well: in a traceback it is what matters.
_MOST_READ = 200_000
_HEAD, _TAIL = 3_000, 6_000


def clean_text(text: str) -> str:
    """`text` on one line, without secrets, and without its middle if it is long."""
    text = _without_middle(text, _MOST_READ // 2, _MOST_READ // 2)
    text = _LINE_BREAKS.sub(" ⏎ ", text)
    text = _CONTROLS.sub("�", text)
    text = _ASSIGNED.sub(rf"\1\2{BLANK}", text)
    text = _PRIVATE_PATHS.sub(rf"\1{BLANK}", text)
    text = _LONG_SEGMENT.sub(f"/{BLANK}", text)
    text = _QUERY.sub(f"?{BLANK}", text)
    # After the secrets are gone: a cut before could part one from the name by which it is known.
    return _without_middle(text, _HEAD, _TAIL)


def _without_middle(text: str, head: int, tail: int) -> str:
    return text if len(text) <= head + tail else f"{text[:head]} … {text[-tail:]}"


def _clean(key: str, value: Any) -> Any:
    if key.lower() in SECRET_KEYS and not isinstance(value, int):
        return BLANK
    match value:
        case str():
            return clean_text(value)
        case bytes():
            return f"<{len(value)} bytes>"
        case dict():
            return {str(k): _clean(str(k), v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(key, item) for item in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return clean_text(str(value))


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Clean every value of a log entry. HTTP status codes stay: a `code` that is a number."""
    return {key: value if key.startswith("_") else _clean(key, value) for key, value in event.items()}


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(allow=["status_code"]),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(*, level: str, plain: bool) -> dict[str, Any]:
    """Set structlog up and give back Django's LOGGING. `plain` is for people, JSON for machines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if plain else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    hide_secrets,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Its own lines repeat what django_structlog says, with the full address.
            "django.request": {"level": "CRITICAL"},
            "django.server": quiet,
            "gunicorn.access": quiet,
            "procrastinate": quiet,
            "botocore": quiet,
            "PIL": quiet,
            "fontTools": quiet,
        },
    }


def bind_client(request: HttpRequest, **_: Any) -> None:
    """Put the client's address beside the request's id in every line of this request."""
    structlog.contextvars.bind_contextvars(ip=request.META.get("REMOTE_ADDR", ""))


def show_request_id(request: HttpRequest, response: HttpResponse, **_: Any) -> None:
    """Answer with the id under which the request stands in the logs, so that a person can quote it."""
    response.headers["X-Request-ID"] = structlog.contextvars.get_contextvars().get("request_id", "")
