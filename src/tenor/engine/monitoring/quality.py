"""Are the facts what they were: holes in columns, other units, doubles, broken joins, wrong signs.

Every column is held against its own past, week by week; rows of the last days weigh at once.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import erfc, log, log10, sqrt

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import (
    CUSTOMERS,
    INVOICES,
    PROTECTED_PREFIX,
    REFERENCE_PREFIX,
    Table,
    Tables,
    feature_columns,
)
from tenor.engine.monitoring.checks import Check, Panel
from tenor.engine.monitoring.evidence import looks_of_chance, normal_of_t
from tenor.engine.monitoring.weeks import level_check, share_check

# Factors by which systems confuse units: cents for whole units, thousands for single ones.
_FACTORS = (0.001, 0.01, 0.1, 10.0, 100.0, 1000.0)
_NEAR = 0.35  # in powers of ten
# Rows of so many days are held against those of a quarter before; so many are needed.
_LATEST_DAYS, _BEFORE_DAYS, _FEWEST = 2, 91, 8
_WORTH_SAYING = 2.0  # times as much
# Tails as heavy as those of Student's distribution with so many degrees of freedom.
_FREEDOM = 30.0
# Rows that name what is not there beyond this share are a fault, however long it has been there.
_LOST = 0.05
# More paid than this many times the invoice is no rounding and no fee.
_FAR_TOO_MUCH = 1.5
_PANEL = Panel.QUALITY
# Kinds of event whose meaning is known, and what the platform notes of its own pages and letters.
_MEANT = [*(kind.value for kind in Kind), "step_begun", "notice_sent"]


def quality(tables: Tables, *, as_of: datetime) -> list[Check]:
    """Check the facts up to `as_of` against their own past, column by column.

    Nothing is said of a column or table without a past. Protected and reference columns are
    looked at for missing values only.
    """
    known = tables.known_at(as_of)
    return [
        *_missing(known, as_of),
        *_levels(known, as_of),
        *_doubles(known, as_of),
        *_joins(known, as_of),
        *_signs(known, as_of),
        *_new_words(known, as_of),
    ]


def _share(code: str, subject: str, days: pl.Series, value: pl.Series, as_of: datetime) -> Check:
    frame = pl.DataFrame({"day": days.cast(pl.Date), "value": value})
    return share_check(code, subject, frame, as_of, panel=_PANEL)


def _dated(tables: Tables) -> Iterator[tuple[Table, pl.DataFrame, str]]:
    """Yield the tables whose rows have a day, with that column."""
    for table, frame in tables:
        if table.known_from and table.name != "external" and frame.height:
            yield table, frame, table.known_from


def _missing(known: Tables, as_of: datetime) -> Iterator[Check]:
    for table, frame, day in _dated(known):
        for column in frame.columns:
            nulls = frame[column].null_count()
            if column == day or nulls in (0, frame.height) or _either(table, column):
                continue
            yield _share(
                "missing", f"{table.name}.{column}", frame[day], frame[column].is_null(), as_of
            )
    # Customers have no day of their own: each counts with the invoices they get.
    traits = known.invoices.select("customer_id", "issued_on").join(
        known.customers, on="customer_id", how="inner", maintain_order="left"
    )
    for column in known.customers.columns:
        if column != "customer_id" and 0 < traits[column].null_count() < traits.height:
            yield _share(
                "missing",
                f"customers.{column}",
                traits["issued_on"],
                traits[column].is_null(),
                as_of,
            )


def _either(table: Table, column: str) -> bool:
    """An event names its invoice or its customer, and details only where there are any."""
    return table.name == "events" and column in (
        "customer_id",
        "invoice_id",
        "contact_id",
        "detail",
    )


def _levels(known: Tables, as_of: datetime) -> Iterator[Check]:
    """Check how large numbers are; where they jumped by a factor of units, say so."""
    numbers: list[tuple[str, pl.Series, pl.Series]] = [
        ("invoices.amount", known.invoices["issued_on"], known.invoices["amount"]),
        ("payments.amount", known.payments["paid_at"].dt.date(), known.payments["amount"]),
    ]
    for column in feature_columns(INVOICES, known.invoices):
        if known.invoices[column].dtype.is_numeric():
            name = f"invoices.{column}"
            numbers.append((name, known.invoices["issued_on"], known.invoices[column]))
    for name, days, values in numbers:
        frame = pl.DataFrame({"day": days, "value": values.cast(pl.Float64)})
        found = level_check("level", name, frame, as_of, panel=_PANEL)
        yield _jumped(found, frame, as_of) if found.known else found


def _jumped(found: Check, frame: pl.DataFrame, as_of: datetime) -> Check:
    """Weigh the rows of the last days by themselves, and say by which factor they are off.

    A confusion of units need not wait for a week of it: a dozen rows show it.
    """
    powers = frame.filter((pl.col("value") > 0) & (pl.col("day") < as_of.date())).with_columns(
        pl.col("value").log10()
    )
    first = as_of.date() - timedelta(days=_LATEST_DAYS)
    past = powers.filter(
        pl.col("day").is_between(first - timedelta(days=_BEFORE_DAYS), first, closed="left")
    )["value"]
    latest = powers.filter(pl.col("day") >= first)["value"]
    if latest.len() < _FEWEST or past.len() < 4 * _FEWEST:
        return found
    middle, spread = float(past.mean()), float(past.std())  # type: ignore[arg-type]
    off = float(latest.median()) - float(past.median())  # type: ignore[arg-type]
    # Rows of a day resemble each other: they count as half as many.
    t = (float(latest.mean()) - middle) / max(spread, 0.05) * sqrt(latest.len() / 2)  # type: ignore[arg-type]
    chance = erfc(abs(normal_of_t(t, _FREEDOM)) / sqrt(2.0))
    factor = min(_FACTORS, key=lambda f: abs(log10(f) - off))
    found.facts["factor"] = factor if abs(log10(factor) - off) < _NEAR else None
    looks = looks_of_chance(chance) - log(2.0)
    if abs(off) < log10(_WORTH_SAYING) or looks <= found.log_looks:
        return found
    value = 10.0 ** float(latest.mean())  # type: ignore[arg-type]
    return replace(found, value=value, log_looks=looks, since=first, is_on=True)


def _doubles(known: Tables, as_of: datetime) -> Iterator[Check]:
    payments, invoices = known.payments, known.invoices
    if payments.height:
        again = ~payments.select(
            pl.struct("invoice_id", "paid_at", "amount").is_first_distinct()
        ).to_series()
        yield _share("doubles", "payments", payments["paid_at"].dt.date(), again, as_of)
    if invoices.height:
        alike = ["customer_id", "amount", "currency", "issued_on", "due_on"]
        again = ~invoices.select(pl.struct(alike).is_first_distinct()).to_series()
        yield _share("doubles", "invoices", invoices["issued_on"], again, as_of)


def _joins(known: Tables, as_of: datetime) -> Iterator[Check]:
    """Check rows that name what is not there, and payments of far more than was asked."""
    invoices, payments = known.invoices, known.payments
    if invoices.height:
        ids = known.customers["customer_id"]
        lost = ~invoices["customer_id"].is_in(ids.implode())
        yield _lost("invoices", invoices["issued_on"], lost, as_of)
    if payments.height:
        joined = payments.select("invoice_id", "paid_at", paid="amount").join(
            invoices.select("invoice_id", "amount"), on="invoice_id", how="left",
            maintain_order="left",
        )  # fmt: skip
        days = joined["paid_at"].dt.date()
        yield _lost("payments", days, joined["amount"].is_null(), as_of)
        paid, asked = joined["paid"].cast(pl.Float64), joined["amount"].cast(pl.Float64)
        much = (paid > _FAR_TOO_MUCH * asked).fill_null(False)
        yield _share("overpaid", "payments", days, much, as_of)


def _lost(table: str, days: pl.Series, lost: pl.Series, as_of: datetime) -> Check:
    """Check rows that name what is not there: half a table of customers loses old rows too."""
    found = _share("orphans", table, days, lost, as_of)
    share = float(lost.mean() or 0.0)  # type: ignore[arg-type]
    if share < _LOST:
        return found
    certain = looks_of_chance(0.0)
    return replace(found, value=share, low=0.0, high=_LOST, log_looks=certain, known=True,
                   is_on=True, facts={"before": 0.0, **found.facts})  # fmt: skip


def _signs(known: Tables, as_of: datetime) -> Iterator[Check]:
    for name, days, amounts in (
        ("invoices.amount", known.invoices["issued_on"], known.invoices["amount"]),
        ("payments.amount", known.payments["paid_at"].dt.date(), known.payments["amount"]),
    ):
        if amounts.len():
            yield _share("sign", name, days, amounts <= 0, as_of)


def _new_words(known: Tables, as_of: datetime) -> Iterator[Check]:
    """Check for words that were never seen before: another spelling, another list of codes."""
    frames = {
        "payments.method": (known.payments["paid_at"].dt.date(), known.payments["method"]),
        "invoices.currency": (known.invoices["issued_on"], known.invoices["currency"]),
        "events.kind": (known.events["at"].dt.date(), _unknown_kinds(known.events["kind"])),
    }
    traits = known.invoices.select("customer_id", "issued_on").join(
        known.customers, on="customer_id", how="inner", maintain_order="left"
    )
    free = [c for c in feature_columns(CUSTOMERS, known.customers) if c in traits.columns]
    for column in ("country", "language", *free):
        if column.startswith((PROTECTED_PREFIX, REFERENCE_PREFIX)):
            continue
        if traits[column].dtype == pl.String:
            frames[f"customers.{column}"] = (traits["issued_on"], traits[column])
    for name, (days, words) in frames.items():
        if words.null_count() < words.len():
            yield _share("new_words", name, days, _unseen(days, words), as_of)


def _unknown_kinds(kinds: pl.Series) -> pl.Series:
    """Return kinds of event without those that have a meaning here.

    The first plan or hold is a beginning, no other spelling: an organisation that begins to send
    through Tenor, or to offer plans, brings kinds that never were. One of its own stays suspect.
    """
    told = pl.DataFrame({"kind": kinds})
    return told.select(pl.when(~pl.col("kind").is_in(_MEANT)).then("kind").otherwise(pl.lit("")))[
        "kind"
    ]


def _unseen(days: pl.Series, words: pl.Series) -> pl.Series:
    """Say of each row whether its word first came less than four weeks before it."""
    frame = pl.DataFrame({"day": days, "word": words})
    first = pl.col("day").min().over("word")
    young = (pl.col("day") - first).dt.total_days() < 28
    begun = pl.col("day").min()
    # In the first weeks of the facts every word is new, and none of them tells anything.
    known = (first - begun).dt.total_days() >= 28
    return frame.select((young & known & pl.col("word").is_not_null()).fill_null(False)).to_series()
