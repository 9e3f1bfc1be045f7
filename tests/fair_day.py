"""People of two made-up origins and a day's decisions about them, for the tests of fairness."""

from datetime import timedelta
from typing import Any

import numpy as np

from cast import NOW, Cast
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.ledger import protected
from tenor.platform.ledger.models import Customer, Invoice

PEOPLE = 240


def a_day(cast: Cast, *, pressed: str = "") -> Run:
    """A day's decisions about 240 people of two origins; those `pressed` all get urgent letters."""
    organisation = cast.organisation
    rng = np.random.default_rng(1)
    keys = [f"C{i:03}" for i in range(PEOPLE)]
    Customer.objects.of(organisation).bulk_create(
        Customer(organisation=organisation, key=key, kind="consumer", country="NL",
                 language="nl", attributes={"area": "north" if n % 3 else "south"})
        for n, key in enumerate(keys)
    )  # fmt: skip
    rows = {c.key: c for c in Customer.objects.of(organisation)}
    Invoice.objects.of(organisation).bulk_create(
        Invoice(organisation=organisation, customer=row, key=f"F-{key}", amount=100, total=100,
                balance=100, currency="EUR", issued_on=NOW.date() - timedelta(days=50),
                due_on=NOW.date() - timedelta(days=20))
        for key, row in rows.items()
    )  # fmt: skip
    origin = {key: "here" if n % 2 else "elsewhere" for n, key in enumerate(keys)}
    protected.keep(
        organisation,
        {rows[k].pk: {"protected_origin": o, "protected_rare": "yes" if n < 9 else "no"}
         for n, (k, o) in enumerate(origin.items())},
        source="test",
    )  # fmt: skip
    run = Run.objects.of(organisation).create(
        day=(NOW - timedelta(days=2)).date(), as_of=NOW - timedelta(days=2), seed=1,
        started_at=NOW - timedelta(days=2),
    )  # fmt: skip
    Decision.objects.of(organisation).bulk_create(
        _decision(run, rows[key], origin[key] == pressed, rng) for key in keys
    )
    return run


def _decision(run: Run, customer: Customer, pressed: bool, rng: np.random.Generator) -> Decision:
    contacted = pressed or bool(rng.random() < 0.6)
    firm = pressed or bool(rng.random() < 0.4)
    values: dict[str, Any] = {"verdict": "wait"}
    if contacted:
        values = {"verdict": "contact", "channel": "email", "tone": "firm" if firm else "friendly"}
    return Decision(
        organisation_id=run.organisation_id, run=run, customer=customer, key=f"d-{customer.key}",
        decided_at=run.as_of, invoice_keys=[f"F-{customer.key}"], p_paid=0.6, p_paid_wait=0.5,
        amount=100, currency="EUR", days_overdue=20, **values,
    )  # fmt: skip
