"""The tables of decisions."""

from tenor.platform.decisions.models.basis import Basis, Common, Earlier, Examined, Standing
from tenor.platform.decisions.models.hand_over import HandOver
from tenor.platform.decisions.models.plan import Decision, Review, Run
from tenor.platform.decisions.models.scores import Score
from tenor.platform.decisions.models.tasks import Signal, Task

__all__ = [
    "Basis", "Common", "Decision", "Earlier", "Examined", "HandOver", "Review", "Run", "Score",
    "Signal", "Standing", "Task",
]  # fmt: skip
