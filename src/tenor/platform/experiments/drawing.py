"""Who is in which arm today: those who were drawn before, and those whom chance draws now.

Nobody is drawn whom the law or care spares from being tried things on, who disputes, who objected
to profiling, or who owes too much. Who comes to be so later is decided about as everybody else for
as long as it lasts; in the results they count where they were drawn.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from tenor.engine.experiments.assign import assign
from tenor.engine.law.holds import Step
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.experiments.models import Arm, Assignment, Experiment
from tenor.platform.ledger.holding import packs_of, stops
from tenor.platform.ledger.models import Customer, Exposure
from tenor.platform.ledger.queries.marks import customers_marked, holds_at

# What falls due so soon after somebody came in belongs to what is looked at.
SOON = timedelta(days=14)
# Beyond so many keys it is cheaper to read everybody than to name them.
_FEW = 200
# A canary and what it is compared with are equally large, as long as there are people enough.
_HALF = 0.5


@dataclass(frozen=True)
class Newcomer:
    """A customer whom chance draws into an arm now, and the unit that was drawn."""

    arm: Arm
    customer_key: str
    unit: str


@dataclass(frozen=True)
class Placed:
    """Who is decided about in the way of which arm, and who of them is new to it."""

    members: tuple[tuple[Arm, frozenset[str]], ...] = ()
    newcomers: tuple[Newcomer, ...] = ()


def placed(
    organisation: Organisation,
    as_of: datetime,
    segments: Mapping[str, str],
    *,
    outside: Collection[str],
) -> Placed:
    """Return who of the customers in `segments` (key to segment) is in which arm.

    `outside` are in no experiment, whatever else: the comparison group, and who objected.
    """
    experiments = list(
        Experiment.objects.of(organisation)
        .filter(state=Experiment.State.RUNNING)
        .prefetch_related("arms__policy", "arms__predictor")
        .order_by("started_at", "pk")
    )
    if not experiments or not segments:
        return Placed()
    keys = set(segments) - set(outside)
    keys -= spared(organisation, as_of, keys) if keys else set()
    if not keys:
        return Placed()
    members: dict[int, set[str]] = {}
    newcomers: list[Newcomer] = []
    drawn = _drawn_before(organisation, experiments, keys)
    owing, due = _owing(organisation, keys), due_soon(organisation, as_of, keys)
    for experiment in experiments:
        arms = {arm.pk: arm for arm in experiment.arms.all()}
        able = keys - too_large(experiment, owing, keys)
        theirs = {key: arm for key, (number, arm) in drawn.items() if number == experiment.pk}
        for key, arm in theirs.items():
            if key in able:
                members.setdefault(arm, set()).add(key)
        if takes_in(experiment, as_of):
            free = {key for key in able if key not in drawn and key in due}
            for new in newly(experiment, list(arms.values()), _within(experiment, free, segments)):
                newcomers.append(new)
                drawn[new.customer_key] = (experiment.pk, new.arm.pk)
                members.setdefault(new.arm.pk, set()).add(new.customer_key)
    every = (arm for experiment in experiments for arm in experiment.arms.all())
    running = (arm for arm in every if arm.stopped_at is None and arm.pk in members)
    return Placed(tuple((arm, frozenset(members[arm.pk])) for arm in running), tuple(newcomers))


def spared(organisation: Organisation, at: datetime, keys: Collection[str]) -> set[str]:
    """Return on whom nothing may be tried: disputes, and holds that stop trying things out."""
    disputing = customers_marked(organisation, "disputed")
    rows = Customer.objects.of(organisation).filter(pk__in=disputing)
    found = set(rows.filter(**_among(keys)).values_list("key", flat=True))
    held = holds_at(organisation, at).select_related("customer", "organisation")
    packs, day = packs_of(organisation), at.astimezone(clock.zone(organisation)).date()
    for hold in held.filter(**_among(keys, "customer__")):
        pack = packs(hold.customer.country)
        if stops(hold, Step.EXPLORE, pack=pack, day=day) or stops(
            hold, Step.PROFILE, pack=pack, day=day
        ):
            found.add(hold.customer.key)
    return found


def due_soon(organisation: Organisation, at: datetime, keys: Collection[str]) -> set[str]:
    """Return who owes something that is due, or soon will be: of the others there is no outcome.

    Without `keys`: of everybody.
    """
    until = at.astimezone(clock.zone(organisation)).date() + SOON
    rows = Exposure.objects.of(organisation).filter(
        open_count__gt=0, oldest_due_on__lte=until, **_among(keys, "customer__")
    )
    return set(rows.values_list("customer__key", flat=True))


def too_large(
    experiment: Experiment, owing: Mapping[str, Mapping[str, Decimal]], keys: Iterable[str]
) -> set[str]:
    """Return who owes as much as the experiment's bound, or in a currency that it does not know."""
    bound = experiment.amount_below
    if bound is None:
        return set()
    own = experiment.organisation.currency
    return {
        key
        for key in keys
        if any(code != own or amount >= bound for code, amount in owing.get(key, {}).items())
    }


