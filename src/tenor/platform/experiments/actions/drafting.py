"""Draw an experiment up: the question, who takes part, what differs, what stops it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tenor.engine.experiments.outcomes import KNOWN
from tenor.engine.features.segments import SEGMENTS
from tenor.engine.policy.policyfile import Policy
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.experiments.models import Arm, Experiment
from tenor.platform.experiments.words import STATE_WORDS
from tenor.platform.governance import queries as governance
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.governance.segments import changed_policy
from tenor.platform.ledger.models import Customer

Kind, State, Way = Experiment.Kind, Experiment.State, Arm.Way
# More arms than that, and each has too few people for an answer.
MOST_ARMS = 8
_LETTERS = "abcdefgh"
# Long enough for the slowest question; past it, a way of working has become the usual one.
_LONGEST_DAYS = 365
_NAME, _QUESTION = 120, 300


@dataclass(frozen=True)
class ArmDraft:
    """A way of working as somebody draws it up: a live one, or what differs from it."""

    label: str
    way: str = Way.LIVE
    changes: Mapping[str, Any] = field(default_factory=dict)
    policy: PolicyVersion | None = None
    predictor: PredictorVersion | None = None
    weight: float = 1.0
    texts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Level:
    """A value that a factor can have, and what gives it that value: keys of the rules, texts."""

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Factor:
    """One thing that is varied in a factorial experiment; the first level is as it is today."""

    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Draft:
    """An experiment as somebody draws it up; the first arm is the one compared with.

    A factorial one has `factors` instead of `arms`: its arms are all combinations of their levels.
    """

    name: str
    question: str = ""
    kind: str = Kind.AB
    arms: Sequence[ArmDraft] = ()
    factors: Sequence[Factor] = ()
    share: float = 1.0
    segments: Sequence[str] = ()
    together_by: str = ""
    amount_below: Decimal | None = None
    outcome_days: int = 30
    days: int = 60
    guards: Mapping[str, float] = field(default_factory=dict)
    planned: Mapping[str, Any] = field(default_factory=dict)


def draft_experiment(actor: Actor, draft: Draft, *, slug: str = "") -> Experiment:
    """Keep an experiment as a draft: a new one, or instead of the actor's own draft `slug`."""
    actor.need(Right.RULES)
    arms = checked(actor, draft)
    values = _values(draft)
    with transaction.atomic():
        if slug:
            experiment = own(actor, slug, State.DRAFT)
            for name, value in values.items():
                setattr(experiment, name, value)
            experiment.save(update_fields=list(values))
            Arm.objects.of(actor.organisation).filter(experiment=experiment).delete()
        else:
            experiment = make(actor, values, name=draft.name)
        _write_arms(experiment, draft, arms)
        audit.record(actor, "experiment.draft", subject(experiment),
                     after={**_told(draft), "arms": [arm.label for arm in arms]})  # fmt: skip
    return experiment


def withdraw(actor: Actor, *, slug: str) -> Experiment:
    """Take one's own experiment back: a submitted one is a draft again, a draft is set aside."""
    actor.need(Right.RULES)
    with transaction.atomic():
        experiment = own(actor, slug, State.SUBMITTED, State.DRAFT)
        before = experiment.state
        experiment.state = State.DRAFT if before == State.SUBMITTED else State.REJECTED
        experiment.submitted_at = None
        experiment.save(update_fields=["state", "submitted_at"])
        audit.record(actor, "experiment.withdraw", subject(experiment),
                     before={"state": before}, after={"state": experiment.state})  # fmt: skip
    return experiment


def make(actor: Actor, values: Mapping[str, Any], *, name: str) -> Experiment:
    """Write a new experiment down, with a salt that nobody could have picked."""
    experiment: Experiment = Experiment.objects.of(actor.organisation).create(
        **values,
        slug=_free_slug(actor, name),
        salt=secrets.token_hex(16),
        drafted_by_id=actor.user_id,
        drafted_at=clock.now(actor.organisation),
    )
    experiment.organisation = actor.organisation
    return experiment


def write_arm(experiment: Experiment, place: int, name: str, arm: ArmDraft, **values: Any) -> Arm:
    """Write one arm down."""
    made: Arm = Arm.objects.of(experiment.organisation_id).create(
        experiment=experiment,
        name=name,
        label=arm.label[:_NAME],
        place=place,
        weight=arm.weight,
        is_reference=place == 0,
        way=arm.way,
        changes=dict(arm.changes),
        policy=arm.policy,
        predictor=arm.predictor,
        texts=list(arm.texts),
        **values,
    )
    return made


def own(actor: Actor, slug: str, *states: str) -> Experiment:
    """Return an experiment that the actor drew up and that is in one of these states, locked."""
    experiment = held(actor, slug, *states)
    if experiment.drafted_by_id != actor.user_id:
        raise Forbidden(_("Somebody else drew up this experiment: begin one of your own."))
    return experiment


def held(actor: Actor, slug: str, *states: str) -> Experiment:
    """Return an experiment that is in one of these states, locked."""
    experiment: Experiment = row_for(actor, Experiment, slug=slug, lock=True)
    experiment.organisation = actor.organisation
    if experiment.state not in states:
        raise Refused(
            _("This experiment is %(state)s: this can no longer be done.")
            % {"state": str(STATE_WORDS[experiment.state]).lower()}
        )
    return experiment


