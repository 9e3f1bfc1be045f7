"""What people do with the plan: approve, take back, hold, veto, agree, disagree.

Each works on decisions by number, or on what still fits in a group of a run. Changes are made
by compare-and-set on the state, so that two people, or a person and the sender, cannot both win.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Decision, Review, Run
from tenor.platform.decisions.queries.groups import decisions_of
from tenor.platform.decisions.queries.plan import Approval, approval_of, latest_run
from tenor.platform.decisions.reasons import REVIEW_REASONS
from tenor.platform.decisions.runs.bulk import write
from tenor.platform.ledger.models import Exposure

State = Decision.State
Verdict = Review.Verdict

# As many numbers as fit in one statement of either database.
AT_ONCE = 5_000
# Of so many changes at once, the audit entry names each; of more, the reviews do.
NAMED = 200
_LONGEST_WORD = 40


@dataclass(frozen=True)
class Outcome:
    """What came of it: how many, at what cost and expected gain; how many could not be."""

    approval: Approval
    left: int = 0

    @property
    def count(self) -> int:
        """Return how many were changed."""
        return self.approval.count


def approve(
    actor: Actor,
    *,
    decisions: Iterable[Decision | int] | None = None,
    run: Run | None = None,
    group: str = "all",
    note: str = "",
    **filters: Any,
) -> Outcome:
    """Let decisions go out at their time: these, or what waits in a group of a run.

    "all" leaves out what a person sees one by one and hand-overs; name these groups to approve
    them. Who has paid meanwhile is passed over and counted in `left`.
    """
    rows = _meant(actor, decisions, run, group, filters)
    return _move(
        actor,
        rows,
        "decision.approve",
        source=[State.PROPOSED, State.HELD] if decisions is not None else [State.PROPOSED],
        target=State.APPROVED,
        verdict=Verdict.AGREED,
        reason="agree",
        note=note,
        owing=True,
        named=_named(decisions, run, group),
    )


def take_back(
    actor: Actor,
    *,
    decisions: Iterable[Decision | int] | None = None,
    run: Run | None = None,
    group: str = "all",
    **filters: Any,
) -> Outcome:
    """Undo an approval while nothing has gone out; the label that it left goes with it."""
    rows = _meant(actor, decisions, run, group, filters)
    return _move(
        actor,
        rows,
        "decision.take_back",
        source=[State.APPROVED],
        target=State.PROPOSED,
        verdict=None,
        named=_named(decisions, run, group),
    )


def hold(
    actor: Actor, *, decisions: Iterable[Decision | int], reason: str, note: str = ""
) -> Outcome:
    """Keep decisions back until somebody releases them, or the next plan decides anew."""
    return _move(
        actor,
        _meant(actor, decisions),
        "decision.hold",
        source=[State.PROPOSED, State.APPROVED],
        target=State.HELD,
        verdict=Verdict.HELD,
        reason=_known(reason),
        note=note,
        named=_named(decisions),
    )


def release(actor: Actor, *, decisions: Iterable[Decision | int], note: str = "") -> Outcome:
    """Put decisions that were held or refused back to wait for approval."""
    return _move(
        actor,
        _meant(actor, decisions),
        "decision.release",
        source=[State.HELD, State.VETOED],
        target=State.PROPOSED,
        verdict=None,
        note=note,
        named=_named(decisions),
    )


def veto(
    actor: Actor, *, decisions: Iterable[Decision | int], reason: str, note: str = ""
) -> Outcome:
    """Refuse decisions: nothing goes out today, and why is kept as a label."""
    return _move(
        actor,
        _meant(actor, decisions),
        "decision.veto",
        source=[State.PROPOSED, State.APPROVED, State.HELD],
        target=State.VETOED,
        verdict=Verdict.VETOED,
        reason=_known(reason),
        note=note,
        named=_named(decisions),
    )


def review(
    actor: Actor, *, decision: Decision | int, agrees: bool, reason: str = "", note: str = ""
) -> Review:
    """Say whether one agrees with a decision, whatever became of it: a label, nothing else."""
    verdict = Verdict.AGREED if agrees else Verdict.DISAGREED
    return _say(actor, decision, verdict, "agree" if agrees else _known(reason), note, {})


def flag(
    actor: Actor,
    *,
    decision: Decision | int,
    reason: str,
    note: str = "",
    channel: str = "",
    tone: str = "",
) -> Review:
    """Say that a decision is wrong advice, and what would have been right where one knows.

    It teaches the next predictor, changes nothing today, and counts against nobody.
    """
    better = {"channel": channel.strip(), "tone": tone.strip()}
    better = {name: word for name, word in better.items() if word}
    for name, word in better.items():
        if len(word) > _LONGEST_WORD:
            raise Invalid(_("This is no channel or tone."), field=name)
    return _say(actor, decision, Verdict.FLAGGED, _known(reason), note, better)


def _say(
    actor: Actor,
    decision: Decision | int,
    verdict: Review.Verdict,
    reason: str,
    note: str,
    better: dict[str, str],
) -> Review:
    actor.need(Right.WORK)
    found = row_for(actor, Decision, pk=getattr(decision, "pk", decision))
    with transaction.atomic():
        label: Review = Review.objects.of(actor.organisation).create(
            **_label(actor, verdict, reason, note), decision=found, change=better
        )
        audit.record(
            actor, "decision.review", f"decision:{found.key}",
            after={"verdict": label.verdict, "reason": reason, "note": note, **better},
        )  # fmt: skip
    return label


def _meant(
    actor: Actor,
    decisions: Iterable[Decision | int] | None,
    run: Run | None = None,
    group: str = "",
    filters: dict[str, Any] | None = None,
) -> Any:
    if decisions is not None:
        numbers = [getattr(d, "pk", d) for d in decisions]
        newest = latest_run(actor.organisation)
        # What an earlier plan intended is no longer anybody's to decide.
        current = Q(run=None) | Q(run=newest) if newest else Q(run=None)
        return Decision.objects.of(actor.organisation).filter(current, pk__in=numbers)
    if run is None:
        raise Invalid(_("Say which decisions, or of which run."), field="decisions")
    run = row_for(actor, Run, pk=run.pk)
    newest = latest_run(actor.organisation)
    if newest is None or newest.pk != run.pk:
        raise Refused(_("There is a newer plan: look at that one."))
    return decisions_of(run, group=group, **(filters or {}))


def _move(
    actor: Actor,
    rows: Any,
    action: str,
    *,
    source: Sequence[str],
    target: str,
    verdict: Review.Verdict | None,
    named: dict[str, Any],
    reason: str = "",
    note: str = "",
    owing: bool = False,
) -> Outcome:
    """Take decisions from one state to another, with a label each and one audit entry."""
    actor.need(Right.WORK if target == State.HELD else Right.APPROVE)
    with transaction.atomic():
        asked = rows.count()
        fit = rows.filter(state__in=source)
        if owing:
            fit = fit.filter(_still_owing())
        keys = _locked(fit)
        if not keys:
            raise Refused(_refusal(asked))
        changed = Decision.objects.of(actor.organisation)
        values: dict[str, Any] = {"changed_at": now(actor.organisation)}
        values |= {"state": target, "decided_by_id": actor.user_id}
        numbers = list(keys)
        for part in _parts(numbers):
            _set(changed.filter(pk__in=part, state__in=source), target, values)
        if action == "decision.take_back":
            for part in _parts(numbers):
                agreed = Review.objects.of(actor.organisation).filter(decision_id__in=part)
                agreed.filter(verdict=Verdict.AGREED).delete()
        if verdict is not None:
            label = _label(actor, verdict, reason, note)
            write(Review, actor.organisation, {"decision_id": numbers}, alike=label)
        approval = _approval(actor, numbers)
        _record(actor, action, keys, named, approval, target, reason, note)
    return Outcome(approval, asked - len(keys))


def _set(rows: Any, target: str, values: dict[str, Any]) -> None:
    """Write the new state; agreeing that somebody is left alone leaves nothing to carry out."""
    if target == State.APPROVED:
        silent = Q(channel="") & ~Q(verdict="escalate")
        rows.filter(silent).update(**values | {"state": State.NOTHING, "gate": "seen"})
        rows.exclude(silent).update(**values)
    else:
        rows.update(**values)


def _locked(rows: Any) -> dict[int, str]:
    """Return the numbers and keys of the rows, held until the transaction ends."""
    rows = rows.order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return dict(rows.values_list("pk", "key"))


def _still_owing() -> Exists:
    """Return what keeps those whose customer owes nothing any more out of an approval."""
    return Exists(
        Exposure.across.filter(
            customer_id=OuterRef("customer_id"), currency=OuterRef("currency"), open_amount__gt=0
        )
    )


def _parts(numbers: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]


def _approval(actor: Actor, numbers: list[int]) -> Approval:
    parts = [
        approval_of(Decision.objects.of(actor.organisation).filter(pk__in=part))
        for part in _parts(numbers)
    ]
    amounts: dict[str, Decimal] = {}
    for part in parts:
        for currency, amount in part.amounts.items():
            amounts[currency] = amounts.get(currency, Decimal(0)) + amount
    return Approval(
        sum(p.count for p in parts), sum(p.cost for p in parts), sum(p.gain for p in parts), amounts
    )


def _label(actor: Actor, verdict: str, reason: str, note: str) -> dict[str, Any]:
    if len(note) > 500:
        raise Invalid(_("A note has at most 500 characters."), field="note")
    return {
        "verdict": verdict, "reason": reason, "note": note, "at": now(actor.organisation),
        "by_id": actor.user_id, "by_name": actor.name[:200],
    }  # fmt: skip


def _record(
    actor: Actor,
    action: str,
    keys: dict[int, str],
    named: dict[str, Any],
    approval: Approval,
    target: str,
    reason: str,
    note: str,
) -> None:
    if len(keys) == 1:
        subject = f"decision:{next(iter(keys.values()))}"
    else:
        subject = f"plan:{named.get('run', 'decisions')}"
    after: dict[str, Any] = {"state": target, "count": len(keys), **named}
    after |= {"cost": approval.cost, "gain": approval.gain, "amounts": approval.amounts}
    if reason:
        after |= {"reason": reason, "note": note}
    if len(keys) <= NAMED:
        after["decisions"] = sorted(keys.values())
    audit.record(actor, action, subject, after=after)


def _named(
    decisions: Iterable[Decision | int] | None, run: Run | None = None, group: str = ""
) -> dict[str, Any]:
    if decisions is not None or run is None:
        return {}
    return {"run": run.day.isoformat(), "group": group}


def _known(reason: str) -> str:
    if reason not in REVIEW_REASONS:
        raise Invalid(_("Choose a reason."), field="reason")
    return reason


def _refusal(asked: int) -> str:
    if asked == 0:
        return _("There are no such decisions.")
    return _(
        "This is no longer open: it has gone out, was decided anew, was paid, or somebody was "
        "first. Nothing was changed."
    )
