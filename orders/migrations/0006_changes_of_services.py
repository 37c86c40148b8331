"""A change of a service waits for the order of its next period, and a payment's event remembers what was before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="next_terms",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="serviceevent",
            name="terms",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="serviceevent",
            name="act",
            field=models.CharField(
                choices=[
                    ("made", "Requested"),
                    ("changed", "Changed"),
                    ("planned", "To be changed with the next period"),
                    ("dropped", "Not to be changed after all"),
                    ("billed", "Billed"),
                    ("paid", "Paid"),
                    ("reopened", "Payment taken back"),
                    ("suspended", "Suspended"),
                    ("resumed", "Resumed"),
                    ("ending", "Cancelled for the end of its period"),
                    ("kept", "Kept after all"),
                    ("cancelled", "Cancelled"),
                ],
                max_length=9,
            ),
        ),
    ]
