"""What the days of accounts add up to, and who names those that changed since: every statement that changes what a sum is made of."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy

# Planned at each call: a plan made for a hundred thousand rows must not serve a single one.
NAME_DAYS = """
CREATE FUNCTION concilia_name_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reconciliation_changedday (merchant_id, account_id, booked_on)
    SELECT DISTINCT merchant_id, account_id, booked_on FROM moved;
    RETURN NULL;
END $$;
CREATE TRIGGER name_days AFTER INSERT ON reconciliation_statementline
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days();
CREATE TRIGGER name_days_of_deleted AFTER DELETE ON reconciliation_statementline
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days();

CREATE FUNCTION concilia_name_days_of_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO reconciliation_changedday (merchant_id, account_id, booked_on)
             SELECT DISTINCT l.merchant_id, l.account_id, l.booked_on
               FROM moved m JOIN reconciliation_statementline l ON l.id = m.line_id';
    RETURN NULL;
END $$;
CREATE TRIGGER name_days AFTER UPDATE ON reconciliation_linebalance
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_lines();
CREATE TRIGGER name_days AFTER INSERT ON reconciliation_lineconfirmation
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_lines();
CREATE TRIGGER name_days_of_deleted AFTER DELETE ON reconciliation_lineconfirmation
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_lines();
CREATE TRIGGER name_days AFTER INSERT ON reconciliation_ignoredline
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_lines();
CREATE TRIGGER name_days_of_changed AFTER UPDATE ON reconciliation_ignoredline
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_lines();

CREATE FUNCTION concilia_name_days_of_returns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO reconciliation_changedday (merchant_id, account_id, booked_on)
             SELECT DISTINCT l.merchant_id, l.account_id, l.booked_on
               FROM moved m JOIN reconciliation_statementline l ON l.id = ANY (ARRAY[m.debit_line_id, m.deposit_line_id])';
    RETURN NULL;
END $$;
CREATE TRIGGER name_days AFTER INSERT ON reconciliation_returneddeposit
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_returns();
CREATE TRIGGER name_days_of_changed AFTER UPDATE ON reconciliation_returneddeposit
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_name_days_of_returns();

-- All that is there is named once; the job adds it up.
INSERT INTO reconciliation_changedday (merchant_id, account_id, booked_on)
SELECT DISTINCT merchant_id, account_id, booked_on FROM reconciliation_statementline;
"""
NAME_NO_DAYS = """
DROP TRIGGER name_days ON reconciliation_statementline;
DROP TRIGGER name_days_of_deleted ON reconciliation_statementline;
DROP TRIGGER name_days ON reconciliation_linebalance;
DROP TRIGGER name_days ON reconciliation_lineconfirmation;
DROP TRIGGER name_days_of_deleted ON reconciliation_lineconfirmation;
DROP TRIGGER name_days ON reconciliation_ignoredline;
DROP TRIGGER name_days_of_changed ON reconciliation_ignoredline;
DROP TRIGGER name_days ON reconciliation_returneddeposit;
DROP TRIGGER name_days_of_changed ON reconciliation_returneddeposit;
DROP FUNCTION concilia_name_days();
DROP FUNCTION concilia_name_days_of_lines();
DROP FUNCTION concilia_name_days_of_returns();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_search"),
        ("banking", "0003_tenancy"),
        ("reconciliation", "0014_balances_of_many_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("booked_on", models.DateField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="changedday_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="DaySum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("booked_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("lines", models.PositiveIntegerField()),
                ("imported", models.PositiveIntegerField()),
                ("with_balance", models.PositiveIntegerField()),
                ("moved", models.DecimalField(decimal_places=4, max_digits=30)),
                ("told", models.DecimalField(decimal_places=4, max_digits=30)),
                ("free_in", models.DecimalField(decimal_places=4, max_digits=30)),
                ("count_in", models.PositiveIntegerField()),
                ("free_out", models.DecimalField(decimal_places=4, max_digits=30)),
                ("count_out", models.PositiveIntegerField()),
                ("by_hand", models.DecimalField(decimal_places=4, max_digits=30)),
                ("count_by_hand", models.PositiveIntegerField()),
                ("arrived", models.PositiveIntegerField()),
                ("waiting", models.PositiveIntegerField()),
                ("waiting_amount", models.DecimalField(decimal_places=4, max_digits=30)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("waiting__gt", 0)), fields=["merchant", "booked_on"], name="daysum_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="daysum_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "account", "booked_on", "currency"), name="daysum_once"),
                ],
            },
        ),
        migrations.RunSQL(NAME_DAYS, NAME_NO_DAYS),
        EnforceTenancy("reconciliation"),
    ]