def subject(experiment: Experiment) -> str:
    """Return how the audit log names an experiment."""
    return f"experiment:{experiment.slug}"


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name.strip()[:_NAME],
        "question": draft.question.strip()[:_QUESTION],
        "kind": draft.kind,
        "share": draft.share,
        "segments": list(draft.segments),
        "together_by": draft.together_by.strip(),
        "amount_below": draft.amount_below,
        "outcome_days": draft.outcome_days,
        "days": draft.days,
        "planned": dict(draft.planned),
        "guards": dict(draft.guards),
        "factors": [
            {
                "name": factor.name,
                "levels": [
                    {"name": one.name, "changes": dict(one.changes), "texts": list(one.texts)}
                    for one in factor.levels
                ],
            }
            for factor in draft.factors
        ],
    }


def _told(draft: Draft) -> dict[str, Any]:
    values = _values(draft)
    del values["planned"]
    return values


def _write_arms(experiment: Experiment, draft: Draft, arms: Sequence[ArmDraft]) -> None:
    levels = _combinations(draft.factors)
    for place, arm in enumerate(arms):
        at = levels[place] if draft.factors else {}
        write_arm(experiment, place, _LETTERS[place], arm, levels=at)


def _combinations(factors: Sequence[Factor]) -> list[dict[str, str]]:
    """Return the level of each factor in every combination, that of today first."""
    names = [[level.name for level in factor.levels] for factor in factors]
    return [dict(zip([f.name for f in factors], one, strict=True)) for one in product(*names)]


def checked(actor: Actor, draft: Draft) -> list[ArmDraft]:
    """Return the arms, or refuse what cannot be tried."""
    if not draft.name.strip():
        raise Invalid(_("Give the experiment a name."), field="name")
    _check_who(actor, draft)
    wrong = [name for name, most in draft.guards.items() if name not in KNOWN or not most > 0.0]
    if wrong:
        raise Invalid(_("A guard names an outcome and how much worse it may be."), field="guards")
    arms = _crossed(draft.factors) if draft.kind == Kind.FACTORIAL else list(draft.arms)
    if not 2 <= len(arms) <= MOST_ARMS:
        raise Invalid(
            _("An experiment compares from two to %(most)s ways of working.") % {"most": MOST_ARMS},
            field="arms",
        )
    live = governance.live_policy_version(actor.organisation)
    base = governance.policy_of(live) if live else Policy()
    for arm in arms:
        changed_policy(base, arm.changes)
    if len({_same(arm) for arm in arms}) < len(arms):
        raise Invalid(_("Two of the ways of working are the same."), field="arms")
    return arms


def _check_who(actor: Actor, draft: Draft) -> None:
    """Refuse a group, a share or a length that there is not."""
    if not 0.0 < draft.share <= 1.0:
        raise Invalid(_("Between 1% and 100% of the customers take part."), field="share")
    if not (1 <= draft.days <= _LONGEST_DAYS and 1 <= draft.outcome_days <= _LONGEST_DAYS):
        raise Invalid(_("Choose from 1 to 365 days."), field="days")
    unknown = [name for name in draft.segments if name not in SEGMENTS]
    if unknown:
        raise Invalid(_("There is no segment %(name)s.") % {"name": unknown[0]}, field="segments")
    if draft.kind == Kind.PILOT and not draft.segments:
        raise Invalid(_("A pilot is in one group: choose who can take part."), field="segments")
    together = draft.together_by.strip()
    if together:
        people = Customer.objects.of(actor.organisation)
        if not people.filter(attributes__has_key=together).exists():
            raise Invalid(
                _("None of your customers has a column “%(name)s”.") % {"name": together},
                field="together_by",
            )


def _crossed(factors: Sequence[Factor]) -> list[ArmDraft]:
    if len(factors) < 2 or any(len(factor.levels) < 2 for factor in factors):
        raise Invalid(
            _("Several things at once: choose at least two, each with two values."), field="arms"
        )
    found = []
    for levels in product(*(factor.levels for factor in factors)):
        changes: dict[str, Any] = {}
        for level in levels:
            changes |= level.changes
        written = tuple(number for level in levels for number in level.texts)
        way = Way.CHANGED if changes or written else Way.LIVE
        label = " + ".join(level.name for level in levels)
        found.append(ArmDraft(label, way, changes, texts=written))
    return found


def _same(arm: ArmDraft) -> str:
    return repr((arm.way, sorted(arm.changes.items()), arm.policy and arm.policy.pk,
                 arm.predictor and arm.predictor.pk, arm.texts))  # fmt: skip


def _free_slug(actor: Actor, name: str) -> str:
    begun = slugify(name)[:50] or "experiment"
    taken = set(Experiment.objects.of(actor.organisation).values_list("slug", flat=True))
    numbered = (f"{begun}-{n}" for n in range(2, len(taken) + 3))
    # "new" leads to the form for a new one.
    return next(slug for slug in (begun, *numbered) if slug not in taken and slug != "new")
