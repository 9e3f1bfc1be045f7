"""Examine how groups are treated: what was decided lately, or what a candidate would decide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tenor.engine.decision import SCHEMA
from tenor.engine.events import Kind
from tenor.engine.fairness.audit import Audit
from tenor.engine.fairness.examine import Examination, examine
from tenor.engine.fairness.groups import groups_of
from tenor.engine.fairness.history import history_bias
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions import facts, live
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.run import seed_of
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.ledger.protected import protected_frame
from tenor.platform.offers.queries import plans_offered

Report = Callable[[float], None]
# Days of the past month that are looked at: more of them say little that is new.
_DAYS = 5
_MONTH = timedelta(days=30)
_COLUMNS = (
    "key", "customer__key", "invoice_keys", "decided_at", "verdict", "channel", "tone", "p_paid",
    "p_paid_wait", "review_reason", "amount", "days_overdue",
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """With what is decided: the versions in force, or those of a candidate."""

    predictor: PredictorVersion | None
    policy: PolicyVersion | None
    model: Model | None
    rules: Policy


def way_now(organisation: Organisation) -> Way:
    """Return the way of working that is in force: without a predictor where it is unreadable."""
    predictor = live_predictor(organisation)
    if live.is_unreadable(predictor):
        predictor = None
    return way_of(organisation, predictor, live_policy_version(organisation))


def way_of(
    organisation: Organisation, predictor: PredictorVersion | None, policy: PolicyVersion | None
) -> Way:
    """Return the way of working that these versions make."""
    rules = live.policy_of(organisation, policy)
    return Way(predictor, policy, live.model_of(predictor), rules)


def examined(
    organisation: Organisation,
    way: Way,
    *,
    tables: Tables | None = None,
    lately: bool = False,
    looks: float = 1.0,
    report: Report | None = None,
) -> Examination | None:
    """Examine a way of working on the organisation's facts; nothing where nothing decides yet.

    `lately` looks at what was decided in the past month; else everybody is decided about now.
    `looks` is how many such examinations share one chance of a false alarm.
    """
    now = clock.now(organisation)
    told = facts.tables(organisation, now) if tables is None else tables
    known = with_traits(organisation, with_offers(organisation, told))
    decisions = decided_lately(organisation) if lately else None
    if decisions is not None and decisions.is_empty():
        decisions = None
    if decisions is None and way.model is None:
        return None
    return examine(
        known,
        as_of=now,
        model=way.model,
        policy=way.rules,
        groups=_groups(organisation, known.customers),
        seed=seed_of(organisation, clock.today(organisation)),
        decisions=decisions,
        looks=looks,
        report=report,
    )


def history_now(organisation: Organisation, tables: Tables, as_of: datetime) -> Audit:
    """Compare how groups were treated in the past that `tables` would teach."""
    offered = with_offers(organisation, tables)
    known = with_traits(organisation, offered.known_at(as_of))
    return history_bias(known, as_of=as_of, groups=_groups(organisation, known.customers))


def with_offers(organisation: Organisation, tables: Tables) -> Tables:
    """Return facts with the plans that customers were offered, as events; nothing learns of them.

    What became of an offer stands among the facts; who had one, only among the offers.
    """
    offered = plans_offered(organisation)
    if not offered:
        return tables
    names = ["customer_id", "invoice_id", "at"]
    events = pl.DataFrame(
        offered, schema={name: tables.events.schema[name] for name in names}, orient="row"
    ).with_columns(kind=pl.lit(str(Kind.PLAN_OFFERED)))
    return tables.with_(events=pl.concat([tables.events, events], how="diagonal"))


def with_traits(organisation: Organisation, tables: Tables) -> Tables:
    """Return facts with the protected columns of customers.

    The only place where they meet the facts; what comes back goes no further than an audit.
    """
    traits = protected_frame(organisation)
    joined = tables.customers.join(traits, on="customer_id", how="left", maintain_order="left")
    return tables.with_(customers=joined)


def _groups(organisation: Organisation, customers: pl.DataFrame) -> pl.DataFrame:
    """Return the groups that customers belong to: protected ones, and those that are named."""
    named = preferences_of(organisation).fairness_groups
    return groups_of(customers, named=[c for c in named if c in customers.columns])


def decided_lately(organisation: Organisation) -> pl.DataFrame:
    """Return the decisions of a few days of the past month, as people left them."""
    now = clock.now(organisation)
    runs = list(
        Run.objects.of(organisation)
        .filter(as_of__gt=now - _MONTH, as_of__lte=now)
        .order_by("as_of")
        .values_list("pk", flat=True)
    )
    step = max(1, -(-len(runs) // _DAYS))
    rows = Decision.objects.of(organisation).filter(run__in=runs[::-step]).order_by("pk")
    found = list(rows.values_list(*_COLUMNS).iterator(chunk_size=5000))
    return pl.DataFrame(
        [_row(values) for values in found],
        schema={
            **{name: SCHEMA[name] for name in _NAMES[:10]},
            "amount": pl.Float64(),
            "days_overdue": pl.Int64(),
        },
        orient="row",
    )


_NAMES = (
    "decision_id", "customer_id", "invoice_ids", "decided_at", "verdict", "channel", "tone",
    "p_paid", "p_paid_wait", "review_reason",
)  # fmt: skip


def _row(values: tuple[Any, ...]) -> tuple[Any, ...]:
    *told, review, amount, overdue = values
    texts = [v or None if place in (5, 6) else v for place, v in enumerate(told)]
    return (*texts, review or None, float(amount), overdue)
