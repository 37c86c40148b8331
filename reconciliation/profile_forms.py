"""The form of a bank's profile: what people type about a file, as the settings of `statements.Profile` and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from reconciliation.profile_words import (
    AMOUNT_STYLE_NAMES,
    COLUMN_HINTS,
    COLUMN_NAMES,
    DATE_EXAMPLES,
    DECIMAL_NAMES,
    ENCODING_NAMES,
    ERRORS,
    FORMAT_NAMES,
    SEPARATOR_NAMES,
    THOUSANDS_NAMES,
)
from reconciliation.statements.profile import COLUMNS, PATTERN_FIELDS, SEVERAL, TABLES, Place, Profile, ProfileInvalid

OTHER = "other"
HEADED = ("csv", "xlsx", "html")
READ_BY_BANK = ("aeb43", "qif", "mt940", "camt", "ofx")
# Which formats a setting says something to; the others leave it as it was born, whatever was typed while it was hidden.
USED_BY: Mapping[str, tuple[str, ...]] = {
    "encoding": ("csv", "fixed", "html", "aeb43", "qif", "mt940", "ofx"),
    "separator": ("csv",),
    "skip_header": TABLES,
    "skip_footer": TABLES,
    "start_after": TABLES,
    "stop_at": TABLES,
    "ignore": TABLES,
    "opening_text": TABLES,
    "closing_text": TABLES,
    "header_row": HEADED,
    "row_length": ("fixed",),
    "sheet": ("xlsx",),
    "columns": TABLES,
    "amount_style": TABLES,
    "debit_marks": TABLES,
    "credit_marks": TABLES,
    "debits_negative": TABLES,
    "date_format": (*TABLES, "qif"),
    "decimal": (*TABLES, "qif", "mt940"),
    "thousands": (*TABLES, "qif", "mt940"),
    "implied_decimals": TABLES,
    "patterns": (*TABLES, *READ_BY_BANK),
    "account": (*TABLES, *READ_BY_BANK),
    "closing_required": ("mt940",),
}
STYLE_COLUMNS = {"signed": ("amount",), "debit_credit": ("debit", "credit"), "amount_mark": ("amount", "mark")}
MONEY_COLUMNS = ("amount", "debit", "credit", "mark")
PLAIN_COLUMNS = tuple(name for name in COLUMNS if name not in MONEY_COLUMNS)


def _text(label: Any, hint: Any = "", **more: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=False, max_length=200, **more)


def _number(label: Any, hint: Any = "", *, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, required=False, min_value=0, max_value=most, initial=0)


class ProfileForm(forms.Form):
    """Every setting of a profile; `profile` is what it began with, after `is_valid()` what was typed (None with errors).

    The layout and the version that it was begun with go along.
    """

    name = forms.CharField(
        label=_("Name of this profile"), max_length=80, error_messages={"required": _("Give the profile a name.")}
    )
    format = forms.ChoiceField(label=_("Kind of file"), choices=FORMAT_NAMES)
    encoding = forms.ChoiceField(
        label=_("Characters"), choices=ENCODING_NAMES, required=False,
        help_text=_("Try another one when accents look wrong in the preview."),
    )  # fmt: skip
    separator = forms.ChoiceField(label=_("Columns are separated by"), choices=SEPARATOR_NAMES, required=False)
    sheet = _text(_("Sheet"), _("Its name, when it is not the first one of the workbook."))
    row_length = _number(_("Characters of a row"), _("Shorter or longer rows are rejected. 0 takes any length."), most=4000)
    skip_header = _number(_("Rows to skip at the beginning"), most=1000)
    skip_footer = _number(_("Rows to skip at the end"), most=100)
    start_after = _text(_("Movements begin after the row that starts with"))
    stop_at = _text(_("Movements end at the row that starts with"))
    header_row = forms.BooleanField(label=_("A row names the columns"), required=False, initial=True)
    ignore = forms.CharField(
        label=_("Rows that are no movements"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("How they begin, one a line: totals, notes."),
    )  # fmt: skip
    opening_text = _text(_("The opening balance stands in the row that starts with"))
    closing_text = _text(_("The closing balance stands in the row that starts with"))
    date_choice = forms.ChoiceField(label=_("Dates look like"), choices=DATE_EXAMPLES, required=False)
    date_format = _text(
        _("Another way of writing dates"), _("%d day, %m month, %Y year with four digits, %y with two, %b name of the month.")
    )
    decimal = forms.ChoiceField(label=_("Sign before the cents"), choices=DECIMAL_NAMES, required=False)
    thousands = forms.ChoiceField(label=_("Sign between thousands"), choices=THOUSANDS_NAMES, required=False)
    implied_decimals = _number(
        _("Decimals without a sign"), _("2 when 123450 means 1,234.50. 0 when the file writes the sign."), most=4
    )
    amount_style = forms.ChoiceField(
        label=_("Amounts stand"), choices=AMOUNT_STYLE_NAMES, required=False, widget=forms.RadioSelect
    )
    debit_marks = _text(_("Marks of money that went out"), _("Separated by commas, for example D, ND."))
    credit_marks = _text(_("Marks of money that came in"), _("Separated by commas, for example C, NC."))
    debits_negative = forms.BooleanField(label=_("Debits carry a minus besides"), required=False)
    account = _text(_("Account to read"), _("Only when the file holds several accounts: the number as the file writes it."))
    closing_required = forms.BooleanField(label=_("A file without closing balance has been cut"), required=False, initial=True)
    layout = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    based_on = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, profile: Profile | None = None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={**(_typed(profile) if profile else {}), **(initial or {})})
        self.profile: Profile | None = profile if data is None else None
        for name in COLUMNS:
            self.fields[f"column_{name}"] = _text(COLUMN_NAMES[name], COLUMN_HINTS.get(name, ""))
        for name in PATTERN_FIELDS:
            field = _text(COLUMN_NAMES[name])
            field.widget.attrs.update({"spellcheck": "false", "autocapitalize": "off", "class": "mono"})
            self.fields[f"pattern_{name}"] = field

    @property
    def more_columns(self) -> list[forms.BoundField]:
        """Columns that are neither the date nor money."""
        return [self[f"column_{name}"] for name in PLAIN_COLUMNS if name != "date"]

    @property
    def has_patterns(self) -> bool:
        """Whether anything is looked for within the text, or is wrong there."""
        return any(bound.value() or bound.errors for bound in [*self.pattern_fields, self["account"]])

    @property
    def pattern_fields(self) -> list[forms.BoundField]:
        return [self[f"pattern_{name}"] for name in PATTERN_FIELDS]

    @property
    def names_with_errors(self) -> list[str]:
        return [name for name in self.errors if name in self.fields]

    def clean(self) -> dict[str, Any]:
        read = super().clean() or {}
        if self.errors.keys() - {"based_on", "layout"}:
            return read
        try:
            self.profile = Profile.from_json(self._settings(read))
        except ProfileInvalid as error:
            for name, code in error.errors.items():
                self._tell(name, code, read["format"])
        return read

    def _settings(self, read: Mapping[str, Any]) -> dict[str, Any]:
        """What was typed, as JSON of a profile: only what the chosen kind of file uses."""
        kind = read["format"]
        found: dict[str, Any] = {name: read[name] for name in _PLAIN if name in read and read[name] not in (None, "")}
        found["thousands"] = read.get("thousands", "")
        found["date_format"] = read["date_format"] if read.get("date_choice") in ("", OTHER) else read["date_choice"]
        found["ignore"] = [line.strip() for line in read["ignore"].splitlines() if line.strip()]
        for name in ("debit_marks", "credit_marks"):
            found[name] = [mark.strip() for mark in read[name].split(",") if mark.strip()]
        style = read.get("amount_style") or "signed"
        wanted = (*PLAIN_COLUMNS, *STYLE_COLUMNS[style])
        found["columns"] = {name: _place(read[f"column_{name}"], kind) for name in wanted if read[f"column_{name}"].strip()}
        found["patterns"] = {name: read[f"pattern_{name}"] for name in PATTERN_FIELDS if read[f"pattern_{name}"]}
        if style != "amount_mark":
            found.pop("debit_marks"), found.pop("credit_marks")
        return {name: value for name, value in found.items() if name == "format" or kind in USED_BY[name]}

    def _tell(self, name: str, code: str, kind: str) -> None:
        """The sentence of an error beside the field that it is about."""
        part, _dot, key = name.partition(".")
        own = {"columns": f"column_{key}", "patterns": f"pattern_{key}"}.get(part, name)
        if own == "date_format" and self.cleaned_data.get("date_choice") not in ("", OTHER, None):
            own = "date_choice"
        if code == "place" and kind == "fixed":
            code = "place_fixed"
        sentence = ERRORS.get(code, ERRORS["choice"])
        self.add_error(own if own in self.fields else None, str(sentence))


_PLAIN = (
    "format", "encoding", "separator", "sheet", "row_length", "skip_header", "skip_footer", "start_after", "stop_at",
    "header_row", "opening_text", "closing_text", "decimal", "implied_decimals", "amount_style", "debits_negative", "account",
    "closing_required",
)  # fmt: skip


def _place(text: str, kind: str) -> Any:
    """Where a column stands, as typed: `Monto`, `3`, `Concepto + Detalle`; for fixed width `34, 13`. Nonsense stays a text."""
    if kind == "fixed":
        pair = re.fullmatch(r"\s*([0-9]{1,4})[\s,;:/-]+([0-9]{1,4})\s*", text, re.ASCII)
        return [int(pair[1]), int(pair[2])] if pair else text
    keys = [_key(part) for part in re.split(r"\s\+\s", text.strip())]
    return keys[0] if len(keys) == 1 else keys[: SEVERAL + 1]


def _key(text: str) -> str | int:
    text = text.strip()
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) else text


def place_text(place: Place, kind: str) -> str:
    """A column's place as people type it."""
    keys = place if isinstance(place, tuple) else (place,)
    return (", " if kind == "fixed" else " + ").join(str(key) for key in keys)


