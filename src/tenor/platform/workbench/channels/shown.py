"""What the screens show of a channel: its state in a word, and what there is about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.accounts import Seen, accounts
from tenor.platform.outreach.queries.stops import stops_of
from tenor.platform.workbench.channels.words import ABOUT, CAN_WORDS, STOPPED
from tenor.platform.workbench.words import word_of


@dataclass(frozen=True)
class Listed:
    """A channel as a list shows it; `stop` is the row of its switch, where it is off."""

    seen: Seen
    stop: Any

    @property
    def name(self) -> str:
        """Return its name, in addresses."""
        return self.seen.channel

    @property
    def title(self) -> str:
        """Return what it is called."""
        return word_of(self.seen.channel)

    @property
    def about(self) -> Any:
        """Say what it is for."""
        return ABOUT.get(self.seen.channel, "")

    @property
    def state(self) -> tuple[str, str, str]:
        """Return where it stands: the words, their meaning, the sign."""
        if self.stop is not None:
            return _("stopped"), "stop", "player-stop"
        if self.seen.missing:
            return _("not ready"), "careful", "alert-triangle"
        return _("ready"), "good", "check"

    @property
    def carrier(self) -> str:
        """Say with whom it is used."""
        if self.seen.provider is not None:
            return self.seen.provider.title
        return _("this installation's mail server") if self.name == "email" else ""

    @property
    def can(self) -> list[Any]:
        """Return in words what it is able to do."""
        return [words for name, words in CAN_WORDS.items() if name in self.seen.can]

    @property
    def what_stops(self) -> Any:
        """Say what stopping it means."""
        return STOPPED.get(self.name, "")


def listed(organisation: Organisation) -> list[Listed]:
    """Return every channel with its switch."""
    stops = {stop.channel: stop for stop in stops_of(organisation)}
    return [Listed(seen, stops.get(seen.channel)) for seen in accounts(organisation)]


def one_of(organisation: Organisation, name: str) -> Listed:
    """Return the channel of that name, or refuse."""
    found = next((one for one in listed(organisation) if one.name == name), None)
    if found is None:
        raise NotFound(_("There is no channel of this name."))
    return found


def in_words(names: Iterable[str]) -> str:
    """Write channels as a list in a sentence."""
    return ", ".join(word_of(name) for name in names)
