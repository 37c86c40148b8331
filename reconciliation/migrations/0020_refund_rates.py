"""A refund may leave a credit in one currency and be paid in another: what was paid, and the dated rate between the two."""

from django.db import migrations, models

KNOWN = """
UPDATE reconciliation_refund SET paid_amount = amount, paid_currency = currency WHERE debit_line_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""

# What was prepared is what is signed: neither amount nor the rate changes behind the first person.
WAY = """
CREATE OR REPLACE FUNCTION concilia_guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.merchant_id, NEW.customer_id, NEW.currency, NEW.made_by_id, NEW.made_at)
           = (OLD.id, OLD.merchant_id, OLD.customer_id, OLD.currency, OLD.made_by_id, OLD.made_at)
       AND (OLD.state = 'to_pay'
            OR (NEW.amount, NEW.paid_amount, NEW.paid_currency, NEW.rate, NEW.rate_date, NEW.rate_source)
               IS NOT DISTINCT FROM (OLD.amount, OLD.paid_amount, OLD.paid_currency, OLD.rate, OLD.rate_date, OLD.rate_source))
       AND (OLD.debit_line_id IS NULL OR NEW.debit_line_id = OLD.debit_line_id)
       AND (OLD.settlement_id IS NULL OR NEW.settlement_id = OLD.settlement_id)
       AND (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (
            ('to_pay', 'waiting'), ('to_pay', 'paid'), ('to_pay', 'dropped'), ('waiting', 'paid'), ('waiting', 'dropped'),
            ('paid', 'reversing'), ('paid', 'reversed'), ('reversing', 'paid'), ('reversing', 'reversed')))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a refund goes its way forward, and is never erased' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
OLD_WAY = """
CREATE OR REPLACE FUNCTION concilia_guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.merchant_id, NEW.customer_id, NEW.currency, NEW.made_by_id, NEW.made_at)
           = (OLD.id, OLD.merchant_id, OLD.customer_id, OLD.currency, OLD.made_by_id, OLD.made_at)
       AND (NEW.amount = OLD.amount OR OLD.state = 'to_pay')
       AND (OLD.debit_line_id IS NULL OR NEW.debit_line_id = OLD.debit_line_id)
       AND (OLD.settlement_id IS NULL OR NEW.settlement_id = OLD.settlement_id)
       AND (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (
            ('to_pay', 'waiting'), ('to_pay', 'paid'), ('to_pay', 'dropped'), ('waiting', 'paid'), ('waiting', 'dropped'),
            ('paid', 'reversing'), ('paid', 'reversed'), ('reversing', 'paid'), ('reversing', 'reversed')))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a refund goes its way forward, and is never erased' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0019_payers"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="paid_amount",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True),
        ),
        migrations.AddField(model_name="refund", name="paid_currency", field=models.CharField(blank=True, max_length=3)),
        migrations.AddField(
            model_name="refund",
            name="rate",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True),
        ),
        migrations.AddField(model_name="refund", name="rate_date", field=models.DateField(blank=True, null=True)),
        migrations.AddField(model_name="refund", name="rate_source", field=models.CharField(blank=True, max_length=20)),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("paid_amount__isnull", True),
                        ("paid_currency", ""),
                        ("rate__isnull", True),
                        ("state__in", ("to_pay", "dropped")),
                    ),
                    models.Q(
                        ("paid_amount", models.F("amount")),
                        ("paid_amount__isnull", False),
                        ("paid_currency", models.F("currency")),
                        ("rate__isnull", True),
                    ),
                    models.Q(
                        ("paid_amount__gt", 0),
                        ("paid_amount__isnull", False),
                        ("rate__gt", 0),
                        ("rate__isnull", False),
                        ("rate_date__isnull", False),
                        models.Q(("paid_currency", ""), _negated=True),
                        models.Q(("paid_currency", models.F("currency")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="refund_says_what_was_paid",
            ),
        ),
        migrations.RunSQL(WAY, OLD_WAY),
    ]
