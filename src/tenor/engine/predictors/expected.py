"""What one expects contacts to do before one's own data speak: from trials, or from a pool.

All in points (hundredths) of intensity of payment a day, at the peak of a contact's effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expected:
    """Expectations, each with how far one organisation may lie from it.

    `mean` is what any contact adds, `fatigue` what each further one in 30 days takes (by log of
    one plus their number); `channels` and `tones` what each adds beside the others of its kind;
    `hours` the first two waves of the day (cosine, sine); `stages` what the stages of
    `effect_design.STAGES` add. `spreads` holds standard deviations by group of effects (those of
    `effect_design.SPREAD`, which stand where a group is missing). `source` says where it is from,
    for the record of a fit; `known` are channels and tones that can be told apart even before
    there was a contact of one's own.
    """

    mean: float
    fatigue: float
    channels: Mapping[str, float]
    tones: Mapping[str, float] = field(default_factory=dict)
    hours: tuple[float, float] = (0.0, 0.0)
    stages: tuple[float, ...] = ()
    spreads: Mapping[str, float] = field(default_factory=dict)
    source: str = "published trials"
    known: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


# What published trials let one expect (sources in docs/decisions/0003-effect-layer.md): a message
# against none adds 7 to 25 points of payment over some weeks, an e-mail little, a text message
# more, a person most; tone and hour matter little on average; repeats bring less.
PUBLISHED = Expected(
    mean=4.0,
    fatigue=-0.6,
    channels={"email": -0.6, "push": -0.4, "sms": 0.6, "letter": 0.0, "call": 1.2},
)
