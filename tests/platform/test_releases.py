"""What goes live is signed by others than its author, goes its way step by step, and comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.actor import person
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry, Membership
from tenor.platform.core.people import add_person, change_role, remove_person
from tenor.platform.governance import actions as rules
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.releases import drafting, going, signing
from tenor.platform.releases.models import Approval, Passage, Release
from tenor.platform.releases.parts import Parts
from tenor.platform.releases.proof import digest_of

CALM = "[channels.email]\ncost = 0.02\n[limits]\nmin_days_between = 9\n"
GOOD = [{"name": "enough history", "passed": True, "area": "data", "needed": True}]


def predictor(cast: Cast, version: str = "p1", state: str = "fitted") -> PredictorVersion:
    row: PredictorVersion = PredictorVersion.objects.of(cast.organisation).create(
        version=version, folder=f"models/{version}", fitted_at=NOW, facts_until=NOW, state=state
    )
    return row


@pytest.fixture
def begun(cast: Cast) -> Cast:
    """Rules 1 and predictor p0 are in force."""
    plans.rules(cast)
    predictor(cast, "p0", "live")
    return cast


def prove(cast: Cast, release: Release, gate: list[dict[str, Any]] | None = None) -> None:
    """Give a draft the evidence that the background work would have gathered."""
    drafting.keep_evidence(
        cast.system, number=release.number,
        evidence={"gate": GOOD if gate is None else gate, "policy": digest_of(release.policy)},
    )  # fmt: skip


def submitted(cast: Cast, by: str = "manager", model: str = "p1") -> Release:
    """A release of calmer rules and a new predictor that waits for the words of others."""
    actor = cast.actor(by)
    draft = rules.draft_policy(actor, text=CALM + f"max_contacts_30d = {model[1:]}\n")
    row = predictor(cast, model)
    release = drafting.open_release(actor, title="Calmer", policy=draft.number, predictor=row.pk)
    prove(cast, release)
    return drafting.submit(actor, number=release.number, note="Fewer complaints")


def approved(cast: Cast, model: str = "p1") -> Release:
    release = submitted(cast, model=model)
    for role in ("compliance", "analyst"):
        signing.approve(cast.actor(role), number=release.number, because="Read it all")
    return fresh(release)


def shadowed(cast: Cast) -> Release:
    release = approved(cast)
    going.begin_shadow(cast.system, number=release.number)
    return fresh(release)


def live(cast: Cast, model: str = "p1") -> Release:
    release = approved(cast, model)
    with transaction.atomic():
        going.go_live(cast.system, release, because="Shown to be harmless")
    return fresh(release)


def fresh(release: Release) -> Release:
    found: Release = Release.objects.of(release.organisation_id).get(pk=release.pk)
    return found


def in_force(cast: Cast) -> tuple[str, int]:
    model, policy = live_predictor(cast.organisation), live_policy_version(cast.organisation)
    assert model is not None and policy is not None
    return model.version, policy.number


def test_two_people_of_two_parts_of_the_house_approve_what_a_third_made(begun: Cast) -> None:
    release = submitted(begun)
    signing.approve(begun.actor("compliance"), number=release.number, because="Lawful")
    assert fresh(release).state == "submitted"
    assert signing.missing_of(fresh(release)) == ("any",)
    signing.approve(begun.actor("analyst"), number=release.number, because="Well measured")
    assert fresh(release).state == "approved"
    words = Approval.objects.of(begun.organisation).values_list("group", "by_name", "because")
    assert list(words) == [
        ("legal", "Compliance", "Lawful"), ("data", "Analyst", "Well measured"),
    ]  # fmt: skip


def test_nobody_signs_for_their_own_work(begun: Cast) -> None:
    release = submitted(begun, by="manager")
    for act in (signing.approve, signing.reject):
        with pytest.raises(Forbidden, match="your own work"):
            act(begun.actor("manager"), number=release.number, because="Mine")
    assert not Approval.objects.of(begun.organisation).exists()


def test_whoever_wrote_the_rules_does_not_sign_though_another_opened_the_release(
    begun: Cast,
) -> None:
    compliance = begun.actor("compliance")
    draft = rules.draft_policy(compliance, text=CALM)
    rules.submit_policy(compliance, number=draft.number, note="Calmer")
    release = drafting.open_release(begun.actor("manager"), title="Calmer", policy=draft.number)
    prove(begun, release)
    drafting.submit(begun.actor("manager"), number=release.number, note="Calmer")
    with pytest.raises(Forbidden, match="your own work"):
        signing.approve(compliance, number=release.number, because="Mine")


def test_one_person_is_one_word(begun: Cast) -> None:
    release = submitted(begun)
    signing.approve(begun.actor("compliance"), number=release.number, because="Lawful")
    with pytest.raises(Refused, match="already"):
        signing.approve(begun.actor("compliance"), number=release.number, because="Again")
    assert fresh(release).state == "submitted"


def test_a_second_person_of_the_same_part_of_the_house_adds_nothing(begun: Cast) -> None:
    release = submitted(begun)
    colleague = add_person(begun.system, email="two@delta.example", role="compliance", name="Two")
    for actor in (begun.actor("compliance"), person(colleague)):
        signing.approve(actor, number=release.number, because="Lawful")
    assert fresh(release).state == "submitted"


def test_the_word_of_somebody_who_left_or_became_something_else_counts_no_more(
    begun: Cast,
) -> None:
    release = submitted(begun)
    signing.approve(begun.actor("compliance"), number=release.number, because="Lawful")
    change_role(begun.actor("administrator"), user_id=begun.compliance.user_id, role="agent")
    signing.approve(begun.actor("analyst"), number=release.number, because="Measured")
    assert fresh(release).state == "submitted"
    remove_person(begun.actor("administrator"), user_id=begun.analyst.user_id)
    signing.approve(begun.actor("administrator"), number=release.number, because="It runs")
    assert fresh(release).state == "submitted"
    assert signing.missing_of(fresh(release)) == ("any",)


def test_a_changed_role_signs_anew_and_only_for_its_new_part(begun: Cast) -> None:
    release = submitted(begun)
    signing.approve(begun.actor("compliance"), number=release.number, because="Lawful")
    change_role(begun.actor("administrator"), user_id=begun.compliance.user_id, role="analyst")
    moved = person(Membership.objects.of(begun.organisation).get(user=begun.compliance.user))
    signing.approve(moved, number=release.number, because="Measured")
    assert [row.group for row in signing.standing(fresh(release))] == ["data"]


@pytest.mark.parametrize(
    ("needed", "signed", "left"),
    [
        (("any", "any"), (), ("any", "any")),
        (("any", "any"), ("legal",), ("any",)),
        (("any", "any"), ("legal", "data"), ()),
        (("legal", "any"), ("data",), ("legal",)),
        (("legal", "any"), ("legal",), ("any",)),
        (("finance", "legal", "data", "operations"), ("legal", "data"), ("finance", "operations")),
    ],
)
def test_whose_word_is_missing(
    needed: tuple[str, ...], signed: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert signing.missing(needed, signed) == left


@pytest.mark.parametrize("role", ["agent", "stranger"])
def test_others_sign_for_nothing(begun: Cast, role: str) -> None:
    release = submitted(begun)
    with pytest.raises((Forbidden, NotFound)):
        signing.approve(begun.actor(role), number=release.number, because="Fine")
    with pytest.raises(Forbidden):
        signing.approve(begun.system, number=release.number, because="The machine says so")
    with pytest.raises(Invalid):
        signing.approve(begun.actor("compliance"), number=release.number, because=" ")
    assert not Approval.objects.of(begun.organisation).exists()


def test_what_fails_a_check_is_not_submitted(begun: Cast) -> None:
    row = predictor(begun)
    manager = begun.actor("manager")
    release = drafting.open_release(manager, title="Newer", predictor=row.pk)
    with pytest.raises(Refused, match="still being gathered"):
        drafting.submit(manager, number=release.number, note="Newer")
    prove(begun, release, [{"name": "bias", "passed": False, "area": "calibration"}])
    with pytest.raises(Refused, match="does not pass: bias"):
        drafting.submit(manager, number=release.number, note="Newer")
    assert fresh(release).state == "draft"
    assert in_force(begun) == ("p0", 1)


def test_words_hold_for_the_text_that_was_signed_alone(begun: Cast) -> None:
    release = approved(begun)
    manager, number = begun.actor("manager"), release.policy.number  # type: ignore[union-attr]
    rules.withdraw_policy(manager, number=number)
    rules.draft_policy(manager, text=CALM + "max_contacts_30d = 50\n", number=number)
    assert signing.missing_of(fresh(release)) == ("any", "any")
    with pytest.raises(Refused, match="Not every word"):
        going.begin_shadow(begun.system, number=release.number)
    assert in_force(begun) == ("p0", 1)


def test_a_word_is_taken_back_until_it_is_live(begun: Cast) -> None:
    release = shadowed(begun)
    going.revoke(begun.actor("analyst"), number=release.number, because="The figures were old")
    assert fresh(release).state == "submitted"
    with pytest.raises(Refused):
        going.begin_shadow(begun.system, number=release.number)
    signing.approve(begun.actor("analyst"), number=release.number, because="They are new now")
    assert fresh(release).state == "approved"


def test_one_release_is_on_trial_at_a_time(begun: Cast) -> None:
    shadowed(begun)
    other = approved(begun, "p2")
    with pytest.raises(Refused, match="one at a time"):
        going.begin_shadow(begun.system, number=other.number)


def test_a_step_is_left_out_by_a_signature_of_legal_alone(begun: Cast) -> None:
    release = shadowed(begun)
    for role in ("manager", "analyst", "administrator"):
        with pytest.raises(Forbidden):
            going.skip(begun.actor(role), number=release.number, because="In a hurry")
    going.skip(begun.actor("compliance"), number=release.number, because="The law changed today")
    assert fresh(release).state == "canary"
    going.skip(begun.actor("compliance"), number=release.number, because="The law changed today")
    assert fresh(release).state == "live"
    exceptions = Passage.objects.of(begun.organisation).filter(exception=True)
    assert [(p.after, p.by_name) for p in exceptions] == [
        ("canary", "Compliance"), ("live", "Compliance"),
    ]  # fmt: skip
    assert in_force(begun) == ("p1", 2)


def test_live_takes_the_place_of_what_was_and_rolling_back_returns_to_it(begun: Cast) -> None:
    first, second = live(begun, "p1"), live(begun, "p2")
    assert (fresh(first).state, fresh(second).state) == ("retired", "live")
    assert in_force(begun) == ("p2", 3)
    with pytest.raises(Invalid):
        going.roll_back(begun.actor("manager"), number=second.number, because="")
    going.roll_back(begun.actor("manager"), number=second.number, because="Complaints")
    assert (fresh(first).state, fresh(second).state) == ("live", "rolled_back")
    assert in_force(begun) == ("p1", 2)
    going.go_back_to(begun.actor("compliance"), number=second.number, because="It was the post")
    assert (fresh(first).state, fresh(second).state) == ("rolled_back", "live")
    assert in_force(begun) == ("p2", 3)


def test_rolling_back_the_first_leaves_everybody_to_the_ladder(cast: Cast) -> None:
    release = drafting.make(
        cast.system, title="The first", carries=Parts(predictor=predictor(cast))
    )
    with transaction.atomic():
        going.go_live(cast.system, release, because="The gate")
    going.roll_back(cast.actor("manager"), number=release.number, because="Not yet")
    assert live_predictor(cast.organisation) is None


def test_what_was_planned_with_it_is_taken_back_when_it_is_rolled_back(begun: Cast) -> None:
    release = live(begun)
    make.customer(begun, "C1")
    planned = plans.decision(plans.run(begun), "C1", state="approved")
    going.roll_back(begun.actor("manager"), number=release.number, because="Complaints")
    planned.refresh_from_db()
    assert (planned.state, planned.gate) == ("lapsed", "rolled_back")


def test_rules_put_in_force_the_old_way_retire_the_release_before_them(begun: Cast) -> None:
    draft = rules.draft_policy(begun.actor("manager"), text=CALM)
    release = drafting.make(begun.actor("manager"), title="Calm", carries=Parts(policy=draft))
    with transaction.atomic():
        rules.submit_policy(begun.actor("manager"), number=draft.number, note="Calm")
        release.policy.refresh_from_db()  # type: ignore[union-attr]
        going.go_live(begun.system, release, because="Signed")
    other = rules.draft_policy(begun.actor("manager"), text=CALM + "max_contacts_30d = 2\n")
    rules.submit_policy(begun.actor("manager"), number=other.number, note="Calmer")
    rules.approve_policy(begun.actor("compliance"), number=other.number)
    with transaction.atomic():
        going.retire_overtaken(begun.system)
    assert fresh(release).state == "retired"


class Cut(Exception):
    """The process died here."""


@contextmanager
def dying_at(statement: int) -> Iterator[list[int]]:
    """Die at the so many-th statement that is sent to the database."""
    sent = [0]

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        sent[0] += 1
        if sent[0] == statement:
            raise Cut
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        yield sent


def test_a_crash_at_any_statement_leaves_one_live_version_and_the_old_one(begun: Cast) -> None:
    release = approved(begun)
    statement, cuts = 0, 0
    while True:
        statement += 1
        try:
            with transaction.atomic(), dying_at(statement):
                going.go_live(begun.system, fresh(release), because="Shown to be harmless")
            break
        except Cut:
            cuts += 1
            assert in_force(begun) == ("p0", 1)
            assert fresh(release).state == "approved"
    assert cuts > 10
    assert in_force(begun) == ("p1", 2)
    assert PredictorVersion.objects.of(begun.organisation).filter(state="live").count() == 1


def test_another_organisation_sees_and_stops_nothing(begun: Cast) -> None:
    release = live(begun)
    stranger = begun.actor("stranger")
    for act in (going.roll_back, going.go_back_to, signing.reject, going.revoke):
        with pytest.raises(NotFound):
            act(stranger, number=release.number, because="Ours")
    assert in_force(begun) == ("p1", 2)


def test_the_audit_log_tells_the_whole_story(begun: Cast) -> None:
    release = shadowed(begun)
    going.skip(begun.actor("compliance"), number=release.number, because="Urgent")
    going.roll_back(begun.actor("manager"), number=release.number, because="Complaints")
    entries = AuditEntry.objects.of(begun.organisation).filter(subject=f"release:{release.number}")
    assert [(e.action, e.actor_name) for e in entries.order_by("number")] == [
        ("release.open", "Credit_Manager"),
        ("release.evidence", "Tenor"),
        ("release.submit", "Credit_Manager"),
        ("release.approve", "Compliance"),
        ("release.approve", "Analyst"),
        ("release.approved", "Analyst"),
        ("release.shadow", "Tenor"),
        ("release.exception", "Compliance"),
        ("release.roll_back", "Credit_Manager"),
    ]
    last = entries.order_by("number").last()
    assert last is not None
    assert last.before == {"state": "canary"}
    assert last.after == {"state": "rolled_back", "because": "Complaints", "share": 0}
