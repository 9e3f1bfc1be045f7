"""The plan of the day on screen: what it shows, and that acts do what they say and nothing else."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Decision, Review, Run

PLAN = "/o/delta/plan/"
CONSIDER, ACT = PLAN + "consider/", PLAN + "act/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def day(cast: Cast) -> Run:
    """Six customers: two e-mails, a letter, one for a person, one hand-over, one left alone."""
    plans.rules(cast)
    plans.settle(cast)
    for number in range(1, 7):
        make.invoice(cast, f"F{number}", customer=f"C{number}", amount=f"{number}00")
    run = plans.run(cast)
    own: dict[str, dict[str, object]] = {
        "C1": {"gate": "by_hand", "value": 9.0},
        "C2": {"gate": "by_hand", "explored": True, "segment": "prompt"},
        "C3": {"gate": "by_hand", "channel": "letter", "tone": "firm", "cost": 1.10},
        "C4": {"gate": "by_hand large", "review_reason": "400.00 is above 300 EUR"},
        "C5": {"verdict": "escalate", "gate": "hand_over"},
        "C6": {"verdict": "wait", "state": "nothing", "gate": "promise",
               "reasons": ["payment is promised and not yet late"], "p_paid_wait": 0.9},
    }  # fmt: skip
    for number, (key, values) in enumerate(own.items(), 1):
        plans.decision(
            run, key, invoice_keys=[f"F{number}"], amount=Decimal(number * 100), **values
        )
    return run


def number_of(run: Run, customer: str) -> int:
    return int(Decision.objects.of(run.organisation_id).get(run=run, customer__key=customer).pk)


def states(run: Run) -> dict[str, str]:
    rows = Decision.objects.of(run.organisation_id).filter(run=run)
    return dict(rows.values_list("customer__key", "state"))


def said(run: Run) -> list[tuple[str, str, str]]:
    rows = Review.objects.of(run.organisation_id).order_by("decision__customer__key")
    return list(rows.values_list("decision__customer__key", "verdict", "reason"))


def text(response: object) -> str:
    return " ".join(unescape(response.content.decode()).split())  # type: ignore[attr-defined]


BEFORE = {
    "C1": "proposed", "C2": "proposed", "C3": "proposed",
    "C4": "proposed", "C5": "proposed", "C6": "nothing",
}  # fmt: skip


def test_the_groups_of_a_plan_say_what_will_be_done(day: Run, manager: Client) -> None:
    page = text(manager.get(PLAN))
    assert "Tenor wants to contact 3 customers and leave 1 alone." in page
    assert "2 × E-mail, 1 × Letter" in page
    for group in ("E-mail, <span", "Letter, <span", "A person decides", "Hand over to collection"):
        assert group in page
    assert "Payment is promised and not yet late" in page
    assert "Customer C1" not in page, "people are shown once their group is opened"


def test_a_group_opens_to_its_people_with_and_without_script(day: Run, manager: Client) -> None:
    whole = text(manager.get(PLAN, {"group": "email.friendly"}))
    part = text(manager.get(PLAN + "rows/", {"group": "email.friendly"}, headers=HTMX))
    for page in (whole, part):
        assert page.index("Customer C1") < page.index("Customer C2"), "the larger gain stands first"
        assert "10 days overdue" in page
        assert "60% → 80%" in page
        assert "a try, to learn from" in page
        assert "Customer C3" not in page
    assert "<html" in whole
    assert "<html" not in part


def test_who_is_left_alone_is_shown_with_the_reason(day: Run, manager: Client) -> None:
    page = text(manager.get(PLAN, {"group": "alone.promise"}))
    assert "Customer C6" in page
    assert "90%" in page
    assert "Customer C1" not in page


def test_a_person_sees_why_they_are_asked(day: Run, manager: Client) -> None:
    page = text(manager.get(PLAN, {"group": "person"}))
    assert "more than €300.00: the rules ask a person to look" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "customer c3"}, {"C3"}),
        ({"channel": "letter"}, {"C3"}),
        ({"segment": "prompt"}, {"C2"}),
        ({"state": "nothing"}, {"C6"}),
        ({"amount_from": "350"}, {"C4", "C5", "C6"}),
        ({"tone": "friendly", "amount_from": "150"}, {"C2", "C4"}),
        ({"search": "nobody"}, set()),
    ],
)
def test_filters_leave_those_that_fit(
    day: Run, manager: Client, asked: dict[str, str], found: set[str]
) -> None:
    page = text(manager.get(PLAN, asked))
    shown = {f"C{n}" for n in range(1, 7) if f"Customer C{n}<" in page}
    assert shown == found


@pytest.mark.parametrize("after", ["nonsense", "1.0_x", "x_1"])
def test_a_page_that_does_not_exist_is_said_to(day: Run, manager: Client, after: str) -> None:
    assert manager.get(PLAN, {"group": "all", "after": after}).status_code == 422


def test_a_filter_that_means_nothing_is_left_out(day: Run, manager: Client) -> None:
    asked = {"state": "no", "segment": "no", "amount_from": "nan", "sort": "no"}
    assert "A person decides" in text(manager.get(PLAN, asked))


def test_long_groups_go_on_page_by_page(cast: Cast, day: Run, manager: Client) -> None:
    for number in range(10, 70):
        make.customer(cast, f"D{number}")
        plans.decision(day, f"D{number}", channel="letter", tone="firm", value=1.0 + number)
    first = manager.get(PLAN + "rows/", {"group": "letter.firm"}, headers=HTMX)
    page = text(first)
    assert page.count('id="decision-') == 50
    query = page.split(f'href="{PLAN}?')[1].split('"')[0]
    rest = text(manager.get(f"{PLAN}rows/?{query}", headers=HTMX))
    assert rest.count('id="decision-') == 11
    assert "Customer D69" in page
    assert "Customer D10" in rest
    assert "Customer C3" in rest


def test_what_approving_costs_is_said_before_it_is_done(day: Run, manager: Client) -> None:
    page = text(manager.post(CONSIDER, {"act": "approve", "whole": "yes", "group": "all"}))
    assert "Approve 3 decisions?" in page
    assert "2 e-mails are sent" in page
    assert "1 letter is printed and posted" in page
    assert "about €1.10" in page
    assert "€1.14" in page
    assert "€600.00 owed" in page
    assert states(day) == BEFORE
    assert said(day) == []


def test_approving_all_leaves_what_a_person_sees_one_by_one(day: Run, manager: Client) -> None:
    done = manager.post(ACT, {"act": "approve", "whole": "yes", "group": "all"}, follow=True)
    assert "3 decisions are approved." in text(done)
    approved = {"C1": "approved", "C2": "approved", "C3": "approved"}
    assert states(day) == BEFORE | approved
    assert said(day) == [(key, "agreed", "agree") for key in approved]


def test_one_group_is_approved_and_taken_back(day: Run, manager: Client) -> None:
    manager.post(ACT, {"act": "approve", "whole": "yes", "group": "letter.firm"})
    assert states(day) == BEFORE | {"C3": "approved"}
    back = manager.post(ACT, {"act": "take_back", "whole": "yes", "group": "letter.firm"})
    assert back["Location"] == PLAN + "?group=letter.firm#plan"
    assert states(day) == BEFORE
    assert said(day) == []


def test_what_was_just_done_can_be_undone(day: Run, manager: Client) -> None:
    chosen = [number_of(day, key) for key in ("C1", "C4")]
    page = text(manager.post(ACT, {"act": "approve", "decision": chosen}, follow=True))
    assert states(day) == BEFORE | {"C1": "approved", "C4": "approved"}
    assert "Changed 2 decisions just now" in page
    form = page.split("plan-undo")[1].split("</form>")[0]
    assert 'value="take_back"' in form
    assert all(f'name="decision" value="{number}"' in form for number in chosen)
    manager.post(ACT, {"act": "take_back", "decision": chosen})
    assert states(day) == BEFORE


@pytest.mark.parametrize(("act", "state"), [("hold", "held"), ("veto", "vetoed")])
def test_holding_and_refusing_ask_why_and_keep_it(
    day: Run, manager: Client, act: str, state: str
) -> None:
    chosen = {"act": act, "decision": number_of(day, "C1")}
    asked = text(manager.post(CONSIDER, chosen))
    assert "I know this customer" in asked
    done = manager.post(ACT, chosen | {"reason": "hardship", "note": "Called this morning"})
    assert done.status_code == 302
    assert states(day) == BEFORE | {"C1": state}
    assert said(day) == [("C1", state, "hardship")]
    manager.post(ACT, {"act": "release", "decision": chosen["decision"]})
    assert states(day) == BEFORE


def test_without_a_reason_nothing_is_held(day: Run, manager: Client) -> None:
    refused = manager.post(ACT, {"act": "hold", "decision": number_of(day, "C1")})
    assert refused.status_code == 422
    assert "Choose a reason." in text(refused)
    assert states(day) == BEFORE
    assert said(day) == []


def test_a_whole_group_can_be_held(day: Run, manager: Client) -> None:
    asked = {"act": "hold", "whole": "yes", "group": "email", "reason": "relation"}
    manager.post(ACT, asked)
    assert states(day) == BEFORE | {"C1": "held", "C2": "held"}


def test_acts_on_what_fits_the_filters_touch_nothing_else(day: Run, manager: Client) -> None:
    manager.post(ACT, {"act": "approve", "whole": "yes", "group": "", "segment": "prompt"})
    assert states(day) == BEFORE | {"C2": "approved"}


@pytest.mark.parametrize(
    "form",
    [
        {"act": "approve"},
        {"act": "approve", "decision": "x"},
        {"act": "burn", "whole": "yes"},
        {"whole": "yes"},
    ],
)
@pytest.mark.parametrize("where", [CONSIDER, ACT])
def test_an_act_that_means_nothing_changes_nothing(
    day: Run, manager: Client, where: str, form: dict[str, str]
) -> None:
    assert manager.post(where, form).status_code == 422
    assert states(day) == BEFORE


def test_an_agent_may_hold_and_may_not_approve(day: Run, cast: Cast, client: Client) -> None:
    client.force_login(cast.agent.user)
    chosen = {"decision": number_of(day, "C1")}
    for act in ("approve", "veto", "take_back", "release"):
        for where in (CONSIDER, ACT):
            assert client.post(where, chosen | {"act": act, "reason": "other"}).status_code == 403
    assert states(day) == BEFORE
    page = text(client.get(PLAN, {"group": "email.friendly"}))
    assert "Hold" in page
    assert 'value="approve"' not in page
    assert client.post(ACT, chosen | {"act": "hold", "reason": "in_contact"}).status_code == 302
    assert states(day) == BEFORE | {"C1": "held"}


def test_an_analyst_looks_and_does_nothing(day: Run, cast: Cast, client: Client) -> None:
    client.force_login(cast.analyst.user)
    assert client.get(PLAN).status_code == 200
    chosen = {"act": "hold", "decision": number_of(day, "C1"), "reason": "other"}
    assert client.post(ACT, chosen).status_code == 403
    assert states(day) == BEFORE


def test_decisions_of_another_organisation_are_nobodys(
    day: Run, cast: Cast, stranger: Client
) -> None:
    plans.run(Cast(**{**vars(cast), "organisation": cast.other}))
    chosen = {"act": "approve", "decision": number_of(day, "C1")}
    assert stranger.post("/o/omega/plan/act/", chosen).status_code == 409
    assert states(day) == BEFORE


def test_channel_tone_time_and_words_are_changed_within_the_rules(
    day: Run, manager: Client
) -> None:
    number = number_of(day, "C1")
    where = f"{PLAN}{number}/change/"
    page = text(manager.get(where, headers=HTMX))
    assert "Tenor wants: E-mail, friendly" in page
    assert 'value="2026-03-10"' in page
    assert 'value="10:00"' in page, "09:00 UTC, at the organisation's place"
    form = {
        "channel": "call", "tone": "friendly", "day": "2026-03-11", "hour": "10:30",
        "text": "Ask for Ann", "reason": "knows_customer",
    }  # fmt: skip
    done = manager.post(where, form)
    assert done.status_code == 302
    row = Decision.objects.of(day.organisation_id).get(pk=number)
    assert (row.channel, row.text, row.cost) == ("call", "Ask for Ann", 4.5)
    assert row.send_at == NOW.replace(day=11, hour=9, minute=30)
    assert row.original["channel"] == "email"
    assert said(day) == [("C1", "changed", "knows_customer")]
    shown = text(manager.get(PLAN, {"search": "C1"}))
    assert "Tenor meant: E-mail, friendly" in shown


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"channel": "call", "hour": "22:00"}, "Outside the hours of this channel"),
        ({"day": "2026-03-01"}, "That moment has passed"),
        ({"hour": "late"}, "Choose a day and an hour."),
        ({"channel": "pigeon"}, "Nothing here can send over this channel"),
        ({"reason": "", "text": "Hello"}, "Choose a reason."),
        ({}, "Nothing would change."),
    ],
)
def test_what_the_rules_forbid_is_said_and_changes_nothing(
    day: Run, manager: Client, form: dict[str, str], words: str
) -> None:
    number = number_of(day, "C1")
    usual = {
        "channel": "email", "tone": "friendly", "day": "2026-03-10", "hour": "10:00", "text": "",
        "reason": "wrong_time",
    }  # fmt: skip
    before = Decision.objects.of(day.organisation_id).filter(pk=number).values().get()
    refused = manager.post(f"{PLAN}{number}/change/", usual | form, headers=HTMX)
    assert refused.status_code == 422
    assert words in text(refused)
    assert Decision.objects.of(day.organisation_id).filter(pk=number).values().get() == before
    assert said(day) == []


def test_somebody_left_alone_can_be_contacted_after_all(day: Run, manager: Client) -> None:
    number = number_of(day, "C6")
    form = {"channel": "email", "day": "2026-03-10", "hour": "11:00", "reason": "knows_customer"}
    assert manager.post(f"{PLAN}{number}/change/", form).status_code == 302
    row = Decision.objects.of(day.organisation_id).get(pk=number)
    assert (row.state, row.channel, row.verdict) == ("proposed", "email", "contact")


def test_the_difference_from_the_ladder_is_one_switch_away(day: Run, manager: Client) -> None:
    rows = Decision.objects.of(day.organisation_id)
    rows.filter(customer__key="C1").update(ladder_channel="email", ladder_tone="firm")
    rows.filter(customer__key="C6").update(ladder_channel="letter", ladder_tone="urgent")
    page = text(manager.get(PLAN + "difference/"))
    assert "5 customers are treated otherwise, 1 alike." in page
    assert "Tenor contacts 4 whom the ladder leaves alone today" in page
    assert "leaves 1 alone whom it would contact" in page
    assert "(there is no plan before this one)" in page


def test_the_difference_from_yesterday(day: Run, cast: Cast, manager: Client) -> None:
    before = plans.run(cast, NOW - timedelta(days=1))
    plans.decision(before, "C1", channel="letter", tone="firm", state="lapsed")
    plans.decision(before, "C6", state="lapsed")
    page = text(manager.get(PLAN + "difference/", {"against": "yesterday"}))
    assert "2 customers are treated otherwise, 0 alike." in page
    assert "1 are left alone who were to be contacted" in page
    assert "4 customers had nothing open then." in page


def test_when_it_goes_out_is_drawn_and_told(day: Run, manager: Client) -> None:
    page = text(manager.get(PLAN + "moments/"))
    assert 'data-chart="bars"' in page
    assert "<td>10</td>" in page


def test_before_the_first_plan_the_screens_say_what_will_be_here(
    cast: Cast, manager: Client
) -> None:
    for where in ("", "difference/", "moments/", "rows/"):
        response = manager.get(PLAN + where)
        assert response.status_code == 200
        assert "There is no plan yet" in text(response)


def test_one_act_on_many_is_one_entry_in_the_audit_log(day: Run, manager: Client) -> None:
    manager.post(ACT, {"act": "approve", "whole": "yes", "group": "all"})
    entries = AuditEntry.objects.of(day.organisation_id).filter(action="decision.approve")
    assert [entry.after["count"] for entry in entries] == [3]
