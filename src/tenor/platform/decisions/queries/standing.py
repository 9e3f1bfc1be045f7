"""Whether today's decision about a customer still stands: nothing was learned or changed since.

A plan notes, when it begins, the last number of every table that its facts come from, when a
customer or an invoice was last written, and what its settings were; a decision that was made later
notes its own. Rows only ever get higher numbers, so whatever was learned later is found by number,
whenever it happened.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from tenor.platform.core import clock
from tenor.platform.core.models import AuditEntry, Organisation
from tenor.platform.decisions import facts
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

_NOTED = {"events", "audit", "contacts", "at", "written_at", "settings", *_LEARNED}


def seen_now(organisation: Organisation, customer: Customer | None = None) -> dict[str, Any]:
    """Return how far the facts and settings of an organisation have come, for all or for one."""
    tables = {"events": Event, "audit": AuditEntry}
    tables |= {name: table for name, (table, _) in _LEARNED.items()}
    last = {
        name: table.objects.of(organisation).aggregate(last=Max("pk"))["last"] or 0
        for name, table in tables.items()
    }
    people, invoices = Customer.objects.of(organisation), Invoice.objects.of(organisation)
    if customer is not None:
        people, invoices = people.filter(pk=customer.pk), invoices.filter(customer=customer)
    written = [rows.aggregate(last=Max("updated_at"))["last"] for rows in (people, invoices)]
    at = max((moment for moment in written if moment is not None), default=None)
    return {
        **last,
        "contacts": facts.last_contact(organisation),
        "at": clock.now(organisation).isoformat(),
        "written_at": at.isoformat() if at else "",
        "settings": _settings(organisation),
    }


def standing_decision(organisation: Organisation, customer: Customer) -> Decision | None:
    """Return what was decided today about a customer, if it would be decided the same again.

    That is the plan's decision, made anew since by the worker or not, or one that was asked for.
    """
    today = clock.now(organisation).astimezone(clock.zone(organisation))
    began = today.replace(hour=0, minute=0, second=0, microsecond=0)
    planned = Q(run__day=today.date(), run__step=Run.Step.DONE)
    rows = Decision.objects.of(organisation).filter(
        planned | Q(run=None, decided_at__gte=began), customer=customer, state__in=_OPEN,
        changed_at=None,
    )  # fmt: skip
    found: Decision | None = rows.select_related("run", "customer").order_by("-decided_at").first()
    if found is None:
        return None
    if found.send_at is not None and found.send_at <= clock.now(organisation):
        return None
    seen = found.seen or (found.run.seen if found.run else {})
    # A plan from before an upgrade may not have noted all of it.
    if not seen.keys() >= _NOTED or seen["settings"] != _settings(organisation):
        return None
    return None if _learned_since(customer, seen) else found


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
    at = datetime.fromisoformat(seen["at"])
    if facts.contacted_since(customer.organisation, customer.key, seen["contacts"], at):
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
