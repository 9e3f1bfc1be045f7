"""A second system that writes to the same people: what it sent counts, and is said aloud.

Whoever else reminds (the ERP, a bookkeeper, an agency) is told to Tenor, by import or by API, and
counts as a contact: whoever heard from them waits like after a message of ours. Where somebody
said that the other system is off and its reminders keep coming, people are told loudly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.runs.signals import Noticed, notice_now
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Message

OWN = "tenor"
SIGNAL = "foreign_reminders"
# A clock that runs a little ahead is no message from the future.
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class NewContact:
    """A contact that somebody else made; `key` is theirs: told twice, it counts once."""

    key: str
    customer_key: str
    channel: str
    sent_at: datetime
    invoice_keys: Sequence[str] = ()
    kind: str = ""
    tone: str = ""


@dataclass
class ContactCounts:
    """What became of contacts that were told: the counts add up to them."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class SecondSystem:
    """Whether somebody else still reminds: what was said, and what is seen since.

    `count` contacts to `customers` came after the day on which it was said to be off; `last_at` is
    the latest contact of another system at all.
    """

    said_off: bool
    since: date | None
    last_at: datetime | None
    count: int
    customers: int

    @property
    def is_heard(self) -> bool:
        """Say whether it goes on though it was said to be off."""
        return self.said_off and self.count > 0


def second_system(organisation: Organisation) -> SecondSystem:
    """Return what is known of another system that writes to the same people."""
    settings = preferences_of(organisation)
    theirs = Message.objects.of(organisation).exclude(source=OWN).filter(sent_at__isnull=False)
    last = theirs.order_by("-sent_at").values_list("sent_at", flat=True).first()
    since = date.fromisoformat(text) if (text := settings.erp_reminders_off_on) else None
    if since is None:
        return SecondSystem(settings.erp_reminders_off, None, last, 0, 0)
    # On the day itself its last ones may still have gone out.
    first = datetime.combine(since + timedelta(days=1), time(), clock.zone(organisation))
    after = theirs.filter(sent_at__gte=first)
    customers = after.order_by().values("customer_id").distinct().count()
    return SecondSystem(settings.erp_reminders_off, since, last, after.count(), customers)


def listen(organisation: Organisation) -> bool:
    """Say aloud where another system still reminds though it was said to be off."""
    found = second_system(organisation)
    if not found.is_heard or found.last_at is None:
        return False
    last = found.last_at.astimezone(clock.zone(organisation)).date()
    facts = {"count": found.count, "customers": found.customers, "last": last.isoformat()}
    return notice_now(organisation, Noticed(SIGNAL, "danger", facts)) > 0


def tell_contacts(
    actor: Actor, contacts: Sequence[NewContact], *, source: str = "api"
) -> ContactCounts:
    """Keep contacts that another system made; a row that cannot be kept is turned away."""
    actor.need(Right.WORK)
    organisation, counts = actor.organisation, ContactCounts()
    numbers = _customers(organisation, contacts)
    latest = clock.now(organisation) + _AHEAD
    rows: dict[str, Message] = {}
    for index, contact in enumerate(contacts):
        if reason := _wrong(contact, numbers, latest):
            counts.rejected.append((index, reason))
        elif contact.key in rows:
            counts.duplicate += 1
        else:
            rows[contact.key] = _row(contact, numbers[contact.customer_key], source)
    kept = Message.objects.of(organisation)
    with transaction.atomic():
        there = set(kept.filter(key__in=list(rows)).values_list("key", flat=True))
        new = [row for key, row in rows.items() if key not in there]
        kept.bulk_create(new, ignore_conflicts=True)
        counts.accepted, counts.duplicate = len(new), counts.duplicate + len(there)
        if new:
            audit.record(
                actor, "contacts.tell", f"organisation:{organisation.slug}",
                after={"count": len(new), "source": source},
            )  # fmt: skip
            listen(organisation)
    return counts


def _customers(organisation: Organisation, contacts: Sequence[NewContact]) -> dict[str, int]:
    keys = {contact.customer_key for contact in contacts}
    rows = Customer.objects.of(organisation).filter(key__in=keys)
    return dict(rows.values_list("key", "pk"))


def _wrong(contact: NewContact, numbers: dict[str, int], latest: datetime) -> str:
    if contact.customer_key not in numbers:
        return _("There is no customer %(key)s. Record the customer first.") % {
            "key": contact.customer_key
        }
    if contact.sent_at > latest:
        return _("It has not been sent yet: sent_at is later than now.")
    return ""


def _row(contact: NewContact, customer: int, source: str) -> Message:
    return Message(
        customer_id=customer,
        key=contact.key,
        channel=contact.channel,
        tone=contact.tone,
        template=contact.kind,
        invoice_keys=list(contact.invoice_keys),
        state=Message.State.SENT,
        send_at=contact.sent_at,
        sent_at=contact.sent_at,
        source=source,
    )
