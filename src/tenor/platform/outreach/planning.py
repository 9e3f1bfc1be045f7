"""Make of an approved decision what carries it out: a message, a call, a hand-over to sign."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from tenor.platform.core.actor import Actor
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.decisions.queries.permission import Ask, answers, policies_for
from tenor.platform.outreach.asking import (
    PASSING,
    About,
    Standing,
    first_reminder_days,
    lock_customers,
    standing,
)
from tenor.platform.outreach.channels import BY_PEOPLE
from tenor.platform.outreach.models import Message

State = Decision.State

# Those that a person stopped and then let go again are planned anew; others stay as they ended.
_REVIVED = ("not_approved", "paused")
# How old a plan may be that says whom nothing reaches.
_LOOKS_BACK = timedelta(days=2)


def plan_messages(actor: Actor, decisions: Sequence[Decision]) -> list[Message]:
    """Put down a message for each approved decision; one that has one keeps it. Safe to repeat.

    One message a customer with all that is due in one currency, under the decision's key.
    """
    rows = Message.objects.of(actor.organisation)
    with transaction.atomic():
        revived = rows.filter(
            decision__in=[d.pk for d in decisions], state=Message.State.CANCELLED,
            refusal__in=_REVIVED,
        )  # fmt: skip
        by_number = {d.pk: d for d in decisions}
        for message in revived.select_for_update():
            _fill(message, by_number[message.decision_id])
            message.state, message.refusal = Message.State.PLANNED, ""
            message.save()
        rows.bulk_create(
            (_fill(Message(), decision) for decision in decisions),
            ignore_conflicts=True,
            batch_size=1_000,
        )
        return list(rows.filter(key__in=[d.key for d in decisions]))


def _fill(message: Message, decision: Decision) -> Message:
    message.customer_id, message.decision_id = decision.customer_id, decision.pk
    message.key, message.channel, message.tone = decision.key, decision.channel, decision.tone
    message.invoice_keys, message.currency = decision.invoice_keys, decision.currency
    message.amount = decision.amount
    assert decision.send_at is not None
    message.send_at = decision.send_at
    # What a person chose was not drawn with the chance that the engine noted.
    message.propensity = decision.propensity if decision.original is None else None
    message.cost = decision.cost
    message.policy = rules_of(decision)
    return message


def rules_of(decision: Decision) -> str:
    """Return under which rules it was decided, for the engine's table of contacts."""
    policy = decision.run.policy if decision.run else None
    return f"rules {policy.number}" if policy else ""


def due_decisions(actor: Actor, now: datetime, limit: int) -> list[Decision]:
    """Return approved contacts whose moment has come and that have no message under way."""
    rows = Decision.objects.of(actor.organisation).filter(
        Q(message=None) | Q(message__state=Message.State.CANCELLED, message__refusal__in=_REVIVED),
        state=State.APPROVED, send_at__lte=now,
    )  # fmt: skip
    rows = rows.exclude(channel="").exclude(channel__in=BY_PEOPLE).exclude(verdict="escalate")
    return list(rows.select_related("run__policy").order_by("send_at", "pk")[:limit])


def put_out_calls(actor: Actor, now: datetime, until: datetime, limit: int) -> int:
    """Turn approved calls of today (until `until`) into tasks; return how many.

    Calls that nobody has taken on, and that should not be made any more, are taken off the list.
    """
    _drop_stale_calls(actor, now)
    rows = Decision.objects.of(actor.organisation).filter(
        state=State.APPROVED, channel__in=BY_PEOPLE, send_at__lt=until
    )
    rows = rows.exclude(verdict="escalate").select_related("customer")
    decisions = list(rows.order_by("-value", "pk")[:limit])
    permitted = _permitted(actor, decisions, now)
    done = 0
    for decision in decisions:
        with transaction.atomic():
            done += _turn_into_task(actor, decision, now, Task.Kind.CALL, permitted[decision.pk])
    return done


def put_out_unreachable(actor: Actor, now: datetime, limit: int) -> int:
    """Have a person find an address of those whom no channel reaches any more; return how many."""
    rows = Decision.objects.of(actor.organisation).filter(
        state=State.NOTHING, gate="no_address", decided_at__gt=now - _LOOKS_BACK
    )
    tasks = Task.objects.of(actor.organisation).filter(kind=Task.Kind.NO_ADDRESS)
    asked = tasks.filter(state=Task.State.OPEN).values("customer_id")
    decisions = rows.exclude(customer_id__in=asked).select_related("customer").order_by("pk")
    done = 0
    for decision in decisions.filter(tasks=None)[:limit]:
        facts = {**facts_of(decision, Standing()), "amount": f"{decision.amount:f}",
                 "invoice_keys": decision.invoice_keys, "reason": "no_address"}  # fmt: skip
        _task, new = Task.objects.of(actor.organisation).get_or_create(
            key=f"{Task.Kind.NO_ADDRESS}:{decision.key}",
            defaults={
                "customer_id": decision.customer_id,
                "decision": decision,
                "kind": Task.Kind.NO_ADDRESS,
                "value": decision.value,
                "facts": facts,
                "due_at": now,
                "created_at": now,
            },
        )
        done += new
    return done


