"""Whether a decision of today's plan still stands: nothing was learned or changed since.

A plan notes, when it begins, the last number of every table that its facts come from, when a
customer or an invoice was last written, and what its settings were. Rows only ever get higher
numbers, so whatever was learned later is found by number, whenever it happened.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from tenor.platform.core import clock
from tenor.platform.core.models import AuditEntry, Organisation
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.events.models import Event
from tenor.platform.governance import queries as governance
from tenor.platform.governance.law import live_extensions
from tenor.platform.ledger.models import Allocation, Customer, Entry, Invoice

# What nobody has taken up and nothing has come of yet.
_OPEN = (Decision.State.PROPOSED, Decision.State.APPROVED, Decision.State.NOTHING)

_LEARNED: dict[str, tuple[Any, str]] = {
    "invoices": (Invoice, "customer"),
    "entries": (Entry, "invoice__customer"),
    "allocations": (Allocation, "invoice__customer"),
}


def seen_now(organisation: Organisation) -> dict[str, Any]:
    """Return how far the facts and settings of an organisation have come."""
    tables = {"events": Event, "audit": AuditEntry}
    tables |= {name: table for name, (table, _) in _LEARNED.items()}
    last = {
        name: table.objects.of(organisation).aggregate(last=Max("pk"))["last"] or 0
        for name, table in tables.items()
    }
    written = [
        table.objects.of(organisation).aggregate(last=Max("updated_at"))["last"]
        for table in (Customer, Invoice)
    ]
    at = max((moment for moment in written if moment is not None), default=None)
    return {
        **last,
        "written_at": at.isoformat() if at else "",
        "settings": _settings(organisation),
    }


def standing_decision(organisation: Organisation, customer: Customer) -> Decision | None:
    """Return what today's plan decided about a customer, if it would decide the same again."""
    rows = Decision.objects.of(organisation).filter(
        customer=customer, state__in=_OPEN, run__day=clock.today(organisation),
        run__step=Run.Step.DONE, changed_at=None,
    )  # fmt: skip
    found: Decision | None = rows.select_related("run", "customer").first()
    if found is None or found.run is None or not found.run.seen:
        return None
    if found.send_at is not None and found.send_at <= clock.now(organisation):
        return None
    seen = found.run.seen
    if seen["settings"] != _settings(organisation) or _learned_since(customer, seen):
        return None
    return found


def _learned_since(customer: Customer, seen: dict[str, Any]) -> bool:
    whose = customer.organisation_id
    invoices = dict(
        Invoice.objects.of(whose).filter(customer=customer).values_list("key", "updated_at")
    )
    written = max([customer.updated_at, *invoices.values()])
    if not seen["written_at"] or written > datetime.fromisoformat(seen["written_at"]):
        return True
    for name, (table, owner) in _LEARNED.items():
        if table.objects.of(whose).filter(**{owner: customer}, pk__gt=seen[name]).exists():
            return True
    # What is kept as the present word alone (a consent, an address) has left its trace there.
    changes = AuditEntry.objects.of(whose).filter(subject=f"customer:{customer.key}")
    if changes.filter(pk__gt=seen["audit"]).exists():
        return True
    about = Q(customer_key=customer.key) | Q(invoice_key__in=list(invoices))
    return Event.objects.of(whose).filter(about, pk__gt=seen["events"]).exists()


def _settings(organisation: Organisation) -> str:
    """Return one word for all that is set: other rules, predictors or settings give another."""
    policy = governance.live_policy_version(organisation)
    predictor = governance.live_predictor(organisation)
    strategies = {
        name: row.policy_changes for name, row in governance.strategies(organisation).items()
    }
    told = [
        policy and policy.pk,
        predictor and predictor.pk,
        strategies,
        [version.pk for version in live_extensions(organisation)],
        Organisation.objects.values_list("settings", flat=True).get(pk=organisation.pk),
    ]
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
