"""The tables of articles."""

import re

import django.core.validators
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
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="articles", to="accounts.merchant"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=60,
                        validators=[django.core.validators.RegexValidator(re.compile("^[a-z0-9]+(?:-[a-z0-9]+)*\\Z"))],
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("entry", "Getting in"),
                            ("owed", "What you owe"),
                            ("report", "Reporting a payment"),
                            ("tickets", "Following your ticket"),
                            ("account", "Your data and your people"),
                            ("staff", "For the staff"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_hidden", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="article_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key"), name="article_key_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArticleText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
                (
                    "article",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="articles.article"),
                ),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("title", models.CharField(max_length=120)),
                ("summary", models.CharField(blank=True, max_length=240)),
                ("tags", models.CharField(blank=True, max_length=240)),
                ("body", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("author", models.CharField(max_length=150)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="articletext_tenant_key"),
                    models.UniqueConstraint(fields=("article", "language"), name="articletext_once_per_language"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArticleVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
                ("key", models.CharField(max_length=60)),
                ("visitor", models.CharField(max_length=64)),
                ("is_useful", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("voted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="articlevote_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key", "visitor"), name="articlevote_once_per_visitor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArticleViews",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
                ("key", models.CharField(max_length=60)),
                ("slot", models.PositiveSmallIntegerField()),
                ("views", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "article views",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="articleviews_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key", "slot"), name="articleviews_slot_unique"),
                ],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
