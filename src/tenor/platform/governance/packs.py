"""Which pack holds where for an organisation, looked up once for many customers."""

from collections.abc import Callable

from tenor.engine.law.library import jurisdiction_of
from tenor.engine.law.pack import Pack
from tenor.platform.core.models import Organisation
from tenor.platform.governance.law import home_of, law_of


def packs_of(organisation: Organisation) -> Callable[[str], Pack]:
    """Return what gives the pack of a country (empty: not known) for an organisation."""
    packs, home = law_of(organisation), home_of(organisation)
    return lambda country: packs[jurisdiction_of(country) if country else home]
