"""Asking a customer whether an unmatched deposit is theirs, and what they answer. Nothing here moves money.

Locks: the line's balance, then its offer, as everywhere (lines before what stands beside them).
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Contact, Customer, Merchant, User
from accounts.selectors import Recipient, language_of
from letters.services import queue_letter
from orders.dates import today_at
from reconciliation.locks import lock_lines, lock_lines_left
from reconciliation.models import DepositOffer, IgnoredLine, StatementLine
from reports.content import ReportContent
from reports.services import submit_report
from tickets.models import Ticket

DAYS_TO_ANSWER = 14
LONGEST_NOTE = 200
State = DepositOffer.State


def offer_deposit(*, line_id: int, customer_id: int, by: Actor) -> DepositOffer:
    """Ask a customer whether an unmatched deposit is theirs: they see it on their pages and get one letter.

    Raises `Refused`: `not_offerable` (used, returned, set aside, money out), `denied_before`, `nobody_to_ask`, `own_customer`;
    `Stale(offered_already)`; `NotAllowed`, `Http404`.
    """
    person = _person(by)
    with transaction.atomic():
        line = StatementLine.objects.filter(merchant=by.merchant, pk=line_id).select_related("account__bank").first()
        customer = Customer.objects.filter(merchant=by.merchant, pk=customer_id, is_active=True).first()
        if line is None or customer is None:
            raise Http404
        _require_free(line)
        _require_unasked(line, customer)
        asked = _who_may_answer(customer)
        if not asked:
            raise Refused(
                _("Nobody at %(customer)s may report payments on these pages: there is nobody to ask.") % {"customer": customer},
                code="nobody_to_ask", fields=("customer",),
            )  # fmt: skip
        if Contact.objects.filter(customer=customer, user=person).exists():
            raise Refused(
                _("You are a contact of this customer yourself: a colleague must offer the deposit."),
                code="own_customer", fields=("customer",),
            )  # fmt: skip
        offer = DepositOffer.objects.create(
            merchant=by.merchant, line=line, customer=customer, account=line.account, amount=line.amount, currency=line.currency,
            booked_on=line.booked_on, reference_end=reference_end(line.reference), offered_by=person,
            expires_on=today_at(by.merchant) + dt.timedelta(days=DAYS_TO_ANSWER),
        )  # fmt: skip
        _write_to(customer, asked, offer)
    return offer


def claim_deposit(*, offer_id: int, by: Actor) -> DepositOffer:
    """The customer says that the deposit is theirs. `report_key` is the key of the form that they go on with.

    Said again it changes nothing. Raises `Stale`: `answered_already` (it was denied), `offer_over`; `NotAllowed`, `Http404`.
    """
    person = _contact(by)
    with transaction.atomic():
        offer = _locked(offer_id, by)
        if offer.state == State.CLAIMED:
            return offer
        _require_open(offer)
        offer.state, offer.answered_by, offer.answered_at = State.CLAIMED, person, timezone.now()
        offer.report_key = uuid.uuid4()
        offer.save(update_fields=["state", "answered_by", "answered_at", "report_key"])
    return offer


def deny_deposit(*, offer_id: int, note: str = "", by: Actor) -> DepositOffer:
    """The customer says that it is not theirs; whoever asked gets a letter. It is never offered to them again.

    Said again it changes nothing. Raises as `claim_deposit`.
    """
    person = _contact(by)
    with transaction.atomic():
        offer = _locked(offer_id, by)
        if offer.state == State.DENIED:
            return offer
        _require_open(offer)
        offer.state, offer.answered_by, offer.answered_at = State.DENIED, person, timezone.now()
        offer.note = note.replace("\x00", "").strip()[:LONGEST_NOTE]
        offer.save(update_fields=["state", "answered_by", "answered_at", "note"])
        _tell_who_asked(offer)
    return offer


def withdraw_offer(*, offer_id: int, by: Actor) -> DepositOffer:
    """Take the question back, also after a yes. Raises `Stale(offer_over)`, `NotAllowed`, `Http404`."""
    person = _person(by)
    with transaction.atomic():
        offer = DepositOffer.objects.select_for_update().filter(merchant=by.merchant, pk=offer_id).first()
        if offer is None:
            raise Http404
        if not offer.is_live:
            raise Stale(_("This deposit is not offered any more."), code="offer_over")
        offer.state, offer.why = State.WITHDRAWN, DepositOffer.Why.STAFF
        offer.ended_at, offer.ended_by = timezone.now(), person
        offer.save(update_fields=["state", "why", "ended_at", "ended_by"])
    return offer


def submit_claim(
    *, merchant: Merchant, customer: Customer, key: uuid.UUID, content: ReportContent, by: Actor
) -> tuple[Ticket, bool]:
    """`reports.submit_report`; a form that was opened by a yes is tied to its offer in the same transaction.

    A report stands by itself when the question was taken back meanwhile.
    """
    with transaction.atomic():
        ticket, made = submit_report(merchant=merchant, customer=customer, key=key, content=content, by=by)
        claimed = DepositOffer.objects.filter(merchant=merchant, customer=customer, report_key=key, state=State.CLAIMED)
        claimed.filter(report__isnull=True).update(report=ticket.report)
    return ticket, made


def expire_offers(*, merchant: Merchant) -> int:
    """End the offers whose time is over: those nobody answered, and a yes that never became a report; how many."""
    silent = Q(state=State.OFFERED) | Q(state=State.CLAIMED, report__isnull=True)
    late = DepositOffer.objects.filter(silent, merchant=merchant, expires_on__lt=today_at(merchant))
    return late.update(state=State.EXPIRED, ended_at=timezone.now())


def reference_end(reference: str) -> str:
    """What a customer is told of a reference: four digits of a long one, of a short one never more than half."""
    return reference[-4:] if len(reference) >= 8 else reference[len(reference) - len(reference) // 2 :]


# --- Checks ----------------------------------------------------------------------------------


def _person(by: Actor) -> User:
    by.require(by.can_decide)
    if by.user is None:
        raise NotAllowed
    return by.user


def _contact(by: Actor) -> User:
    if by.user is None or by.contact is None or not by.contact.can_report:
        raise NotAllowed
    return by.user


def _locked(offer_id: int, by: Actor) -> DepositOffer:
    """The offer of the customer who acts, with its line held. `Http404` for anybody else's."""
    own = DepositOffer.objects.filter(merchant=by.merchant, customer=by.customer, pk=offer_id)
    line_id = own.values_list("line_id", flat=True).first()
    lock_lines_left([line_id] if line_id else [])
    offer = own.select_for_update().first()
    if offer is None:
        raise Http404
    return offer


