"""The upload field: several files, checked by size and content without decoding; a sentence for each that is not taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.errors import Refused
from files.checks import MAX_FILES, check_upload, display_name
from files.magic import ACCEPT_ATTRIBUTE
from files.reasons import KINDS, sentence


class ReceiptInput(forms.FileInput):
    """A plain file input that takes several files; `static/concilia/receipt.js` makes more of it where it runs."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": ACCEPT_ATTRIBUTE, "multiple": True, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        # An empty file input posts one nameless empty part, which Django leaves out; a dict (tests, drafts) has no getlist.
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class ReceiptField(forms.FileField):
    """Cleans to a list of uploads, empty when none was chosen. Not `forms.ImageField`: that would decode in the request."""

    widget = ReceiptInput

    def __init__(self, *, max_files: int = MAX_FILES, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", KINDS)
        super().__init__(**kwargs)
        self.max_files = max_files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        uploads = list(data) if isinstance(data, Sequence) and not isinstance(data, str) else [data] if data else []
        if not uploads:
            if self.required and not initial:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(uploads) > self.max_files:
            raise ValidationError(sentence("too_many"), code="too_many")
        problems = [problem for upload in uploads if (problem := self._problem(upload))]
        if problems:
            raise ValidationError(problems)
        return uploads

    @staticmethod
    def _problem(upload: object) -> ValidationError | None:
        """What is wrong with one upload, with its name in front, so that of five files the right one is replaced."""
        if not isinstance(upload, UploadedFile):
            return ValidationError(sentence("other"), code="other")
        try:
            check_upload(upload)
        except Refused as refused:
            name = display_name(upload.name or "")
            return ValidationError("%(name)s: %(problem)s", code=refused.code, params={"name": name, "problem": refused.message})
        return None
