"""How people call the states of a release, those who sign, what is checked, and the switches."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise

# A word, what it means for a person, and the meaning of its colour.
STATES: dict[str, tuple[Text, str]] = {
    "draft": (pgettext_lazy("release", "Draft"), ""),
    "submitted": (pgettext_lazy("release", "Waits for signatures"), "wait"),
    "approved": (pgettext_lazy("release", "Approved, waits for its turn"), "wait"),
    "shadow": (pgettext_lazy("release", "In shadow"), "accent"),
    "canary": (pgettext_lazy("release", "Canary"), "accent"),
    "live": (pgettext_lazy("release", "Live"), "good"),
    "retired": (pgettext_lazy("release", "Retired"), ""),
    "rejected": (pgettext_lazy("release", "Rejected"), "stop"),
    "rolled_back": (pgettext_lazy("release", "Rolled back"), "stop"),
}
# The line that a release goes along: a short word, and what happens there.
LINE: tuple[tuple[str, Text, Text], ...] = (
    ("draft", pgettext_lazy("release", "Draft"), _("Evidence is gathered.")),
    ("submitted", pgettext_lazy("release", "Signatures"), _("Others than its author sign.")),
    ("approved", pgettext_lazy("release", "Approved"), _("It waits for its turn.")),
    ("shadow", pgettext_lazy("release", "Shadow"), _("It decides along; nothing is sent.")),
    ("canary", pgettext_lazy("release", "Canary"), _("It holds for a small share.")),
    ("live", pgettext_lazy("release", "Live"), _("It holds for everybody.")),
)
GROUPS: dict[str, Text] = {
    "finance": pgettext_lazy("part of the house", "Finance"),
    "legal": pgettext_lazy("part of the house", "Legal"),
    "data": pgettext_lazy("part of the house", "Data"),
    "operations": pgettext_lazy("part of the house", "Operations"),
    "any": pgettext_lazy("part of the house", "Another part of the house"),
}
ROLES_OF_GROUPS: dict[str, Text] = {
    "finance": _("credit manager"),
    "legal": _("compliance officer"),
    "data": _("analyst"),
    "operations": _("administrator"),
}
AREAS: dict[str, Text] = {
    "data": _("The facts"),
    "labels": _("What became of invoices"),
    "history": _("The past that is learned from"),
    "quality": _("How well it foretells"),
    "calibration": _("Whether its chances are true"),
    "stability": _("Whether it is steady"),
    "fairness": _("Whether groups are treated alike"),
    "value": _("What it is worth"),
    "words": _("The words"),
    "law": _("The law"),
}
# The checks of the gate by the names that the engine gives them; what stands beside is English.
CHECKS: dict[str, Text] = {
    "facts that make sense": _("facts that make sense"),
    "feeds without holes": _("feeds without holes"),
    "enough history": _("enough history"),
    "labels are complete": _("labels are complete"),
    "payments stay paid": _("payments stay paid"),
    "nothing entered twice": _("nothing entered twice"),
    "history treats groups alike": _("history treats groups alike"),
    "better than naive answers": _("better than naive answers"),
    "calibrated over all": _("calibrated over all"),
    "calibrated in each group": _("calibrated in each group"),
    "scores like the live ones": _("scores like the live ones"),
    "ranks like the live one": _("ranks like the live one"),
    "the same with another seed": _("the same with another seed"),
    "decisions treat groups alike": _("decisions treat groups alike"),
    "not worse on the past": _("not worse on the past"),
    "no group worse off on the past": _("no group worse off on the past"),
    "foretold gains come true": _("foretold gains come true"),
    "texts without faults": _("texts without faults"),
    "texts that raise no question": _("texts that raise no question"),
    "law that can be read and passes its cases": _("law that can be read and passes its cases"),
    "law that is simply stricter": _("law that is simply stricter"),
    "enough to learn": _("enough to learn"),
}
KINDS: dict[str, Text] = {
    "predictor": _("Predictor"),
    "rules": pgettext_lazy("registry", "Rules"),
    "law": _("Own law"),
    "text": _("Own text"),
}
RETRAINING: dict[str, Text] = {
    "week": _("Every week"),
    "month": _("Every month"),
    "quarter": _("Every quarter"),
    "year": _("Every year"),
}
DIFFERS: dict[str, Text] = {
    "another time": _("At another hour or day"),
    "another tone": _("In another tone"),
    "another channel": _("Over another channel"),
    "only live contacts": _("Left alone instead of contacted"),
    "only the candidate contacts": _("Contacted instead of left alone"),
    "only live hands over": _("No longer handed over"),
    "only the candidate hands over": _("Handed over"),
    "only live asks a person": _("No person asked any more"),
    "only the candidate asks a person": _("A person is asked first"),
    "only one decides": _("Decided in one way only"),
}


def check_name(name: str) -> Text:
    """Return how a check of the gate is called for the reader."""
    return CHECKS.get(name, name)


@dataclass(frozen=True)
class SwitchWords:
    """A switch in words: its name, what happens when it is off, and while it is on."""

    name: Text
    off: Text
    on: Text
    icon: str


SWITCHES: dict[str, SwitchWords] = {
    "predictor": SwitchWords(
        _("Decisions by the predictor"),
        _("Nothing learned decides: everybody is left to the fixed ladder."),
        _("The predictor and the rules decide; the fixed ladder is the comparison."),
        "brain",
    ),
    "exploration": SwitchWords(
        _("Trying things out"),
        _("Nothing is left to chance: each gets what is thought best."),
        _("A small share is left to chance, within the margin of the rules."),
        "arrows-exchange",
    ),
    "experiments": SwitchWords(
        _("Experiments and canaries"),
        _("Nobody is in an experiment; the comparison group stays."),
        _("Customers in running experiments are decided about by their arm."),
        "flask",
    ),
    "learning": SwitchWords(
        _("Learning anew by itself"),
        _("No new predictor is fitted by the timetable."),
        _("New predictors are fitted by the timetable and begin their way."),
        "refresh",
    ),
}
