"""How people call the sections of a pack, its weights, and what a change does."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenor.engine.law.pack import Binding, Confidence
from tenor.engine.law.review.check import Why
from tenor.engine.law.review.directions import Kind

Text = str | Promise

# In the order in which a case meets them.
SECTIONS: dict[str, tuple[Text, str]] = {
    "windows": (_("When one may be approached"), "clock"),
    "holidays": (_("Days of quiet"), "calendar-off"),
    "caps": (_("How often"), "hand-stop"),
    "channels": (_("What a channel needs"), "send"),
    "replies": (_("Words that stop contact"), "message-off"),
    "actors": (_("Who collects"), "building"),
    "notices": (_("Letters before a step"), "mail"),
    "receipt": (_("When a letter counts as received"), "mail-opened"),
    "contents": (_("What a message must say"), "file-text"),
    "holds": (_("What stops everything"), "player-pause"),
    "escalation": (_("Before a hand-over"), "gavel"),
    "default": (_("When default begins"), "calendar-time"),
    "terms": (_("Longest terms of payment"), "calendar"),
    "costs": (_("Collection costs"), "coin"),
    "interest": (_("Statutory interest"), "percentage"),
    "allocation": (_("What a payment pays first"), "arrows-exchange"),
    "limitation": (_("When a claim lapses"), "hourglass"),
    "retention": (_("How long records are kept"), "database"),
    "rights": (_("Rights over one's data"), "shield"),
    "tracking": (_("Reading what people open"), "eye"),
    "ai": (_("Artificial intelligence"), "robot"),
    "fairness": (_("Equal treatment"), "scale"),
    "registers": (_("Guidance and registers"), "book"),
}
CONFIDENCE: dict[str, tuple[Text, str]] = {
    Confidence.HIGH: (_("sure"), "good"),
    Confidence.MEDIUM: (_("fairly sure"), "careful"),
    Confidence.LOW: (_("not sure"), "stop"),
}
BINDING: dict[str, Text] = {
    Binding.LAW: pgettext_lazy("binding", "law"),
    Binding.PRESUMPTION: pgettext_lazy("binding", "presumption"),
    Binding.POLICY: pgettext_lazy("binding", "house rule"),
}
KINDS: dict[str, tuple[Text, str]] = {
    Kind.STRICTER: (_("stricter"), "good"),
    Kind.LOOSER: (_("looser"), "stop"),
    Kind.NEW: (_("new"), "careful"),
    Kind.UNCLEAR: (_("unclear"), "careful"),
    Kind.SAME: (_("the same"), ""),
}
WHY: dict[str, tuple[Text, str]] = {
    Why.NOT_KNOWN: (_("Not known today"), "stop"),
    Why.NOT_YET_KNOWN: (_("Not known yet"), "stop"),
    Why.ENDED: (_("Has run out"), "stop"),
    Why.ENDS: (_("Runs out"), "careful"),
    Why.REVIEW: (_("To be looked at again"), "careful"),
    Why.CHANGES: (_("Changes"), "wait"),
    Why.LOW: (_("We are not sure"), "careful"),
    Why.MEDIUM: (_("We are fairly sure"), ""),
}
VERDICTS: dict[str, tuple[Text, str]] = {
    "passed": (pgettext_lazy("case", "passed"), "good"),
    "failed": (pgettext_lazy("case", "failed"), "stop"),
    "not covered": (pgettext_lazy("case", "not covered"), "careful"),
}


def section_words(section: str) -> Text:
    """Return what a section is called."""
    return SECTIONS[section][0] if section in SECTIONS else section.replace("_", " ")


def section_icon(section: str) -> str:
    """Return the sign of a section."""
    return SECTIONS[section][1] if section in SECTIONS else "book"
