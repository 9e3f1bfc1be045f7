"""`tenor audit`: where the portfolio stands."""

from datetime import datetime
from pathlib import Path

import click

from tenor.cli.console import (
    DIRECTORY,
    as_of_option,
    data_argument,
    done,
    load,
    progress,
    skip_bad_rows_option,
    timezone_option,
)
from tenor.engine.kpis.portfolio import audit
from tenor.engine.reports.audit import audit_json, audit_report
from tenor.engine.reports.audit_text import overview, summary
from tenor.engine.reports.files import is_synthetic, write_json, write_page


@click.command()
@data_argument
@as_of_option
@click.option(
    "--json", "json_path", type=DIRECTORY, metavar="FILE", help="Write every figure as JSON."
)
@click.option(
    "--html",
    "html_path",
    type=DIRECTORY,
    metavar="FILE",
    help="Write a page with charts to read or print.",
)
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    as_of: datetime,
    json_path: Path | None,
    html_path: Path | None,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """See where the portfolio stands: the baseline that any way of working is compared with.

    Days sales outstanding (plain, counted back, best possible), how old the receivables are and
    what comes in from each age, how long invoices take to be paid, what contact costs, promises
    kept, what a day is worth, and the course of it month by month. One section per currency;
    amounts of different currencies are never added up.
    """
    synthetic = is_synthetic(directory)
    tables = load(directory, timezone, skip_bad_rows)
    with progress("Working out the figures"):
        found = audit(tables, as_of)
    if json_path is not None:
        write_json(audit_json(found, synthetic=synthetic), json_path)
    if html_path is not None:
        name = directory.resolve().name
        write_page(audit_report(found, name=name, synthetic=synthetic), html_path)
    if found.sections:
        click.echo(overview(found) + "\n")
    written = " and ".join(str(p) for p in (json_path, html_path) if p is not None)
    note = " (synthetic data)" if synthetic else ""
    done(f"{summary(found)}{note}{f'; written to {written}' if written else ''}")
