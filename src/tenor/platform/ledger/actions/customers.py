"""Record customers: who they are, where they can be reached, what they allow, whose case."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Membership
from tenor.platform.core.roles import Right
from tenor.platform.ledger import protected
from tenor.platform.ledger.locks import locked_customer, named_customer
from tenor.platform.ledger.models import Consent, ContactPoint, Customer
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import (
    attributes_of,
    choice_of,
    contact_days_of,
    contact_hours_of,
    country_of,
    language_of,
    text_of,
    timezone_of,
)

PARTS = ("name", "kind", "country", "language", "timezone", "contact_hours", "contact_days")


def record_customer(
    actor: Actor,
    *,
    key: str,
    name: str | None = None,
    kind: str | None = None,
    country: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    contact_hours: str | None = None,
    contact_days: str | None = None,
    attributes: dict[str, Any] | None = None,
    source: str = "tenor",
) -> Told[Customer]:
    """Make a customer known, or say what is new about one.

    A part that is not given stays as it is; of the attributes those that are given are replaced,
    and taken away where they are given as nothing. Protected ones are kept apart.
    """
    actor.need(Right.WORK)
    key = text_of(key, field="key", most=200, needed=True)
    given = {"name": name, "kind": kind, "country": country, "language": language}
    wished = {"contact_hours": contact_hours, "contact_days": contact_days}
    values = checked_parts({**given, "timezone": timezone, **wished})
    free, traits = protected.apart(attributes_of(attributes))
    source = text_of(source, field="source", most=40)
    with transaction.atomic():
        rows = Customer.objects.of(actor.organisation)
        row, is_new = rows.get_or_create(key=key)
        if not is_new:
            row = locked_customer(actor, pk=row.pk)
        before, after = take(row, values, free)
        if protected.keep(actor.organisation, {row.pk: traits}, source=source):
            # Which columns, never what they say: the log is read by many.
            audit.record(
                actor, "customer.protect", f"customer:{key}", after={"columns": sorted(traits)}
            )
            if not after and not is_new:
                return Told(row, News.CHANGED)
        if not after and not is_new:
            return Told(row, News.SAME)
        told = {"source": source, "at": clock.now(actor.organisation).isoformat()}
        row.lineage |= dict.fromkeys(after, told)
        row.save()
        verb = "customer.record" if is_new else "customer.change"
        audit.record(actor, verb, f"customer:{key}", before=before or None, after=after)
    return Told(row, News.NEW if is_new else News.CHANGED)


def checked_parts(values: dict[str, str | None]) -> dict[str, str]:
    """Return the parts that were given, each as it may be kept."""
    parts = {part: value for part, value in values.items() if value is not None}
    if "name" in parts:
        parts["name"] = text_of(parts["name"], field="name", most=200)
    if parts.get("kind"):
        choice_of(parts["kind"], Customer.Kind, field="kind")
    for part, check in _CHECKS.items():
        if part in parts:
            parts[part] = check(parts[part])
    return parts


_CHECKS = {
    "country": country_of, "language": language_of, "timezone": timezone_of,
    "contact_hours": contact_hours_of, "contact_days": contact_days_of,
}  # fmt: skip


def take(
    row: Any, parts: dict[str, Any], attributes: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what differs on a customer or invoice (not saved); return what was and what is now."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for part, value in parts.items():
        if getattr(row, part) != value:
            before[part], after[part] = getattr(row, part), value
            setattr(row, part, value)
    kept = {
        name: content
        for name, content in {**row.attributes, **attributes}.items()
        if content is not None
    }
    if kept != row.attributes:
        names = [n for n in {**row.attributes, **kept} if row.attributes.get(n) != kept.get(n)]
        before["attributes"] = {n: row.attributes.get(n) for n in names}
        after["attributes"] = {n: kept.get(n) for n in names}
        row.attributes = kept
    return before, after


def add_contact_point(
    actor: Actor, *, customer_key: str, kind: str, value: str, is_primary: bool = False
) -> Told[ContactPoint]:
    """Note a place where a customer can be reached; the first of its kind is the primary one."""
    actor.need(Right.WORK)
    value = checked_point(kind, value)
    with transaction.atomic():
        customer = named_customer(actor, customer_key)
        points = ContactPoint.objects.of(actor.organisation).filter(customer=customer, kind=kind)
        point = points.filter(value=value).first()
        primary = points.filter(is_primary=True).first()
        if point is not None and (point.is_primary or not is_primary):
            return Told(point, News.SAME)
        news = News.CHANGED if point else News.NEW
        if primary is not None and is_primary:
            primary.is_primary = False
            primary.save(update_fields=["is_primary"])
        if point is None:
            point = ContactPoint(
                organisation=actor.organisation, customer=customer, kind=kind, value=value
            )
        point.is_primary = is_primary or primary is None
        point.save()
        before = {"primary": primary.value} if primary is not None and is_primary else None
        after = {"kind": kind, "value": value, "is_primary": point.is_primary}
        audit.record(
            actor, "contact_point.add", f"customer:{customer.key}", before=before, after=after
        )
    return Told(point, news)


def checked_point(kind: str, value: str) -> str:
    """Return the value of a contact point as it is kept."""
    choice_of(kind, ContactPoint.Kind, field="kind")
    value = text_of(value, field="value", most=500, needed=True)
    if kind == ContactPoint.Kind.EMAIL:
        value = value.lower()
        if "@" not in value or any(c.isspace() for c in value):
            raise Invalid(_("This is no e-mail address."), field="value")
    return value


def mark_bounced(actor: Actor, *, value: str, because: str = "") -> list[ContactPoint]:
    """Mark a place as one from which messages come back, for every customer who gave it."""
    actor.need(Right.WORK)
    now = clock.now(actor.organisation)
    because = text_of(because, field="because", most=200)
    with transaction.atomic():
        points = list(
            ContactPoint.objects.of(actor.organisation)
            .filter(value__in={value, value.lower()}, bounced_at=None)
            .select_related("customer")
            .order_by("pk")
        )
        for point in points:
            point.bounced_at, point.bounced_because = now, because
            point.save(update_fields=["bounced_at", "bounced_because"])
            audit.record(
                actor, "contact_point.bounced", f"customer:{point.customer.key}",
                before={"bounced_at": None},
                after={"kind": point.kind, "bounced_at": now, "because": because},
            )  # fmt: skip
    return points


def set_consent(
    actor: Actor, *, customer_key: str, channel: str, granted: bool, source: str = ""
) -> Told[Consent]:
    """Keep whether a customer allows a channel; the present word counts, the audit log has all."""
    actor.need(Right.WORK)
    channel = text_of(channel, field="channel", most=40, needed=True)
    source = text_of(source, field="source", most=60)
    if not isinstance(granted, bool):
        raise Invalid(_("A consent is given or not."), field="granted")
    with transaction.atomic():
        customer = named_customer(actor, customer_key)
        rows = Consent.objects.of(actor.organisation)
        consent = rows.filter(customer=customer, channel=channel).first()
        if consent is not None and consent.granted == granted:
            return Told(consent, News.SAME)
        before = None if consent is None else {channel: consent.granted}
        now = clock.now(actor.organisation)
        consent, is_new = rows.update_or_create(
            customer=customer, channel=channel,
            defaults={"granted": granted, "at": now, "source": source},
        )  # fmt: skip
        after = {channel: granted, "source": source}
        audit.record(actor, "consent.set", f"customer:{customer.key}", before=before, after=after)
    return Told(consent, News.NEW if is_new else News.CHANGED)


def assign_owner(actor: Actor, *, customer_key: str, user_id: int | None) -> Customer:
    """Say who answers for a customer's case; nobody where no person is named."""
    actor.need(Right.WORK)
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        owner = None
        if user_id is not None:
            owner = row_for(actor, Membership, user_id=user_id, is_active=True).user
        before = customer.owner_id
        if before == user_id:
            return customer
        customer.owner = owner
        customer.save(update_fields=["owner", "updated_at"])
        audit.record(
            actor, "customer.assign_owner", f"customer:{customer.key}",
            before={"owner": before}, after={"owner": user_id},
        )  # fmt: skip
    return customer
