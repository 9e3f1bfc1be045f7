"""Two ways of working side by side on the same day, with nothing sent: live and candidate.

What differs, for whom, and what it is expected to change in money, cost, people's time and
complaints. `Difference` holds plain numbers alone, so that days can be kept and summed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import polars as pl

from tenor.engine.errors import InputError

KINDS = (
    "same",
    "another time",
    "another tone",
    "another channel",
    "only live contacts",
    "only the candidate contacts",
    "only live hands over",
    "only the candidate hands over",
    "only live asks a person",
    "only the candidate asks a person",
    "only one decides",
)
# The kinds in which a customer would notice nothing, or next to nothing.
ALIKE = ("same", "another time")


@dataclass(frozen=True)
class Side:
    """What one way would do: numbers of decisions, contacts by channel, and what is expected.

    `value` is the expected gain over waiting in the policy's currency, after cost; `complaints`
    the expected number, where rates are known. `wait` counts those left alone.
    """

    decisions: int = 0
    contact: int = 0
    wait: int = 0
    review: int = 0
    escalate: int = 0
    cost: float = 0.0
    value: float = 0.0
    complaints: float = 0.0
    channels: Mapping[str, int] = field(default_factory=dict)
    tones: Mapping[str, int] = field(default_factory=dict)
    review_reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """Live beside candidate over `days` days.

    `kinds` counts customers by what differs (`KINDS`); `segments` names for each column of
    segments and each group in it: customers, those treated alike, contacts of live and of the
    candidate. `over_capacity` counts, for each side and channel, contacts beyond a day's room.
    """

    days: int
    customers: int
    live: Side
    candidate: Side
    kinds: Mapping[str, int]
    segments: Mapping[str, Mapping[str, Mapping[str, int]]]
    over_capacity: Mapping[str, Mapping[str, int]]

    @property
    def agreement(self) -> float | None:
        """Share of customers treated alike (the same channel and tone, or both left alone)."""
        alike = sum(self.kinds.get(kind, 0) for kind in ALIKE)
        return alike / self.customers if self.customers else None

    def as_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, for JSON; `difference_of` reads them back."""
        return asdict(self)


def difference_of(kept: Mapping[str, Any]) -> Difference:
    """Return the difference that `as_dict` wrote."""
    sides = {name: Side(**kept[name]) for name in ("live", "candidate")}
    return Difference(**{**kept, **sides})


def compare(
    live: pl.DataFrame,
    candidate: pl.DataFrame,
    *,
    segments: pl.DataFrame | None = None,
    capacity: Mapping[str, int] | None = None,
    complaints: Mapping[str, float] | None = None,
) -> Difference:
    """Hold two sets of decisions of the same day beside each other.

    Parameters
    ----------
    live, candidate : frames as `decide` returns them, made as of the same instant.
    segments : `customer_id` and a text column for each way to group customers.
    capacity : contacts a day that a channel has room for.
    complaints : expected complaints a contact by channel, 0 to 1 (see `complaint_rates`).

    Raises
    ------
    InputError
        The two were not made as of the same instant, or one has a customer twice.
    """
    _check(live, candidate)
    rows = _beside(live, candidate)
    kinds = rows.group_by("differs").len().sort("differs")
    rates, room = complaints or {}, capacity or {}
    return Difference(
        days=1,
        customers=rows.height,
        live=_side(live, rates),
        candidate=_side(candidate, rates),
        kinds=dict.fromkeys(KINDS, 0) | dict(kinds.iter_rows()),
        segments=_by_segment(rows, segments),
        over_capacity={
            name: _over(frame, room) for name, frame in (("live", live), ("candidate", candidate))
        },
    )


def total(days: Iterable[Difference]) -> Difference:
    """Sum the differences of several days; of none, all is nought."""
    found = list(days)
    if not found:
        return Difference(0, 0, Side(), Side(), dict.fromkeys(KINDS, 0), {}, {})
    summed = found[0]
    for other in found[1:]:
        parts = [
            (getattr(summed, f.name), getattr(other, f.name), f.name) for f in fields(Difference)
        ]
        summed = Difference(**{name: _added(a, b) for a, b, name in parts})
    return summed


def complaint_rates(contacts: pl.DataFrame, events: pl.DataFrame) -> dict[str, float]:
    """Return complaints a contact by channel, as counted: events that name their contact.

    Channels without contacts are left out. For chances that borrow from other channels where
    there is little to count, use `Model.complaint`.
    """
    complained = events.filter(pl.col("kind") == "complained")["contact_id"].drop_nulls().unique()
    rates = (
        contacts.group_by("channel")
        .agg(rate=pl.col("contact_id").is_in(complained.implode()).mean())
        .sort("channel")
    )
    return dict(rates.iter_rows())


def _check(live: pl.DataFrame, candidate: pl.DataFrame) -> None:
    for name, frame in (("live", live), ("candidate", candidate)):
        if frame["customer_id"].is_duplicated().any():
            raise InputError(f"the {name} decisions name a customer twice: give one day of each")
    instants = {*live["decided_at"].to_list(), *candidate["decided_at"].to_list()}
    if len(instants) > 1:
        raise InputError(
            "live and candidate decided at different instants: only decisions from the same facts "
            "can be compared"
        )


