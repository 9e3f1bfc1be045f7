"""Training: rows a second and memory of the effect layer over logged contacts in Parquet files.

    python -m benchmarks.training                      1 million rows
    python -m benchmarks.training --millions 1,5,20    the whole: about ten minutes, 3 GB of disk

The contacts are written first. Then, for each size, a fresh process streams the files in batches
through the baseline's trees into the layer's statistics (additive, of fixed size), solves once,
and reports its own peak memory. Memory must not grow with the rows.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

import lightgbm as lgb
import numpy as np
import polars as pl

from benchmarks.problems.single_shot import FEATURES, SHAPE, Problem
from tenor.engine.predictors.action_space import contact_grid
from tenor.engine.predictors.effect_layer import EffectLayer

ROWS_A_FILE = 250_000
# Rows in memory at once.
BATCH = 65_536
STATE = [f"x{j}" for j in range(FEATURES)]
FACTORS = ["channel", "tone", "day", "hour"]
FAR = 500


@dataclass(frozen=True)
class Run:
    """What one process measured: wall time and time of both processors, memory in MB.

    `idle_mb` is the peak before the first row was read.
    """

    rows: int
    seconds: float
    cpu_seconds: float
    baseline_seconds: float
    solve_seconds: float
    peak_mb: float
    idle_mb: float


def main() -> None:
    """Write the contacts, measure each size in a process of its own, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", default="1", help="sizes in millions of rows, by comma")
    parser.add_argument("--write", nargs=2, metavar=("DIR", "FILES"), help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, metavar=("DIR", "FILES"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        write_contacts(Path(args.write[0]), int(args.write[1]))
        return
    if args.measure:
        print(json.dumps(asdict(measure(Path(args.measure[0]), int(args.measure[1])))))
        return
    files = [max(1, round(float(m) * 1e6 / ROWS_A_FILE)) for m in args.millions.split(",")]
    with tempfile.TemporaryDirectory() as directory:
        start = perf_counter()
        _in_fresh_process("--write", directory, max(files))
        written = max(files) * ROWS_A_FILE
        seconds = perf_counter() - start
        print(f"{written:,} contacts written in {seconds:.0f} s (not part of the figures)")
        runs = []
        for count in files:
            answer = _in_fresh_process("--measure", directory, count)
            runs.append(Run(**json.loads(answer)))
            print(_row(runs[-1]), flush=True)
    print(_outlook(runs))


def write_contacts(directory: Path, files: int) -> None:
    """Write logged contacts as Parquet files of 250,000 rows, and the baseline's trees."""
    problem = Problem(0)
    for k in range(files):
        log = problem.log(ROWS_A_FILE, np.random.default_rng([0, 9, k]))
        if k == 0:
            settings = {"objective": "binary", "num_leaves": 31, "verbosity": -1, "num_threads": 2}
            trees = lgb.train(settings, lgb.Dataset(log.x, log.paid), num_boost_round=120)
            trees.save_model(str(directory / "baseline.txt"))
        state = pl.DataFrame(log.x.astype(np.float32), schema=STATE)
        actions = pl.DataFrame(log.actions.astype(np.int8), schema=FACTORS)
        paid = pl.Series("paid", log.paid.astype(np.int8))
        frame = pl.concat([state, actions, paid.to_frame()], how="horizontal")
        frame.write_parquet(directory / f"contacts-{k:04}.parquet", row_group_size=BATCH)


def measure(directory: Path, files: int) -> Run:
    """Stream the first `files` files into statistics and solve; called in a fresh process."""
    layer = EffectLayer(contact_grid(*SHAPE), FEATURES)
    trees = lgb.Booster(model_file=str(directory / "baseline.txt"))
    idle, total = _peak_mb(), layer.empty()
    start, cpu, baseline_seconds = perf_counter(), process_time(), 0.0
    for batch in _batches(directory, files):
        x = batch.select(STATE).to_numpy()
        before = process_time()
        logit = np.asarray(trees.predict(x, raw_score=True, num_threads=2))
        baseline_seconds += process_time() - before
        actions = batch.select(FACTORS).to_numpy().astype(np.int64)
        paid = batch["paid"].to_numpy().astype(np.float32)
        total = total + layer.statistics(x, actions, paid, logit)
    streamed, used = perf_counter(), process_time() - cpu
    layer.solve(total)
    return Run(
        rows=int(total.rows),
        seconds=streamed - start,
        cpu_seconds=used,
        baseline_seconds=baseline_seconds,
        solve_seconds=perf_counter() - streamed,
        peak_mb=_peak_mb(),
        idle_mb=idle,
    )


def _batches(directory: Path, files: int) -> Iterator[pl.DataFrame]:
    for k in range(files):
        rows = pl.scan_parquet(directory / f"contacts-{k:04}.parquet")
        for start in range(0, ROWS_A_FILE, BATCH):
            yield rows.slice(start, BATCH).collect()


def _in_fresh_process(task: str, directory: str, files: int) -> str:
    """Run this file again for one task; a process's peak memory starts at that of its parent.

    So the parent must stay small: even the writing is done by another process.
    """
    command = [sys.executable, "-m", "benchmarks.training", task, directory, str(files)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _peak_mb() -> float:
    """Return this process's peak resident memory in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _row(run: Run) -> str:
    return (
        f"{run.rows:>12,} rows   {run.rows / run.seconds:9,.0f} rows/s   {run.seconds:7.1f} s "
        f"(processor {run.cpu_seconds:.1f} s, of it trees {run.baseline_seconds:.1f} s)   "
        f"solve {run.solve_seconds:4.1f} s   "
        f"peak {run.peak_mb:6.0f} MB, of which {run.idle_mb:.0f} before the first row"
    )


def _outlook(runs: list[Run]) -> str:
    """Draw the line from the measured sizes to 500 million rows, and call it what it is."""
    rows = np.array([r.rows for r in runs]) / 1e6
    # Processor time, for the slope must not depend on what else the machine does.
    seconds = np.array([r.cpu_seconds for r in runs])
    if len(runs) == 1:
        slope, note = float(seconds[0] / rows[0]), "from one size"
    else:
        slope, note = float(np.polyfit(rows, seconds, 1)[0]), f"through {len(runs)} sizes"
        grown = (runs[-1].peak_mb - runs[0].peak_mb) / (rows[-1] - rows[0])
        note += f"; peak memory {grown:+.2f} MB a million rows"
    hours = slope * FAR / 3600
    return (
        f"Slope {slope:.1f} s of processor time a million rows ({note}).\n"
        f"Extrapolated, not measured: {FAR} million rows take {hours:.1f} processor-hours; "
        "statistics add up, so parts may be summed on several machines."
    )


if __name__ == "__main__":
    main()
