"""A world that is saved and loaded goes on as if it had never been, a day at a time."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.policy.ladder import ladder
from tenor.engine.simulation import Step, World, WorldConfig
from worlds import assert_same_tables, policy_of

CONFIG = WorldConfig(customers=80, ladder=(Step(2, "sms", "friendly"), Step(10, "email", "firm")))


def a_day(world: World) -> pl.DataFrame:
    """Decide by the fixed ladder and play one day."""
    planned = ladder(world.tables(), as_of=world.today, policy=policy_of(), rungs=CONFIG.ladder)
    return world.step(planned.filter(pl.col("verdict") == "contact"), days=1)


def joined(parts: list[Tables]) -> Tables:
    """The facts of several days together; of each customer and outer figure one row."""
    frames = {
        table.name: pl.concat([getattr(p, table.name) for p in parts], how="diagonal")
        for table, _ in parts[0]
    }
    frames["customers"] = frames["customers"].unique("customer_id").sort("customer_id")
    return parts[0].with_(**frames)


def test_a_world_that_is_loaded_goes_on_as_if_it_had_never_been_saved(tmp_path: Path) -> None:
    straight, path = World(CONFIG, 4), tmp_path / "worlds" / "demo.world"
    straight.play_ladder(40)
    kept = World(CONFIG, 4)
    kept.play_ladder(40)
    for _ in range(20):
        kept.save(path)
        kept = World.load(path)
        assert kept.today == straight.today
        assert a_day(kept).equals(a_day(straight))
    assert_same_tables(kept.tables(), straight.tables())
    assert kept.config == straight.config
    # The ladder of the world itself, and its truth, are the same too.
    kept.save(path)
    again = World.load(path)
    again.play_ladder(30)
    straight.play_ladder(30)
    assert_same_tables(again.tables(), straight.tables())
    assert again.truth().invoices.equals(straight.truth().invoices)


def test_a_world_can_be_saved_before_anybody_has_asked_for_its_facts(tmp_path: Path) -> None:
    fresh, path = World(CONFIG, 9), tmp_path / "w"
    fresh.save(path)
    loaded = World.load(path)
    assert_same_tables(loaded.history(25), World(CONFIG, 9).history(25))


def test_the_facts_of_each_day_add_up_to_all_facts() -> None:
    world = World(CONFIG, 6)
    world.play_ladder(30)
    start = world.today
    days = [world.tables()]
    for _ in range(25):
        before = world.today
        went_out = a_day(world)
        fresh = world.facts_since(before)
        assert fresh.contacts.equals(went_out)
        assert (fresh.payments["paid_at"] > before).all()
        assert (fresh.events["at"] <= world.today).all()
        days.append(fresh)
    everything, parts = world.tables(), joined(days)
    for name in ("invoices", "payments", "contacts", "events"):
        found, known = getattr(parts, name), getattr(everything, name)
        assert found.equals(known), name
    external = everything.external.sort("name", "region", "date")
    assert parts.external.sort("name", "region", "date").equals(external)
    owners = set(days[-1].invoices["customer_id"]) | set(days[-1].events["customer_id"])
    assert owners <= set(days[-1].customers["customer_id"])
    assert world.today - start == timedelta(days=25)


def test_contacts_of_tomorrow_are_kept_by_the_caller() -> None:
    world = World(CONFIG, 6)
    world.play_ladder(60)
    owed = world.truth().invoices.filter(~pl.col("disputed")).unique("customer_id").head(2)
    contacts = pl.DataFrame(
        {
            "customer_id": owed["customer_id"],
            "invoice_ids": [[i] for i in owed["invoice_id"]],
            "send_at": [world.today + timedelta(hours=h) for h in (0, 24)],
            "channel": "letter",
            "tone": "neutral",
            "policy": ["m-1", "m-2"],
        }
    )
    today = world.step(contacts, days=1)
    assert today.select("customer_id", "policy").rows() == [(owed["customer_id"][0], "m-1")]
    assert today["sent_at"].to_list() == [world.today - timedelta(days=1)]
    # What was due yesterday cannot be sent any more.
    with pytest.raises(InputError, match="before"):
        world.step(contacts, days=1)
    still_owed = world.truth().invoices["invoice_id"].to_list()
    tomorrow = world.step(contacts.tail(1), days=1)
    assert tomorrow.height == int(owed["invoice_id"][1] in still_owed)


def test_people_do_more_than_pay(then: World) -> None:
    kinds = set(then.copy().tables().events["kind"])
    assert {
        Kind.DELIVERED,
        Kind.OPENED,
        Kind.CLICKED,
        Kind.PAGE_VISITED,
        Kind.PAYMENT_STARTED,
        Kind.PAYMENT_FAILED,
        Kind.REPLIED,
        Kind.PROMISED,
        Kind.PROMISE_BROKEN,
        Kind.DISPUTED,
        Kind.DISPUTE_RESOLVED,
        Kind.COMPLAINED,
        Kind.OPTED_OUT,
    } <= kinds


def change(path: Path, **about: object) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["world.json"] = json.dumps(json.loads(members["world.json"]) | about).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"format": 99}, "format 99, this Tenor continues 1"),
        ({"laws": "of another Tenor"}, "another version of Tenor"),
        ({"seed": 5}, "another version of Tenor"),
    ],
)
def test_a_world_of_another_version_is_refused(
    tmp_path: Path, about: dict[str, object], said: str
) -> None:
    path = tmp_path / "w"
    World(CONFIG, 4).save(path)
    change(path, **about)
    with pytest.raises(InputError, match=said):
        World.load(path)


def test_what_is_no_world_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no world"):
        World.load(tmp_path / "nothing")
    (tmp_path / "text").write_text("a world")
    with pytest.raises(InputError, match="holds no world"):
        World.load(tmp_path / "text")
    World(CONFIG, 4).save(tmp_path / "w")
    content = (tmp_path / "w").read_bytes()
    (tmp_path / "half").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="holds no world"):
        World.load(tmp_path / "half")
