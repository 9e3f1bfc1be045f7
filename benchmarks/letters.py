"""Letters a second a core: set as PDF, and all the way from plan to the printer's download.

python -m benchmarks.letters
python -m benchmarks.letters --letters 1000 --weasyprint /path/to/python

Setting: a letter of three invoices and one of forty, each with its own name, amounts and payment
code. With `--weasyprint` an interpreter that has WeasyPrint sets the same letters beside it. The
whole way: as many customers with a letter each, planned, asked about, set, filed, asked again,
closed and packed, on SQLite in a folder that is thrown away.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
# When the invoices came in: what was entered only just is not asked for yet.
EARLIER = NOW - timedelta(days=30)
SIZES = (3, 40)


def main() -> None:
    """Measure both in a process of its own, so that nothing here is loaded already."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=200)
    parser.add_argument("--weasyprint", default="", help="an interpreter that has WeasyPrint")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        measure(args.letters, args.weasyprint)
        return
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
        environment = {**os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": "",
                       "TENOR_LOG_LEVEL": "ERROR", "TENOR_LETTERS": ""}  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.letters", "--here",
                   "--letters", str(args.letters), "--weasyprint", args.weasyprint]  # fmt: skip
        subprocess.run(command, env=environment, check=True)


def measure(letters: int, weasyprint: str) -> None:
    """Set letters of each size, then go the whole way."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(f"{'setting':<24}{'invoices':>9}{'ms of processor':>17}{'a second a core':>17}{'KB':>5}")
    for lines in SIZES:
        count = max(20, letters if lines == SIZES[0] else letters // 5)
        _told("Tenor (typst)", lines, count, *set_here(count, lines))
        if weasyprint:
            _told("WeasyPrint", lines, count, *set_there(weasyprint, count, lines))
    parts = whole_way(letters)
    used = sum(processor for processor, _clock in parts.values())
    seconds = sum(clock for _processor, clock in parts.values())
    said = ", ".join(f"{name} {part:.1f} s" for name, (part, _clock) in parts.items())
    print(f"\nplan to download, {letters:,} letters: {letters / used:,.0f} a second of processor, "
          f"{letters / seconds:,.0f} a second by the clock (processor: {said})")  # fmt: skip


def _told(name: str, lines: int, count: int, seconds: float, size: int) -> None:
    print(f"{name:<24}{lines:>9}{seconds / count * 1000:>17.1f}{count / seconds:>17,.0f}"
          f"{size / count / 1024:>5.0f}", flush=True)  # fmt: skip


def set_here(count: int, lines: int) -> tuple[float, int]:
    """Set letters as the channel does; return seconds of processor and bytes."""
    from tenor.platform.outreach.channels.letter.letter import printed
    from tenor.platform.outreach.channels.letter.places import place_of

    place, size = place_of("NL"), 0
    drafts = [draft_of(number, lines) for number in range(count)]
    printed(draft_of(count, lines), place, mark="WARM")
    start = process_time()
    for number, draft in enumerate(drafts):
        size += len(printed(draft, place, mark=f"M{number:07}").pdf)
    return process_time() - start, size


def set_there(python: str, count: int, lines: int) -> tuple[float, int]:
    """Set the same letters with WeasyPrint, payment codes drawn by us and their time added."""
    from tenor.platform.outreach.channels.letter import letter
    from tenor.platform.outreach.channels.letter.places import place_of

    place = place_of("NL")
    drafts = [draft_of(number, lines) for number in range(count)]
    start = process_time()
    given = [letter.inputs_of(draft, place, "") for draft in drafts]
    drawn = process_time() - start
    script = str(ROOT / "benchmarks" / "rivals" / "weasy_letters.py")
    answer = subprocess.run(
        [python, script, str(letter.FONTS)], input="\n".join(map(json.dumps, given)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(answer.stdout)
    return told["seconds"] + drawn, told["bytes"]


def draft_of(number: int, lines: int) -> Any:
    """Write a reminder to one of many customers."""
    from tenor.engine.payments import epc
    from tenor.engine.payments.references import make_rf
    from tenor.platform.wording import draft as words
    from tenor.platform.wording.texts import frame

    amount = Decimal(number * lines + 1) + Decimal("0.37")
    iban, reference = "NL91ABNA0417164300", make_rf(f"{number:012}")
    rows = tuple(
        words.Line(f"F{n}", f"2026-{number:05}-{n}", "10-01-2026", "09-02-2026", f"€ {n + 40},00",
                   "€ 5,00", f"€ {n + 35},00")
        for n in range(lines)
    )  # fmt: skip
    code = epc.make(name="Delta Water", iban=iban, amount=amount, reference=reference).payload
    return words.Draft(
        kind=words.Kind.REMINDER, form=words.Form.LONG, tone="friendly", language="nl",
        template="reminder/friendly", version="built-in", subject=f"Herinnering {number}",
        greeting=f"Beste klant {number},",
        paragraphs=(f"Misschien is het u ontgaan: € {amount} staat nog open.",
                    "Wilt u dit bedrag vóór 17 maart 2026 betalen? Hieronder staat alles."),
        after=("Lukt het niet in één keer? Laat het ons weten.", "Klopt er iets niet? Bel ons."),
        closing=("Met vriendelijke groet,", "Delta Water"),
        sender=words.Sender("Delta Water", ("Dijkweg 12", "3311 AB Dordrecht"), "078 123 45 67",
                            "post@delta.example", "https://delta.example", "#0b5cad"),
        recipient=f"Klant {number}",
        address=(f"Klant {number}", f"Dorpsstraat {number}", "1234 AB AMSTERDAM"),
        on=date(2026, 3, 10), written_on="10 maart 2026", lines=rows, words=frame("nl").words,
        total=f"€ {amount}", amount=amount, currency="EUR",
        pay=words.Pay("Delta Water", iban, "ABNANL2A", reference, code),
    )  # fmt: skip


def whole_way(count: int) -> dict[str, tuple[float, float]]:
    """Carry out a plan of letters and close the batch: processor and clock seconds of each part."""
    from tenor.platform.core.actor import system
    from tenor.platform.outreach import batches
    from tenor.platform.outreach.actions import send_due

    organisation = planned(count)
    parts, start, sent = {}, _both(), 0
    done = send_due(organisation, NOW + timedelta(hours=2), limit=500)
    while done.sent:
        sent += done.sent
        done = send_due(organisation, NOW + timedelta(hours=2), limit=500)
    if sent != count:
        raise SystemExit(f"{sent} of {count} letters were set: {done}")
    parts["set and filed"] = _since(start)
    organisation.clock_at = NOW + timedelta(hours=2)
    organisation.save()
    start = _both()
    batch = batches.close_batch(system(organisation)).batch
    parts["asked again, closed, packed"] = _since(start)
    if batch.count != count:
        raise SystemExit(f"{batch.count} of {count} letters went to the printer")
    return parts


def _both() -> tuple[float, float]:
    return process_time(), perf_counter()


def _since(start: tuple[float, float]) -> tuple[float, float]:
    return process_time() - start[0], perf_counter() - start[1]


def planned(count: int) -> Any:
    """Make an organisation with customers, an invoice each, and an approved letter to each."""
    from tenor.platform.core.actor import system
    from tenor.platform.core.people import make_organisation
    from tenor.platform.decisions.models import Decision, Run
    from tenor.platform.governance.models import PolicyVersion
    from tenor.platform.ledger import actions
    from tenor.platform.ledger.models import OwnAccount

    organisation = make_organisation(slug="many", name="Delta Water", clock_at=EARLIER)
    organisation.settings = {"read_only": False, "postal_address": "Dijkweg 12\n3311 AB Dordrecht"}
    organisation.save()
    OwnAccount.objects.of(organisation).create(
        currency="EUR", holder="Delta Water", iban="NL91ABNA0417164300"
    )
    rules = PolicyVersion.objects.of(organisation).create(
        number=1, text="[channels.letter]\ncost = 1.10\n", state="live", drafted_at=NOW
    )
    run = Run.objects.of(organisation).create(
        day=NOW.date(), as_of=NOW, seed=1, started_at=NOW, step="gate", policy=rules
    )
    actor = system(organisation)
    for number in range(count):
        key = f"C{number}"
        customer = actions.record_customer(
            actor, key=key, name=f"Klant {number}", kind="consumer", country="NL", language="nl"
        ).row
        actions.add_contact_point(
            actor, customer_key=key, kind="postal", value=f"Dorpsstraat {number}\n1234 AB AMSTERDAM"
        )
        actions.record_invoice(
            actor, key=f"F{number}", customer_key=key, amount=Decimal(number + 10), currency="EUR",
            issued_on=NOW.date() - timedelta(days=40), due_on=NOW.date() - timedelta(days=10),
        )  # fmt: skip
        Decision.objects.of(organisation).create(
            run=run, customer=customer, key=f"0310-{key}", decided_at=NOW, verdict="contact",
            channel="letter", tone="friendly", send_at=NOW + timedelta(hours=1), propensity=1.0,
            invoice_keys=[f"F{number}"], amount=Decimal(number + 10), currency="EUR",
            days_overdue=10, segment="late_payer", state=Decision.State.APPROVED,
        )  # fmt: skip
    organisation.clock_at = NOW
    organisation.save()
    return organisation


if __name__ == "__main__":
    main()
