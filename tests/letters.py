"""Letters for the platform's tests: a plan of letters, and a batch that they fill."""

from datetime import timedelta
from decimal import Decimal

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Run
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach.actions import send_due
from tenor.platform.outreach.models import LetterBatch, Price

LATER = NOW + timedelta(hours=2)
POSTAL = "Dorpsstraat 5\n1234 AB AMSTERDAM"


def customer(cast: Cast, key: str, invoice: str, *, amount: str, postal: str = POSTAL) -> None:
    """Make a customer who is reached by post only, and owes an invoice."""
    present = cast.organisation.clock_at or NOW
    # What was entered only just, and is overdue, is not asked for yet.
    make.at(cast, present - timedelta(days=20))
    make.customer(cast, key, email="")
    if postal:
        ledger.add_contact_point(cast.system, customer_key=key, kind="postal", value=postal)
    make.invoice(cast, invoice, customer=key, amount=amount, number=f"2026-{invoice}")
    make.at(cast, present)


def planned(cast: Cast, people: int = 3) -> Run:
    """Make a plan of letters that go out by themselves, to C1, C2 … about one invoice each."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"], postal_address="Dijkweg 12\n3311 AB Dordrecht")
    for item, price in (("postage", "0.91"), ("print", "0.06")):
        Price.objects.of(cast.organisation).create(
            channel="letter", item=item, price=Decimal(price), currency="EUR",
            valid_from=NOW.date(),
        )  # fmt: skip
    made = plans.run(cast)
    for number in range(1, people + 1):
        key, invoice, amount = f"C{number}", f"F{number}", f"{number}00.50"
        customer(cast, key, invoice, amount=amount)
        plans.decision(made, key, channel="letter", invoice_keys=[invoice], amount=Decimal(amount))
    open_gate(made)
    return made


def filled(cast: Cast) -> LetterBatch:
    """Carry the plan out; return the batch that is open."""
    done = send_due(cast.organisation, LATER)
    assert not done.refused
    make.at(cast, LATER)
    return LetterBatch.objects.of(cast.organisation).get()
