"""Forms about fiscal documents: attaching another system's, drawing a credit note, a file of numbers, and a series."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import FiscalKind


class AttachForm(forms.Form):
    """What another system wrote: number, day, and its files."""

    number = forms.CharField(label=_("Number of the document"), max_length=40)
    dated_on = forms.DateField(
        label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Write the date as year-month-day, for example 2026-11-24.")},
    )  # fmt: skip
    pdf = forms.FileField(label=_("PDF file"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ".pdf"}))
    xml = forms.FileField(label=_("XML file"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ".xml"}))


class CreditNoteForm(forms.Form):
    """Why a fiscal invoice is taken back; the customer reads it."""

    reason = forms.CharField(label=_("Reason of the credit note"), max_length=200, help_text=_("The customer reads it."))


class ExternalNoteForm(AttachForm, CreditNoteForm):
    """The credit note that another system wrote."""

    field_order = ("number", "dated_on", "reason", "pdf", "xml")


class NumbersForm(forms.Form):
    """A CSV file of fiscal numbers."""

    file = forms.FileField(
        label=_("CSV file of numbers"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("Columns order_number, fiscal_number and dated_on (2026-11-24)."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )  # fmt: skip


class SeriesForm(forms.Form):
    """Prefix and first number of a series."""

    kind = forms.ChoiceField(label=_("Series"), choices=FiscalKind.choices)
    begins_with = forms.CharField(label=_("Prefix"), required=False, max_length=10)
    next_value = forms.IntegerField(label=_("Next number"), min_value=1, max_value=10**12 - 1)
