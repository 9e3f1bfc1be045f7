"""The lines of an address as they stand in the window of an envelope."""

from collections.abc import Sequence

import pycountry

# Sorting machines read six or seven lines; more do not show in a window.
MOST_LINES = 7


def envelope(lines: Sequence[str], *, name: str, country: str, home: str) -> tuple[str, ...]:
    """Return the address of somebody in `country` for a letter that is posted in `home`.

    The name comes first where the lines do not have it. Mail abroad ends with the country, in
    capitals and in a language that every post office reads; a code of the country that books keep
    as a last line is left out. An empty address stays empty.
    """
    found = [" ".join(line.split()) for line in lines]
    found = [line for line in found if line]
    if country and found and found[-1].upper() == country.upper():
        found.pop()
    if not found:
        return ()
    if name and not any(_same(name, line) for line in found):
        found.insert(0, " ".join(name.split()))
    abroad = country_line(country) if country and country != home else ""
    if abroad and found[-1].casefold() != abroad.casefold():
        found.append(abroad)
    return tuple(found)


def country_line(code: str) -> str:
    """Return a country as the last line of an address: "GERMANY"; unknown codes give nothing."""
    found = pycountry.countries.get(alpha_2=code.upper()) if code else None
    if found is None:
        return ""
    name: str = getattr(found, "common_name", "") or found.name
    return name.partition(",")[0].upper()


def _same(name: str, line: str) -> bool:
    """Say whether a line of an address names the customer, whatever stands before or behind."""
    return " ".join(name.split()).casefold() in line.casefold()
