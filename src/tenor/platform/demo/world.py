"""The made-up world behind a demonstration: begun, kept in a file, played on a day at a time."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from tenor.engine.frames import Tables
from tenor.engine.simulation import World, WorldConfig
from tenor.platform.core.models import Organisation
from tenor.platform.demo.models import DemoWorld
from tenor.platform.demo.people import with_groups, with_names, with_numbers

# A year and a half: long enough to have learned the seasons, short enough to be made in seconds.
DAYS = 548
# The working day begins at this hour (UTC): what the world did until midnight is known then.
MORNING = timedelta(hours=6)
# The world hands over later than the rules propose to: it is for people to decide about it.
_ESCALATES_AFTER = 75


def begin(*, customers: int, seed: int, until: date, days: int) -> World:
    """Make a world that begins a year and a half before `until`, and play `days` of its ladder."""
    config = WorldConfig(
        customers=customers,
        start=until - timedelta(days=DAYS),
        escalate_after=_ESCALATES_AFTER,
    )
    world = World(config, seed)
    world.play_ladder(days)
    return world


def keep_new(organisation: Organisation, world: World) -> None:
    """Keep a world for the first time."""
    row = DemoWorld(
        organisation=organisation,
        customers=world.config.customers,
        seed=world.seed,
        played_to=world.today,
    )
    _write(world, row)
    row.save(force_insert=True)


def world_of(organisation: Organisation) -> DemoWorld | None:
    """Return the world behind an organisation, where there is one."""
    return DemoWorld.objects.filter(organisation=organisation).first()


def load(row: DemoWorld) -> World:
    """Return the world as it was kept."""
    return World.load(_path(row))


def keep(world: World, row: DemoWorld) -> None:
    """Keep the world as it is now, and let the organisation's clock follow it.

    The file of the new day is written first: whoever is cut short in between plays the day again
    from the old one, with the same luck.
    """
    old = _path(row)
    row.played_to = world.today
    _write(world, row)
    with transaction.atomic():
        row.save(update_fields=["file", "played_to"])
        Organisation.objects.filter(pk=row.organisation_id).update(clock_at=morning_of(world.today))
    if old != _path(row):
        # Only once the new day stands: until then the old file is the one that counts.
        transaction.on_commit(lambda: old.unlink(missing_ok=True))


def morning_of(midnight: datetime) -> datetime:
    """Return the instant at which the working day after this midnight begins."""
    return midnight.astimezone(UTC) + MORNING


def told(tables: Tables, *, seed: int) -> Tables:
    """Return the world's facts as an organisation's own systems tell them: names, groups too."""
    return tables.with_(
        customers=with_groups(with_names(tables.customers, seed=seed), seed=seed),
        invoices=with_numbers(tables.invoices),
    )


def orders(world: World, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return what went out (the contract's `contacts`) as the world takes it.

    People and channels that somebody added by hand are not the world's: nobody reacts for them.
    """
    theirs = pl.col("invoice_ids").list.eval(pl.element().str.contains(r"^I\d{7,}$")).list.all()
    return contacts.filter(
        pl.col("customer_id").str.contains(r"^C\d{6,}$"),
        theirs & (pl.col("invoice_ids").list.len() > 0),
        pl.col("channel").is_in(world.config.channel_names),
    ).select(
        "customer_id",
        "invoice_ids",
        "channel",
        "propensity",
        "policy",
        send_at=pl.col("sent_at"),
        tone=pl.when(pl.col("tone").is_in(world.config.tone_names))
        .then("tone")
        .otherwise(pl.lit("neutral")),
    )


def _write(world: World, row: DemoWorld) -> None:
    row.file = f"worlds/{row.organisation.slug}-{world.today:%Y-%m-%d}.world"
    _path(row).parent.mkdir(parents=True, exist_ok=True)
    world.save(_path(row))


def _path(row: DemoWorld) -> Path:
    return Path(settings.DATA) / row.file
