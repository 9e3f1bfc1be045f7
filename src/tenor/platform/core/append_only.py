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

# What may become of an entry all the same: that before and after are emptied, once, and nothing
# else with them. The rest of the row is compared as a whole by its seal, which must not move.
_EMPTIED = """
    NEW."before" IS NULL AND NEW."after" IS NULL AND NEW.salt = ''
    AND OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL
    AND OLD.content <> '' AND NEW.content = OLD.content AND NEW.digest = OLD.digest
    AND NEW.previous = OLD.previous AND NEW.number = OLD.number AND NEW.id = OLD.id
    AND COALESCE(NEW.organisation_id, 0) = COALESCE(OLD.organisation_id, 0)
"""
_SQLITE_EMPTYING = """
CREATE TRIGGER {table}_no_UPDATE BEFORE UPDATE ON {table} WHEN NOT ({emptied})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_EMPTYING = """
CREATE OR REPLACE FUNCTION tenor_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER {table}_append_only BEFORE DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION tenor_append_only();
CREATE TRIGGER {table}_only_emptied BEFORE UPDATE ON {table}
FOR EACH ROW WHEN (NOT ({emptied})) EXECUTE FUNCTION tenor_append_only();
"""


def allow_emptying(connection: Any, table: str) -> None:
    """Let an entry lose before and after, as erasing a person's data needs, and nothing else."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_UPDATE")
            cursor.execute(_SQLITE_EMPTYING.format(table=table, emptied=_EMPTIED))
        elif connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
            cursor.execute(_POSTGRES_EMPTYING.format(table=table, emptied=_EMPTIED))


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
            for name in ("append_only", "only_emptied"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
