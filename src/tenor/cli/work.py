"""`tenor work`: do what is due, until it is told to stop."""

import click

from tenor.cli.console import done
from tenor.cli.installation import data_option


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and stop.")
@data_option
def command(once: bool) -> None:
    """Follow the timetable and do every job that is due: plans, sending, webhooks, learning.

    Several may run beside each other. On SIGTERM or Ctrl-C the job in hand is finished first.
    """
    from tenor.platform.jobs.worker import work_forever, work_through

    if once:
        count = work_through()
        done(f"Did {count} {'job' if count == 1 else 'jobs'}.")
    else:
        work_forever()
        done("Stopped.")
