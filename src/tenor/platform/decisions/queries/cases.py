"""One decision, the decisions before it, and every alternative that was weighed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from tenor.engine.calendar import zones_of
from tenor.engine.errors import InputError
from tenor.engine.policy.grid import alternatives
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.decisions.facts import tables, usual
from tenor.platform.decisions.live import live_model, live_policy, model_if_readable, policy_of
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.ledger.models import Customer


@dataclass(frozen=True)
class Cell:
    """One contact that could have been: `gain` over waiting, and the rules that forbid it."""

    channel: str
    tone: str
    day: int
    hour: int
    send_at: datetime
    gain: float
    p_paid: float
    permitted: bool
    rules: Sequence[str]


@dataclass(frozen=True)
class Alternatives:
    """Every contact that the rules know for one customer, for a heat map of day and hour.

    `chosen` is the decision's own cell and `best` the permitted one that gains most; either may
    be missing. `days` are the customer's local dates, the first being the day of the decision.
    """

    cells: Sequence[Cell]
    channels: Sequence[str]
    tones: Sequence[str]
    days: Sequence[date]
    hours: Sequence[int]
    chosen: Cell | None
    best: Cell | None

    def heat(self, channel: str, tone: str) -> list[list[Cell | None]]:
        """Return the map of a channel and tone: a row an hour, a column a day."""
        place = {(c.hour, c.day): c for c in self.cells if (c.channel, c.tone) == (channel, tone)}
        return [[place.get((hour, day)) for day in range(len(self.days))] for hour in self.hours]

    def by_channel_and_tone(self) -> list[dict[str, Any]]:
        """Return the best cell of each channel and tone, permitted ones before the others."""
        best: dict[tuple[str, str], Cell] = {}
        for cell in self.cells:
            known = best.get((cell.channel, cell.tone))
            if known is None or (cell.permitted, cell.gain) > (known.permitted, known.gain):
                best[cell.channel, cell.tone] = cell
        return [
            {"channel": channel, "tone": tone, "cell": cell, "chosen": cell == self.chosen}
            for (channel, tone), cell in sorted(
                best.items(), key=lambda item: (-item[1].permitted, -item[1].gain)
            )
        ]

    def as_data(self) -> dict[str, Any]:
        """Return all of it in terms that JSON holds, for charts."""
        return {
            "channels": list(self.channels),
            "tones": list(self.tones),
            "days": [day.isoformat() for day in self.days],
            "hours": list(self.hours),
            "cells": [
                {
                    "channel": c.channel, "tone": c.tone, "day": c.day, "hour": c.hour,
                    "gain": round(c.gain, 2), "p_paid": round(c.p_paid, 4),
                    "permitted": c.permitted, "rules": list(c.rules),
                    "send_at": c.send_at.isoformat(),
                }
                for c in self.cells
            ],
            "chosen": self.cells.index(self.chosen) if self.chosen else None,
            "best": self.cells.index(self.best) if self.best else None,
        }  # fmt: skip


def decision_for(actor: Actor, number: int) -> Decision:
    """Return a decision of the actor's organisation with its customer and run, or refuse."""
    related = ("customer", "customer__owner", "run", "run__policy", "run__predictor", "decided_by")
    found: Decision = row_for(actor, Decision, related=related, pk=number)
    return found


def zone_of(customer: Customer) -> ZoneInfo:
    """Return the zone that a customer lives in, as the rules see it."""
    place = {"timezone": [customer.timezone or None], "country": [customer.country or None]}
    return ZoneInfo(zones_of(pl.DataFrame(place, schema=dict.fromkeys(place, pl.String)))[0])


def latest_decision(customer: Customer) -> Decision | None:
    """Return the newest decision about a customer."""
    rows = Decision.objects.of(customer.organisation_id).filter(customer=customer)
    found: Decision | None = (
        rows.select_related("run", "customer").order_by("-decided_at", "-pk").first()
    )
    return found


def history_of(customer: Customer, limit: int = 60) -> list[Decision]:
    """Return the decisions about a customer, newest first, each with what people said of it."""
    rows = Decision.objects.of(customer.organisation_id).filter(customer=customer)
    return list(
        rows.select_related("decided_by", "run")
        .prefetch_related("reviews")
        .order_by("-decided_at", "-pk")[:limit]
    )


def alternatives_of(decision: Decision) -> Alternatives | None:
    """Return every contact that was weighed for a decision, on the facts as they were then.

    Nothing where no predictor is in force, no channel is on, or nothing was open at that moment.
    """
    organisation = decision.organisation
    run: Run | None = decision.run
    model = (model_if_readable(run.predictor) if run else None) or live_model(organisation)
    policy = policy_of(organisation, run.policy) if run and run.policy else None
    policy = policy or live_policy(organisation)
    if model is None or not policy.channels:
        return None
    key = decision.customer.key
    try:
        grid = alternatives(
            tables(organisation, decision.decided_at, [key]),
            as_of=decision.decided_at,
            model=model,
            policy=policy,
            customer_id=key,
            population=usual(organisation, run.as_of if run else None),
        )
    except InputError:
        return None
    return _alternatives(grid, decision)


def _alternatives(grid: pl.DataFrame, decision: Decision) -> Alternatives | None:
    names = ("channel", "tone", "day", "hour", "send_at", "gain", "p_paid", "permitted")
    cells = [Cell(*row) for row in grid.select(*names, "removed_by").iter_rows()]
    if not cells:
        return None
    allowed = [cell for cell in cells if cell.permitted]
    today = decision.decided_at.astimezone(zone_of(decision.customer)).date()
    chosen = [
        cell
        for cell in cells
        if (cell.channel, cell.tone, cell.send_at)
        == (decision.channel, decision.tone, decision.send_at)
    ]
    return Alternatives(
        cells=cells,
        channels=grid["channel"].unique().sort().to_list(),
        tones=list(dict.fromkeys(cell.tone for cell in cells)),
        days=[today + timedelta(days=n) for n in range(max(cell.day for cell in cells) + 1)],
        hours=grid["hour"].unique().sort().to_list(),
        chosen=chosen[0] if chosen else None,
        best=max(allowed, key=lambda cell: cell.gain) if allowed else None,
    )
