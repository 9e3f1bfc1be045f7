"""The case of a customer: what is shown, and every act with what it does and when it is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Decision, Review
from tenor.platform.ledger.models import Dispute, Hold, Note, Plan, Promise

CASE = "/o/delta/customers/C1/"
ACT = "/o/delta/case/C1/"


@pytest.fixture
def decision(cast: Cast) -> Decision:
    """Ann owes two invoices, and Tenor intends an e-mail."""
    plans.rules(cast)
    make.customer(cast, "C1", name="Ann Bakker")
    make.invoice(cast, "F1", amount="100")
    make.invoice(cast, "F2", amount="50.01")
    return plans.decision(plans.run(cast))


def page(client: Client, address: str = CASE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_case_shows_who_owes_what_and_what_is_intended(
    decision: Decision, manager: Client
) -> None:
    text = page(manager)
    assert "Ann Bakker" in text and "€150.01" in text
    assert "E-mail, friendly" in text and "10 days overdue" in text
    assert "60%" in text and "80%" in text


def test_a_customer_without_anything_has_a_page_too(cast: Cast, manager: Client) -> None:
    make.customer(cast, "C1")
    assert "Nothing happened yet" in page(manager)
    assert page(manager, CASE + "?tab=statement") and page(manager, CASE + "?tab=decisions")


def test_keys_with_slashes_spaces_and_accents_have_a_page(cast: Cast, manager: Client) -> None:
    make.customer(cast, "A/12 é", name="Odd One", email="")
    assert "Odd One" in page(manager, "/o/delta/customers/A/12%20%C3%A9/")


def test_the_timeline_tells_what_happened_with_the_message_as_it_was_sent(
    cast: Cast, decision: Decision, manager: Client
) -> None:
    make.payment(cast, "P1", invoice="F1", amount="40")
    manager.post(ACT + "note/", {"text": "Rang about the move"})
    text = page(manager)
    for said in ("Paid", "€40.00", "Rang about the move", "Invoice F1 was sent"):
        assert said in text


def test_the_statement_ends_with_what_is_owed(
    cast: Cast, decision: Decision, manager: Client
) -> None:
    make.payment(cast, "P1", invoice="F1", amount="40")
    text = page(manager, CASE + "?tab=statement")
    assert text.rindex("€110.01") > text.rindex("−€40.00")


def test_a_promise_a_hold_and_a_dispute_are_kept_and_shown(
    cast: Cast, decision: Decision, manager: Client
) -> None:
    day = (NOW + timedelta(days=5)).date().isoformat()
    manager.post(ACT + "promise/", {"invoices": ["F1"], "promised_on": day})
    manager.post(ACT + "hold/", {"reason": "internal", "until": day})
    manager.post(ACT + "dispute/", {"invoice": "F2", "reason": "wrong_amount"})
    promise = Promise.objects.of(cast.organisation).get()
    assert (promise.amount, promise.promised_on.isoformat()) == (100, day)
    hold = Hold.objects.of(cast.organisation).get()
    assert hold.ends_at is not None and hold.ends_at.isoformat().startswith(day)
    assert Dispute.objects.of(cast.organisation).get().invoice.key == "F2"
    text = page(manager)
    assert "Promised €100.00" in text and "On hold" in text and "F2 is disputed" in text
    manager.post(f"/o/delta/agreements/hold/{hold.pk}/lift/")
    manager.post(f"/o/delta/agreements/promise/{promise.pk}/withdraw/")
    manager.post("/o/delta/disputes/F2/resolve/", {"outcome": "rejected"})
    assert 'id="situation"' not in page(manager)


def test_a_plan_splits_to_the_cent_with_a_month_between(
    cast: Cast, decision: Decision, manager: Client
) -> None:
    form = {"invoices": ["F1", "F2"], "parts": "4", "first_on": "2026-03-31"}
    manager.post(ACT + "plan/", form)
    plan = Plan.objects.of(cast.organisation).get()
    parts = [(p.due_on.isoformat(), p.amount) for p in plan.instalments.all()]
    assert parts == [
        ("2026-03-31", Decimal("37.50")), ("2026-04-30", Decimal("37.50")),
        ("2026-05-31", Decimal("37.50")), ("2026-06-30", Decimal("37.51")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("promise/", {"invoices": ["F1"], "promised_on": "soon"}),
        ("promise/", {"invoices": ["F1"], "promised_on": "2020-01-01"}),
        ("promise/", {"invoices": [], "promised_on": "2026-04-01"}),
        ("promise/", {"invoices": ["F9"], "promised_on": "2026-04-01"}),
        ("plan/", {"invoices": ["F1"], "parts": "1", "first_on": "2026-04-01"}),
        ("plan/", {"invoices": [], "parts": "3", "first_on": "2026-04-01"}),
        ("plan/", {"invoices": ["F1"], "parts": "x", "first_on": "2026-04-01"}),
        ("hold/", {"reason": "because", "until": "2026-04-01"}),
        ("hold/", {"reason": "internal", "until": "2020-01-01"}),
        ("dispute/", {"invoice": "F1", "reason": "mood"}),
        ("note/", {"text": "  "}),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_changes_nothing(
    cast: Cast, decision: Decision, manager: Client, act: str, form: dict[str, object]
) -> None:
    answer = manager.post(ACT + act, form, follow=True)
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert "notice stop" in answer.content.decode()
    for table in (Promise, Plan, Hold, Dispute, Note):
        assert not table.objects.of(cast.organisation).exists()


def test_agreeing_and_flagging_wrong_advice_are_labels_that_are_kept(
    cast: Cast, decision: Decision, manager: Client
) -> None:
    place = f"/o/delta/case/{decision.pk}/review/"
    manager.post(place, {"agrees": "yes"})
    said = {"reason": "wrong_tone", "note": "always late, always pays", "tone": "friendly"}
    manager.post(place, {"agrees": "no", **said})
    labels = Review.objects.of(cast.organisation).order_by("pk")
    assert [(r.verdict, r.reason, r.change) for r in labels] == [
        ("agreed", "agree", {}), ("flagged", "wrong_tone", {"tone": "friendly"}),
    ]  # fmt: skip
    decision.refresh_from_db()
    assert decision.state == "proposed"
    assert "always late, always pays" in page(manager)


def test_only_who_approves_names_the_owner(cast: Cast, decision: Decision, manager: Client) -> None:
    agent = Client()
    agent.force_login(cast.agent.user)
    form = {"owner": str(cast.agent.user_id)}
    assert agent.post(ACT + "owner/", form).status_code == 403
    assert "answers for this case" not in page(agent)
    manager.post(ACT + "owner/", form)
    assert "Agent answers for this case" in page(manager)


def test_an_analyst_sees_a_case_and_changes_nothing(cast: Cast, decision: Decision) -> None:
    analyst = Client()
    analyst.force_login(cast.analyst.user)
    assert 'data-opens="promise"' not in page(analyst)
    assert analyst.post(ACT + "note/", {"text": "x"}).status_code == 403
    assert not Note.objects.of(cast.organisation).exists()


def test_a_stranger_finds_no_case(decision: Decision, stranger: Client) -> None:
    assert stranger.get(CASE).status_code == 404
    assert stranger.get("/o/omega/customers/C1/").status_code == 404
    assert stranger.get(f"/o/omega/case/{decision.pk}/alternatives/").status_code == 404


def test_a_decision_that_weighed_nothing_says_so(decision: Decision, manager: Client) -> None:
    text = page(manager, f"/o/delta/case/{decision.pk}/alternatives/")
    assert "There was nothing to weigh" in text


def test_going_back_never_leaves_the_house(decision: Decision, manager: Client) -> None:
    place = f"/o/delta/case/{decision.pk}/review/"
    answer = manager.post(place, {"agrees": "yes", "back": "https://elsewhere.example/"})
    assert answer["Location"] == CASE