def _require_open(offer: DepositOffer) -> None:
    if offer.state in (State.CLAIMED, State.DENIED):
        raise Stale(_("This question was answered already."), code="answered_already")
    if offer.state != State.OFFERED or offer.is_over_on(today_at(offer.merchant)):
        raise Stale(_("We do not ask about this deposit any more. If you paid, report your payment as usual."), code="offer_over")


def _require_free(line: StatementLine) -> None:
    balance = lock_lines([line.pk])[line.pk]
    ignored = IgnoredLine.objects.filter(line=line, taken_back_at__isnull=True)
    if line.amount <= 0 or balance.allocated or balance.reserved or balance.returned_at or ignored.exists():
        raise Refused(_("Only a deposit of which nothing is used can be offered."), code="not_offerable")


def _require_unasked(line: StatementLine, customer: Customer) -> None:
    before = DepositOffer.objects.filter(line=line)
    live = before.filter(state__in=(State.OFFERED, State.CLAIMED)).select_related("customer").first()
    if live is not None:
        said = _("This deposit is offered to %(customer)s already.") % {"customer": live.customer}
        raise Stale(said, code="offered_already")
    if before.filter(customer=customer, state=State.DENIED).exists():
        said = _("%(customer)s said that this deposit is not theirs.") % {"customer": customer}
        raise Refused(said, code="denied_before", fields=("customer",))


# --- Letters ---------------------------------------------------------------------------------


def _who_may_answer(customer: Customer) -> list[Recipient]:
    contacts = Contact.objects.filter(customer=customer, can_report=True, user__is_active=True).select_related("user")
    return [
        Recipient(email=each.user.email, language=each.user.language, user_id=each.user_id, name=each.user.name)
        for each in contacts.order_by("pk")
    ]


def _write_to(customer: Customer, asked: list[Recipient], offer: DepositOffer) -> None:
    """Once to each: the day, the sum, the receiving bank and the end of the reference; nothing that the bank says of who paid."""
    queue_letter(
        merchant=offer.merchant, kind="deposit_offered", about=f"offer:{offer.pk}", occasion="offered", recipients=asked,
        context={
            "pk": offer.pk, "amount": str(offer.amount), "currency": offer.currency, "booked_on": offer.booked_on.isoformat(),
            "bank": offer.account.title, "reference_end": offer.reference_end, "until_on": offer.expires_on.isoformat(),
        },
        customer=customer,
    )  # fmt: skip


def _tell_who_asked(offer: DepositOffer) -> None:
    who = offer.offered_by
    if not who.is_active:
        return
    asked = Recipient(email=who.email, language=language_of(who.email, offer.merchant), user_id=who.pk, name=who.name)
    queue_letter(
        merchant=offer.merchant, kind="deposit_denied", about=f"offer:{offer.pk}", occasion="denied", recipients=[asked],
        context={
            "customer": offer.customer.name, "note": offer.note, "amount": str(offer.amount), "currency": offer.currency,
            "booked_on": offer.booked_on.isoformat(),
        },
    )  # fmt: skip
