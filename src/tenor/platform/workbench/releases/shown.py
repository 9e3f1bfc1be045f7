"""What the screens about releases show: lists, the line of states, and what one may do."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.core.actor import Actor
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.governance import switches
from tenor.platform.governance.law import law_versions
from tenor.platform.governance.queries import live_predictor, work_under_way
from tenor.platform.releases import going
from tenor.platform.releases.parts import decides, way_of
from tenor.platform.releases.queries import Live, law_carried, passages, texts_carried
from tenor.platform.wording.queries import open_texts
from tenor.platform.workbench.messages.shown import Place
from tenor.platform.workbench.releases import words
from tenor.platform.workbench.rules.shown import percentage
from tenor.platform.workbench.templatetags.tenor import percent, word
from tenor.platform.workbench.words import short_date

_ENDED = ("retired", "rejected", "rolled_back")
_ON_TRIAL = ("shadow", "canary")


@dataclass(frozen=True)
class Living:
    """A row of the registry: what it is, which version, since when, by whose word."""

    row: Live
    kind: Any
    name: str
    href: str

    @classmethod
    def of(cls, row: Live, slug: str) -> "Living":
        """Put words and a way there beside a live part."""
        href, name = "", row.name
        if row.release:
            href = reverse("workbench:release", args=[slug, row.release])
        elif row.kind == "rules":
            href = reverse("workbench:rules_version", args=[slug, row.version])
        elif row.kind == "predictor":
            href = reverse("workbench:rules_predictor", args=[slug])
        elif row.kind == "law":
            href = reverse("workbench:law_version", args=[slug, row.version])
        if row.kind == "text":
            name = text_name(Place(*row.name.split(" · ")))
        return cls(row, words.KINDS[row.kind], name, href)


@dataclass(frozen=True)
class Listed:
    """A release as a list shows it: its state in words, what it changes, and its line."""

    row: Any
    state: Any
    meaning: str
    changes: list[str]
    line: list[dict[str, Any]]

    @classmethod
    def of(cls, row: Any) -> "Listed":
        """Put the words of its state and its line beside a release."""
        name, meaning = words.STATES[row.state]
        if row.state == "retired" and row.live_at is None:
            name = _("Set aside")
        return cls(row, name, meaning, _changes(row), line_of(row))


@dataclass(frozen=True)
class Learned:
    """An attempt to learn anew: what came of it, and what kept it from more."""

    row: Any
    recipe: str
    why: list[str]

    @classmethod
    def of(cls, row: Any) -> "Learned":
        """Put words beside a training."""
        recipe = _("rebuilt from scratch") if row.recipe == "rebuild" else _("the same recipe")
        why = [check["text"] for check in row.checks if check["passed"] is False]
        return cls(row, recipe, why)


def line_of(release: Any) -> list[dict[str, Any]]:
    """Return the states a release goes through: behind it, here, ahead, each with its day."""
    days: dict[str, Any] = {}
    order = way_of(release)
    reached = [step for step in release.passages.all() if step.after in order]
    for step in reached:
        days[step.after] = step.at
    last = reached[-1].after if reached else "draft"
    here = order.index(release.state if release.state in order else last)
    ended = release.state in _ENDED and not (release.state == "retired" and release.live_at)
    found = []
    stops = [stop for stop in words.LINE if stop[0] in order]
    for place, (state, name, meaning) in enumerate(stops):
        how = "done" if place < here else "here" if place == here else "ahead"
        if how == "here" and (ended or release.state in _ENDED):
            how = "ended" if ended else "done"
        if how == "done" and state not in days:
            how = "left-out"
        found.append({
            "state": state, "name": name, "meaning": meaning, "how": how,
            "at": days.get(state) if how != "ahead" else None, "more": _more(release, state, how),
        })  # fmt: skip
    return found


def _more(release: Any, state: str, how: str) -> str:
    """Say how far a step is that a release is in."""
    if how != "here":
        return ""
    if state == "shadow":
        done = release.days.count()
        return ngettext(
            "day %(done)s of %(days)s", "day %(done)s of %(days)s", release.shadow_days
        ) % {"done": done, "days": release.shadow_days}
    return percent(release.share) if state == "canary" else ""


def course(release: Any) -> list[dict[str, Any]]:
    """Return every step of a release in words, the latest last."""
    found = []
    for step in passages(release):
        name = words.STATES[step.after][0]
        if step.before == step.after:
            name = _("In the same place")
        found.append({"row": step, "name": name})
    return found


def switches_of(actor: Actor) -> list[dict[str, Any]]:
    """Return the four switches, each with what happens now."""
    off = {row.what: row for row in switches.switches(actor.organisation)}
    return [
        {"what": what, "words": words.SWITCHES[what], "off": off.get(what)}
        for what in words.SWITCHES
    ]


def progress(request: Any, release: Any) -> dict[str, Any]:
    """Return how far the gathering of evidence is."""
    job = work_under_way(request.organisation, "release_evidence", number=release.number)
    running = job is not None and job.state == "waiting"
    return {
        "job": job if running else None,
        "done": percentage(job) if running else 0,
        "failed": job is not None and job.state == "failed",
    }


def follows(actor: Actor, release: Any) -> str:
    """Say what signing sets going, while signatures are asked for; nothing where it goes at once.

    Whoever signs should know how small the first step is, and that it can be taken back.
    """
    if release.state not in ("draft", "submitted") or not decides(release):
        return ""
    share = percent(preferences_of(actor.organisation).canary_share)
    return ngettext(
        "Once signed: %(days)s day in shadow, in which nothing is sent; then %(share)s of the "
        "customers; then step by step everybody. It can be taken back on every day.",
        "Once signed: %(days)s days in shadow, in which nothing is sent; then %(share)s of the "
        "customers; then step by step everybody. It can be taken back on every day.",
        release.shadow_days,
    ) % {"days": release.shadow_days, "share": share}


def acts_of(actor: Actor, release: Any) -> dict[str, Any]:
    """Return what this person may do with a release as it stands."""
    state, mine = release.state, release.author_id in (None, actor.user_id)
    brake = actor.may(Right.RELEASE) or actor.may(Right.RULES_APPROVE)
    if release.law_id is not None:
        brake = brake and actor.may(Right.LAW)
    return {
        "may_submit": state == "draft" and mine and actor.may(Right.RULES),
        "may_withdraw": state in ("draft", "submitted", "approved") and mine
        and actor.may(Right.RULES),
        "may_go_on": bool(release.held) and actor.may(Right.RELEASE),
        "decides": decides(release),
        "goes_untried": going.untried(release) if "canary" not in way_of(release) else "",
        "may_skip": state in ("approved", *_ON_TRIAL) and actor.may(Right.LAW),
        "may_roll_back": state in ("live", *_ON_TRIAL) and brake,
        "may_go_back": state in ("retired", "rolled_back") and release.live_at and brake,
        "may_examine": actor.may(Right.RELEASE),
        "skips": _("the shadow") if state in ("approved", "shadow") and "shadow" in way_of(release)
        else _("the canary"),
    }  # fmt: skip


def free_rules(actor: Actor, every: list[Any]) -> list[Any]:
    """Return the versions of the rules that this person may open a release of."""
    return [
        row for row in every
        if row.state == "submitted" or (row.state == "draft" and row.drafted_by_id == actor.user_id)
    ]  # fmt: skip


def free_predictors(actor: Actor, every: list[Any]) -> list[Any]:
    """Return the predictors that were fitted and never were in force."""
    live = live_predictor(actor.organisation)
    return [row for row in every if row.state == "fitted" and (live is None or row.pk != live.pk)]


def free_law(actor: Actor) -> list[Any]:
    """Return the versions of the organisation's own law that this person may open a release of."""
    carried = law_carried(actor.organisation)
    return [
        row for row in free_rules(actor, law_versions(actor.organisation)) if row.pk not in carried
    ]


