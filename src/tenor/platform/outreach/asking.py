"""Ask again, right before something goes out: is it still owed, still right, still allowed?

Two looks. `standing` reads the rows that may have changed a moment ago (balance, dispute, hold,
promise, plan, consent, address, approval) inside the transaction that claims the message; whether
sending is switched off at all is asked there too (`stops`). `decisions.queries.permission` asks
the engine's rules (hours, days, caps, opt-outs, complaints).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from tenor.engine.law.holds import Step
from tenor.engine.law.pack import Pack
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now, zone
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.ledger import holding
from tenor.platform.ledger.models import (
    Consent,
    ContactPoint,
    Customer,
    Dispute,
    Hold,
    Invoice,
    PlanInvoice,
    PromiseInvoice,
)
from tenor.platform.paying.queries import being_paid

# The customer's attribute that says it: carried along, and never learned from.
FIRST_REMINDER = "ref_first_reminder_days"
PAID = "paid"
# How long an invoice that was just sent, or entered late, is left alone.
REST = timedelta(days=3)
# So long an agreed delay is as good as for ever, and still a day in the calendar.
_LONGEST_DELAY = 36_500
# Told one by one by the program that sends invoices.
ENTERED_BY = "api"
# Refusals that pass by themselves: the message waits for the next permitted hour.
PASSING = frozenset({"hours", "channel_days", "quiet_holidays", "law_days", "wished_times"})


@dataclass(frozen=True)
class About:
    """What somebody is to be asked for: by whom it was decided, over what, about which invoices."""

    customer_id: int
    invoice_keys: Sequence[str]
    currency: str
    channel: str = ""
    point: str = ""
    decision_id: int | None = None
    key: str = ""
    tone: str = ""
    # Whether it asks for money; what only tells something may be about what is paid.
    asks: bool = True
    # How long after its due date this customer is first asked for an invoice.
    delay_days: int = 0


@dataclass
class Standing:
    """What is left: the invoices that may be asked for now, an address, or why not.

    `own_words` are those that a person wrote into the decision.
    """

    invoices: list[Invoice] = field(default_factory=list)
    address: str = ""
    refusal: str = ""
    own_words: str = ""


def first_reminder_days(customer: Customer) -> int:
    """Return how many days after a due date a customer is first asked, where that is agreed."""
    try:
        days = int(customer.attributes.get(FIRST_REMINDER) or 0)
    except (TypeError, ValueError):
        return 0
    return min(max(0, days), _LONGEST_DELAY)


def lock_customers(actor: Actor, customers: Sequence[int]) -> None:
    """Hold these customers' ledgers: whoever changes what they owe waits for us, or we for them."""
    rows = Customer.objects.of(actor.organisation).filter(pk__in=customers)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def standing(organisation: Organisation, wanted: Sequence[About], at: datetime) -> list[Standing]:
    """Say of each what is left of it at `at`, from the rows as they are in this transaction."""
    customers = {about.customer_id for about in wanted}
    holds = _holds(organisation, customers, at)
    refused = Consent.objects.of(organisation).filter(customer_id__in=customers, granted=False)
    known = _Known(
        invoices=_invoices(organisation, wanted),
        quiet=_quiet(organisation, customers, at, holds),
        refused=set(refused.values_list("customer_id", "channel")),
        addresses=_addresses(organisation, wanted, customers),
        approved=_approved(organisation, wanted, at),
        today=at.astimezone(zone(organisation)).date(),
    )
    found = [_one(about, known) for about in wanted]
    for about, left in zip(wanted, found, strict=True):
        left.refusal = left.refusal or _held_back(about, left.invoices, holds)
    return found


@dataclass(frozen=True)
class _Known:
    """What was read of these customers: by customer and invoice, by place, by decision."""

    invoices: dict[tuple[int, str], Invoice]
    quiet: dict[int, str]
    refused: set[tuple[int, str]]
    addresses: dict[tuple[int, str], str]
    approved: dict[int, str]
    today: date


