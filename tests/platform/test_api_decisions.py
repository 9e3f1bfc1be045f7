"""Scores, decisions and reviews over the API."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import lived
import make
import plans
import worlds
from caller import Caller, caller, callers
from cast import NOW, Cast
from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import load_model
from tenor.platform.decisions import facts
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.models import Decision, Review, Score
from tenor.platform.decisions.runs.run import seed_of
from tenor.platform.ledger.models import Invoice


@pytest.fixture
def program(cast: Cast) -> Caller:
    """A program of the first organisation, with every scope."""
    return caller(cast.organisation)


@pytest.fixture
def planned(cast: Cast) -> Decision:
    """A decision of today's plan: an e-mail to C1 in an hour."""
    plans.rules(cast)
    make.invoice(cast, "F1")
    return plans.decision(plans.run(cast))


def test_the_plan_is_read_a_page_at_a_time(cast: Cast, program: Caller) -> None:
    assert program.get("decisions") == {"day": None, "items": [], "next": None}
    plans.rules(cast)
    run = plans.run(cast)
    for n in range(5):
        make.invoice(cast, f"F{n}", customer=f"C{n}")
        plans.decision(run, f"C{n}", value=float(n), invoice_keys=[f"F{n}"])
    first = program.get("decisions", limit=3)
    assert first["day"] == "2026-03-10"
    assert [d["customer_key"] for d in first["items"]] == ["C4", "C3", "C2"]
    rest = program.get(first["next"])
    assert ([d["customer_key"] for d in rest["items"]], rest["next"]) == (["C1", "C0"], None)
    assert program.get("decisions", channel="call")["items"] == []
    assert len(program.get("decisions", state="proposed")["items"]) == 5
    program.get("decisions", 422, cursor="WzFd")


def test_a_decision_is_shown_whole(cast: Cast, program: Caller, planned: Decision) -> None:
    shown = program.get(f"decisions/{planned.pk}")
    assert (shown["customer_key"], shown["invoice_keys"]) == ("C1", ["F1"])
    assert (shown["channel"], shown["tone"], shown["amount"]) == ("email", "friendly", "100.00")
    assert shown["send_at"] == "2026-03-10T09:00:00Z"
    assert caller(cast.other).get(f"decisions/{planned.pk}", 404)
    program.get("decisions/99999999999999999999", 422)


def test_asked_now_it_decides_on_what_is_known_at_this_instant(cast: Cast, program: Caller) -> None:
    plans.rules(cast)
    make.invoice(cast, "F1")
    said = program.post("decisions/now", {"invoice_key": "F1"}, 201)
    # Without a predictor the fixed ladder decides: its first step is an e-mail.
    assert (said["customer_key"], said["invoice_keys"]) == ("C1", ["F1"])
    assert (said["verdict"], said["channel"], said["gate"]) == ("contact", "email", "asked")
    assert (said["state"], said["decided_at"]) == ("proposed", "2026-03-10T08:00:00Z")
    again = program.post("decisions/now", {"customer_key": "C1"}, 201)
    assert again == said
    kept = Decision.objects.of(cast.organisation).get()
    assert (kept.run_id, kept.pk) == (None, said["id"])

    make.payment(cast, "P1", invoice="F1")
    refused = program.post("decisions/now", {"invoice_key": "F1"}, 409)
    assert "Nothing is open" in refused["detail"]


def test_asked_now_about_one_it_decides_as_the_engine_does_among_all(
    cast: Cast, program: Caller, tables: Tables, as_of: datetime, model_folder: Path
) -> None:
    organisation = cast.organisation
    lived.keep(organisation, tables, as_of)
    lived.put_in_force(organisation, worlds.POLICY, model_folder)
    plans.run(cast, as_of)
    known = facts.tables(organisation, as_of)
    owing = invoice_states(known, as_of).filter("is_open")["customer_id"].unique().sort()
    some = owing.gather_every(max(1, owing.len() // 8)).to_list()
    model = load_model(model_folder)
    same = ("verdict", "channel", "tone", "send_at", "invoice_keys", "propensity", "p_paid_wait")
    verdicts = set()
    for key in some:
        alone = decide(
            known,
            as_of=as_of,
            model=model,
            policy=live_policy(organisation),
            seed=seed_of(organisation, as_of.date()),
            customers=[key],
        ).to_dicts()[0]
        said = program.post("decisions/now", {"customer_key": key}, 201)
        kept = Decision.objects.of(organisation).get(pk=said["id"])
        shown = {**alone, "invoice_keys": alone["invoice_ids"]}
        for name in same:
            value = shown[name] or "" if name in ("channel", "tone") else shown[name]
            close = pytest.approx(value) if isinstance(value, float) else value
            assert getattr(kept, name) == close, (key, name)
        owed = Invoice.objects.of(organisation).filter(key__in=kept.invoice_keys)
        assert kept.amount == sum(invoice.balance for invoice in owed)
        verdicts.add(kept.verdict)
    assert verdicts >= {"wait", "contact"}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"customer_key": "C1", "invoice_key": "F1"}, 422),
        ({"customer_key": "C9"}, 404),
        ({"invoice_key": "F9"}, 404),
        ({"invoice_key": 1}, 422),
    ],
)
def test_who_is_not_known_is_not_decided_about(
    cast: Cast, program: Caller, given: dict[str, Any], status: int
) -> None:
    make.invoice(cast, "F1")
    program.post("decisions/now", given, status)
    other = caller(cast.other)
    other.post("decisions/now", {"invoice_key": "F1"}, 404)
    assert not Decision.across.exists()


