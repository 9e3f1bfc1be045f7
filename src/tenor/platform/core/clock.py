"""The platform's only clock. An organisation may live on a day of its own: demonstration, tests."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from tenor.platform.core.models import Organisation


def now(organisation: Organisation) -> datetime:
    """Return the present instant (UTC) of `organisation`."""
    return organisation.clock_at or timezone.now()


def today(organisation: Organisation) -> date:
    """Return the present day at the organisation's place."""
    return now(organisation).astimezone(zone(organisation)).date()


def zone(organisation: Organisation) -> ZoneInfo:
    """Return the zone that the organisation's people live in."""
    return ZoneInfo(organisation.timezone)


def real_now() -> datetime:
    """Return the machine's instant, for what must not follow a made-up day: sessions, leases."""
    return datetime.now(UTC)