def takes_in(experiment: Experiment, at: datetime) -> bool:
    """Say whether new people are taken in: not once the days for that are over."""
    if experiment.kind == Experiment.Kind.CANARY:
        return True
    started: datetime | None = experiment.started_at
    return started is not None and (at - started).days < experiment.days


def newly(experiment: Experiment, arms: Collection[Arm], keys: Collection[str]) -> list[Newcomer]:
    """Draw an arm for these customers, who have none; who is drawn into none is left out."""
    if not keys:
        return []
    units = _units(experiment, keys)
    names = {arm.name: arm for arm in arms}
    frame = pl.Series("unit", list(units.values()), dtype=pl.String)
    drawn = assign(frame, salt=experiment.salt, weights=shares(experiment, arms))
    return [
        Newcomer(names[name], key, unit)
        for (key, unit), name in zip(units.items(), drawn.to_list(), strict=True)
        if name is not None and names[name].stopped_at is None
    ]


def shares(experiment: Experiment, arms: Collection[Arm]) -> dict[str, float]:
    """Return which part of those who can take part each arm gets; the rest is in none."""
    if experiment.kind == Experiment.Kind.CANARY:
        new = experiment.share
        return {
            arm.name: min(new, 1.0 - new) if arm.is_reference and new > _HALF else new
            for arm in arms
        }
    total = sum(arm.weight for arm in arms)
    return {arm.name: experiment.share * arm.weight / total for arm in arms}


def _within(
    experiment: Experiment, keys: Collection[str], segments: Mapping[str, str]
) -> list[str]:
    wanted = set(experiment.segments)
    return sorted(key for key in keys if not wanted or segments.get(key) in wanted)


def _units(experiment: Experiment, keys: Collection[str]) -> dict[str, str]:
    """Return what is drawn for each customer: the group they belong to, or themselves."""
    if not experiment.together_by:
        return {key: key for key in keys}
    rows = Customer.objects.of(experiment.organisation_id).filter(**_among(keys))
    name, wanted = experiment.together_by, set(keys)
    groups = {
        key: str(attributes.get(name) or "")
        for key, attributes in rows.values_list("key", "attributes").order_by("key")
        if key in wanted
    }
    return {key: f"{name}={group}" if group else key for key, group in groups.items()}


def _drawn_before(
    organisation: Organisation, experiments: Collection[Experiment], keys: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Return in which running experiment and arm each customer is."""
    rows = Assignment.objects.of(organisation).filter(
        experiment__in=experiments, left_at=None, **_among(keys, "customer__")
    )
    found = rows.values_list("customer__key", "experiment_id", "arm_id").order_by("pk")
    return {key: (experiment, arm) for key, experiment, arm in found.iterator(chunk_size=20_000)}


def _owing(organisation: Organisation, keys: Collection[str]) -> dict[str, dict[str, Decimal]]:
    rows = Exposure.objects.of(organisation).filter(open_count__gt=0, **_among(keys, "customer__"))
    found: dict[str, dict[str, Decimal]] = {}
    for key, code, amount in rows.values_list("customer__key", "currency", "open_amount"):
        found.setdefault(key, {})[code] = amount
    return found


def _among(keys: Collection[str], way: str = "") -> dict[str, list[str]]:
    return {f"{way}key__in": list(keys)} if 0 < len(keys) <= _FEW else {}
