"""Triggers that make a table append-only, on SQLite and PostgreSQL."""

from typing import Any

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES = """
CREATE OR REPLACE FUNCTION tenor_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION tenor_append_only();
"""


def refuse_changes(connection: Any, table: str) -> None:
    """Let the database refuse every UPDATE and DELETE on `table`."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(_SQLITE.format(table=table, verb=verb))
        elif connection.vendor == "postgresql":
            cursor.execute(_POSTGRES.format(table=table))


def allow_deletes(connection: Any, table: str) -> None:
    """Let rows be deleted again on SQLite: a test database is emptied by deleting."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_DELETE")


def allow_changes(connection: Any, table: str) -> None:
    """Take the refusal away altogether, as somebody with the whole database in hands could."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        elif connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
