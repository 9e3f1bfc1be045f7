"""The worked cases that a jurisdiction pack carries with it, and those of an extension."""

from collections.abc import Iterable, Mapping
from typing import Any

from tenor.engine.cases.run import Case, Outcome, case_of, run_case
from tenor.engine.law.library import standing_in
from tenor.engine.law.pack import Pack


def cases_of(pack: Pack) -> list[Case]:
    """Return the worked cases of a pack; raises `InputError` where one is not written as a case."""
    return _read(pack.cases, pack.jurisdiction, pack.jurisdiction)


def run_pack(pack: Pack, packs: Mapping[str, Pack]) -> list[Outcome]:
    """Run a pack's own cases; `packs` are those that answer, by jurisdiction."""
    with standing_in(packs):
        return [run_case(case) for case in cases_of(pack)]


def run_extension(
    cases: Iterable[Mapping[str, Any]], *, called: str, extends: str, packs: Mapping[str, Pack]
) -> list[Outcome]:
    """Run the cases of an extension of `extends` on `packs`, those with the extension over them."""
    with standing_in(packs):
        return [run_case(case) for case in _read(cases, called, extends)]


def _read(cases: Iterable[Mapping[str, Any]], called: str, jurisdiction: str) -> list[Case]:
    return [
        # A case of a region names it; all others are about the pack in whose file they stand.
        case_of({"jurisdiction": jurisdiction, **entry}, f"{called}, case {number}")
        for number, entry in enumerate(cases, 1)
    ]
