"""A merchant's own words in letters."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_setup"),
        ("letters", "0002_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("heading", models.CharField(blank=True, max_length=200)),
                ("opening", models.TextField(blank=True)),
                ("closing", models.TextField(blank=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letter_texts", to="accounts.merchant"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="lettertext_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "kind", "language"), name="lettertext_once"),
                ],
            },
        ),
        EnforceTenancy("letters"),
    ]
