"""What a case of the worklist is called, and what a person says first on the phone."""

from dataclasses import dataclass

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class KindWords:
    """A kind of case: its name, its icon, what is asked of the person."""

    name: "Text | str"
    icon: str
    asked: "Text | str"


KINDS = {
    "call": KindWords(
        _("Call"), "phone", _("Ring them: a call is expected to change more here than a message.")
    ),
    "review": KindWords(
        _("Decide"),
        "eye",
        _("Tenor leaves this decision to you. Agree, change it, or keep it back."),
    ),
    "obstacle": KindWords(
        _("Obstacle"),
        "hand-stop",
        _("Something seems to keep them from paying. Find out what, and clear it."),
    ),
    "dispute": KindWords(
        _("Dispute"), "scale", _("They object to an invoice. Settle it; the other invoices go on.")
    ),
    "promise_broken": KindWords(
        _("Promise broken"), "heart-handshake", _("They said they would pay and did not. Ask why.")
    ),
    "plan_broken": KindWords(
        _("Plan broken"),
        "list-check",
        _("An instalment was missed. Ask whether the plan still fits."),
    ),
    "hand_over": KindWords(
        _("Hand over"),
        "gavel",
        _("Confirm or refuse that this goes to collection. Was all tried before?"),
    ),
    "no_address": KindWords(
        _("No address"),
        "alert-circle",
        _("Messages do not reach them. Find another way to reach them."),
    ),
    "unclear": KindWords(
        _("Unclear"),
        "help",
        _("Nobody knows whether a message went. Find out: it is not sent again by itself."),
    ),
    "care": KindWords(
        _("Care"),
        "heart-handshake",
        _("Somebody is in difficulty. Nothing presses them; ask how you can help."),
    ),
    "human_review": KindWords(
        _("Look again"),
        "user-check",
        _("They ask that a person looks at a decision. You did not take part in it: judge anew."),
    ),
    "refund": KindWords(
        _("Pay back"),
        "cash",
        _("They paid more than was owed, or money was taken back in part. Put it right."),
    ),
    "reply": KindWords(
        _("Reply"), "message", _("They wrote back. Read it, answer, and keep what was agreed.")
    ),
}
UNKNOWN = KindWords(pgettext_lazy("kind of case", "Case"), "inbox", "")

# The two clicks of an outcome: what happened, then anything that belongs to it.
OUTCOMES = (
    ("reached_promised", _("Reached: will pay on…"), "calendar-event", "promise"),
    ("reached_no_promise", _("Reached: no promise"), "phone", ""),
    ("no_answer", _("No answer"), "clock", ""),
    ("callback", _("Asks to be called back"), "refresh", "due"),
    ("paid_already", _("Says it is paid"), "coin", ""),
    ("dispute", _("Objects to an invoice"), "scale", "dispute"),
    ("hardship", _("Cannot pay"), "heart-handshake", ""),
    ("wrong_number", _("Wrong number"), "alert-circle", ""),
)

# Cases that are not about a call: done, or somebody was spoken to after all.
WITHOUT_A_CALL = (("done", _("Done: nothing more to do here"), "check", ""), *OUTCOMES)
# Whether a message arrived is all that is asked of one whose fate nobody knows.
OF_UNCLEAR = (
    ("arrived", _("It arrived: it counts as a contact"), "check", ""),
    ("not_arrived", _("It did not arrive: the next plan may ask again"), "x", ""),
)
# Kinds of cases in which one rings somebody.
SPOKEN = frozenset({"call", "obstacle", "promise_broken", "plan_broken"})


def outcomes_of(kind: str) -> tuple[tuple[str, Text, str, str], ...]:
    """Return how a case of this kind can end: code, words, icon, what else is asked."""
    if kind == "unclear":
        return OF_UNCLEAR
    return OUTCOMES if kind in SPOKEN else WITHOUT_A_CALL


# How a call opens: one way a tone, none of them a threat.
OPENINGS = {
    "friendly": _("An invoice of ours is still open, perhaps missed. Shall we look together?"),
    "neutral": _("I am calling about an invoice past its date. Does anything stand in the way?"),
    "firm": _("An invoice has been open for a while. Let us agree today when it will be paid."),
    "urgent": _("It matters that we speak today, before the next step follows. What is possible?"),
    "empathetic": _("I am calling to hear how we can help: an invoice can be paid in parts, too."),
}
