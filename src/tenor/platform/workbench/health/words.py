"""What checks show, in plain words: what changed, what it means, what to do."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from tenor.engine.features.catalogue import words_of as feature_words
from tenor.platform.workbench.health.columns import COLUMNS
from tenor.platform.workbench.plan.shown import SEGMENT_WORDS
from tenor.platform.workbench.reports.words import number, signed
from tenor.platform.workbench.templatetags.tenor import count, percent, word

Text = str | Promise

TABLES: dict[str, Text] = {
    "payments": gettext_lazy("payments"),
    "invoices": gettext_lazy("invoices"),
    "events": gettext_lazy("events of messages and the payment page"),
    "customers": gettext_lazy("customers"),
    "contacts": gettext_lazy("contacts"),
    "payment_failed": gettext_lazy("failed payments"),
    "bounced": gettext_lazy("messages that come back"),
    "complained": gettext_lazy("complaints"),
    "opted_out": gettext_lazy("opt-outs"),
    "disputed": gettext_lazy("disputes"),
}
MEASURES: dict[str, Text] = {
    "late_7d": gettext_lazy("unpaid a week after the due day"),
    "complaints": gettext_lazy("complaints"),
    "paid_30d": gettext_lazy("paid within 30 days"),
    "days_late": gettext_lazy("days late, thirty at most"),
    "escalated": gettext_lazy("handed over"),
    "cost": gettext_lazy("cost of contacts"),
}
PANELS: dict[str, Text] = {
    "freshness": gettext_lazy("Freshness of the facts"),
    "quality": gettext_lazy("Quality of the facts"),
    "drift": pgettext_lazy("monitoring", "Drift"),
    "accuracy": pgettext_lazy("monitoring", "Accuracy"),
    "effect": gettext_lazy("Effect of contacts"),
    "outcomes": gettext_lazy("Business outcomes"),
    "world": gettext_lazy("Pace of paying"),
}
MEANS: dict[str, Text] = {
    "no_news": gettext_lazy("Whoever has paid may be reminded, and nothing new is decided on."),
    "wrong_data": gettext_lazy(
        "Chances and amounts that are made of these facts cannot be trusted."
    ),
    "world_moved": gettext_lazy(
        "What was learned of customers holds for nobody until it is learned anew."
    ),
    "chances_off": gettext_lazy(
        "It is judged wrongly who pays by themselves and who needs a reminder."
    ),
    "others_than_learned": gettext_lazy("Customers differ from those that were learned from."),
    "contacts_otherwise": gettext_lazy("Contacts are chosen for an effect that they do not have."),
    "results_worse": gettext_lazy(
        "What is done brings less, or costs more, than before or than the fixed ladder."
    ),
    "more_trouble": gettext_lazy("Customers meet more trouble than before."),
}
# The step, and the screen on which it is taken.
STEPS: dict[str, tuple[Text, str]] = {
    "look_at_import": (
        gettext_lazy("Look at the import before anything else: what is missing, doubled or in "
                     "another unit?"),
        "imports",
    ),
    "fall_back": (
        gettext_lazy("Leave everybody to the fixed ladder, look at the facts, then have a "
                     "predictor learned anew."),
        "releases",
    ),
    "refit": (
        gettext_lazy("Have a predictor learned anew, and compare it before it goes live."),
        "releases",
    ),
    "widen_review": (
        gettext_lazy("Let people see more of these decisions, and find out why."),
        "rules",
    ),
    "compare": (gettext_lazy("Open the comparison, and stop what does worse."), "experiments"),
}  # fmt: skip
# Of what comes far more often: what it is, and what to do about it.
SURGES: dict[str, tuple[Text, Text]] = {
    "payment_failed": (
        gettext_lazy("Many more payments fail than usual"),
        gettext_lazy("Ask the payment provider whether something is broken."),
    ),
    "bounced": (
        gettext_lazy("Many more messages come back than usual"),
        gettext_lazy("Look at where the addresses come from, and at the sender's domain."),
    ),
    "complained": (
        gettext_lazy("Many more people complain than usual"),
        gettext_lazy("Read the complaints, and hold the group that they come from."),
    ),
    "opted_out": (
        gettext_lazy("Many more people opt out than usual"),
        gettext_lazy("Look at what was sent last week, and how often."),
    ),
    "disputed": (
        gettext_lazy("Many more invoices are disputed than usual"),
        gettext_lazy("Look whether they share a product, a price or a mistake in billing."),
    ),
}
STATES: dict[str, tuple[Text, str]] = {
    "well": (pgettext_lazy("check", "as usual"), "good"),
    "watch": (pgettext_lazy("check", "odd"), "careful"),
    "alarm": (pgettext_lazy("check", "alarm"), "stop"),
    "unknown": (pgettext_lazy("check", "too early to tell"), "wait"),
}


def segment_of(name: str) -> str:
    """Say a kind of customer; "" is everybody."""
    return str(SEGMENT_WORDS.get(name, name)) if name else _("everybody")


def feature_of(name: str) -> str:
    """Say a feature."""
    return _("the foretold chances") if name == "chance_30d" else _(feature_words(name))


def subject_of(code: str, subject: str) -> str:
    """Say what a check is about."""
    if code in ("feature", "scores"):
        return feature_of(subject)
    if code in ("outcome", "against_control"):
        return str(MEASURES.get(subject, subject))
    if code == "calibration":
        return segment_of(subject)
    if code == "effect":
        return word(subject)
    if code == "pace":
        return _("everybody")
    if (code, subject) == ("volume", "customers"):
        return _("customers of whom anything is heard")
    table, _dot, column = subject.partition(".")
    named = str(TABLES.get(table, table))
    return f"{named}, “{COLUMNS.get(column, column)}”" if column else named


def written(value: float | None, unit: str) -> str:
    """Write a value in its unit."""
    if value is None:
        return "–"
    if unit == "share":
        return percent(value, 1)
    if unit == "points":
        return _("%(points)s points") % {"points": signed(value, 100, 1)}
    if unit == "count":
        # Of few it matters whether none or one in two weeks is usual.
        return number(value, 1) if value < 10 and value % 1 else count(round(value))
    if unit == "days":
        return _("%(days)s days") % {"days": number(value, 1)}
    return number(value, 2)


def changed(check: dict[str, Any]) -> str:
    """Say what a check shows, in a sentence."""
    said = _CHANGED.get(check["code"], _usual)(check)
    return said[:1].upper() + said[1:]


def about(panel: str, check: dict[str, Any]) -> str:
    """Say what an alarm is about: trouble that customers meet is no matter of the facts."""
    if check["code"] == "surge" and check["subject"] in SURGES:
        return str(SURGES[check["subject"]][0])
    return str(PANELS[panel])


def step_of(step: str, check: dict[str, Any]) -> tuple[str, str]:
    """Say what to do, and name the screen for it: what helps against just this, if known."""
    text, route = STEPS[step]
    if check["code"] == "surge" and check["subject"] in SURGES:
        text = SURGES[check["subject"]][1]
    return str(text), route


def _parts(check: dict[str, Any]) -> dict[str, str]:
    facts, unit = check["facts"], check["unit"]
    return {
        "what": subject_of(check["code"], check["subject"]),
        "now": written(check["value"], unit),
        "usual": written(facts.get("before"), unit),
    }


def _usual(check: dict[str, Any]) -> str:
    return _("%(what)s: %(now)s, usually %(usual)s") % _parts(check)


def _silent(check: dict[str, Any]) -> str:
    days = int(check["facts"].get("days", 0))
    parts = {**_parts(check), "days": days, "usual": check["facts"].get("usual", 0)}
    if not check["facts"].get("usual"):
        return (
            ngettext(
                "%(what)s: nothing for %(days)s day, where something came every day",
                "%(what)s: nothing for %(days)s days, where something came every day",
                days,
            )
            % parts
        )
    if check["facts"].get("hole"):
        return (
            ngettext(
                "%(what)s: nothing came for %(days)s day, then more came",
                "%(what)s: nothing came for %(days)s days, then more came",
                days,
            )
            % parts
        )
    return (
        ngettext(
            "%(what)s: nothing has come for %(days)s day; never before for more than %(usual)s",
            "%(what)s: nothing has come for %(days)s days; never before for more than %(usual)s",
            days,
        )
        % parts
    )


def _told(text: Text) -> Callable[[dict[str, Any]], str]:
    return lambda check: str(text) % _parts(check)


def _counted(check: dict[str, Any]) -> str:
    if check["facts"].get("arrivals"):
        return _("%(what)s: %(now)s at a time, usually %(usual)s") % _parts(check)
    return _("%(what)s: %(now)s in a week, usually %(usual)s") % _parts(check)


def _level(check: dict[str, Any]) -> str:
    factor = check["facts"].get("factor")
    if factor == 100:
        return (
            _("%(what)s: about a hundred times as much as usual (%(now)s, usually %(usual)s). "
              "Cents instead of whole units?") % _parts(check)
        )  # fmt: skip
    if factor:
        return _(
            "%(what)s: about %(factor)s times as much as usual (%(now)s, usually %(usual)s). "
            "Another unit?"
        ) % {**_parts(check), "factor": f"{factor:g}"}
    return _("%(what)s: on average %(now)s, usually %(usual)s") % _parts(check)


def _calibration(check: dict[str, Any]) -> str:
    facts = check["facts"]
    return _("%(what)s: %(came)s paid within %(days)s days where %(said)s were foretold") % {
        **_parts(check),
        "came": percent(facts.get("came_true")),
        "said": percent(facts.get("said")),
        "days": facts.get("days", 30),
    }


def _effect(check: dict[str, Any]) -> str:
    facts = check["facts"]
    return _(
        "%(what)s: a contact adds %(seen)s to the chance of payment; %(believed)s is believed"
    ) % {
        **_parts(check),
        "seen": written(facts.get("seen"), "points"),
        "believed": written(facts.get("believed"), "points"),
    }


def _moved(check: dict[str, Any]) -> str:
    whom = check["facts"].get("segment")
    parts = {**_parts(check), "whom": segment_of(whom or ""), "how": moved_part(check["facts"])}
    return (
        _("%(what)s: other than in the quarter before, most of all for: %(whom)s. %(how)s") % parts
    )


def moved_part(facts: dict[str, Any]) -> str:
    """Say which part of a feature moved most, and from which share to which."""
    parts = facts.get("parts") or []
    if not parts:
        return ""
    first = parts[0]
    shares = {"before": percent(first["before"]), "now": percent(first["now"])}
    if first.get("missing"):
        return _("Not known: %(before)s before, %(now)s now.") % shares
    if "word" in first:
        named = first["word"] or _("another word")
        return _("“%(word)s”: %(before)s before, %(now)s now.") % {**shares, "word": named}
    low, high = first.get("from"), first.get("to")
    if low is None and high is None:
        return ""
    if low is None:
        return _("Below %(high)s: %(before)s before, %(now)s now.") % {
            **shares, "high": _edge(high),
        }  # fmt: skip
    if high is None:
        return _("From %(low)s on: %(before)s before, %(now)s now.") % {
            **shares, "low": _edge(low),
        }  # fmt: skip
    return _("From %(low)s to %(high)s: %(before)s before, %(now)s now.") % {
        **shares, "low": _edge(low), "high": _edge(high),
    }  # fmt: skip


def _edge(value: float) -> str:
    return number(value, 2 if abs(value) < 10 and value % 1 else 0)


def _against(check: dict[str, Any]) -> str:
    facts, unit = check["facts"], check["unit"]
    return _("%(what)s: %(treated)s with Tenor, %(control)s in the group left to the ladder") % {
        **_parts(check),
        "treated": written(facts.get("treated"), unit),
        "control": written(facts.get("control"), unit),
    }


def _pace(check: dict[str, Any]) -> str:
    facts = check["facts"]
    return _(
        "%(came)s payments came in a week where %(expected)s were expected, among all kinds of "
        "customers"
    ) % {
        "came": count(round(facts.get("came", 0))),
        "expected": count(round(facts.get("expected", 0))),
    }


_CHANGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "silent": _silent,
    "volume": _counted,
    "surge": _told(gettext_lazy("%(what)s: %(now)s in a week, usually %(usual)s")),
    "late": _told(
        gettext_lazy("%(what)s: told %(now)s after they happened, usually after %(usual)s")
    ),
    "missing": _told(
        gettext_lazy("%(what)s: empty in %(now)s of a week's rows, usually in %(usual)s")
    ),
    "level": _level,
    "doubles": _told(
        gettext_lazy("%(what)s: %(now)s of a week's rows are there twice, usually %(usual)s")
    ),
    "orphans": _told(
        gettext_lazy("%(what)s: %(now)s of the rows name a customer or invoice that is not there")
    ),
    "overpaid": _told(
        gettext_lazy("%(what)s: %(now)s pay far more than was asked, usually %(usual)s")
    ),
    "sign": _told(
        gettext_lazy("%(what)s: %(now)s of a week's rows are zero or negative, usually %(usual)s")
    ),
    "new_words": _told(
        gettext_lazy("%(what)s: %(now)s of a week's rows hold a word that was never seen before")
    ),
    "feature": _moved,
    "scores": _moved,
    "calibration": _calibration,
    "effect": _effect,
    "against_control": _against,
    "pace": _pace,
}
