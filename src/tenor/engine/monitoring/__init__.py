"""Has it moved: the data, the scores, what comes true, what contacts do, the world."""

from tenor.engine.monitoring.alarms import Alarm, Step
from tenor.engine.monitoring.checks import YEARS, Check, Panel, State, Unit
from tenor.engine.monitoring.looks import Edges, Look, edges_of, look, look_back
from tenor.engine.monitoring.watch import Watch, watch, watch_world

__all__ = [
    "YEARS",
    "Alarm",
    "Check",
    "Edges",
    "Look",
    "Panel",
    "State",
    "Step",
    "Unit",
    "Watch",
    "edges_of",
    "look",
    "look_back",
    "watch",
    "watch_world",
]
