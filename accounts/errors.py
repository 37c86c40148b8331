"""What a service says when it does not do as asked. Faces turn these into answers; nothing is written."""

from __future__ import annotations


class Refused(Exception):
    """The act is not possible now. `message` is a translated sentence for the person, `code` is for programs and tests.

    `fields` names the form fields that the sentence is about, so that a page can put it beside them.
    """

    def __init__(self, message: str, *, code: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.code = code
        self.fields = fields


class NotAllowed(Exception):
    """The person may not do this here: answered with 403."""


class Stale(Refused):
    """Somebody else was faster: answered with 409 and the present state."""
