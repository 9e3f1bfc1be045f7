"""Who is decided about in which way: the comparison group, and the arms of running experiments."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from django.db.models import Avg
from django.utils.translation import gettext as _

from tenor.engine.experiments.assign import lots
from tenor.engine.features.build import Population
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Score
from tenor.platform.decisions.runs.decide import TREATED as TREATED
from tenor.platform.decisions.runs.decide import UNPROFILED as UNPROFILED
from tenor.platform.decisions.runs.decide import Arm, By, Way
from tenor.platform.experiments import actions as experiments
from tenor.platform.experiments import models as kept
from tenor.platform.experiments.drawing import Newcomer, Placed, placed
from tenor.platform.governance.models import PolicyVersion, PredictorVersion, Switch
from tenor.platform.governance.switches import turned_off
from tenor.platform.ledger.queries.unprofiled import unprofiled

CONTROL = "control"
_OFF = Switch.What


@dataclass(frozen=True)
class Plan:
    """How some customers are decided about, and who of them is new to an experiment."""

    way: Way
    newcomers: tuple[Newcomer, ...] = ()


def control_of(organisation: Organisation, customer_keys: Iterable[str]) -> set[str]:
    """Return which of these customers are in the comparison group, always the same ones.

    The lot of a customer is drawn once, from their key: when the share is raised, those who were
    in it stay in it.
    """
    share = preferences_of(organisation).control_share
    if share <= 0.0:
        return set()
    keys = pl.Series(list(customer_keys), dtype=pl.String)
    # By its name in addresses, which it keeps when its data move to another database.
    drawn = lots(keys, salt=f"control|{organisation.slug}") < share
    return set(keys.filter(drawn))


def standing_arm(organisation: Organisation, customer_keys: Iterable[str]) -> Arm:
    """Return the comparison group: to the ladder or left alone, as the organisation has set."""
    nothing = preferences_of(organisation).control_kind == By.NOTHING.value
    by = By.NOTHING if nothing else By.LADDER
    return Arm(CONTROL, frozenset(control_of(organisation, customer_keys)), by)


def plan_for(
    organisation: Organisation,
    segments: pl.DataFrame,
    *,
    as_of: datetime,
    seed: int,
    predictor: PredictorVersion | None,
    policy: PolicyVersion | None,
    population: Population | None = None,
) -> Plan:
    """Return how the customers in `segments` are decided about, by these versions.

    Settings, the brake on learning and running experiments have their say here, and nowhere else:
    whoever is decided about alone is decided about as in the plan of the day.
    """
    preferences, off = preferences_of(organisation), turned_off(organisation)
    keys = segments["customer_id"].to_list()
    learns = preferences.use_prioritisation and _OFF.PREDICTOR not in off
    model = live.model_if_readable(predictor) if learns else None
    objected = unprofiled(organisation, as_of, keys if len(keys) == 1 else None)
    standing = standing_arm(organisation, keys)
    way = Way(
        as_of=as_of,
        seed=seed,
        model=model,
        policy=live.policy_of(organisation, policy),
        policies=live.segment_policies(organisation, policy),
        rungs=live.ladder_of(organisation),
        arms=(standing,) if standing.customers else (),
        prevention=preferences.use_prevention,
        population=population,
        unprofiled=objected,
    )
    found = Placed()
    # Without a predictor everybody is left to the ladder: there is nothing to compare.
    if model is not None and _OFF.EXPERIMENTS not in off:
        by_key = dict(segments.select("customer_id", "segment").iter_rows())
        found = placed(organisation, as_of, by_key, outside=standing.customers | objected)
        arms = _arms(organisation, found, model, predictor, policy)
        way = replace(way, arms=(*way.arms, *arms))
    if _OFF.EXPLORATION in off:
        way = _without_chance(way)
    return Plan(way, found.newcomers)


def take_in(organisation: Organisation, plan: Plan, as_of: datetime) -> None:
    """Keep who is new to an experiment, in the transaction of what was decided about them."""
    if plan.newcomers:
        keys = [new.customer_key for new in plan.newcomers]
        experiments.take_in(
            system(organisation),
            plan.newcomers,
            as_of=as_of,
            expected=_foretold(organisation, keys),
        )


def on_arms(way: Way, change: Callable[[Policy], Policy]) -> Way:
    """Return the way with the rules of everybody, and of every arm, changed alike."""

    def changed(policies: Mapping[str, Policy]) -> dict[str, Policy]:
        return {name: change(policy) for name, policy in policies.items()}

    arms = tuple(
        replace(
            arm,
            policy=None if arm.policy is None else change(arm.policy),
            policies=changed(arm.policies),
        )
        for arm in way.arms
    )
    return replace(way, policy=change(way.policy), policies=changed(way.policies), arms=arms)


def _without_chance(way: Way) -> Way:
    def still(policy: Policy) -> Policy:
        return replace(policy, exploration=replace(policy.exploration, share=0.0))

    return on_arms(way, still)


def _arms(
    organisation: Organisation,
    found: Placed,
    model: Model,
    predictor: PredictorVersion | None,
    policy: PolicyVersion | None,
) -> list[Arm]:
    """Return the arms of experiments as the day decides by them.

    An arm whose rules no longer fit those in force, or whose predictor cannot be read, is
    stopped: its customers go back to what is in force.
    """
    arms = []
    for arm, customers in found.members:
        try:
            arms.append(_arm(organisation, arm, customers, model, policy))
        except Invalid as error:
            experiments.stop_arm(system(organisation), arm, because=str(error))
    return arms


def _arm(
    organisation: Organisation,
    arm: kept.Arm,
    customers: Collection[str],
    model: Model,
    policy: PolicyVersion | None,
) -> Arm:
    by = {"live": By.LIVE, "ladder": By.LADDER, "nothing": By.NOTHING}.get(arm.way, By.LEARNED)
    if by is By.LEARNED and not (arm.changes or arm.policy or arm.predictor):
        by = By.LIVE  # other words, and nothing else
    found = Arm(arm.name, frozenset(customers), by, arm.experiment.slug)
    if by is not By.LEARNED:
        return found
    if live.is_unreadable(arm.predictor):
        raise Invalid(_("Its predictor cannot be read any more."))
    version = arm.policy or policy
    return replace(
        found,
        model=live.model_of(arm.predictor) or model,
        policy=live.policy_of(organisation, version, arm.changes),
        policies=live.segment_policies(organisation, version, arm.changes),
    )


def _foretold(organisation: Organisation, customer_keys: Collection[str]) -> dict[str, float]:
    """Return the mean chance of each customer that an open invoice is paid within thirty days."""
    rows = Score.objects.of(organisation).order_by()
    if len(customer_keys) == 1:
        rows = rows.filter(invoice__customer__key__in=customer_keys)
    found = rows.values("invoice__customer__key").annotate(chance=Avg("p_paid_30d"))
    return dict(found.values_list("invoice__customer__key", "chance"))
