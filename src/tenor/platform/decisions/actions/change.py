"""Change a decision: channel, tone, moment or text, within the rules; what Tenor meant is kept."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.channels import available_channels
from tenor.platform.decisions.models import Decision, Review
from tenor.platform.decisions.queries.permission import Answer, Ask, answers, policy_for
from tenor.platform.decisions.reasons import REFUSALS, REVIEW_REASONS, words_of

State = Decision.State

# Who was left alone can be contacted after all.
CHANGEABLE = (State.PROPOSED, State.APPROVED, State.HELD, State.VETOED, State.NOTHING)
_KEPT = ("channel", "tone", "send_at", "text", "invoice_keys", "cost", "verdict", "value")


def change(
    actor: Actor,
    *,
    decision: Decision | int,
    channel: str | None = None,
    tone: str | None = None,
    send_at: datetime | None = None,
    text: str | None = None,
    reason: str,
    note: str = "",
) -> Decision:
    """Change what a decision does; what is not given stays as it is.

    The rules in force say whether it may be; a refusal names which of them forbids it. What the
    engine intended is kept in `original`. It waits for approval again, unless it was approved.
    """
    actor.need(Right.APPROVE)
    if reason not in REVIEW_REASONS:
        raise Invalid(_("Choose a reason."), field="reason")
    wanted = {"channel": channel, "tone": tone, "send_at": send_at, "text": text}
    with transaction.atomic():
        found: Decision = row_for(
            actor, Decision, related=("customer",), lock=True, pk=getattr(decision, "pk", decision)
        )
        changes = {k: v for k, v in wanted.items() if v is not None and v != getattr(found, k)}
        if found.state not in CHANGEABLE:
            raise Refused(
                _("This has gone out or was decided anew: it cannot be changed any more.")
            )
        if found.verdict == "escalate":
            raise Refused(_("A hand-over cannot be changed; hold it or refuse it."))
        if not changes:
            raise Invalid(_("Nothing would change."), field="channel")
        before = {name: getattr(found, name) for name in _KEPT}
        if set(changes) != {"text"}:
            changes |= _permitted(actor, found, changes)
        _write(actor, found, changes, before)
        _label(actor, found, changes, before, reason, note)
    return found


def _permitted(actor: Actor, found: Decision, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what else changes with it, or refuse with the rules that forbid it."""
    organisation = actor.organisation
    present = now(organisation)
    policy = policy_for(organisation, found.segment)
    channel = changes.get("channel", found.channel)
    at = changes.get("send_at", found.send_at)
    if not channel or at is None:
        raise Invalid(_("Choose a channel and a moment."), field="channel" if at else "send_at")
    if at < present and "send_at" in changes:
        raise Invalid(words_of("past", REFUSALS), field="send_at")
    known = {c.name: c for c in policy.channels}
    if channel not in known:
        usable = available_channels(organisation, [channel])
        code = "channel_off" if usable else "no_channel"
        raise Invalid(words_of(code, REFUSALS), field="channel")
    tone = changes.get("tone", found.tone) or known[channel].tones[0]
    if tone not in known[channel].tones and "tone" not in changes:
        # The tone that stood there is none of the new channel: its first takes its place.
        tone = known[channel].tones[0]
    ask = Ask(found.customer.key, channel, max(at, present), found.invoice_keys, tone)
    answer = answers(organisation, [ask], as_of=present, policy=policy)[0]
    if not answer.permitted:
        raise Invalid(_refusal(answer), field=_field(answer))
    return {
        "channel": channel,
        "tone": tone,
        "send_at": at,
        "cost": known[channel].cost,
        "invoice_keys": answer.invoice_keys,
    }


def _write(actor: Actor, found: Decision, changes: dict[str, Any], before: dict[str, Any]) -> None:
    if found.original is None:
        found.original = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in before.items()
        }
    for name, value in changes.items():
        setattr(found, name, value)
    if "channel" in changes and before["channel"] == "":
        found.verdict = "contact"
    if found.state in (State.NOTHING, State.VETOED):
        found.state = State.PROPOSED
        found.gate = "by_hand"
    found.decided_by_id = actor.user_id
    found.changed_at = now(actor.organisation)
    found.save()


def _label(
    actor: Actor,
    found: Decision,
    changes: dict[str, Any],
    before: dict[str, Any],
    reason: str,
    note: str,
) -> None:
    differs = {name: value for name, value in changes.items() if value != before[name]}
    shown = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in differs.items()
    }
    was = {name: before[name] for name in differs}
    Review.objects.of(actor.organisation).create(
        decision=found, verdict=Review.Verdict.CHANGED, reason=reason, note=note[:500],
        change=shown, at=now(actor.organisation), by_id=actor.user_id, by_name=actor.name[:200],
    )  # fmt: skip
    audit.record(
        actor, "decision.change", f"decision:{found.key}", before=was,
        after=differs | {"reason": reason, "note": note},
    )  # fmt: skip


def _refusal(answer: Answer) -> str:
    words = "; ".join(words_of(code, REFUSALS) for code in answer.refusals)
    return _("The rules do not permit this: %(reasons)s.") % {"reasons": words}


def _field(answer: Answer) -> str:
    by_code = {
        "tone_off": "tone", "hours": "send_at", "horizon": "send_at", "min_days_between": "send_at",
        "max_contacts_30d": "send_at", "quiet_holidays": "send_at", "law_days": "send_at",
        "law_caps": "send_at", "channel_days": "send_at", "wished_times": "send_at",
    }  # fmt: skip
    return by_code.get(answer.refusals[0], "channel")
