"""Learning: whether what was learned still holds, as the screen of health shows it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from ninja import Field

from tenor.platform.api.door import Door
from tenor.platform.api.guard import Caller, reading
from tenor.platform.api.values import Moment, Shown
from tenor.platform.core.roles import Scope
from tenor.platform.governance.queries import live_predictor
from tenor.platform.governance.switches import switches
from tenor.platform.monitoring import queries

door = Door(tags=["learning"])

# Which checks stand in which panel.
_PANELS = {
    "facts": ("freshness", "quality"),
    "accuracy": ("accuracy", "effect", "world"),
    "drift": ("drift",),
    "outcomes": ("outcomes",),
}


class HealthAlarm(Shown):
    """Something that changed and matters; it closes by itself when it is over."""

    key: str = Field(description="The same as long as it is the same trouble.")
    panel: str = Field(
        description="freshness, quality, drift, accuracy, effect, outcomes or world."
    )
    changed: str = Field(description="What changed, in English.")
    means: str = Field(description="What that means, in English.")
    step: str = Field(
        description="look_at_import, fall_back, refit, widen_review or compare.",
        examples=["look_at_import"],
    )
    proposed: str = Field(description="The proposed step, in English.")
    since: date | None = None
    years: float = Field(description="Chance alone brings this once in so many years at most.")
    opened_at: Moment
    seen_at: Moment = Field(description="When it was last seen.")
    fell_back_at: Moment | None = Field(
        None, description="Tenor turned the predictor off by itself because of it."
    )
    acknowledged_at: Moment | None = None
    note: str = Field("", description="What people found.")


class HealthReading(Shown):
    """What a check said on the last day that was looked at."""

    code: str = Field(examples=["volume"])
    subject: str = Field(examples=["payments"])
    unit: str = Field(description="share, count, days, times, points, money or index.")
    value: float | None = None
    low: float | None = Field(None, description="It usually lies between `low` and `high`.")
    high: float | None = None
    state: str = Field(description="well, watch, alarm or unknown: too early to tell.")
    since: date | None = Field(None, description="Where it alarms: since when it is so.")


class ChancesShown(Shown):
    """Chances of about the same size, and what came of them within 30 days."""

    foretold: float
    came_true: float
    invoices: int


class LearningHealth(Shown):
    """Whether what was learned still holds."""

    day: date | None = Field(None, description="The last day that was looked at.")
    predictor_off_since: Moment | None = Field(
        None, description="Since then everybody is left to the fixed ladder."
    )
    alarms: list[HealthAlarm] = Field(description="Those that are open, the latest first.")
    facts: list[HealthReading]
    accuracy: list[HealthReading]
    came_true: list[ChancesShown] = Field(
        description="Of the predictor in force, in the last half year."
    )
    drift: list[HealthReading]
    outcomes: list[HealthReading]


@door.get(
    "/learning/health",
    auth=reading(Scope.SCORES),
    response=LearningHealth,
    summary="Get the health",
)
def get_health(request: Caller) -> dict[str, Any]:
    """Return the open alarms and what each check said: facts, accuracy, drift and outcomes."""
    organisation = request.auth.organisation
    off = next((s for s in switches(organisation) if s.what == "predictor"), None)
    live = live_predictor(organisation)
    parts = queries.parts_true(organisation, live.version).get("", []) if live else []
    readings = queries.readings(organisation)
    return {
        "day": queries.last_watched(organisation),
        "predictor_off_since": off.off_since if off else None,
        "alarms": [_alarm(row) for row in queries.open_alarms(organisation)],
        "came_true": [
            {"foretold": part.said, "came_true": part.came_true, "invoices": part.rows}
            for part in parts
        ],
        **{name: _of(panels, readings) for name, panels in _PANELS.items()},
    }


def _of(panels: Iterable[str], readings: Iterable[Any]) -> list[dict[str, Any]]:
    names = ("code", "subject", "unit", "value", "low", "high", "state")
    return [
        {**{name: getattr(row, name) for name in names},
         "since": row.since if row.state in ("watch", "alarm") else None}
        for row in readings if row.panel in panels
    ]  # fmt: skip


def _alarm(row: Any) -> dict[str, Any]:
    names = (
        "key", "panel", "step", "since", "years", "opened_at", "seen_at", "fell_back_at",
        "acknowledged_at", "note",
    )  # fmt: skip
    said = queries.in_english(row)
    return {
        **{name: getattr(row, name) for name in names},
        "changed": said.changed,
        "means": said.means,
        "proposed": said.proposed,
    }