def _beside(live: pl.DataFrame, candidate: pl.DataFrame) -> pl.DataFrame:
    columns = ("verdict", "channel", "tone", "send_at")
    rows = live.select("customer_id", *columns).join(
        candidate.select("customer_id", *columns),
        on="customer_id",
        how="full",
        coalesce=True,
        suffix="_new",
    )
    return rows.sort("customer_id").with_columns(differs=_kind())


def _kind() -> pl.Expr:
    """Name what differs; what weighs most goes first."""
    old, new = pl.col("verdict"), pl.col("verdict_new")
    missing = old.is_null() | new.is_null()
    found = (
        pl.when(missing)
        .then(pl.lit("only one decides"))
        .when((old == "escalate") & (new != "escalate"))
        .then(pl.lit("only live hands over"))
        .when((new == "escalate") & (old != "escalate"))
        .then(pl.lit("only the candidate hands over"))
        .when((old == "review") & (new != "review"))
        .then(pl.lit("only live asks a person"))
        .when((new == "review") & (old != "review"))
        .then(pl.lit("only the candidate asks a person"))
    )
    channel, other = pl.col("channel"), pl.col("channel_new")
    return (
        found.when(channel.is_not_null() & other.is_null())
        .then(pl.lit("only live contacts"))
        .when(channel.is_null() & other.is_not_null())
        .then(pl.lit("only the candidate contacts"))
        .when(channel.ne_missing(other))
        .then(pl.lit("another channel"))
        .when(pl.col("tone").ne_missing(pl.col("tone_new")))
        .then(pl.lit("another tone"))
        .when(pl.col("send_at").ne_missing(pl.col("send_at_new")))
        .then(pl.lit("another time"))
        .otherwise(pl.lit("same"))
    )


def _side(decisions: pl.DataFrame, complaints: Mapping[str, float]) -> Side:
    verdicts = dict(decisions.group_by("verdict").len().iter_rows())
    proposed = decisions.filter(pl.col("channel").is_not_null())
    channels = _counts(proposed["channel"])
    return Side(
        decisions=decisions.height,
        contact=verdicts.get("contact", 0),
        wait=verdicts.get("wait", 0),
        review=verdicts.get("review", 0),
        escalate=verdicts.get("escalate", 0),
        cost=round(float(proposed["cost"].sum()), 4),
        value=round(float(proposed["value"].sum()), 4),
        complaints=round(sum(n * complaints.get(c, 0.0) for c, n in channels.items()), 6),
        channels=channels,
        tones=_counts(proposed["tone"]),
        review_reasons=_counts(decisions["review_reason"]),
    )


def _counts(texts: pl.Series) -> dict[str, int]:
    found = texts.drop_nulls()
    return dict(sorted(found.value_counts().iter_rows()))


def _over(decisions: pl.DataFrame, capacity: Mapping[str, int]) -> dict[str, int]:
    """Count the contacts of each channel beyond its room, over the days they are planned for."""
    planned = (
        decisions.filter(pl.col("channel").is_not_null())
        .group_by("channel", pl.col("send_at").dt.date())
        .len()
    )
    found = {}
    for channel, room in sorted(capacity.items()):
        beyond = planned.filter(pl.col("channel") == channel)["len"].cast(pl.Int64) - room
        found[channel] = int(beyond.clip(0).sum())
    return found


def _by_segment(
    rows: pl.DataFrame, segments: pl.DataFrame | None
) -> dict[str, dict[str, dict[str, int]]]:
    if segments is None:
        return {}
    joined = rows.join(
        segments.unique("customer_id", keep="first", maintain_order=True),
        on="customer_id",
        how="left",
        maintain_order="left",
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for column in (c for c in segments.columns if c != "customer_id"):
        grouped = (
            joined.with_columns(pl.col(column).fill_null("not known"))
            .group_by(column)
            .agg(
                customers=pl.len(),
                alike=pl.col("differs").is_in(list(ALIKE)).sum(),
                live_contacts=pl.col("channel").is_not_null().sum(),
                candidate_contacts=pl.col("channel_new").is_not_null().sum(),
            )
            .sort(column)
        )
        found[column] = {
            str(row[column]): {k: int(v) for k, v in row.items() if k != column}
            for row in grouped.iter_rows(named=True)
        }
    return found


def _added(a: Any, b: Any) -> Any:
    """Add two numbers, or two sets of counts name by name."""
    if isinstance(a, Side):
        return Side(
            **{f.name: _added(getattr(a, f.name), getattr(b, f.name)) for f in fields(Side)}
        )
    if isinstance(a, Mapping):
        names = [*a, *(name for name in b if name not in a)]
        return {n: _added(a[n], b[n]) if n in a and n in b else a.get(n, b.get(n)) for n in names}
    return round(a + b, 6)