def _one(about: About, known: _Known) -> Standing:
    if about.decision_id is not None and about.decision_id not in known.approved:
        return Standing(refusal="not_approved")
    # The customer's own hold is kept under the customer's number with a minus.
    whole = known.quiet.get(-about.customer_id, "")
    left, reason = _to_ask_for(about, known) if about.asks else (_named(about, known), "")
    if reason == PAID:
        return Standing(refusal=PAID)
    if whole or reason:
        return Standing(refusal=whole or reason)
    own_words = known.approved.get(about.decision_id or 0, "")
    if (about.customer_id, about.channel) in known.refused:
        return Standing(left, refusal="consent")
    if not about.point:
        return Standing(left, own_words=own_words)
    address = known.addresses.get((about.customer_id, about.point), "")
    return Standing(left, address, "" if address else "no_address", own_words)


def _to_ask_for(about: About, known: _Known) -> tuple[list[Invoice], str]:
    """Return the invoices that may be asked for now; where none, why not."""
    owed = [i for i in _named(about, known) if i.is_open and i.balance > 0]
    if not owed:
        return [], PAID
    awake = [invoice for invoice in owed if invoice.pk not in known.quiet]
    if not awake:
        return [], known.quiet[owed[0].pk]
    known_long = [invoice for invoice in awake if not _is_fresh(invoice, known.today)]
    if not known_long:
        return [], "just_issued"
    wait = timedelta(days=about.delay_days)
    left = [i for i in known_long if not wait or i.due_on <= known.today - wait]
    return left, "" if left else "first_reminder_delay"


def _is_fresh(invoice: Invoice, today: date) -> bool:
    """Say whether an invoice was only just sent, or only just entered when it was overdue already.

    Nobody is reminded of what they have just received. What an import brings is old.
    """
    if invoice.issued_on > today - REST:
        return True
    told = invoice.lineage.get("amount") or {}
    source, entered = told.get("source", ""), told.get("at", "")
    if not entered or source != ENTERED_BY:
        return False
    day = date.fromisoformat(entered[:10])
    return invoice.due_on < day and day + REST > today


def _named(about: About, known: _Known) -> list[Invoice]:
    found = (known.invoices.get((about.customer_id, k)) for k in dict.fromkeys(about.invoice_keys))
    return [invoice for invoice in found if invoice and invoice.currency == about.currency]


def _invoices(
    organisation: Organisation, wanted: Sequence[About]
) -> dict[tuple[int, str], Invoice]:
    """Return the invoices that are named; paid ones where somebody is only told something."""
    keys = {key for about in wanted for key in about.invoice_keys}
    rows = Invoice.objects.of(organisation)
    owed = rows.filter(
        customer_id__in={about.customer_id for about in wanted}, is_open=True, balance__gt=0
    )
    found = {(row.customer_id, row.key): row for row in owed if row.key in keys}
    if telling := [about for about in wanted if not about.asks]:
        told = rows.filter(
            customer_id__in={about.customer_id for about in telling},
            key__in={key for about in telling for key in about.invoice_keys},
        )
        found |= {(row.customer_id, row.key): row for row in told}
    return found


@dataclass(frozen=True)
class _Held:
    """A hold that stands, the place that it is about (an invoice, or minus the customer), its law.

    `silences` says whether nobody is asked for money at all.
    """

    hold: Hold
    place: int
    pack: Pack
    day: date
    silences: bool

    def stops(self, step: Step, channel: str = "") -> bool:
        return holding.stops(self.hold, step, pack=self.pack, day=self.day, channel=channel)


