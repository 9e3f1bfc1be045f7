"""Masks: what the law leaves of 4,200 ways to contact, for 100,000 customers of eight places.

    python -m benchmarks.masks
    python -m benchmarks.masks --customers 20000 --sample 10

A way is a channel, tone, day and hour (6 x 5 x 14 x 10): it is open where its whole hour lies in
every contact window and one more contact obeys every cap, given the contacts of the last five
weeks. The plain loop asks about each channel, day and hour of one customer after the other (the law
does not tell tones apart); it runs on a sample, and its answers must be the same.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from tenor.engine.law.case import Actor, Contact, Debtor
from tenor.engine.law.contact.caps import contact_caps
from tenor.engine.law.contact.masks import earliest_by_caps, open_slots
from tenor.engine.law.contact.windows import contact_window
from tenor.engine.law.library import pack_of

TODAY = date(2026, 12, 14)
CHANNELS = ["email", "sms", "whatsapp", "push", "letter", "call"]
TONES, DAYS, HOURS = 5, 14, range(9, 19)
PLACES = [
    ("NL", "Europe/Amsterdam"),
    ("BE", "Europe/Brussels"),
    ("DE", "Europe/Berlin"),
    ("FR", "Europe/Paris"),
    ("UK-EW", "Europe/London"),
    ("US-MA", "America/New_York"),
    ("US-NY-NYC", "America/New_York"),
    ("none", "Asia/Kolkata"),
]
DEBTORS = [Debtor.CONSUMER, Debtor.BUSINESS]
# So many customers at once: their mask of all ways takes 21 MB.
BATCH = 5_000


@dataclass(frozen=True)
class Customers:
    """Where each customer lives and what it is [N]; contacts so far by customer [K]."""

    place: np.ndarray
    debtor: np.ndarray
    row: np.ndarray
    sent_at: np.ndarray
    channel: np.ndarray


def main() -> None:
    """Make the customers, answer for all of them, then for a sample by the plain loop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=20, help="customers of the plain loop")
    args = parser.parse_args()
    customers = some_customers(args.customers)
    ways = len(CHANNELS) * TONES * DAYS * len(HOURS)
    print(f"{args.customers:,} customers x {ways:,} ways, {len(customers.row):,} earlier contacts")
    start, cpu, allowed = perf_counter(), process_time(), 0
    for _rows, mask in masks(customers):
        allowed += int(np.count_nonzero(mask))
    seconds, used = perf_counter() - start, process_time() - cpu
    print(
        f"  masks       {seconds:8.2f} s (processor {used:.2f} s): "
        f"{allowed / (args.customers * ways):.1%} of the ways are left"
    )
    sample = np.random.default_rng(1).choice(args.customers, args.sample, replace=False)
    start = perf_counter()
    plain = {int(i): by_the_plain_loop(customers, int(i)) for i in sample}
    each = (perf_counter() - start) / args.sample
    print(
        f"  plain loop  {each * args.customers:8,.0f} s if it ran for all ({each:.2f} s each for "
        f"{args.sample}): x {each * args.customers / seconds:,.0f}"
    )
    differ = sum(
        int(np.count_nonzero(mask[k, :, 0] != plain[int(i)]))
        for rows, mask in masks(customers)
        for k, i in enumerate(rows)
        if int(i) in plain
    )
    print(f"  answers that differ in the sample: {differ}")


def some_customers(count: int) -> Customers:
    """Make customers with up to seven contacts in the last five weeks, by day."""
    rng = np.random.default_rng(0)
    row = np.repeat(np.arange(count), rng.integers(0, 8, count))
    ago = rng.integers(1, 36, len(row)) * 24 * 60 + rng.integers(0, 8 * 60, len(row))
    return Customers(
        place=rng.integers(0, len(PLACES), count),
        debtor=rng.integers(0, len(DEBTORS), count),
        row=row,
        sent_at=_microseconds(datetime.combine(TODAY, time(16), UTC)) - ago * 60_000_000,
        channel=rng.integers(0, len(CHANNELS), len(row)),
    )


def masks(customers: Customers) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Go through the customers in batches: their rows, and what is open [n, C, T, D, H]."""
    dates = [TODAY + timedelta(days=n) for n in range(DAYS)]
    for place, (jurisdiction, zone) in enumerate(PLACES):
        pack = pack_of(jurisdiction)
        instants = np.array([[_slot(day, hour, zone) for hour in HOURS] for day in dates])
        for kind, debtor in enumerate(DEBTORS):
            rows = np.flatnonzero((customers.place == place) & (customers.debtor == kind))
            who = {"actor": Actor.AGENCY, "debtor": debtor}
            open_hours = open_slots(pack, dates=dates, channels=CHANNELS, hours=HOURS, **who)
            local = np.full(len(customers.place), -1)
            local[rows] = np.arange(len(rows))
            theirs = local[customers.row] >= 0
            earliest = earliest_by_caps(
                pack,
                day=TODAY,
                channels=CHANNELS,
                count=len(rows),
                row=local[customers.row[theirs]],
                sent_at=customers.sent_at[theirs],
                channel=customers.channel[theirs],
                zones=pl.Series([zone] * len(rows)),
                **who,
            )
            for first in range(0, len(rows), BATCH):
                free = earliest[first : first + BATCH, :, None, None] <= instants
                left = open_hours.transpose(1, 0, 2) & free
                # The law does not tell tones apart: what is open is open in each.
                yield rows[first : first + BATCH], np.repeat(left[:, :, None], TONES, axis=2)


def by_the_plain_loop(customers: Customers, i: int) -> np.ndarray:
    """Ask for each channel, day and hour of one customer alone: [C, D, H]."""
    (jurisdiction, zone), debtor = PLACES[customers.place[i]], DEBTORS[customers.debtor[i]]
    pack, answer = pack_of(jurisdiction), np.zeros((len(CHANNELS), DAYS, len(HOURS)), dtype=bool)
    contacts = [
        Contact(datetime.fromtimestamp(int(at) / 1e6, UTC), CHANNELS[channel])
        for at, channel in zip(
            customers.sent_at[customers.row == i],
            customers.channel[customers.row == i],
            strict=True,
        )
    ]
    for c, channel in enumerate(CHANNELS):
        for d in range(DAYS):
            for h, hour in enumerate(HOURS):
                at = datetime.fromtimestamp(_slot(TODAY + timedelta(days=d), hour, zone) / 1e6, UTC)
                asked = {
                    "zones": (zone,),
                    "channel": channel,
                    "actor": Actor.AGENCY,
                    "debtor": debtor,
                }
                answer[c, d, h] = (
                    contact_window(pack, at, **asked).allowed
                    and contact_caps(pack, at, contacts=contacts, **asked).allowed
                )
    return answer


def _slot(day: date, hour: int, zone: str) -> int:
    return _microseconds(datetime.combine(day, time(hour), ZoneInfo(zone)))


def _microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


if __name__ == "__main__":
    main()
