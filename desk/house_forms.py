"""Forms of a house's own set-up: its looks, its rules, its reasons, its words in letters."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.forms import NameField, PhoneField, dial_from
from accounts.identity import tax_id_name, tax_id_warning
from accounts.models import FiscalPolicy, Merchant, Registration
from desk.fields import ask_in
from letters.own_words import LONGEST
from orders.fields import ZeroAmountField
from tickets.models import Reason

LOOK_FIELDS = (
    "name", "legal_name", "tax_id", "accent", "support_email", "support_phone", "support_whatsapp", "intro_es", "intro_en",
    "how_to_pay_es", "how_to_pay_en",
)  # fmt: skip
RULE_FIELDS = (
    "review_hours", "answer_business_days", "claim_minutes", "report_age_warning_days", "rate_max_age_days", "registration",
    "fiscal_policy", "mails_bills",
)  # fmt: skip
LONGEST_PUBLIC = 2000
SPAN = re.compile(r"(\d{1,2}):?(\d{2})?\s*(?:-|–|a|to)\s*(\d{1,2}):?(\d{2})?", re.ASCII)


def _long(label: Any, *, rows: int = 4, most: int = LONGEST_PUBLIC, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), strip=True, **more
    )


class LookForm(forms.Form):
    """What customers see of the house."""

    name = NameField(label=gettext_lazy("Name that customers know"), max_length=120)
    legal_name = NameField(label=gettext_lazy("Registered name"), max_length=200, required=False)
    tax_id = forms.CharField(label=gettext_lazy("Tax id"), max_length=30, required=False)
    logo = forms.FileField(
        label=gettext_lazy("Logo"), required=False,
        help_text=gettext_lazy("PNG, JPEG or WebP; it is shown small, in a square."),
    )  # fmt: skip
    no_logo = forms.BooleanField(label=gettext_lazy("Take the logo away"), required=False)
    accent = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        label=gettext_lazy("Colour"),
        help_text=gettext_lazy("As #rrggbb. Where it is too light to be read, the pages use a darker one of the same hue."),
        error_messages={"invalid": gettext_lazy("Write the colour as # and six figures, for example #0b6b63.")},
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    support_email = forms.EmailField(label=gettext_lazy("Support e-mail"), required=False)
    support_phone = PhoneField(label=gettext_lazy("Support telephone"), required=False)
    support_whatsapp = PhoneField(label=gettext_lazy("WhatsApp"), required=False)
    intro_es = _long(gettext_lazy("Who you are, in Spanish"))
    intro_en = _long(gettext_lazy("Who you are, in English"))
    how_to_pay_es = _long(gettext_lazy("How to pay, in Spanish"))
    how_to_pay_en = _long(gettext_lazy("How to pay, in English"))

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merchant = merchant
        self.initial = {name: getattr(merchant, name) for name in LOOK_FIELDS} | dict(self.initial)
        dial_from(self, "support_phone", merchant.country)
        dial_from(self, "support_whatsapp", merchant.country)
        self.fields["tax_id"].help_text = tax_id_name(merchant.country)
        if not merchant.logo_png:
            del self.fields["no_logo"]

    @property
    def tax_id_note(self) -> str:
        """A sentence when the tax id looks wrong; the form is valid all the same."""
        return tax_id_warning(str(getattr(self, "cleaned_data", {}).get("tax_id", "")), self.merchant.country)

    def changes(self) -> dict[str, Any]:
        """The texts, as `change_look` takes them; the logo is drawn by the page."""
        return {name: self.cleaned_data[name] for name in LOOK_FIELDS} | {"accent": self.cleaned_data["accent"].lower()}


class HoursField(forms.CharField):
    """A day's hours as people write them: `8-12, 13:00-17:00`; blank is closed."""

    def clean(self, value: Any) -> Any:
        spans = []
        for part in re.split(r"[,;]", super().clean(value)):
            if not part.strip():
                continue
            found = SPAN.fullmatch(part.strip())
            if found is None:
                raise ValidationError(_("Write hours such as 08:00-12:00, 13:00-17:00, or nothing for a closed day."))
            from_h, from_m, to_h, to_m = found.groups()
            spans.append([f"{int(from_h):02d}:{from_m or '00'}", f"{int(to_h):02d}:{to_m or '00'}"])
        return spans


class DaysField(forms.CharField):
    """Days, one a line, as 2026-12-24 or 24/12/2026; cleaned to ISO texts."""

    widget = forms.Textarea

    def clean(self, value: Any) -> Any:
        days = []
        for line in re.split(r"[\n,;]", super().clean(value)):
            text = line.strip()
            if text:
                days.append(self._read(text))
        return days

    @staticmethod
    def _read(text: str) -> str:
        for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return dt.datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a date has no zone
            except ValueError:
                continue
        raise ValidationError(_("“%(text)s” is no date. Write 24/12/2026, one a line.") % {"text": text[:30]})


