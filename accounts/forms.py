"""Fields and forms of people: they read and check, and never save."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import read_phone, tax_id_warning
from accounts.models import Address, Contact, Customer, Language, Merchant, Role

# What makes a web address of a name.
WEB_SIGNS = ("://", "www.")


class PhoneField(forms.CharField):
    """A telephone as people write it, read as dialled in `country` (the form sets it); cleaned to `+584241234567`."""

    def __init__(self, *, country: str = "VE", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 30)
        super().__init__(**kwargs)
        self.country = country
        self.widget.attrs.update({"inputmode": "tel", "autocomplete": "tel"})

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        if not text:
            return ""
        number = read_phone(text, self.country)
        if not number:
            raise ValidationError(_("We cannot read this telephone number. Write it with its area code."), code="unreadable")
        return number


def dial_from(form: forms.BaseForm, name: str, country: str) -> None:
    """Have the telephone field `name` read as dialled in `country`."""
    cast(PhoneField, form.fields[name]).country = country


class NameField(forms.CharField):
    """The name of a person or a company: one line of text, and no web address, for names stand in letters to others."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value) or "").split())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(sign in value.lower() for sign in WEB_SIGNS):
            raise ValidationError(_("A name holds no web address. Write the name alone."), code="web_address")


class CustomerForm(forms.Form):
    """A customer's data, for staff and for the customer. `tax_id_note` warns after validation, it never blocks."""

    name = NameField(label=gettext_lazy("Name or company"), max_length=200)
    tax_id = forms.CharField(label=gettext_lazy("Tax id"), max_length=30, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = PhoneField(label=gettext_lazy("Telephone"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language of letters"), choices=Language.choices)
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    state = forms.CharField(label=gettext_lazy("State or province"), max_length=60, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=60, required=False)
    reference_point = forms.CharField(label=gettext_lazy("Reference point"), max_length=200, required=False)

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merchant = merchant
        dial_from(self, "phone", merchant.country)
        self.fields["language"].initial = merchant.default_language

    @property
    def tax_id_note(self) -> str:
        """A sentence when the tax id looks wrong; the form is valid all the same."""
        return tax_id_warning(str(getattr(self, "cleaned_data", {}).get("tax_id", "")), self.merchant.country)

    @staticmethod
    def initial_of(customer: Customer) -> dict[str, Any]:
        """A customer's present data, to begin a change with."""
        names = ("name", "tax_id", "email", "phone", "language", "address", "state", "city", "reference_point")
        return {name: getattr(customer, name) for name in names}


class AddressForm(forms.Form):
    """A further place of a customer's."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is for"), choices=Address.Kind.choices, initial=Address.Kind.SHIPPING)
    label = forms.CharField(
        label=gettext_lazy("Name of the place"), max_length=60, required=False,
        help_text=gettext_lazy("For example: office, warehouse."),
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Write the address.")},
    )  # fmt: skip
    city = forms.CharField(label=gettext_lazy("City"), max_length=60, required=False)
    state = forms.CharField(label=gettext_lazy("State or province"), max_length=60, required=False)
    reference_point = forms.CharField(label=gettext_lazy("Reference point"), max_length=200, required=False)
    phone = PhoneField(label=gettext_lazy("Telephone"), required=False)

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dial_from(self, "phone", merchant.country)


class NewCustomerForm(CustomerForm):
    """A new customer, with or without a number."""

    number = forms.CharField(
        label=gettext_lazy("Customer number"), max_length=30, required=False, help_text=gettext_lazy("Left empty, one is given.")
    )


class PermissionsForm(forms.Form):
    """What a person may do for a customer."""

    can_see_orders = forms.BooleanField(label=gettext_lazy("See orders"), required=False, initial=True)
    can_report = forms.BooleanField(label=gettext_lazy("Report payments"), required=False, initial=True)
    can_use_tickets = forms.BooleanField(label=gettext_lazy("Use tickets"), required=False, initial=True)
    can_manage_services = forms.BooleanField(label=gettext_lazy("Request or cancel services"), required=False)
    can_manage_contacts = forms.BooleanField(label=gettext_lazy("Manage contacts"), required=False)

    def offer_only(self, own: Contact, *, present: Contact | None = None) -> None:
        """Leave out what `own` cannot give: neither theirs nor what the person has `present`ly."""
        for name in [each for each in self.fields if each.startswith("can_")]:
            if not getattr(own, name) and not (present is not None and getattr(present, name)):
                del self.fields[name]


class ContactForm(PermissionsForm):
    """Who acts for a customer, and what they may do."""

    email = forms.EmailField(label=gettext_lazy("E-mail"))
    name = NameField(label=gettext_lazy("Name"), max_length=150)
    field_order = ("email", "name")


class LettersForm(forms.Form):
    """Which letters a contact wants; those about what they may not see are not offered, and stay as they are."""

    gets_order_letters = forms.BooleanField(label=gettext_lazy("New orders, invoices and receipts"), required=False)
    gets_reminders = forms.BooleanField(label=gettext_lazy("Reminders of what is to be paid"), required=False)
    gets_ticket_letters = forms.BooleanField(label=gettext_lazy("Payment reports, tickets and messages"), required=False)

    def __init__(self, *args: Any, contact: Contact, may_decline_reminders: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact
        if not contact.can_see_orders:
            del self.fields["gets_order_letters"]
        if not (contact.can_see_orders and may_decline_reminders):
            del self.fields["gets_reminders"]
        if not contact.can_use_tickets:
            del self.fields["gets_ticket_letters"]

    def clean(self) -> dict[str, Any]:
        present = {name: getattr(self.contact, name) for name in ("gets_order_letters", "gets_reminders", "gets_ticket_letters")}
        return present | (super().clean() or {})


class StaffForm(forms.Form):
    """A member of the staff and their role."""

    email = forms.EmailField(label=gettext_lazy("E-mail"))
    name = NameField(label=gettext_lazy("Name"), max_length=150)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
