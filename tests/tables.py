"""What a database says of its tables; as a program: of those that the migrations make.

    python tests/tables.py

Migrates the database of `TENOR_DATABASE_URL` (or a new one in `TENOR_DATA`), refuses where a model
differs from its migrations, and prints its tables as JSON.
"""

import json
import re
from typing import Any

# Made by hand in a migration, for PostgreSQL alone.
_BY_HAND = {"invoice_number_begins", "invoice_key_begins", "contact_point_begins"}
# Django ends a name that it makes up with a digest of the way that led to it.
_MADE_UP = re.compile(r"_[0-9a-f]{6,8}(_|$)|^__|_key$|_pkey$|_fk_|^fk_[0-9]")


def tables_of(database: Any) -> dict[str, Any]:
    """Return of every table of ours its columns, constraints and indexes, as JSON holds them."""
    from django.apps import apps

    ours = tuple(f"{a.label}_" for a in apps.get_app_configs() if a.name.startswith("tenor."))
    found: dict[str, Any] = {}
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            if not table.startswith(ours) or table == "core_cache":
                continue
            columns = database.introspection.get_table_description(cursor, table)
            rules = database.introspection.get_constraints(cursor, table)
            found[table] = {
                "columns": sorted([c.name, str(c.type_code), bool(c.null_ok)] for c in columns),
                "rules": sorted(
                    json.dumps(
                        [
                            rule["columns"], rule["primary_key"], rule["unique"], rule["check"],
                            rule["index"], rule["foreign_key"],
                            "" if _MADE_UP.search(name) else name,
                        ]
                    )
                    for name, rule in rules.items()
                    if name not in _BY_HAND
                ),
            }  # fmt: skip
    return found


def main() -> None:
    """Migrate, check, print."""
    import django

    django.setup()

    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    print(json.dumps(tables_of(connection)))


if __name__ == "__main__":
    main()
