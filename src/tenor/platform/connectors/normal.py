"""Values as other systems write them, in the form of the contract: 1.234,50 and 31-12-2026."""

import re

import polars as pl

from tenor.engine.frames import TABLES, Type
from tenor.platform.connectors.sheets import Sheet
from tenor.platform.connectors.targets import FEATURE, LEAVE_OUT, PERSONAL, REFERENCE

# Day before month, as all of Europe writes; a day above twelve in the second place tells the
# other order.
_DAY_FIRST = re.compile(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(.*)$")
_LOOKED_AT = 1000
_SIGN = r"^(€|EUR|\$|£)\s*|\s*(€|EUR)$"
_NUMERIC = r"^[-+ ]*\d[\d.,]*$"
# 1.234,50 and 12,5: nobody writes three decimals of money, so that 1,234 is a thousand.
_DECIMAL_COMMA = r"^[-+ ]*\d[\d.]*,(\d{1,2}|\d{4})$"
_THOUSANDS_COMMA = r"^[-+ ]*\d{1,3}(,\d{3})+(\.\d+)?$"
_PERSONAL_PREFIX = "ref_person_"


def normal(sheet: Sheet, table: str, columns: dict[str, str]) -> pl.DataFrame:
    """Return the rows of `sheet` under the contract's column names and in its form.

    Personal columns are called `ref_person_<name>`, so that the engine carries them along and
    never learns from them. The number of rows and their order stay.
    """
    types = {c.name: c.type for c in TABLES[table].columns}
    found: dict[str, pl.Series] = {}
    for column, target in columns.items():
        if target == LEAVE_OUT or column not in sheet.columns:
            continue
        name = name_of(table, column, target)
        values = sheet.frame[column]
        if values.dtype == pl.String:
            values = _written(values, types.get(target))
        found[name] = values.alias(name)
    return pl.DataFrame(found) if found else pl.DataFrame()


def name_of(table: str, column: str, target: str) -> str:
    """Return the name that a file's column has in the contract's table."""
    if target == FEATURE:
        return column
    if target == REFERENCE:
        return column if column.startswith("ref_") else f"ref_{column}"
    return f"{_PERSONAL_PREFIX}{target}" if target in PERSONAL.get(table, ()) else target


def personal_column(name: str) -> str:
    """Return the name under which a person's data travels through the contract's tables."""
    return f"{_PERSONAL_PREFIX}{name}"


def _written(values: pl.Series, wanted: Type | None) -> pl.Series:
    """Rewrite the texts of a column where they are in another form than the contract's."""
    values = values.str.strip_chars()
    if wanted in (Type.DATE, Type.INSTANT):
        return _dates(values)
    if wanted in (Type.AMOUNT, Type.NUMBER):
        return _decimals(values)
    # A free column is a number only where all of it is.
    if wanted is None and values.drop_nulls().str.contains(_NUMERIC).all():
        return _decimals(values)
    return values


def _decimals(values: pl.Series) -> pl.Series:
    """Rewrite the numbers of a column whose commas mean decimals, or thousands; nothing else."""
    plain = values.str.replace_all(_SIGN, "")
    numeric = plain.str.contains(_NUMERIC).fill_null(False)
    if plain.str.contains(_DECIMAL_COMMA).any():
        plain = plain.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    elif plain.str.contains(_THOUSANDS_COMMA).any():
        plain = plain.str.replace_all(",", "", literal=True)
    return plain.zip_with(numeric, values)


def _dates(values: pl.Series) -> pl.Series:
    sample = [m for v in values.drop_nulls().head(_LOOKED_AT) if (m := _DAY_FIRST.match(v))]
    if not sample:
        return values
    month_first = any(int(m[2]) > 12 for m in sample) and not any(int(m[1]) > 12 for m in sample)
    return values.map_elements(lambda v: _iso(v, month_first), return_dtype=pl.String)


def _iso(value: str, month_first: bool) -> str:
    match = _DAY_FIRST.match(value)
    if match is None:
        return value
    day, month = (match[2], match[1]) if month_first else (match[1], match[2])
    rest = match[4].strip()
    written = f"{match[3]}-{int(month):02d}-{int(day):02d}"
    return f"{written}T{rest}" if rest else written
