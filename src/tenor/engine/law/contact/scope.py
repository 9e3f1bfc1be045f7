"""Whom a provision about contact speaks of: which channels, who asks, who owes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.pack import Binding, Reason
from tenor.engine.law.values import Values

# Channels are the organisation's own words; these mean one that the packs name. Whatever is not
# known here is a direct contact like any other, under every provision that speaks of all channels.
_ALSO_CALLED: Mapping[str, str] = {
    "e-mail": "email",
    "text": "sms",
    "texts": "sms",
    "phone": "call",
    "telephone": "call",
    "voice": "call",
    "voicemail": "call",
    "post": "letter",
}


def channel_name(channel: str) -> str:
    """Return the packs' word for a channel: `Phone` is `call`; an unknown one in lower case."""
    name = channel.strip().lower()
    return _ALSO_CALLED.get(name, name)


@dataclass(frozen=True)
class Scope:
    """Whom a provision speaks of; an empty set means all.

    `channels` are those it speaks of, `but_not` those that it leaves out.
    """

    channels: frozenset[str] = frozenset()
    but_not: frozenset[str] = frozenset()
    actors: frozenset[Actor] = frozenset()
    debtors: frozenset[Debtor] = frozenset()

    def speaks_of(self, actor: Actor, debtor: Debtor | None) -> bool:
        """Say whether it binds `actor` towards `debtor`; one of unknown kind is a consumer."""
        owes = debtor if debtor is not None else Debtor.CONSUMER
        return (not self.actors or actor in self.actors) and (
            not self.debtors or owes in self.debtors
        )

    def takes_in(self, channel: str) -> bool:
        """Say whether it speaks of contact on `channel` (any spelling)."""
        name = channel_name(channel)
        return name not in self.but_not and (not self.channels or name in self.channels)

    @property
    def all_channels(self) -> bool:
        """Say whether it speaks of every channel that it does not leave out."""
        return not self.channels


def read_scope(values: Values) -> Scope:
    """Read `channels`, `but_not`, `actors` and `debtors` of a provision; what is absent means all.

    Raises `LawError` on an actor or debtor that there is not.
    """
    actors, debtors = values.texts("actors", ()), values.texts("debtors", ())
    for name, found, kinds in (("actors", actors, Actor), ("debtors", debtors, Debtor)):
        unknown = set(found) - {str(kind) for kind in kinds}
        if unknown:
            known = ", ".join(kinds)
            raise values.wrong(name, f"has {min(unknown)!r}; there are {known}")
    return Scope(
        channels=frozenset(map(channel_name, values.texts("channels", ()))),
        but_not=frozenset(map(channel_name, values.texts("but_not", ()))),
        actors=frozenset(map(Actor, actors)),
        debtors=frozenset(map(Debtor, debtors)),
    )


def weightiest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Put law before presumptions before our own policy; else the order stays."""
    weights = list(Binding)
    return tuple(sorted(reasons, key=lambda reason: weights.index(reason.binding)))
