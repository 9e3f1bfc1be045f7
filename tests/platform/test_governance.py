"""Rules are drafted by one person and put in force by another; nothing else changes them."""

from decimal import Decimal

import pytest

from cast import NOW, Cast
from tenor.engine.predictors.model import load_model
from tenor.engine.simulation import World, WorldConfig
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry, Job
from tenor.platform.governance import actions, fitting, queries
from tenor.platform.governance.models import PolicyVersion, PredictorVersion, SegmentStrategy
from tenor.platform.governance.segments import changed_policy, policies_by_segment

CALM = "[channels.email]\ncost = 0.02\n[limits]\nmin_days_between = 7\n"


@pytest.fixture
def begun(cast: Cast) -> Cast:
    """The organisation with the rules that everybody begins with."""
    actions.put_default_in_force(cast.system)
    return cast


def submitted(cast: Cast, text: str = CALM) -> PolicyVersion:
    draft = actions.draft_policy(cast.actor("manager"), text=text)
    return actions.submit_policy(cast.actor("manager"), number=draft.number, note="Calmer")


def states(cast: Cast) -> dict[int, str]:
    return {v.number: v.state for v in queries.versions(cast.organisation)}


def written(cast: Cast) -> list[str]:
    entries = AuditEntry.objects.of(cast.organisation).filter(action__startswith="policy.")
    return [entry.action for entry in entries]


def test_an_organisation_begins_with_rules_that_the_engine_reads(begun: Cast) -> None:
    live = queries.live_policy_version(begun.organisation)
    assert live is not None
    policy = queries.policy_of(live)
    assert [c.name for c in policy.channels] == ["call", "email", "letter", "sms"]
    assert policy.objective.currency == "EUR"
    assert policy.warnings == []
    actions.put_default_in_force(begun.system)
    assert states(begun) == {1: "live"}


def test_what_one_drafts_another_puts_in_force(begun: Cast) -> None:
    version = submitted(begun)
    actions.approve_policy(begun.actor("compliance"), number=version.number, because="Fine")
    assert states(begun) == {1: "retired", 2: "live"}
    live = queries.live_policy_version(begun.organisation)
    assert live is not None
    assert live.text == CALM
    assert live.decided_by == begun.compliance.user
    assert live.decided_because == "Fine"
    assert written(begun) == ["policy.begin", "policy.draft", "policy.submit", "policy.approve"]


@pytest.mark.parametrize("role", ["manager", "agent", "analyst"])
def test_a_role_without_the_right_puts_nothing_in_force(begun: Cast, role: str) -> None:
    version = submitted(begun)
    with pytest.raises(Forbidden):
        actions.approve_policy(begun.actor(role), number=version.number)
    assert states(begun) == {1: "live", 2: "submitted"}


def test_nobody_approves_what_they_wrote_themselves(begun: Cast) -> None:
    compliance = begun.actor("compliance")
    draft = actions.draft_policy(compliance, text=CALM)
    actions.submit_policy(compliance, number=draft.number, note="Calmer")
    before = written(begun)
    for decide in (actions.approve_policy, actions.reject_policy):
        with pytest.raises(Forbidden, match="somebody else"):
            decide(compliance, number=draft.number, because="Mine")
    assert states(begun) == {1: "live", 2: "submitted"}
    assert written(begun) == before


def test_the_machine_approves_nothing(begun: Cast) -> None:
    version = submitted(begun)
    with pytest.raises(Forbidden):
        actions.approve_policy(begun.system, number=version.number)
    assert states(begun)[2] == "submitted"


def test_a_draft_that_was_not_submitted_is_not_approved(begun: Cast) -> None:
    draft = actions.draft_policy(begun.actor("manager"), text=CALM)
    with pytest.raises(Refused):
        actions.approve_policy(begun.actor("compliance"), number=draft.number)
    assert states(begun) == {1: "live", 2: "draft"}


def test_a_submitted_version_is_decided_once(begun: Cast) -> None:
    version = submitted(begun)
    compliance = begun.actor("compliance")
    actions.reject_policy(compliance, number=version.number, because="Too slow")
    with pytest.raises(Refused):
        actions.approve_policy(compliance, number=version.number)
    assert states(begun) == {1: "live", 2: "rejected"}
    with pytest.raises(Invalid):
        actions.reject_policy(compliance, number=version.number, because=" ")


