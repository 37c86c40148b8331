"""The tables of tickets, conversations and departments."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import django_fsm
from django.conf import settings
from django.db import migrations, models

import tickets.machine
from accounts.new_tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("files", "0001_initial"),
        ("helpdesk", "0043_fix_on_delete_behaviour"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reasons", to="accounts.merchant"
                    ),
                ),
                ("kind", models.CharField(choices=[("reject", "Rejection"), ("reverse", "Reversal")], max_length=10)),
                ("code", models.CharField(max_length=40)),
                ("name_es", models.CharField(max_length=120)),
                ("name_en", models.CharField(max_length=120)),
                ("advice_es", models.TextField(blank=True)),
                ("advice_en", models.TextField(blank=True)),
                ("staff_name_es", models.CharField(blank=True, max_length=120)),
                ("staff_name_en", models.CharField(blank=True, max_length=120)),
                ("names_twin", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("kind", "position", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reason_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "kind", "code"), name="reason_code_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="accounts.customer"
                    ),
                ),
                ("number", models.CharField(max_length=30)),
                (
                    "state",
                    tickets.machine.GuardedStateField(
                        choices=[
                            ("submitted", "Submitted"),
                            ("in_review", "In review"),
                            ("waiting_for_bank", "Waiting for the bank"),
                            ("needs_information", "Information needed"),
                            ("awaiting_approval", "Second signature"),
                            ("verified", "Verified"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("reversed", "Reversed"),
                        ],
                        default="submitted",
                        max_length=20,
                        protected=True,
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claimed_tickets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("deadline_at", models.DateTimeField(blank=True, null=True)),
                ("minutes_left", models.IntegerField(blank=True, null=True)),
                ("question", models.TextField(blank=True)),
                (
                    "asked_fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("answer_due_at", models.DateTimeField(blank=True, null=True)),
                ("waiting_since", models.DateTimeField(blank=True, null=True)),
                ("wait_until", models.DateField(blank=True, null=True)),
                (
                    "prepared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("prepared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.reason"
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="twins",
                        to="tickets.ticket",
                    ),
                ),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("rejected_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("reversed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "state", "deadline_at"], name="ticket_queue"),
                    models.Index(fields=["merchant", "customer", "-id"], name="ticket_of_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="ticket_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "number"), name="ticket_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deadline_at__isnull", False), ("state", "submitted")),
                            models.Q(("claimed_by__isnull", False), ("state", "in_review")),
                            models.Q(
                                ("state", "waiting_for_bank"), ("wait_until__isnull", False), ("waiting_since__isnull", False)
                            ),
                            models.Q(
                                ("answer_due_at__isnull", False), ("asked_at__isnull", False), ("state", "needs_information")
                            ),
                            models.Q(
                                ("prepared_at__isnull", False), ("prepared_by__isnull", False), ("state", "awaiting_approval")
                            ),
                            models.Q(("state", "verified"), ("verified_at__isnull", False)),
                            models.Q(("reason__isnull", False), ("rejected_at__isnull", False), ("state", "rejected")),
                            models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False)),
                            models.Q(("reversed_at__isnull", False), ("state", "reversed")),
                            _connector="OR",
                        ),
                        name="ticket_state_has_its_facts",
                    ),
                ],
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name="TicketEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="tickets.ticket",
                    ),
                ),
                ("act", models.CharField(max_length=30)),
                ("source", models.CharField(blank=True, max_length=20)),
                ("target", models.CharField(max_length=20)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("team", models.CharField(max_length=12)),
                (
                    "reason",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.reason"
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("internal_note", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["ticket", "id"], name="ticketevent_of_ticket")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="ticketevent_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="departments", to="accounts.merchant"
                    ),
                ),
                ("key", models.CharField(max_length=20)),
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="department", to="helpdesk.queue"
                    ),
                ),
                ("name_es", models.CharField(max_length=60)),
                ("name_en", models.CharField(max_length=60)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("is_offered", models.BooleanField(default=True)),
                ("is_active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ("position", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="department_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key"), name="department_key_unique"),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="department_email_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conversations", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conversations", to="accounts.customer"
                    ),
                ),
                (
                    "ticket",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversation",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conversations", to="tickets.department"
                    ),
                ),
                (
                    "helpdesk_ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conversation", to="helpdesk.ticket"
                    ),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("number", models.CharField(max_length=30)),
                ("subject", models.CharField(max_length=200)),
                ("is_open", models.BooleanField(default=True)),
                ("awaits_us", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_message_at", models.DateTimeField(blank=True, null=True)),
                (
                    "rating",
                    models.CharField(blank=True, choices=[("good", "Good"), ("fair", "So-so"), ("bad", "Bad")], max_length=4),
                ),
                ("rated_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "customer", "-id"], name="conversation_of_customer"),
                    models.Index(fields=["merchant", "-changed_at", "-id"], name="conversation_all"),
                    models.Index(
                        condition=models.Q(("ticket__isnull", True)),
                        fields=["merchant", "is_open", "-changed_at", "-id"],
                        name="conversation_support",
                    ),
                    models.Index(
                        condition=models.Q(("awaits_us", True), ("is_open", True), ("ticket__isnull", True)),
                        fields=["merchant", "-changed_at", "-id"],
                        name="conversation_to_answer",
                    ),
                    models.Index(
                        condition=models.Q(("last_message_at__isnull", False), ("ticket__isnull", False)),
                        fields=["merchant", "-changed_at", "-id"],
                        name="conversation_of_tickets",
                    ),
                    models.Index(fields=["merchant", "department", "-changed_at", "-id"], name="conversation_by_department"),
                    models.Index(
                        condition=models.Q(("assigned_to__isnull", False)),
                        fields=["merchant", "assigned_to", "-changed_at", "-id"],
                        name="conversation_by_person",
                    ),
                    models.Index(
                        condition=models.Q(("rated_at__isnull", False)),
                        fields=["merchant", "-rated_at"],
                        name="conversation_rated",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="conversation_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "number"), name="conversation_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rated_at__isnull", True), ("rating", "")),
                            models.Q(models.Q(("rating", ""), _negated=True), ("rated_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="conversation_rating_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="tickets.conversation"
                    ),
                ),
                (
                    "followup",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="message", to="helpdesk.followup"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("team", models.CharField(max_length=12)),
                ("is_internal", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["conversation", "-id"], name="message_newest")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="message_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="tickets.message"
                    ),
                ),
                ("file", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="attachment_tenant_key"),
                    models.UniqueConstraint(fields=("message", "file"), name="attachment_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversationEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="tickets.conversation"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("move", "Handed over"),
                            ("assign", "Assigned"),
                            ("close", "Closed"),
                            ("reopen", "Opened again"),
                            ("rate", "Rated"),
                            ("link", "Linked"),
                            ("unlink", "Link removed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("team", models.CharField(max_length=12)),
                ("source", models.CharField(blank=True, max_length=150)),
                ("target", models.CharField(blank=True, max_length=150)),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="conversationevent_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="topics", to="tickets.conversation"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="tickets.ticket",
                    ),
                ),
                ("order_number", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["merchant", "order_number"], name="topic_of_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="topic_tenant_key"),
                    models.UniqueConstraint(fields=("conversation", "ticket"), name="topic_ticket_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("order_number", ""), _negated=True),
                        fields=("conversation", "order_number"),
                        name="topic_order_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("order_number", ""), ("ticket__isnull", False)),
                            models.Q(("ticket__isnull", True), models.Q(("order_number", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="topic_is_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="canned_replies", to="accounts.merchant"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.department",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("text_es", models.TextField()),
                ("text_en", models.TextField()),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("name", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="cannedreply_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "name"), name="cannedreply_name_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mailbox", to="accounts.merchant"
                    ),
                ),
                ("address", models.EmailField(max_length=254, unique=True)),
                ("host", models.CharField(max_length=200)),
                ("port", models.PositiveIntegerField(default=993)),
                (
                    "security",
                    models.CharField(
                        choices=[("tls", "TLS (usually port 993)"), ("starttls", "STARTTLS (usually port 143)")],
                        default="tls",
                        max_length=8,
                    ),
                ),
                ("username", models.CharField(max_length=200)),
                ("secret", models.TextField(editable=False)),
                ("folder", models.CharField(default="INBOX", max_length=100)),
                ("is_active", models.BooleanField(default=True)),
                ("uid_validity", models.BigIntegerField(editable=False, null=True)),
                ("last_uid", models.BigIntegerField(default=0, editable=False)),
                ("begins_on", models.DateField(default=django.utils.timezone.localdate, editable=False)),
                ("read_at", models.DateTimeField(editable=False, null=True)),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("failure", models.CharField(blank=True, editable=False, max_length=20)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="mailbox_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="IncomingMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "mailbox",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="tickets.mailbox"),
                ),
                ("key", models.CharField(max_length=64)),
                ("from_email", models.CharField(blank=True, max_length=254)),
                ("from_name", models.CharField(blank=True, max_length=150)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField(blank=True)),
                ("size", models.PositiveIntegerField(default=0)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("posted", "In a conversation"),
                            ("opened", "New conversation"),
                            ("held", "Held"),
                            ("ignored", "Ignored"),
                            ("refused", "Refused"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20)),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="tickets.conversation",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mail",
                        to="tickets.message",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "from_email", "-created_at"], name="incomingmail_by_sender"),
                    models.Index(
                        condition=models.Q(("outcome", "held"), ("settled_at__isnull", True)),
                        fields=["merchant", "-id"],
                        name="incomingmail_to_settle",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="incomingmail_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key"), name="incomingmail_once"),
                ],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
