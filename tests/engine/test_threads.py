"""The same facts give the same model, however many threads the linear algebra would like to use."""

import os
import subprocess
import sys
from pathlib import Path

from tenor.engine.store import write_tables
from worlds import lived

TENOR = Path(sys.executable).with_name("tenor")


def test_the_threads_of_the_linear_algebra_change_nothing(tmp_path: Path) -> None:
    """OpenBLAS adds in another order with two threads than with one, if it is let."""
    then, tables = lived(300, randomised=1.0, days=150, later=1)
    write_tables(tables, tmp_path / "data")
    said = []
    for threads in ("1", "2"):
        env = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
        arguments = [str(tmp_path / "data"), "--as-of", then.today.isoformat()]
        ran = subprocess.run(
            [TENOR, "fit", *arguments, "--model", str(tmp_path / "model")],
            env=env | {"OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout)
    assert said[0] == said[1]
