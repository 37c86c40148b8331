"""Withholding vouchers of the report form as a page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.report_transfer import FieldPicture, Problem, errors_of, field_picture
from reports.forms import WithholdingForm

if TYPE_CHECKING:
    from portal.report_picture import ReportPicture


class WithholdingPicture:
    """A voucher to be shown. Left blank it is not there, and nothing is wrong with it."""

    def __init__(self, form: WithholdingForm, *, number: int, judged: bool, picture: ReportPicture, upload_url: str) -> None:
        self.form, self.number, self.picture = form, number, picture
        self.counts = not form.is_blank()
        self.judged = judged and self.counts
        self.index, self.prefix, self.files = form.index, str(form.prefix), form.stored
        self.upload_url = f"{upload_url}{form.file_position}/" if upload_url else ""

    def _field(self, name: str) -> FieldPicture:
        found = field_picture(self.form, name, self.judged)
        return found if self.counts else FieldPicture(name=found.name, value=found.value)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with it, in the order of the page."""
        if not self.counts or not self.form.is_bound:
            return []
        return [
            Problem(message=str(text), target=f"id_{self.prefix}-{'receipt' if name == 'files' else name}")
            for name in self.form.fields
            for text in self.form.errors.get(name, [])
        ] + [Problem(message=str(text), target=self.prefix) for text in self.form.non_field_errors()]

    @property
    def kinds(self) -> list[Any]:
        return list(self.form.offer.withholding_kinds.values())

    @property
    def kind(self) -> FieldPicture:
        return self._field("kind")

    @property
    def voucher_number(self) -> FieldPicture:
        return self._field("number")

    @property
    def issued_on(self) -> FieldPicture:
        return self._field("issued_on")

    @property
    def amount(self) -> FieldPicture:
        return self._field("amount")

    @property
    def receipt(self) -> FieldPicture:
        errors = [text for name in ("receipt", "files") for text in errors_of(self.form, name, self.judged)]
        return FieldPicture(name=f"{self.prefix}-receipt", errors=errors)

    @property
    def file_name(self) -> str:
        return f"{self.prefix}-files"
