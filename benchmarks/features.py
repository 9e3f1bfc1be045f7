"""Features: what was known at an instant, for 200,000 open invoices with 5 million events.

python -m benchmarks.features
python -m benchmarks.features --invoices 20000 --events 500000
"""

import argparse
import resource
from time import perf_counter, process_time

from benchmarks.problems.portfolio import AS_OF, portfolio
from tenor.engine.features.build import build


def main() -> None:
    """Make the portfolio, build its features three times, print the best and the median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=200_000, help="open invoices")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    tables = portfolio(open_invoices=args.invoices, events=args.events)
    made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{tables.invoices.height:,} invoices of {tables.customers.height:,} customers, "
        f"{tables.contacts.height:,} contacts, {tables.events.height:,} events; tables in memory"
    )
    runs = []
    for _ in range(args.times):
        start, cpu = perf_counter(), process_time()
        rows = build(tables, AS_OF).rows
        runs.append((perf_counter() - start, process_time() - cpu))
        seconds, used = runs[-1]
        print(
            f"  {rows.height:,} rows of {rows.width} columns in {seconds:.1f} s "
            f"(processor {used:.1f} s): {rows.height / seconds:,.0f} open invoices a second",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best, middle = min(s for s, _ in runs), sorted(s for s, _ in runs)[len(runs) // 2]
    print(
        f"Best {best:.1f} s, median {middle:.1f} s (expected: a minute at most for 200,000 with 5 "
        f"million events); peak memory {peak:,.0f} MB, {made:,.0f} MB of it for the tables."
    )


if __name__ == "__main__":
    main()
