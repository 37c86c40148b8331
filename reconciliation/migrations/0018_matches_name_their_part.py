"""A match says which part of a proposal it was; before, the part was written once more to say which match it became."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy

MOVE = "UPDATE reconciliation_match m SET part_id = p.id FROM reconciliation_proposalpart p WHERE p.match_id = m.id"
BACK = "UPDATE reconciliation_proposalpart p SET match_id = m.id FROM reconciliation_match m WHERE m.part_id = p.id"


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0017_offers_end_together"),
    ]

    operations = [
        migrations.AddField(
            model_name="match",
            name="part",
            field=models.OneToOneField(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="match",
                to="reconciliation.proposalpart",
            ),
        ),
        migrations.RunSQL(MOVE, BACK),
        migrations.RemoveConstraint(model_name="proposalpart", name="proposalpart_one_match"),
        migrations.RemoveField(model_name="proposalpart", name="match"),
        EnforceTenancy("reconciliation"),
    ]
