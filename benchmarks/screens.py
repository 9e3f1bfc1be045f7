"""Every screen of the workbench over 100,000 open invoices: the time of the slowest twentieth.

python -m benchmarks.screens
python -m benchmarks.screens --invoices 100000 --times 40

Each screen is asked for as a signed-in credit manager, in one process, in shuffled order; what is
told is the server's own time, from request to last byte. PostgreSQL is measured where
TENOR_TEST_POSTGRES names a server (`make services` starts one).
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from statistics import median, quantiles
from time import perf_counter

from benchmarks.platform_day import filled, made_database

PROMISED_MS = 300


def main() -> None:
    """Measure each database in a process of its own, in a folder that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=10_000, help="open invoices")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20, help="how often each screen is asked for")
    parser.add_argument("--database", choices=["SQLite", "PostgreSQL"], help="only this one")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        measure(args.here, args.invoices, args.events, args.times)
        return
    server = os.environ.get("TENOR_TEST_POSTGRES")
    there = ("SQLite", *(["PostgreSQL"] if server else []))
    for name in [n for n in there if args.database in (None, n)]:
        with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
            database = made_database(str(server)) if name == "PostgreSQL" else ""
            environment = {**os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": database,
                           "TENOR_LOG_LEVEL": "ERROR", "TENOR_HOSTS": '["testserver"]'}  # fmt: skip
            command = [sys.executable, "-m", "benchmarks.screens", "--here", name,
                       "--invoices", str(args.invoices), "--events", str(args.events),
                       "--times", str(args.times)]  # fmt: skip
            subprocess.run(command, env=environment, check=True)


def measure(name: str, invoices: int, events: int, times: int) -> None:
    """Fill the books, do a day, ask for every screen again and again."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    start = perf_counter()
    client, screens = prepared(invoices, events)
    print(f"{name}: {invoices:,} open invoices, {events:,} events, a day planned "
          f"in {perf_counter() - start:.0f} s", flush=True)  # fmt: skip
    taken: dict[str, list[float]] = {screen: [] for screen in screens}
    sizes: dict[str, int] = {}
    # The first of each loads templates and code.
    asked = list(screens) + random.Random(1).choices(list(screens), k=times * len(screens))
    for number, screen in enumerate(asked):
        start = perf_counter()
        answer = client.get(screens[screen])
        sizes[screen] = len(answer.content)
        if number >= len(screens):
            taken[screen].append((perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{screens[screen]} answered {answer.status_code}")
    print(f"  {'screen':<26} {'median':>8} {'p95':>8}  KB")
    for screen, each in sorted(taken.items(), key=lambda item: -_p95(item[1])):
        late = f"  more than {PROMISED_MS} ms" if _p95(each) > PROMISED_MS else ""
        print(f"  {screen:<26} {median(each):>6.0f}ms {_p95(each):>6.0f}ms "
              f"{sizes[screen] // 1024:>3}{late}", flush=True)  # fmt: skip


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def prepared(invoices: int, events: int) -> tuple[object, dict[str, str]]:
    """Return a signed-in browser, and the address of each screen."""
    from django.test import Client

    from tenor.platform.core.actor import system
    from tenor.platform.core.people import add_person
    from tenor.platform.decisions.models import Decision
    from tenor.platform.jobs.day import run_day

    organisation = filled(invoices, events)
    run = run_day(organisation)
    actor = system(organisation)
    manager = add_person(actor, email="manager@large.example", role="credit_manager")
    client = Client()
    client.force_login(manager.user)
    decisions = Decision.objects.of(organisation).filter(run=run, verdict="contact")
    chosen = decisions.select_related("customer").order_by("-value").first()
    root = f"/o/{organisation.slug}/"
    key, invoice = chosen.customer.key, chosen.invoice_keys[0]
    places = {
        "today": "today/",
        "plan": "plan/",
        "plan, a group open": f"plan/?group={chosen.channel}.{chosen.tone}",
        "plan, those left alone": "plan/?group=alone",
        "plan, what differs": "plan/difference/",
        "plan, when": "plan/moments/",
        "worklist": "worklist/",
        "customers": "customers/",
        "customers, searched": f"customers/?q={key[:-2]}",
        "customers, disputed": "customers/?only=disputed",
        "invoices": "invoices/",
        "invoices, overdue": "invoices/?only=overdue",
        "invoice": f"invoices/{invoice}/",
        "case": f"customers/{key}/",
        "case, statement": f"customers/{key}/?tab=statement",
        "alternatives": f"case/{chosen.pk}/alternatives/",
        "rules": "rules/",
        "report, money": "reports/money/",
        "report, people": "reports/people/",
        "imports": "imports/",
        "settings": "settings/",
        "search": f"search/?q={key[:-1]}",
    }
    return client, {name: root + place for name, place in places.items()}


if __name__ == "__main__":
    main()
