"""What each check of the gate asks, for whoever knows no statistics, and its figure in its unit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenor.platform.releases.proof import Evidence, checks_of
from tenor.platform.workbench.releases import words
from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count

_MOST, _LEAST = gettext_lazy("at most %(limit)s"), gettext_lazy("at least %(limit)s")


def _share(value: float) -> str:
    return f"{number(100 * value, 1)}%"


def _of_100(value: float) -> str:
    return _("%(points)s of 100") % {"points": number(100 * value, 1)}


def _index(value: float) -> str:
    return number(value, 3)


@dataclass(frozen=True)
class Asked:
    """What a check asks, how its figure is written, and which way its limit holds.

    `sign` is -1 where the limit is kept as a margin below nothing.
    """

    question: str | Promise
    write: Callable[[Any], str] = count
    bound: str | Promise = _MOST
    sign: int = 1


ASKED: dict[str, Asked] = {
    "facts that make sense": Asked(
        gettext_lazy("How many rows cannot be read, or make no sense?"), _share
    ),
    "feeds without holes": Asked(
        gettext_lazy("How many kinds of facts stopped coming, or have holes?")
    ),
    "enough history": Asked(
        gettext_lazy("How many paid invoices are there to learn from?"), count, _LEAST
    ),
    "enough to learn": Asked(gettext_lazy("Is there enough to learn from?")),
    "labels are complete": Asked(
        gettext_lazy("Of invoices long overdue, of how many does nobody know how they ended?"),
        _share,
    ),
    "payments stay paid": Asked(
        gettext_lazy("How many payments were taken back or repaid?"), _share
    ),
    "nothing entered twice": Asked(
        gettext_lazy("How many invoices or payments stand there twice?"), _share
    ),
    "history treats groups alike": Asked(
        gettext_lazy(
            "Were people of all groups treated alike in the past, where they owed alike? What was "
            "uneven would be learned."
        )
    ),
    "better than naive answers": Asked(
        gettext_lazy(
            "Of 100 pairs of invoices, in how many more does it name the one that is paid than the "
            "best simple rule does?"
        ),
        _of_100,
        _LEAST,
    ),
    "calibrated over all": Asked(
        gettext_lazy("Of 100 with a chance of 70, do 70 pay? So far it is off:"), _of_100
    ),
    "calibrated in each group": Asked(
        gettext_lazy("The same for each group by itself. So far the worst is off:"), _of_100
    ),
    "scores like the live ones": Asked(
        gettext_lazy("Are its chances spread like those of the live predictor? 0 is just alike."),
        _index,
    ),
    "ranks like the live one": Asked(
        gettext_lazy("Does it put the same people first as the live one? 1 is the same order."),
        _index,
        _LEAST,
    ),
    "the same with another seed": Asked(
        gettext_lazy("Learned once more with other dice, does it say the same? 1 is the same."),
        _index,
        _LEAST,
    ),
    "decisions treat groups alike": Asked(
        gettext_lazy("Does it treat people of all groups alike, where they owe alike?")
    ),
    "not worse on the past": Asked(
        gettext_lazy("By contacts left to chance in your past: how much more comes in on time?"),
        _share,
        _LEAST,
        -1,
    ),
    "no group worse off on the past": Asked(
        gettext_lazy("The same for each group: the one that does worst."), _share, _LEAST, -1
    ),
    "foretold gains come true": Asked(
        gettext_lazy("Of each euro of gain that was foretold, how much came? 1 is all of it."),
        _index,
        _LEAST,
    ),
    "texts without faults": Asked(gettext_lazy("How many faults does the linter find?")),
    "texts that raise no question": Asked(
        gettext_lazy("About how many places does the linter ask whether they are meant so?")
    ),
    "law that can be read and passes its cases": Asked(
        gettext_lazy("How much of it cannot be read, or comes out otherwise than its cases say?")
    ),
    "law that is simply stricter": Asked(
        gettext_lazy("How many of its changes are looser than the shipped law, or unclear?")
    ),
}
_SAID: dict[bool | None, tuple[str | Promise, str]] = {
    True: (gettext_lazy("passes"), "good"),
    False: (gettext_lazy("fails"), "stop"),
    None: (gettext_lazy("cannot tell"), "careful"),
}


def shown(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the checks of the gate by what they are about, each in words and in figures."""
    found: dict[str, list[dict[str, Any]]] = {}
    for check in checks_of(evidence):
        found.setdefault(check.get("area", "data"), []).append(_shown(check))
    return [
        {"name": words.AREAS.get(area, area), "checks": checks} for area, checks in found.items()
    ]


def _shown(check: dict[str, Any]) -> dict[str, Any]:
    asked = ASKED.get(check["name"], Asked(""))
    said, meaning = _SAID[check["passed"]]
    # What the past cannot tell of is no figure to weigh, whatever came out of so few.
    is_void = check["passed"] is None and check.get("area") == "value"
    return {
        "name": words.check_name(check["name"]),
        "asks": asked.question,
        "said": said,
        "meaning": meaning,
        "written": "–" if is_void else _written(asked, check["figure"]),
        "bound": _bound(asked, check["limit"]),
        "text": check["text"],
        "source": check.get("source", ""),
    }


def _written(asked: Asked, value: Any) -> str:
    return "–" if value is None else asked.write(value)


def _bound(asked: Asked, limit: Any) -> str:
    if limit is None:
        return "–"
    return str(asked.bound) % {"limit": asked.write(asked.sign * limit)}
