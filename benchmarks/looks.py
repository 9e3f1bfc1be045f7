"""The look of the day at running experiments, over an organisation with many customers.

python -m benchmarks.looks [--invoices 100000] [--events 1000000] [--experiments 3]

Every customer who owes is in one experiment, half in each arm. Measured is what is kept of all of
them in one day: facts read once, outcomes, intervals, guards. SQLite, in a folder thrown away.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from time import process_time

_AT_ONCE = 5_000


def main() -> None:
    """Measure in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--experiments", type=int, default=3)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        measure(asked.invoices, asked.events, asked.experiments)
        return
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        environment = {**os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": "",
                       "TENOR_LOG_LEVEL": "WARNING"}  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.looks", "--here", *sys.argv[1:]]
        subprocess.run(command, env=environment, check=True)


def measure(invoices: int, events: int, experiments: int) -> None:
    """Fill the books, look, and print what it took."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.problems.portfolio import AS_OF, portfolio
    from tenor.engine.ledger import invoice_states
    from tenor.platform.core.people import make_organisation
    from tenor.platform.experiments.looking import look
    from tenor.platform.experiments.models import Arm, Assignment, Experiment, Look
    from tenor.platform.experiments.outcomes import seen
    from tenor.platform.ledger.models import Customer

    call_command("migrate", verbosity=0)
    known = portfolio(open_invoices=invoices, events=events).known_at(AS_OF)
    organisation = make_organisation(slug="large", name="Large", clock_at=AS_OF, synthetic=True)
    owed = known.invoices.group_by("customer_id").agg("invoice_id").sort("customer_id")
    Customer.objects.of(organisation).bulk_create(
        (Customer(organisation=organisation, key=key) for key in owed["customer_id"]),
        batch_size=_AT_ONCE,
    )
    numbers = dict(Customer.objects.of(organisation).values_list("key", "pk"))
    since, rows = AS_OF - timedelta(days=40), []
    for place in range(experiments):
        row = Experiment.objects.of(organisation).create(
            slug=f"e{place}", name=f"E{place}", kind="ab", state="running", salt=str(place),
            drafted_at=since, started_at=since, days=60, guards={"complained": 0.01},
        )  # fmt: skip
        arms = [
            Arm.objects.of(organisation).create(
                experiment=row, name=name, label=name, place=n, way="live", is_reference=n == 0
            )
            for n, name in enumerate("ab")
        ]
        mine = owed.gather_every(experiments, place)
        for n, (key, keys) in enumerate(mine.iter_rows()):
            rows.append(
                Assignment(
                    organisation=organisation, experiment=row, arm=arms[n % 2], unit=key,
                    customer_id=numbers[key], since=since, invoice_keys=keys, expected=0.7,
                )
            )  # fmt: skip
    Assignment.objects.of(organisation).bulk_create(rows, batch_size=_AT_ONCE)
    # The day has folded what is owed already.
    invoice_states(known, AS_OF)
    begun = process_time()
    seen(known, AS_OF)
    read = process_time() - begun
    look(organisation, known, AS_OF)
    whole = process_time() - begun - read
    kept = Look.objects.of(organisation).count()
    print(
        f"{owed.height:,} customers, {known.invoices.height:,} invoices, {known.events.height:,} "
        f"events, {kept} experiments: {whole:.1f} s of processor, {read:.1f} s of them the facts",
        flush=True,
    )


if __name__ == "__main__":
    main()
