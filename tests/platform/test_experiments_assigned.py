"""Who is in which arm, what became of them, and what an arm's own words do."""

from datetime import timedelta

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Refused
from tenor.platform.decisions import facts
from tenor.platform.events.models import Event
from tenor.platform.experiments import actions
from tenor.platform.experiments.actions import ArmDraft, Draft
from tenor.platform.experiments.drawing import Placed, placed
from tenor.platform.experiments.models import Assignment, Experiment
from tenor.platform.experiments.outcomes import outcome_rows, seen
from tenor.platform.outreach.queries.messages import preview_of
from tenor.platform.wording import actions as wording

DAY = timedelta(days=1)
COUNT = 24
ARMS = [ArmDraft("As today"), ArmDraft("Firm", "changed", {"channels.email.tones": ["firm"]})]


@pytest.fixture
def owing(cast: Cast) -> Cast:
    """Two dozen customers in households of two, each with an invoice ten days late."""
    plans.rules(cast)
    plans.settle(cast)
    for number in range(COUNT):
        make.customer(cast, f"C{number}", attributes={"household": f"H{number // 2}"})
        make.invoice(cast, f"F{number}", customer=f"C{number}")
    return cast


def begun(cast: Cast, **values: object) -> Experiment:
    usual = {"name": "Words", "question": "Which words?", "arms": ARMS}
    draft = Draft(**{**usual, **values})  # type: ignore[arg-type]
    slug = actions.draft_experiment(cast.actor("manager"), draft).slug
    actions.submit(cast.actor("manager"), slug=slug)
    actions.approve(cast.actor("compliance"), slug=slug)
    return actions.start(cast.actor("manager"), slug=slug)


def drawn(cast: Cast, keys: list[str], *, outside: tuple[str, ...] = ()) -> dict[str, str]:
    """Draw as a plan does, keep it, and return the arm of each customer."""
    found: Placed = placed(cast.organisation, NOW, dict.fromkeys(keys, "late"), outside=outside)
    actions.take_in(cast.system, found.newcomers, as_of=NOW, expected={"C1": 0.4})
    return {key: arm.name for arm, keys_ in found.members for key in keys_}


def all_of(cast: Cast) -> list[str]:
    return [f"C{number}" for number in range(COUNT)]


def test_an_arm_never_changes_whoever_else_comes(owing: Cast) -> None:
    experiment = begun(owing)
    some = drawn(owing, all_of(owing)[:9])
    everybody = drawn(owing, all_of(owing), outside=("C23",))
    assert len(everybody) == COUNT - 1 and some.items() <= everybody.items()
    assert set(everybody.values()) == {"a", "b"}
    # The draw is the salt's and the key's alone: another salt draws otherwise.
    Assignment.objects.of(owing.organisation).all().delete()
    assert drawn(owing, all_of(owing), outside=("C23",)) == everybody
    Assignment.objects.of(owing.organisation).all().delete()
    Experiment.objects.of(owing.organisation).filter(pk=experiment.pk).update(salt="other")
    assert drawn(owing, all_of(owing)) != everybody


def test_raising_the_share_of_a_canary_keeps_who_is_in(owing: Cast) -> None:
    actor = owing.actor("compliance")
    version = plans.rules(
        owing, plans.RULES.replace("max_contacts_30d = 3", "max_contacts_30d = 2")
    )
    canary = actions.begin_canary(actor, name="Rules 2", policy=version, share=0.1)
    before: dict[str, str] = {}
    for share in (0.2, 0.5, 0.8, 1.0):
        actions.widen(actor, canary, share)
        now = drawn(owing, all_of(owing))
        new = {key for key, arm in before.items() if arm == "canary"}
        assert new <= {key for key, arm in now.items() if arm == "canary"}
        if share <= 0.5:
            assert before.items() <= now.items()
        before = now
    assert set(before.values()) == {"canary"} and len(before) == COUNT
    # Whom chance took out of the arm compared with, is counted in neither.
    kept = Assignment.objects.of(owing.organisation).filter(left_at=None)
    assert {row.arm.name for row in kept} == {"canary"} and kept.count() < COUNT


