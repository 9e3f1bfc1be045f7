"""The reasons of the engine, English sentences with figures in them, in the reader's language.

The engine knows no languages: each kind of sentence is recognised here by its form. One that is
not recognised is shown as it came; a test holds the forms against the engine's own sentences.
"""

import re
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from tenor.engine.policy.explain import RULE_TEXTS
from tenor.platform.decisions.reasons import ALONE_REASONS, words_of
from tenor.platform.workbench.templatetags.tenor import money, word

Parts = dict[str, str]
_RULES = {text: code for code, text in RULE_TEXTS.items() if code in ALONE_REASONS}
_OBSTACLES = {
    "financial room": gettext_noop("short of money"),
    "payment method": gettext_noop("the way of paying failed"),
    "payment not finished": gettext_noop("a payment was begun and not finished"),
    "a message not yet answered": gettext_noop("a message of theirs is not answered yet"),
    "financial room or doubt": gettext_noop("short of money, or in doubt"),
}


def said(reason: str) -> str:
    """Say a reason of the engine in the reader's language."""
    known = _known(reason)
    return reason if known is None else known


def knows(reason: str) -> bool:
    """Say whether a reason can be said in other languages too."""
    return _known(reason) is not None


def _known(reason: str) -> str | None:
    if reason in _RULES:
        return words_of(_RULES[reason], ALONE_REASONS)
    for form, tell in _FORMS:
        found = form.fullmatch(reason)
        if found:
            return tell(found.groupdict())
    return None


def because(reasons: Sequence[str], most: int = 2) -> str:
    """Return the first reasons as one line."""
    return " · ".join(said(reason) for reason in reasons[:most])


def reviews_said(review_reason: str) -> list[str]:
    """Return why the engine wants a person to look, in words."""
    return [said(part) for part in review_reason.split("; ") if part]


def _raises(part: Parts) -> str:
    if part["channel"] == "None":
        # A wait that was drawn for a person's look has no channel.
        return _("left alone: drawn for your look")
    words = part | {"channel": word(part["channel"])}
    return _("%(channel)s raises the expected payment from %(alone)s to %(chance)s") % words


def _answers(part: Parts) -> str:
    words = {"channel": word(part["channel"])}
    return _("answers more often than others do: %(channel)s") % words


def _later(part: Parts) -> str:
    days = int(part["days"])
    return ngettext(
        "in %(days)s day it does more than today", "in %(days)s days it does more than today", days
    ) % {"days": days}


def _unpaid_after(part: Parts) -> str:
    contacts = int(part["n"])
    return ngettext(
        "unpaid after %(n)s contact", "unpaid after %(n)s contacts", contacts
    ) % {"n": contacts}  # fmt: skip


def _overdue(part: Parts) -> str:
    days = int(part["days"])
    return ngettext("%(days)s day overdue", "%(days)s days overdue", days) % {"days": days}


def _usually(part: Parts) -> str:
    days = int(part["days"])
    late = part["side"] == "late"
    if late:
        found = ngettext(
            "usually pays about %(days)s day late", "usually pays about %(days)s days late", days
        )
    else:
        found = ngettext(
            "usually pays about %(days)s day early", "usually pays about %(days)s days early", days
        )
    return found % {"days": days}


def _saw(part: Parts) -> str:
    times = int(part["n"] or 1)
    return ngettext(
        "saw the payment page once, not paid", "saw the payment page %(n)s times, not paid", times
    ) % {"n": times}  # fmt: skip


def _obstacle(part: Parts) -> str:
    known = _OBSTACLES.get(part["what"])
    return _("likely obstacle: %(what)s") % {"what": _(known) if known else part["what"]}


def _large(part: Parts) -> str:
    most = money(part["most"], part["currency"])
    return _("more than %(most)s: the rules ask a person to look") % {"most": most}


def _plain(text: str) -> Callable[[Parts], str]:
    return lambda part: _(text) % part


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Parts], str]], ...] = tuple(
    (re.compile(form), tell)
    for form, tell in (
        (
            r"(?P<channel>\S+) raises the expected payment from (?P<alone>\d+%) to "
            r"(?P<chance>\d+%) of the amount",
            _raises,
        ),
        (
            "a random permitted contact, so that its effect can be learned",
            _plain(gettext_noop("a random permitted contact, so that its effect can be learned")),
        ),
        (
            "left alone by chance, so that what contacts do can be learned",
            _plain(gettext_noop("left alone by chance, so that what contacts do can be learned")),
        ),
        (r"in (?P<days>\d+) days? it does more than today", _later),
        (r"answers (?P<channel>\S+) more often than others do", _answers),
        (r"unpaid after (?P<n>\d+) contacts", _unpaid_after),
        (
            "people's time does more elsewhere today, and no other contact is worth it",
            _plain(gettext_noop("people's time does more elsewhere today")),
        ),
        (
            r"likely to pay unaided \((?P<share>\d+)% of the amount within the window\)",
            _plain(gettext_noop("likely to pay unaided (%(share)s%% of the amount)")),
        ),
        (
            "no permitted contact is worth its cost and the annoyance it brings",
            _plain(gettext_noop("no contact is worth its cost and the annoyance it brings")),
        ),
        (r"(?P<days>\d+) days? overdue", _overdue),
        ("due today", _plain(gettext_noop("due today"))),
        (r"usually pays about (?P<days>\d+) days? (?P<side>late|early)", _usually),
        (
            "usually pays around the due date",
            _plain(gettext_noop("usually pays around the due date")),
        ),
        (r"saw the payment page (?:once|(?P<n>\d+) times), not paid", _saw),
        (r"likely obstacle: (?P<what>[^(]+?)(?: \(.*)?", _obstacle),
        (
            r"fixed ladder: its step of day (?P<day>-?\d+)",
            _plain(gettext_noop("fixed ladder: its step of day %(day)s")),
        ),
        ("fixed ladder: no step today", _plain(gettext_noop("fixed ladder: no step today"))),
        (
            "fixed ladder: due for handing over",
            _plain(gettext_noop("fixed ladder: due for handing over")),
        ),
        (
            "comparison: nobody is contacted in this group",
            _plain(gettext_noop("comparison: nobody is contacted in this group")),
        ),
        (
            "a person confirms every hand-over to collection",
            _plain(gettext_noop("a person confirms every hand-over to collection")),
        ),
        (
            r"(?P<amount>[\d.]+) is above (?P<most>[\d.]+) (?P<currency>[A-Z]{3})",
            _large,
        ),
        (
            r"only (?P<chance>\d+)% likely to beat waiting, (?P<least>[\d.]+)% is asked",
            _plain(gettext_noop("only %(chance)s%% likely to beat waiting, %(least)s%% is asked")),
        ),
        (
            r"drawn by chance \((?P<share>[\d.]+)% of decisions\)",
            _plain(gettext_noop("drawn by chance, so that a person keeps looking")),
        ),
        (
            "overdue for as long as the policy waits before handing over",
            _plain(gettext_noop("overdue for as long as the rules wait before handing over")),
        ),
    )
)
