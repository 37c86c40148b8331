"""All settings, from the environment alone. What each variable does: docs/howto/deploy.md.

Without any variable this is production's behaviour: no debug pages, HTTPS only, TOTP for staff.
"""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.environment import BASE_DIR, HOME, read_environment, s3_options, s3_origin, secret_key
from config.logs import configure_logging

env = read_environment()

# --- What kind of installation this is -------------------------------------------------------

DEBUG = env.bool("CONCILIA_DEBUG", default=False)
DEMO = env.bool("CONCILIA_DEMO", default=False)
STAFF_TOTP_REQUIRED = env.bool("CONCILIA_STAFF_TOTP", default=not DEMO)
HTTPS = env.bool("CONCILIA_HTTPS", default=not (DEBUG or DEMO))
CONCILIA_HOME = HOME

SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many proxies of ours stand in front; 0 means that no forwarded header is believed.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- The house -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django_prometheus",
    "whitenoise.runserver_nostatic",
    "accounts",
    "articles",
    "banking",
    "documents",
    "files",
    "letters",
    "webhooks",
    "orders",
    "tickets",
    "reports",
    "reconciliation",
    "portal",
    "desk",
    "api",
    "config",
    "config.apps.SecuredAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "helpdesk",
    "procrastinate.contrib.django",
    "django_htmx",
    "csp",
    "django_structlog",
    "storages",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "config.proxy.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.MerchantMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
MERCHANT_URLCONF = "config.merchant_urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "config.templatetags.concilia",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.context.installation",
            ],
        },
    }
]

# --- Database, cache, jobs -------------------------------------------------------------------

_database = env.db_url("DATABASE_URL", default="postgres://concilia@127.0.0.1:5432/concilia")
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        "CONN_MAX_AGE": env.int("DATABASE_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        # Our statements are short; compiling them took longer than running them (a filter of the queue: 1.3 s).
        "OPTIONS": {"options": "-c jit=off", **_database.get("OPTIONS", {})},
    }
}
# Tries of codes and rate limits are counted here, so all processes must share it.
CACHES: dict[str, dict[str, Any]] = {
    "default": env.cache_url("CACHE_URL", default="dbcache://concilia_cache"),
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 1, "delete_jobs": "never"}

# --- People ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Names of addresses, never paths: each is reversed under the merchant's script prefix.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "portal.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # the adapter writes such a letter and takes it back, so that time tells nothing
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 1800  # room for a code that was asked for again
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "request_login_code": "20/m/ip,3/5m/key"}
ACCOUNT_FORMS = {
    "request_login_code": "portal.entry.RequestCodeForm",
    "confirm_login_code": "portal.entry.ConfirmCodeForm",
    "confirm_email_verification_code": "portal.entry.ConfirmEmailForm",
}
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=2).total_seconds())
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Six digits, typed on a telephone's number keys.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ALLAUTH_TRUSTED_PROXY_COUNT = 0  # config.proxy has put the client's own address in place already
MFA_ADAPTER = "portal.adapters.MFAAdapter"
MFA_FORMS = {"authenticate": "portal.entry.SecondFactorForm", "reauthenticate": "portal.entry.SecondFactorAgainForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Concilia"
MFA_TOTP_TOLERANCE = 1

SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.pages.csrf_failure"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- Support desk: only its models are used --------------------------------------------------

HELPDESK_TEAMS_MODE_ENABLED = False
HELPDESK_API_ENABLED = False
HELPDESK_KB_ENABLED = False
HELPDESK_VIEW_A_TICKET_PUBLIC = False
HELPDESK_SUBMIT_A_TICKET_PUBLIC = False
HELPDESK_AUTO_SUBSCRIBE_ON_TICKET_RESPONSE = False

# --- The API ----------------------------------------------------------------------------------

API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=300)  # of one key
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Concilia",
    "DESCRIPTION": "Customers, orders, payment reports, tickets, bank movements and paid orders of one house.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "OrderKind": "orders.models.Order.Kind",
        "OrderLineKind": "orders.models.OrderLine.Kind",
        "Channel": "reports.models.PaymentReport.Channel",
        "TicketState": "tickets.models.State",
        "ImportState": "reconciliation.models.StatementImport.State",
    },
}

# --- Languages and times ---------------------------------------------------------------------

LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LANGUAGE_CODE = "es"
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files -----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
# Pictures of the running program, which the articles of help show.
SCREENS_DIR = BASE_DIR / "docs" / "screens" / "help"
STATICFILES_DIRS = [BASE_DIR / "static", ("screens", SCREENS_DIR)]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "media"))()
MEDIA_URL = ""  # uploads have no address of their own: a view checks and serves them

STORAGE_URL = env.str("STORAGE_URL", default="")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": s3_options(STORAGE_URL)}
    if STORAGE_URL
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if env.bool("CONCILIA_PLAIN_STATIC", default=DEBUG)
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_HANDLERS = [
    "files.uploads.BoundedUploadHandler",  # first: cuts what is too large off while it arrives
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # the report form of an account with many unpaid orders
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Letters ---------------------------------------------------------------------------------

_mail = env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Concilia <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
OPERATOR_EMAIL = env.str("OPERATOR_EMAIL", default="")  # hears of a backup that failed
# Who makes the papers that letters bring, when they leave: see letters/attachments.py.
LETTER_PAPERS = {"bill": "orders.papers.attach_bill", "fiscal": "orders.papers.attach_fiscal"}
# Where letters point to when no request says it: scheme and host, no slash at the end.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
DEMO_MAIL_DIR = HOME / "mail"
DEMO_FILES_DIR = HOME / "statements"

# --- Security headers ------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_stored_elsewhere = [origin] if (origin := s3_origin(STORAGE_URL)) else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *_stored_elsewhere],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Logs and metrics ------------------------------------------------------------------------

LOGGING = configure_logging(level=env.str("LOG_LEVEL", default="INFO"), plain=env.bool("LOG_PLAIN", default=DEBUG))
LOGGING_CONFIG = "logging.config.dictConfig"
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # config.apps binds the address that config.proxy vouches for
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
PROMETHEUS_EXPORT_MIGRATIONS = False

# --- Our own limits --------------------------------------------------------------------------

# Whether a merchant's mailbox may be on a server of a private network (one's own mail server beside this one).
MAILBOX_ON_PRIVATE_HOST = env.bool("CONCILIA_PRIVATE_MAILBOX", default=False)
# Webhooks go to public addresses over TLS; a demonstration on one machine may receive its own.
WEBHOOKS_TO_LOOPBACK = env.bool("CONCILIA_WEBHOOKS_TO_LOOPBACK", default=DEMO)
# Where backups go, and how many copies of the database are kept.
BACKUP_DIR = Path(env.path("BACKUP_DIR", default=str(HOME / "backups"))())
BACKUP_KEEP = env.int("BACKUP_KEEP", default=14)
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
WORKER_SILENT_AFTER = timedelta(minutes=2)  # /readyz says so when no worker was heard for longer
