"""What was watched, kept by hand: a quiet day of every panel, and an alarm."""

from datetime import date, timedelta
from typing import Any

from cast import NOW, Cast
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.monitoring.models import Alarm, Look, Reading


def reading(cast: Cast, code: str, subject: str, **values: Any) -> Reading:
    """Keep a reading of today: a quiet one unless told otherwise."""
    usual = {
        "day": NOW.date(), "panel": "outcomes", "unit": "share", "value": 0.4, "low": 0.3,
        "high": 0.5, "state": "well", "facts": {}, "past": [["2026-02-22", 0.41]],
    }  # fmt: skip
    row: Reading = Reading.objects.of(cast.organisation).create(
        code=code, subject=subject, **{**usual, **values}
    )
    return row


def quiet(cast: Cast) -> None:
    """Keep a day's readings of every panel, and what came of chances."""
    version = PredictorVersion.objects.of(cast.organisation).create(
        version="abc", folder="x", fitted_at=NOW, facts_until=NOW, state="live"
    )
    at = NOW - timedelta(days=40)
    came = [[at.isoformat(), 30, "prompt", b, 20, 2.0 * b, 2.1 * b, 1.0] for b in range(1, 9)]
    Look.objects.of(cast.organisation).create(
        at=at, model_version=version.version, counts={}, came=came, is_over=True
    )
    last = {"last": "2026-03-08", "usual": 2, "days": 0, "hole": False}
    for source in ("payments", "invoices", "events"):
        reading(cast, "silent", source, panel="freshness", unit="days", value=0.0, facts=last)
        reading(cast, "volume", source, panel="freshness", unit="count", value=40.0, low=30.0,
                high=50.0)  # fmt: skip
    reading(cast, "missing", "customers.sector", panel="quality", facts={"before": 0.01})
    parts = [{"before": 0.2, "now": 0.5, "from": None, "to": 3.0}]
    reading(cast, "feature", "contacts_30d", panel="drift", unit="index", value=0.3, high=0.1,
            state="watch", facts={"segment": "prompt", "parts": parts})  # fmt: skip
    reading(cast, "scores", "chance_30d", panel="drift", unit="index", value=0.01, high=0.1)
    said = {"said": 0.6, "came_true": 0.58, "rows": 200, "days": 30}
    reading(cast, "calibration", "", panel="accuracy", unit="points", value=-0.02, facts=said)
    reading(cast, "calibration", "prompt", panel="accuracy", unit="points", facts=said)
    reading(cast, "effect", "email", panel="effect", unit="points",
            facts={"believed": 0.1, "seen": 0.08, "reach": 0.03, "days": 14})  # fmt: skip
    reading(cast, "pace", "everybody", panel="world", unit="times", value=1.02, low=0.8, high=1.2)
    measure = {"before": 0.4, "leading": True, "worse": 1, "mean": -0.03, "reach": 0.01,
               "treated": 0.37, "control": 0.4}  # fmt: skip
    for code in ("outcome", "against_control"):
        reading(cast, code, "late_7d", facts=measure)
    reading(cast, "outcome", "paid_30d", facts={**measure, "leading": False})


def alarm(cast: Cast, **values: Any) -> Alarm:
    check = {"code": "level", "subject": "invoices.amount", "unit": "money", "value": 20000.0,
             "facts": {"before": 200.0, "factor": 100.0}}  # fmt: skip
    usual = {
        "key": "quality:invoices", "panel": "quality", "step": "look_at_import",
        "means": "wrong_data", "checks": [check], "since": date(2026, 3, 7), "years": 1000.0,
        "opened_at": NOW, "seen_at": NOW,
    }  # fmt: skip
    row: Alarm = Alarm.objects.of(cast.organisation).create(**{**usual, **values})
    return row
