"""The law as it holds for an organisation: the shipped packs, and what it adds to them."""

from collections.abc import Mapping
from functools import lru_cache

from tenor.engine.law.extension import Extension, extend, read_extension
from tenor.engine.law.library import jurisdiction_of, shipped
from tenor.engine.law.pack import Pack
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.models import LawExtension


def law_of(organisation: Organisation) -> Mapping[str, Pack]:
    """Return every pack as it holds for an organisation, by jurisdiction."""
    return packs_with(tuple(row.text for row in live_extensions(organisation)))


def pack_for(organisation: Organisation, country: str | None, region: str | None = None) -> Pack:
    """Return what holds for somebody at a place; without a country, what holds at home."""
    place = jurisdiction_of(country, region) if country else home_of(organisation)
    return law_of(organisation)[place]


def home_of(organisation: Organisation) -> str:
    """Return the jurisdiction that holds where nothing is said of a place."""
    chosen = preferences_of(organisation).jurisdiction
    return chosen if chosen in shipped() else jurisdiction_of(organisation.country)


def live_extensions(organisation: Organisation) -> list[LawExtension]:
    """Return the extensions in force, one a pack at most."""
    live = LawExtension.State.LIVE
    rows = LawExtension.objects.of(organisation).filter(state=live)
    return list(rows.select_related("drafted_by", "decided_by").order_by("jurisdiction"))


def extension_of(text: str) -> Extension:
    """Read an extension of a shipped pack; raises `LawError` with place and remedy."""
    return read_extension(text, place="extension", base=shipped())


@lru_cache(maxsize=64)
def packs_with(texts: tuple[str, ...]) -> Mapping[str, Pack]:
    """Return the shipped packs with extensions over them; kept by their texts."""
    return extend(shipped(), map(extension_of, texts)) if texts else shipped()
