"""What a pack says on a day, provision by provision, as a person reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tenor.engine.law.pack import InForce, Pack, Provision
from tenor.engine.law.review.said import NOTHING, name_of, say


@dataclass(frozen=True)
class Shown:
    """One provision on a day.

    `row` is what is in force then (None: nothing), `values` what it says as names and words,
    `inherited_from` the pack that says it where it is not this one, `changes_on` the next day on
    which it says something else.
    """

    provision: Provision
    row: InForce | None
    values: tuple[tuple[str, str], ...]
    inherited_from: str
    changes_on: date | None

    @property
    def words(self) -> str:
        """Return the values in one line."""
        if self.row is None:
            return "nothing on this day"
        if self.row.says is None:
            return "not known: it was looked for and not found"
        return "; ".join(f"{name} {value}" for name, value in self.values) or NOTHING


def show(pack: Pack, day: date, section: str | None = None) -> Iterator[Shown]:
    """Go through the provisions of a pack, inherited ones included, in order of section and name.

    `section` leaves out the others.
    """
    for (there, _name), provision in sorted(pack.provisions.items()):
        if section is None or there == section:
            yield _shown(pack, provision, day)


def values_of(row: InForce) -> tuple[tuple[str, str], ...]:
    """Return the values of a row as the file has them: names and words."""
    return tuple((name_of(key), say(value)) for key, value in row.written.items())


def sections_of(pack: Pack) -> list[str]:
    """Return the sections in which a pack says something, in order of name."""
    return sorted({section for section, _name in pack.provisions})


def _shown(pack: Pack, provision: Provision, day: date) -> Shown:
    row = provision.on(day)
    here = provision.jurisdiction.partition("+")[0] == pack.jurisdiction
    return Shown(
        provision=provision,
        row=row,
        values=values_of(row) if row is not None and row.says is not None else (),
        inherited_from="" if here else provision.jurisdiction,
        changes_on=provision.next_change(day),
    )
