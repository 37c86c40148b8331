"""Tickets with their state machine, their events, and the reasons of decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed, transition

from accounts.models import Customer, Merchant, User
from accounts.search_models import SearchText, search_index
from tickets.machine import ConcurrentTransitionMixin, GuardedStateField, loading_state


class State(models.TextChoices):
    """Where a ticket stands. The names are the same words in code, events and addresses."""

    SUBMITTED = "submitted", pgettext_lazy("ticket state", "Submitted")
    IN_REVIEW = "in_review", pgettext_lazy("ticket state", "In review")
    WAITING_FOR_BANK = "waiting_for_bank", pgettext_lazy("ticket state", "Waiting for the bank")
    NEEDS_INFORMATION = "needs_information", pgettext_lazy("ticket state", "Information needed")
    AWAITING_APPROVAL = "awaiting_approval", pgettext_lazy("ticket state", "Second signature")
    VERIFIED = "verified", pgettext_lazy("ticket state", "Verified")
    REJECTED = "rejected", pgettext_lazy("ticket state", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("ticket state", "Withdrawn")
    REVERSED = "reversed", pgettext_lazy("ticket state", "Reversed")


LIVE_STATES = (
    State.SUBMITTED,
    State.IN_REVIEW,
    State.WAITING_FOR_BANK,
    State.NEEDS_INFORMATION,
    State.AWAITING_APPROVAL,
)
# Where a ticket is in the hands of whoever took it.
HELD_STATES = (State.IN_REVIEW, State.WAITING_FOR_BANK, State.NEEDS_INFORMATION)


# Fields of the report's form that an accountant may open again with a question; `sender` is name and e-mail.
ASKABLE_FIELDS = (
    "amount", "method", "account", "origin_bank", "paid_on", "reference", "payer", "receipt", "orders", "sender", "withholding",
)  # fmt: skip


class Reason(models.Model):
    """Why something was rejected, reversed or adjusted: bilingual data of the merchant."""

    class Kind(models.TextChoices):
        REJECT = "reject", _("Rejection")
        REVERSE = "reverse", _("Reversal")

    BANK_RETURNED = "returned_by_bank"  # the code of the reason to reverse that speaks of the deposit itself

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="reasons")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=40)
    name_es = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    advice_es = models.TextField(blank=True)
    advice_en = models.TextField(blank=True)
    staff_name_es = models.CharField(max_length=120, blank=True)
    staff_name_en = models.CharField(max_length=120, blank=True)
    names_twin = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("kind", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="reason_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "kind", "code"), name="reason_code_unique"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What everybody may read, the customer too."""
        return self.name_en if get_language() == "en" else self.name_es

    @property
    def staff_name(self) -> str:
        """What staff call it among themselves: plainer than what the customer is told (a suspected forgery)."""
        return (self.staff_name_en if get_language() == "en" else self.staff_name_es) or self.name

    @property
    def advice(self) -> str:
        """What the customer is told, and what to do next."""
        return self.advice_en if get_language() == "en" else self.advice_es


def claim_has_run_out(ticket: Any) -> bool:
    """Whether nobody holds the ticket any more, so that somebody else may take it."""
    return bool(ticket.claimed_until is None or ticket.claimed_until <= timezone.now())


