"""The packs that ship with Tenor, and which of them holds for whom."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources

from tenor.engine.errors import LawError
from tenor.engine.law.contact.actors import read_actor_rule
from tenor.engine.law.contact.caps import read_cap
from tenor.engine.law.contact.channels import read_channel_rule
from tenor.engine.law.contact.replies import read_words
from tenor.engine.law.contact.windows import read_window
from tenor.engine.law.days import read_holidays
from tenor.engine.law.escalation import read_escalation
from tenor.engine.law.holds import read_holds
from tenor.engine.law.letters.contents import read_contents
from tenor.engine.law.letters.notice_rules import read_notices
from tenor.engine.law.letters.receipt import read_receipt
from tenor.engine.law.money.allocation import read_allocation
from tenor.engine.law.money.cost_rules import read_costs
from tenor.engine.law.money.default import read_default
from tenor.engine.law.money.limitation import read_limitation
from tenor.engine.law.money.rates import read_interest
from tenor.engine.law.money.terms import read_terms
from tenor.engine.law.pack import Pack
from tenor.engine.law.reading import PackText, Reader, read_packs
from tenor.engine.law.rights.ai import read_ai
from tenor.engine.law.rights.fairness import read_fairness
from tenor.engine.law.rights.registers import read_registers
from tenor.engine.law.rights.retention import read_retention
from tenor.engine.law.rights.rights import read_rights
from tenor.engine.law.rights.tracking import read_tracking

NONE = "none"
EU = "EU"
# Where no pack of its own is shipped, the Union's frame still holds.
_UNION = frozenset(
    country
    for line in (
        "AT BE BG HR CY CZ DK EE FI FR DE GR EL HU",
        "IE IT LV LT LU MT NL PL PT RO SK SI ES SE",
    )
    for country in line.split()
)
_ALIASES = {"GB": "UK"}
# What answers in place of the shipped packs: see `standing_in`.
_IN_PLACE: ContextVar[Mapping[str, Pack] | None] = ContextVar("packs in place", default=None)

# Every section a pack may have, and how its values are read.
SECTIONS: Mapping[str, Reader] = {
    "costs": read_costs,
    "interest": read_interest,
    "default": read_default,
    "terms": read_terms,
    "limitation": read_limitation,
    "allocation": read_allocation,
    "holidays": read_holidays,
    "holds": read_holds,
    "contents": read_contents,
    "escalation": read_escalation,
    "notices": read_notices,
    "receipt": read_receipt,
    "retention": read_retention,
    "rights": read_rights,
    "tracking": read_tracking,
    "ai": read_ai,
    "fairness": read_fairness,
    "registers": read_registers,
    "windows": read_window,
    "caps": read_cap,
    "replies": read_words,
    "channels": read_channel_rule,
    "actors": read_actor_rule,
}


@cache
def shipped() -> Mapping[str, Pack]:
    """Return every shipped pack by jurisdiction; raises `LawError` where one cannot be loaded."""
    return stand(shipped_texts())


@cache
def shipped_texts() -> tuple[PackText, ...]:
    """Return the shipped packs as they stand in their files, in order of the files' names."""
    folder = resources.files("tenor.engine.law") / "packs"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(
        pack
        for file in files
        for pack in read_packs(file.read_text(encoding="utf-8"), place=file.name, sections=SECTIONS)
    )


@contextmanager
def standing_in(packs: Mapping[str, Pack]) -> Iterator[None]:
    """Let `pack_of` answer from `packs` within the block: worked cases on packs not shipped."""
    token = _IN_PLACE.set(packs)
    try:
        yield
    finally:
        _IN_PLACE.reset(token)


def stand(texts: Iterable[PackText], base: Mapping[str, Pack] | None = None) -> dict[str, Pack]:
    """Put packs on their parents, in whatever order they come; `base` are packs that stand."""
    packs = dict(base or {})
    waiting = list(texts)
    while waiting:
        ready = [t for t in waiting if not t.extends or t.extends in packs]
        if not ready:
            first = waiting[0]
            raise LawError(f"{first.jurisdiction}: there is no pack {first.extends!r} to stand on")
        for text in ready:
            packs[text.jurisdiction] = _standing(text, packs.get(text.extends))
            waiting.remove(text)
    return packs


def _standing(text: PackText, parent: Pack | None) -> Pack:
    return Pack(
        jurisdiction=text.jurisdiction,
        name=text.name,
        version=text.version,
        reviewed_on=text.reviewed_on,
        currency=text.currency or (parent.currency if parent else ""),
        calendar=text.calendar or (parent.calendar if parent else ""),
        parent=parent,
        own=text.own,
        cases=text.cases,
    )


def jurisdiction_of(country: str | None, region: str | None = None) -> str:
    """Return the jurisdiction of a place: its region's pack, its country's, the Union's, or `none`.

    `country` is ISO 3166-1 alpha-2, or a jurisdiction as a whole (`US-MA`); `region` stands with or
    without it in front (`MA`, `US-MA`); both may be unknown. An unknown region falls back to its
    country.
    """
    code, _, part = (country or "").upper().partition("-")
    code = _ALIASES.get(code, code)
    place = (region or part).upper().removeprefix(f"{code}-")
    known = shipped()
    while place:
        if f"{code}-{place}" in known:
            return f"{code}-{place}"
        place = place.rpartition("-")[0]
    if code in known and code != EU:
        return code
    if code not in _UNION:
        return NONE
    # A country may have rules of its own in the Union's pack.
    return f"{EU}-{code}" if f"{EU}-{code}" in known else EU


@lru_cache(maxsize=512)
def resting_in(pack: Pack, country: str | None) -> Pack:
    """Return a pack with the holidays of `country` (ISO 3166-1), where it has no calendar itself.

    A pack for many countries knows that holidays are quiet, and not which days they are.
    """
    code = (country or "").upper().partition("-")[0]
    return replace(pack, calendar=code) if code and not pack.calendar else pack


def pack_of(jurisdiction: str) -> Pack:
    """Return a shipped pack by its name, in any case; raises `LawError` naming those there are."""
    known = _IN_PLACE.get() or shipped()
    by_name = {name.upper(): name for name in known} | {"GB": "UK"}
    name = by_name.get(jurisdiction.strip().upper())
    if name is None:
        names = ", ".join(sorted(known))
        raise LawError(f"there is no pack for {jurisdiction!r}; there are {names}")
    return known[name]
