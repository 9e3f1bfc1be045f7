"""Run every benchmark in turn, each at its quick size: `make bench`, or `python -m benchmarks`.

python -m benchmarks closed_loop decisions      only these
"""

import importlib
import pkgutil
import sys
from pathlib import Path
from time import perf_counter


def main() -> None:
    """Run the benchmarks named on the command line, or all of them."""
    asked = sys.argv[1:]
    known = names()
    unknown = [name for name in asked if name not in known]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there are {', '.join(known)}.")
    for name in asked or known:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {(module.__doc__ or name).splitlines()[0]}\n", flush=True)
        start = perf_counter()
        # Each reads its own command line: here it has none, which means its quick size.
        sys.argv = [f"benchmarks.{name}"]
        module.main()
        print(f"\n{name} took {perf_counter() - start:,.0f} s", flush=True)


def names() -> list[str]:
    """Name the benchmarks: the modules of this folder that have a `main`."""
    here = Path(__file__).parent
    found = [m.name for m in pkgutil.iter_modules([str(here)]) if not m.ispkg]
    return [
        n
        for n in found
        if n != "__main__" and "\ndef main(" in (here / f"{n}.py").read_text("utf-8")
    ]


if __name__ == "__main__":
    main()
