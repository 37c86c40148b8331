"""Why a large table could not be made, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def why_failed(code: str) -> str:
    """The sentence for `ExportFile.failure`."""
    found = {
        "too_many_rows": _("There are more rows now than a sheet takes. Choose CSV, or fewer days."),
        "not_allowed": _("Who asked for it may not take tables away any more."),
        "storage": _("The file could not be stored. Ask for it again."),
    }
    return found.get(code) or _("Something went wrong while it was written. Ask for it again.")
