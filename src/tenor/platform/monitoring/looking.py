"""Keep a look a week: what features are like, what is foretold, and later what came of it."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.db import transaction

from tenor.engine.frames import Tables
from tenor.engine.monitoring import Look as Seen
from tenor.engine.monitoring import edges_of, look
from tenor.engine.monitoring.calibration import matured
from tenor.engine.monitoring.looks import COUNTS, EVERY, HORIZONS, SCORE
from tenor.engine.predictors.history import unit_hash
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import foretell
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.runs.bulk import write
from tenor.platform.ledger.models import Invoice
from tenor.platform.ledger.queries.unprofiled import unprofiled
from tenor.platform.monitoring.models import Foretold, Look

# Of so many invoices the chances are kept, drawn by lot: enough for half a point.
MOST = 5_000
# So many looks are compared.
_LOOKS = 42
# Looks are kept as long as the longest comparison reaches, and a season.
_KEPT = timedelta(days=500)
_FEWEST = 20
# A day's grace: the day may begin an hour earlier than last week.
_GRACE = timedelta(hours=12)


def look_if_due(organisation: Organisation, known: Tables, as_of: datetime, model: Model) -> bool:
    """Keep a look if the last one is a week old; say whether one was kept."""
    looks = Look.objects.of(organisation)
    last = looks.order_by("-at").first()
    if last is not None and last.at > as_of - EVERY + _GRACE:
        return False
    foretold = foretell(known, as_of=as_of, model=model)
    if foretold.snapshot.rows.height < _FEWEST:
        return False
    first = looks.exclude(edges={}).order_by("at").first()
    edges = first.edges if first is not None else edges_of(foretold.snapshot.rows)
    seen = look(foretold, edges=edges)
    objected = list(unprofiled(organisation, as_of))
    kept = seen.foretold.filter(~pl.col("customer_id").is_in(objected))
    if kept.height > MOST:
        lots = pl.Series(unit_hash(kept["invoice_id"], as_of.date().isoformat()))
        kept = kept.filter(lots < MOST / kept.height)
    with transaction.atomic():
        row = looks.create(
            at=as_of, model_version=model.version, counts=_packed(seen.counts),
            edges=edges if first is None else {},
        )  # fmt: skip
        _keep(organisation, row, kept)
        looks.filter(at__lt=as_of - _KEPT, edges={}).delete()
    return True


def _keep(organisation: Organisation, look: Look, kept: pl.DataFrame) -> None:
    rows = Invoice.objects.of(organisation).filter(is_open=True).values_list("key", "pk")
    numbers = pl.DataFrame(
        list(rows), schema={"invoice_id": pl.String, "number": pl.Int64}, orient="row"
    )
    found = kept.join(numbers, on="invoice_id", how="inner", maintain_order="left")
    write(
        Foretold,
        organisation,
        {
            "invoice_id": found["number"].to_list(),
            "segment": found["segment"].to_list(),
            "p_paid_7d": found["p_paid_7d"].to_list(),
            "p_paid_30d": found["p_paid_30d"].to_list(),
        },
        alike={"look_id": look.pk},
    )


def let_mature(organisation: Organisation, known: Tables, as_of: datetime) -> None:
    """Sum up what came of the chances of each look; forget them once all have had their time."""
    for row in Look.objects.of(organisation).filter(is_over=False):
        foretold = _foretold(row)
        came = matured(foretold, known, as_of=as_of) if foretold.height else None
        row.is_over = row.at + timedelta(days=max(HORIZONS)) <= as_of
        row.came = [] if came is None else _plain(came)
        with transaction.atomic():
            row.save(update_fields=["came", "is_over"])
            if row.is_over:
                row.foretold.all().delete()


def seen(organisation: Organisation, version: str) -> tuple[list[Seen], dict[str, list[Any]]]:
    """Return the latest looks as the engine compares them, oldest first, and their edges.

    Chances of another predictor are no drift: they are left out.
    """
    rows = list(Look.objects.of(organisation).order_by("-at")[:_LOOKS])[::-1]
    first = Look.objects.of(organisation).exclude(edges={}).order_by("at").first()
    found = []
    for row in rows:
        counts = _unpacked(row.counts)
        if row.model_version != version:
            counts = counts.filter(pl.col("feature") != SCORE)
        found.append(Seen(row.at, counts, pl.DataFrame()))
    return found, first.edges if first is not None else {}


def _foretold(row: Look) -> pl.DataFrame:
    names = ("invoice__key", "invoice__customer__key", "segment", "p_paid_7d", "p_paid_30d")
    schema = {
        "invoice_id": pl.String(), "customer_id": pl.String(), "segment": pl.String(),
        "p_paid_7d": pl.Float64(), "p_paid_30d": pl.Float64(),
    }  # fmt: skip
    rows = list(row.foretold.order_by("pk").values_list(*names))
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(instant=pl.lit(row.at).cast(pl.Datetime("us", "UTC")))


def _packed(counts: pl.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    packed: dict[str, dict[str, dict[str, int]]] = {}
    for feature, segment, part, rows in counts.iter_rows():
        packed.setdefault(feature, {}).setdefault(segment, {})[str(part)] = rows
    return packed


def _unpacked(packed: dict[str, dict[str, dict[str, int]]]) -> pl.DataFrame:
    rows = [
        (feature, segment, int(part), count)
        for feature, segments in packed.items()
        for segment, parts in segments.items()
        for part, count in parts.items()
    ]
    return pl.DataFrame(rows, schema=COUNTS, orient="row")


def _plain(came: pl.DataFrame) -> list[list[Any]]:
    return [[at.isoformat(), *row] for at, *row in came.iter_rows()]
