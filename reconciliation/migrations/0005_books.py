"""What the database itself holds of a closed month, whoever writes; daily closings and stored audits never change."""

from django.db import migrations

from accounts.append_only import AppendOnly

# Whoever writes lines or entries holds this lock shared until the end of the transaction; closing takes it alone. It is tried,
# never waited for: a queue behind who closes could deadlock with people who hold rows that the others need.
CLOSED_UNTIL = """
CREATE FUNCTION concilia_books_lock(merchant bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('concilia.books.' || merchant, 0)
$$;

CREATE FUNCTION concilia_closed_until(merchant bigint) RETURNS date LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(concilia_books_lock(merchant));
    RETURN (SELECT max(p.until) FROM reconciliation_period p WHERE p.merchant_id = merchant AND p.reopened_at IS NULL);
END $$;

CREATE FUNCTION concilia_keep_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one record;
    closed date;
BEGIN
    FOR one IN SELECT merchant_id, min(booked_on) AS day FROM moved GROUP BY merchant_id LOOP
        closed := concilia_closed_until(one.merchant_id);
        IF one.day <= closed THEN
            RAISE EXCEPTION 'the books are closed until %: nothing of % is written or taken away (%)', closed, one.day, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_closed AFTER INSERT ON reconciliation_ledgerentry
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_keep_closed();
CREATE TRIGGER keep_closed AFTER INSERT ON reconciliation_statementline
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_keep_closed();
CREATE TRIGGER keep_closed_lines AFTER DELETE ON reconciliation_statementline
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_keep_closed();
"""

NO_CLOSED_UNTIL = """
DROP TRIGGER keep_closed ON reconciliation_ledgerentry;
DROP TRIGGER keep_closed ON reconciliation_statementline;
DROP TRIGGER keep_closed_lines ON reconciliation_statementline;
DROP FUNCTION concilia_keep_closed();
DROP FUNCTION concilia_closed_until(bigint);
DROP FUNCTION concilia_books_lock(bigint);
"""

# Months are closed one after the other; only the last one can be opened again, once, by a request that a second person signed.
PERIODS = """
CREATE FUNCTION concilia_guard_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT pg_try_advisory_xact_lock(concilia_books_lock(NEW.merchant_id)) THEN
            RAISE EXCEPTION 'somebody is writing in the books just now' USING ERRCODE = 'lock_not_available';
        END IF;
        SELECT max(until) INTO last FROM reconciliation_period WHERE merchant_id = NEW.merchant_id AND reopened_at IS NULL;
        IF NEW.reopened_at IS NULL AND NEW.until = (NEW.month + interval '1 month' - interval '1 day')::date
           AND NEW.after IS NOT DISTINCT FROM last AND (last IS NULL OR NEW.month = last + 1)
        THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.reopened_at IS NULL AND NEW.reopened_at IS NOT NULL
           AND (NEW.id, NEW.merchant_id, NEW.month, NEW.after, NEW.until, NEW.digest, NEW.facts, NEW.note, NEW.closed_by_id, NEW.closed_at)
               IS NOT DISTINCT FROM
               (OLD.id, OLD.merchant_id, OLD.month, OLD.after, OLD.until, OLD.digest, OLD.facts, OLD.note, OLD.closed_by_id, OLD.closed_at)
           AND EXISTS (SELECT 1 FROM reconciliation_reopenrequest r
                        WHERE r.period_id = OLD.id AND r.signed_by_id IS NOT NULL AND NOT r.was_refused)
           AND NOT EXISTS (SELECT 1 FROM reconciliation_period p
                            WHERE p.merchant_id = OLD.merchant_id AND p.reopened_at IS NULL AND p.month > OLD.month)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'months are closed one after the other, and the last one is opened again by two people alone'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_period BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_period
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_period();

CREATE FUNCTION concilia_guard_reopen_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.decided_at IS NULL
       AND (NEW.id, NEW.merchant_id, NEW.period_id, NEW.reason, NEW.requested_by_id, NEW.requested_at)
           = (OLD.id, OLD.merchant_id, OLD.period_id, OLD.reason, OLD.requested_by_id, OLD.requested_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a request to open a month again is decided once, and kept' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_request BEFORE UPDATE OR DELETE ON reconciliation_reopenrequest
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_reopen_request();
"""

NO_PERIODS = """
DROP TRIGGER guard_request ON reconciliation_reopenrequest;
DROP FUNCTION concilia_guard_reopen_request();
DROP TRIGGER guard_period ON reconciliation_period;
DROP FUNCTION concilia_guard_period();
"""

# Lines and entries of some days as one number: what a closed month is compared with for ever after. The columns are named, so
# that a later column changes no digest.
DIGEST = """
CREATE FUNCTION concilia_books_digest(merchant bigint, since date, upto date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(
        COALESCE((SELECT string_agg(sha256(convert_to(concat_ws('|', l.id, l.account_id, l.source, l.booked_on, l.amount, l.currency,
                    l.identity, l.ordinal, l.reference_raw, l.text), 'UTF8')), ''::bytea ORDER BY l.id)
                    FROM reconciliation_statementline l
                   WHERE l.merchant_id = merchant AND l.booked_on <= upto AND (since IS NULL OR l.booked_on > since)), ''::bytea)
        || '/'::bytea ||
        COALESCE((SELECT string_agg(sha256(convert_to(concat_ws('|', e.id, e.customer_id, e.settlement_id, e.booked_on,
                    COALESCE(e.source_line_id, 0), COALESCE(e.source_credit_id, 0), COALESCE(e.source_adjustment_id, 0),
                    COALESCE(e.target_order_id, 0), COALESCE(e.target_credit_id, 0), COALESCE(e.target_adjustment_id, 0),
                    COALESCE(e.target_line_id, 0), e.source_amount, e.source_currency, e.target_amount, e.target_currency,
                    COALESCE(e.rate, 0), COALESCE(e.reverses_id, 0)), 'UTF8')), ''::bytea ORDER BY e.id)
                    FROM reconciliation_ledgerentry e
                   WHERE e.merchant_id = merchant AND e.booked_on <= upto AND (since IS NULL OR e.booked_on > since)), ''::bytea)
    ), 'hex')
$$;
"""

NO_DIGEST = "DROP FUNCTION concilia_books_digest(bigint, date, date);"


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0004_statement_reading"),
        ("accounts", "0002_entry"),
        ("banking", "0002_facts"),
    ]

    operations = [
        AppendOnly("reconciliation_dailyclosing"),
        AppendOnly("reconciliation_auditrun"),
        migrations.RunSQL(CLOSED_UNTIL, NO_CLOSED_UNTIL),
        migrations.RunSQL(PERIODS, NO_PERIODS),
        migrations.RunSQL(DIGEST, NO_DIGEST),
    ]
