"""The screens of experiments, walked from a question to the rules that came of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.experiments import actions, queries
from tenor.platform.experiments.actions import ArmDraft, Draft
from tenor.platform.experiments.models import Assignment, Experiment, Look
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.ledger.models import Customer
from tenor.platform.wording import actions as wording
from tenor.platform.wording.models import Template

HERE = "/o/delta/learning/experiments/"
FIRM = 'keys:{"channels.call.tones": ["firm"], "channels.email.tones": ["firm"], ' \
       '"channels.letter.tones": ["firm"]}'  # fmt: skip
FILLED = {
    "name": "Firm words", "question": "Do firm words bring in more?", "kind": "ab",
    "second": FIRM, "third": "", "own": "", "percent": "100", "together_by": "",
    "amount_below": "5000", "days": "60", "outcome_days": "30", "effect": "5",
    "guard_paid": "5", "guard_complained": "1", "guard_opted_out": "2",
}  # fmt: skip


@pytest.fixture
def ruled(cast: Cast) -> Cast:
    """Rules in force, and nobody who owes anything."""
    plans.rules(cast)
    plans.settle(cast)
    return cast


@pytest.fixture
def books(ruled: Cast) -> Cast:
    """A few months of invoices, most of them paid in time."""
    cast, today = ruled, NOW.date()
    for number in range(36):
        due = today - timedelta(days=3 * number)
        make.invoice(cast, f"F{number}", customer=f"C{number}", due_on=due)
        if number % 3 and number > 5:
            paid_at = NOW - timedelta(days=3 * number - 4)
            make.payment(cast, f"P{number}", invoice=f"F{number}", paid_at=paid_at)
    return cast


def enter(cast: Cast, role: str) -> Client:
    """Return a browser in which somebody of this role is signed in."""
    client = Client()
    client.force_login(getattr(cast, role).user)
    return client


@pytest.fixture
def compliance(cast: Cast) -> Client:
    return enter(cast, "compliance")


@pytest.fixture
def agent(cast: Cast) -> Client:
    return enter(cast, "agent")


def text(client: Client, address: str = HERE) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def comparison(outcome: str, difference: float, reach: float, verdict: str) -> dict[str, Any]:
    bounds = {"low": difference - reach, "high": difference + reach}
    return {
        "outcome": outcome, "arm": "b", "control": "a", "customers": [400, 410],
        "control_mean": 0.6, "arm_mean": 0.6 + difference, "difference": difference,
        "error": reach / 3, "once": bounds, "daily": bounds, "saved": 0.4, "verdict": verdict,
    }  # fmt: skip


def looked(experiment: Experiment, day: date, *compared: dict[str, Any]) -> None:
    figures = {
        "comparisons": list(compared), "customers": {"a": 400, "b": 410}, "ripe": {"a": 400},
        "guards": [], "factors": [], "notes": [], "balance": {"passes": True, "text": ""},
    }  # fmt: skip
    Look.objects.of(experiment.organisation_id).create(
        experiment=experiment, day=day, at=NOW, figures=figures
    )


def running(cast: Cast, **values: Any) -> Experiment:
    draft = Draft(
        name="Firm words", question="Do firm words bring in more?",
        arms=[ArmDraft("As it is today"),
              ArmDraft("Firm", "changed", {"channels.email.tones": ["firm"]})],
        **values,
    )  # fmt: skip
    slug = actions.draft_experiment(cast.actor("manager"), draft).slug
    actions.submit(cast.actor("manager"), slug=slug)
    actions.approve(cast.actor("compliance"), slug=slug)
    return actions.start(cast.actor("manager"), slug=slug)


def test_a_question_goes_from_the_form_to_people_through_two_of_them(
    books: Cast, manager: Client, compliance: Client
) -> None:
    assert "Nothing has been tried yet" in text(manager)
    answer = manager.post(HERE + "new/", {**FILLED, "reckon": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "To find a difference of 5.0 in 100 takes about" in page
    assert not Experiment.objects.of(books.organisation).exists()

    kept = manager.post(HERE + "new/", {**FILLED, "keep": "1"})
    assert kept.status_code == 302 and kept["Location"] == HERE + "firm-words/"
    found = Experiment.objects.of(books.organisation).get()
    assert found.planned["effect"] == 0.05 and found.planned["customers"] > 1000
    assert found.guards == {"paid_30d": 0.05, "complained": 0.01, "opted_out": 0.02}
    assert 'value="Firm words"' in text(manager, HERE + "firm-words/edit/")
    manager.post(HERE + "firm-words/submit/")
    # Whoever drew it up does not approve it; whoever approves did not draw it up.
    assert manager.post(HERE + "firm-words/approve/").status_code == 403
    assert manager.post(HERE + "firm-words/start/").status_code == 409
    assert "Approve this experiment?" in text(compliance, HERE + "firm-words/")
    compliance.post(HERE + "firm-words/approve/", {"because": "fine by me"})
    assert "fine by me" in text(manager, HERE + "firm-words/")
    manager.post(HERE + "firm-words/start/")
    assert "Running" in text(manager)
    found.refresh_from_db()
    assert found.state == "running"


def test_the_reckoning_counts_what_the_predictor_foretells(books: Cast, manager: Client) -> None:
    parts = [{"came_true": share, "rows": 500} for share in (0.2, 0.5, 0.8)]
    quality = {"horizons": [{"days": 30, "reliability": parts}]}
    PredictorVersion.objects.of(books.organisation).create(
        version="m1", state="live", fitted_at=NOW, facts_until=NOW, figures={"quality": quality}
    )
    page = manager.post(HERE + "new/", {**FILLED, "reckon": "1"}).content.decode()
    assert "The predictor foretells about 24% of what customers differ in" in page
    manager.post(HERE + "new/", {**FILLED, "keep": "1"})
    planned = Experiment.objects.of(books.organisation).get().planned
    assert planned["customers"] / planned["plain"] == pytest.approx(0.76, abs=0.01)


def test_whoever_approves_reads_the_words_that_are_tried(ruled: Cast, compliance: Client) -> None:
    place = {"kind": "reminder", "form": "long", "tone": "friendly", "language": "en"}
    own = wording.draft(ruled.actor("manager"), **place, subject="Another question",
                        body="Dear {name},\n\nCould you look at this?")  # fmt: skip
    Template.objects.of(ruled.organisation).filter(pk=own.pk).update(state="submitted")
    arms = [ArmDraft("As it is today"), ArmDraft("Words", "changed", texts=(own.pk,))]
    found = actions.draft_experiment(
        ruled.actor("manager"), Draft(name="Words", question="Which?", arms=arms)
    )
    page = text(compliance, HERE + f"{found.slug}/")
    assert "Another question" in page and "Could you look at this?" in page


def test_who_is_kept_together_counts_as_one(books: Cast, manager: Client) -> None:
    for number, customer in enumerate(Customer.objects.of(books.organisation).order_by("pk")):
        customer.attributes = {"household": f"H{number // 2}"}
        customer.save()
    for name, together in (("Alone", ""), ("Households", "household")):
        given = {**FILLED, "name": name, "together_by": together, "keep": "1"}
        assert manager.post(HERE + "new/", given).status_code == 302
    rows = Experiment.objects.of(books.organisation)
    alone, households = (rows.get(slug=slug).planned for slug in ("alone", "households"))
    assert households["customers"] == 2 * alone["customers"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"second": "keys:{}"}, "Select a valid choice"),
        ({"second": "own", "own": "limits.no_such = 3"}, "unknown key"),
        ({"second": "own", "own": "nonsense"}, "Write a key and its value"),
        ({"percent": "0"}, "greater than or equal to 1"),
        ({"kind": "factorial"}, "choose at least two"),
        ({"kind": "factorial", "third": "ladder"}, "cannot be combined"),
        ({"third": FIRM}, "are the same"),
        ({"kind": "pilot"}, "A pilot is in one group"),
        ({"together_by": "household"}, "None of your customers has a column “household”"),
        ({"amount_below": "1e30"}, "no more than 12 digits"),
    ],
)
@pytest.mark.parametrize("press", ["keep", "reckon"])
def test_what_cannot_be_tried_is_said_beside_the_field(
    ruled: Cast, manager: Client, wrong: dict[str, str], words: str, press: str
) -> None:
    answer = manager.post(HERE + "new/", {**FILLED, **wrong, press: "1"})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Experiment.objects.of(ruled.organisation).exists()


def test_what_it_shows_is_said_in_one_sentence(ruled: Cast, manager: Client) -> None:
    found = running(ruled)
    page = HERE + f"{found.slug}/"
    assert "Nothing can be said yet" in text(manager, page)
    same = comparison("complained", 0.0, 0.005, "no difference that matters")
    looked(found, date(2026, 3, 8), comparison("paid_30d", 0.05, 0.08, "not known yet"), same)
    assert "Between 3.0 fewer and 13 more of 100 customers pay within 30 days." in text(
        manager, page
    )
    looked(found, date(2026, 3, 9), comparison("paid_30d", 0.06, 0.03, "better"), same)
    shown = text(manager, page)
    assert (
        "B (Firm) brings in more: 3.0 to 9.0 more of 100 customers pay within 30 days. "
        "Satisfaction is the same so far." in shown
    )
    assert shown.count('data-chart="lines"') == 1
    assert shown.count('class="marks-dot') == 2
    assert "The groups are as large as the lot foresees." in shown
    worse = comparison("complained", 0.03, 0.01, "worse")
    looked(found, date(2026, 3, 10), comparison("paid_30d", -0.06, 0.03, "worse"), worse)
    shown = text(manager, page)
    assert "brings in less: 3.0 to 9.0 fewer of 100" in shown
    assert "People feel worse treated: complained." in shown


def test_what_to_mind_stands_first_and_in_the_language_of_the_reader(
    ruled: Cast, manager: Client
) -> None:
    found = running(ruled)
    looked(found, date(2026, 3, 9), comparison("paid_30d", 0.06, 0.03, "better"))
    look = Look.objects.of(ruled.organisation).get()
    look.figures |= {
        "balance": {"passes": False, "text": "b has 10 customers where the draw foresees 400"},
        "customers": {"a": 400, "b": 10},
        "figures": [{"arm": "a", "outcome": "rated", "customers": 80},
                    {"arm": "b", "outcome": "rated", "customers": 5}],
        "notes": ["b has 10 customers: below 30 nothing can be said."],
    }  # fmt: skip
    look.save()
    ruled.manager.user.language = "nl"
    ruled.manager.user.save()
    shown = text(manager, HERE + f"{found.slug}/")
    torn = shown.index("niet zo groot als het lot voorziet (As it is today: 400, Firm: 10)")
    assert torn < shown.index("brengt meer op")
    assert "bekend van 50 op de 100 klanten van “Firm” en van 20 op de 100" in shown
    assert "“Firm” heeft 10 klanten: onder de 30 valt er niets te zeggen." in shown
    assert "where the draw foresees" not in shown and "below 30" not in shown


def test_stopping_asks_why_and_what_was_found_becomes_a_draft_of_the_rules(
    ruled: Cast, manager: Client, agent: Client
) -> None:
    found = running(ruled)
    page = HERE + f"{found.slug}/"
    assert agent.post(page + "stop/", {"because": "no"}).status_code == 403
    assert manager.post(page + "stop/", {"because": " "}).status_code in (400, 409, 422)
    found.refresh_from_db()
    assert found.state == "running"
    manager.post(page + "finish/", {"because": "It has its answer"})
    found.refresh_from_db()
    assert (found.state, found.ended_because) == ("finished", "It has its answer")
    answer = manager.post(page + "adopt/", {"arm": "b"})
    draft = PolicyVersion.objects.of(ruled.organisation).get(state="draft")
    assert answer["Location"].endswith(f"/rules/versions/{draft.number}/") or answer.status_code
    assert 'tones = ["firm"]' in draft.text and "Firm words" in draft.note
    assert manager.post(page + "adopt/", {"arm": "a"}).status_code == 409


def test_an_experiment_of_somebody_else_is_not_there(ruled: Cast, stranger: Client) -> None:
    found = running(ruled)
    assert stranger.get(HERE + f"{found.slug}/").status_code == 404
    other = stranger.get(HERE.replace("delta", "omega") + f"{found.slug}/")
    assert other.status_code == 404
    assert queries.running(ruled.other) == []


def test_a_canary_is_widened_by_the_same_lot(ruled: Cast) -> None:
    actor = ruled.actor("compliance")
    version = plans.rules(
        ruled, plans.RULES.replace("max_contacts_30d = 3", "max_contacts_30d = 2")
    )
    found = actions.begin_canary(actor, name="Rules 2", policy=version, share=0.1)
    assert [arm.name for arm in queries.arms_of(found)] == ["live", "canary"]
    actions.widen(actor, found, 0.4)
    with pytest.raises(Exception, match="not narrowed"):
        actions.widen(actor, found, 0.2)
    actions.stop(actor, found, "the figures fell")
    assert queries.running(ruled.organisation) == []
    assert not Assignment.objects.of(ruled.organisation).exists()


def test_one_of_several_ways_is_stopped_by_itself_with_a_reason(
    ruled: Cast, manager: Client, agent: Client
) -> None:
    draft = Draft(
        name="Three ways", question="Which?",
        arms=[ArmDraft("As it is today"),
              ArmDraft("Firm", "changed", {"channels.email.tones": ["firm"]}),
              ArmDraft("Calm", "changed", {"limits.min_days_between": 9})],
    )  # fmt: skip
    actions.draft_experiment(ruled.actor("manager"), draft)
    actions.submit(ruled.actor("manager"), slug="three-ways")
    actions.approve(ruled.actor("compliance"), slug="three-ways")
    found = actions.start(ruled.actor("manager"), slug="three-ways")
    page = HERE + "three-ways/"
    assert "Stop “Firm”?" in text(manager, page)
    assert agent.post(page + "ways/b/stop/", {"because": "no"}).status_code == 403
    assert manager.post(page + "ways/b/stop/", {"because": " "}).status_code == 422
    manager.post(page + "ways/b/stop/", {"because": "People are angry"})
    found.refresh_from_db()
    stopped = found.arms.get(name="b")
    assert (found.state, stopped.stopped_because) == ("running", "People are angry")
    # The last that differs is stopped with the whole experiment, not by itself.
    assert "Stop “Calm”?" not in text(manager, page)
    assert manager.post(page + "ways/zz/stop/", {"because": "x"}).status_code == 404


def test_before_any_plan_the_form_says_that_nobody_can_take_part(
    ruled: Cast, manager: Client
) -> None:
    assert "so nobody can take part" in manager.get(f"{HERE}new/").content.decode()
