"""Workers that send what is due and are killed again and again, and people who pay meanwhile.

    python tests/sender.py send ORGANISATION NOW KILLS SEED [LONGEST]
    python tests/sender.py pay ORGANISATION COUNT SECONDS SEED

`send`: each round is a process of its own, forked from this one; all but the last are killed with
SIGKILL at a random instant, after LONGEST seconds at most. Prints how many were killed. `pay`: pays
invoices at random instants, so many in about so many seconds; prints the messages that nobody had
taken by then, a line each: none of them may go out any more.
"""

import os
import random
import signal
import sys
import time
from datetime import datetime

import django

django.setup()

from django.db import transaction  # noqa: E402

from tenor.platform.core import clock  # noqa: E402
from tenor.platform.core.actor import system  # noqa: E402
from tenor.platform.core.models import Organisation  # noqa: E402
from tenor.platform.ledger.actions import record_payment  # noqa: E402
from tenor.platform.ledger.locks import locked_customer  # noqa: E402
from tenor.platform.ledger.models import Invoice  # noqa: E402
from tenor.platform.outreach.actions import send_due  # noqa: E402
from tenor.platform.outreach.models import Message  # noqa: E402

TAKEN = (Message.State.SENDING, Message.State.SENT, Message.State.UNCLEAR)


def send(slug: str, now: datetime) -> None:
    """Send until nothing is due."""
    organisation = Organisation.objects.get(slug=slug)
    while send_due(organisation, now, limit=10).sent:
        pass


def be_killed(slug: str, now: str, kills: str, seed: str, longest: str = "0.25") -> None:
    """Run the rounds."""
    chance, killed = random.Random(int(seed)), 0
    for left in range(int(kills), -1, -1):
        child = os.fork()
        if child == 0:
            send(slug, datetime.fromisoformat(now))
            os._exit(0)
        if left:
            time.sleep(chance.uniform(0.02, float(longest)))
            os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    print(killed)


def pay(slug: str, count: str, seconds: str, seed: str) -> None:
    """Pay invoices, and say whose message had not been taken when the money was booked."""
    chance = random.Random(int(seed))
    actor = system(Organisation.objects.get(slug=slug))
    rows = Invoice.objects.of(actor.organisation).filter(is_open=True).order_by("pk")
    numbers = chance.sample(list(rows.values_list("pk", flat=True)), int(count))
    for number in numbers:
        time.sleep(chance.uniform(0, 2 * float(seconds) / int(count)))
        print(*pay_one(actor, number), sep="\n", end="", flush=True)


def pay_one(actor: object, number: int) -> list[str]:
    """Book the money for an invoice; return the messages about it that nobody had taken."""
    organisation = actor.organisation  # type: ignore[attr-defined]
    invoice = Invoice.objects.of(organisation).get(pk=number)
    with transaction.atomic():
        # Whoever claims a message holds its customer: from here on nobody takes one of theirs.
        locked_customer(actor, pk=invoice.customer_id)  # type: ignore[arg-type]
        messages = Message.objects.of(organisation).filter(customer_id=invoice.customer_id)
        taken = messages.filter(state__in=TAKEN).exists()
        record_payment(
            actor,  # type: ignore[arg-type]
            key=f"paid-{number}", amount=invoice.balance, currency=invoice.currency,
            paid_at=clock.now(organisation), invoice_key=invoice.key,
        )  # fmt: skip
    return [] if taken else [f"{invoice.customer.key}\n"]


if __name__ == "__main__":
    {"send": be_killed, "pay": pay}[sys.argv[1]](*sys.argv[2:])
