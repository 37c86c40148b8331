"""Count the children started for a file, so that none is tried for ever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0002_tenancy")]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(
                condition=models.Q(state="received"),
                fields=["created_at"],
                name="storedfile_to_prepare",
            ),
        ),
    ]
