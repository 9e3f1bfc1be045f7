"""The grid of candidates and when each is sent."""

import numpy as np
import polars as pl
import pytest

from policy_world import AS_OF, at, policy_of
from tenor.engine.policy.actions import Grid, grid_of, send_at, slot_instants

CHANNELS = """
[channels.sms]
tones = ["firm", "kind"]
hours = "09:30-12:00"
days = "Sat"
[channels.email]
hours = "08:00-10:30"
[decision]
horizon_days = 3
"""


def grid() -> Grid:
    return grid_of(policy_of(channels=CHANNELS))


def sent(zone: str, day: int, slot: int, as_of: str = "2026-05-11 00:00") -> str:
    found = send_at(
        grid(), as_of=at(as_of), zones=pl.Series([zone]), day=np.array([day]), hour=np.array([slot])
    )
    return found[0].isoformat(" ", "minutes")


def test_the_axes_are_channels_tones_days_and_whole_hours() -> None:
    found = grid()
    assert found.channels == ("email", "sms")
    assert found.tones == ("friendly", "neutral", "firm", "kind")
    assert (found.days, found.hours) == (3, (8, 9, 10, 11))
    assert found.shape == (2, 4, 3, 4)


def test_each_channel_has_its_own_tones_hours_and_days() -> None:
    found = grid()
    assert found.tone_ok.tolist() == [[True, True, True, False], [False, False, True, True]]
    # 08:00-10:30 holds the hours 8 and 9; 09:30-12:00 the hours 10 and 11.
    assert found.hour_ok.tolist() == [[True, True, False, False], [False, False, True, True]]
    assert found.weekday_ok.tolist() == [[True] * 7, [False] * 5 + [True, False]]
    assert found.hours_left.tolist() == [[True, True, False, False, False], [True] * 4 + [False]]


def test_a_policy_without_channels_has_an_empty_grid() -> None:
    assert grid_of(policy_of(channels="")).shape == (0, 0, 14, 0)
    assert slot_instants(grid_of(policy_of(channels="")), as_of=AS_OF, zone="UTC").tolist() == []


@pytest.mark.parametrize(
    ("zone", "day", "slot", "as_of", "instant"),
    [
        ("Europe/Amsterdam", 0, 0, "2026-05-11 00:00", "2026-05-11 06:00+00:00"),
        ("Europe/Amsterdam", 2, 3, "2026-05-11 00:00", "2026-05-13 09:00+00:00"),
        # At midnight UTC it is still Sunday evening in New York: day 0 is the tenth.
        ("America/New_York", 0, 0, "2026-05-11 00:00", "2026-05-10 12:00+00:00"),
        # And at 22:30 UTC already the next day in Amsterdam.
        ("Europe/Amsterdam", 0, 0, "2026-05-11 22:30", "2026-05-12 06:00+00:00"),
        ("Asia/Kolkata", 0, 1, "2026-05-11 00:00", "2026-05-11 03:30+00:00"),
        # The clocks go back in the night before day 1: nine o'clock stays nine o'clock.
        ("Europe/Amsterdam", 0, 1, "2026-10-24 04:00", "2026-10-24 07:00+00:00"),
        ("Europe/Amsterdam", 1, 1, "2026-10-24 04:00", "2026-10-25 08:00+00:00"),
    ],
)
def test_an_action_is_sent_at_the_start_of_its_local_hour(
    zone: str, day: int, slot: int, as_of: str, instant: str
) -> None:
    assert sent(zone, day, slot, as_of) == instant


def test_the_instants_of_a_zone_go_day_by_day() -> None:
    instants = slot_instants(grid(), as_of=AS_OF, zone="Europe/Amsterdam")
    assert len(instants) == 12
    assert (np.diff(instants) > 0).all()
    assert instants[4] - instants[0] == 24 * 3600 * 1_000_000
