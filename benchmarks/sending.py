"""Sending once: workers killed with SIGKILL again and again, a real mail server, people who pay.

python -m benchmarks.sending
python -m benchmarks.sending --messages 2000 --kills 200 --payments 200

PostgreSQL is measured where TENOR_TEST_POSTGRES names a server (`make services` starts one). What
is counted: messages lost, arrived twice, unclear (and whether they arrived), sent to somebody whose
money was booked before the message was taken.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

DATABASES = ("SQLite", "PostgreSQL")
WORKERS = 4
# A worker lives so many seconds at most before it is killed.
LONGEST = 0.8
SENDER = Path(__file__).parents[1] / "tests" / "sender.py"
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
RULES = '[channels.email]\ncost = 0.02\nhours = "08:00-20:00"\n'


class Mailbox:
    """What arrived, by the key of the message."""

    def __init__(self) -> None:
        """Begin empty."""
        self.arrived: Counter[str] = Counter()
        self.lock = threading.Lock()

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Take a message."""
        lines = envelope.content.decode("utf-8", "replace").splitlines()
        number = next(line for line in lines if line.lower().startswith("message-id:"))
        with self.lock:
            self.arrived[number.partition("<")[2].partition("@")[0].partition(".")[2]] += 1
        return "250 OK"


def main() -> None:
    """Measure each database in a process of its own, in a folder that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--payments", type=int, default=40)
    parser.add_argument("--only", choices=DATABASES, help="one of the databases")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        measure(args.here, args.messages, args.kills, args.payments)
        return
    server = os.environ.get("TENOR_TEST_POSTGRES")
    for name in [args.only] if args.only else DATABASES[: 2 if server else 1]:
        with tempfile.TemporaryDirectory(prefix="tenor-bench-") as folder:
            database = f"sqlite:///{folder}/tenor.sqlite3"
            if name == "PostgreSQL":
                database = made_database(str(server))
            environment = {
                **os.environ, "TENOR_DATA": folder, "TENOR_DATABASE_URL": database,
                "TENOR_LOG_LEVEL": "ERROR", "TENOR_EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
                "DJANGO_SETTINGS_MODULE": "tenor.platform.config.settings",
            }  # fmt: skip
            command = [sys.executable, "-m", "benchmarks.sending", "--here", name,
                       "--messages", str(args.messages), "--kills", str(args.kills),
                       "--payments", str(args.payments)]  # fmt: skip
            subprocess.run(command, env=environment, check=True)


def made_database(server: str) -> str:
    """Return the address of a new, empty database on the server."""
    import psycopg

    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS tenor_sending")
        connection.execute("CREATE DATABASE tenor_sending")
    return server.replace("/tenor?", "/tenor_sending?")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def measure(name: str, messages: int, kills: int, payments: int) -> None:
    """Send, kill and pay at once; then count what became of every message."""
    import django

    django.setup()
    from aiosmtpd.controller import Controller
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    lay_out(messages)
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    start = perf_counter()
    workers = [
        begun("send", "delta", NOW.isoformat(), str(kills // WORKERS), str(seed), str(LONGEST))
        for seed in range(WORKERS)
    ]
    # While they send: about as long as the kills take.
    payer = begun("pay", "delta", str(payments), str(LONGEST / 2 * kills / WORKERS), "99")
    killed = sum(int(worker.communicate()[0]) for worker in workers)
    untaken = set(payer.communicate()[0].split())
    found = ended(mailbox)
    controller.stop()
    seconds = perf_counter() - start
    print(f"{name}: {messages:,} messages, {WORKERS} workers, {killed} killed, "
          f"{payments} payments meanwhile, {seconds:.0f} s")  # fmt: skip
    report(found, mailbox, untaken, messages)


def begun(*words: str) -> "subprocess.Popen[str]":
    """Start one of those who send or pay."""
    command = [sys.executable, str(SENDER), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def ended(mailbox: Mailbox) -> dict[str, set[str]]:
    """Let the leases of the dead run out, send what is left, and return the messages by state."""
    from tenor.platform.core.models import Organisation
    from tenor.platform.outreach.actions import send_due
    from tenor.platform.outreach.models import Message

    organisation = Organisation.objects.get(slug="delta")
    rows = Message.objects.of(organisation)
    rows.filter(state="sending").update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    send_due(organisation, NOW, limit=10_000)
    found: dict[str, set[str]] = {}
    for key, state in rows.values_list("key", "state"):
        found.setdefault(state, set()).add(key)
    return found


def report(found: dict[str, set[str]], mailbox: Mailbox, untaken: set[str], messages: int) -> None:
    """Print the counts."""
    from tenor.platform.decisions.models import Decision, Task
    from tenor.platform.outreach.models import Cost, Message

    arrived = set(mailbox.arrived)
    sent, unclear = found.get("sent", set()), found.get("unclear", set())
    never = Decision.across.filter(state="lapsed", message=None).count()
    lost = messages - never - sum(len(keys) for keys in found.values())
    lost += len(found.get("planned", set())) + len(found.get("sending", set()))
    rows = [
        ("sent", len(sent)),
        ("cancelled: paid meanwhile", len(found.get("cancelled", set()))),
        ("never put down: paid before", never),
        ("unclear", len(unclear)),
        ("  of these arrived", len(unclear & arrived)),
        ("  of these with a person to find out",
         Task.across.filter(kind="unclear", state="open").count()),
        ("failed", len(found.get("failed", set()))),
        ("lost", lost + len(sent - arrived)),
        ("arrived twice", sum(count > 1 for count in mailbox.arrived.values())),
        ("arrived and not known as sent or unclear", len(arrived - sent - unclear)),
        ("paid before they were taken", len(untaken)),
        ("  of these sent", len({key_of(customer) for customer in untaken} & arrived)),
        ("contacts whose cost is not exactly one row",
         sum(Cost.across.filter(message=message).count() != 1
             for message in Message.across.filter(state__in=("sent", "unclear")))),
    ]  # fmt: skip
    for words, count in rows:
        print(f"  {words:<42} {count:>6,}")
    sys.stdout.flush()


def key_of(customer: str) -> str:
    """Return the key of a customer's message."""
    return f"0310-{customer}"


