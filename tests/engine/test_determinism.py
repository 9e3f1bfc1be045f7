"""The same facts, model, policy, instant and seed give the same files, byte for byte.

In other processes, with other hash seeds, with one thread or with several.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tenor.engine.store import write_tables
from worlds import POLICY, tiny

TENOR = Path(sys.executable).with_name("tenor")
SEVERAL = {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
WAYS = {
    "once": {"PYTHONHASHSEED": "1", **SEVERAL},
    "again": {"PYTHONHASHSEED": "2", **SEVERAL},
    "with one thread": {"PYTHONHASHSEED": "3", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"},
}
CHANCE = "[exploration]\nshare = 0.2\n[review]\nsample = 0.2\n"

Files = dict[str, bytes]


def tenor(arguments: list[str], environment: dict[str, str]) -> str:
    env = dict(os.environ) | environment
    ran = subprocess.run([TENOR, *arguments], capture_output=True, text=True, env=env)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """What fit, score and decide write and print, each way."""
    root = tmp_path_factory.mktemp("determinism")
    as_of, tables = tiny()
    write_tables(tables, root / "data")
    (root / "policy.toml").write_text(CHANCE + POLICY)

    def run(way: str) -> Files:
        folder = root / way.replace(" ", "-")
        asked = [str(root / "data"), "--as-of", as_of.isoformat()]
        asked += ["--model", str(folder / "model")]
        policy = ["--policy", str(root / "policy.toml")]
        said = [
            tenor(["fit", *asked, *policy], WAYS[way]),
            tenor(["score", *asked, "--out", str(folder / "scores.parquet")], WAYS[way]),
            tenor(["decide", *asked, *policy, "--out", str(folder / "day.csv")], WAYS[way]),
        ]
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return files | {"said": "".join(said).replace(str(folder), "FOLDER").encode()}

    with ThreadPoolExecutor(2) as two:
        return dict(zip(WAYS, two.map(run, WAYS), strict=True))


def differing(one: Files, other: Files) -> list[str]:
    return [n for n in sorted(one.keys() | other.keys()) if one.get(n) != other.get(n)]


def test_twice_the_same_is_the_same_to_the_last_byte(written: dict[str, Files]) -> None:
    assert {"model/model.json", "model/arrays.npz", "day.csv", "scores.parquet"} <= set(
        written["once"]
    )
    assert written["once"]["day.csv"].count(b"\n") > 20
    assert differing(written["once"], written["again"]) == []


def test_one_thread_writes_what_several_write(written: dict[str, Files]) -> None:
    assert differing(written["once"], written["with one thread"]) == []
