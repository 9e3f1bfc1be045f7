"""Contact windows and caps for many customers at once: the law's part of what may be chosen.

The answers are those of `windows` and `caps`, which also give the reasons, one contact at a time.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tenor.engine import calendar
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.caps import Cap, Counts, caps_in_force
from tenor.engine.law.contact.windows import closing_of, windows_in_force
from tenor.engine.law.days import is_holiday
from tenor.engine.law.pack import Pack

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_HOUR = 3_600_000_000  # microseconds
# Where a date begins first, it begins so long before UTC's midnight.
_EARLIEST_ZONE = timedelta(hours=14)


def open_slots(
    pack: Pack,
    *,
    dates: Sequence[date],
    channels: Sequence[str],
    hours: Sequence[int],
    actor: Actor,
    debtor: Debtor | None,
) -> Flags:
    """Tell which whole hours lie inside every contact window: [D, C, H].

    `dates` and `hours` (0 to 23) are the debtor's local ones; `channels` are the organisation's
    own names. A debtor of unknown kind (None) is protected like a consumer.
    """
    answer = np.ones((len(dates), len(channels), len(hours)), dtype=bool)
    for number, day in enumerate(dates):
        holiday = is_holiday(pack, day)
        for _provision, window in windows_in_force(pack, day, actor=actor, debtor=debtor):
            bound = np.array([window.scope.takes_in(channel) for channel in channels], dtype=bool)
            if closing_of(window, day, holiday=holiday) is not None:
                answer[number, bound] = False
                continue
            inside = np.array([window.holds_hour(hour) for hour in hours], dtype=bool)
            answer[number, bound] &= inside
    return answer


def earliest_by_caps(
    pack: Pack,
    *,
    day: date,
    channels: Sequence[str],
    count: int,
    row: Integers,
    sent_at: Integers,
    channel: Integers,
    actor: Actor,
    debtor: Debtor | None,
    zones: pl.Series | None = None,
    conversation: Flags | None = None,
) -> Integers:
    """Return when each of `count` customers may next be contacted on each channel: [count, C].

    UTC microseconds at which a further contact obeys every cap in force on `day`; 0 where nothing
    stands in its way on that day. An instant that has passed also means that it is free.

    Parameters
    ----------
    row, sent_at, channel
        Earlier contacts [K]: the customer (0 to count-1), UTC microseconds, and the index into
        `channels` (-1: another channel, which counts where all channels do).
    zones
        The IANA zone of each customer [count]: a day then ends at the debtor's own midnight.
        Without it a day of a cap is 24 hours from the contact, which is never earlier between two
        contacts in permitted hours.
    conversation
        Whether the contact became a conversation [K]; None: none did. Caps on contacts at a
        certain place are not looked at here: places are known of single contacts only.
    """
    earliest = np.zeros((count, len(channels)), dtype=np.int64)
    spoken = np.zeros(len(row), dtype=bool) if conversation is None else conversation
    order = np.lexsort((-sent_at, row))  # by customer, the latest contact first
    row, sent_at, channel, spoken = row[order], sent_at[order], channel[order], spoken[order]
    for _provision, cap in caps_in_force(pack, day, actor=actor, debtor=debtor):
        if cap.counts is Counts.ELSEWHERE:
            continue
        bound = np.array([cap.scope.takes_in(name) for name in channels], dtype=bool)
        # The last place answers for index -1, a channel that is not among `channels`.
        counted = np.append(bound, cap.scope.all_channels)[channel]
        if cap.counts is Counts.CONVERSATIONS:
            counted &= spoken
        rows, latest = _kth_latest(row[counted], sent_at[counted], cap.most)
        free = _drops_out(cap, latest, zones.gather(rows) if zones is not None else None)
        cells = np.ix_(rows, np.flatnonzero(bound))
        earliest[cells] = np.maximum(earliest[cells], free[:, None])
    return np.where(earliest <= _begins(day), 0, earliest)


def _kth_latest(row: Integers, at: Integers, k: int) -> tuple[Integers, Integers]:
    """Return the customers with at least `k` contacts, and when the k-th latest of each was.

    `row` is sorted, within it `at` from late to early.
    """
    first = np.flatnonzero(np.diff(row, prepend=-1))
    size = np.diff(first, append=len(row))
    enough = first[size >= k]
    return row[enough], at[enough + k - 1]


def _drops_out(cap: Cap, sent_at: Integers, zones: pl.Series | None) -> Integers:
    """Return when a contact no longer counts towards the cap, in UTC microseconds."""
    if cap.hours is not None:
        return sent_at + cap.hours * _HOUR
    if zones is None:
        return sent_at + cap.days * 24 * _HOUR
    instants = pl.Series(sent_at).cast(pl.Datetime("us", "UTC"))
    midnight = calendar.local_times(instants, zones).dt.truncate("1d")
    begins = calendar.utc_times(midnight.dt.offset_by(f"{cap.days}d"), zones)
    return begins.to_physical().to_numpy()


def _begins(day: date) -> int:
    """Return the first instant, in UTC microseconds, at which it is `day` anywhere."""
    first = datetime.combine(day, time(), UTC) - _EARLIEST_ZONE
    return int(first.timestamp()) * 1_000_000
