"""Who takes part in a pool, what was given and taken, what it cost, and what is learned from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tenor.engine.pooling.contribution import Contribution
from tenor.engine.pooling.noise import epsilon_of, rho_of
from tenor.engine.pooling.prior import Pooled, pooled
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.governance.queries import live_policy_version, policy_of
from tenor.platform.pooling.models import Gift, Place, Received

# What a year's gifts may cost together is counted over this time.
YEAR = timedelta(days=365)
# So long after a gift the next is due: four a year.
EVERY = timedelta(days=91)


@dataclass(frozen=True)
class Cost:
    """What a year's gifts cost: `spent` and `budget` as epsilon at delta 1e-6, `left` as rho."""

    spent: float
    budget: float
    left: float


def place_of(organisation: Organisation) -> Place | None:
    """Return on which terms an organisation takes part; nothing where it does not."""
    found: Place | None = Place.objects.of(organisation).first()
    return found


def gifts(organisation: Organisation) -> list[Gift]:
    """Return what an organisation gave, the newest first."""
    return list(Gift.objects.of(organisation))


def latest_gift(organisation: Organisation) -> Gift | None:
    """Return what an organisation has in the pool now."""
    found: Gift | None = Gift.objects.of(organisation).filter(withdrawn_at=None).first()
    return found


def received(organisation: Organisation) -> list[Received]:
    """Return what came from elsewhere by file."""
    return list(Received.objects.of(organisation))


def cost(organisation: Organisation, at: datetime) -> Cost:
    """Return what the gifts of the year up to `at` cost; costs add up as rho, not as epsilon."""
    place = place_of(organisation)
    given = Gift.objects.of(organisation).filter(given_at__gt=at - YEAR)
    rho = sum(given.values_list("rho", flat=True))
    budget = place.budget if place else 0.0
    left = max(rho_of(budget) - rho, 0.0) if budget > 0.0 else 0.0
    return Cost(epsilon_of(rho), budget, left)


def giving_turn(organisation: Organisation) -> str:
    """Name the quarter in which a gift is due; nothing where none is, for the timetable."""
    if place_of(organisation) is None:
        return ""
    now = clock.now(organisation)
    latest = latest_gift(organisation)
    if latest is not None and now - latest.given_at < EVERY:
        return ""
    day = now.astimezone(clock.zone(organisation)).date()
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def contributions(organisation: Organisation) -> list[Contribution]:
    """Return what others gave: organisations of this installation that take part, and files.

    Sums of made-up customers are for organisations of made-up customers only.
    """
    places = {place.organisation_id: place.giver for place in Place.across.all()}
    places.pop(organisation.pk, None)
    found = {}
    rows = Gift.across.filter(organisation_id__in=places, withdrawn_at=None)
    for gift in rows.order_by("given_at", "pk"):
        found[places[gift.organisation_id]] = contribution_of(gift, places[gift.organisation_id])
    own = place_of(organisation)
    for row in received(organisation):
        if own is not None and row.giver != own.giver:
            found.setdefault(row.giver, _from_file(row))
    return [one for _giver, one in sorted(found.items()) if one.synthetic == organisation.synthetic]


def pool_of(organisation: Organisation) -> Pooled | None:
    """Return what the others know together; nothing where nobody else gave, or one stays out."""
    if place_of(organisation) is None:
        return None
    others = contributions(organisation)
    return pooled(others) if others else None


def prior_for(organisation: Organisation) -> Expected:
    """Return what an organisation may expect of contacts before its own have spoken.

    What the pool found, for the channels and tones of its rules; outside a pool, what trials say.
    """
    pool = pool_of(organisation)
    if pool is None:
        return PUBLISHED
    version = live_policy_version(organisation)
    if version is None:
        return pool.expected()
    channels = policy_of(version).channels
    tones = {tone for channel in channels for tone in channel.tones}
    return pool.expected([channel.name for channel in channels], tones)


def contribution_of(gift: Gift, giver: str) -> Contribution:
    """Return a gift as others see it."""
    return Contribution(
        giver, gift.given_at.date(), gift.rho, gift.sigma, tuple(gift.baseline),
        tuple(gift.effect), gift.synthetic,
    )  # fmt: skip


def _from_file(row: Received) -> Contribution:
    return Contribution(
        row.giver, row.given_on, row.rho, row.sigma, tuple(row.baseline), tuple(row.effect),
        row.synthetic,
    )  # fmt: skip
