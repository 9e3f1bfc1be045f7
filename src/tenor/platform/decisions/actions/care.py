"""Tell somebody of a customer who is in difficulty, at once: a person offers help."""

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.decisions.models import Task
from tenor.platform.ledger.holding import meaning_of, packs_of
from tenor.platform.ledger.models import Hold

# Holds of which somebody trained has to know.
CARED_FOR = ("vulnerable", "hardship", "debt_help")


def look_after(actor: Actor, hold: Hold) -> Task | None:
    """Put a case on the worklist for a hold that asks for care; one is enough. Safe to repeat."""
    if hold.reason not in CARED_FOR:
        return None
    rows = Task.objects.of(actor.organisation)
    there: Task | None = rows.filter(
        customer_id=hold.customer_id, kind=Task.Kind.CARE, state=Task.State.OPEN
    ).first()
    if there is not None:
        return there
    now = clock.now(actor.organisation)
    pack = packs_of(actor.organisation)(hold.customer.country)
    rule = meaning_of(hold.reason, pack=pack, day=clock.today(actor.organisation)).rule
    task, _is_new = rows.get_or_create(
        key=f"care:{hold.pk}",
        defaults={
            "customer_id": hold.customer_id, "kind": Task.Kind.CARE, "due_at": now,
            "created_at": now,
            "facts": {
                "reason": hold.reason, "words": hold.note[:300], "offer": list(rule.offer),
            },
        },
    )  # fmt: skip
    made: Task = task
    return made