def put_out_hand_overs(actor: Actor, now: datetime, limit: int) -> int:
    """Open the gate for approved hand-overs, for somebody to sign; return how many.

    Nothing is handed over here: that takes the list of the law and a person's signature
    (`decisions.actions.hand_over`).
    """
    rows = Decision.objects.of(actor.organisation).filter(state=State.APPROVED, verdict="escalate")
    done = 0
    for decision in rows.select_related("customer").order_by("pk")[:limit]:
        with transaction.atomic():
            done += _turn_into_task(actor, decision, now, Task.Kind.HAND_OVER, True)
    return done


def _permitted(actor: Actor, decisions: Sequence[Decision], now: datetime) -> dict[int, bool]:
    """Say of each call whether the rules still let it be made at its moment."""
    policies = policies_for(actor.organisation, {d.segment for d in decisions})
    groups: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        groups[policies[decision.segment].version].append(decision)
    found: dict[int, bool] = {}
    for some in groups.values():
        asks = [
            Ask(d.customer.key, d.channel, max(d.send_at or now, now), d.invoice_keys, d.tone)
            for d in some
        ]
        policy = policies[some[0].segment]
        for decision, said in zip(
            some, answers(actor.organisation, asks, as_of=now, policy=policy), strict=True
        ):
            # People see for themselves what hour it is.
            found[decision.pk] = set(said.refusals) <= PASSING
    return found


def _turn_into_task(
    actor: Actor, decision: Decision, now: datetime, kind: str, permitted: bool
) -> bool:
    lock_customers(actor, [decision.customer_id])
    rows = Decision.objects.of(actor.organisation).filter(pk=decision.pk, state=State.APPROVED)
    channel = decision.channel if kind == Task.Kind.CALL else ""
    about = About(
        decision.customer_id, decision.invoice_keys, decision.currency, channel,
        decision_id=decision.pk, delay_days=first_reminder_days(decision.customer),
    )  # fmt: skip
    left = standing(actor.organisation, [about], now)[0]
    if left.refusal or not permitted:
        if left.refusal != "not_approved":
            rows.update(state=State.LAPSED)
        return False
    if not rows.update(state=State.HANDED_OVER):
        return False
    _task(actor, decision, left, now, kind)
    return True


def _drop_stale_calls(actor: Actor, now: datetime) -> None:
    """Take calls off the list whose customer has paid, promised, objected or asked for quiet."""
    tasks = Task.objects.of(actor.organisation).filter(
        state=Task.State.OPEN, kind=Task.Kind.CALL, claimed_by=None
    )
    found = list(tasks)
    abouts = [
        About(
            task.customer_id, task.facts.get("invoice_keys", []), task.facts.get("currency", ""),
            "call",
        )
        for task in found
    ]  # fmt: skip
    stale = [
        task.pk
        for task, left in zip(found, standing(actor.organisation, abouts, now), strict=True)
        if left.refusal
    ]
    if stale:
        tasks.filter(pk__in=stale).update(state=Task.State.LAPSED)


def _task(actor: Actor, decision: Decision, left: Standing, now: datetime, kind: str) -> None:
    # One call a customer: what an earlier day wanted and nobody took on is this one now.
    tasks = Task.objects.of(actor.organisation)
    tasks.filter(
        customer_id=decision.customer_id, kind=kind, state=Task.State.OPEN, claimed_by=None
    ).update(state=Task.State.LAPSED)
    tasks.get_or_create(
        key=f"{kind}:{decision.key}",
        defaults={
            "customer_id": decision.customer_id,
            "decision": decision,
            "kind": kind,
            "value": decision.value,
            "facts": facts_of(decision, left),
            "due_at": (decision.send_at if kind == Task.Kind.CALL else None) or now,
            "created_at": now,
        },
    )


def facts_of(decision: Decision, left: Standing) -> dict[str, Any]:
    """Return what somebody who takes the case on should know first."""
    return {
        "amount": f"{sum(invoice.balance for invoice in left.invoices):f}",
        "currency": decision.currency,
        "invoice_keys": [invoice.key for invoice in left.invoices],
        "days_overdue": decision.days_overdue,
        "segment": decision.segment,
        "tone": decision.tone,
        "text": decision.text,
        "reasons": decision.reasons,
        "p_paid": decision.p_paid,
        "p_paid_wait": decision.p_paid_wait,
    }
