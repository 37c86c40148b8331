"""Making very many objects at once."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """No search for rings of objects meanwhile: for rows by the thousand, which make none and are freed when nobody names them.

    Python would look through all that is there again and again while they grow, a third of the time of reading a large file.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
