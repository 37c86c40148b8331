"""The tables of letters."""

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
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="accounts.customer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("about", models.CharField(max_length=60)),
                ("occasion", models.CharField(max_length=60)),
                ("to_email", models.EmailField(max_length=254)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("context", models.JSONField(default=dict)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("is_secret", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")], default="queued", max_length=6
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "again_of",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="letters.letter",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "queued")), fields=["state", "id"], name="letter_waiting"),
                    models.Index(fields=["merchant", "customer", "-id"], name="letter_of_customer"),
                    models.Index(condition=models.Q(("state", "failed")), fields=["merchant", "-id"], name="letter_given_up"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="letter_tenant_key"),
                    models.UniqueConstraint(fields=("kind", "about", "occasion", "to_email"), name="letter_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="letter_sent_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letter_texts", to="accounts.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("heading", models.CharField(blank=True, max_length=200)),
                ("opening", models.TextField(blank=True)),
                ("closing", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="lettertext_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "kind", "language"), name="lettertext_once"),
                ],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
