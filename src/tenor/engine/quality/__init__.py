"""How good the facts are: what is there, what is odd in it, and what it is enough for."""

from tenor.engine.quality.findings import Finding, findings
from tenor.engine.quality.inventory import inventory, missing_values
from tenor.engine.quality.sufficiency import Sufficiency, Use, Verdict, sufficiency

__all__ = [
    "Finding",
    "Sufficiency",
    "Use",
    "Verdict",
    "findings",
    "inventory",
    "missing_values",
    "sufficiency",
]