class Ticket(ConcurrentTransitionMixin, models.Model):
    """One report's case. `state` moves only by the transitions below, called by services that hold the row's lock."""

    # Composite keys over merchant and the other column say the same and more, and an index that nobody reads by would be written
    # with every step.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="tickets", db_constraint=False, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets", db_constraint=False, db_index=False)
    number = models.CharField(max_length=30)
    state = GuardedStateField(max_length=20, choices=State, default=State.SUBMITTED, protected=True)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    claimed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="claimed_tickets", db_index=False
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    # The clock: `deadline_at` while it runs, `minutes_left` (business minutes) while it stands still.
    deadline_at = models.DateTimeField(null=True, blank=True)
    minutes_left = models.IntegerField(null=True, blank=True)

    question = models.TextField(blank=True)
    asked_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    wait_until = models.DateField(null=True, blank=True)
    prepared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    prepared_at = models.DateTimeField(null=True, blank=True)
    reason = models.ForeignKey(
        Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="twins", db_constraint=False, db_index=False
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="ticket_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "number"), name="ticket_number_unique"),
            models.CheckConstraint(
                name="ticket_state_has_its_facts",
                condition=(
                    models.Q(state="submitted", deadline_at__isnull=False)
                    | models.Q(state="in_review", claimed_by__isnull=False)
                    | models.Q(state="waiting_for_bank", waiting_since__isnull=False, wait_until__isnull=False)
                    | models.Q(state="needs_information", asked_at__isnull=False, answer_due_at__isnull=False)
                    | models.Q(state="awaiting_approval", prepared_by__isnull=False, prepared_at__isnull=False)
                    | models.Q(state="verified", verified_at__isnull=False)
                    | models.Q(state="rejected", rejected_at__isnull=False, reason__isnull=False)
                    | models.Q(state="withdrawn", withdrawn_at__isnull=False)
                    | models.Q(state="reversed", reversed_at__isnull=False)
                ),
            ),
        )
        indexes = (
            models.Index(fields=("merchant", "state", "deadline_at"), name="ticket_queue"),
            models.Index(fields=("merchant", "customer", "-id"), name="ticket_of_customer"),
            models.Index(fields=("reason",), name="ticket_reason", condition=models.Q(reason__isnull=False)),
            models.Index(fields=("duplicate_of",), name="ticket_twin", condition=models.Q(duplicate_of__isnull=False)),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def is_overdue(self) -> bool:
        """Whether its clock runs and has run out."""
        return self.is_live and self.deadline_at is not None and self.deadline_at < timezone.now()

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        with loading_state(self):
            super().refresh_from_db(*args, **kwargs)

    # The acts. Each moves the state and sets what the new state needs; who may, letters and money are the services' business.

    def _start_clock(self, deadline: datetime | None) -> None:
        self.deadline_at, self.minutes_left = deadline, None

    def _hold(self, holder: User, until: datetime) -> None:
        self.claimed_by, self.claimed_until = holder, until

    def _close_question(self) -> None:
        self.question, self.asked_fields, self.asked_at, self.answer_due_at = "", [], None, None

    @transition(field=state, source=State.IN_REVIEW, target=State.IN_REVIEW, conditions=[claim_has_run_out])
    @transition(field=state, source=State.SUBMITTED, target=State.IN_REVIEW)
    def claim(self, *, holder: User, until: datetime) -> None:
        self._hold(holder, until)

    @transition(field=state, source=State.IN_REVIEW, target=State.SUBMITTED)
    def release(self) -> None:
        self.claimed_by = self.claimed_until = None

    @transition(field=state, source=State.IN_REVIEW, target=State.WAITING_FOR_BANK)
    def wait_for_bank(self, *, now: datetime, until: date) -> None:
        self.waiting_since, self.wait_until, self.claimed_until = now, until, None

    @transition(field=state, source=State.WAITING_FOR_BANK, target=State.IN_REVIEW)
    def resume(self, *, holder: User, until: datetime) -> None:
        self._hold(holder, until)
        self.waiting_since = self.wait_until = None

    @transition(field=state, source=(State.IN_REVIEW, State.WAITING_FOR_BANK), target=State.NEEDS_INFORMATION)
    def ask_information(self, *, now: datetime, question: str, fields: list[str], due: datetime, minutes_left: int) -> None:
        self.question, self.asked_fields, self.asked_at, self.answer_due_at = question, fields, now, due
        self.deadline_at, self.minutes_left = None, minutes_left
        self.waiting_since = self.wait_until = self.claimed_until = None

    @transition(field=state, source=State.NEEDS_INFORMATION, target=State.IN_REVIEW)
    def answer(self, *, holder: User, until: datetime, deadline: datetime) -> None:
        self._hold(holder, until)
        self._start_clock(deadline)
        self._close_question()

    @transition(field=state, source=State.NEEDS_INFORMATION, target=State.IN_REVIEW)
    def take_back(self, *, holder: User, until: datetime, deadline: datetime) -> None:
        self._hold(holder, until)
        self._start_clock(deadline)
        self._close_question()

    @transition(field=state, source=State.IN_REVIEW, target=State.AWAITING_APPROVAL)
    def request_approval(self, *, now: datetime, preparer: User) -> None:
        self.prepared_by, self.prepared_at, self.claimed_until = preparer, now, None

    @transition(field=state, source=State.AWAITING_APPROVAL, target=State.IN_REVIEW)
    def send_back(self, *, holder: User, until: datetime) -> None:
        self._hold(holder, until)
        self.prepared_by = self.prepared_at = None

    @transition(
        field=state,
        source=(State.IN_REVIEW, State.AWAITING_APPROVAL, State.SUBMITTED, State.WAITING_FOR_BANK),
        target=State.VERIFIED,
    )
    def verify(self, *, now: datetime, signer: User | None) -> None:
        if signer is None and self.state == State.AWAITING_APPROVAL:
            raise TransitionNotAllowed("The program gives no second signature", object=self, method=self.verify)
        if signer is not None and self.state in (State.SUBMITTED, State.WAITING_FOR_BANK):
            raise TransitionNotAllowed("Only an automatic match skips the review", object=self, method=self.verify)
        if signer is not None and self.state == State.AWAITING_APPROVAL and signer.pk == self.prepared_by_id:
            raise TransitionNotAllowed("Who prepared it does not sign it", object=self, method=self.verify)
        self.verified_at, self.claimed_until = now, None
        self.waiting_since = self.wait_until = None

    @transition(field=state, source=(State.IN_REVIEW, State.WAITING_FOR_BANK), target=State.REJECTED)
    def reject(self, *, now: datetime, reason: Reason, twin: Ticket | None) -> None:
        self.rejected_at, self.reason, self.duplicate_of, self.claimed_until = now, reason, twin, None
        self.waiting_since = self.wait_until = None

    @transition(field=state, source=State.REJECTED, target=State.SUBMITTED)
    def resubmit(self, *, now: datetime, deadline: datetime) -> None:
        self.submitted_at = now
        self.reason = self.duplicate_of = self.rejected_at = self.claimed_by = self.claimed_until = None
        self._start_clock(deadline)

    @transition(field=state, source=(State.REJECTED, State.REVERSED), target=State.IN_REVIEW)
    def reopen(self, *, holder: User, until: datetime, deadline: datetime) -> None:
        self.reason = self.duplicate_of = self.rejected_at = self.reversed_at = self.verified_at = None
        self.prepared_by = self.prepared_at = None
        self._hold(holder, until)
        self._start_clock(deadline)

    @transition(field=state, source=(State.SUBMITTED, State.NEEDS_INFORMATION), target=State.WITHDRAWN)
    def withdraw(self, *, now: datetime) -> None:
        self.withdrawn_at, self.claimed_until = now, None
        self._close_question()

    @transition(field=state, source=State.VERIFIED, target=State.REVERSED)
    def reverse(self, *, now: datetime, reason: Reason) -> None:
        self.reversed_at, self.reason = now, reason


class TicketSearch(SearchText):
    """A ticket is found by its number, and by its customer's number and name."""

    ticket = models.OneToOneField(Ticket, primary_key=True, on_delete=models.CASCADE, related_name="search", db_constraint=False)

    class Meta:
        indexes = (search_index("ticket_found"),)


class TicketEvent(models.Model):
    """One step of a ticket's history. Append-only. `note` is for everybody, `internal_note` for staff."""

    # The composite key over merchant and ticket says the same and more; thousands are written at once.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events", db_constraint=False, db_index=False)
    act = models.CharField(max_length=30)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.CharField(max_length=12)
    reason = models.ForeignKey(
        Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    note = models.TextField(blank=True)
    internal_note = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="ticketevent_tenant_key"),)
        indexes = (
            models.Index(fields=("ticket", "id"), name="ticketevent_of_ticket"),
            models.Index(fields=("reason",), name="ticketevent_reason", condition=models.Q(reason__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.act}"
