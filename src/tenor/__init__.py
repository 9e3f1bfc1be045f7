"""Tenor: predictive credit management; each contact, or silence, is chosen by what it changes."""

import os

# One thread for numpy's linear algebra, set before numpy is loaded: OpenBLAS adds in another order
# with two, so that models, and with them the ids of decisions, would differ between machines.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
