"""An experiment as people read it: one sentence first, then the pictures, then the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.experiments.queries import Arm, Experiment, Look
from tenor.platform.experiments.words import (
    KIND_WORDS,
    STATE_WORDS,
    changes_words,
)
from tenor.platform.wording.queries import template_for
from tenor.platform.workbench.experiments import said
from tenor.platform.workbench.experiments.pictures import by_day, figures, marks
from tenor.platform.workbench.reports.tables import Report
from tenor.platform.workbench.rules import fields
from tenor.platform.workbench.rules.words import SEGMENTS
from tenor.platform.workbench.templatetags.tenor import money, percent
from tenor.platform.workbench.words import word_of

State = Experiment.State
_COMING = (State.DRAFT, State.SUBMITTED, State.APPROVED)
_MEANINGS = {
    "draft": "", "submitted": "wait", "approved": "wait", "rejected": "stop", "running": "accent",
    "stopped": "stop", "finished": "good",
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """An experiment in the list: its state in words, and what it says so far."""

    row: Experiment
    state: str
    meaning: str
    kind: str
    sentence: str

    @property
    def is_running(self) -> bool:
        """Say whether it decides about people."""
        return self.row.state == State.RUNNING

    @property
    def is_coming(self) -> bool:
        """Say whether it has not begun."""
        return self.row.state in _COMING

    @property
    def is_over(self) -> bool:
        """Say whether it has ended, or never will begin."""
        return not (self.is_running or self.is_coming)


def listed(experiment: Experiment) -> Listed:
    """Return an experiment as a row of the list."""
    looks = list(experiment.looks.all().order_by("-day")[:1])
    found = verdicts(experiment, list(experiment.arms.all()), looks)
    return Listed(
        experiment,
        str(STATE_WORDS[experiment.state]),
        _MEANINGS[experiment.state],
        str(KIND_WORDS[experiment.kind]),
        found[0].text if found else "",
    )


def standing(organisation: Organisation) -> dict[str, Any]:
    """Return the comparison group that is there all the time."""
    preferences = preferences_of(organisation)
    kind = (
        _("Nobody in it is contacted.")
        if preferences.control_kind == "nothing"
        else _("It is left to the fixed ladder.")
    )
    return {"share": preferences.control_share, "percent": percent(preferences.control_share, 1),
            "kind": kind}  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """An own text that an arm has: its name, where it stands, and its words."""

    name: str
    href: str
    subject: str
    body: str


def arms(
    actor: Actor, experiment: Experiment, rows: Sequence[Arm], sizes: dict[str, int]
) -> list[dict[str, Any]]:
    """Return the ways of working: what differs, in its own words, and how many are in each."""
    return [
        {
            "row": arm,
            "letter": arm.name.upper() if len(arm.name) == 1 else "",
            "differs": differs(arm, actor.organisation.currency),
            "texts": [_tried(actor, number) for number in arm.texts],
            "policy": arm.policy,
            "predictor": arm.predictor,
            "customers": sizes.get(arm.name, 0),
        }
        for arm in rows
    ]


def differs(arm: Arm, currency: str) -> list[dict[str, str]]:
    """Return what differs from the rules in force, in words, each with its key for who wants it."""
    lines = changes_words(arm.changes)
    return [
        {"words": f"{fields.words_of(key)}: {fields.readable(key, value, currency)}", "key": line}
        for (key, value), line in zip(arm.changes.items(), lines, strict=True)
    ]


def nobody(experiment: Experiment, running: Sequence[Experiment], sizes: dict[str, int]) -> str:
    """Say why a running experiment has nobody in it; nothing where it has somebody."""
    begun = experiment.started_at is not None and experiment.started_at.date() < clock.today(
        experiment.organisation
    )
    if experiment.state != State.RUNNING or not begun or any(sizes.values()):
        return ""
    others = [f"“{one.name}”" for one in running if one.pk != experiment.pk]
    if not others:
        return _("Nobody has come in yet: who may take part owes nothing that is due.")
    return _(
        "Nobody has come in yet: everybody who may take part is in %(others)s. Its days go on all "
        "the same; stop it, and draw it up again when that has ended."
    ) % {"others": ", ".join(others)}


def _tried(actor: Actor, number: int) -> Tried:
    row = template_for(actor, number)
    place = [actor.organisation.slug, row.kind, row.form, row.tone, row.language]
    name = _("Text %(number)s: %(kind)s, %(tone)s, %(language)s") % {
        "number": row.number, "kind": word_of(row.kind), "tone": word_of(row.tone),
        "language": row.language,
    }  # fmt: skip
    href = reverse("workbench:message_text", args=place)
    return Tried(name, href, row.subject, row.body)


def facts(experiment: Experiment) -> list[tuple[str, str]]:
    """Return who takes part, for how long, and what stops it."""
    who = ", ".join(str(SEGMENTS[name][0]) for name in experiment.segments)
    found = [
        (_("Who can take part"), who or _("everybody")),
        (_("Of them"), percent(experiment.share, 1)),
        (_("Looked at"), _("%(days)s days after each came in") % {"days": experiment.outcome_days}),
    ]
    if experiment.kind != Experiment.Kind.CANARY:
        days = _("%(days)s days") % {"days": experiment.days}
        found.append((_("People come in for"), days))
    if experiment.together_by:
        found.append((_("Kept together by"), experiment.together_by))
    if experiment.amount_below is not None:
        bound = money(experiment.amount_below, experiment.organisation.currency)
        found.append((_("Who owes less than"), bound))
    return found


def verdicts(
    experiment: Experiment, rows: Sequence[Arm], looks: Sequence[Look]
) -> list[said.Verdict]:
    """Say in a sentence an arm what the latest look shows."""
    if not looks:
        return []
    return said.verdicts(experiment, rows, looks[-1].figures)


def results(experiment: Experiment, rows: Sequence[Arm], looks: Sequence[Look]) -> Report | None:
    """Return the pictures and the figures of what the looks show."""
    if not looks:
        return None
    labels = {arm.name: arm.label for arm in rows}
    latest = looks[-1].figures
    blocks = [*marks(experiment, latest, labels), *by_day(experiment, looks, labels)]
    return Report("experiment", experiment.name, experiment.question, blocks=blocks)


def figures_of(looks: Sequence[Look], rows: Sequence[Arm]) -> dict[str, Any] | None:
    """Return the figures for those who want them."""
    if not looks:
        return None
    return figures(looks[-1], {arm.name: arm.label for arm in rows})


def adoptable(experiment: Experiment, rows: Sequence[Arm]) -> list[Arm]:
    """Return the arms whose rules can be taken over."""
    if experiment.state in (*_COMING, State.REJECTED) or experiment.segments:
        return []
    return [arm for arm in rows if arm.changes or arm.policy]


def stoppable(experiment: Experiment, rows: Sequence[Arm]) -> list[Arm]:
    """Return the arms that can be stopped by themselves: where one is left to go on."""
    tried = [arm for arm in rows if not arm.is_reference and arm.stopped_at is None]
    return tried if experiment.state == State.RUNNING and len(tried) > 1 else []


def may_brake(actor: Actor) -> bool:
    """Say whether somebody may end an experiment."""
    return any(actor.may(r) for r in (Right.RULES, Right.RULES_APPROVE, Right.APPROVE))
