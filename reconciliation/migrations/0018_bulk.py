"""Writing in bulk: a match may begin as settled, and no key is looked up twice.

Every key into another table of the merchant is held by its composite key; Django's own, which says less, is dropped where rows are
written by thousands.
"""

import django.db.models.deletion
from django.db import migrations, models

# A settled match names its settlement (`match_settled_has_settlement`), and what it takes of its line is checked where the
# line's balance changes: by the entries of that settlement.
GUARD = """
CREATE OR REPLACE FUNCTION concilia_guard_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state IN ('reserved', 'settled') THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.merchant_id, NEW.transfer_id, NEW.line_id, NEW.amount)
           = (OLD.id, OLD.merchant_id, OLD.transfer_id, OLD.line_id, OLD.amount)
       AND (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (('reserved', 'settled'), ('reserved', 'released'), ('settled', 'released')))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a match is reserved, then settled or released, and nothing else of it changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0017_keys_of_many_lines")]

    operations = [
        migrations.RunSQL(GUARD, GUARD.replace("IN ('reserved', 'settled')", "= 'reserved'")),
        migrations.AlterField(
            model_name="ledgerentry",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ledger_entries",
                to="accounts.customer",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="settlement",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="reconciliation.settlement",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="source_adjustment",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_out",
                to="reconciliation.adjustment",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="source_credit",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_out",
                to="reconciliation.creditbalance",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="source_line",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_out",
                to="reconciliation.statementline",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="target_adjustment",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_in",
                to="reconciliation.adjustment",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="target_credit",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_in",
                to="reconciliation.creditbalance",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="target_line",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_in",
                to="reconciliation.statementline",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="target_order",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries_in",
                to="orders.order",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="line",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="reconciliation.statementline",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="settlement",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="reconciliation.settlement",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="transfer",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="reports.transfer"
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="account",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.receivingaccount"
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="reconciliation.matchrun",
            ),
        ),
        migrations.AlterField(
            model_name="proposalpart",
            name="line",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposal_parts",
                to="reconciliation.statementline",
            ),
        ),
        migrations.AlterField(
            model_name="proposalpart",
            name="match",
            field=models.OneToOneField(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposal_part",
                to="reconciliation.match",
            ),
        ),
        migrations.AlterField(
            model_name="proposalpart",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="proposalpart",
            name="proposal",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parts",
                to="reconciliation.proposal",
            ),
        ),
        migrations.AlterField(
            model_name="proposalpart",
            name="transfer",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposal_parts",
                to="reports.transfer",
            ),
        ),
        migrations.AlterField(
            model_name="settlement",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="settlements",
                to="accounts.customer",
            ),
        ),
        migrations.AlterField(
            model_name="settlement",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="settlement",
            name="ticket",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="settlements",
                to="tickets.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="settlement",
            name="transfer",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="settlements",
                to="reports.transfer",
            ),
        ),
    ]
