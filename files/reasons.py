"""Why a file is not accepted or not shown: one sentence a code, for the person who sent it."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

KINDS = gettext_lazy("JPEG, PNG, WebP, HEIC or PDF, up to 10 MB")

SENTENCES: dict[str, str] = {
    # Said at once, in the request.
    "empty": _("The file is empty. Choose it again, or send a screenshot."),
    "too_large": _("The file is larger than 10 MB. Send a screenshot or a smaller photo."),
    "too_many": _("These are too many files at once. Send at most 5."),
    "svg": _("Drawings (SVG) are not accepted. Send a photo, a screenshot or a PDF."),
    "web_page": _("This is a web page, whatever its name says. Send a photo, a screenshot or a PDF."),
    "office": _("Word, Excel and ZIP files are not accepted. Send a photo, a screenshot or a PDF."),
    "other": _("This is not a picture or PDF that we can read. Send it as JPEG, PNG, WebP, HEIC or PDF."),
    "storage": _("We could not keep the file just now. Try again in a moment, or go on without it."),
    # Said once the picture was looked at.
    "damaged": _("The file is damaged and cannot be shown. Send it again, or send a screenshot."),
    "truncated": _("The file arrived incomplete and cannot be shown. Send it again, or send a screenshot."),
    "too_many_pixels": _("The picture has too many pixels to be shown. Send a screenshot or a smaller photo."),
    "too_many_scans": _("The picture is stored in a way that we cannot show. Send a screenshot of it."),
    "too_heavy": _("The file takes too long to open and cannot be shown. Send a screenshot of it."),
    "no_picture": _("A logo is a picture. Send it as PNG, JPEG or WebP."),
    "encrypted": _("The PDF is protected by a password. Send it without one, or send a screenshot."),
    "crashed": _("The file cannot be opened and is not shown. Send a screenshot of it."),
}


def sentence(code: str) -> str:
    """The sentence for `code`, in the present language; unknown codes get the one for damaged files."""
    return gettext(SENTENCES.get(code, SENTENCES["damaged"]))
