"""Let a new version decide for a small share first, beside as many who stay as they are."""

from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.experiments.assign import assign
from tenor.engine.experiments.guards import GUARDS
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.experiments.actions.drafting import (
    ArmDraft,
    Way,
    held,
    make,
    subject,
    write_arm,
)
from tenor.platform.experiments.drawing import shares
from tenor.platform.experiments.models import Assignment, Experiment
from tenor.platform.governance.models import PolicyVersion, PredictorVersion

State = Experiment.State
CANARY, LIVE = "canary", "live"
# Long enough for any release; it ends with it.
_DAYS = 365
# A harmful version must show soon.
_OUTCOME_DAYS = 14


def begin_canary(
    actor: Actor,
    *,
    name: str,
    policy: PolicyVersion | None = None,
    predictor: PredictorVersion | None = None,
    texts: tuple[int, ...] = (),
    share: float,
    segments: tuple[str, ...] = (),
) -> Experiment:
    """Let versions of the rules, the predictor and texts hold for a share of the customers.

    Whoever approved the version has approved this: it runs from the next plan on. As many others,
    drawn by the same lot, stay as they are and are compared with; guards stop it by themselves.
    """
    _need(actor)
    if policy is None and predictor is None and not texts:
        raise Invalid(_("A canary needs a version of the rules, of the predictor or of a text."))
    _check(share)
    now = clock.now(actor.organisation)
    with transaction.atomic():
        if _running(actor).exists():
            raise Refused(_("Another version is tried on a share already: one at a time."))
        values = {
            "name": name.strip()[:120],
            "question": _("Does the new version do at least as well as the one in force?"),
            "kind": Experiment.Kind.CANARY,
            "state": State.RUNNING,
            "share": share,
            "segments": list(segments),
            "days": _DAYS,
            "outcome_days": _OUTCOME_DAYS,
            "guards": {guard.outcome.name: guard.most for guard in GUARDS},
            "started_at": now,
        }
        experiment = make(actor, values, name=name)
        write_arm(experiment, 0, LIVE, ArmDraft(_("As it is in force")))
        new = ArmDraft(
            _("The new version"), Way.STRATEGY, policy=policy, predictor=predictor, texts=texts
        )
        write_arm(experiment, 1, CANARY, new)
        audit.record(
            actor, "experiment.canary", subject(experiment),
            after={
                "share": share, "salt": experiment.salt,
                "policy": policy.number if policy else None,
                "predictor": predictor.version if predictor else None,
                "texts": list(texts),
            },
        )  # fmt: skip
    return experiment


def widen(actor: Actor, experiment: Experiment, share: float) -> Experiment:
    """Let more customers in: who is in stays in, whoever is new is drawn by the same lot."""
    _need(actor)
    _check(share)
    with transaction.atomic():
        found = held(actor, experiment.slug, State.RUNNING)
        if share < found.share:
            raise Invalid(
                _("It has %(share)s%% already: it can be widened or stopped, not narrowed.")
                % {"share": f"{found.share * 100:g}"},
                field="share",
            )
        before, found.share = found.share, share
        found.save(update_fields=["share"])
        _let_go(found)
        audit.record(actor, "experiment.widen", subject(found),
                     before={"share": before}, after={"share": share})  # fmt: skip
    experiment.share = share
    return found


def _let_go(experiment: Experiment) -> None:
    """No longer count those whom a share above half draws out of the arm compared with.

    They get the new version like the others whom chance draws; which ones, chance alone said.
    """
    arms = list(experiment.arms.all())
    names = {arm.name for arm in arms if not arm.is_reference}
    rows = Assignment.objects.of(experiment.organisation_id).filter(
        experiment=experiment, arm__is_reference=True, left_at=None
    )
    units = dict(rows.values_list("pk", "unit"))
    drawn = assign(
        pl.Series(list(units.values()), dtype=pl.String),
        salt=experiment.salt,
        weights=shares(experiment, arms),
    )
    left = [pk for pk, name in zip(units, drawn.to_list(), strict=True) if name in names]
    rows.filter(pk__in=left).update(left_at=clock.now(experiment.organisation))


def _running(actor: Actor) -> Any:
    rows = Experiment.objects.of(actor.organisation)
    return rows.filter(kind=Experiment.Kind.CANARY, state=State.RUNNING)


def _need(actor: Actor) -> None:
    if not actor.may(Right.RELEASE):
        actor.need(Right.RULES_APPROVE)


def _check(share: float) -> None:
    if not 0.0 < share <= 1.0:
        raise Invalid(_("Between 1% and 100% of the customers take part."), field="share")
