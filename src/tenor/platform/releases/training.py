"""Learn anew: look at the facts first, fit, and let what was learned begin its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.engine.release.check import Area, Check, audited
from tenor.engine.release.data_checks import data_checks
from tenor.platform.core import audit
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions import live
from tenor.platform.fairness.examining import history_now
from tenor.platform.governance import fitting, learning
from tenor.platform.governance.fitting import Fitted, Taught
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.queries import live_predictor
from tenor.platform.pooling.queries import prior_for
from tenor.platform.releases import drafting, going, papers
from tenor.platform.releases.alarms import history_of
from tenor.platform.releases.gathering import Models, Report, gather, judges, plain
from tenor.platform.releases.models import Release, Training
from tenor.platform.releases.parts import Parts
from tenor.platform.releases.passing import locked, pass_on
from tenor.platform.releases.proof import failed, passes_by_itself, untold

State, Recipe, Outcome = Release.State, Release.Recipe, Training.Outcome
# A year after the recipe was chosen last it is chosen anew.
_REBUILD = timedelta(days=365)
# So much worse in ranking is no price for knowing less about who somebody is.
_AS_GOOD = 0.002
# What a rebuild tries: a draw, and whether to leave out who somebody is.
_RECIPES = ((0, True), (0, False), (1, False))


@dataclass(frozen=True)
class Wish:
    """Why something is learned: a turn of the timetable, a wish, or a reason of `learning`."""

    turn: str = ""
    because: str = ""
    by_id: int | None = None
    by_name: str = ""


def train(
    actor: Actor,
    *,
    tables: Tables,
    as_of: datetime,
    wish: Wish | None = None,
    then: Model | None = None,
    made_up: bool = False,
    report: Report | None = None,
) -> Training:
    """Learn from `tables` up to `as_of` where they are fit for it, and begin the way of a release.

    Facts that fail a check teach nothing: the training is refused before it is spent, with what
    was found. Where no predictor is in force, or the one that is cannot be read, what is learned
    goes live by the gate alone; with `made_up` too, and whatever the gate says: a made-up
    organisation begins with it. `then` is a model of before, where there is one, that the recipe
    is judged by.
    """
    wish, recipe = wish or Wish(), _recipe(actor.organisation, as_of)
    looked = [plain(check) for check in _before(actor.organisation, tables, as_of)]
    if any(check["passed"] is False for check in looked):
        return _keep(actor, as_of, wish, recipe, looked)
    try:
        fitted = _fitted(actor, tables, as_of, recipe, then, report)
    except Refused as refused:
        return _keep(actor, as_of, wish, recipe, [*looked, _too_little(refused)])
    with transaction.atomic():
        release = _release(actor, fitted, wish, recipe)
        training = _keep(actor, as_of, wish, recipe, looked, release)
    alone = made_up or _nothing_decides(actor.organisation)
    models = Models(fitted.rehearsal)
    if not alone:
        models = judges(release, tables, as_of, report, rehearsal=fitted.rehearsal)
    evidence = gather(
        release, tables=tables, as_of=as_of, models=models, alone=alone, report=report
    )
    papers.write(fitted.version, fitted.model, tables, evidence=evidence, quality=fitted.quality)
    drafting.keep_evidence(actor, number=release.number, evidence=evidence)
    send_on(actor, number=release.number, made_up=made_up)
    return training


def begin_with(actor: Actor, version: PredictorVersion) -> Release:
    """Let a made-up organisation begin with a predictor that its made-up past was lived with."""
    with transaction.atomic():
        carries = Parts(predictor=version)
        release = drafting.make(actor, title=_("What the past was lived with"), carries=carries)
        going.go_live(actor, release, because=_("The made-up past was lived with it."))
    return release


def send_on(actor: Actor, *, number: int, made_up: bool = False) -> None:
    """Let a fitted candidate go its way: live, towards its shadow, to people, or out."""
    with transaction.atomic():
        release = locked(actor, number, State.DRAFT)
        wrong = failed(release.evidence)
        refused = release.predictor.figures.get("refused", "") if release.predictor else ""
        if refused:
            wrong = [fitting.words_of(refused), *wrong]
        says = _("It does not pass: %(checks)s.") % {"checks": "; ".join(wrong)}
        if wrong and (refused or not made_up):
            pass_on(actor, release, State.REJECTED, says)
        elif made_up:
            because = _("A made-up organisation begins with it.")
            because = f"{because} {says}" if wrong else because
            going.go_live(actor, release, because=because, exception=bool(wrong))
            _ask_to_look(actor, release)
        elif _nothing_decides(actor.organisation):
            because = _("The first predictor passed the gate; people approve what it plans.")
            if live_predictor(actor.organisation) is not None:
                because = _("The one before cannot be read any more, and this one passed the gate.")
            going.go_live(actor, release, because=because)
            _ask_to_look(actor, release)
        else:
            _retire_older(actor, release)
            _to_words(actor, release)


def _nothing_decides(organisation: Organisation) -> bool:
    """Say whether everybody is left to the ladder: there is no predictor, or none that is read."""
    version = live_predictor(organisation)
    return version is None or live.is_unreadable(version)


def _ask_to_look(actor: Actor, release: Release) -> None:
    """Ask for a person's name under what the facts cannot tell of a predictor that is live.

    It has to begin somewhere: a small portfolio would wait for years for every answer.
    """
    open_ = untold(release.evidence)
    if open_:
        because = _("These facts cannot tell: %(checks)s.") % {"checks": "; ".join(open_)}
        going.hold(actor, release, because=because)


def _before(organisation: Organisation, tables: Tables, as_of: datetime) -> list[Check]:
    """Return what is asked of the facts before anything is learned from them."""
    found = list(data_checks(tables, as_of=as_of))
    if any(check.passed is False for check in found):
        return found
    history = audited(
        "history treats groups alike",
        history_of(organisation) or history_now(organisation, tables, as_of),
        area=Area.HISTORY,
        about="Whether groups were contacted or handed over differently at equal risk",
    )
    return [*found, history]


def _to_words(actor: Actor, release: Release) -> None:
    """Submit a candidate; an update of the same recipe may need nobody's word."""
    by_itself = release.automatic and passes_by_itself(release.evidence)
    if release.automatic and not by_itself:
        release.automatic = False
        release.save(update_fields=["automatic"])
    drafting.hand_in(actor, release, _("It passed the gate."))
    if by_itself:
        because = _("An update of the same recipe that passed every check needs nobody's word.")
        pass_on(actor, release, State.APPROVED, because)


