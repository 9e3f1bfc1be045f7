"""Let a demonstration live on: approved contacts go out, payers react, the next day is planned."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import polars as pl
from django.db import transaction

from tenor.engine.simulation import World
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Refused
from tenor.platform.core.jobs import Claim, task
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import actions as plan
from tenor.platform.decisions.queries import latest_run
from tenor.platform.demo import queries, world
from tenor.platform.jobs import sending
from tenor.platform.jobs.day import run_day
from tenor.platform.jobs.importing import keep_tables
from tenor.platform.outreach.queries.contacts import contacts_frame

# After the last hour at which anything goes out, anywhere that the made-up people live (UTC).
_EVENING = timedelta(hours=21)
_DAY = timedelta(days=1)
STEPS = ("send", "live", "facts", "plan")


@task(queries.KIND)
def live_on(claim: Claim) -> None:
    """Play days until the one that was asked for; one that was cut short is played again alike."""
    organisation, days = claim.organisation, claim.job.payload["days"]
    until = datetime.fromisoformat(claim.job.payload["until"])
    while (row := world.world_of(organisation)) is not None and row.played_to < until:
        done = days - (until - row.played_to).days

        def report(step: int, done: int = done) -> None:
            claim.progress(done * len(STEPS) + step, days * len(STEPS), STEPS[step])

        live_a_day(organisation, report, approve=claim.job.payload["approve"])


def live_a_day(
    organisation: Organisation,
    report: Callable[[int], None] = lambda _: None,
    *,
    approve: bool = False,
) -> None:
    """Play one day of the world, from the morning on which it stands to the next, planned anew."""
    row = world.world_of(organisation)
    if row is None:
        raise LookupError(f"{organisation.slug} is no made-up organisation")
    report(0)
    midnight = row.played_to
    run = latest_run(organisation)
    if approve and run is not None:
        # Refused where nothing waits any more: a day that is played again has been approved.
        with suppress(Refused):
            plan.approve(system(organisation, "The demonstration"), run=run)
    _set_clock(organisation, midnight + _EVENING)
    sending.send_all_due(organisation)
    report(1)
    made_up = world.load(row)
    contacts = contacts_frame(organisation, midnight + _DAY)
    made_up.step(world.orders(made_up, contacts.filter(pl.col("sent_at") >= midnight)), days=1)
    report(2)
    facts = world.told(made_up.facts_since(midnight), seed=row.seed)
    ours = _ours(made_up, contacts, facts.events)
    facts = facts.with_(
        contacts=facts.contacts.clear(),
        events=facts.events.with_columns(pl.col("contact_id").replace(ours)),
    )
    with transaction.atomic():
        # What the ledger makes of them by itself, it makes of them on the next morning.
        organisation.clock_at = world.morning_of(made_up.today)
        keep_tables(system(organisation, "The made-up world"), facts, source="world")
        world.keep(made_up, row)
    report(3)
    organisation.refresh_from_db()
    run_day(organisation)


def _ours(made_up: World, contacts: pl.DataFrame, events: pl.DataFrame) -> dict[str, str]:
    """Return our message for each of the world's contacts that something happened to."""
    named = events["contact_id"].drop_nulls().unique()
    theirs = made_up.tables().contacts.filter(pl.col("contact_id").is_in(named.implode()))
    same = ["customer_id", "sent_at", "channel"]
    return dict(
        theirs.select("contact_id", *same)
        .join(contacts.select(*same, ours="contact_id"), on=same, how="inner")
        .select("contact_id", "ours")
        .iter_rows()
    )


def _set_clock(organisation: Organisation, at: datetime) -> None:
    organisation.clock_at = at
    organisation.save(update_fields=["clock_at"])
