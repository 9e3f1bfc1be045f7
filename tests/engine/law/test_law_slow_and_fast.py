"""The fast masks, the ruling on one contact and the slow checks give the same answer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from slow_law import breaches
from tenor.engine.law.case import Actor, Case, Contact, Debtor, Hold
from tenor.engine.law.contact.caps import contact_caps
from tenor.engine.law.contact.masks import earliest_by_caps, open_slots
from tenor.engine.law.contact.windows import contact_window
from tenor.engine.law.holds import Step, stops
from tenor.engine.law.library import pack_of

# The clocks of the United States change on the first; the second brings the holidays of all.
STARTS = [datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 20, tzinfo=UTC)]
DAYS = 14
CHANNELS = ["email", "sms", "whatsapp", "push", "letter", "call"]
ZONES = ["Europe/Amsterdam", "America/New_York", "America/Los_Angeles", "Asia/Kolkata"]
MINUTE = 60_000_000
WHO = [
    ("none", Actor.CREDITOR, None),
    ("NL", Actor.AGENCY, Debtor.CONSUMER),
    ("NL", Actor.CREDITOR, Debtor.BUSINESS),
    ("BE", Actor.AGENCY, None),
    ("DE", Actor.CREDITOR, Debtor.CONSUMER),
    ("UK", Actor.AGENCY, Debtor.CONSUMER),
    ("US", Actor.AGENCY, Debtor.CONSUMER),
    ("US-MA", Actor.CREDITOR, Debtor.CONSUMER),
    ("US-NY-NYC", Actor.AGENCY, None),
    ("US-FL", Actor.AGENCY, Debtor.CONSUMER),
]


@dataclass(frozen=True)
class World:
    """Customers, each with a zone, a moment and a channel to be asked about, and a history."""

    start: datetime
    zone: list[str]
    at: np.ndarray
    channel: np.ndarray
    row: np.ndarray
    sent_at: np.ndarray
    sent_on: np.ndarray

    def moment(self, i: int) -> datetime:
        return self.start + timedelta(microseconds=int(self.at[i]))

    def history(self, i: int, first: np.ndarray) -> list[tuple[datetime, str]]:
        return [
            (
                self.start + timedelta(microseconds=int(self.sent_at[k])),
                name_of(int(self.sent_on[k])),
            )
            for k in range(first[i], first[i + 1])
        ]

    @property
    def today(self) -> date:
        return self.start.date()

    @property
    def since(self) -> int:
        return int(self.start.timestamp()) * 1_000_000

    @property
    def first(self) -> np.ndarray:
        return np.searchsorted(self.row, np.arange(len(self.at) + 1))


def name_of(index: int) -> str:
    return "fax" if index < 0 else CHANNELS[index]


def a_world(count: int, seed: int, start: datetime = STARTS[0]) -> World:
    """Make customers who were contacted up to seven times in the last five weeks."""
    rng = np.random.default_rng(seed)
    row = np.repeat(np.arange(count), rng.integers(0, 8, count))
    # Half of the histories lie within the days that caps look at.
    span = np.where(rng.random(len(row)) < 0.5, 8, 35) * 24 * 60
    return World(
        start=start,
        zone=[ZONES[z] for z in rng.integers(0, len(ZONES), count)],
        at=rng.integers(0, DAYS * 24 * 60, count) * MINUTE,
        channel=rng.integers(0, len(CHANNELS), count),
        row=row,
        sent_at=-(rng.random(len(row)) * span).astype(np.int64) * MINUTE,
        sent_on=rng.integers(-1, len(CHANNELS), len(row)),
    )


def fast(world: World, jurisdiction: str, actor: Actor, debtor: Debtor | None) -> np.ndarray:
    """Answer for every customer of a world at once."""
    pack, count = pack_of(jurisdiction), len(world.at)
    dates = [world.today + timedelta(days=n) for n in range(-1, DAYS + 1)]
    slots = open_slots(
        pack, dates=dates, channels=CHANNELS, hours=range(24), actor=actor, debtor=debtor
    )
    earliest = earliest_by_caps(
        pack,
        day=world.today,
        channels=CHANNELS,
        count=count,
        row=world.row,
        sent_at=world.sent_at + world.since,
        channel=world.sent_on,
        actor=actor,
        debtor=debtor,
        zones=pl.Series(world.zone),
    )
    local = [world.moment(i).astimezone(ZoneInfo(world.zone[i])) for i in range(count)]
    day = np.array([(at.date() - dates[0]).days for at in local])
    hour = np.array([at.hour for at in local])
    free = earliest[np.arange(count), world.channel] <= world.at + world.since
    return slots[day, world.channel, hour] & free


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("number", range(len(WHO)))
def test_fast_and_slow_agree_on_five_thousand_contacts_each(number: int, start: datetime) -> None:
    jurisdiction, actor, debtor = WHO[number]
    pack, world = pack_of(jurisdiction), a_world(5_000, seed=number, start=start)
    first = world.first
    slow = [
        not breaches(
            pack,
            at=world.moment(i),
            zone=world.zone[i],
            channel=CHANNELS[world.channel[i]],
            actor=actor,
            debtor=debtor,
            earlier=world.history(i, first),
        )
        for i in range(len(world.at))
    ]
    found = fast(world, jurisdiction, actor, debtor)
    assert np.flatnonzero(found != np.array(slow)).tolist() == []
    # Both answers are common: agreement would otherwise say little.
    assert 0.05 < found.mean() < 0.6


@pytest.mark.parametrize("number", range(len(WHO)))
def test_the_ruling_on_one_contact_names_what_the_slow_way_names(number: int) -> None:
    jurisdiction, actor, debtor = WHO[number]
    pack, world = pack_of(jurisdiction), a_world(150, seed=100 + number)
    first = world.first
    for i in range(len(world.at)):
        at, zone, channel = world.moment(i), world.zone[i], CHANNELS[world.channel[i]]
        earlier = world.history(i, first)
        asked = {"zones": (zone,), "channel": channel, "actor": actor, "debtor": debtor}
        contacts = [Contact(when, how) for when, how in earlier]
        rulings = (
            contact_window(pack, at, **asked),
            contact_caps(pack, at, contacts=contacts, **asked),
        )
        named = {reason.rule for found in rulings if not found.allowed for reason in found.reasons}
        assert named == set(
            breaches(
                pack, at=at, zone=zone, channel=channel, actor=actor, debtor=debtor, earlier=earlier
            )
        )


def test_without_zones_the_mask_is_never_laxer_than_the_debtors_days() -> None:
    world = a_world(5_000, seed=7)
    pack, count = pack_of("none"), len(world.at)
    asked = {
        "day": world.today,
        "channels": CHANNELS,
        "count": count,
        "row": world.row,
        # At hours in which contact is allowed, as it is in any plan.
        "sent_at": world.sent_at // (24 * 60 * MINUTE) * (24 * 60 * MINUTE)
        + 15 * 60 * MINUTE
        + world.since,
        "channel": world.sent_on,
        "actor": Actor.CREDITOR,
        "debtor": None,
    }
    exact = earliest_by_caps(pack, **asked, zones=pl.Series(world.zone))
    rough = earliest_by_caps(pack, **asked)
    assert (rough >= exact).all()
    assert (rough > exact).any()


@pytest.mark.parametrize("jurisdiction", ["none", "NL", "US", "UK-EW"])
def test_holds_and_opt_outs_are_found_by_the_slow_way_too(jurisdiction: str) -> None:
    pack, at = pack_of(jurisdiction), datetime(2026, 11, 10, 15, tzinfo=UTC)
    asked = {"at": at, "zone": "UTC", "channel": "Text", "debtor": None, "actor": Actor.CREDITOR}
    assert breaches(pack, **asked) == []
    for refused in ("sms", "text", "all"):
        assert breaches(pack, **asked, opt_outs=[refused]) == ["opt_out"]
    assert breaches(pack, **asked, opt_outs=["email"]) == []
    codes = [name for (section, name) in pack.provisions if section == "holds"]
    for code in [*codes, "something of our own"]:
        for since, until in ((1, None), (20, None), (40, None), (20, 5), (-1, None)):
            days = timedelta(days=since)
            end = None if until is None else at.date() - timedelta(days=until)
            hold = Hold(code, at.date() - days, end)
            case = Case(at, pack, ("UTC",), holds=(hold,))
            fast_says = {
                reason.rule for step in (Step.DEMAND, "contact.sms") for reason in stops(case, step)
            }
            slow_says = set(breaches(pack, **asked, holds=[hold]))
            assert slow_says == fast_says, (code, since, until)
