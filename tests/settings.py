"""The settings under test: the product's own, with an environment written here."""

import os
import tempfile
from pathlib import Path

os.environ.update(
    {
        "CONCILIA_DEMO": "0",
        "CONCILIA_DEBUG": "0",
        "CONCILIA_HTTPS": "0",
        "CONCILIA_PLAIN_STATIC": "1",
        "CACHE_URL": "locmemcache://",
        "EMAIL_URL": "memorymail://",
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "SITE_URL": "http://testserver",
        "LOG_LEVEL": "WARNING",
        "DATABASE_MAX_AGE": "0",
    }
)
# A folder for each process of the suite, made by the first upload and removed at the end.
os.environ["MEDIA_ROOT"] = f"{tempfile.gettempdir()}/concilia-test-media-{os.getpid()}"
os.environ.pop("STORAGE_URL", None)

from config.settings import *  # noqa: E402, F403

DEMO_FILES_DIR = Path(os.environ["MEDIA_ROOT"]) / "demo-statements"

# Argon2 is made to be slow; a suite signs in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files straight from where they lie: nothing is collected for a test.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