def test_who_belongs_together_gets_the_same_way(owing: Cast) -> None:
    begun(owing, together_by="household")
    arms = drawn(owing, all_of(owing))
    assert all(arms[f"C{n}"] == arms[f"C{n + 1}"] for n in range(0, COUNT, 2))
    assert set(arms.values()) == {"a", "b"}
    row = Assignment.objects.of(owing.organisation).get(customer__key="C3")
    assert row.unit == "household=H1"


def test_who_owes_too_much_or_nothing_soon_is_left_out(owing: Cast) -> None:
    make.invoice(owing, "LARGE", customer="C0", amount="4000")
    make.invoice(owing, "USD", customer="C1", amount="5", currency="USD")
    make.invoice(owing, "LATER", customer="C40", due_on=NOW.date() + timedelta(days=40))
    begun(owing, amount_below=1000)
    assert set(drawn(owing, [*all_of(owing), "C40"])) == set(all_of(owing)) - {"C0", "C1"}


def test_what_became_of_everybody_is_counted_where_chance_put_them(owing: Cast) -> None:
    experiment = begun(owing, outcome_days=14)
    arms = drawn(owing, all_of(owing))
    Assignment.objects.of(owing.organisation).update(since=NOW - 20 * DAY)
    make.payment(owing, "P1", invoice="F1", paid_at=NOW - 15 * DAY)
    make.payment(owing, "P2", invoice="F2", paid_at=NOW - 2 * DAY)  # too late to count
    for key, kind, detail in (("C3", "complained", ""), ("C4", "rated", '{"score": 4}')):
        Event.objects.of(owing.organisation).create(
            key=f"{kind}-{key}", kind=kind, at=NOW - 10 * DAY, received_at=NOW - 10 * DAY,
            customer_key=key, detail=detail,
        )  # fmt: skip
    known = seen(facts.tables(owing.organisation, NOW), NOW)
    rows = {
        row["customer_id"]: row
        for row in outcome_rows(experiment, known, ["a", "b"]).iter_rows(named=True)
    }
    assert {key: row["arm"] for key, row in rows.items()} == arms
    one, two = rows["C1"], rows["C2"]
    assert (one["paid_30d"], one["days_to_pay"], one["collected_net"]) == (1.0, 5.0, 100.0)
    assert (two["paid_30d"], two["days_to_pay"], two["collected_net"]) == (0.0, 14.0, 0.0)
    assert one["expected_paid_30d"] == 0.4 and two["expected_paid_30d"] is None
    assert [rows[key]["complained"] for key in ("C3", "C4")] == [1.0, 0.0]
    assert (rows["C4"]["rated"], rows["C3"]["rated"]) == (4.0, None)
    # Before somebody's days are over nothing is said of money, and all of satisfaction.
    Assignment.objects.of(owing.organisation).update(since=NOW - 12 * DAY)
    early = outcome_rows(experiment, known, ["a", "b"])
    assert early["paid_30d"].null_count() == COUNT and early["complained"].sum() == 1


def test_an_arm_can_have_words_of_its_own(owing: Cast) -> None:
    actor = owing.actor("manager")
    place = {"kind": "reminder", "form": "long", "tone": "friendly", "language": "nl"}
    text = wording.draft(actor, **place, subject="Een andere vraag",
                         body="Beste {name},\n\nWilt u dit bekijken?")  # fmt: skip
    type(text).objects.of(owing.organisation).filter(pk=text.pk).update(state="submitted")
    other = ArmDraft("Other words", "changed", texts=(text.pk,))
    experiment = begun(owing, arms=[ARMS[0], other])
    drawn(owing, all_of(owing))
    run = plans.run(owing)
    said = {}
    for arm in ("a", "b"):
        row = Assignment.objects.of(owing.organisation).filter(arm__name=arm).first()
        assert row is not None
        key = row.customer.key
        one = plans.decision(
            run, key, arm=arm, experiment=experiment.slug, invoice_keys=[f"F{key[1:]}"]
        )
        draft = preview_of(one)
        assert draft is not None
        said[arm] = draft.subject
    assert said["b"] == "Een andere vraag" != said["a"]
    # While it is tried its words stay as they were approved for it.
    with pytest.raises(Refused, match="sends this text: end it first"):
        wording.withdraw(actor, number=text.pk)
    actions.stop(actor, experiment, "enough")
    assert wording.withdraw(actor, number=text.pk).state == "draft"
