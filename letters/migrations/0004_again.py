"""A letter that was sent once more, and the letters that were given up."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0003_own_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="again_of",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="letters.letter",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("state", "failed")), fields=["merchant", "-id"], name="letter_given_up"),
        ),
        EnforceTenancy("letters"),
    ]
