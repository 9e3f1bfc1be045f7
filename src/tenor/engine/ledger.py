"""What is owed at an instant: balance and state of each invoice, as folds over the facts."""

from datetime import datetime

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import AMOUNT, Tables

# A rest this small is not chased: at most one unit of currency, at most one percent of the total.
# (Classic dunning systems use a company tolerance of the same order.)
TOLERANCE_PERCENT = 1
TOLERANCE_MOST = 1

_NOTHING = pl.lit(0, dtype=AMOUNT)


def totals(tables: Tables) -> pl.DataFrame:
    """Return every change of what an invoice asks: `invoice_id, at, total`, from its issue on.

    `amount_changed` sets the total to `detail.amount`; `credited` lowers it by `detail.amount`,
    or to nothing where it names no amount.
    """
    return _totals(tables).collect()


def _totals(tables: Tables) -> pl.LazyFrame:
    issued = tables.invoices.lazy().select(
        "invoice_id",
        at=pl.col("issued_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        set_to=pl.col("amount"),
        lower_by=_NOTHING,
        step=pl.lit(0),
    )
    changes = tables.events.filter(
        pl.col("kind").is_in([Kind.AMOUNT_CHANGED, Kind.CREDITED])
        & pl.col("invoice_id").is_not_null()
    )
    if changes.is_empty():
        return issued.select("invoice_id", "at", total="set_to")
    amount = pl.col("detail").str.json_path_match("$.amount").cast(AMOUNT, strict=False)
    credited = pl.col("kind") == Kind.CREDITED
    steps = changes.lazy().select(
        "invoice_id",
        "at",
        set_to=pl.when(~credited).then(amount).when(amount.is_null()).then(_NOTHING),
        lower_by=pl.when(credited).then(amount).fill_null(0).cast(AMOUNT),
        step=pl.when(credited).then(2).otherwise(1),
    )
    steps = steps.filter(pl.col("set_to").is_not_null() | (pl.col("lower_by") != 0))
    # Of one instant, new totals come before credits, and the last of several is the highest.
    steps = pl.concat([issued, steps]).sort("invoice_id", "at", "step", "set_to", "lower_by")
    # A total is the last one set, less every credit since: the running credit now minus then.
    credit = pl.col("lower_by").cum_sum().over("invoice_id").cast(AMOUNT)
    return (
        steps.with_columns(credit=credit)
        .with_columns(
            base=pl.col("set_to").forward_fill().over("invoice_id"),
            at_base=pl.when(pl.col("set_to").is_not_null())
            .then(pl.col("credit"))
            .forward_fill()
            .over("invoice_id"),
        )
        .select("invoice_id", "at", total=(pl.col("base") - pl.col("credit") + pl.col("at_base")))
    )


def is_nothing(rest: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Say whether a rest of an invoice of this total counts as nothing (exact, both amounts)."""
    rest, total = (_whole_units(amount) for amount in (rest, total))
    return (rest <= TOLERANCE_MOST * _UNITS) & (rest * 100 <= total * TOLERANCE_PERCENT)


# Amounts have four decimals: in these units they are whole numbers, and comparing them is exact.
_UNITS = 10_000


def _whole_units(amount: pl.Expr) -> pl.Expr:
    return (amount * _UNITS).cast(pl.Int64)


def invoice_states(tables: Tables, as_of: datetime) -> pl.DataFrame:
    """Return one row an invoice known at `as_of`, with what is owed on it then.

    Columns: those of `invoices` that the contract requires, `total`, `paid` and `balance`
    (amounts in the invoice's currency), `settled_at` (when the balance last fell to nothing,
    null while something is owed), `closed_at` (escalated or written off, null if not),
    `is_open` (owed and still ours to collect) and `days_overdue` (negative before the due date).
    """
    known = tables.known_at(as_of)
    # The same instant in another zone may be another date.
    asked = as_of.isoformat()
    if asked not in known.folded:
        known.folded[asked] = _states(known, as_of)
    return known.folded[asked]


def _states(known: Tables, as_of: datetime) -> pl.DataFrame:
    closed = (
        known.events.lazy()
        .filter(
            pl.col("kind").is_in([Kind.ESCALATED, Kind.WRITTEN_OFF])
            & pl.col("invoice_id").is_not_null()
        )
        .group_by("invoice_id")
        .agg(closed_at=pl.col("at").min())
    )
    return (
        known.invoices.lazy()
        .select("invoice_id", "customer_id", "amount", "currency", "issued_on", "due_on")
        .join(_settlements(known), on="invoice_id", how="left", maintain_order="left")
        .join(closed, on="invoice_id", how="left", maintain_order="left")
        .with_columns(
            balance=pl.col("total") - pl.col("paid"),
            is_open=pl.col("settled_at").is_null() & pl.col("closed_at").is_null(),
            days_overdue=(pl.lit(as_of.date()) - pl.col("due_on")).dt.total_days(),
        )
        .collect()
    )


def settlements(tables: Tables) -> pl.DataFrame:
    """Return `invoice_id, total, paid, settled_at` over all facts in `tables`.

    `settled_at` is the instant of the payment or change of amount after which nothing more was
    owed and that stayed so; an invoice asked up again after payment is open again.
    """
    return _settlements(tables).collect()


def _settlements(tables: Tables) -> pl.LazyFrame:
    steps = _totals(tables).with_columns(paid=_NOTHING)
    paid = tables.payments.lazy().select(
        "invoice_id", at="paid_at", total=pl.lit(None, dtype=AMOUNT), paid="amount"
    )
    known = paid.join(tables.invoices.lazy().select("invoice_id"), on="invoice_id", how="semi")
    running = (
        pl.concat([steps, known])
        .sort("invoice_id", "at", maintain_order=True)
        .with_columns(
            # Money that arrives before the invoice's first day counts against its first total.
            pl.col("total").forward_fill().backward_fill().over("invoice_id"),
            pl.col("paid").cum_sum().over("invoice_id").cast(AMOUNT),
        )
        .with_columns(nothing_owed=is_nothing(pl.col("total") - pl.col("paid"), pl.col("total")))
    )
    # Settled since the first step of the closing run of "nothing owed", if there is such a run.
    owing_after = (~pl.col("nothing_owed")).reverse().cum_sum().reverse().over("invoice_id")
    return (
        running.with_columns(owing_after=owing_after)
        .group_by("invoice_id", maintain_order=True)
        .agg(
            pl.col("total").last(),
            pl.col("paid").last(),
            settled_at=pl.col("at").filter(pl.col("owing_after") == 0).first(),
        )
    )
