"""Migration operations for tables whose rows never change: the database itself refuses UPDATE and DELETE."""

from __future__ import annotations

from django.db.migrations.operations import RunSQL

FUNCTION = """
CREATE OR REPLACE FUNCTION concilia_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted (%)', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class AppendOnly(RunSQL):
    """Refuse `acts` (default UPDATE and DELETE) on every row of `table`, also to the owner of the table."""

    def __init__(self, table: str, acts: str = "UPDATE OR DELETE") -> None:
        self.table, self.acts = table, acts
        super().__init__(
            FUNCTION + f"CREATE TRIGGER append_only BEFORE {acts} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION concilia_refuse_change();",
            f"DROP TRIGGER append_only ON {table};",
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return (self.__class__.__name__, [self.table, self.acts], {})
