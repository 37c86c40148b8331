import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_tenancy"),
    ]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="until_revision",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Reverse("reference"), name="text_pattern_ops"
                ),
                condition=models.Q(("reference", ""), _negated=True),
                name="transfer_reference_end",
            ),
        ),
    ]
