"""Neither amount nor rate of a refund changes once it was prepared."""

from django.db import migrations

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
        ("reconciliation", "0010_tolerances"),
    ]

    operations = [
        migrations.RunSQL(WAY, OLD_WAY),
    ]
