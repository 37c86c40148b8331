"""The history of a house's set-up: rooms note what they changed of it, in the same transaction, and administrators read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from accounts.models import SetupChange

AREAS: Mapping[str, object] = {
    "house": _("Names and address"),
    "look": _("Look and contact"),
    "rules": _("Hours and limits"),
    "account": _("Receiving account"),
    "method": _("Payment method"),
    "withholding": _("Withholding"),
    "reason": _("Reason"),
    "letter": _("Text of a letter"),
    "staff": _("Staff"),
    "import": _("File of customers and orders"),
    "api_key": _("API key"),
    "webhook": _("Webhook"),
    "services": _("Services"),
    "reminders": _("Reminders"),
    "privacy": _("Privacy"),
}
# What a changed field is called; what is missing here is shown by its own name.
FIELDS: Mapping[str, object] = {
    "name": _("Name"),
    "legal_name": _("Registered name"),
    "tax_id": _("Tax id"),
    "country": _("Country"),
    "time_zone": _("Time zone"),
    "currency": _("Currency"),
    "default_language": _("Language"),
    "accent": _("Colour"),
    "logo_png": _("Logo"),
    "support_email": _("Support e-mail"),
    "support_phone": _("Support telephone"),
    "support_whatsapp": _("WhatsApp"),
    "intro_es": _("Who you are, in Spanish"),
    "intro_en": _("Who you are, in English"),
    "how_to_pay_es": _("How to pay, in Spanish"),
    "how_to_pay_en": _("How to pay, in English"),
    "approval_limit": _("Second signature above"),
    "auto_accept": _("Accept by itself what is certain"),
    "auto_accept_limit": _("Accepted by itself up to"),
    "review_hours": _("Hours to review"),
    "answer_business_days": _("Days to answer"),
    "claim_minutes": _("Minutes that a claim lasts"),
    "report_age_warning_days": _("Days after which a payment is old"),
    "rate_max_age_days": _("Days that a rate holds"),
    "rate_source": _("Source of rates"),
    "business_hours": _("Business hours"),
    "extra_holidays": _("Closed days"),
    "registration": _("Registration of customers"),
    "fiscal_policy": _("Number of the fiscal invoice"),
    "mails_bills": _("Bills by e-mail"),
    "offers_shipping": _("Paper invoices by mail"),
    "shipping_price": _("Price of mailing"),
    "is_being_set_up": _("Being set up"),
    "role": _("Role"),
    "number": _("Account number"),
    "kind": _("Kind"),
    "bank": _("Bank"),
    "institution": _("Institution"),
    "holder": _("Holder"),
    "holder_tax_id": _("Holder's tax id"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "is_public": _("Shown on the public page"),
    "methods": _("Methods it takes"),
    "is_active": pgettext_lazy("set-up", "In use"),
    "position": _("Position in lists"),
    "key": _("Key"),
    "icon": _("Icon"),
    "asks": _("Asks"),
    "requires": _("Cannot do without"),
    "clearing_days": _("Clearing days"),
    "note_es": _("Note in Spanish"),
    "note_en": _("Note in English"),
    "surcharge_per_cent": _("Surcharge, per cent"),
    "surcharge_name_es": _("Name of the surcharge in Spanish"),
    "surcharge_name_en": _("Name of the surcharge in English"),
    "name_es": _("Name in Spanish"),
    "name_en": _("Name in English"),
    "staff_name_es": _("Staff's name, in Spanish"),
    "staff_name_en": _("Staff's name, in English"),
    "advice_es": _("What to do next, in Spanish"),
    "advice_en": _("What to do next, in English"),
    "subject": pgettext_lazy("letter", "Subject"),
    "heading": pgettext_lazy("letter", "Heading"),
    "opening": pgettext_lazy("letter", "First words"),
    "closing": pgettext_lazy("letter", "Last words"),
    "scopes": _("What it may do"),
    "expires_at": _("Valid until"),
    "revoked_at": _("Revoked"),
    "url": _("Web address"),
    "description": _("Description"),
    "kinds": _("What it hears of"),
    "secret": _("New secret; the old one holds until"),
    "is_on": _("Switched on"),
    "days_before": _("Days before the due date"),
    "days_after": _("Days after the due date"),
    "business_days_only": _("On business days only"),
    "may_decline": _("Contacts may switch it off"),
    "receipt_months": _("Months that receipts are kept"),
    "notice_es": _("Privacy notice in Spanish"),
    "notice_en": _("Privacy notice in English"),
    "may_order": _("Customers order by themselves"),
    "may_change": _("Customers change by themselves"),
    "may_cancel": _("Customers cancel by themselves"),
    "bills_renewals": _("Renewals are billed by themselves"),
    "renewal_days": _("Days before a renewal that it is billed"),
    "due_days": _("Days to pay"),
    "period": _("Period"),
    "price": _("Price"),
    "tax_name": _("Tax"),
    "tax_rate": _("Tax, as a fraction"),
    "brought_in": _("Brought in"),
    "taken_away": _("Taken away again"),
    "limit_asked": _("Higher limit asked"),
    "limit_dropped": _("Higher limit refused or dropped"),
}


def plain(value: Any) -> str:
    """A value as the history keeps it: text, figures without idle zeros, lists and maps as JSON, pictures by their size."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bytes | memoryview):
        return f"{len(bytes(value))} B"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    return str(value)


def facts_of(row: Model, fields: Iterable[str]) -> dict[str, str]:
    """What stands in these fields of a row, as the history keeps it."""
    return {field: plain(getattr(row, field)) for field in fields}


def note_setup(area: str, before: Mapping[str, str], after: Mapping[str, str], *, subject: str = "", by: Actor) -> None:
    """Write what differs between `before` and `after` into the house's history, inside the caller's transaction."""
    SetupChange.objects.bulk_create(
        SetupChange(
            merchant_id=by.merchant.pk, by=by.user, area=area, subject=subject[:200], field=field[:40],
            before=before.get(field, ""), after=text,
        )
        for field, text in after.items()
        if before.get(field, "") != text
    )  # fmt: skip


def setup_changes_for(actor: Actor) -> QuerySet[SetupChange]:
    """Every change of the set-up, newest first: the staff's affair, of every role."""
    actor.require(actor.is_staff)
    return SetupChange.objects.filter(merchant=actor.merchant).select_related("by").order_by("-pk")
