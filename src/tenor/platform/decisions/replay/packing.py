"""Some frames and what is said of them as one piece of bytes, exactly as they were."""

import io
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from tenor.engine.features.build import Population
from tenor.engine.features.contact import Answering
from tenor.engine.features.external import Outer
from tenor.engine.features.payment import Ages, Habits

# The fastest: what is packed is small, or mostly digits that nothing makes shorter.
_LEVEL = 1


def pack(said: Mapping[str, Any], frames: Mapping[str, pl.DataFrame]) -> bytes:
    """Return `said` (in terms that JSON holds) and frames as bytes; the same give the same."""
    parts = {}
    for name, frame in frames.items():
        written = io.BytesIO()
        frame.rechunk().write_ipc(written)
        parts[name] = written.getvalue()
    lengths = {name: len(part) for name, part in parts.items()}
    head = json.dumps({"said": said, "lengths": lengths}, sort_keys=True).encode()
    return zlib.compress(b"\n".join([head, b"".join(parts[n] for n in sorted(parts))]), _LEVEL)


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Return what was packed."""
    head, _, rest = zlib.decompress(content).partition(b"\n")
    told = json.loads(head)
    frames, start = {}, 0
    for name, length in sorted(told["lengths"].items()):
        frames[name] = pl.read_ipc(io.BytesIO(rest[start : start + length]))
        start += length
    return told["said"], frames


def pack_usual(population: Population) -> bytes:
    """Return what is usual among all customers as bytes."""
    habits, ages = population.habits, population.ages
    said = {
        "as_of": population.as_of.isoformat(),
        "habits": {**vars(habits), "within": list(habits.within.items())},
        "overall": population.answering.overall,
    }
    frames = {name: pl.DataFrame({"days": values}) for name, values in vars(ages).items()}
    frames |= {"answering": population.answering.by_channel}
    return pack(said, frames | {"now": population.outer.now, "before": population.outer.before})


def unpack_usual(content: bytes) -> Population:
    """Return what was usual."""
    said, frames = unpack(content)
    within = {int(days): share for days, share in said["habits"].pop("within")}
    paid, ended, still_open = (
        np.asarray(frames[name]["days"].to_numpy()) for name in ("paid", "ended", "still_open")
    )
    return Population(
        datetime.fromisoformat(said["as_of"]),
        Habits(**said["habits"], within=within),
        Ages(paid, ended, still_open),
        Answering(frames["answering"], said["overall"]),
        Outer(frames["now"], frames["before"]),
    )
