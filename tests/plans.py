"""A plan of the day for the platform's tests: rules in force, a run, and decisions as made rows."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cast import NOW, Cast
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.governance.models import PolicyVersion
from tenor.platform.ledger.models import Customer, OwnAccount

RULES = """\
[channels.email]
cost = 0.02
hours = "08:00-20:00"

[channels.call]
cost = 4.50
hours = "09:00-17:00"
days = "Mon-Fri"
capacity_per_day = 10

[channels.letter]
cost = 1.10

[limits]
min_days_between = 4
max_contacts_30d = 3
"""


def rules(cast: Cast, text: str = RULES) -> PolicyVersion:
    """Put rules in force."""
    rows = PolicyVersion.objects.of(cast.organisation)
    rows.filter(state="live").update(state="retired")
    version: PolicyVersion = rows.create(
        number=rows.count() + 1, text=text, state="live", drafted_at=NOW
    )
    return version


def settle(cast: Cast, **settings: Any) -> None:
    """Set preferences of the organisation: sending is on unless it is said otherwise."""
    organisation = cast.organisation
    account(cast)
    organisation.settings = {"read_only": False, **organisation.settings, **settings}
    organisation.save(update_fields=["settings"])


def run(cast: Cast, as_of: datetime = NOW, **values: Any) -> Run:
    """Make the run of a day, already decided."""
    made: Run = Run.objects.of(cast.organisation).create(
        day=as_of.date(), as_of=as_of, seed=1, started_at=as_of, step="gate",
        policy=PolicyVersion.objects.of(cast.organisation).filter(state="live").first(), **values,
    )  # fmt: skip
    made.organisation = cast.organisation
    return made


def decision(run: Run, customer: str = "C1", **values: Any) -> Decision:
    """Make a decision about a customer: an e-mail in an hour about invoice F1, not yet gated."""
    whose = Customer.objects.of(run.organisation_id).get(key=customer)
    verdict = values.get("verdict", "contact")
    contact: dict[str, Any] = {}
    if verdict in ("contact", "review"):
        contact = {
            "channel": "email", "tone": "friendly", "send_at": run.as_of + timedelta(hours=1),
            "propensity": 0.97, "cost": 0.02, "value": 3.5, "p_paid": 0.8, "p_paid_wait": 0.6,
        }  # fmt: skip
    usual: dict[str, Any] = {
        "key": f"{run.day:%m%d}-{customer}", "decided_at": run.as_of, "verdict": verdict,
        "invoice_keys": ["F1"], "amount": Decimal("100"), "currency": "EUR", "days_overdue": 10,
        "segment": "late_payer", "reasons": ["10 days overdue"],
    }  # fmt: skip
    made: Decision = Decision.objects.of(run.organisation_id).create(
        run=run, customer=whose, **{**usual, **contact, **values}
    )
    return made


def account(cast: Cast, currency: str = "EUR", iban: str = "NL91ABNA0417164300") -> OwnAccount:
    """Make an account on which the organisation is paid, the one that messages name."""
    row, _new = OwnAccount.objects.of(cast.organisation).get_or_create(
        currency=currency,
        iban=iban,
        defaults={"holder": cast.organisation.name, "is_default": True},
    )
    return row
