"""Harm: how likely a contact brings a complaint or an opt-out, counted from what followed it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.conformance import Case, check_predictor
from policy_world import at, customer, world
from tenor.engine.events import Kind
from tenor.engine.frames import INSTANT, Tables
from tenor.engine.predictors.harm import USUAL, HarmPredictor, fit_harm
from tenor.engine.predictors.history import Lessons

AS_OF = at("2026-05-11")
NOW_AND_THEN = np.array([0.0, 1.0, 5.0])


def tables_of_contacts(
    contacts: list[dict[str, Any]], events: list[dict[str, Any]] | None = None
) -> Tables:
    """Contacts of customers C0, C1, … and what they did, without an invoice."""
    base = {"invoice_ids": ["I1"], "tone": None}
    ids = sorted({c["customer_id"] for c in contacts})
    return world(customers=[customer(i) for i in ids] or None).with_(
        contacts=world().contacts.clear() if not contacts else _frame("contacts", contacts, base),
        events=_frame("events", events, {}) if events else world().events,
    )


def _frame(name: str, rows: list[dict[str, Any]], base: dict[str, Any]) -> pl.DataFrame:
    empty = getattr(world(), name)
    return pl.concat(
        [
            empty.clear(),
            pl.DataFrame([base | r for r in rows], infer_schema_length=None).cast(
                {"sent_at": INSTANT} if name == "contacts" else {"at": INSTANT}
            ),
        ],
        how="diagonal_relaxed",
    )


def sent(
    number: int, channel: str = "email", days_ago: float = 30.0, **more: Any
) -> dict[str, Any]:
    return {
        "contact_id": f"K{number:05}",
        "customer_id": f"C{number:05}",
        "sent_at": AS_OF - timedelta(days=days_ago),
        "channel": channel,
    } | more


def complained(number: int, after: float, *, of: float = 30.0, **more: Any) -> dict[str, Any]:
    """A complaint of a customer, so many days after a contact so many days ago."""
    when = AS_OF - timedelta(days=of - after)
    return {"at": when, "kind": "complained", "customer_id": f"C{number:05}"} | more


def learned(tables: Tables, kind: Kind = Kind.COMPLAINED, as_of: datetime = AS_OF) -> HarmPredictor:
    return fit_harm(tables, Lessons(as_of, (), pl.DataFrame()), kind)


def first(predictor: HarmPredictor, channel: str = "email", tone: str = "none") -> float:
    """The chance after a first contact."""
    return float(predictor.chance(channel, tone, np.zeros(1))[0])


def test_without_contacts_harm_is_as_usual_and_repeats_bring_more() -> None:
    predictor = learned(tables_of_contacts([]))
    assert predictor.usual == pytest.approx(USUAL)
    chances = predictor.chance("email", "firm", NOW_AND_THEN)
    assert chances[0] == pytest.approx(1 / 300, rel=0.02)
    assert (np.diff(chances) > 0).all()


def test_much_experience_gives_the_share_that_was_seen() -> None:
    contacts = [sent(n) for n in range(4_000)]
    events = [complained(n, 1.0) for n in range(0, 4_000, 20)]
    assert first(learned(tables_of_contacts(contacts, events))) == pytest.approx(0.05, abs=0.005)


def test_a_channel_and_a_tone_that_anger_are_told_apart() -> None:
    contacts = [
        sent(n, ("email", "call")[n % 2], tone=("friendly", "firm")[n // 2 % 2])
        for n in range(2_000)
    ]
    # One in ten firm calls, nothing else.
    events = [complained(n, 2.0) for n in range(3, 2_000, 40)]
    predictor = learned(tables_of_contacts(contacts, events))
    chance = {
        (c, t): first(predictor, c, t) for c in ("email", "call") for t in ("friendly", "firm")
    }
    assert max(chance, key=lambda k: chance[k]) == ("call", "firm")
    assert chance["call", "firm"] > 0.05
    assert chance["call", "firm"] > 4 * chance["call", "friendly"]
    assert chance["call", "firm"] > 4 * chance["email", "firm"]


def test_an_unknown_channel_and_tone_are_as_usual() -> None:
    contacts = [sent(n, tone="firm") for n in range(500)]
    predictor = learned(tables_of_contacts(contacts, [complained(n, 1.0) for n in range(50)]))
    usual = 1.0 / (1.0 + np.exp(-predictor.usual))
    assert first(predictor, "drone", "rude") == pytest.approx(usual)
    assert first(predictor, "email", "firm") > usual


@pytest.mark.parametrize(
    ("events", "marked"),
    [
        pytest.param([complained(7, 6.9)], True, id="within a week"),
        pytest.param([complained(7, 7.1)], False, id="after a week"),
        pytest.param([complained(7, -0.1)], False, id="before the contact"),
        pytest.param([complained(8888, 1.0)], False, id="another customer"),
        pytest.param([complained(7, 20.0, contact_id="K00007")], True, id="of just this contact"),
        pytest.param([complained(7, 1.0, kind="opted_out")], False, id="another kind of harm"),
        pytest.param(
            [complained(7, 1.0, customer_id=None, invoice_id="I1")],
            False,
            id="of another's invoice",
        ),
    ],
)
def test_a_contact_is_blamed_for_what_followed_within_a_week(
    events: list[dict[str, Any]], marked: bool
) -> None:
    contacts = [sent(n) for n in range(300)]
    none = first(learned(tables_of_contacts(contacts)))
    found = first(learned(tables_of_contacts(contacts, events)))
    assert (found > none * 1.2) == marked
    if not marked:
        assert found == pytest.approx(none, rel=0.05)


def test_the_last_contact_before_it_is_blamed_and_no_other() -> None:
    # Everybody gets a letter, three days later a call, and a tenth complains a day after that.
    letters = [sent(n, "letter", 30.0) for n in range(600)]
    calls = [sent(n, "call", 27.0) | {"contact_id": f"L{n:05}"} for n in range(600)]
    events = [complained(n, 1.0, of=27.0) for n in range(60)]
    predictor = learned(tables_of_contacts(letters + calls, events))
    after_letter = float(predictor.chance("call", "none", np.ones(1))[0])
    assert after_letter == pytest.approx(0.1, abs=0.02)
    assert first(predictor, "letter") < 0.01


def test_contacts_of_the_last_week_teach_nothing_yet() -> None:
    old = [sent(n) for n in range(400)]
    recent = [sent(n, days_ago=6.0) for n in range(1_000, 3_000)]
    events = [complained(n, 1.0) for n in range(40)]
    assert first(learned(tables_of_contacts(old + recent, events))) == pytest.approx(
        first(learned(tables_of_contacts(old, events)))
    )


def test_repeats_are_learned_to_anger_more() -> None:
    # Each of 300 customers gets six contacts four days apart; one in six complains of the last.
    contacts = [
        sent(n, days_ago=60.0 - 4 * k, contact_id=f"K{n:05}-{k}")
        for n in range(300)
        for k in range(6)
    ]
    events = [complained(n, 1.0, of=40.0) for n in range(0, 300, 6)]
    calm, worn = learned(tables_of_contacts(contacts, events)).chance(
        "email", "", np.array([0.0, 5.0])
    )
    assert calm < 0.02
    assert worn > 0.06


def test_it_keeps_what_every_predictor_promises(tmp_path: Path) -> None:
    contacts = [sent(n, ("email", "call")[n % 2]) for n in range(200)]
    tables = tables_of_contacts(contacts, [complained(n, 1.0) for n in range(0, 200, 9)])
    rows = pl.DataFrame({"customer_channel": ["email", "call", "drone", None] * 5})

    def predict(predictor: HarmPredictor, rows: pl.DataFrame) -> Any:
        given = rows["customer_channel"] if "customer_channel" in rows.columns else None
        names = given.to_list() if given is not None else [None] * rows.height
        return np.array([predictor.chance(str(c), "none", np.ones(1))[0] for c in names])

    case = Case(
        fit=lambda seed: learned(tables),
        predict=predict,
        rows=rows,
        classes=(HarmPredictor,),
    )
    check_predictor(case, tmp_path)


def test_the_order_of_the_contacts_does_not_matter() -> None:
    contacts = [sent(n, ("email", "call")[n % 2]) for n in range(200)]
    events = [complained(n, 1.0) for n in range(0, 200, 9)]
    found = learned(tables_of_contacts(contacts, events))
    other = learned(tables_of_contacts(contacts[::-1], events[::-1]))
    assert other == found


def test_in_the_simulated_world_complaints_are_foretold_about_right(
    model: Any, tables: Tables, as_of: datetime
) -> None:
    known = tables.known_at(as_of)
    complaints = (known.events["kind"] == "complained").sum()
    share = float(complaints) / known.contacts.height
    mix = known.contacts.select("channel", "tone").rows()
    foretold = np.mean([first(model.complaint, c, t) for c, t in mix])
    assert foretold == pytest.approx(share, rel=0.5)
