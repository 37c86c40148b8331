"""What customers type outside the report form: messages, help, their own data."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import NameField
from accounts.identity import read_phone
from accounts.models import Language
from files.forms import ReceiptField

LONGEST_TEXT = 10_000


class MessageForm(forms.Form):
    """A message on a ticket or conversation: words, files or both."""

    text = forms.CharField(
        label=_("Your message"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    attachments = ReceiptField(label=_("Files"), required=False)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not cleaned.get("text") and not cleaned.get("attachments") and not self.errors:
            self.add_error("text", _("Write a message or attach a file."))
        return cleaned


class HelpForm(forms.Form):
    """The first message of a conversation with support."""

    subject = forms.CharField(
        label=_("What is it about?"), max_length=200, error_messages={"required": _("Write in a few words what it is about.")}
    )
    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write your message.")},
    )
    attachments = ReceiptField(label=_("Files"), required=False)


class ProfileForm(forms.Form):
    """A person's own data."""

    name = NameField(label=_("Name"), max_length=150, error_messages={"required": _("Write your name.")})
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    language = forms.ChoiceField(label=_("Language of the pages and letters"), choices=Language.choices, widget=forms.RadioSelect)

    def __init__(self, *args: object, country: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.country = country

    def clean_phone(self) -> str:
        text = str(self.cleaned_data["phone"]).strip()
        if text and not read_phone(text, self.country):
            raise forms.ValidationError(_("We cannot read this telephone. Write it with its area code."), code="unreadable")
        return read_phone(text, self.country) if text else ""
