"""An organisation's whole day from database to plan: 100,000 open invoices, on both databases.

python -m benchmarks.platform_day
python -m benchmarks.platform_day --invoices 100000 --events 1000000 --profile

PostgreSQL is measured where TENOR_TEST_POSTGRES names a server (`make services` starts one).
"""

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

DATABASES = ("SQLite", "PostgreSQL")
QUICK = (10_000, 100_000)
EXAMPLE = Path(__file__).parents[1] / "examples" / "policy.toml"


def main() -> None:
    """Measure each database in a process of its own, in a folder that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=QUICK[0], help="open invoices")
    parser.add_argument("--events", type=int, default=QUICK[1])
    parser.add_argument("--profile", action="store_true", help="also print where the time goes")
    parser.add_argument("--only", choices=DATABASES, help="one of the databases")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        measure(args.here, args.invoices, args.events, args.profile)
        return
    server = os.environ.get("TENOR_TEST_POSTGRES")
    for name in [args.only] if args.only else DATABASES[: 2 if server else 1]:
        with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
            database = ""
            if name == "PostgreSQL":
                database = made_database(str(server))
            environment = {**os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": database,
                           "TENOR_LOG_LEVEL": "WARNING"}  # fmt: skip
            command = [sys.executable, "-m", "benchmarks.platform_day", "--here", name,
                       "--invoices", str(args.invoices), "--events", str(args.events)]  # fmt: skip
            subprocess.run([*command, *(["--profile"] if args.profile else [])],
                           env=environment, check=True)  # fmt: skip


def made_database(server: str) -> str:
    """Return the address of a new, empty database on the server."""
    import psycopg

    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS tenor_benchmark")
        connection.execute("CREATE DATABASE tenor_benchmark")
    return server.replace("/tenor?", "/tenor_benchmark?")


def measure(name: str, invoices: int, events: int, profiled: bool) -> None:
    """Fill the books, do a day, and print what each step took."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from tenor.platform.decisions.queries import plan_summary
    from tenor.platform.jobs.day import run_day

    call_command("migrate", verbosity=0)
    start = perf_counter()
    organisation = filled(invoices, events)
    print(f"{name}: {invoices:,} open invoices, {events:,} events, brought in "
          f"in {perf_counter() - start:.0f} s")  # fmt: skip
    steps: list[tuple[str, float, float]] = []
    profile = cProfile.Profile()
    if profiled:
        profile.enable()
    start, ticks = perf_counter(), [process_time()]

    def report(step: str, seconds: float) -> None:
        ticks.append(process_time())
        steps.append((step, seconds, ticks[-1] - ticks[-2]))

    run = run_day(organisation, report=report)
    whole, busy = perf_counter() - start, process_time() - ticks[0]
    profile.disable()
    for step, seconds, work in [*steps, ("whole", whole, busy)]:
        print(f"  {step:<8} {seconds:7.1f} s, {work:.1f} s of work")
    print(f"  {run.figures['plan']['customers']:,} decisions, "
          f"{plan_summary(run).total.count:,} contacts", flush=True)  # fmt: skip
    if profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(70)


def filled(invoices: int, events: int) -> object:
    """Return an organisation with so many open invoices, rules and a predictor."""
    from django.db import transaction

    from benchmarks.problems.portfolio import AS_OF, portfolio
    from tenor.engine.predictors.model import fit
    from tenor.engine.simulation import World, WorldConfig
    from tenor.platform.core.actor import system
    from tenor.platform.core.people import make_organisation
    from tenor.platform.governance.models import PolicyVersion, PredictorVersion
    from tenor.platform.jobs.importing import keep_tables

    organisation = make_organisation(
        slug="large", name="Large", clock_at=AS_OF, synthetic=True,
        settings={"read_only": False, "automatic": ["all"], "control_share": 0.1},
    )  # fmt: skip
    tables = portfolio(open_invoices=invoices, events=events)
    with transaction.atomic():
        keep_tables(system(organisation), tables, source="import")
    world = World(WorldConfig(customers=800), 1)
    world.play_ladder(365)
    model = fit(world.tables(), as_of=world.today, days_to_arrive={"letter": 2.0})
    folder = Path(os.environ["TENOR_DATA"]) / "model"
    model.save(folder)
    PolicyVersion.objects.of(organisation).create(
        number=1, text=EXAMPLE.read_text("utf-8"), state="live", drafted_at=AS_OF
    )
    PredictorVersion.objects.of(organisation).create(
        version=model.version, folder=str(folder), fitted_at=AS_OF, facts_until=AS_OF, state="live"
    )
    return organisation


if __name__ == "__main__":
    main()
