"""What may be chosen about a world: its size, its people's mix, its channels and its ladder.

Everything else (who reacts to what, and how strongly) is drawn from the seed in `nature`.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tenor.engine.errors import InputError
from tenor.engine.policy.ladder import LADDER, Step

MEDIA = ("email", "sms", "push", "letter", "call")
TEMPERS = ("friendly", "neutral", "firm", "urgent", "empathetic")


@dataclass(frozen=True)
class Channel:
    """A way of reaching people: the organisation's word for it, and which medium it is.

    `medium` is one of `MEDIA`; `cost` is in the world's currency, a contact.
    """

    name: str
    medium: str
    cost: float


@dataclass(frozen=True)
class Tone:
    """A tone of voice: the organisation's word for it, and which temper (`TEMPERS`) it has."""

    name: str
    temper: str


@dataclass(frozen=True)
class Place:
    """A country that customers live in, its share of them, and its language and time zones."""

    country: str
    share: float
    languages: tuple[str, ...]
    zones: tuple[str, ...]


CHANNELS = (
    Channel("email", "email", 0.02),
    Channel("sms", "sms", 0.07),
    Channel("letter", "letter", 1.10),
    Channel("call", "call", 4.50),
)
TONES = tuple(Tone(temper, temper) for temper in TEMPERS)
PLACES = (
    Place("NL", 0.60, ("nl", "en"), ("Europe/Amsterdam",)),
    Place("BE", 0.16, ("nl", "fr"), ("Europe/Brussels",)),
    Place("DE", 0.16, ("de",), ("Europe/Berlin",)),
    Place("GB", 0.08, ("en",), ("Europe/London",)),
)


@dataclass(frozen=True)
class WorldConfig:
    """The knobs of a world; two worlds of one config and different seeds still differ.

    `randomised` is the share of ladder steps whose channel, tone, hour and day are drawn at
    random and logged with the true propensity; at 0 the ladder logs none, as most do.
    `skipped` is the share of those randomised steps that send nothing at all.
    `effect_scale` multiplies what contacts do (0: nothing), `variety` how far the seed may move
    the population and its reactions from the usual, `persons` how much people of one payer type
    differ. `multiplied` is the share of what contacts do that grows with one's own pace of paying
    (0: they add to it; 1: they multiply it). `protected_link` is how strongly the hidden type
    depends on the age band.
    """

    customers: int = 5000
    start: date = date(2024, 1, 1)
    currency: str = "EUR"
    business_share: float = 0.25
    invoices_a_year: float = 4.0
    channels: tuple[Channel, ...] = CHANNELS
    tones: tuple[Tone, ...] = TONES
    places: tuple[Place, ...] = PLACES
    ladder: tuple[Step, ...] = LADDER
    randomised: float = 0.3
    skipped: float = 0.0
    ladder_hour: int = 10
    min_days_between: int = 4
    escalate_after: int = 60
    calls_a_day: int = 40
    late_fee_share: float = 0.25
    effect_scale: float = 1.0
    variety: float = 1.0
    persons: float = 1.0
    multiplied: float = 0.0
    protected_link: float = 0.3
    external: bool = True

    def __post_init__(self) -> None:
        """Refuse what no world can be made of, with the knob's name and its range."""
        _require(self.customers >= 1, "customers", self.customers, "at least 1")
        for name in ("business_share", "randomised", "skipped", "late_fee_share", "multiplied"):
            share = getattr(self, name)
            _require(0.0 <= share <= 1.0, name, share, "a share between 0 and 1")
        _require(
            0.0 < self.invoices_a_year <= 52.0, "invoices_a_year", self.invoices_a_year, "<= 52"
        )
        names = [c.name for c in self.channels], [t.name for t in self.tones]
        _require(
            all(len(set(n)) == len(n) > 0 for n in names), "channels and tones", names, "unique"
        )
        for channel in self.channels:
            _require(
                channel.medium in MEDIA, "medium", channel.medium, f"one of {', '.join(MEDIA)}"
            )
        for tone in self.tones:
            _require(tone.temper in TEMPERS, "temper", tone.temper, f"one of {', '.join(TEMPERS)}")
        for step in self.ladder:
            _require(step.channel in names[0], "ladder channel", step.channel, "a channel's name")
            _require(step.tone in names[1], "ladder tone", step.tone, "a tone's name")

    @property
    def channel_names(self) -> list[str]:
        """The channels' names, in order."""
        return [c.name for c in self.channels]

    @property
    def tone_names(self) -> list[str]:
        """The tones' names, in order."""
        return [t.name for t in self.tones]

    def as_json(self) -> dict[str, Any]:
        """Return the knobs as plain JSON values, for the metadata of written tables."""
        return asdict(self) | {"start": self.start.isoformat()}


def _require(holds: bool, name: str, value: object, remedy: str) -> None:
    if not holds:
        raise InputError(f"the world's {name} is {value!r}; it must be {remedy}")
