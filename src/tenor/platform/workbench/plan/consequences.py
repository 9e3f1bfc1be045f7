"""What follows from an act on decisions, in plain words, before anybody confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.outreach.queries.stops import stops_of
from tenor.platform.workbench.templatetags.tenor import channel_icon, word


@dataclass(frozen=True)
class Act:
    """One thing that can be done with decisions in `states`; `undo` names what takes it back."""

    states: Sequence[str]
    right: Right
    asks_reason: bool = False
    undo: str = ""
    danger: bool = False
    name: str = ""

    def title(self, count: int) -> str:
        """Ask whether to do it with so many."""
        return _TITLES[self.name](count) % {"count": count}

    def done(self, count: int) -> str:
        """Say that it was done with so many."""
        return _DONE[self.name](count) % {"count": count}

    @property
    def button(self) -> str:
        """Return the words of the button that does it."""
        return _BUTTONS[self.name]()


ACTS = {
    "approve": Act(("proposed", "held"), Right.APPROVE, undo="take_back", name="approve"),
    "take_back": Act(("approved",), Right.APPROVE, name="take_back"),
    "hold": Act(("proposed", "approved"), Right.WORK, True, "release", name="hold"),
    "veto": Act(
        ("proposed", "approved", "held"), Right.APPROVE, True, "release", danger=True, name="veto"
    ),
    "release": Act(("held", "vetoed"), Right.APPROVE, name="release"),
}

_TITLES = {
    "approve": lambda n: ngettext("Approve this decision?", "Approve %(count)s decisions?", n),
    "take_back": lambda n: ngettext(
        "Take back this approval?", "Take back %(count)s approvals?", n
    ),
    "hold": lambda n: ngettext("Hold this decision?", "Hold %(count)s decisions?", n),
    "veto": lambda n: ngettext("Refuse this decision?", "Refuse %(count)s decisions?", n),
    "release": lambda n: ngettext("Put this decision back?", "Put %(count)s decisions back?", n),
}
_DONE = {
    "approve": lambda n: ngettext(
        "%(count)s decision is approved.", "%(count)s decisions are approved.", n
    ),
    "take_back": lambda n: ngettext(
        "%(count)s decision waits again.", "%(count)s decisions wait again.", n
    ),
    "hold": lambda n: ngettext("%(count)s decision is held.", "%(count)s decisions are held.", n),
    "veto": lambda n: ngettext(
        "%(count)s decision is refused.", "%(count)s decisions are refused.", n
    ),
    "release": lambda n: ngettext(
        "%(count)s decision waits again.", "%(count)s decisions wait again.", n
    ),
}
_BUTTONS = {
    "approve": lambda: _("Approve"),
    "take_back": lambda: _("Take back"),
    "hold": lambda: _("Hold"),
    "veto": lambda: _("Refuse"),
    "release": lambda: _("Put back"),
}


@dataclass(frozen=True)
class Effect:
    """One line of what happens: its sign, its words, and what it costs."""

    icon: str
    text: str
    cost: float


@dataclass(frozen=True)
class Consequences:
    """What an act does: to how many (`count`) of those meant, effects, sums, and warnings."""

    act: Act
    count: int
    left: int
    effects: Sequence[Effect]
    cost: float
    gain: float
    amounts: Sequence[tuple[str, Decimal]]
    earliest: Any
    warnings: Sequence[str]

    @property
    def title(self) -> str:
        """Ask whether to go on."""
        return self.act.title(self.count)


def consequences(organisation: Organisation, rows: Any, name: str) -> Consequences:
    """Say what `name` would do with these decisions, as they stand now."""
    act = ACTS[name]
    asked = rows.count()
    fit = rows.filter(state__in=act.states).order_by()
    cells = list(
        fit.values("verdict", "channel")
        .annotate(n=Count("pk"), spent=Sum("cost"), worth=Sum("value"), first=Min("send_at"))
        .order_by("-n")
    )
    owed = list(fit.values_list("currency").annotate(owed=Sum("amount")).order_by("-owed"))
    count = sum(cell["n"] for cell in cells)
    moments = [cell["first"] for cell in cells if cell["first"]]
    return Consequences(
        act=act,
        count=count,
        left=asked - count,
        effects=_effects(cells, name),
        cost=sum(cell["spent"] for cell in cells),
        gain=sum(cell["worth"] for cell in cells),
        amounts=owed,
        earliest=min(moments) if moments else None,
        warnings=_warnings(organisation, name),
    )


def _effects(cells: Sequence[dict[str, Any]], name: str) -> list[Effect]:
    if name != "approve":
        return []
    merged: dict[tuple[str, str], tuple[int, float]] = {}
    for cell in cells:
        handed = cell["verdict"] == "escalate"
        way = ("escalate", "") if handed else ("", cell["channel"])
        known = merged.get(way, (0, 0.0))
        merged[way] = (known[0] + cell["n"], known[1] + cell["spent"])
    return [
        Effect(channel_icon(channel or verdict or "wait"), _happens(verdict, channel, n), cost)
        for (verdict, channel), (n, cost) in merged.items()
    ]


def _happens(verdict: str, channel: str, count: int) -> str:
    """Say what becomes of so many contacts of a channel."""
    if verdict == "escalate":
        text = ngettext(
            "%(count)s case is handed over to collection",
            "%(count)s cases are handed over to collection",
            count,
        )
    elif channel == "letter":
        text = ngettext(
            "%(count)s letter is printed and posted",
            "%(count)s letters are printed and posted",
            count,
        )
    elif channel == "call":
        text = ngettext(
            "%(count)s call goes to the worklist", "%(count)s calls go to the worklist", count
        )
    elif channel == "email":
        text = ngettext("%(count)s e-mail is sent", "%(count)s e-mails are sent", count)
    elif channel == "sms":
        text = ngettext("%(count)s text message is sent", "%(count)s text messages are sent", count)
    elif channel == "":
        text = ngettext(
            "%(count)s customer is left alone", "%(count)s customers are left alone", count
        )
    else:
        text = ngettext(
            "%(count)s message goes out: %(channel)s",
            "%(count)s messages go out: %(channel)s",
            count,
        )
    return text % {"count": count, "channel": word(channel)}


def _warnings(organisation: Organisation, name: str) -> list[str]:
    if name != "approve":
        return []
    preferences = preferences_of(organisation)
    found = []
    if organisation.paused_at is not None:
        found.append(_("Sending is paused: what you approve goes out once somebody resumes it."))
    for stop in stops_of(organisation):
        found.append(
            _("%(channel)s is stopped: what goes over it waits until somebody starts it again.")
            % {"channel": word(stop.channel)}
        )
    if preferences.read_only:
        found.append(_("This organisation only looks on: nothing is sent, whatever is approved."))
    elif not preferences.use_execution:
        found.append(_("Carrying out is switched off: nothing is sent, whatever is approved."))
    return found
