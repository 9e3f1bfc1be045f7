"""How fast a bank statement comes into the books: lines a second, a step each.

    python benchmarks/bank.py --lines 100000 --booked 2000

Reads a made-up CAMT.053 of so many lines, keeps it (all or nothing), takes it in again as another
file (every line known), and looks at lines with an open invoice each: matched and booked. On
SQLite in a folder of its own, or where TENOR_DATABASE_URL points.
"""

import argparse
import os
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--booked", type=int, default=2_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TENOR_DATA", folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        _measure(asked.lines, asked.booked)


def _measure(lines: int, booked: int) -> None:
    import bankfile
    from tenor.engine.payments.camt import read_camt
    from tenor.platform.banking import actions
    from tenor.platform.banking.models import Line
    from tenor.platform.core.actor import system
    from tenor.platform.core.people import make_organisation
    from tenor.platform.ledger import actions as ledger

    actor = system(make_organisation(slug="bench", name="Bench"))
    ledger.set_account(actor, iban=bankfile.IBAN, currency="EUR", holder="Bench")
    entries = [
        bankfile.line("12.34", f"payment {n}", bank_reference=f"B{n}", name=f"Payer {n}")
        for n in range(lines)
    ]
    content = bankfile.file(*entries)
    print(f"{lines:,} lines, {len(content) / 1e6:,.0f} MB")
    _timed("read", lines, lambda: read_camt(content))
    _timed("take in", lines, lambda: actions.take_file(actor, content=content, name="a.xml"))
    again = bankfile.file(*entries, number="2")
    _timed("take in, all known", lines, lambda: actions.take_file(
        actor, content=again, name="b.xml"
    ))  # fmt: skip
    Line.objects.of(actor.organisation).filter(state="new").update(state="passed")
    for n in range(booked):
        ledger.record_customer(actor, key=f"C{n}", name=f"Payer {n}")
        ledger.record_invoice(
            actor, key=f"INV{n:06}", customer_key=f"C{n}", amount=Decimal("12.34"),
            currency="EUR", issued_on=_day(1), due_on=_day(8),
        )  # fmt: skip
    some = bankfile.file(
        *(bankfile.line("12.34", f"INV{n:06}", bank_reference=f"I{n}") for n in range(booked)),
        number="3", opening="5.00",
    )  # fmt: skip
    actions.take_file(actor, content=some, name="c.xml")
    _timed("match and book", booked, lambda: actions.look_at_lines(actor))
    print(f"booked: {Line.objects.of(actor.organisation).filter(state='booked').count():,}")


def _day(number: int):  # type: ignore[no-untyped-def]
    from datetime import date

    return date(2026, 3, number)


def _timed(what: str, count: int, work) -> None:  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    work()
    took = time.perf_counter() - start
    print(f"{what:20} {took:8.1f} s  {count / took:10,.0f} lines/s", flush=True)


if __name__ == "__main__":
    main()