@pytest.mark.parametrize(
    ("said", "state", "label"),
    [
        ({"verdict": "agree"}, "proposed", "agreed"),
        ({"verdict": "disagree", "reason": "too_soon"}, "proposed", "disagreed"),
        ({"verdict": "approve"}, "approved", "agreed"),
        ({"verdict": "hold", "reason": "in_contact"}, "held", "held"),
        ({"verdict": "veto", "reason": "dispute", "note": "Wet."}, "vetoed", "vetoed"),
        (
            {"verdict": "change", "reason": "wrong_tone", "tone": "firm"},
            "proposed",
            "changed",
        ),
    ],
)
def test_a_review_does_what_it_says_and_leaves_its_label(
    cast: Cast, program: Caller, planned: Decision, said: dict[str, Any], state: str, label: str
) -> None:
    plans.settle(cast)
    answer = program.post(f"decisions/{planned.pk}/reviews", said, 201)
    assert answer["state"] == state
    (kept,) = program.get(f"decisions/{planned.pk}/reviews")["items"]
    assert (kept["verdict"], kept["by_name"]) == (label, "ERP")
    assert kept["reason"] == said.get("reason", "agree")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"verdict": "hold"}, 422),
        ({"verdict": "veto", "reason": "because"}, 422),
        ({"verdict": "release"}, 409),
        ({"verdict": "change", "reason": "wrong_time"}, 422),
        ({"verdict": "change", "reason": "wrong_channel", "channel": "fax"}, 422),
        ({"verdict": "shrug"}, 422),
    ],
)
def test_a_review_that_cannot_be_changes_nothing(
    cast: Cast, program: Caller, planned: Decision, said: dict[str, Any], status: int
) -> None:
    program.post(f"decisions/{planned.pk}/reviews", said, status)
    caller(cast.other).post(f"decisions/{planned.pk}/reviews", {"verdict": "approve"}, 404)
    reader = caller(cast.organisation, "decisions:read", "reviews:read")
    reader.post(f"decisions/{planned.pk}/reviews", {"verdict": "approve"}, 403)
    assert not Review.objects.of(cast.organisation).exists()
    planned.refresh_from_db()
    assert (planned.state, planned.channel) == ("proposed", "email")


def test_scores_are_read_and_found_by_customer_and_risk(cast: Cast) -> None:
    program, other = callers(cast)
    for n, risk in enumerate("ABB"):
        make.invoice(cast, f"F/{n}", customer=f"C{n}")
        Score.objects.of(cast.organisation).create(
            invoice=Invoice.objects.of(cast.organisation).get(key=f"F/{n}"), as_of=NOW,
            model_version="m1", p_paid_7d=0.25, p_paid_30d=0.5, p_paid_60d=0.75, risk=risk,
            reasons=["pays late"],
        )  # fmt: skip
    one = program.get("scores/F/1")
    assert (one["invoice_key"], one["customer_key"], one["p_paid_30d"]) == ("F/1", "C1", 0.5)
    assert one["reasons"] == ["pays late"]
    page = program.get("scores", limit=2)
    assert [row["invoice_key"] for row in page["items"]] == ["F/0", "F/1"]
    assert [row["invoice_key"] for row in program.get(page["next"])["items"]] == ["F/2"]
    assert [r["invoice_key"] for r in program.get("scores", risk="B")["items"]] == ["F/1", "F/2"]
    assert len(program.get("scores", customer_key="C0")["items"]) == 1
    program.get("scores", 422, risk="b")
    other.get("scores/F/1", 404)
    assert other.get("scores")["items"] == []
