"""The simulated world: honest tables, effects of published size, the same luck for every policy."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from tenor.cli.main import main
from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states, settlements
from tenor.engine.policy.policyfile import parse_policy
from tenor.engine.simulation import (
    Channel,
    Decider,
    Place,
    Step,
    Tone,
    World,
    WorldConfig,
    play,
    play_knowing,
)
from tenor.engine.simulation.chance import Draw, normal, uniform
from tenor.engine.simulation.intensity import combined
from tenor.engine.simulation.nature import Payer
from tenor.engine.store import read_tables

SMALL = WorldConfig(customers=300)
POLICY = parse_policy(
    """
    [channels.email]
    cost = 0.02
    tones = ["friendly", "neutral"]
    [channels.sms]
    cost = 0.07
    tones = ["friendly"]
    hours = "09:00-18:00"
    [channels.letter]
    cost = 1.10
    [channels.call]
    cost = 4.5
    days = "Mon-Fri"
    capacity_per_day = 3
    """
)


@cache
def lived(customers: int = 1500, seed: int = 5, days: int = 400) -> World:
    """A world with a history; tests copy it and never change it."""
    world = World(WorldConfig(customers=customers), seed)
    world.play_ladder(days)
    return world


@cache
def untouched(seed: int) -> World:
    """A world in which nobody was ever contacted, with some invoices overdue."""
    world = World(WorldConfig(customers=5000, ladder=()), seed)
    world.play_ladder(100)
    return world


def assert_same(left: Tables, right: Tables) -> None:
    for (table, frame), (_, other) in zip(left, right, strict=True):
        assert frame.equals(other), table.name


def contact_all(
    world: World, channel: str, tone: str, *, at: timedelta = timedelta(hours=10)
) -> pl.DataFrame:
    """Contacts to everybody with an invoice that is one to fourteen days late."""
    late = world.truth().invoices.filter(
        pl.col("days_overdue").is_between(1, 14) & ~pl.col("disputed")
    )
    return late.group_by("customer_id", maintain_order=True).agg(
        invoice_ids=pl.col("invoice_id"),
        channel=pl.lit(channel),
        tone=pl.lit(tone),
        send_at=pl.lit(world.today + at),
    )


def no_contacts(world: World) -> pl.DataFrame:
    return contact_all(world, "email", "neutral").clear()


def paid_share(world: World, invoices: pl.Series, until: datetime) -> float:
    """The share of `invoices` on which something was paid by `until`."""
    paid = world.tables().payments.filter(pl.col("paid_at") < until)["invoice_id"]
    return float(invoices.is_in(paid.implode()).mean())  # type: ignore[arg-type]


# The same seed


def test_the_same_seed_gives_the_same_facts_and_another_seed_others() -> None:
    first, again = World(SMALL, 3).history(120), World(SMALL, 3).history(120)
    assert_same(first, again)
    other = World(SMALL, 4).history(120)
    assert not first.payments.equals(other.payments)
    assert not first.customers.equals(other.customers)


def test_asking_for_the_tables_on_the_way_changes_nothing() -> None:
    asked = World(SMALL, 3)
    for _ in range(12):
        asked.history(10)
    assert_same(asked.tables(), World(SMALL, 3).history(120))


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_written_tables_pass_the_check_and_read_back_as_they_were(
    tmp_path: Path, file_format: str
) -> None:
    world = World(WorldConfig(customers=300, randomised=0.5), 8)
    world.play_ladder(200)
    written = world.write(tmp_path, file_format=file_format)  # type: ignore[arg-type]
    reading = read_tables(tmp_path)
    assert reading.problems.is_empty(), reading.problems
    assert reading.warnings == []
    for table, frame in written:
        read = getattr(reading.tables, table.name)
        assert read.height == frame.height, table.name
        assert set(frame.columns) <= set(read.columns), table.name
    metadata = json.loads((tmp_path / "metadata.json").read_text())
    assert metadata["synthetic"] is True
    assert metadata["seed"] == 8
    assert metadata["config"]["randomised"] == 0.5
    assert metadata["as_of"] == "2024-07-19T00:00:00+00:00"


def test_the_command_writes_the_same_bytes_twice_and_says_what_it_did(tmp_path: Path) -> None:
    outputs = []
    for name in ("a", "b"):
        arguments = ["simulate", "--customers", "60", "--seed", "2", "--days", "90"]
        result = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        outputs.append(result.output.replace(str(tmp_path / name), "DIR"))
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith("Wrote a synthetic portfolio to DIR: 60 customers, ")
    assert outputs[0].count("\n") == 1
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert "metadata.json" in files
    assert len(files) == 7
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


# Nothing hidden in the tables


def test_the_tables_hold_the_documented_columns_and_no_other() -> None:
    tables = lived().tables()
    assert set(tables.customers.columns) == {
        *("customer_id", "kind", "country", "language", "timezone", "customer_value"),
        *("contact_hours", "contact_days"),
        *("consent_email", "consent_sms", "sector", "region", "tenure_years", "autopay"),
        "protected_age_band",
    }
    assert set(tables.invoices.columns) == {
        *("invoice_id", "customer_id", "amount", "currency", "issued_on", "due_on"),
        *("subscription", "ref_order"),
    }


def test_no_visible_column_gives_the_hidden_type_away() -> None:
    world = lived()
    kind = world.truth().laws.people.kind
    commonest = np.bincount(kind).max() / len(kind)
    visible = world.tables().customers
    words = {t.name.lower() for t in Payer}
    for name in visible.columns:
        values = visible[name]
        assert not words & set(values.cast(pl.String).drop_nulls().str.to_lowercase()), name
        if values.dtype != pl.String or values.n_unique() > 50:
            continue
        # Guessing the commonest type of each value is hardly better than guessing without.
        told = pl.DataFrame({"value": values, "type": kind}).group_by("value", "type").len()
        right = told.group_by("value").agg(pl.col("len").max())["len"].sum() / len(kind)
        assert right < commonest + 0.08, (name, right)


def test_types_lean_on_what_is_visible_all_the_same() -> None:
    world = lived()
    kind = world.truth().laws.people.kind
    business = (world.tables().customers["kind"] == "business").to_numpy()
    strategic = kind == Payer.STRATEGIC
    assert strategic[business].mean() > 2 * strategic[~business].mean()


def test_facts_from_the_future_are_not_told() -> None:
    world = lived()
    for table, frame in world.tables():
        time = {"payments": "paid_at", "contacts": "sent_at", "events": "at"}.get(table.name)
        if time:
            assert frame[time].max() <= world.today, table.name  # type: ignore[operator]
            assert frame[time].is_sorted(), table.name
    assert world.tables().invoices["issued_on"].max() == world.today.date()
    assert world.tables().external["date"].max() == world.today.date()


# Consistent facts


def test_events_come_in_a_possible_order() -> None:
    tables = lived().tables()
    sent = tables.contacts.select("contact_id", "sent_at", "channel", who="customer_id")
    about = tables.events.drop_nulls("contact_id").join(sent, on="contact_id", how="left")
    assert (about["at"] > about["sent_at"]).all()
    assert (about["customer_id"] == about["who"]).all()
    when = {
        kind: tables.events.filter(pl.col("kind") == kind).select("contact_id", "at")
        for kind in ("delivered", "opened", "clicked")
    }
    for earlier, later in (("delivered", "opened"), ("delivered", "clicked")):
        pair = when[later].join(when[earlier], on="contact_id", how="left", suffix="_before")
        assert pair.height > 50
        assert pair["at_before"].null_count() == 0
        assert (pair["at"] > pair["at_before"]).all()
    assert about.filter(pl.col("kind") == "opened")["channel"].unique().to_list() == ["email"]


def test_nothing_is_paid_before_it_is_issued_or_beyond_what_is_owed() -> None:
    world = lived()
    tables = world.tables()
    paid = tables.payments.join(tables.invoices, on="invoice_id", how="left", suffix="_asked")
    assert (paid["paid_at"].dt.date() >= paid["issued_on"]).all()
    assert (tables.payments["amount"] > 0).all()
    states = invoice_states(tables, world.today)
    assert (states["paid"] <= states["total"]).all()
    open_ = set(world.truth().invoices["invoice_id"])
    told = set(states.filter(pl.col("is_open"))["invoice_id"])
    # What is escalated on the morning of `today` is not told yet at its midnight.
    assert open_ <= told
    assert len(told) - len(open_) < 25
    left = states.filter(pl.col("invoice_id").is_in(list(open_))).sort("invoice_id")
    truth = world.truth().invoices.sort("invoice_id")
    gap = (left["balance"].cast(pl.Float64) - truth["amount"]).abs()
    assert (gap < 0.005).sum() >= left.height - 25


def test_nobody_is_contacted_about_what_is_settled_or_handed_over() -> None:
    tables = lived().tables()
    ended = settlements(tables).select("invoice_id", "settled_at")
    given = tables.events.filter(pl.col("kind") == "escalated").select("invoice_id", gone="at")
    asked = (
        tables.contacts.select("sent_at", invoice_id="invoice_ids")
        .explode("invoice_id")
        .join(ended, on="invoice_id", how="left")
        .join(given, on="invoice_id", how="left")
    )
    assert asked.filter(pl.col("sent_at") > pl.col("settled_at")).is_empty()
    assert asked.filter(pl.col("sent_at") > pl.col("gone")).is_empty()
    assert tables.contacts["invoice_ids"].list.len().min() == 1
    assert tables.contacts["invoice_ids"].list.len().max() > 1  # type: ignore[operator]


def test_every_kind_of_behaviour_occurs() -> None:
    kinds = set(lived(customers=4000, seed=6, days=300).tables().events["kind"])
    assert kinds == {
        *("delivered", "bounced", "opened", "clicked", "page_visited", "payment_started"),
        *("payment_failed", "replied", "promised", "promise_broken", "disputed"),
        *("dispute_resolved", "complained", "opted_out", "amount_changed", "escalated"),
        "credited",
    }


def test_details_say_what_the_engine_reads() -> None:
    events = lived(customers=4000, seed=6, days=300).tables().events
    field = {"promised": "date", "opted_out": "channel", "amount_changed": "amount"}
    for kind, name in field.items():
        detail = events.filter(pl.col("kind") == kind)["detail"]
        assert detail.str.json_path_match(f"$.{name}").null_count() == 0, kind


# The ladder


@pytest.mark.parametrize("seed", [5, 6])
def test_the_ladder_has_sensible_base_rates(seed: int) -> None:
    world = lived(seed=seed)
    ended = invoice_states(world.tables(), world.today).filter(pl.col("days_overdue") > 75)
    assert ended.height > 3000
    assert 0.85 <= ended["settled_at"].is_not_null().mean() <= 0.95  # type: ignore[operator]
    assert 0.03 <= ended["closed_at"].is_not_null().mean() <= 0.12  # type: ignore[operator]


def test_logged_propensities_are_those_of_the_draw() -> None:
    world = World(WorldConfig(customers=3000, randomised=0.5, calls_a_day=10_000), 9)
    tables = world.history(250)
    free = tables.customers.filter(pl.col("consent_email") & pl.col("consent_sms"))
    opted = tables.events.filter(pl.col("kind") == "opted_out")["customer_id"]
    sent = tables.contacts.filter(
        pl.col("customer_id").is_in(free["customer_id"].implode())
        & ~pl.col("customer_id").is_in(opted.implode())
    )
    assert sent.height > 2500
    # Weighted by 1 / propensity, each channel counts its 5 tones x 12 hours x 4 days.
    for channel in ("email", "sms", "letter", "call"):
        own = sent.filter(pl.col("channel") == channel)
        weight = float((1.0 / own["propensity"]).sum())
        assert weight / sent.height == pytest.approx(240, rel=0.15), channel
    as_usual = sent.filter(pl.col("policy") == "ladder")["propensity"]
    assert as_usual.min() >= 0.5  # type: ignore[operator]


def test_a_plain_ladder_logs_no_propensity_and_follows_its_rungs() -> None:
    tables = World(WorldConfig(customers=400, randomised=0.0), 2).history(200)
    assert tables.contacts["propensity"].null_count() == tables.contacts.height
    pairs = set(tables.contacts.select("channel", "tone").rows())
    assert pairs <= {
        *(("email", "neutral"), ("letter", "neutral")),
        *(("letter", "firm"), ("call", "urgent"), ("letter", "urgent")),
    }
    assert ("email", "neutral") in pairs


def test_calls_stay_within_the_day_capacity_and_people_are_given_rest() -> None:
    config = WorldConfig(customers=3000, randomised=1.0, calls_a_day=2)
    contacts = World(config, 4).history(200).contacts
    calls = contacts.filter(pl.col("channel") == "call")
    assert calls.group_by(pl.col("sent_at").dt.date()).len()["len"].max() == 2
    gap = contacts.sort("customer_id", "sent_at").select(
        pl.col("sent_at").dt.date().diff().over("customer_id").dt.total_days()
    )
    assert gap["sent_at"].drop_nulls().min() >= config.min_days_between  # type: ignore[operator]


# Names and places of one's own


def test_an_organisation_s_own_words_and_zones_are_used() -> None:
    config = WorldConfig(
        customers=200,
        channels=(Channel("post", "letter", 0.9), Channel("app", "push", 0.0)),
        tones=(Tone("du", "friendly"), Tone("sie", "firm")),
        places=(Place("US", 1.0, ("en",), ("America/New_York", "America/Los_Angeles")),),
        ladder=(Step(2, "app", "du"), Step(10, "post", "sie")),
        start=date(2025, 3, 1),
        currency="USD",
        randomised=1.0,
    )
    tables = World(config, 1).history(150)
    assert set(tables.contacts["channel"]) == {"post", "app"}
    assert set(tables.contacts["tone"]) == {"du", "sie"}
    assert set(tables.customers["timezone"]) == {"America/New_York", "America/Los_Angeles"}
    assert set(tables.invoices["currency"]) == {"USD"}
    assert "consent_app" in tables.customers.columns
    assert "consent_post" not in tables.customers.columns
    sent = tables.contacts.join(tables.customers, on="customer_id")
    for zone in set(sent["timezone"]):
        own = sent.filter(pl.col("timezone") == zone)["sent_at"].dt.convert_time_zone(zone)
        assert own.dt.hour().min() >= 8  # type: ignore[operator]
        assert own.dt.hour().max() <= 19  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"customers": 0}, "customers is 0"),
        ({"randomised": 1.5}, "randomised is 1.5"),
        ({"channels": (Channel("fax", "fax", 1.0),)}, "medium is 'fax'"),
        ({"tones": (Tone("rude", "rude"),)}, "temper is 'rude'"),
        ({"ladder": (Step(1, "pigeon", "neutral"),)}, "ladder channel is 'pigeon'"),
    ],
)
def test_a_world_that_cannot_be_is_refused_by_name(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        WorldConfig(**wrong)  # type: ignore[arg-type]


# Luck


def test_draws_are_even_and_belong_to_their_place() -> None:
    who = np.arange(20_000)
    u = uniform(7, Draw.PAY, who, 3)
    assert ((u > 0) & (u < 1)).all()
    assert abs(u.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.03
    assert abs(np.corrcoef(u, uniform(7, Draw.PAY, who, 4))[0, 1]) < 0.03
    assert abs(np.corrcoef(u, uniform(7, Draw.CLICK, who, 3))[0, 1]) < 0.03
    assert abs(np.corrcoef(u, uniform(8, Draw.PAY, who, 3))[0, 1]) < 0.03
    some = np.array([17, 4, 19_999])
    assert (uniform(7, Draw.PAY, some, 3) == u[some]).all()
    z = normal(7, Draw.LAG, who, 1)
    assert abs(z.mean()) < 0.03
    assert abs(z.std() - 1.0) < 0.03


def test_a_contact_to_one_changes_nothing_for_all_others() -> None:
    world = untouched(1)
    everybody = contact_all(world, "sms", "neutral")
    alone, nobody = world.copy(), world.copy()
    alone.step(everybody.head(1), days=20)
    nobody.step(no_contacts(world), days=20)
    chosen = everybody["customer_id"][0]
    own = set(world.tables().invoices.filter(pl.col("customer_id") == chosen)["invoice_id"])
    others = ~pl.col("invoice_id").is_in(list(own))
    columns = ["invoice_id", "paid_at", "amount"]
    left = alone.tables().payments.filter(others).select(columns)
    assert left.equals(nobody.tables().payments.filter(others).select(columns))
    assert_same(nobody.tables().with_(contacts=alone.tables().contacts.clear()), nobody.tables())


def test_a_world_without_effects_is_the_same_whatever_is_sent() -> None:
    world = World(WorldConfig(customers=1500, ladder=(), effect_scale=0.0), 2)
    world.play_ladder(80)
    kind = world.truth().laws.people.kind
    contacts = contact_all(world, "sms", "neutral")
    # Promises and provoked disputes are the customer's own doing: leave those who make them out.
    silent, loud = world.copy(), world.copy()
    silent.step(no_contacts(world), days=15)
    loud.step(contacts, days=15)
    assert len(kind) == 1500
    swayed = loud.tables().events.filter(
        pl.col("kind").is_in(["promised", "disputed", "complained"])
    )["customer_id"]
    who = loud.tables().invoices.filter(~pl.col("customer_id").is_in(swayed.implode()))
    own = pl.col("invoice_id").is_in(who["invoice_id"].implode())
    left, right = (w.tables().payments.filter(own) for w in (silent, loud))
    assert left.select("invoice_id", "paid_at").equals(right.select("invoice_id", "paid_at"))


# The size of effects, by comparison on the same luck


@cache
def answer(seed: int, channel: str | None, tone: str, days: int = 21) -> float:
    """The share paid within `days` among the late of an untouched world, contacted so or not."""
    world = untouched(seed)
    contacts = contact_all(world, channel or "email", tone)
    twin = world.copy()
    twin.step(contacts if channel else contacts.clear(), days=days)
    return paid_share(twin, contacts["invoice_ids"].explode(), twin.today)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_message_against_none_adds_within_the_published_range(seed: int) -> None:
    gains = [
        answer(seed, channel, "neutral") - answer(seed, None, "neutral")
        for channel in ("email", "sms", "letter", "call")
    ]
    # +7 to +25 points (Gillitzer & Sinning 2018; Haynes et al. 2013), e-mail down to nothing.
    assert 0.07 <= max(gains) <= 0.25
    assert all(0.0 <= gain <= 0.25 for gain in gains)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_texts_bring_up_to_28_percent_more_than_mails(seed: int) -> None:
    ratio = answer(seed, "sms", "neutral") / answer(seed, "email", "neutral")
    assert 1.0 <= ratio <= 1.28


def test_tones_matter_little_on_average_and_some_do_harm() -> None:
    tones = ("friendly", "firm", "urgent", "empathetic")
    ratios = np.array(
        [
            answer(seed, "sms", tone) / answer(seed, "sms", "neutral") - 1.0
            for seed in (1, 2, 3)
            for tone in tones
        ]
    )
    assert abs(ratios.mean()) < 0.06
    assert 0.005 < ratios.std() < 0.12
    assert ratios.min() < 0.0 < ratios.max()


def test_the_hour_of_sending_matters_at_most_five_percent() -> None:
    truth = untouched(1).truth()
    chances = [truth.p_paid("email", "neutral", hour=float(h)).mean() for h in range(8, 20)]
    assert 0.0 < max(chances) / min(chances) - 1.0 < 0.05


def test_single_types_differ_far_more_than_the_average() -> None:
    truth = untouched(1).truth()
    frame = truth.invoices.with_columns(
        soft=truth.gain("letter", "empathetic"), hard=truth.gain("letter", "urgent")
    ).filter(pl.col("days_overdue").is_between(1, 20))
    mean = {
        payer: frame.filter(pl.col("type") == payer).select("soft", "hard").mean().row(0)
        for payer in (Payer.TIGHT, Payer.STRATEGIC)
    }
    assert mean[Payer.TIGHT][0] > 2 * mean[Payer.TIGHT][1] + 0.02
    # Pressure drives some of them away.
    assert (frame.filter(pl.col("type") == Payer.TIGHT)["hard"] < -0.002).any()
    assert mean[Payer.STRATEGIC][1] > mean[Payer.STRATEGIC][0] + 0.05


def test_an_effect_builds_and_fades_and_a_letter_takes_its_way() -> None:
    truth = untouched(1).truth()
    chosen = truth.invoices["days_overdue"].is_between(1, 14).to_numpy()
    for channel, latest_peak in (("sms", 2), ("letter", 6)):
        curve = truth.curve(channel, "neutral")[chosen]
        wait = -np.expm1(-np.cumsum(truth.intensity[chosen], axis=1))
        daily = np.diff((curve - wait).mean(axis=0), prepend=0.0)
        assert daily.argmax() <= latest_peak
        assert daily[-1] < 0.35 * daily.max()
    letter = (truth.curve("letter", "neutral")[chosen] - wait).mean(axis=0)
    assert letter[1] == pytest.approx(0.0, abs=1e-9)
    assert letter[6] > 0.03


def test_twice_as_many_contacts_add_less_than_twice_as_much() -> None:
    world = untouched(2)
    texts = contact_all(world, "sms", "friendly")
    invoices = texts["invoice_ids"].explode()
    paid = {}
    for gap in (100, 14, 7, 3):
        twin = world.copy()
        for day in range(28):
            at = pl.lit(twin.today + timedelta(hours=10))
            due = texts.with_columns(send_at=at) if day % gap == 0 else texts.clear()
            twin.step(due, days=1)
        paid[gap] = paid_share(twin, invoices, twin.today)
    once, four, nine = paid[100], paid[7], paid[3]
    assert once < paid[14] <= four
    # Nine contacts instead of four bring little more, or less.
    assert nine - four < 0.5 * (four - once)


def test_people_complain_more_when_pressed_often() -> None:
    world = untouched(3)
    before = world.truth().p_complaint("call", "urgent").mean()
    calm = world.truth().p_complaint("email", "friendly").mean()
    assert 0.0 < calm < before < 0.03
    twin = world.copy()
    for _ in range(4):
        contacts = contact_all(twin, "sms", "urgent")
        twin.step(contacts, days=3)
    who = contacts["customer_id"]
    truth = twin.truth()
    pressed = truth.invoices["customer_id"].is_in(who.implode()).to_numpy()
    assert truth.p_complaint("sms", "urgent")[pressed].mean() > 1.5 * (
        world.truth().p_complaint("sms", "urgent").mean()
    )


# The truth


@pytest.mark.parametrize(
    ("channel", "tone"), [(None, "neutral"), ("letter", "firm"), ("sms", "friendly")]
)
def test_what_is_told_as_truth_is_what_happens(channel: str | None, tone: str) -> None:
    said, seen, count = 0.0, 0.0, 0
    for seed in (1, 2, 3):
        world = untouched(seed)
        truth = world.truth()
        contacts = contact_all(world, channel or "email", tone, at=timedelta(hours=11))
        invoices = contacts["invoice_ids"].explode()
        asked = truth.invoices["invoice_id"].is_in(invoices.implode()).to_numpy()
        chance = truth.p_paid(channel, tone, hour=12.0) if channel else truth.p_paid_wait()
        twin = world.copy()
        twin.step(contacts if channel else contacts.clear(), days=14)
        said += chance[asked].sum()
        seen += paid_share(twin, invoices, twin.today) * len(invoices)
        count += len(invoices)
    assert count > 900
    assert said / count == pytest.approx(seen / count, abs=0.03)


def test_the_truth_leaves_the_world_as_it_is() -> None:
    world = untouched(1).copy()
    twin = world.copy()
    truth = twin.truth()
    truth.gain("sms", "friendly")
    truth.p_complaint("call", "urgent")
    for one in (world, twin):
        one.step(no_contacts(world), days=5)
    assert_same(world.tables(), twin.tables())


# Steps and play


def test_contacts_that_cannot_be_sent_are_refused_or_dropped() -> None:
    world = untouched(1).copy()
    contacts = contact_all(world, "sms", "neutral").head(3)
    with pytest.raises(InputError, match="no channel 'pigeon'; it has email, sms, letter, call"):
        world.step(contacts.with_columns(channel=pl.lit("pigeon")))
    with pytest.raises(InputError, match="before"):
        world.step(contacts.with_columns(send_at=pl.lit(world.today - timedelta(hours=1))))
    late = contacts.with_columns(send_at=pl.lit(world.today + timedelta(days=2)))
    assert world.step(late, days=2).is_empty()
    paid = world.tables().payments["invoice_id"].head(1).implode()
    settled = contacts.head(1).with_columns(
        invoice_ids=paid, send_at=pl.lit(world.today + timedelta(hours=9))
    )
    assert world.step(settled, days=2).is_empty()


def test_what_went_out_is_logged_with_its_propensity_and_policy() -> None:
    world = untouched(1).copy()
    contacts = contact_all(world, "letter", "firm").with_columns(
        propensity=pl.lit(0.25), policy=pl.lit("mine")
    )
    out = world.step(contacts, days=2)
    assert 0 < out.height <= contacts.height
    assert set(out["propensity"]) == {0.25}
    assert set(out["policy"]) == {"mine"}
    assert set(out["cost"]) == {1.10}
    assert out.equals(world.tables().contacts)


def eager(channel: str, tone: str) -> Decider:
    """A policy that contacts everybody with an open invoice at every chance, rules or not."""

    def decide(tables: Tables, now: datetime) -> pl.DataFrame:
        open_ = invoice_states(tables, now).filter(pl.col("is_open"))
        return open_.group_by("customer_id", maintain_order=True).agg(
            invoice_ids=pl.col("invoice_id"),
            verdict=pl.lit("contact"),
            channel=pl.lit(channel),
            tone=pl.lit(tone),
            send_at=pl.lit(now + timedelta(hours=11)),
        )

    return decide


def silent(tables: Tables, now: datetime) -> pl.DataFrame:
    return eager("email", "neutral")(tables, now).clear()


def test_play_holds_every_policy_to_the_rules() -> None:
    world = lived(customers=800, seed=11, days=150)
    result = play(world, eager("call", "neutral"), policy=POLICY, days=20)
    assert result.refused > 0
    seen: list[World] = []

    def watched(live: World) -> Decider:
        seen.append(live)
        return eager("call", "neutral")

    again = play_knowing(world, watched, policy=POLICY, days=20)
    assert again.contacts == result.contacts
    calls = seen[0].tables().contacts.filter(pl.col("sent_at") >= world.today)
    assert set(calls["sent_at"].dt.weekday()) <= {1, 2, 3, 4, 5}
    assert calls.group_by(pl.col("sent_at").dt.date()).len()["len"].max() <= 3  # type: ignore[operator]
    gap = calls.sort("customer_id", "sent_at").select(
        pl.col("sent_at").diff().over("customer_id").drop_nulls()
    )
    assert gap.is_empty() or gap["sent_at"].min() >= timedelta(days=4)  # type: ignore[operator]
    for channel, tone in (("sms", "firm"), ("call", "angry"), ("email", "firm")):
        assert play(world, eager(channel, tone), policy=POLICY, days=4).contacts == 0


def test_play_leaves_the_world_alone_and_is_the_same_twice() -> None:
    world = lived(customers=800, seed=11, days=150)
    before = world.today
    tables = world.copy().tables()
    first = play(world, eager("sms", "friendly"), policy=POLICY, days=12)
    again = play(world, eager("sms", "friendly"), policy=POLICY, days=12)
    assert world.today == before
    assert_same(world.tables(), tables)
    assert first.each.equals(again.each)
    assert (first.contacts, first.cost) == (again.contacts, again.cost)


def test_play_measures_what_became_of_the_invoices_due_early_enough() -> None:
    world = lived(customers=800, seed=11, days=150)
    quiet = play(world, silent, policy=POLICY, days=100, every=5)
    asked = play(world, eager("letter", "firm"), policy=POLICY, days=100, every=5)
    assert quiet.contacts == 0
    assert quiet.cost == 0.0
    assert quiet.invoices == asked.invoices == quiet.each.height > 100
    assert quiet.each["invoice_id"].equals(asked.each["invoice_id"])
    assert asked.paid_30 > quiet.paid_30 + 0.03
    assert asked.days < quiet.days
    assert asked.escalated < quiet.escalated
    assert asked.cost == pytest.approx(1.10 * asked.contacts)
    assert quiet.days <= 62


def test_truth_is_about_today() -> None:
    world = lived()
    truth = world.truth()
    assert truth.today == world.today == datetime(2025, 2, 4, tzinfo=UTC)
    assert truth.hazard.shape == (truth.invoices.height, 14)
    assert ((truth.hazard >= 0) & (truth.hazard <= 1)).all()
    wait = truth.p_paid_wait()
    assert ((wait >= 0) & (wait <= 1)).all()
    unreached = ~truth.may_send("sms")
    assert unreached.any()
    assert np.abs(truth.gain("sms", "friendly")[unreached]).max() < 1e-12


@pytest.mark.parametrize(("multiplied", "times"), [(0.0, 1.0), (0.5, 1.5), (1.0, 2.0)])
def test_what_contacts_do_grows_with_ones_own_pace_as_far_as_the_world_says(
    multiplied: float, times: float
) -> None:
    world = World(WorldConfig(customers=40, multiplied=multiplied), 5)
    world.play_ladder(40)
    truth = world.truth()
    slow, none = np.full(len(truth.rows), 0.05), np.zeros(len(truth.rows))
    towards = np.full(len(slow), 0.3)
    today = (towards, none, truth.state.day)
    added, twice = (combined(truth.laws, truth.rows, own, *today) for own in (slow, 2 * slow))
    works = added > 0.0
    assert works.sum() > 10
    assert twice[works] / added[works] == pytest.approx(times)