def test_another_organisation_sees_and_decides_nothing(begun: Cast) -> None:
    version = submitted(begun)
    with pytest.raises(NotFound):
        queries.version_numbered(begun.actor("stranger"), version.number)
    with pytest.raises(NotFound):
        actions.request_dry_run(begun.actor("stranger"), number=version.number)
    assert Job.objects.filter(kind="dry_run").count() == 0


def test_a_mistake_in_the_text_is_named_and_nothing_is_kept(begun: Cast) -> None:
    with pytest.raises(Invalid, match=r"min_days_betwen.*limits\.min_days_between"):
        actions.draft_policy(begun.actor("manager"), text="[limits]\nmin_days_betwen = 3\n")
    with pytest.raises(Invalid, match="not TOML"):
        actions.draft_policy(begun.actor("manager"), text="[limits\n")
    assert states(begun) == {1: "live"}


def test_only_the_drafter_goes_on_with_a_draft(begun: Cast) -> None:
    draft = actions.draft_policy(begun.actor("manager"), text=CALM)
    with pytest.raises(Forbidden):
        actions.draft_policy(begun.actor("analyst"), text="", number=draft.number)
    with pytest.raises(Forbidden):
        actions.withdraw_policy(begun.actor("analyst"), number=draft.number)
    actions.draft_policy(begun.actor("manager"), text=CALM + "# slow\n", number=draft.number)
    assert queries.versions(begun.organisation)[0].text == CALM + "# slow\n"
    assert states(begun) == {1: "live", 2: "draft"}


def test_a_draft_without_a_difference_is_not_submitted(begun: Cast) -> None:
    live = queries.live_policy_version(begun.organisation)
    assert live is not None
    draft = actions.draft_policy(begun.actor("manager"), text="# only a remark\n" + live.text)
    with pytest.raises(Refused, match="changes nothing"):
        actions.submit_policy(begun.actor("manager"), number=draft.number, note="Remark")
    with pytest.raises(Invalid):
        actions.submit_policy(begun.actor("manager"), number=draft.number, note=" ")
    assert states(begun)[2] == "draft"


def test_what_was_submitted_can_be_taken_back_and_set_aside(begun: Cast) -> None:
    version = submitted(begun)
    manager = begun.actor("manager")
    assert actions.withdraw_policy(manager, number=version.number).state == "draft"
    assert actions.withdraw_policy(manager, number=version.number).state == "retired"
    with pytest.raises(Refused):
        actions.withdraw_policy(manager, number=version.number)


def test_a_dry_run_of_values_that_changed_since_is_not_kept(begun: Cast) -> None:
    manager = begun.actor("manager")
    draft = actions.draft_policy(manager, text=CALM)
    figures = {"version": actions.read(CALM).version, "changed": 3}
    actions.keep_dry_run(begun.system, number=draft.number, figures=figures)
    assert queries.version_numbered(manager, draft.number).dry_run == figures
    actions.draft_policy(manager, text="[channels.sms]\n", number=draft.number)
    assert queries.version_numbered(manager, draft.number).dry_run == {}
    actions.keep_dry_run(begun.system, number=draft.number, figures=figures)
    assert queries.version_numbered(manager, draft.number).dry_run == {}


def test_a_dry_run_is_asked_for_once(begun: Cast) -> None:
    draft = actions.draft_policy(begun.actor("manager"), text=CALM)
    first = actions.request_dry_run(begun.actor("manager"), number=draft.number)
    second = actions.request_dry_run(begun.actor("analyst"), number=draft.number)
    assert first.pk == second.pk
    with pytest.raises(Forbidden):
        actions.request_dry_run(begun.actor("agent"), number=draft.number)


def test_the_difference_of_values_names_keys(begun: Cast) -> None:
    before = actions.read("[channels.email]\ncost = 0.02\n")
    after = actions.read("[channels.email]\ncost = 0.05\n[channels.sms]\n[limits]\nmin_amount=5\n")
    found = {c.key: (c.before, c.after) for c in queries.value_difference(before, after)}
    assert found["channels.email.cost"] == (0.02, 0.05)
    assert found["limits.min_amount"] == (Decimal(0), Decimal(5))
    assert found["channels.sms.cost"] == (None, 0.0)
    assert "limits.min_days_between" not in found


