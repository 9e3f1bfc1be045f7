"""The layouts for window envelopes, from `places.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DEFAULT = "din-b"
_TABLE = Path(__file__).parent / "places.toml"


@dataclass(frozen=True)
class Place:
    """A layout: its key, what people call it, where it comes from, and its measures in mm."""

    key: str
    name: str
    source: str
    countries: tuple[str, ...]
    measures: Mapping[str, Any]

    @property
    def window(self) -> tuple[float, float, float, float]:
        """What shows: x, y, width, height."""
        x, y, width, height = self.measures["window"]
        return x, y, width, height


@cache
def places() -> Mapping[str, Place]:
    """Return the layouts by key."""
    found = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {key: _place(key, row) for key, row in found.items()}


def place_of(country: str, chosen: str = "") -> Place:
    """Return the layout that was chosen, else the one of the sender's country."""
    known = places()
    if chosen in known:
        return known[chosen]
    own = (place for place in known.values() if country.upper() in place.countries)
    return next(own, known[DEFAULT])


def _place(key: str, row: dict[str, Any]) -> Place:
    about = ("name", "source", "countries")
    measures = {name: value for name, value in row.items() if name not in about}
    return Place(key, row["name"], row["source"], tuple(row["countries"]), measures)
