"""Weigh a request for erasure against what the law keeps: a line for each kind of record."""

from dataclasses import dataclass
from datetime import date

from tenor.engine.law.rights.retention import Fate, erasure
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding
from tenor.platform.ledger import privacy as ledger
from tenor.platform.ledger.holding import packs_of
from tenor.platform.ledger.models import Customer
from tenor.platform.privacy.holders import holdings


@dataclass(frozen=True)
class Line:
    """What becomes of one kind of record: erased now, or kept until a day for a reason.

    `until` is the last day; None of a kept one: until the claim is settled.
    """

    app: str
    part: str
    record: str
    year: int | None
    count: int
    erased: bool
    until: date | None
    rule: str
    source: str
    why: str

    def as_json(self) -> dict[str, object]:
        """Return the line as it is kept with the request."""
        return {
            "record": self.record, "year": self.year, "count": self.count, "erased": self.erased,
            "until": self.until.isoformat() if self.until else None, "rule": self.rule,
            "source": self.source, "why": self.why,
        }  # fmt: skip


def lines_of(organisation: Organisation, customer: Customer) -> list[Line]:
    """Say what erasure would do today with all that is held about a customer."""
    owing = ledger.owes(organisation, customer.key)
    return [
        _line_of(organisation, customer, app, one, owing=owing)
        for app, one in holdings(organisation, customer.key)
    ]


def _line_of(
    organisation: Organisation, customer: Customer, app: str, one: Holding, *, owing: bool
) -> Line:
    """Say what erasure does with one kind of record; an open claim keeps what it may need."""
    pack = packs_of(organisation)(customer.country)
    # Books of a year are about a claim where something of that year is owed.
    claim = one.is_claim if one.year is not None and app == "ledger" else owing
    found = erasure(pack, clock.today(organisation), one.record, one.since, open_claim=claim)
    reason = found.reasons[0] if found.reasons else None
    return Line(
        app=app,
        part=one.part,
        record=one.record,
        year=one.year,
        count=one.count,
        erased=found.fate is Fate.ERASE,
        # While a claim keeps it, the day on which a duty ends too says nothing yet.
        until=None if reason and reason.code == "LEGAL_CLAIM" else found.until,
        rule=reason.rule if reason else "",
        source=reason.source if reason else "",
        why=reason.text if reason else "",
    )
