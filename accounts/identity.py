"""Telephones and tax numbers: read as people write them. A tax number that looks wrong warns, it never blocks."""

from __future__ import annotations

import re

import phonenumbers
from django.utils.translation import gettext as _
from stdnum.ar import cuit
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.ec import ci, ruc
from stdnum.exceptions import ValidationError as InvalidNumber
from stdnum.mx import rfc
from stdnum.pe import ruc as ruc_pe
from stdnum.ve import rif

TAX_ID_NAMES = {"VE": "RIF", "CO": "NIT", "EC": "RUC", "AR": "CUIT", "MX": "RFC", "PE": "RUC", "CL": "RUT"}
CHECKERS = {"VE": (rif,), "CO": (nit,), "EC": (ruc, ci), "AR": (cuit,), "MX": (rfc,), "PE": (ruc_pe,), "CL": (rut,)}


def read_phone(text: str, country: str) -> str:
    """A telephone as `+584241234567` (E.164), read as dialled in `country`; the empty string when it is none."""
    try:
        number = phonenumbers.parse(re.sub(r"^\s*00", "+", text), country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(number: str) -> str:
    """`+584241234567` as `+58 424-1234567`; what is no number comes back as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def tax_id_name(country: str) -> str:
    """What the country calls its tax number: `RIF`, `NIT`, `RUC` …"""
    return TAX_ID_NAMES.get(country, "")


def tax_id_warning(text: str, country: str) -> str:
    """A sentence when a tax number does not look right for the country, else the empty string.

    Tax offices issue odd ones, so this warns only. A Venezuelan identity card (V or E and 6 to 8 digits) is no RIF yet right, and
    so is a RIF of a communal council (letter C).
    """
    plain = re.sub(r"[\s.\-]", "", text).upper()
    if not plain or country not in CHECKERS:
        return ""
    if country == "VE" and re.fullmatch(r"[VE]\d{6,8}|C\d{9}", plain):
        return ""
    for checker in CHECKERS[country]:
        try:
            checker.validate(plain)
        except InvalidNumber:
            continue
        return ""
    return _("%(tax_id)s does not look like a valid %(kind)s. Check it; it is accepted as it is.") % {
        "tax_id": text.strip(),
        "kind": tax_id_name(country),
    }
