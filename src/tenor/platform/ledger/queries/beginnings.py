"""Find rows by the beginning of a text, in the way that an index of each database serves."""

from typing import Any

from django.db import connection
from django.db.models import Q

# Sorts behind every letter: the end of all that begins alike.
_LAST = "\U0010ffff"


def numbers_beginning(rows: Any, *fields: str, text: str, most: int) -> list[int]:
    """Return the numbers of up to `most` rows in which one of `fields` begins with `text`.

    As it was typed, in capitals and in small letters: an index knows no more than these.
    """
    found: dict[int, None] = {}
    for field in fields:
        for written in dict.fromkeys((text, text.upper(), text.lower())):
            some = rows.filter(_begins(field, written)).order_by().values_list("pk", flat=True)
            found |= dict.fromkeys(some[: most - len(found)])
            if len(found) >= most:
                return list(found)
    return list(found)


def _begins(field: str, text: str) -> Q:
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": text})
    # SQLite compares byte by byte, and serves no LIKE with an escape from an index.
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + _LAST})
