"""`tenor backtest`: what a policy would have done on the past, beside what was done."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import numpy as np

from tenor.cli.console import (
    DIRECTORY,
    counted,
    data_argument,
    done,
    load,
    parse_instant,
    say,
    skip_bad_rows_option,
    stages,
    timezone_option,
)
from tenor.cli.evaluate import plain
from tenor.engine.errors import InputError
from tenor.engine.evaluate.backtest import MARGIN, Backtest, backtest
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import read_policy
from tenor.engine.predictors.model import load_model
from tenor.engine.reports.backtest import backtest_report
from tenor.engine.reports.files import is_synthetic, write_page


@click.command()
@data_argument
@click.option(
    "--from",
    "from_",
    type=parse_instant,
    required=True,
    metavar="T",
    help="Decide the past anew from T on.",
)
@click.option(
    "--to", type=parse_instant, metavar="T2", help="Until T2. Without it: as far as the facts go."
)
@click.option(
    "--policy", type=DIRECTORY, metavar="P", help="The policy file. Without it: the defaults."
)
@click.option(
    "--model",
    type=DIRECTORY,
    metavar="M",
    help="A model fitted at T or before. Without it one is fitted at T.",
)
@click.option(
    "--every",
    default=7,
    show_default=True,
    type=click.IntRange(1, 90),
    metavar="DAYS",
    help="Days from one deciding to the next.",
)
@click.option(
    "--refit",
    type=click.IntRange(7, 730),
    metavar="DAYS",
    help="Fit the model anew every so many days, each time from what was known then.",
)
@click.option(
    "--segments", is_flag=True, help="Also say for each group of customers whether it is worse off."
)
@click.option(
    "--gains", is_flag=True, help="Also say whether the gains that were foretold came true."
)
@click.option(
    "--margin",
    default=MARGIN,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="How much less, as a share of the amount asked, still counts as not worse.",
)
@click.option("--json", "json_file", type=DIRECTORY, metavar="F", help="Write the figures to F.")
@click.option("--html", "html_file", type=DIRECTORY, metavar="F", help="Write a page to read.")
@click.option("--seed", default=0, show_default=True, help="Of what is left to chance.")
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    from_: datetime,
    to: datetime | None,
    policy: Path | None,
    model: Path | None,
    every: int,
    refit: int | None,
    segments: bool,
    gains: bool,
    margin: float,
    json_file: Path | None,
    html_file: Path | None,
    seed: int,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Hold what a policy would have done on the past in DIR beside what was done.

    At every instant it decides from what was known then. Its own contacts take the place of the
    real ones, payments stay as they came: so the volumes are what people would get, and what it
    is worth is asked of the contacts that were left to chance, or said to be unknown.
    """  # fmt: skip
    rules = read_policy(policy)
    learned = load_model(model) if model else None
    tables = load(directory, timezone, skip_bad_rows)
    until = to or end_of(tables)
    with stages() as report:
        found = backtest(
            tables,
            policy=rules,
            from_=from_,
            to=until,
            every=every,
            model=learned,
            refit_days=refit,
            segments=segments,
            gains=gains,
            margin=margin,
            rng=np.random.default_rng(seed),
            report=report,
        )
    if not rules.channels:
        say("Mind: this policy names no channel, so it contacts nobody; give another --policy.")
    for line in lines(found):
        click.echo(line)
    if json_file is not None:
        write_page(json.dumps(plain(asdict(found)), indent=2) + "\n", json_file)
    if html_file is not None:
        page = backtest_report(
            found, name=directory.resolve().name, synthetic=is_synthetic(directory)
        )
        write_page(page, html_file)
    done(found.verdict.text)


def end_of(tables: Tables) -> datetime:
    """Return the midnight (UTC) after the last payment or contact."""
    ends = [tables.payments["paid_at"].max(), tables.contacts["sent_at"].max()]
    last = [end for end in ends if isinstance(end, datetime)]
    if not last:
        raise InputError("there are no payments and no contacts: there is no past to decide anew")
    day = max(last).astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC)


def lines(found: Backtest) -> Iterator[str]:
    """Yield the lines of the printed comparison."""
    yield (
        f"{counted(found.customers, 'customer')} from {found.from_:%Y-%m-%d} to "
        f"{found.to:%Y-%m-%d}, decided anew every {counted(found.every, 'day')}."
    )
    yield ""
    yield f"  {'':<28} {'the policy':>12} {'what was done':>15}"
    would, was = found.would, found.done
    for name, mine, theirs in (
        ("contacts", f"{would.contacts:,}", f"{was.contacts:,}"),
        ("customers contacted", f"{would.customers:,}", f"{was.customers:,}"),
        ("cost of contacts", f"{would.cost:,.2f}", f"{was.cost:,.2f}"),
        ("invoices handed over", f"{would.handed_over:,}", f"{was.handed_over:,}"),
    ):
        yield f"  {name:<28} {mine:>12} {theirs:>15}"
    for kind in ("channels", "tones"):
        mine_by, theirs_by = getattr(would, kind), getattr(was, kind)
        for name in sorted({*mine_by, *theirs_by}):
            row = f"{mine_by.get(name, 0):>12,} {theirs_by.get(name, 0):>15,}"
            yield f"  {kind[:-1] + ' ' + (name or '(none)'):<28} {row}"
    yield ""
    yield from _about(found)
    yield ""
    if found.harm is not None:
        for group in found.harm.groups:
            named = f"{group.by}: {group.group}"
            yield f"  {named:<42} {group.answer.value:<12} {group.text}"
        yield found.harm.text
        yield ""
    if found.gain is not None:
        yield found.gain.text
        yield ""


def _about(found: Backtest) -> Iterator[str]:
    alone, share = found.left_alone, found.agreement.share
    if share is not None:
        yield (
            f"Contacted or left alone as the past did: {share:.0%} of the time; of those whom both "
            f"contacted, {found.agreement.same_channel:,} of {found.agreement.both:,} on the same "
            "channel."
        )
    if alone.untouched:
        yield (
            f"Left alone by both {counted(alone.untouched, 'time')}: {alone.untouched_paid:,} of "
            f"these ({alone.untouched_paid / alone.untouched:.0%}) paid all within the outcome "
            "window."
        )
    if alone.contacted:
        yield (
            f"Whom the past contacted it would have left alone {counted(alone.contacted, 'time')}; "
            f"{alone.contacted_paid:,} of these paid, and nobody knows how many would have anyway."
        )
    new = sum(step.new_people for step in found.steps)
    yield f"A person would have been asked {counted(new, 'time')}:"
    for reason, count in found.reviews.items():
        yield f"  {count:>6,}  {reason}"
