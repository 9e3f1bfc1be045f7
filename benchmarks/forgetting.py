"""Take one person out of all days whose facts are kept, and look whether they stand in them.

python -m benchmarks.forgetting
python -m benchmarks.forgetting --customers 8000 --days 400,1200

Makes the facts of one day of so many customers (5 invoices, 4 payments, 6 contacts and 10 events
each), keeps them as so many days in a folder that is thrown away, and times what an erasure does
with them: of one who stands in every day, and of one who stands in none.
"""

import argparse
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import polars as pl

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
EACH = {"invoices": 5, "payments": 4, "contacts": 6, "events": 10}


def main() -> None:
    """Make the days, and take somebody out of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", default="40", help="one number, or several")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        os.environ |= {"TENOR_DATA": folder, "TENOR_DATABASE_URL": "", "TENOR_LOG_LEVEL": "ERROR",
                       "DJANGO_SETTINGS_MODULE": "tenor.platform.config.settings"}  # fmt: skip
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        for days in sorted(int(some) for some in args.days.split(",")):
            measure(args.customers, days)


def measure(customers: int, days: int) -> None:
    """Keep so many days, and take a customer out of them."""
    from tenor.platform.core.people import make_organisation
    from tenor.platform.decisions.replay import forgetting

    organisation = make_organisation(slug=f"bench-{days}", name="Bench", clock_at=NOW)
    size, files, taken = _keep_days(organisation, customers, days)
    print(f"  {customers:,} customers, {days} days: {size / 1e6:.1f} MB and {files:,} files a day")
    print(f"  {'keep a day':<34} {taken:>8.2f} s")
    for name, key, work in (
        ("in how many days somebody stands", "C00007", forgetting.times_with),
        ("take somebody out of all", "C00007", forgetting.forget),
        ("look again", "C00007", forgetting.times_with),
        ("take out who stands in none", "nobody", forgetting.forget),
    ):
        start, used = perf_counter(), process_time()
        found = work(organisation, key)
        print(
            f"  {name:<34} {perf_counter() - start:>8.2f} s, {process_time() - used:.2f} s of "
            f"the processor: {found} days",
            flush=True,
        )


def _keep_days(organisation: Any, customers: int, days: int) -> tuple[int, int, float]:
    """Keep one day's facts as so many days; return bytes and files a day, and the seconds."""
    from tenor.engine.policy.policyfile import Policy
    from tenor.platform.decisions.models import Run
    from tenor.platform.decisions.replay import keeping, kept, standing
    from tenor.platform.decisions.runs.decide import Way

    tables = _tables(customers)
    way = Way(NOW, 1, None, Policy(), {}, [])
    segments = tables.customers.select("customer_id", segment=pl.lit("late"))
    first: Path | None = None
    taken = 0.0
    keys = tables.customers["customer_id"].to_list()
    for number in range(days - 1, -1, -1):
        run = Run.objects.of(organisation).create(
            day=(NOW - timedelta(days=number)).date(), as_of=NOW, started_at=NOW, seed=1
        )
        run.organisation = organisation
        if first is None:
            start = perf_counter()
            noted = keeping.keep(run, tables, segments, way)
            taken = perf_counter() - start
            start = perf_counter()
            standing.note(run, keys)
            print(f"  note who stands in the first day   {perf_counter() - start:>8.2f} s")
            first = kept.path_of(noted["facts"])
        else:
            noted["facts"] = kept.folder_of(run)
            shutil.copytree(first, kept.path_of(noted["facts"]), copy_function=os.link)
            start = perf_counter()
            standing.note(run, keys)
        Run.objects.of(organisation).filter(pk=run.pk).update(**noted, facts_indexed=True)
    print(f"  note who stands in the last day    {perf_counter() - start:>8.2f} s")
    assert first is not None
    sizes = [path.stat().st_size for path in first.iterdir()]
    return sum(sizes), len(sizes), taken


def _tables(customers: int) -> Any:
    from tenor.engine.frames import tables_of

    rng = np.random.default_rng(7)
    ids = [f"C{n:05}" for n in range(customers)]

    def spread(name: str) -> tuple[list[str], int]:
        return [one for one in ids for _ in range(EACH[name])], EACH[name] * customers

    def moments(count: int) -> list[datetime]:
        return [NOW - timedelta(minutes=int(m)) for m in rng.integers(1, 700_000, count)]

    def amounts(count: int) -> pl.Series:
        return pl.Series(rng.integers(500, 90_000, count)).cast(pl.Decimal(18, 4)) / 100

    whose, n = spread("invoices")
    keys = [f"F{k}" for k in range(n)]
    issued = [(moment - timedelta(days=40)).date() for moment in moments(n)]
    invoices = pl.DataFrame(
        {"invoice_id": keys, "customer_id": whose, "amount": amounts(n), "currency": "EUR",
         "issued_on": issued, "due_on": [day + timedelta(days=30) for day in issued]}
    )  # fmt: skip
    paid = [key for k, key in enumerate(keys) if k % EACH["invoices"]]
    payments = pl.DataFrame(
        {"payment_id": [f"P{k}" for k in range(len(paid))], "invoice_id": paid,
         "paid_at": moments(len(paid)), "amount": amounts(len(paid))}
    )  # fmt: skip
    whose, n = spread("contacts")
    contacts = pl.DataFrame(
        {"contact_id": [f"M{k}" for k in range(n)], "customer_id": whose,
         "invoice_ids": [[key] for key in rng.choice(keys, n)], "sent_at": moments(n),
         "channel": rng.choice(["email", "letter", "call"], n)}
    )  # fmt: skip
    whose, n = spread("events")
    events = pl.DataFrame(
        {"at": moments(n), "kind": rng.choice(["opened", "page_visited", "replied"], n),
         "customer_id": whose}
    )  # fmt: skip
    people = pl.DataFrame({"customer_id": ids, "kind": "consumer", "country": "NL"})
    return tables_of(
        customers=people, invoices=invoices, payments=payments, contacts=contacts, events=events
    )


if __name__ == "__main__":
    main()
