"""Between two plans: who did something telling, and what is intended for them now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Max, Q

from tenor.engine.events import Kind
from tenor.engine.policy.policyfile import Policy
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import system
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import facts
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.queries.standing import seen_now
from tenor.platform.decisions.replay.basis import keep_basis, keep_earlier
from tenor.platform.decisions.runs.arms import on_arms
from tenor.platform.decisions.runs.decide import decided
from tenor.platform.decisions.runs.plan import columns_of, way_of
from tenor.platform.decisions.runs.scores import segments_of
from tenor.platform.events.models import Event
from tenor.platform.ledger.models import Invoice
from tenor.platform.ledger.queries.unprofiled import unprofiled

State = Decision.State

# What changes what should be done for somebody, whatever else is known of them.
TELLING = (
    Kind.PAYMENT_FAILED,
    Kind.REPLIED,
    Kind.PROMISED,
    Kind.PROMISE_BROKEN,
    Kind.DISPUTED,
    Kind.DISPUTE_RESOLVED,
    Kind.COMPLAINED,
    Kind.OPTED_OUT,
    Kind.OPTED_IN,
    Kind.BOUNCED,
    Kind.PLAN_AGREED,
    Kind.PLAN_BROKEN,
    Kind.HOLD_STARTED,
    Kind.HOLD_ENDED,
    Kind.CREDITED,
    Kind.AMOUNT_CHANGED,
)
# One look at the payment page says little; so many since the plan was made, without paying, much.
LOOKS = 3
# Transactions may end in another order than they took their numbers in: look back so far.
_BACK = 1_000
# What nobody has touched and nothing has come of yet.
_OPEN = (State.PROPOSED, State.APPROVED, State.NOTHING)


@dataclass(frozen=True)
class Seen:
    """Who did something telling: the customer's key and the number of the event, once each."""

    customers: tuple[tuple[str, int], ...]
    until: int


def todays_run(organisation: Organisation) -> Run | None:
    """Return the finished run of today, if there is one."""
    rows = Run.objects.of(organisation).select_related("predictor", "policy")
    run: Run | None = rows.filter(day=clock.today(organisation), step=Run.Step.DONE).first()
    if run is not None:
        run.organisation = organisation
    return run


def seen_since(organisation: Organisation, after: int | None) -> Seen:
    """Return who did something telling since event number `after` (None: since today's plan)."""
    events = Event.objects.of(organisation)
    until = events.aggregate(last=Max("pk"))["last"] or 0
    run = todays_run(organisation)
    if run is None:
        return Seen((), until)
    # The plan knew what had come in by its instant, but not what happened at that very instant:
    # a clock that stands still gives everything after the plan the same one.
    unknown = Q(received_at__gt=run.as_of) | Q(received_at=run.as_of, at__gte=run.as_of)
    recent = events.filter(unknown, pk__lte=until)
    if after is not None:
        recent = recent.filter(pk__gt=after - _BACK)
    told = list(
        recent.filter(kind__in=[*TELLING, Kind.PAGE_VISITED])
        .order_by("pk")
        .values_list("pk", "kind", "customer_key", "invoice_key")
    )
    owners = _owners(organisation, {invoice for _, _, customer, invoice in told if not customer})
    found: dict[str, int] = {}
    looked: set[str] = set()
    for number, kind, customer, invoice in told:
        key = customer or owners.get(invoice, "")
        if key and kind == Kind.PAGE_VISITED:
            looked.add(key)
        elif key:
            found[key] = number
    for key, number in _kept_looking(run, looked).items():
        found[key] = max(number, found.get(key, 0))
    return Seen(tuple(sorted(found.items())), until)


def decide_again(organisation: Organisation, customer_key: str) -> Decision | None:
    """Decide anew about one customer of today's plan, unless a person has touched it already.

    Returns the decision where it was made anew. What has gone out, was changed, held or refused
    stays as it is.
    """
    run = todays_run(organisation)
    if run is None:
        return None
    with transaction.atomic():
        rows = Decision.objects.of(organisation).filter(run=run, customer__key=customer_key)
        before: Decision | None = rows.select_for_update(of=("self",)).first()
        if before is None or before.changed_at is not None or before.state not in _OPEN:
            return None
        was = _told(before)
        if not _write(run, before, customer_key):
            before.state, before.gate = State.LAPSED, "paid"
            before.save(update_fields=["state", "gate"])
        after: Decision = rows.get()
        if _told(after) != was:
            subject = f"decision:{after.key}"
            audit.record(
                system(organisation), "decision.refresh", subject, before=was, after=_told(after)
            )
    return after


def _write(run: Run, before: Decision, customer_key: str) -> bool:
    """Write what is intended now; False where nothing is open any more."""
    now = clock.now(run.organisation)
    # Noted before the facts are read: what comes in between is looked at again next time.
    seen = seen_now(run.organisation, before.customer)
    known = facts.tables(run.organisation, now, [customer_key])
    population = facts.usual(run.organisation, run.as_of)
    segments = segments_of(known, now, population)
    way = on_arms(way_of(run, segments), lambda policy: _as_given_out(policy, before))
    objected = unprofiled(run.organisation, now, [customer_key])
    way = replace(way, as_of=now, population=population, unprofiled=objected)
    found = decided(known, segments, way)
    if found.is_empty():
        return False
    values = {name: column[0] for name, column in columns_of(found).items()}
    if values["key"] != before.key:
        keep_earlier(before)
    waits = values["verdict"] == "wait"
    values["state"] = State.NOTHING if waits else State.PROPOSED
    values |= {"gate": "", "text": "", "seen": seen}
    for name, value in values.items():
        setattr(before, name, value)
    before.save(update_fields=list(values))
    keep_basis(run.organisation, before, known, segments, way)
    open_gate(run, customers=[before.customer_id])
    return True


def _as_given_out(policy: Policy, before: Decision) -> Policy:
    """Leave people's time to those whom the day's plan gave it to, this customer's own included."""
    return replace(
        policy,
        channels=tuple(
            channel
            if channel.capacity_per_day is None and channel.capacity_per_week is None
            else replace(
                channel,
                capacity_per_day=int(channel.name == before.channel),
                capacity_per_week=None,
            )
            for channel in policy.channels
        ),
    )


def _owners(organisation: Organisation, invoices: Iterable[str]) -> dict[str, str]:
    rows = Invoice.objects.of(organisation).filter(key__in=list(invoices))
    return dict(rows.values_list("key", "customer__key"))


def _kept_looking(run: Run, customers: set[str]) -> dict[str, int]:
    """Return who looked at the payment page often enough since the plan, with their last look."""
    looks = Event.objects.of(run.organisation_id).filter(
        kind=Kind.PAGE_VISITED, at__gte=run.as_of, customer_key__in=customers
    )
    numbers: dict[str, list[int]] = {}
    for key, number in looks.values_list("customer_key", "pk"):
        numbers.setdefault(key, []).append(number)
    return {key: max(found) for key, found in numbers.items() if len(found) >= LOOKS}


def _told(decision: Decision) -> dict[str, object]:
    names = ("verdict", "channel", "tone", "send_at", "state", "gate", "invoice_keys")
    return {name: getattr(decision, name) for name in names}
