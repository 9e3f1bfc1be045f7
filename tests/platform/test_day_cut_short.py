"""A day whose process is killed, at whatever moment, comes to the same end, each thing once."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
# Shares of the statements of a day: from its first to its last, through every step.
POINTS = (0.1, 0.3, 0.5, 0.65, 0.8, 0.95)


def test_a_day_that_is_killed_comes_to_the_end_of_an_uncut_one() -> None:
    ran = subprocess.run(
        [sys.executable, TESTS / "platform" / "cut_short.py", *map(str, POINTS)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(TESTS),
                                             "CUT_SHORT": str(os.getpid())},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    uncut, *cut = json.loads(ran.stdout)
    left = uncut["left"]
    assert len(left["Run"]) == 1 and '"step": "done"' in left["Run"][0]
    states = Counter(json.loads(row)["state"] for row in left["Decision"])
    # Three calls and three hand-overs at once, three messages at their hour; a promise was broken.
    assert states == {"handed_over": 6, "approved": 3, "nothing": 11}
    assert len(left["Task"]) == 7
    assert not uncut["killed"]
    for point, result in zip(POINTS, cut, strict=True):
        assert result["killed"] == 9, point
        for table, rows in result["left"].items():
            assert rows == left[table], (point, table)
