"""Make one decision of a large day again: its time, its memory, what the kept facts weigh.

python -m benchmarks.replaying
python -m benchmarks.replaying --invoices 100000 --events 300000

Brings so many open invoices in (a few minutes), plans the day, keeps its facts, and makes one
decision of it again in a process of its own; then takes one person out of the day's facts.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from time import perf_counter, process_time


def main() -> None:
    """Plan the day, and look at it from another process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=10_000, help="open invoices")
    parser.add_argument("--events", type=int, default=30_000)
    parser.add_argument("--here", choices=("plan", "replay"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
        import django

        django.setup()
        if args.here == "plan":
            plan(args.invoices, args.events)
        else:
            measure()
        return
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        environment = {**os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": "",
                       "TENOR_LOG_LEVEL": "WARNING"}  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.replaying", "--invoices", str(args.invoices),
                   "--events", str(args.events), "--here"]  # fmt: skip
        for part in ("plan", "replay"):
            subprocess.run([*command, part], env=environment, check=True)


def plan(invoices: int, events: int) -> None:
    """Bring the books in, and decide about everybody."""
    from django.core.management import call_command

    from benchmarks.platform_day import filled
    from tenor.platform.decisions import facts
    from tenor.platform.decisions.models import Run
    from tenor.platform.decisions.replay import kept
    from tenor.platform.decisions.runs.plan import keep_plan
    from tenor.platform.decisions.runs.run import begin

    call_command("migrate", verbosity=0)
    organisation = filled(invoices, events)
    run = begin(organisation)  # type: ignore[arg-type]
    Run.objects.of(run.organisation_id).filter(pk=run.pk).update(step=Run.Step.DECIDE)
    run.step = Run.Step.DECIDE
    known = facts.tables(run.organisation, run.as_of)
    start, used = perf_counter(), process_time()
    keep_plan(run, known)
    _tell("decide, and keep the facts", start, used)
    run.refresh_from_db()
    sizes = [path.stat().st_size for path in kept.path_of(run.facts).iterdir()]
    print(f"  facts: {sum(sizes) / 1e6:.1f} MB in {len(sizes):,} files", flush=True)


def measure() -> None:
    """Make a decision again, then one more of the same day; take one person out of it."""
    from tenor.platform.decisions.models import Decision
    from tenor.platform.decisions.replay import forgetting
    from tenor.platform.decisions.replay.again import replay
    from tenor.platform.decisions.replay.derivation import derivation

    rows = Decision.across.select_related("run", "customer", "organisation").order_by("pk")
    print(f"  {rows.count():,} decisions")
    for number, name in ((10, "replay one"), (500, "replay another of that day")):
        start, used = perf_counter(), process_time()
        found = replay(rows[number])
        derivation(rows[number])
        _tell(f"{name}: same {found.same}", start, used)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  at most {memory:,.0f} MB of memory")
    key = rows[10].customer.key
    start, used = perf_counter(), process_time()
    forgetting.forget(rows[10].organisation, key)
    _tell("take somebody out of that day", start, used)


def _tell(name: str, start: float, used: float) -> None:
    print(f"  {name:<40} {perf_counter() - start:>7.1f} s, {process_time() - used:.2f} s of work",
          flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
