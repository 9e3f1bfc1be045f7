"""Before the start: how many customers it takes, how long that is, and what could be found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil, isfinite, sqrt

from tenor.engine.errors import InputError
from tenor.engine.experiments.planning import (
    Figure,
    Inflow,
    customers_needed,
    customers_within,
    days_needed,
    smallest_effect,
    told_apart,
)
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.queries import live_predictor
from tenor.platform.ledger.models import Customer, Invoice

# So far back it is looked how customers come and pay.
_BACK = timedelta(days=180)
_MOST_INVOICES = 100_000
# On which day of an experiment it is said what could be found by then.
_DAYS = (40, 50, 60, 75, 90, 105, 120, 150, 180, 240, 300, 365)
_ENOUGH = 20
# What is kept with whom an experiment takes in is the chance of being paid within so many days.
_FORETOLD_DAYS = 30


@dataclass(frozen=True)
class Habit:
    """How customers come and pay: what an experiment is reckoned with.

    `usual` is the share of customers' invoices that is paid in time (None: too few to say),
    `present` how many could come in on the first day, `a_week` how many after it, `foretold` the
    part of the differences between customers that the predictor in force foretells, `together` how
    many customers are drawn as one, on average.
    """

    usual: float | None
    present: int
    a_week: float
    foretold: float = 0.0
    together: float = 1.0


@dataclass(frozen=True)
class Reckoned:
    """What was reckoned: the effect asked for, what it takes, and what the chosen days can show.

    `plain` is how many customers it would take if nothing were foretold of them, `foretold` the
    part that is. `days` until the answer is there (None: never), `smallest` the least effect that
    can be found in the days that were chosen (None: none), `curve` the same by day.
    """

    effect: float
    usual: float
    present: int
    a_week: float
    customers: int
    by_arm: dict[str, int]
    usually: int
    days: int | None
    smallest: float | None
    curve: list[tuple[int, float]]
    plain: int = 0
    foretold: float = 0.0


def habit_of(
    organisation: Organisation, *, present: int, outcome_days: int, together_by: str = ""
) -> Habit:
    """Work out from the last half year how customers come and pay; `present` may come in now."""
    today = clock.today(organisation)
    rows = (
        Invoice.objects.of(organisation)
        .filter(due_on__gte=today - _BACK, due_on__lte=today)
        .order_by("-due_on")
        .values_list("customer_id", "due_on", "settled_at")[:_MOST_INVOICES]
    )
    shares: dict[int, list[bool]] = {}
    first: dict[int, date] = {}
    for customer, due_on, settled_at in rows:
        first[customer] = min(due_on, first.get(customer, due_on))
        if due_on <= today - timedelta(days=outcome_days):
            paid = settled_at is not None and (settled_at.date() - due_on).days <= outcome_days
            shares.setdefault(customer, []).append(paid)
    means = [sum(some) / len(some) for some in shares.values()]
    usual = sum(means) / len(means) if len(means) >= _ENOUGH else None
    # Who is seen for the first time after the first month was not there when it began.
    begun = today - _BACK + timedelta(days=30)
    later = sum(day > begun for day in first.values())
    free = 1.0 - preferences_of(organisation).control_share
    weeks = (_BACK.days - 30) / 7
    a_week = round(later * free / weeks, 1)
    together = _together(organisation, together_by) if together_by else 1.0
    return Habit(usual, int(present * free), a_week, _foretold(organisation), together)


def _together(organisation: Organisation, name: str) -> float:
    """Return how many customers on average are drawn as one: those with the same value."""
    rows = Customer.objects.of(organisation).order_by("-pk").values_list("attributes", flat=True)
    values = [str(each.get(name) or "") for each in rows[:_MOST_INVOICES]]
    units = len(set(values) - {""}) + values.count("")
    return len(values) / units if units else 1.0


def _foretold(organisation: Organisation) -> float:
    """Return what the predictor in force foretells: measured out of time when it was fitted."""
    version = live_predictor(organisation)
    judged = (version.figures.get("quality") if version else None) or {}
    for horizon in judged.get("horizons", []):
        parts = [part for part in horizon.get("reliability", []) if part["came_true"] is not None]
        if horizon["days"] == _FORETOLD_DAYS:
            return told_apart([p["came_true"] for p in parts], [p["rows"] for p in parts])
    return 0.0


def reckon(
    habit: Habit,
    *,
    effect: float,
    weights: Mapping[str, float],
    control: str,
    share: float,
    days: int,
    outcome_days: int,
) -> Reckoned | None:
    """Say what it takes to find `effect` (a share of customers); nothing where nothing is known."""
    if habit.usual is None:
        return None
    # Those drawn as one are reckoned wholly alike: each such group tells as much as one customer.
    each = habit.together
    figure = Figure(usual=habit.usual, foretold=sqrt(habit.foretold))
    inflow = Inflow(habit.a_week / each, habit.present / each, share, outcome_days)
    # From 97% no rise by 5 points is possible; a fall is as hard to find.
    way = effect if habit.usual + effect <= 1.0 else -effect
    try:
        need = customers_needed(figure, effect=way, weights=weights, control=control)
    except InputError:
        return None
    until = days_needed(need.customers, inflow)

    def found_by(day: int) -> float | None:
        many = customers_within(day, inflow)
        if many < 2 * len(weights):
            return None
        found = smallest_effect(figure, customers=many, weights=weights, control=control)
        return found if isfinite(found) else None

    curve = [(day, found) for day in _DAYS if (found := found_by(day)) is not None]
    return Reckoned(
        effect=effect,
        usual=habit.usual,
        present=habit.present,
        a_week=habit.a_week,
        customers=ceil(need.customers * each),
        by_arm={arm: ceil(count * each) for arm, count in need.by_arm.items()},
        usually=ceil(need.usually * each),
        days=int(until) if isfinite(until) else None,
        smallest=found_by(days + outcome_days),
        curve=curve,
        plain=ceil(need.plain * each),
        foretold=habit.foretold,
    )


def as_json(reckoned: Reckoned) -> dict[str, object]:
    """Return what was reckoned, as it is kept with the experiment."""
    return asdict(reckoned)
