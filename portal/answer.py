"""The answer to a question of Accounting: which fields open, each with what the customer wrote before."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Refused
from banking.models import TransferField
from banking.money import SYMBOLS, format_money
from orders.dates import written
from portal.report_input import typed_data
from portal.requests import Visitor
from reports.content import TransferContent
from reports.drafts import correction_key, draft_of
from reports.forms import AnswerForm, TransferForm, WithholdingForm
from reports.services import answer_question, discard_draft, save_draft
from reports.view import ReportView
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class AskedField:
    """One open field. `hint`: what was written before; `shown_when` is for `data-shown-when`, empty: always shown."""

    bound: BoundField
    hint: str = ""
    prefix: str = ""
    prefix_icon: str = ""
    css: str = ""
    shown_when: str = ""
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class AskedGroup:
    """The open fields of one transfer (`title` when there are several), or of the report itself."""

    title: str = ""
    fields: list[AskedField] = field(default_factory=list)


def answer_form_of(visitor: Visitor, view: ReportView, request: HttpRequest | None = None) -> AnswerForm:
    """The form for the answer, with what was posted if anything was."""
    draft = draft_of(visitor.customer, visitor.user, correction_key(view.report))
    if request is None:
        return AnswerForm(view=view, draft=draft)
    return AnswerForm(typed_data(request.POST), request.FILES, view=view, draft=draft)


def send_answer(visitor: Visitor, view: ReportView, form: AnswerForm) -> Ticket | None:
    """Answer with a form that was posted; None when it has errors. Receipts are kept first, whatever else is wrong.

    Raises what `answer_question` and `save_draft` raise.
    """
    key: uuid.UUID = correction_key(view.report)
    is_sound = form.is_valid()
    if form.uploads:
        draft = save_draft(customer=visitor.customer, key=key, data={}, uploads=form.uploads, by=visitor.actor)
        form.attach(draft)
    if not is_sound:
        return None
    note = str(form.cleaned_data.get("answer_note") or "")
    ticket = answer_question(ticket_id=view.ticket.pk, content=form.content, note=note, by=visitor.actor)
    discard_draft(customer=visitor.customer, key=key, by=visitor.actor)
    return ticket


def asked_groups(form: AnswerForm) -> list[AskedGroup]:
    """The open fields, in the order of the report form."""
    several = len(form.transfers.forms) > 1
    groups = [
        AskedGroup(title=_("Transfer %(n)d") % {"n": each.index + 1} if several else "", fields=_transfer_fields(each))
        for each in form.transfers.forms
    ]
    groups += [
        AskedGroup(title=_("Withholding voucher %(n)d") % {"n": each.index + 1}, fields=_voucher_fields(each))
        for each in form.withholdings
    ]
    own = [name for name in ("payer_other", "payer_name", "payer_tax_id") if name in form.fields]
    groups.append(AskedGroup(fields=[AskedField(bound=form[name]) for name in own]))
    return [group for group in groups if group.fields]


def _transfer_fields(form: TransferForm) -> list[AskedField]:
    conditional = set(TransferField.values)
    found = []
    for name in form.fields:
        if name == "files":
            continue
        asked_when = (
            form.condition(name) if name in conditional else form.condition("origin_bank") if name == "origin_bank_name" else None
        )
        if asked_when is not None and "method" not in form.fields and not asked_when.is_shown:
            continue
        shown_when = asked_when.shown_when if asked_when is not None and "method" in form.fields else ""
        if name == "origin_bank_name" and not form[name].value():
            shown_when = f"{form.add_prefix('origin_bank')}=0"
        found.append(
            AskedField(
                bound=form[name],
                hint=_before(name, form),
                prefix=SYMBOLS.get(form.currency, form.currency) if name == "amount" else "",
                css="field--large" if name == "amount" else "",
                shown_when=shown_when,
                hidden=bool(asked_when and not asked_when.is_shown),
            )
        )
    return found


def _voucher_fields(form: WithholdingForm) -> list[AskedField]:
    symbol = SYMBOLS.get(form.currency, form.currency)
    return [AskedField(bound=form[name], prefix=symbol if name == "amount" else "") for name in form.fields if name != "files"]


def _before(name: str, form: TransferForm) -> str:
    """What the customer wrote before, as a hint."""
    current: TransferContent | None = form.current
    if current is None:
        return ""
    if name == "amount":
        return _("You wrote %(before)s.") % {"before": format_money(current.amount, form.currency, get_language() or "es")}
    if name == "paid_on":
        return _("You wrote %(before)s.") % {"before": written(current.paid_on)}
    texts = {
        "reference": current.reference_raw, "payer_phone": current.payer_phone, "payer_id": current.payer_id,
        "sender_name": current.sender_name, "sender_email": current.sender_email,
    }  # fmt: skip
    if name in texts:
        return _("You wrote %(before)s.") % {"before": texts[name]} if texts[name] else _("You left it blank.")
    return ""


def refusal_status(refused: Refused) -> int:
    """409 when the ticket moved on meanwhile, else 422."""
    return 409 if refused.code == "wrong_state" else 422
