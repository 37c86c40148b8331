"""Triggers that keep a `SearchText`, as an operation of a migration, and what is mended each night."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.migrations.operations import RunSQL

# `unaccent` is declared stable because its rules can be replaced; ours are those that it comes with. The names are written with
# their schema: a restored dump has no search path.
FOLD = RunSQL(
    """
    CREATE FUNCTION public.concilia_fold(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    BEGIN
        RETURN lower(public.unaccent('public.unaccent'::regdictionary, words));
    END $$
    """,
    "DROP FUNCTION public.concilia_fold(text)",
)

FILL = """
INSERT INTO {table}search ({key}, merchant_id, text) SELECT r.id, r.merchant_id, {words} FROM {table} r{join}
 WHERE NOT EXISTS (SELECT 1 FROM {table}search s WHERE s.{key} = r.id);
"""
# Statement-level where rows come, so that ten thousand of them cost one INSERT. Plans are made once: one made while the tables
# were empty would read all of them each time.
KEEP = """
CREATE FUNCTION concilia_{table}_found() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM {table}search WHERE {key} = OLD.id;
        RETURN OLD;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO {table}search ({key}, merchant_id, text) SELECT r.id, r.merchant_id, {words} FROM fresh r{join};
    ELSE
        UPDATE {table}search s SET text = {words} FROM {table} r{join} WHERE r.id = NEW.id AND s.{key} = r.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER found_from_now AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION concilia_{table}_found();
CREATE TRIGGER found_by_change AFTER UPDATE OF {columns} ON {table} FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION concilia_{table}_found();
-- For who deletes without knowing of this table: the version before, which still runs while this one arrives.
CREATE TRIGGER found_no_more BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION concilia_{table}_found();
"""
FORGET = """
DROP TRIGGER found_no_more ON {table};
DROP TRIGGER found_from_now ON {table};
DROP TRIGGER found_by_change ON {table};
DROP FUNCTION concilia_{table}_found();
"""
FOLLOW = """
CREATE FUNCTION concilia_{table}_follow() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    UPDATE {table}search s SET text = {words} FROM {table} r{join}
     WHERE r.merchant_id = NEW.merchant_id AND r.customer_id = NEW.id AND s.{key} = r.id;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_follow AFTER UPDATE OF number, name ON accounts_customer FOR EACH ROW
    WHEN ((OLD.number, OLD.name) IS DISTINCT FROM (NEW.number, NEW.name)) EXECUTE FUNCTION concilia_{table}_follow();
"""
LEAVE = """
DROP TRIGGER {table}_follow ON accounts_customer;
DROP FUNCTION concilia_{table}_follow();
"""


def fill_and_keep(table: str, key: str, columns: Sequence[str], *, of_customer: bool = False) -> tuple[RunSQL, RunSQL]:
    """Operations for the table of `SearchText` beside `table`: by these columns, and by its customer's number and name too.

    The first fills it; the index is made after it. The second keeps it from then on, and adds what came meanwhile: writers wait
    for that alone.
    """
    changing = [*columns, "customer_id"] if of_customer else list(columns)
    names = {
        "table": table,
        "key": key,
        "words": _words(columns, of_customer=of_customer),
        "join": " JOIN accounts_customer c ON c.id = r.customer_id" if of_customer else "",
        "columns": ", ".join(changing),
        "old": ", ".join(f"OLD.{column}" for column in changing),
        "new": ", ".join(f"NEW.{column}" for column in changing),
    }
    keep, forget = (KEEP + FOLLOW, LEAVE + FORGET) if of_customer else (KEEP, FORGET)
    fill = FILL.format(**names)
    return RunSQL(fill, RunSQL.noop), RunSQL(keep.format(**names) + fill, forget.format(**names))


def _words(columns: Sequence[str], *, of_customer: bool) -> str:
    found = [f"r.{column}" for column in columns] + (["c.number", "c.name"] if of_customer else [])
    return f"public.concilia_fold(concat_ws(' ', '', {', '.join(found)}))"


MEND = """
UPDATE {table}search s SET text = {words} FROM {table} r JOIN accounts_customer c ON c.id = r.customer_id
 WHERE s.{key} = r.id AND r.{made} > now() - interval '8 days' AND s.text <> {words}
"""


def mend_words(table: str, key: str, columns: Sequence[str], *, made: str) -> int:
    """Give what was `made` these days the words of its customer as they are now; how many rows had others.

    A row that is made in the moment in which its customer is renamed is not seen by the trigger of the renaming.
    """
    with connection.cursor() as cursor:
        cursor.execute(MEND.format(table=table, key=key, made=made, words=_words(columns, of_customer=True)))
        return int(cursor.rowcount)
