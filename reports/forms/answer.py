"""The form for the answer to what staff asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.content import opened_fields
from reports.forms.report import ReportForm
from reports.view import ReportView


class AnswerForm(ReportForm):
    """The customer answers what was asked: only those fields are there, and room for words."""

    answer_note = forms.CharField(
        label=_("Your answer"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, files: Any = None, *, view: ReportView, **kwargs: Any) -> None:
        opened = opened_fields(view.ticket.asked_fields)
        super().__init__(data, files, customer=view.report.customer, view=view, opened=opened, **kwargs)
