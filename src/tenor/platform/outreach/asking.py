"""Ask again, right before something goes out: is it still owed, still right, still allowed?

Two looks. `standing` reads the rows that may have changed a moment ago (balance, dispute, hold,
promise, plan, consent, address, approval) inside the transaction that claims the message.
`decisions.queries.permission` asks the engine's rules (hours, days, caps, opt-outs, complaints).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from tenor.engine.law.holds import Step
from tenor.engine.law.pack import Pack
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import zone
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
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

# Refusals that pass by themselves: the message waits for the next permitted hour.
PASSING = frozenset({"hours", "channel_days", "quiet_holidays", "law_days"})


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


@dataclass
class Standing:
    """What is left: the invoices that may be asked for now, an address, or why not."""

    invoices: list[Invoice] = field(default_factory=list)
    address: str = ""
    refusal: str = ""


def closed(organisation: Organisation) -> str:
    """Return why nothing at all may go out now; empty where sending is open."""
    row = Organisation.objects.get(pk=organisation.pk)
    if row.paused_at is not None:
        return "paused"
    settings = preferences_of(row)
    if settings.read_only:
        return "read_only"
    return "" if settings.use_execution else "execution_off"


def lock_customers(actor: Actor, customers: Sequence[int]) -> None:
    """Hold these customers' ledgers: whoever changes what they owe waits for us, or we for them."""
    rows = Customer.objects.of(actor.organisation).filter(pk__in=customers)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def standing(organisation: Organisation, wanted: Sequence[About], at: datetime) -> list[Standing]:
    """Say of each what is left of it at `at`, from the rows as they are in this transaction."""
    customers = {about.customer_id for about in wanted}
    invoices = _open_invoices(organisation, wanted)
    holds = _holds(organisation, customers, at)
    quiet = _quiet(organisation, customers, at, holds)
    refused = set(
        Consent.objects.of(organisation)
        .filter(customer_id__in=customers, granted=False)
        .values_list("customer_id", "channel")
    )
    addresses = _addresses(organisation, wanted, customers)
    approved = _approved(organisation, wanted, at)
    found = [_one(about, invoices, quiet, refused, addresses, approved) for about in wanted]
    for about, left in zip(wanted, found, strict=True):
        left.refusal = left.refusal or _held_back(about, left.invoices, holds)
    return found


def _one(
    about: About,
    invoices: dict[tuple[int, str], Invoice],
    quiet: dict[int, str],
    refused: set[tuple[int, str]],
    addresses: dict[tuple[int, str], str],
    approved: set[int],
) -> Standing:
    if about.decision_id is not None and about.decision_id not in approved:
        return Standing(refusal="not_approved")
    owed = [
        invoices[about.customer_id, key]
        for key in dict.fromkeys(about.invoice_keys)
        if (about.customer_id, key) in invoices
        and invoices[about.customer_id, key].currency == about.currency
    ]
    if not owed:
        return Standing(refusal="paid")
    # The customer's own hold is kept under the customer's number with a minus.
    if (whole := quiet.get(-about.customer_id)) is not None:
        return Standing(refusal=whole)
    left = [invoice for invoice in owed if invoice.pk not in quiet]
    if not left:
        return Standing(refusal=quiet[owed[0].pk])
    if (about.customer_id, about.channel) in refused:
        return Standing(left, refusal="consent")
    if not about.point:
        return Standing(left)
    address = addresses.get((about.customer_id, about.point), "")
    return Standing(left, address, "" if address else "no_address")


def _open_invoices(
    organisation: Organisation, wanted: Sequence[About]
) -> dict[tuple[int, str], Invoice]:
    keys = {key for about in wanted for key in about.invoice_keys}
    rows = Invoice.objects.of(organisation).filter(
        customer_id__in={about.customer_id for about in wanted}, is_open=True, balance__gt=0
    )
    return {(row.customer_id, row.key): row for row in rows if row.key in keys}


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
    rows = Hold.objects.of(organisation).filter(
        Q(ends_at=None) | Q(ends_at__gt=at), customer_id__in=customers, lifted_at=None,
        starts_at__lte=at,
    )  # fmt: skip
    packs, day, found = holding.packs_of(organisation), at.date(), []
    for hold in rows.select_related("customer"):
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


def _approved(organisation: Organisation, wanted: Sequence[About], at: datetime) -> set[int]:
    """Return the decisions that stand as they were: approved, the same contact, its moment come."""
    numbers = {about.decision_id for about in wanted} - {None}
    rows = Decision.objects.of(organisation).filter(pk__in=numbers, state=Decision.State.APPROVED)
    found = {row.pk: row for row in rows.only("key", "channel", "tone", "send_at")}
    stands = set()
    for about in wanted:
        row = found.get(about.decision_id or 0)
        if row is None:
            continue
        same = (about.key, about.channel, about.tone) == (row.key, row.channel, row.tone)
        if not about.key or (same and row.send_at is not None and row.send_at <= at):
            stands.add(row.pk)
    return stands
