"""What is done to people, and what an audit finds of it, in words."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tenor.engine.fairness.groups import AND, words_of
from tenor.platform.workbench.reports.words import number

Words = str | Promise
# By the measure's column: the title of its part, what happened to somebody, and what it means.
MEASURES: dict[str, tuple[Words, Words]] = {
    "contacted": (gettext_lazy("Who is contacted"), gettext_lazy("are contacted")),
    "pressed": (
        gettext_lazy("Who is pressed"),
        gettext_lazy("are pressed: a firm or urgent tone, a letter or a call"),
    ),
    "escalated": (
        gettext_lazy("Who is handed over"),
        gettext_lazy("are handed over to collection"),
    ),
    "charged": (gettext_lazy("Who is charged costs"), gettext_lazy("are charged costs")),
    "proposed": (
        gettext_lazy("Who is offered a payment plan"),
        gettext_lazy("are offered a payment plan"),
    ),
    "offered": (gettext_lazy("Who gets a payment plan"), gettext_lazy("get a payment plan")),
    "reminded_early": (
        gettext_lazy("Who is reminded in time"),
        gettext_lazy("are reminded before the due date"),
    ),
    "helped": (
        gettext_lazy("Who is offered help"),
        gettext_lazy("get a message that opens with help"),
    ),
    "pressed_though_paying": (
        gettext_lazy("Who is pressed although they pay"),
        gettext_lazy("are pressed, of those who then paid"),
    ),
    "error": (
        gettext_lazy("Whose payment is foretold too high or too low"),
        gettext_lazy("are foretold to pay more than they do"),
    ),
    "left_alone": (gettext_lazy("Who is left alone"), gettext_lazy("are left alone")),
    "reviewed": (
        gettext_lazy("Whom a person looks at first"),
        gettext_lazy("are looked at by a person first"),
    ),
    "paid": (
        gettext_lazy("Who pays after a contact"),
        gettext_lazy("pay in time, of those contacted"),
    ),
    "complained": (gettext_lazy("Who complains"), gettext_lazy("complain, of those contacted")),
}
PREVENTION = ("reminded_early", "proposed", "offered", "helped")
# By verdict: the word and its meaning.
VERDICTS: dict[str, tuple[Words, str]] = {
    "uneven": (pgettext_lazy("fairness", "worse off"), "careful"),
    "better": (pgettext_lazy("fairness", "better off"), ""),
    "different": (pgettext_lazy("fairness", "different"), ""),
    "even": (pgettext_lazy("fairness", "alike"), "good"),
    "unsure": (pgettext_lazy("fairness", "cannot tell"), ""),
    "too few": (pgettext_lazy("fairness", "too few people"), ""),
}
_COLUMNS: dict[str, Words] = {
    "kind": pgettext_lazy("column", "kind"),
    "country": pgettext_lazy("column", "country"),
    "language": pgettext_lazy("column", "language"),
    "age band": pgettext_lazy("column", "age band"),
    "origin": pgettext_lazy("column", "origin"),
    "sex": pgettext_lazy("column", "sex"),
    "background": pgettext_lazy("column", "background"),
    "autopay": pgettext_lazy("column", "pays by direct debit"),
    "region": pgettext_lazy("column", "region"),
    "sector": pgettext_lazy("column", "sector"),
    "tenure years": pgettext_lazy("column", "years a customer"),
}


def column(attribute: str) -> str:
    """Return what a column of customers is called: an organisation's own ones by their name."""
    name = words_of(attribute)
    return str(_COLUMNS.get(name, name))


def feature(name: str) -> str:
    """Return what tells a group: something that is worked out, or a column of customers."""
    return str(_COLUMNS.get(name) or _(name))


def group(attribute: str, name: str) -> str:
    """Return a group as a person says it: `sex: f`, or `sex: f · origin: elsewhere`."""
    pairs = zip(attribute.split(AND), name.split(AND), strict=True)
    return " · ".join(f"{column(a)}: {g}" for a, g in pairs)


def said(attribute: str, name: str) -> str:
    """Return a group within a sentence: `sex f`, or `sex f · origin elsewhere`."""
    return group(attribute, name).replace(": ", " ")


def finding(place: str, facts: dict[str, Any]) -> str:
    """Say what an audit found, in a sentence."""
    if place == "swap":
        return _(
            "Another value of “%(column)s” alone changes %(changed)s of %(pairs)s decisions; "
            "%(limit)s in a hundred may."
        ) % {
            "column": column(facts["column"]), "changed": facts["changed"], "pairs": facts["pairs"],
            "limit": number(100 * facts["limit"], 0),
        }  # fmt: skip
    told = {
        "who": said(facts["attribute"], facts["group"]),
        "rate": number(100 * facts["rate"]),
        "alike": number(100 * facts["alike"]),
        "what": MEASURES[facts["measure"]][1],
    }
    if facts["measure"] == "error":
        told["rate"] = number(100 * (facts["rate"] - facts["alike"]))
        return _("%(who)s: payment is foretold %(rate)s points higher than it comes.") % told
    if place == "history":
        return (
            _("In the past year, %(who)s: %(rate)s of 100 %(what)s; of others alike %(alike)s.")
            % told
        )
    return _("%(who)s: %(rate)s of 100 %(what)s; of others who owe alike %(alike)s.") % told


def outcome(passes: bool | None) -> tuple[str, str, str]:
    """Return what an audit says in a sentence, its meaning and its sign."""
    if passes is False:
        return (
            _("Some people are treated worse than others who owe alike. A person must look."),
            "careful", "alert-triangle",
        )  # fmt: skip
    if passes is None:
        return (
            _("These data cannot tell whether groups are treated alike."), "wait", "info-circle"
        )  # fmt: skip
    return (
        _("No group was found to be treated worse than others who owe alike."), "good",
        "circle-check",
    )  # fmt: skip
