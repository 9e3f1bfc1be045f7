"""Ask about one customer over the API, on the demonstration: the plan's answer, and one anew.

python -m benchmarks.asking
python -m benchmarks.asking --times 100

Makes the demonstration in a folder that is thrown away (a minute or two), then asks
`POST /api/v1/decisions/now` about one invoice after the other; what is told is the server's own
time. Beside it what there would be without the plan's answer: the same question after an event
about the customer, so that everything is worked out anew.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from statistics import median, quantiles
from time import perf_counter
from typing import Any

PROMISED_MS = 50


def main() -> None:
    """Make the demonstration, and ask in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=60, help="how many invoices are asked about")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        measure(args.times)
        return
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        environment = {**os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": "",
                       "TENOR_LOG_LEVEL": "ERROR", "TENOR_HOSTS": '["testserver"]'}  # fmt: skip
        tenor = [sys.executable, "-m", "tenor.cli.main", "demo", "--no-serve", "--out", folder]
        subprocess.run(tenor, env=environment, check=True, stdout=subprocess.DEVNULL)
        here = [sys.executable, "-m", "benchmarks.asking", "--here", folder]
        subprocess.run([*here, "--times", str(args.times)], env=environment, check=True)


def measure(times: int) -> None:
    """Ask about so many invoices, and about as many again with something new about each."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    import django

    django.setup()
    from django.test import Client

    from tenor.platform.core.actor import system
    from tenor.platform.core.keys import make_key
    from tenor.platform.core.models import Organisation
    from tenor.platform.ledger.models import Invoice

    organisation = Organisation.objects.get(slug="demo")
    _row, secret = make_key(system(organisation), name="asks", wanted=["decisions:write"])
    client = Client(headers={"authorization": f"Bearer {secret}"})
    rows = Invoice.objects.of(organisation).filter(is_open=True).order_by("customer_id", "pk")
    keys = list(rows.values_list("key", flat=True)[: times + 5])
    for key in keys[:5]:
        _ask(client, key)
    print(f"  {'answer':<28} {'median':>7} {'p95':>7}")
    _tell("the plan's, nothing is new", [_ask(client, key) for key in keys[5:]])
    anew = []
    for number, key in enumerate(keys[5:]):
        _something_new(organisation, number, key)
        anew.append(_ask(client, key))
    _tell("worked out anew", anew)


def _ask(client: Any, key: str) -> float:
    start = perf_counter()
    answer = client.post(
        "/api/v1/decisions/now", {"invoice_key": key}, content_type="application/json"
    )
    taken = (perf_counter() - start) * 1000
    if answer.status_code != 201:
        raise SystemExit(f"{key}: {answer.status_code} {answer.content[:300]!r}")
    return taken


def _something_new(organisation: Any, number: int, key: str) -> None:
    from tenor.platform.core import clock
    from tenor.platform.events.actions import record

    now = clock.now(organisation)
    record(organisation, "opened", key=f"asking-{number}", at=now, invoice_key=key)


def _tell(name: str, taken: list[float]) -> None:
    late = quantiles(taken, n=20)[-1]
    over = f"  more than {PROMISED_MS} ms" if late > PROMISED_MS else ""
    print(f"  {name:<28} {median(taken):>5.0f}ms {late:>5.0f}ms{over}", flush=True)


if __name__ == "__main__":
    main()