def _typed(profile: Profile) -> dict[str, Any]:
    """A profile as the form's values."""
    known = dict(DATE_EXAMPLES)
    values: dict[str, Any] = {name: getattr(profile, name) for name in (*_PLAIN, "thousands")}
    values["date_choice"] = profile.date_format if profile.date_format in known else OTHER
    values["date_format"] = "" if profile.date_format in known else profile.date_format
    values["ignore"] = "\n".join(profile.ignore)
    values["debit_marks"], values["credit_marks"] = ", ".join(profile.debit_marks), ", ".join(profile.credit_marks)
    values |= {f"column_{name}": place_text(place, profile.format) for name, place in profile.columns.items()}
    values |= {f"pattern_{name}": pattern for name, pattern in profile.patterns.items()}
    return values


def facts_of(profile: Profile) -> list[tuple[str, str]]:
    """A profile as labels and values, for reading an older version; what its kind of file has no use for is left out."""
    form = ProfileForm(profile=profile)
    facts = []
    for name, field in form.fields.items():
        value = form.initial.get(name)
        setting = {"column": "columns", "pattern": "patterns", "date": "date_format"}.get(name.split("_")[0], name)
        is_used = setting == "format" or profile.format in USED_BY.get(setting, ())
        is_used &= profile.amount_style == "amount_mark" or not setting.endswith("_marks")
        if not is_used or value in (None, "", False, 0) or (name == "date_choice" and value == OTHER):
            continue
        label = gettext("Found in the text: %(name)s") % {"name": field.label} if setting == "patterns" else str(field.label)
        facts.append((label, _shown(field, value)))
    return facts


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(pgettext_lazy("setting", "yes")) if value is True else str(value)
