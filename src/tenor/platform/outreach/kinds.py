"""What a contact is about: which step of reminding, what was broken, which letter the law asks for.

Reminders go up a step at a time, by what was really sent about the oldest invoice: a step that was
only planned does not count, and none is skipped. A step is taken when it is the next one
(`required`) and its time has come (`ripe`); until then the step that was reached is said again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tenor.platform.core.clock import zone
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.ledger.models import (
    Allocation,
    Invoice,
    Plan,
    PlanInvoice,
    Promise,
    PromiseInvoice,
)
from tenor.platform.outreach.models import Message
from tenor.platform.wording.draft import Kind

# The steps of reminding, from the first to the last.
STEPS = (Kind.REMINDER, Kind.SECOND_REMINDER, Kind.FINAL_REMINDER)
# Days after the due date, where the organisation's ladder has fewer steps than that.
_USUAL = (1, 14, 30)
# What asks for nothing: no contact in the sense of the rules on how often somebody is asked.
QUIET = frozenset(
    {
        Kind.PLAN_AGREED, Kind.INSTALMENT_DUE, Kind.PROMISE_NOTED, Kind.THANK_YOU,
        Kind.STATEMENT, Kind.DISPUTE_NOTED, Kind.LINK,
    }
)  # fmt: skip
_WENT_OUT = (Message.State.SENT, Message.State.UNCLEAR)
_CALL = "call"
# Other payments that are taken back are no debits: nothing is to be said of the customer's bank.
_DEBIT = "debit"


@dataclass(frozen=True)
class Step:
    """Where reminding stands for an invoice; steps count from 1, 0 is none.

    `reached` is the highest that was sent, `required` the one that comes next, `ripe` the highest
    whose time has come, `taken` the one that a message sent now is.
    """

    reached: int
    required: int
    ripe: int

    @property
    def taken(self) -> int:
        """Return the step that a message sent now is: the next one, once its time has come."""
        return self.required if self.required <= self.ripe else max(self.reached, 1)


@dataclass(frozen=True)
class Sent:
    """A message that went out: when, about what, as what."""

    at: datetime
    kind: str
    invoice_keys: frozenset[str]


@dataclass(frozen=True)
class Broken:
    """Something that did not come true: since when, and what it was."""

    at: datetime
    kind: Kind
    row: Promise | Plan | Allocation


@dataclass
class Past:
    """What was sent to some customers, and what did not come true about their invoices."""

    sent: dict[int, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    broken: dict[int, list[Broken]] = field(default_factory=lambda: defaultdict(list))
    # The numbers of all messages that were known: another one came later.
    known: set[int] = field(default_factory=set)


def past_of(organisation: Organisation, customers: Collection[int]) -> Past:
    """Read what is needed to say what messages to these customers are about, all at once."""
    past = Past()
    rows = Message.objects.of(organisation).filter(
        customer_id__in=customers, state__in=_WENT_OUT, sent_at__isnull=False
    )
    columns = ("pk", "customer_id", "channel", "sent_at", "kind", "template", "invoice_keys")
    for number, customer, channel, at, kind, template, keys in rows.order_by(
        "sent_at", "pk"
    ).values_list(*columns):
        past.known.add(number)
        if channel != _CALL:
            past.sent[customer].append(Sent(at, kind or template, frozenset(keys or ())))
    for number, one in _broken(organisation, customers):
        past.broken[number].append(one)
    return past


def kind_of(
    organisation: Organisation,
    customer_id: int,
    invoices: Sequence[Invoice],
    *,
    at: datetime,
    past: Past,
) -> tuple[Kind, Broken | None]:
    """Return what a message about these invoices is, sent at `at`; and what it is about besides.

    What was broken is told once, before anything else: a debit that came back, an instalment, a
    promise. The steps of reminding go by the oldest invoice that is overdue.
    """
    today = at.astimezone(zone(organisation)).date()
    overdue = [invoice for invoice in invoices if invoice.due_on < today]
    if not overdue:
        return Kind.BEFORE_DUE, None
    sent = past.sent.get(customer_id, [])
    untold = [
        one
        for invoice in overdue
        for one in past.broken.get(invoice.pk, ())
        if one.at <= at and not any(s.kind == one.kind and s.at >= one.at for s in sent)
    ]
    if untold:
        latest = max(untold, key=lambda one: (_WEIGHT[one.kind], one.at))
        return latest.kind, latest
    step = step_of(organisation, overdue, sent, today=today)
    return STEPS[step.taken - 1], None


def step_of(
    organisation: Organisation, overdue: Iterable[Invoice], sent: Iterable[Sent], *, today: date
) -> Step:
    """Return where reminding stands, by the oldest of these invoices."""
    oldest = min(overdue, key=lambda invoice: (invoice.due_on, invoice.key))
    days, place = days_of_steps(organisation), zone(organisation)
    first: dict[int, date] = {}
    for message in sent:
        number = _number(message, oldest, place)
        if number:
            first.setdefault(number, message.at.astimezone(place).date())
    reached = max(first, default=0)
    ripe = 0
    for number, wait in enumerate(days, start=1):
        # Later of the days after the due date, and of the same gap after the step before it.
        from_due = oldest.due_on + timedelta(days=wait)
        before = first.get(number - 1)
        gap = timedelta(days=wait - days[number - 2]) if number > 1 else timedelta()
        if today < from_due or (before is not None and today < before + gap):
            break
        ripe = number
    return Step(reached, min(reached + 1, len(STEPS)), ripe)


def days_of_steps(organisation: Organisation) -> tuple[int, int, int]:
    """Return from how many days after the due date on each step may be taken."""
    own = [days for days, _channel, _tone in preferences_of(organisation).ladder if days > 0]
    found = own[: len(_USUAL)]
    while len(found) < len(_USUAL):
        number = len(found)
        gap = _USUAL[number] - _USUAL[number - 1] if number else _USUAL[0]
        found.append((found[-1] if found else 0) + gap)
    return found[0], found[1], found[2]


def asks(kind: str) -> bool:
    """Say whether a message of this kind asks somebody for money; unknown kinds do."""
    return kind not in QUIET


_WEIGHT: Mapping[Kind, int] = {
    Kind.PROMISE_BROKEN: 1,
    Kind.INSTALMENT_MISSED: 2,
    Kind.FAILED_DEBIT: 3,
}


def _number(message: Sent, oldest: Invoice, place: object) -> int:
    """Return which step a message was for this invoice; 0: none."""
    if oldest.key not in message.invoice_keys:
        return 0
    if message.kind in STEPS:
        return STEPS.index(Kind(message.kind)) + 1
    if message.kind in list(Kind):
        return len(STEPS) if message.kind == Kind.NOTICE else 0
    # Another system's, of which nobody knows what it said: once overdue, it was the first step.
    return int(message.at.astimezone(place).date() > oldest.due_on)  # type: ignore[arg-type]


def _broken(organisation: Organisation, customers: Collection[int]) -> Iterable[tuple[int, Broken]]:
    """Go through what did not come true, by the number of the invoice that it was about."""
    promises = PromiseInvoice.objects.of(organisation).filter(
        promise__customer_id__in=customers, promise__state=Promise.State.BROKEN,
        invoice__is_open=True, promise__decided_at__isnull=False,
    )  # fmt: skip
    for promised in promises.select_related("promise"):
        promise = promised.promise
        if promise.decided_at is not None:
            yield promised.invoice_id, Broken(promise.decided_at, Kind.PROMISE_BROKEN, promise)
    plans = PlanInvoice.objects.of(organisation).filter(
        plan__customer_id__in=customers, plan__state=Plan.State.BROKEN, invoice__is_open=True,
        plan__decided_at__isnull=False,
    )  # fmt: skip
    for planned in plans.select_related("plan"):
        plan = planned.plan
        if plan.decided_at is not None:
            yield planned.invoice_id, Broken(plan.decided_at, Kind.INSTALMENT_MISSED, plan)
    back = Allocation.objects.of(organisation).filter(
        invoice__customer_id__in=customers, invoice__is_open=True, amount__lt=0,
        payment__reversed_at__isnull=False, payment__method__icontains=_DEBIT,
    )  # fmt: skip
    for allocation in back.select_related("payment"):
        at = allocation.payment.reversed_at
        if at is not None:
            yield allocation.invoice_id, Broken(at, Kind.FAILED_DEBIT, allocation)
