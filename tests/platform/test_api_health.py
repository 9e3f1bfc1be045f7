"""The route of health: open alarms and the panels, for a program that may read scores."""

from datetime import timedelta

from caller import callers
from cast import NOW, Cast
from tenor.platform.governance.switches import turn_off
from watched import alarm, quiet

HERE = "learning/health"


def test_health_tells_open_alarms_and_what_each_panel_says(cast: Cast) -> None:
    program, other = callers(cast)
    quiet(cast)
    alarm(cast)
    alarm(cast, key="freshness:payments", closed_at=NOW + timedelta(days=1))
    found = program.get(HERE)
    assert found["day"] == NOW.date().isoformat()
    assert found["predictor_off_since"] is None
    (one,) = found["alarms"]
    assert (one["key"], one["step"], one["since"]) == (
        "quality:invoices", "look_at_import", "2026-03-07",
    )  # fmt: skip
    assert one["changed"] == (
        "invoices.amount: about 20,000.00 in a week, usually 200.00, as if in other units "
        "(times 100)"
    )
    assert one["proposed"] == "look at the import before anything else"
    by_panel = {
        name: {(r["code"], r["subject"]) for r in found[name]}
        for name in ("facts", "accuracy", "drift", "outcomes")
    }
    assert ("volume", "payments") in by_panel["facts"]
    assert {("calibration", ""), ("effect", "email"), ("pace", "everybody")} <= (
        by_panel["accuracy"]
    )
    assert by_panel["drift"] == {("feature", "contacts_30d"), ("scores", "chance_30d")}
    assert ("against_control", "late_7d") in by_panel["outcomes"]
    pace = next(r for r in found["accuracy"] if r["code"] == "pace")
    assert (pace["value"], pace["low"], pace["high"], pace["state"]) == (1.02, 0.8, 1.2, "well")
    first = found["came_true"][0]
    assert (round(first["foretold"], 2), round(first["came_true"], 3)) == (0.1, 0.105)
    nothing = other.get(HERE)
    assert (nothing["day"], nothing["alarms"], nothing["facts"]) == (None, [], [])


def test_health_says_since_when_the_predictor_is_off(cast: Cast) -> None:
    program, _other = callers(cast)
    turn_off(cast.actor("compliance"), what="predictor", because="It looks wrong")
    assert program.get(HERE)["predictor_off_since"] == NOW.isoformat().replace("+00:00", "Z")
