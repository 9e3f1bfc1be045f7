"""Read what is watched: alarms, the latest readings, what became of what was foretold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tenor.engine.monitoring import Check, Panel, Unit
from tenor.engine.monitoring.calibration import MATURED, Part, reliability
from tenor.engine.monitoring.words import MEANS, STEPS, what_changed
from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Run
from tenor.platform.monitoring.models import Alarm, Look, Reading

# Of a predictor's chances, those of half a year are shown against what came.
_SHOWN = timedelta(days=183)


def watching_turn(organisation: Organisation) -> str:
    """Name the day that is to be looked at: once its plan is done; "" before that."""
    today = clock.today(organisation)
    done = Run.objects.of(organisation).filter(day=today, step=Run.Step.DONE)
    return today.isoformat() if done.exists() else ""


def open_alarms(organisation: Organisation) -> list[Alarm]:
    """Return the alarms that are open, the latest first."""
    return list(Alarm.objects.of(organisation).filter(closed_at=None))


@dataclass(frozen=True)
class Said:
    """An alarm in plain English, for programs: what changed, what it means, the proposed step."""

    changed: str
    means: str
    proposed: str


def in_english(alarm: Alarm) -> Said:
    """Say an alarm in plain English, as the command line does."""
    first = alarm.checks[0]
    shown = Check(
        first["code"], Panel(alarm.panel), first["subject"], Unit(first["unit"]),
        value=first["value"], facts=first["facts"],
    )  # fmt: skip
    return Said(what_changed(shown), MEANS[alarm.means], STEPS[alarm.step])


def closed_alarms(organisation: Organisation, *, limit: int = 20) -> list[Alarm]:
    """Return the alarms that are over, the latest first."""
    return list(Alarm.objects.of(organisation).exclude(closed_at=None)[:limit])


def alarm_numbered(actor: Actor, number: int) -> Alarm:
    """Return an alarm of the actor's organisation, or refuse."""
    found: Alarm = row_for(actor, Alarm, pk=number)
    return found


def last_watched(organisation: Organisation) -> date | None:
    """Return the day on which it was last looked."""
    days = Reading.objects.of(organisation).order_by("-day").values_list("day", flat=True)
    return days.first()


def readings(organisation: Organisation) -> list[Reading]:
    """Return what the checks said on the last day that was looked at."""
    day = last_watched(organisation)
    return list(Reading.objects.of(organisation).filter(day=day)) if day else []


def history(reading: Reading) -> list[tuple[date, float]]:
    """Return the values of a check over time: the weeks before it was kept, then the kept days."""
    kept = Reading.objects.of(reading.organisation_id).filter(
        code=reading.code, subject=reading.subject, day__lte=reading.day
    )
    days = list(kept.exclude(value=None).order_by("day").values_list("day", "value"))
    first = days[0][0] if days else reading.day
    before = [(date.fromisoformat(day), value) for day, value in reading.past]
    return [(day, value) for day, value in before if day < first] + days


def came_true(organisation: Organisation, version: str) -> pl.DataFrame:
    """Return what came of the chances of a predictor, as `calibration.MATURED`."""
    looks = Look.objects.of(organisation).filter(model_version=version)
    rows = [row for came in looks.values_list("came", flat=True) for row in came]
    frame = pl.DataFrame(rows, schema={**MATURED, "instant": pl.String()}, orient="row")
    return frame.with_columns(pl.col("instant").str.to_datetime(time_unit="us", time_zone="UTC"))


def parts_true(organisation: Organisation, version: str) -> Mapping[str, list[Part]]:
    """Return by kind of customer what chances of each size came to; "" is everybody."""
    came = came_true(organisation, version)
    if came.is_empty():
        return {}
    latest = came["instant"].max()
    recent = came.filter(pl.col("instant") >= latest - _SHOWN)  # type: ignore[operator]
    found = {"": list(reliability(recent))}
    for segment in sorted(recent["segment"].unique().to_list()):
        found[segment] = list(reliability(recent.filter(pl.col("segment") == segment)))
    return {name: parts for name, parts in found.items() if parts}
