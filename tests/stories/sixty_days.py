"""What a story of sixty days is made of: the organisation's day, its payers, what must hold."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import F, Sum

from cast import Cast
from tenor.engine.simulation import World
from tenor.platform.decisions import actions as decisions
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.demo import world
from tenor.platform.jobs.day import run_day
from tenor.platform.jobs.importing import keep_tables
from tenor.platform.jobs.sending import send_all_due
from tenor.platform.ledger.models import (
    Allocation,
    Dispute,
    Invoice,
    Payment,
    PromiseInvoice,
)
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.queries.contacts import contacts_frame

MORNING = time(5, 0)
GAP = timedelta(days=4)
CALLS = 2


@dataclass
class Story:
    """An organisation, the world its payers live in, and what has happened to it so far."""

    cast: Cast
    world: World
    sent: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> date:
        """Return the day that the world stands on."""
        return self.world.today.date()

    def set_clock(self, moment: datetime) -> None:
        """Move the organisation's clock."""
        self.cast.organisation.clock_at = moment
        self.cast.organisation.save(update_fields=["clock_at"])

    def plan(self) -> Run:
        """Make the plan of the day, at five in the morning, and let the manager hand over."""
        self.set_clock(datetime.combine(self.today, MORNING, UTC))
        run = run_day(self.cast.organisation)
        due = Decision.objects.of(self.cast.organisation).filter(
            run=run, verdict="escalate", state="proposed"
        )
        if due.exists():
            decisions.approve(self.cast.actor("manager"), run=run, group="hand_over")
        return run

    def send(self) -> None:
        """Let the sender come by: in the night, and whenever something is due."""
        organisation = self.cast.organisation
        self.set_clock(datetime.combine(self.today, MORNING, UTC) + timedelta(minutes=1))
        send_all_due(organisation)
        midnight = self.world.today
        moments = (
            Decision.objects.of(organisation)
            .filter(state="approved", send_at__lt=midnight + timedelta(days=1))
            .exclude(send_at=None)
            .order_by("send_at")
            .values_list("send_at", flat=True)
            .distinct()
        )
        for moment in list(moments):
            self.set_clock(moment + timedelta(minutes=2))
            owing = set(_open(self.cast))
            before = set(self.messages().values_list("pk", flat=True))
            send_all_due(organisation)
            self.look_at([m for m in self.messages() if m.pk not in before], owing)

    def live(self) -> None:
        """Let the payers react to what went out, and tell the books what they did."""
        organisation, midnight = self.cast.organisation, self.world.today
        contacts = contacts_frame(organisation, midnight + timedelta(days=1))
        contacts = contacts.filter(pl.col("sent_at") >= midnight)
        self.world.step(world.orders(self.world, contacts), days=1)
        facts = self.world.facts_since(midnight)
        facts = facts.with_(contacts=facts.contacts.clear())
        self.set_clock(datetime.combine(self.today, MORNING, UTC) - timedelta(minutes=5))
        keep_tables(self.cast.system, facts, source="world")

    def messages(self) -> list[Message]:
        """Return what went out, in order."""
        rows = Message.objects.of(self.cast.organisation).filter(state="sent", source="tenor")
        return rows.select_related("customer").order_by("sent_at", "pk")

    def look_at(self, messages: list[Message], owing: set[str]) -> None:
        """Hold what has just gone out against what is promised of every message."""
        now = self.cast.organisation.clock_at
        for message in messages:
            about = f"{message.customer.key} {message.channel} {now}"
            self.sent[message.key] += 1
            assert self.sent[message.key] == 1, f"twice: {about}"
            assert set(message.invoice_keys) <= owing, f"nothing owed: {about}"
            assert not _frozen(self.cast, message, now), f"promised or disputed: {about}"
            assert _within_hours(message), f"outside hours: {about}"
            others = Message.objects.of(self.cast.organisation).filter(
                customer=message.customer, state="sent", sent_at__gt=now - GAP
            )
            assert others.count() == 1, f"too soon after another: {about}"

    def look_at_books(self) -> None:
        """Hold the books against what must be true of them on every day."""
        organisation = self.cast.organisation
        paid = Allocation.objects.of(organisation).aggregate(s=Sum("amount"))["s"] or Decimal(0)
        invoices = Invoice.objects.of(organisation)
        assert paid == (invoices.aggregate(s=Sum("paid"))["s"] or 0)
        assert not invoices.exclude(balance=F("total") - F("paid")).exists()
        payments = Payment.objects.of(organisation)
        assert not payments.filter(allocated__gt=F("amount")).exists()
        calls = Task.objects.of(organisation).filter(
            kind="call", created_at__gte=self.world.today, created_at__lt=_after(self.world.today)
        )
        assert calls.count() <= CALLS
        keys = [*Message.objects.of(organisation).values_list("key", flat=True)]
        assert len(keys) == len(set(keys))


def _after(midnight: datetime) -> datetime:
    return midnight + timedelta(days=1)


def _open(cast: Cast) -> list[str]:
    return list(
        Invoice.objects.of(cast.organisation).filter(is_open=True).values_list("key", flat=True)
    )


def _frozen(cast: Cast, message: Message, now: datetime) -> bool:
    """Tell whether an invoice of the message is promised by a day to come, or disputed."""
    promised = PromiseInvoice.objects.of(cast.organisation).filter(
        invoice__key__in=message.invoice_keys, promise__state="open",
        promise__promised_on__gte=now.date(),
    )  # fmt: skip
    disputed = Dispute.objects.of(cast.organisation).filter(
        invoice__key__in=message.invoice_keys, resolved_at=None
    )
    return promised.exists() or disputed.exists()


_ZONES = {"GB": "Europe/London"}


def _within_hours(message: Message) -> bool:
    """Tell whether it was between eight and eight at the customer's place."""
    customer = message.customer
    zone = customer.timezone or _ZONES.get(customer.country, "Europe/Amsterdam")
    local = message.sent_at.astimezone(ZoneInfo(zone))
    return 8 <= local.hour < 20
