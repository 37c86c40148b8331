"""Departments, and the conversations that they have with customers: django-helpdesk keeps the words, these say whose they are."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from helpdesk.models import FollowUp, Queue
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.models import Customer, Merchant, User
from files.models import StoredFile
from tickets.models.tickets import Ticket


class Department(models.Model):
    """Whom customers write to: the merchant's own list, each with a queue of helpdesk's (which knows no merchants).

    Two of them the program itself needs: reports of payments belong to `payments`, what names no department goes to `support`.
    """

    PAYMENTS = "payments"
    SUPPORT = "support"
    FIXED = (SUPPORT, PAYMENTS)

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="departments")
    key = models.CharField(max_length=20)
    queue = models.OneToOneField(Queue, on_delete=models.PROTECT, related_name="department")
    name_es = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    # An address of its own that leads into the merchant's mailbox: what is written to it arrives in this department.
    email = models.EmailField(blank=True)
    is_offered = models.BooleanField(default=True)  # whether customers may choose it
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="department_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key"), name="department_key_unique"),
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="department_email_unique"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_es

    @property
    def is_fixed(self) -> bool:
        """Whether the program itself needs it, so that it cannot be switched off."""
        return self.key in self.FIXED


class Rating(models.TextChoices):
    """How the customer was served, in their own judgement."""

    GOOD = "good", pgettext_lazy("rating", "Good")
    FAIR = "fair", pgettext_lazy("rating", "So-so")
    BAD = "bad", pgettext_lazy("rating", "Bad")


class Conversation(models.Model):
    """Messages about one ticket (or about none): ours is the truth about whose it is, helpdesk keeps the words."""

    # Composite keys over merchant and the other column say the same and more, and the indexes below begin with both.
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="conversations", db_constraint=False, db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="conversations", db_constraint=False, db_index=False
    )
    ticket = models.OneToOneField(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="conversation", db_constraint=False
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="conversations", db_constraint=False, db_index=False
    )
    helpdesk_ticket = models.OneToOneField(HelpdeskTicket, on_delete=models.PROTECT, related_name="conversation")
    assigned_to = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    number = models.CharField(max_length=30)
    subject = models.CharField(max_length=200)
    is_open = models.BooleanField(default=True)
    # Whether the last public message is the customer's: somebody of the house owes an answer.
    awaits_us = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(null=True, blank=True)
    rating = models.CharField(max_length=4, choices=Rating, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="conversation_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "number"), name="conversation_number_unique"),
            models.CheckConstraint(
                name="conversation_rating_has_time",
                condition=models.Q(rating="", rated_at__isnull=True) | (~models.Q(rating="") & models.Q(rated_at__isnull=False)),
            ),
        )
        # One for each way in which the desk lists them, each in the order of the list: a page costs the same at any length.
        indexes = (
            models.Index(fields=("merchant", "customer", "-id"), name="conversation_of_customer"),
            models.Index(fields=("merchant", "-changed_at", "-id"), name="conversation_all"),
            models.Index(
                fields=("merchant", "is_open", "-changed_at", "-id"),
                name="conversation_support",
                condition=models.Q(ticket__isnull=True),
            ),
            models.Index(
                fields=("merchant", "-changed_at", "-id"),
                name="conversation_to_answer",
                condition=models.Q(ticket__isnull=True, is_open=True, awaits_us=True),
            ),
            models.Index(
                fields=("merchant", "-changed_at", "-id"),
                name="conversation_of_tickets",
                condition=models.Q(ticket__isnull=False, last_message_at__isnull=False),
            ),
            models.Index(fields=("merchant", "department", "-changed_at", "-id"), name="conversation_by_department"),
            models.Index(
                fields=("merchant", "assigned_to", "-changed_at", "-id"),
                name="conversation_by_person",
                condition=models.Q(assigned_to__isnull=False),
            ),
            models.Index(fields=("merchant", "-rated_at"), name="conversation_rated", condition=models.Q(rated_at__isnull=False)),
        )

    def __str__(self) -> str:
        return self.subject


class Message(models.Model):
    """Who wrote which of helpdesk's follow-ups, and for whom: `is_internal` is for staff alone.

    `team` is `stranger` for a mail that was held: it came with a customer's thread from an address that is none of theirs.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    followup = models.OneToOneField(FollowUp, on_delete=models.PROTECT, related_name="message")
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.CharField(max_length=12)
    is_internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="message_tenant_key"),)
        indexes = (models.Index(fields=("conversation", "-id"), name="message_newest"),)

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.team}"


class Attachment(models.Model):
    """A private file that came with a message."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="attachment_tenant_key"),
            models.UniqueConstraint(fields=("message", "file"), name="attachment_once"),
        )

    def __str__(self) -> str:
        return f"{self.message_id} {self.file_id}"


class ConversationEvent(models.Model):
    """One step of a conversation's history: handed over, given to somebody, closed, opened again, rated. Append-only.

    `source` and `target` are what it was before and after (names of departments and people as they were then). `note` is for
    staff, but for a rating, whose words are the customer's.
    """

    class Act(models.TextChoices):
        MOVE = "move", _("Handed over")
        ASSIGN = "assign", _("Assigned")
        CLOSE = "close", _("Closed")
        REOPEN = "reopen", _("Opened again")
        RATE = "rate", _("Rated")
        LINK = "link", _("Linked")
        UNLINK = "unlink", _("Link removed")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=10, choices=Act)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.CharField(max_length=12)
    source = models.CharField(max_length=150, blank=True)
    target = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="conversationevent_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.act}"


class Topic(models.Model):
    """What a conversation is about: a ticket, or an order (by its number: orders are another room's)."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="topics")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="topics")
    order_number = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="topic_tenant_key"),
            models.UniqueConstraint(fields=("conversation", "ticket"), name="topic_ticket_once"),
            models.UniqueConstraint(
                fields=("conversation", "order_number"), condition=~models.Q(order_number=""), name="topic_order_once"
            ),
            models.CheckConstraint(
                name="topic_is_one_thing",
                condition=models.Q(ticket__isnull=False, order_number="")
                | (models.Q(ticket__isnull=True) & ~models.Q(order_number="")),
            ),
        )
        indexes = (models.Index(fields=("merchant", "order_number"), name="topic_of_order"),)

    def __str__(self) -> str:
        return self.order_number or str(self.ticket_id)


class CannedReply(models.Model):
    """An answer that staff give often, in both languages. Words in braces (`{customer}`) are filled in; nothing else runs."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="canned_replies")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    text_es = models.TextField()
    text_en = models.TextField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="cannedreply_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "name"), name="cannedreply_name_unique"),
        )

    def __str__(self) -> str:
        return self.name
