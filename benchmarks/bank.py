"""How fast a bank statement comes into the books: lines a second, a step each.

    python benchmarks/bank.py --lines 100000

Makes so many customers with an open invoice each, and a CAMT.053 that pays them all; reads it,
keeps it (all or nothing), matches and books every line, takes it in again as another file (every
line known), and adds up the books to the cent. On SQLite in a folder of its own, or where
TENOR_DATABASE_URL points. The processor's time is printed beside the clock's: on a machine that is
busy with other things, the first says what the work costs.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
_AMOUNT = Decimal("12.34")
_AT_ONCE = 20_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TENOR_DATA", folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        _measure(asked.lines)


def _measure(lines: int) -> None:
    import bankfile
    from tenor.engine.payments.camt import read_camt
    from tenor.platform.banking import actions
    from tenor.platform.core.actor import system
    from tenor.platform.core.people import make_organisation
    from tenor.platform.ledger import actions as ledger

    actor = system(make_organisation(slug="bench", name="Bench"))
    ledger.set_account(actor, iban=bankfile.IBAN, currency="EUR", holder="Bench")
    _timed("make invoices", lines, lambda: _owe(actor, lines))
    entries = [
        bankfile.line(f"{_AMOUNT}", f"INV{n:06}", bank_reference=f"B{n}", name=f"Payer {n}")
        for n in range(lines)
    ]
    content, again = bankfile.file(*entries), bankfile.file(*entries, number="2")
    print(f"{lines:,} lines, {len(content) / 1e6:,.0f} MB", flush=True)
    _timed("read", lines, lambda: read_camt(content))
    _timed("take in", lines, lambda: actions.take_file(actor, content=content, name="a.xml"))
    _timed("match and book", lines, lambda: actions.look_at_lines(actor))
    _prove(actor.organisation, lines)
    _timed("take in, all known", lines, lambda: actions.take_file(
        actor, content=again, name="b.xml"
    ))  # fmt: skip


def _owe(actor, lines: int) -> None:  # type: ignore[no-untyped-def]
    import polars as pl
    from django.db import transaction

    from tenor.engine.frames import CUSTOMERS, INVOICES, conform
    from tenor.platform.ledger.bulk import upsert_customers, upsert_invoices

    for start in range(0, lines, _AT_ONCE):
        some = range(start, min(lines, start + _AT_ONCE))
        people = pl.DataFrame(
            {"customer_id": [f"C{n}" for n in some], "name": [f"Payer {n}" for n in some]}
        )
        owed = pl.DataFrame(
            {
                "invoice_id": [f"INV{n:06}" for n in some],
                "customer_id": [f"C{n}" for n in some],
                "amount": [_AMOUNT] * len(some), "currency": ["EUR"] * len(some),
                "issued_on": [date(2026, 3, 1)] * len(some),
                "due_on": [date(2026, 3, 8)] * len(some),
            }
        )  # fmt: skip
        with transaction.atomic():
            upsert_customers(actor, conform(CUSTOMERS, people))
            upsert_invoices(actor, conform(INVOICES, owed))


def _prove(organisation, lines: int) -> None:  # type: ignore[no-untyped-def]
    """Add up: every line is booked, every cent is in the books, and nothing is owed."""
    from django.db.models import Sum

    from tenor.platform.banking.models import Line, Posting
    from tenor.platform.ledger.models import Invoice, Payment

    booked = Line.objects.of(organisation).filter(state="booked").count()
    sums = {
        table.__name__: table.objects.of(organisation).aggregate(s=Sum("amount"))["s"]
        for table in (Line, Posting, Payment)
    }
    owed = Invoice.objects.of(organisation).aggregate(s=Sum("balance"))["s"]
    print(f"booked {booked:,} of {lines:,}; {sums}; still owed {owed}", flush=True)
    assert booked == lines
    assert set(sums.values()) == {_AMOUNT * lines}
    assert not owed


def _timed(what: str, count: int, work: Callable[[], object]) -> None:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    took, cost = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{what:20} {took:8.1f} s {count / took:9,.0f} lines/s   "
        f"processor {cost:8.1f} s {count / cost:9,.0f} lines/s", flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
