"""Words of the profile's form: names of its choices, and a sentence for each code of `ProfileInvalid`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FORMAT_NAMES: list[tuple[str, Any]] = [
    ("csv", _("Text with columns (CSV)")),
    ("fixed", _("Text of fixed width")),
    ("xlsx", _("Excel workbook (XLSX, XLS)")),
    ("html", _("Web page saved as XLS")),
    ("aeb43", _("Records 00/11/22/33 (AEB 43)")),
    ("qif", _("Quicken (QIF)")),
    ("mt940", _("SWIFT MT940")),
    ("camt", _("ISO 20022 (CAMT.053)")),
    ("ofx", _("Open Financial Exchange (OFX)")),
    ("simple", _("The house's own CSV")),
]
ENCODING_NAMES: list[tuple[str, Any]] = [
    ("auto", _("UTF-8, else Windows")),
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows-1252"),
    ("latin-1", "ISO 8859-1"),
    ("utf-16", "UTF-16"),
    ("cp850", "MS-DOS (850)"),
]
SEPARATOR_NAMES: list[tuple[str, Any]] = [
    (",", _("comma ( , )")), (";", _("semicolon ( ; )")), ("\t", _("tabulator")), ("|", _("bar ( | )")),
]  # fmt: skip
DECIMAL_NAMES: list[tuple[str, Any]] = [(",", _("comma: 1234,50")), (".", _("point: 1234.50"))]
THOUSANDS_NAMES: list[tuple[str, Any]] = [
    ("", pgettext_lazy("sign between thousands", "none: 1234")),
    (".", _("point: 1.234")),
    (",", _("comma: 1,234")),
    (" ", _("space: 1 234")),
    ("'", _("apostrophe: 1'234")),
]
AMOUNT_STYLE_NAMES: list[tuple[str, Any]] = [
    ("signed", _("In one column with its sign")),
    ("debit_credit", _("In two columns, debits and credits")),
    ("amount_mark", _("In one column, with a mark beside it")),
]
# The same day in every way of writing that banks here use.
DATE_EXAMPLES: list[tuple[str, Any]] = [
    ("%d/%m/%Y", "24/11/2026"),
    ("%d-%m-%Y", "24-11-2026"),
    ("%d.%m.%Y", "24.11.2026"),
    ("%m/%d/%Y", _("11/24/2026 (month first)")),
    ("%Y-%m-%d", "2026-11-24"),
    ("%Y/%m/%d", "2026/11/24"),
    ("%d/%m/%y", "24/11/26"),
    ("%d%m%Y", "24112026"),
    ("%Y%m%d", "20261124"),
    ("%d/%b/%Y", "24/nov/2026"),
    ("%d-%b-%Y", "24-nov-2026"),
    ("other", _("Another way")),
]
COLUMN_NAMES: dict[str, Any] = {
    "date": _("Date of booking"),
    "amount": _("Amount"),
    "debit": _("Debits"),
    "credit": _("Credits"),
    "mark": _("Mark of debit or credit"),
    "balance": _("Balance after it"),
    "reference": _("Reference"),
    "text": _("Text of the bank"),
    "payer_name": _("Name of who paid"),
    "payer_id": _("Document of who paid"),
    "origin_bank": _("Bank of origin"),
    "unique_id": _("The bank's own number of the movement"),
    "currency": _("Currency"),
    "account": _("Account"),
}
COLUMN_HINTS: dict[str, Any] = {"unique_id": _("Only where the bank never uses it twice.")}
ERRORS: dict[str, Any] = {
    "unknown": _("This version does not know that setting."),
    "type": _("This cannot stand here."),
    "choice": _("Choose one of the list."),
    "range": _("That is too much or too little."),
    "too_long": _("That is too long."),
    "needed": _("Say where this stands: without it no movement can be read."),
    "same": _("The same sign cannot mean two things."),
    "date_format": _("Name day, month and year once each, for example %d/%m/%Y."),
    "place": _("Write the name of the column as the file has it, or its number from 1. Several: Text + Detail."),
    "place_fixed": _("Write the first character and how many there are, for example 34, 13."),
    "pattern": _("This expression cannot be understood."),
    "pattern_group": _("Put what is to be found in one pair of brackets, for example ([0-9]{6,})."),
    "pattern_nested": _("This expression repeats within a repeat and could take for ever. Write it more simply."),
    "pattern_refused": _("Back references and looking around are not possible here."),
}
