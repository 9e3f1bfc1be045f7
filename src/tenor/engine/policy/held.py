"""Holds as the law reads them: what each stops, and until when.

An event `hold_started` may carry the code of its hold (`detail.code`, a name of section `holds` of
the packs). A hold without a code stops everything; one that stops only some steps (pressure, trying
out, a hand-over) leaves the others free.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.law import holds
from tenor.engine.law.case import Hold
from tenor.engine.law.holds import Step
from tenor.engine.law.pack import Pack
from tenor.engine.policy.situation import Situation, detail_date, local_dates, standing

_ALL = frozenset(map(str, Step))


@dataclass(frozen=True)
class Held:
    """One hold that is on: the rows of its invoice and customer, and what it stops until when.

    `stops` are steps of the law; `channel` is the one that it shuts (None: it shuts no single
    channel; "": every channel). `last` is its last day, None where no end is known.
    """

    invoice: int
    row: int
    stops: frozenset[str]
    channel: str | None
    last: date | None

    @property
    def silences(self) -> bool:
        """Say whether nothing may be asked for while it is on."""
        return Step.CONTACT in self.stops or Step.DEMAND in self.stops


def holds_on(situation: Situation) -> Iterator[Held]:
    """Go through the holds that are on today, one for each invoice that a hold covers."""
    found = standing(situation, Kind.HOLD_STARTED)
    if found.is_empty():
        return
    said = {name: found["detail"].str.json_path_match(f"$.{name}") for name in ("code", "channel")}
    columns = (
        found["invoice"], found["row"], said["code"], said["channel"],
        local_dates(situation, found), detail_date(found, "until"),
        pl.Series(situation.today).gather(found["row"]).cast(pl.Date),
    )  # fmt: skip
    for invoice, row, code, channel, since, until, today in zip(*columns, strict=True):
        last = until
        stops, narrow = _ALL, False
        if code:
            pack = situation.law.packs[situation.law.group[row]]
            stops, narrow = _meaning(pack, code, today)
            last = holds.ends_on(pack, Hold(code, since, until))
        if last is None or last >= today:
            yield Held(invoice, row, stops, (channel or "") if narrow else None, last)


@lru_cache(maxsize=1024)
def _meaning(pack: Pack, code: str, day: date) -> tuple[frozenset[str], bool]:
    """Return the steps that a hold stops, and whether it stops contact on one channel alone."""
    stopped = holds.effects(pack, day, [Hold(code, day)])
    steps = {name.partition(".")[0] if name.endswith(".*") else name for name in stopped}
    narrow = any(name.endswith(".*") for name in stopped)
    return frozenset(steps - {str(Step.CONTACT)} if narrow else steps), narrow