def test_the_difference_of_texts_keeps_line_numbers() -> None:
    lines = queries.text_difference("a\nb\nc", "a\nx\nc\nd")
    assert [(line.kind, line.text, line.before, line.after) for line in lines] == [
        ("same", "a", 1, 1),
        ("gone", "b", 2, None),
        ("new", "x", None, 2),
        ("same", "c", 3, 3),
        ("new", "d", None, 4),
    ]


def test_a_strategy_holds_for_its_segment_alone(begun: Cast) -> None:
    actions.set_strategy(
        begun.actor("manager"), segment="new", automatic=True, automatic_below="250",
        skill="onboarding", policy_changes={"limits.min_days_between": 10},
    )  # fmt: skip
    row = queries.strategies(begun.organisation)["new"]
    assert (row.automatic, row.automatic_below, row.skill) == (True, Decimal(250), "onboarding")
    found = policies_by_segment(begun.organisation)
    assert set(found) == {"new"}
    assert found["new"].limits.min_days_between == 10
    assert policies_by_segment(begun.other) == {}


def test_an_analyst_drafts_but_lets_nothing_go_without_a_person(begun: Cast) -> None:
    analyst = begun.actor("analyst")
    with pytest.raises(Forbidden):
        actions.set_strategy(analyst, segment="prompt", automatic=True)
    assert SegmentStrategy.objects.of(begun.organisation).count() == 0
    actions.set_strategy(
        begun.actor("manager"), segment="prompt", automatic=True, automatic_below="100"
    )
    with pytest.raises(Forbidden):
        actions.set_strategy(analyst, segment="prompt", automatic=True, automatic_below="900")
    actions.set_strategy(analyst, segment="prompt", automatic=False)
    assert not queries.strategies(begun.organisation)["prompt"].automatic


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limits.min_days_betwen": 3}, "min_days_between"),
        ({"limits.min_days_between": -1}, "whole number"),
        ({"channels.fax.cost": 1}, "no channel fax"),
        ({"decision.horizon_days": 3}, "holds for everybody"),
        ({'limits]\nx."y': 3}, "no key"),
    ],
)
def test_what_cannot_hold_for_a_segment_is_refused(
    begun: Cast, changes: dict[str, int], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        actions.set_strategy(
            begun.actor("manager"), segment="new", automatic=False, policy_changes=changes
        )
    assert SegmentStrategy.objects.of(begun.organisation).count() == 0


def test_a_channel_of_a_segment_is_changed_beside_the_others() -> None:
    base = actions.read("[channels.email]\n[channels.call]\ncapacity_per_day = 5\n")
    changed = changed_policy(base, {"channels.call.tones": ["friendly"]})
    call, email = changed.channels
    assert (call.tones, call.capacity_per_day) == (("friendly",), 5)
    assert email == base.channels[1]


def test_an_unknown_segment_is_refused(begun: Cast) -> None:
    with pytest.raises(Invalid):
        actions.set_strategy(begun.actor("manager"), segment="nobody", automatic=False)


def test_a_predictor_from_too_little_is_kept_and_not_put_to_work(begun: Cast) -> None:
    world = World(WorldConfig(customers=60), seed=5)
    world.play_ladder(170)
    version = fitting.fit_predictor(begun.system, tables=world.tables(), as_of=world.today).version
    assert version.state == "fitted"
    assert version.figures["refused"] == fitting.TOO_LITTLE
    assert queries.live_predictor(begun.organisation) is None
    assert load_model(queries.folder_of(version)).version == version.version


def test_a_predictor_at_work_makes_way_for_the_next(begun: Cast) -> None:
    first, second = (
        PredictorVersion.objects.of(begun.organisation).create(
            version=f"v{n}", folder=f"models/v{n}", fitted_at=NOW, facts_until=NOW
        )
        for n in (1, 2)
    )
    fitting.put_to_work(begun.system, first)
    fitting.put_to_work(begun.system, second)
    states = {p.version: p.state for p in queries.predictors(begun.organisation)}
    assert states == {"v1": "retired", "v2": "live"}
    assert queries.live_predictor(begun.organisation) == second


def test_an_agent_has_nothing_learned_anew(begun: Cast) -> None:
    with pytest.raises(Forbidden):
        fitting.request_fit(begun.actor("agent"))
    assert Job.objects.filter(kind="fit_predictor").count() == 0
    job = fitting.request_fit(begun.actor("analyst"))
    assert fitting.request_fit(begun.actor("manager")).pk == job.pk
