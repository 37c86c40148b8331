"""Papers that go with a letter: made when it is sent, by the room that knows them, and never kept in the row.

A letter's context names them as `papers`: pairs of a kind and a key. `settings.LETTER_PAPERS` says who makes which kind; the
rooms above are not imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Merchant
from letters.models import Letter


@dataclass(frozen=True, kw_only=True)
class Attached:
    """One file of an e-mail."""

    name: str
    content: bytes
    content_type: str


Maker = Callable[[Merchant, int, str], list[Attached]]


def attachments_of(letter: Letter) -> list[Attached]:
    """The files of a letter in its reader's language. A thing that is gone gives none; a storage that fails raises."""
    made: list[Attached] = []
    for kind, key in letter.context.get("papers") or ():
        make = cast("Maker", import_string(settings.LETTER_PAPERS[kind]))
        made += make(letter.merchant, int(key), letter.language)
    return made