def free_texts(actor: Actor) -> list[dict[str, Any]]:
    """Return the drafts of texts that a release may carry, each with its place in words."""
    carried = texts_carried(actor.organisation)
    return [
        {"pk": row.pk, "name": text_name(row), "number": row.number}
        for row in open_texts(actor.organisation)
        if row.pk not in carried
    ]


def text_name(row: Any) -> str:
    """Say where a text stands: the occasion, the form, the tone and the language."""
    place = Place(row.kind, row.form, row.tone, row.language)
    parts = (place.name, place.form_name, word(row.tone), place.language_name)
    return " · ".join(str(part) for part in parts)


def no_paper() -> str:
    """Say why there is no card or data sheet."""
    return _("This predictor was fitted before cards were written. The next one has one.")


def timetable(actor: Actor) -> Any:
    """Say how often one learns anew."""
    return words.RETRAINING[preferences_of(actor.organisation).retrain_every]


def _changes(row: Any) -> list[str]:
    found = []
    if row.predictor_id:
        day = short_date(row.predictor.facts_until, "j M Y")
        found.append(_("predictor on facts until %(day)s") % {"day": day})
    if row.policy_id:
        found.append(_("rules, version %(number)s") % {"number": row.policy.number})
    if row.law_id:
        found.append(
            _("own law of %(pack)s, version %(number)s")
            % {"pack": row.law.jurisdiction, "number": row.law.number}
        )
    texts = len(row.texts.all())
    if texts:
        found.append(ngettext("%(n)s text", "%(n)s texts", texts) % {"n": texts})
    return found
