"""What an organisation can set about its own way of working, each with its default and meaning."""

from dataclasses import dataclass, field, fields
from typing import Any

from tenor.platform.core.models import Organisation


@dataclass(frozen=True)
class Preferences:
    """The settings of an organisation, kept as JSON in its row; unknown keys are ignored.

    `automatic` names the segments whose decisions go out without a person: "all", or the names
    of segments. `read_only` keeps everything inside: plans are made and shown, nothing is sent.
    `use_*` switch the three uses on or off: preventing (before the due date), putting in order,
    and carrying out. `control_share` is the share of customers who are left to the fixed ladder.
    """

    automatic: tuple[str, ...] = ()
    read_only: bool = True
    erp_reminders_off: bool = False
    day_starts_at: str = "06:00"
    control_share: float = 0.0
    use_prevention: bool = True
    use_prioritisation: bool = True
    use_execution: bool = True
    promise_tolerance_days: int = 2
    automatic_amount_below: str = "1000"
    minutes_per_call: int = 6
    cost_per_minute: str = "0.75"
    ladder: tuple[tuple[int, str, str], ...] = field(
        default=((1, "email", "friendly"), (14, "email", "firm"), (30, "letter", "urgent"))
    )


def preferences_of(organisation: Organisation) -> Preferences:
    """Return the organisation's settings, defaults where it has said nothing."""
    known = {f.name for f in fields(Preferences)}
    given: dict[str, Any] = {k: v for k, v in organisation.settings.items() if k in known}
    for name in ("automatic", "ladder"):
        if name in given:
            given[name] = tuple(tuple(v) if isinstance(v, list) else v for v in given[name])
    return Preferences(**given)
