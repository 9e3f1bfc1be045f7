"""A world to practise in: synthetic customers with hidden reasons, and policies played in it."""

from tenor.engine.policy.ladder import Step
from tenor.engine.simulation.config import Channel, Place, Tone, WorldConfig
from tenor.engine.simulation.play import Decider, Outcome, play, play_knowing
from tenor.engine.simulation.truth import Truth
from tenor.engine.simulation.world import World

__all__ = [
    "Channel",
    "Decider",
    "Outcome",
    "Place",
    "Step",
    "Tone",
    "Truth",
    "World",
    "WorldConfig",
    "play",
    "play_knowing",
]
