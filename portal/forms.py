"""What customers type outside the report form: messages, help, their own data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import NameField
from accounts.identity import read_phone
from accounts.models import Language
from files.forms import ReceiptField
from tickets.models import Department, Rating

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
    """The first message of a conversation: with which department, where there are several, and about what, where there is
    something to choose."""

    department = forms.TypedChoiceField(label=_("Who shall answer?"), coerce=int, empty_value=None, required=False)
    topic = forms.ChoiceField(label=_("About an order or ticket"), required=False)
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
    field_order = ("department", "topic", "subject", "text", "attachments")

    def __init__(self, *args: Any, departments: Sequence[Department], topics: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Sequence[tuple[Any, Any]]] = {
            "department": [(each.pk, each.name) for each in departments],
            "topic": [("", _("About something else")), *topics] if topics else [],
        }
        for name, choices in offered.items():
            if len(choices) > 1:
                self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field
            else:
                del self.fields[name]


class RatingForm(forms.Form):
    """How the customer was served."""

    rating = forms.ChoiceField(
        label=_("How did we serve you?"),
        choices=Rating.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    note = forms.CharField(
        label=_("What should we know?"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


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