def lay_out(count: int) -> None:
    """Fill the books: so many customers who owe an invoice, an e-mail approved for each."""
    import polars as pl
    from django.db import transaction

    from tenor.engine.frames import tables_of
    from tenor.platform.core.actor import system
    from tenor.platform.core.people import make_organisation
    from tenor.platform.governance.models import PolicyVersion
    from tenor.platform.jobs.importing import keep_tables
    from tenor.platform.ledger.models import ContactPoint, Customer, OwnAccount

    organisation = make_organisation(
        slug="delta", name="Delta Water", clock_at=NOW,
        settings={"read_only": False, "erp_reminders_off": True, "automatic": ["all"]},
    )  # fmt: skip
    keys = [f"C{number}" for number in range(count)]
    due = (NOW - timedelta(days=10)).date()
    customers = pl.DataFrame({"customer_id": keys}).with_columns(
        kind=pl.lit("consumer"), country=pl.lit("NL"), language=pl.lit("nl")
    )
    invoices = pl.DataFrame({"customer_id": keys}).with_columns(
        invoice_id="F" + pl.col("customer_id"), amount=pl.lit("100.00"), currency=pl.lit("EUR"),
        issued_on=pl.lit(due - timedelta(days=30)), due_on=pl.lit(due),
    )  # fmt: skip
    with transaction.atomic():
        keep_tables(
            system(organisation), tables_of(customers=customers, invoices=invoices), source="import"
        )
        PolicyVersion.objects.of(organisation).create(
            number=1, text=RULES, state="live", drafted_at=NOW
        )
        OwnAccount.objects.of(organisation).create(
            currency="EUR", holder="Delta Water", iban="NL91ABNA0417164300"
        )
        people = dict(Customer.objects.of(organisation).values_list("key", "pk"))
        ContactPoint.objects.of(organisation).bulk_create(
            ContactPoint(customer_id=number, kind="email", value=f"{key.lower()}@example.org")
            for key, number in people.items()
        )
        decide(organisation, people)


def decide(organisation: Any, people: dict[str, int]) -> None:
    """Approve an e-mail for each customer."""
    from decimal import Decimal

    from tenor.platform.decisions.models import Decision, Run
    from tenor.platform.governance.models import PolicyVersion

    run = Run.objects.of(organisation).create(
        day=NOW.date(), as_of=NOW, seed=1, started_at=NOW, step="done",
        policy=PolicyVersion.objects.of(organisation).get(),
    )  # fmt: skip
    Decision.objects.of(organisation).bulk_create(
        Decision(
            run=run, customer_id=number, key=key_of(key), decided_at=NOW, verdict="contact",
            invoice_keys=[f"F{key}"], amount=Decimal(100), currency="EUR", days_overdue=10,
            channel="email", tone="friendly", send_at=NOW, propensity=1.0, cost=0.02,
            state="approved",
        )
        for key, number in people.items()
    )  # fmt: skip


if __name__ == "__main__":
    main()
