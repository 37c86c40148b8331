"""Forms of support: the acts on a conversation, departments, canned answers, the mailbox. They parse; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from desk.fields import offer
from tickets.models import CannedReply, Department, Mailbox
from tickets.services import DepartmentData, MailboxData, ReplyData
from tickets.support import departments_of

REQUIRED = {"required": _("Please fill this in.")}
NUMBER = {"required": _("Please fill this in."), "invalid": _("Write a whole number.")}


class DepartmentForm(forms.Form):
    """A department: names, an address of its own, whether customers may choose it."""

    name_es = forms.CharField(label=_("Name in Spanish"), max_length=60, error_messages=REQUIRED)
    name_en = forms.CharField(label=_("Name in English"), max_length=60, error_messages=REQUIRED)
    email = forms.EmailField(
        label=_("E-mail address of its own"),
        required=False,
        help_text=_("It must lead into the mailbox of the company. What is written to it arrives in this department."),
    )
    is_offered = forms.BooleanField(label=_("Customers may choose it"), required=False)
    is_active = forms.BooleanField(label=_("At work"), required=False)
    position = forms.IntegerField(label=_("Position in the list"), min_value=0, max_value=999, error_messages=NUMBER)

    @staticmethod
    def initial_of(department: Department | None) -> dict[str, Any]:
        if department is None:
            return {"is_offered": True, "is_active": True, "position": 3}
        names = ("name_es", "name_en", "email", "is_offered", "is_active", "position")
        return {name: getattr(department, name) for name in names}

    def to_data(self) -> DepartmentData:
        return DepartmentData(**self.cleaned_data)


class ReplyForm(forms.Form):
    """A canned answer in both languages."""

    name = forms.CharField(label=_("Name of the answer"), max_length=80, error_messages=REQUIRED)
    department = forms.TypedChoiceField(label=_("Department"), coerce=int, empty_value=None, required=False)
    text_es = forms.CharField(
        label=_("Answer in Spanish"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}), error_messages=REQUIRED
    )
    text_en = forms.CharField(
        label=_("Answer in English"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}), error_messages=REQUIRED
    )
    is_active = forms.BooleanField(label=_("Offered"), required=False)

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(each.pk), each.name) for each in departments_of(merchant, all_of_them=True)]
        offer(self, "department", [("", _("All departments")), *offered])

    @staticmethod
    def initial_of(reply: CannedReply | None) -> dict[str, Any]:
        if reply is None:
            return {"is_active": True}
        names = ("name", "text_es", "text_en", "is_active")
        return {**{name: getattr(reply, name) for name in names}, "department": reply.department_id}

    def to_data(self) -> ReplyData:
        read = self.cleaned_data
        return ReplyData(
            name=read["name"],
            text_es=read["text_es"],
            text_en=read["text_en"],
            department_id=read["department"],
            is_active=read["is_active"],
        )


class MailboxForm(forms.Form):
    """Where answers to letters arrive, and how to get in."""

    address = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The mailbox must accept addresses with a plus, such as support+abc@…: each answer has one of its own."),
        error_messages=REQUIRED,
    )
    host = forms.CharField(label=_("IMAP server"), max_length=200, error_messages=REQUIRED)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, error_messages=NUMBER)
    security = forms.ChoiceField(label=_("Encryption"), choices=Mailbox.Security.choices)
    username = forms.CharField(label=_("User"), max_length=200, error_messages=REQUIRED)
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        help_text=_("Kept encrypted and never shown again. Leave it empty to keep the present one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    folder = forms.CharField(label=_("Folder"), max_length=100, error_messages=REQUIRED)
    is_active = forms.BooleanField(label=_("Read this mailbox every minute"), required=False)

    @staticmethod
    def initial_of(mailbox: Mailbox | None) -> dict[str, Any]:
        if mailbox is None:
            return {"port": 993, "security": Mailbox.Security.TLS, "folder": "INBOX", "is_active": True}
        names = ("address", "host", "port", "security", "username", "folder", "is_active")
        return {name: getattr(mailbox, name) for name in names}

    def to_data(self) -> MailboxData:
        return MailboxData(**self.cleaned_data)
