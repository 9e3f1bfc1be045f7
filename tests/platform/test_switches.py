"""Each part of learning can be turned off at once; what is planned under it goes out no more."""

import pytest

import make
import plans
from cast import Cast
from tenor.platform.core.errors import Forbidden, Invalid
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Decision
from tenor.platform.governance import switches


@pytest.fixture
def planned(cast: Cast) -> Cast:
    """A plan of five: two learned, one tried out, one in an experiment, one of the ladder."""
    run = plans.run(cast)
    for number in range(1, 7):
        make.customer(cast, f"C{number}")
    ladder = {"p_paid": None, "p_paid_wait": None, "arm": "control"}
    plans.decision(run, "C1", state="approved")
    plans.decision(run, "C2", explored=True, state="approved")
    plans.decision(run, "C3", experiment="tones", arm="friendly")
    plans.decision(run, "C4", state="approved", **ladder)
    plans.decision(run, "C5", explored=True, state="approved", original={"channel": "sms"})
    plans.decision(run, "C6", explored=True, state="handed_over")
    return cast


def states(cast: Cast) -> dict[str, str]:
    rows = Decision.objects.of(cast.organisation).order_by("customer__key")
    return dict(rows.values_list("customer__key", "state"))


@pytest.mark.parametrize(
    ("what", "taken_back"),
    [
        ("predictor", {"C1", "C2", "C3"}),
        ("exploration", {"C2"}),
        ("experiments", {"C3"}),
        ("learning", set()),
    ],
)
def test_what_is_planned_under_a_part_that_is_off_is_taken_back(
    planned: Cast, what: str, taken_back: set[str]
) -> None:
    before = states(planned)
    switches.turn_off(planned.actor("manager"), what=what, because="Complaints")
    assert switches.turned_off(planned.organisation) == {what}
    # What a person chose and what has gone out already stay as they are.
    assert states(planned) == before | dict.fromkeys(taken_back, "lapsed")
    lapsed = Decision.objects.of(planned.organisation).filter(state="lapsed")
    assert set(lapsed.values_list("gate", flat=True)) <= {"switched_off"}


def test_the_audit_log_says_who_turned_what_off_and_why(planned: Cast) -> None:
    switches.turn_off(planned.actor("compliance"), what="exploration", because="Ramadan")
    switches.turn_off(planned.actor("compliance"), what="exploration", because="Twice is once")
    switches.turn_on(planned.actor("administrator"), what="exploration")
    switches.turn_on(planned.actor("administrator"), what="exploration")
    entries = AuditEntry.objects.of(planned.organisation).order_by("number")
    told = [
        (e.action, e.actor_name, e.after) for e in entries if "learning" in e.action
        or e.action == "plan.recall"
    ]  # fmt: skip
    assert told == [
        ("learning.turn_off", "Compliance", {"because": "Ramadan"}),
        ("plan.recall", "Tenor",
         {"decisions": 1, "because": "switched_off", "about": "exploration"}),
        ("learning.turn_on", "Administrator", None),
    ]  # fmt: skip
    assert switches.turned_off(planned.organisation) == frozenset()


def test_another_organisation_is_not_touched(planned: Cast) -> None:
    before = states(planned)
    switches.turn_off(planned.actor("stranger"), what="predictor", because="Ours alone")
    assert switches.turned_off(planned.organisation) == frozenset()
    assert states(planned) == before


@pytest.mark.parametrize("role", ["agent", "analyst"])
def test_a_role_that_neither_plans_nor_approves_brakes_nothing(planned: Cast, role: str) -> None:
    before = states(planned)
    for act in (switches.turn_on, lambda a, what: switches.turn_off(a, what=what, because="x")):
        with pytest.raises(Forbidden):
            act(planned.actor(role), what="predictor")
    assert states(planned) == before


def test_a_reason_is_asked_and_no_other_switch_is_known(planned: Cast) -> None:
    with pytest.raises(Invalid):
        switches.turn_off(planned.actor("manager"), what="predictor", because="  ")
    with pytest.raises(Invalid):
        switches.turn_off(planned.actor("manager"), what="everything", because="Please")
    assert switches.turned_off(planned.organisation) == frozenset()
