"""The plan as the screen shows it: groups in their order, rows with their words and bars."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from tenor.platform.decisions.queries.plan import Group, PlanSummary
from tenor.platform.decisions.reasons import GATE_REASONS, SEEN_BY_A_PERSON, gate_words, words_of
from tenor.platform.workbench.because import because, reviews_said
from tenor.platform.workbench.templatetags.tenor import channel_icon, word

# How each state is said: its words, its meaning, its sign.
STATE_WORDS: dict[str, tuple[str | Promise, str, str]] = {
    "proposed": (pgettext_lazy("decision", "waits"), "wait", "clock"),
    "approved": (pgettext_lazy("decision", "approved"), "good", "check"),
    "held": (pgettext_lazy("decision", "held"), "careful", "player-pause"),
    "vetoed": (pgettext_lazy("decision", "refused"), "stop", "ban"),
    "handed_over": (pgettext_lazy("decision", "gone out"), "accent", "send"),
    "lapsed": (pgettext_lazy("decision", "lapsed"), "", "history"),
    "nothing": (pgettext_lazy("decision", "left alone"), "", "hourglass"),
}
SEGMENT_WORDS: dict[str, str | Promise] = {
    "in collection before": gettext_lazy("in collection before"),
    "new": gettext_lazy("new"),
    "pay-day payer": gettext_lazy("pays on their pay-day"),
    "prompt": gettext_lazy("prompt"),
    "reliably late": gettext_lazy("reliably late"),
    "irregular": gettext_lazy("irregular"),
}
_TITLES = {
    "person": gettext_noop("A person decides"),
    "hand_over": gettext_noop("Hand over to collection"),
    "alone": gettext_noop("Left alone"),
    "control": gettext_noop("Left to the fixed ladder, to compare"),
    "all": gettext_noop("All contacts that can be approved together"),
}
_ICONS = {"person": "eye", "hand_over": "gavel", "alone": "hourglass", "control": "scale"}


@dataclass(frozen=True)
class Section:
    """A group as a heading: its name, its sign, its figures; `parts` are the groups within it."""

    group: Group
    title: str
    sub: str
    icon: str
    parts: Sequence["Section"] = field(default_factory=list)
    is_open: bool = False

    @property
    def key(self) -> str:
        """Return the group's name in addresses."""
        return self.group.key

    @property
    def slug(self) -> str:
        """Return the group's name as the id of an element."""
        return "group-" + "".join(c if c.isalnum() else "-" for c in self.group.key)

    @property
    def is_alone(self) -> bool:
        """Say whether nobody here is contacted."""
        return self.key.partition(".")[0] == "alone"


def sections(summary: PlanSummary, opened: str) -> list[Section]:
    """Return the groups of a plan: what goes out, what asks for a person, and silence."""
    found = [_contact(group, opened) for group in summary.groups]
    found += [_named(group, opened) for group in (summary.person, summary.hand_over) if group.count]
    if summary.left_alone.count:
        parts = [
            Section(group, group.words, "", "hourglass", is_open=group.key == opened)
            for group in summary.alone
        ]
        inside = opened == "alone" or any(part.is_open for part in parts)
        found.append(
            Section(summary.left_alone, _(_TITLES["alone"]), "", "hourglass", parts, inside)
        )
    return found


def section_named(group: Group, opened: str = "") -> Section:
    """Return the heading of one group by its key."""
    name, _dot, rest = group.key.partition(".")
    if group.key in _TITLES:
        return _named(group, opened)
    if name == "alone":
        return Section(group, group.words, "", "hourglass", is_open=group.key == opened)
    group.channel, group.tone = name, rest
    return _contact(group, opened)


def _named(group: Group, opened: str) -> Section:
    icon = _ICONS.get(group.key, "send")
    return Section(group, _(_TITLES[group.key]), "", icon, is_open=group.key == opened)


def _contact(group: Group, opened: str) -> Section:
    sub = word(group.tone) if group.tone else ""
    return Section(
        group, word(group.channel), sub, channel_icon(group.channel), is_open=group.key == opened
    )


@dataclass(frozen=True)
class Line:
    """A decision as a row: what it does, what it gains, why, and where it stands."""

    decision: Any
    reason: str
    why_person: str
    segment: str
    width: int
    unsure: str
    state: tuple[str | Promise, str, str]
    was: str
    does: str
    icon: str

    @property
    def can_be_chosen(self) -> bool:
        """Say whether an act on many may take this one along."""
        return self.decision.state in ("proposed", "approved", "held", "vetoed")

    @property
    def can_be_changed(self) -> bool:
        """Say whether channel, tone, moment or text may still be changed."""
        return self.decision.verdict != "escalate" and self.decision.state not in (
            "handed_over",
            "lapsed",
        )


def lines(rows: Sequence[Any]) -> list[Line]:
    """Return decisions as rows; bars are as long as the largest gain among them."""
    widest = max((abs(row.value) for row in rows), default=0.0)
    return [_line(row, widest) for row in rows]


def _line(row: Any, widest: float) -> Line:
    codes = row.gate.split()
    personal = [words_of(code, GATE_REASONS) for code in codes if code in SEEN_BY_A_PERSON]
    told = reviews_said(row.review_reason) or personal
    handed = row.verdict == "escalate"
    alone = row.state == "nothing" or not (row.channel or handed)
    does = word("escalate" if handed else row.channel or "wait")
    return Line(
        decision=row,
        reason=because(row.reasons) or "; ".join(gate_words(row.gate)),
        why_person="" if alone and row.verdict != "review" else "; ".join(told),
        segment=str(SEGMENT_WORDS.get(row.segment, row.segment)),
        width=round(100 * max(row.value, 0.0) / widest) if widest else 0,
        unsure=_unsure(row, codes),
        state=STATE_WORDS.get(row.state, (row.state, "", "circle")),
        was=_was(row),
        does=does,
        icon=channel_icon("escalate" if handed else row.channel or "wait"),
    )


def _unsure(row: Any, codes: Sequence[str]) -> str:
    """Say what is uncertain about a gain: that it is there at all, or that it is tried."""
    if row.explored:
        return _("a try, to learn from")
    if "uncertain" in codes:
        return _("unsure")
    return "" if row.p_paid is not None else _("not estimated")


def _was(row: Any) -> str:
    """Say what Tenor meant, where a person changed it."""
    if row.original is None:
        return ""
    channel = row.original.get("channel", "")
    tone = row.original.get("tone", "")
    return f"{word(channel)}, {word(tone)}" if channel else word("wait")
