"""The tables of stored files."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.new_tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "purpose",
                    models.CharField(choices=[("receipt", "Receipt"), ("message", "Attachment of a message")], max_length=10),
                ),
                ("original_name", models.CharField(max_length=200)),
                ("claimed_type", models.CharField(blank=True, max_length=100)),
                ("detected_type", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("perceptual_hash", models.CharField(blank=True, max_length=256)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Being prepared"),
                            ("ready", "Ready"),
                            ("refused", "Refused"),
                            ("erased", "Erased"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("refused_code", models.CharField(blank=True, max_length=30)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("page_count", models.PositiveSmallIntegerField(default=0)),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("raw_name", models.CharField(max_length=200)),
                ("copies_prefix", models.CharField(blank=True, max_length=200)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "sha256"], name="storedfile_same_bytes"),
                    models.Index(condition=models.Q(("state", "received")), fields=["created_at"], name="storedfile_to_prepare"),
                ],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="storedfile_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="PrivacyPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="privacy_policy", to="accounts.merchant"
                    ),
                ),
                ("receipt_months", models.PositiveSmallIntegerField(default=24)),
                ("notice_es", models.TextField(blank=True)),
                ("notice_en", models.TextField(blank=True)),
            ],
            options={
                "verbose_name_plural": "privacy policies",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="privacypolicy_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("receipt_months__range", (1, 240))), name="privacypolicy_months"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FileView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "file",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="views", to="files.storedfile"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="fileview_tenant_key")],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
