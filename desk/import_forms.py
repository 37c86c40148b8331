"""Forms of importing: files with their account, notes and reasons, a row written by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from accounts.models import Merchant
from banking.forms import AmountField
from banking.selectors import accounts_of
from desk.fields import ask_in, offer
from desk.forms import day_field
from desk.line_forms import IN, OUT, account_choices
from reconciliation.models import RejectedLine

MOST_FILES = 20
NO_ACCOUNT = gettext_lazy("Choose the account.")


class SeveralFiles(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; cleans to a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MOST_FILES:
            raise forms.ValidationError(gettext_lazy("Send at most 20 files at a time."), code="too_many")
        # What is empty or too large has a sentence of its own, for each file by name.
        return [super(FilesField, self).clean(each, initial) for each in files] or [super().clean(None, initial)]


class ImportForm(forms.Form):
    """Files of movements. Without an account each file has to name its own."""

    account = forms.TypedChoiceField(
        label=gettext_lazy("Account"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=gettext_lazy("Leave it as it is when the files print the number of their account; else we ask you."),
    )
    file = FilesField(
        label=gettext_lazy("Files of the bank"),
        allow_empty_file=True,
        help_text=gettext_lazy("As the bank gives them: CSV, TXT, Excel, MT940, CAMT, OFX, QIF. Up to 10 MB each."),
        error_messages={"required": gettext_lazy("Choose the file that your bank gave you.")},
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = account_choices(list(accounts_of(merchant, all_of_them=True)))
        blank = ("", gettext_lazy("The one that the file names"))
        offer(self, "account", [blank, *accounts])


class AccountForm(forms.Form):
    """Whose file it is."""

    account = forms.TypedChoiceField(label=gettext_lazy("Account"), coerce=int, error_messages={"required": NO_ACCOUNT})

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *account_choices(list(accounts_of(merchant, all_of_them=True)))]
        offer(self, "account", choices)


class NoteForm(forms.Form):
    """Why a difference is accepted."""

    note = forms.CharField(
        label=gettext_lazy("Why it is accepted"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write why the difference is accepted.")},
    )


class ReasonForm(forms.Form):
    """Why something is undone or left out."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, error_messages={"required": gettext_lazy("Write the reason.")}
    )


class CorrectionForm(forms.Form):
    """What a row that could not be read says, written by hand."""

    booked_on = day_field(
        gettext_lazy("Booked on"),
        error_messages={
            "required": gettext_lazy("Write the day on which the bank booked it."),
            "invalid": gettext_lazy("We cannot read this date. Write it as day/month/year, for example 24/11/2026."),
        },
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[(IN, gettext_lazy("Money came in")), (OUT, gettext_lazy("Money went out"))],
        widget=forms.RadioSelect,
        initial=IN,
        required=False,
    )
    amount = AmountField(label=gettext_lazy("Amount"))
    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=80)
    text = forms.CharField(label=gettext_lazy("Text of the bank"), required=False, max_length=500)
    payer_name = forms.CharField(label=gettext_lazy("Name of who paid"), required=False, max_length=200)
    payer_id = forms.CharField(label=gettext_lazy("Document of who paid"), required=False, max_length=30)
    origin_bank_code = forms.CharField(label=gettext_lazy("Code of the bank of origin"), required=False, max_length=10)

    def __init__(self, data: Any = None, *, row: RejectedLine) -> None:
        super().__init__(data)
        account = row.statement_import.account
        ask_in(self, "amount", account.currency if account else row.merchant.currency)

    @property
    def signed_amount(self) -> Any:
        """Positive for what came in; call after `is_valid()`."""
        amount = self.cleaned_data["amount"]
        return -amount if self.cleaned_data.get("direction") == OUT else amount
