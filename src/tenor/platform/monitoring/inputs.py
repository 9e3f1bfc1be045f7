"""What the checks ask besides the facts: who is in which group, what was drawn, when it came."""

from datetime import datetime, timedelta

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.monitoring.decay import KEPT
from tenor.engine.monitoring.outcomes import CONTROL, TREATED
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.runs.arms import control_of
from tenor.platform.events.models import Event
from tenor.platform.ledger.models import Payment

_LOTS = timedelta(weeks=30)
_ARRIVALS = timedelta(weeks=20)
_MOST_ARRIVALS = 200_000


def arms_of(organisation: Organisation, known: Tables, as_of: datetime) -> pl.DataFrame | None:
    """Return who was left to the fixed ladder by lot and who was not; nothing where nobody is.

    Whoever objected to profiling is in neither group: `known` does not hold them.
    """
    ids = known.customers["customer_id"].to_list()
    control = control_of(organisation, ids)
    if not control:
        return None
    arms = [CONTROL if key in control else TREATED for key in ids]
    return pl.DataFrame({"customer_id": ids, "arm": arms}, schema_overrides={"arm": pl.String})


def drawn_by_lot(organisation: Organisation, as_of: datetime) -> pl.DataFrame:
    """Return the decisions in which the lot chose, and which were carried out."""
    state = Decision.State
    rows = (
        Decision.objects.of(organisation)
        .filter(explored=True, decided_at__gte=as_of - _LOTS, decided_at__lte=as_of)
        .filter(state__in=[state.HANDED_OVER, state.NOTHING])
        .exclude(p_paid=None)
        .exclude(p_paid_wait=None)
        .order_by("pk")
    )
    names = ("decided_at", "customer__key", "invoice_keys", "channel", "propensity", "p_paid",
             "p_paid_wait")  # fmt: skip
    frame = pl.DataFrame(list(rows.values_list(*names)), schema=KEPT, orient="row")
    # Waiting has no channel.
    return frame.with_columns(channel=pl.when(pl.col("channel") != "").then("channel"))


def arrivals_of(organisation: Organisation, as_of: datetime) -> pl.DataFrame | None:
    """Return when things happened and when they were told: `source, at, received_at`."""
    since = as_of - _ARRIVALS
    paid = Payment.objects.of(organisation).filter(created_at__range=(since, as_of))
    told = Event.objects.of(organisation).filter(received_at__range=(since, as_of))
    schema = {"at": pl.Datetime("us", "UTC"), "received_at": pl.Datetime("us", "UTC")}
    parts = []
    for source, rows in (
        ("payments", paid.order_by("-created_at").values_list("paid_at", "created_at")),
        ("events", told.order_by("-received_at").values_list("at", "received_at")),
    ):
        frame = pl.DataFrame(list(rows[:_MOST_ARRIVALS]), schema=schema, orient="row")
        parts.append(frame.select(pl.lit(source).alias("source"), "at", "received_at"))
    found = pl.concat(parts)
    return found if found.height else None
