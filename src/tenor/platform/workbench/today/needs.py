"""What needs the person who looks: decisions, cases, rules, and what Tenor noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions import queries
from tenor.platform.governance.law import law_waiting_for
from tenor.platform.governance.queries import waiting
from tenor.platform.offers import queries as offers
from tenor.platform.releases.queries import release_of_rules
from tenor.platform.releases.signing import held_up, to_sign
from tenor.platform.replies import queries as replies
from tenor.platform.wording import queries as texts
from tenor.platform.workbench.today.noticed import Told, told

_GRAVE = ("danger", "warn", "info")
# Of these the list says more: the decisions that wait, and what was put up as a signal too.
_SAID_ELSEWHERE = ("waiting", "missed_days", "unsent", "no_rules", "no_channel", "no_predictor",
                   "unreadable_predictor")  # fmt: skip


@dataclass(frozen=True)
class Need:
    """One thing to do: its sign, how many, in words, and the screen where it is done."""

    icon: str
    count: int
    text: str
    more: str
    route: str
    query: str = ""


def needs(actor: Actor, run: Any) -> list[Need]:
    """Return what this person can do now, what holds most up first."""
    found: list[Need] = []
    if run is not None and actor.may(Right.SEE):
        found += _of_plan(queries.plan_summary(run), actor.may(Right.APPROVE))
    if actor.may(Right.APPROVE):
        found += _of_offers(actor)
    if actor.may(Right.WORK):
        found += _of_cases(actor) + _of_replies(actor)
    if actor.may(Right.RULES_APPROVE):
        found += _of_rules(actor) + _of_texts(actor) + _of_law(actor)
    if actor.may(Right.RELEASE):
        found += _of_releases(actor)
    return found


def signals_of(organisation: Organisation) -> Sequence[Told]:
    """Return what Tenor noticed and nobody has put away, the gravest first."""
    rows = queries.signals(organisation, limit=8)
    return [told(row) for row in sorted(rows, key=lambda row: _grave(row.level))]


def remarks(run: Any) -> list[dict[str, Any]]:
    """Return what the run says of itself: missed days, nothing sent, no rules."""
    rows = [r for r in (run.remarks if run else []) if r.get("code") not in _SAID_ELSEWHERE]
    return sorted(rows, key=lambda row: _grave(row["level"]))


def _of_plan(summary: queries.PlanSummary, may_approve: bool) -> list[Need]:
    found = []
    single = summary.person.waiting + summary.hand_over.waiting
    if summary.total.waiting and may_approve:
        text = ngettext(
            "contact waits to be approved", "contacts wait to be approved", summary.total.waiting
        )
        more = _("They can be approved together, by group or one by one.")
        found.append(Need("calendar-event", summary.total.waiting, text, more, "plan"))
    if single and may_approve:
        text = ngettext(
            "decision asks for your own look", "decisions ask for your own look", single
        )
        more = _(
            "Hand-overs, large amounts, something that keeps them from paying, and a few drawn."
        )
        key = "person" if summary.person.waiting else "hand_over"
        found.append(Need("eye", single, text, more, "plan", f"?group={key}#plan"))
    return found


def _of_offers(actor: Actor) -> list[Need]:
    rows = offers.waiting(actor)
    if not rows:
        return []
    text = ngettext(
        "offer to a customer waits for your word",
        "offers to customers wait for your word",
        len(rows),
    )
    more = _("Somebody else proposed them; the customer hears nothing until you approve.")
    return [Need("heart-handshake", len(rows), text, more, "offers")]


def _of_cases(actor: Actor) -> list[Need]:
    work = queries.worklist(actor, limit=1)
    found = []
    if work.mine:
        text = ngettext("case is yours", "cases are yours", len(work.mine))
        more = _("You took them on and have not finished them.")
        found.append(Need("user-check", len(work.mine), text, more, "worklist"))
    free = sum(work.counts.values())
    if free:
        text = ngettext("case is free for you", "cases are free for you", free)
        left = work.capacity.left
        more = (
            _("The one where a person changes most comes first.")
            if left is None
            else ngettext(
                "There is room for %(count)s more call today.",
                "There is room for %(count)s more calls today.",
                left,
            )
            % {"count": left}
        )
        found.append(Need("list-check", free, text, more, "worklist"))
    return found


def _of_replies(actor: Actor) -> list[Need]:
    there = replies.counts(actor.organisation)
    found = []
    if there["unmatched"]:
        text = ngettext(
            "reply of which nobody knows whose it is",
            "replies of which nobody knows whose they are",
            there["unmatched"],
        )
        more = _("Somebody wrote and waits. Say which customer it is.")
        found.append(Need("message", there["unmatched"], text, more, "replies", "?only=unmatched"))
    known = there["new"] - there["unmatched"]
    if known:
        text = ngettext("reply waits to be read", "replies wait to be read", known)
        more = _("Some rest until then: nothing goes out to who may want no more messages.")
        found.append(Need("mail", known, text, more, "replies"))
    return found


def _of_rules(actor: Actor) -> list[Need]:
    versions = [
        v
        for v in waiting(actor.organisation)
        if v.drafted_by_id != actor.user_id
        and release_of_rules(actor.organisation, v.number) is None
    ]
    if not versions:
        return []
    text = ngettext(
        "version of the rules waits for your word",
        "versions of the rules wait for your word",
        len(versions),
    )
    more = _("Somebody else drafted them; nothing changes until you approve.")
    return [Need("adjustments", len(versions), text, more, "rules")]


def _of_releases(actor: Actor) -> list[Need]:
    found, waiting, stopped = [], to_sign(actor), held_up(actor)
    if stopped:
        text = ngettext(
            "release that a person should look at", "releases that a person should look at",
            len(stopped),
        )  # fmt: skip
        more = _("Something stopped it, or cannot be told of it. Your name and reason are kept.")
        found.append(Need("alert-triangle", len(stopped), text, more, "releases"))
    if waiting:
        text = ngettext(
            "release waits for your signature", "releases wait for your signature", len(waiting)
        )
        more = _("One page says what changes, why, and what was found.")
        found.append(Need("git-branch", len(waiting), text, more, "releases"))
    return found


def _of_texts(actor: Actor) -> list[Need]:
    rows = texts.waiting_for(actor)
    if not rows:
        return []
    text = ngettext(
        "text of a message waits for your word", "texts of messages wait for your word", len(rows)
    )
    more = _("Somebody else wrote them; nothing changes until you approve.")
    return [Need("message", len(rows), text, more, "messages")]


def _of_law(actor: Actor) -> list[Need]:
    versions = law_waiting_for(actor)
    if not versions:
        return []
    text = ngettext(
        "version of your own law waits for your word",
        "versions of your own law wait for your word",
        len(versions),
    )
    more = _("Somebody else drafted them; nothing changes until you approve.")
    return [Need("gavel", len(versions), text, more, "law_versions")]


def _grave(level: str) -> int:
    return _GRAVE.index(level) if level in _GRAVE else len(_GRAVE)
