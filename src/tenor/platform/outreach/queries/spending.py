"""What contact cost, part by part, and how much money followed it: to the last cent of the list.

A payment follows the customer's latest message of the fourteen days before it, and counts once.
That it follows says nothing of why: the comparison of the arms does.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Subquery, Sum

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Payment
from tenor.platform.outreach.models import Cost, Message

FOLLOWS = timedelta(days=14)
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Part:
    """What one part of contacts over a channel came to."""

    channel: str
    item: str
    quantity: Decimal
    amount: Decimal


@dataclass
class Decided:
    """Contacts that were decided alike: how many, what they cost, what followed."""

    arm: str
    channel: str
    tone: str
    contacts: int = 0
    cost: Decimal = _NOTHING
    followed: Decimal = _NOTHING


def parts_of_cost(organisation: Organisation, since: datetime, currency: str) -> list[Part]:
    """Return what was spent since then, by channel and part, the most first."""
    rows = Cost.objects.of(organisation).filter(at__gte=since, currency=currency).order_by()
    found = rows.values_list("message__channel", "item").annotate(
        number=Sum("quantity"), sum=Sum("amount")
    )
    parts = [Part(channel, item, number, sum_) for channel, item, number, sum_ in found]
    return sorted(parts, key=lambda part: (-part.amount, part.channel, part.item))


def decided_alike(
    organisation: Organisation, since: datetime, until: datetime, currency: str
) -> list[Decided]:
    """Return the contacts since then by arm, channel and tone, the dearest first."""
    sent = Message.objects.of(organisation).filter(
        sent_at__gte=since, sent_at__lte=until, state__in=[Message.State.SENT,
                                                           Message.State.UNCLEAR],
        decision__isnull=False,
    )  # fmt: skip
    spent = dict(
        Cost.objects.of(organisation)
        .filter(message__in=sent.order_by().values("pk"), currency=currency)
        .order_by()
        .values_list("message")
        .annotate(sum=Sum("amount"))
    )
    came = _followed(organisation, since, until, currency)
    found: dict[tuple[str, str, str], Decided] = {}
    columns = ("pk", "decision__arm", "channel", "tone")
    for number, *what in sent.order_by().values_list(*columns):
        arm, channel, tone = what
        group = found.setdefault((arm, channel, tone), Decided(arm, channel, tone))
        group.contacts += 1
        group.cost += spent.get(number, _NOTHING)
        group.followed += came.get(number, _NOTHING)
    return sorted(found.values(), key=lambda one: (-one.cost, one.arm, one.channel, one.tone))


def _followed(
    organisation: Organisation, since: datetime, until: datetime, currency: str
) -> dict[int, Decimal]:
    """Return by message what its customer paid within the days after it."""
    latest = Message.objects.of(organisation).filter(
        customer=OuterRef("customer"), sent_at__lte=OuterRef("paid_at"), sent_at__gte=since,
        state__in=[Message.State.SENT, Message.State.UNCLEAR],
    )  # fmt: skip
    paid = Payment.objects.of(organisation).filter(
        paid_at__gte=since, paid_at__lte=until, currency=currency, reversed_at=None,
        customer__isnull=False,
    )  # fmt: skip
    rows = paid.annotate(
        after=Subquery(latest.order_by("-sent_at").values("pk")[:1]),
        sent_at=Subquery(latest.order_by("-sent_at").values("sent_at")[:1]),
    ).filter(after__isnull=False)
    came: dict[int, Decimal] = defaultdict(Decimal)
    for number, sent_at, paid_at, amount in rows.order_by().values_list(
        "after", "sent_at", "paid_at", "amount"
    ):
        if paid_at - sent_at <= FOLLOWS:
            came[number] += amount
    return came
