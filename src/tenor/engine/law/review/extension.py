"""An organisation's own provisions: read, and laid over a shipped pack and what stands on it.

An extension is a file in the form of a pack with `extends = "NL"` and a name of its own such as
`jurisdiction = "NL+delta"`. From the first day of its rows until their end its provisions take the
place of the shipped ones of the same section and name; before and after, the shipped ones hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tenor.engine.errors import LawError
from tenor.engine.law.library import SECTIONS
from tenor.engine.law.pack import InForce, Pack, Provision
from tenor.engine.law.reading import PackText, read_packs
from tenor.engine.law.review import stricter

_ONE_DAY = timedelta(days=1)
_JOINED = "+"


@dataclass(frozen=True, eq=False)
class Extension:
    """What an organisation adds to a pack: its provisions by section and name, and its cases.

    Where nobody `signed` for it, only what is stricter than the pack holds: a provision that was
    stricter once may be overtaken by a new version of the pack.
    """

    jurisdiction: str
    extends: str
    name: str
    version: str
    own: Mapping[tuple[str, str], Provision]
    cases: tuple[Mapping[str, Any], ...] = ()
    signed: bool = True


def read_extension(text: str, *, place: str, base: Mapping[str, Pack]) -> Extension:
    """Read the file of an extension of one of `base`.

    Raises `LawError` naming `place`, the provision and the remedy: where it is no pack file, where
    it extends no pack that there is, and where it holds more than one pack (regions).
    """
    packs = read_packs(text, place=place, sections=SECTIONS)
    pack = packs[0]
    if len(packs) > 1:
        raise LawError(
            f"{place}: an extension has no [regions]; write one for the region itself, "
            f'with extends = "{packs[1].jurisdiction}"'
        )
    if pack.extends not in base:
        known = ", ".join(sorted(base))
        raise LawError(f"{place}, [pack]: 'extends' is {pack.extends!r}; there are {known}")
    _called(pack, place)
    return Extension(pack.jurisdiction, pack.extends, pack.name, pack.version, pack.own, pack.cases)


def extend(base: Mapping[str, Pack], extensions: Iterable[Extension]) -> dict[str, Pack]:
    """Return the packs of `base` with the extensions laid over them, one a pack at most.

    An extension holds for the pack that it extends and for those that stand on it (one of `US` for
    `US-MA` too). Where such a pack has a provision of its own in place of the extended one, the
    extension's holds only if it is stricter than that one.
    """
    by_pack: dict[str, Extension] = {}
    for extension in extensions:
        if extension.extends in by_pack:
            raise LawError(f"{extension.extends} is extended twice; put both into one extension")
        by_pack[extension.extends] = extension
    return {name: _extended(pack, by_pack) for name, pack in base.items()}


def laid_over(shipped: Provision | None, own: Provision) -> Provision:
    """Return `own` with the rows of `shipped` where `own` says nothing: before it and after it."""
    if shipped is None:
        return own
    first, last = own.rows[0].first, own.rows[-1].last
    before = [_until(row, first) for row in shipped.rows if row.first < first]
    after = (
        []
        if last is None
        else [_from(row, last) for row in shipped.rows if row.last is None or row.last > last]
    )
    return replace(own, rows=(*before, *own.rows, *after))


def _called(pack: PackText, place: str) -> None:
    start, joined, rest = pack.jurisdiction.partition(_JOINED)
    if start != pack.extends or not joined or not rest:
        raise LawError(
            f"{place}, [pack]: 'jurisdiction' is {pack.jurisdiction!r}; an extension is called "
            f'after what it extends, such as "{pack.extends}{_JOINED}own"'
        )


def _extended(pack: Pack, by_pack: Mapping[str, Extension]) -> Pack:
    own: dict[tuple[str, str], Provision] = {}
    versions = []
    # The nearest extension speaks last: one of NL before one of EU.
    for below in reversed(list(pack.lineage)):
        extension = by_pack.get(below.jurisdiction)
        if extension is None:
            continue
        versions.append(f"{extension.jurisdiction} {extension.version}")
        for key, provision in extension.own.items():
            here = own.get(key) or pack.find(*key)
            merged = laid_over(here, provision)
            free = extension.signed and pack.find(*key) is below.find(*key)
            if free or stricter.is_stricter(here, merged):
                own[key] = merged
    if not versions:
        return pack
    return replace(pack, version=", ".join([pack.version, *versions]), parent=pack, own=own)


def _until(row: InForce, first: date) -> InForce:
    end = first - _ONE_DAY
    return replace(row, last=end if row.last is None else min(row.last, end))


def _from(row: InForce, last: date) -> InForce:
    return replace(row, first=max(row.first, last + _ONE_DAY))