def _holds(organisation: Organisation, customers: set[int], at: datetime) -> list[_Held]:
    # A round takes a while: a hold that began since it did keeps messages in as well.
    rows = Hold.objects.of(organisation).filter(
        Q(ends_at=None) | Q(ends_at__gt=at), customer_id__in=customers, lifted_at=None,
        starts_at__lte=max(at, now(organisation)),
    )  # fmt: skip
    standing_now = list(rows.select_related("customer"))
    if not standing_now:
        return []
    packs, day, found = holding.packs_of(organisation), at.date(), []
    for hold in standing_now:
        pack = packs(hold.customer.country)
        meaning = holding.meaning_of(hold.reason, pack=pack, day=day)
        invoice = None if meaning.covers_all else hold.invoice_id
        place = -hold.customer_id if invoice is None else invoice
        silences = meaning.stops_reminders and not hold.channel
        found.append(_Held(hold, place, pack, day, silences))
    return found


def _held_back(about: About, invoices: Sequence[Invoice], holds: Sequence[_Held]) -> str:
    """Return why a hold forbids this channel or this tone, where it lets others through."""
    places = {-about.customer_id, *(invoice.pk for invoice in invoices)}
    for held in holds:
        if held.place not in places:
            continue
        if held.hold.channel and held.stops(Step.CONTACT, about.channel):
            return "hold"
        if about.tone in holding.PRESSING and held.stops(Step.PRESSURE):
            return "no_pressure"
    return ""


def _quiet(
    organisation: Organisation, customers: set[int], at: datetime, holds: Sequence[_Held]
) -> dict[int, str]:
    """Return why invoices (by number) or customers (by minus their number) are left alone."""
    quiet = {held.place: "hold" for held in holds if held.silences}
    disputed = Dispute.objects.of(organisation).filter(
        invoice__customer_id__in=customers, resolved_at=None
    )
    for invoice in disputed.values_list("invoice_id", flat=True):
        quiet.setdefault(invoice, "disputed")
    planned = PlanInvoice.objects.of(organisation).filter(
        invoice__customer_id__in=customers, plan__state="active"
    )
    for invoice in planned.values_list("invoice_id", flat=True):
        quiet.setdefault(invoice, "plan")
    today = at.astimezone(zone(organisation)).date()
    promised = PromiseInvoice.objects.of(organisation).filter(
        invoice__customer_id__in=customers, promise__state="open"
    )
    rows = promised.values_list("invoice_id", "promise__promised_on", "promise__tolerance_days")
    for invoice, day, tolerance in rows:
        if day + timedelta(days=tolerance) >= today:
            quiet.setdefault(invoice, "promise")
    for invoice in being_paid(organisation, customers, at):
        quiet.setdefault(invoice, "under_way")
    return quiet


def _addresses(
    organisation: Organisation, wanted: Sequence[About], customers: set[int]
) -> dict[tuple[int, str], str]:
    kinds = {about.point for about in wanted} - {""}
    if not kinds:
        return {}
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    rows = ContactPoint.objects.of(organisation).filter(
        customer_id__in=customers, kind__in=kinds, bounced_at=None
    )
    for customer, kind, value in rows.order_by("-is_primary", "pk").values_list(
        "customer_id", "kind", "value"
    ):
        found[customer, kind].append(value)
    return {place: values[0] for place, values in found.items()}


def _approved(organisation: Organisation, wanted: Sequence[About], at: datetime) -> dict[int, str]:
    """Return the decisions that stand as they were: approved, the same contact, its moment come.

    With each the words that a person wrote into it.
    """
    numbers = {about.decision_id for about in wanted} - {None}
    rows = Decision.objects.of(organisation).filter(pk__in=numbers, state=Decision.State.APPROVED)
    found = {row.pk: row for row in rows.only("key", "channel", "tone", "send_at", "text")}
    stands = {}
    for about in wanted:
        row = found.get(about.decision_id or 0)
        if row is None:
            continue
        same = (about.key, about.channel, about.tone) == (row.key, row.channel, row.tone)
        if not about.key or (same and row.send_at is not None and row.send_at <= at):
            stands[row.pk] = row.text
    return stands