def _retire_older(actor: Actor, release: Release) -> None:
    """Set candidates of the timetable aside that still wait: they know less than this one."""
    rows = Release.objects.of(actor.organisation).filter(
        state__in=(State.SUBMITTED, State.APPROVED), policy=None, author=None
    )
    for older in rows.exclude(pk=release.pk).select_for_update(of=("self",)):
        because = _("Release %(number)s knows more.") % {"number": release.number}
        pass_on(actor, older, State.RETIRED, because)


def _release(actor: Actor, fitted: Fitted, wish: Wish, recipe: str) -> Release:
    day = date_format(fitted.version.facts_until, "j F Y")
    narrow = fitted.model.facts["behaviour_only"]
    alike = recipe == Recipe.UPDATE and narrow == _in_force(actor.organisation).behaviour_only
    automatic = alike and preferences_of(actor.organisation).automatic_updates
    return drafting.make(
        actor,
        title=_("Predictor of %(day)s") % {"day": day},
        note=_note(wish),
        carries=Parts(predictor=fitted.version),
        recipe=recipe,
        automatic=automatic,
    )


def _note(wish: Wish) -> str:
    if wish.by_name:
        return _("Asked for by %(name)s.") % {"name": wish.by_name}
    if wish.because == learning.UNREADABLE:
        return _("Learned anew at once: the predictor in force cannot be read any more.")
    return ""


def _keep(
    actor: Actor,
    as_of: datetime,
    wish: Wish,
    recipe: str,
    checks: list[dict[str, Any]],
    release: Release | None = None,
) -> Training:
    """Write an attempt down with what came of it."""
    with transaction.atomic():
        row: Training = Training.objects.of(actor.organisation).create(
            at=as_of,
            turn=wish.turn,
            recipe=recipe,
            by_id=wish.by_id,
            by_name=wish.by_name or actor.name,
            outcome=Outcome.FITTED if release else Outcome.REFUSED,
            checks=checks,
            predictor=release.predictor if release else None,
            release=release,
        )
        wrong = [check["name"] for check in checks if check["passed"] is False]
        audit.record(
            actor, f"training.{row.outcome}", f"organisation:{actor.organisation.slug}",
            after={"recipe": recipe, "turn": wish.turn, "failed": wrong},
        )  # fmt: skip
    return row


def _fitted(
    actor: Actor,
    tables: Tables,
    as_of: datetime,
    recipe: str,
    then: Model | None,
    report: Report | None,
) -> Fitted:
    """Fit by the recipe in force; a rebuild tries several, and keeps the leanest of the best."""
    taught = _in_force(actor.organisation)
    if recipe == Recipe.REBUILD:
        taught, then = _chosen(actor, tables, as_of, report)
    return fitting.fit_predictor(
        actor, tables=tables, as_of=as_of, then=then, taught=taught, report=report
    )


def _chosen(
    actor: Actor, tables: Tables, as_of: datetime, report: Report | None
) -> tuple[Taught, Model | None]:
    """Return the recipe that foretold the last sixty days best, and its model of before them."""
    tried = []
    prior = prior_for(actor.organisation)
    for seed, narrow in _RECIPES:
        taught = Taught(seed, narrow, prior)
        found = fitting.rehearsed(actor, tables, as_of, taught, report)
        if found is not None:
            tried.append((found[0], taught, found[1]))
    if not tried:
        return Taught(prior=prior), None
    best = max(auc for auc, _taught, _model in tried)
    # The first of those as good as the best: they stand in order of what they ask to know.
    return next((taught, model) for auc, taught, model in tried if auc >= best - _AS_GOOD)


def _in_force(organisation: Organisation) -> Taught:
    version = live_predictor(organisation)
    facts: dict[str, Any] = version.figures.get("facts", {}) if version else {}
    narrow = bool(facts.get("behaviour_only", False))
    return Taught(int(facts.get("seed", 0)), narrow, prior_for(organisation))


def _recipe(organisation: Organisation, as_of: datetime) -> str:
    """Say whether the recipe is chosen anew: a year after that was done, or after the first."""
    rows = Training.objects.of(organisation).filter(outcome=Outcome.FITTED)
    since = (
        rows.filter(recipe=Recipe.REBUILD).order_by("-at").first() or rows.order_by("at").first()
    )
    due = since is not None and as_of - since.at >= _REBUILD
    return Recipe.REBUILD.value if due else Recipe.UPDATE.value


def _too_little(refused: Refused) -> dict[str, Any]:
    return {
        "name": "enough to learn", "passed": False, "figure": None, "limit": None,
        "text": refused.message, "area": "data", "source": "", "needed": True,
    }  # fmt: skip