def _count(label: Any, least: int, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class RulesForm(forms.Form):
    """When the house works, how long things may take, and who may come in."""

    extra_holidays = DaysField(
        label=gettext_lazy("Days on which you are closed"), required=False, max_length=2000,
        help_text=gettext_lazy("Besides the holidays of your country, which are known. One a line, for example 24/12/2026."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    review_hours = _count(gettext_lazy("Business hours to decide on a report"), 1, 200)
    answer_business_days = _count(gettext_lazy("Business days that a customer has to answer"), 1, 30)
    claim_minutes = _count(
        gettext_lazy("Minutes that a ticket stays with who took it"), 5, 480, gettext_lazy("Then somebody else may take it.")
    )
    report_age_warning_days = _count(gettext_lazy("Days after which a payment counts as old"), 1, 3650)
    rate_max_age_days = _count(gettext_lazy("Days that a rate holds"), 0, 60)
    registration = forms.ChoiceField(
        label=gettext_lazy("Who may register as a customer"), choices=Registration.choices, widget=forms.RadioSelect
    )
    fiscal_policy = forms.ChoiceField(
        label=gettext_lazy("Where the number of a fiscal invoice comes from"), choices=FiscalPolicy.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip

    mails_bills = forms.BooleanField(
        label=gettext_lazy("E-mail the bill as PDF when an order is issued"), required=False,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, merchant: Merchant) -> None:
        initial = {name: getattr(merchant, name) for name in RULE_FIELDS}
        initial["extra_holidays"] = "\n".join(merchant.extra_holidays)
        super().__init__(data, initial=initial)
        for day, name in WEEKDAYS.items():
            spans = merchant.business_hours.get(str(day + 1), [])
            self.fields[f"day_{day + 1}"] = HoursField(
                label=name, required=False, max_length=60, initial=", ".join(f"{begin}-{end}" for begin, end in spans),
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )  # fmt: skip

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the week."""
        return [self[f"day_{day}"] for day in range(1, 8)]

    def changes(self) -> dict[str, Any]:
        """As `change_rules` takes it."""
        read = self.cleaned_data
        hours = {str(day): read[f"day_{day}"] for day in range(1, 8) if read[f"day_{day}"]}
        return {name: read[name] for name in (*RULE_FIELDS, "extra_holidays")} | {"business_hours": hours}


class LimitForm(forms.Form):
    """Over how much a second signature is needed."""

    approval_limit = ZeroAmountField(
        label=gettext_lazy("Second signature above"),
        help_text=gettext_lazy("Lower holds at once. Higher holds when another person who may sign agrees."),
    )

    def __init__(self, data: Any = None, *, merchant: Merchant, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        ask_in(self, "approval_limit", merchant.currency)


class ReasonForm(forms.Form):
    """A reason for saying no, or for taking back."""

    kind = forms.ChoiceField(label=gettext_lazy("For"), choices=Reason.Kind.choices, widget=forms.RadioSelect)
    name_es = forms.CharField(
        label=gettext_lazy("What the customer reads, in Spanish"), max_length=120,
    )  # fmt: skip
    name_en = forms.CharField(label=gettext_lazy("What the customer reads, in English"), max_length=120)
    advice_es = _long(gettext_lazy("What to do next, in Spanish"), rows=2, most=1000)
    advice_en = _long(gettext_lazy("What to do next, in English"), rows=2, most=1000)
    staff_name_es = forms.CharField(
        label=gettext_lazy("What staff call it, in Spanish"), max_length=120, required=False,
        help_text=gettext_lazy("Only where it differs: a suspicion is told neutrally outside."),
    )  # fmt: skip
    staff_name_en = forms.CharField(label=gettext_lazy("What staff call it, in English"), max_length=120, required=False)
    names_twin = forms.BooleanField(
        label=gettext_lazy("Asks which other ticket reports the same payment"), required=False,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, reason: Reason | None) -> None:
        initial = {name: getattr(reason, name) for name in self.base_fields} if reason else {"kind": Reason.Kind.REJECT}
        super().__init__(data, initial=initial)
        if reason is not None:
            del self.fields["kind"]
            del self.fields["names_twin"]


class LetterTextForm(forms.Form):
    """A house's words for one kind of letter, in both languages. What stays blank is said as everybody says it."""

    def __init__(self, data: Any = None, *, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        labels = {
            "subject": pgettext_lazy("letter", "Subject"),
            "heading": pgettext_lazy("letter", "Heading"),
            "opening": pgettext_lazy("letter", "First words"),
            "closing": pgettext_lazy("letter", "Last words"),
        }
        for language in ("es", "en"):
            for part, label in labels.items():
                long = part in ("opening", "closing")
                self.fields[f"{part}_{language}"] = forms.CharField(
                    label=label, required=False, max_length=LONGEST[part] * 2,
                    widget=forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput(attrs={"autocomplete": "off"}),
                )  # fmt: skip

    def words(self, language: str) -> dict[str, str]:
        """What was typed in one language, by part."""
        return {part: self.cleaned_data[f"{part}_{language}"] for part in LONGEST}

    def of(self, language: str) -> list[forms.BoundField]:
        return [self[f"{part}_{language}"] for part in LONGEST]

    @property
    def spanish(self) -> list[forms.BoundField]:
        return self.of("es")

    @property
    def english(self) -> list[forms.BoundField]:
        return self.of("en")
