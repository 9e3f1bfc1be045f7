"""How a plan falls into groups, and which rows belong to each.

Groups: "all" (every contact that can be approved together), "email.friendly" (a channel and a
tone), "email" (a channel), "person" (those a person sees one by one), "hand_over", "alone" and
"alone.promise" (left alone, and why), "control" (left to the fixed ladder).
"""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from tenor.platform.core.errors import NotFound
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.reasons import ALONE_REASONS, SEEN_BY_A_PERSON

HAND_OVER = "escalate"
CONTROL = "control"
OPEN = (Decision.State.PROPOSED, Decision.State.APPROVED, Decision.State.HELD)


def decisions_of(run: Run, *, group: str = "", **filters: Any) -> Any:
    """Return the decisions of a run, of one group, narrowed by `filters` (see `narrowed`)."""
    rows = Decision.objects.of(run.organisation_id).filter(run=run)
    if group:
        rows = rows.filter(group_filter(run, group))
    return narrowed(rows, **filters)


def group_filter(run: Run, group: str) -> Q:
    """Return what tells the rows of a group from the others."""
    name, _dot, rest = group.partition(".")
    if name == "alone":
        alone = Q(state=Decision.State.NOTHING)
        return alone & _reason(rest) if rest else alone
    if name == HAND_OVER or name == "hand_over":
        return Q(verdict=HAND_OVER)
    if name == CONTROL:
        return Q(arm=CONTROL)
    planned = ~Q(state=Decision.State.NOTHING) & ~Q(verdict=HAND_OVER)
    personal = seen_by_a_person(run)
    if name == "person":
        return planned & personal
    planned &= ~personal & ~Q(channel="")
    if name == "all":
        return planned
    if not rest:
        return planned & Q(channel=name)
    return planned & Q(channel=name, tone=rest)


def seen_by_a_person(run: Run) -> Q:
    """Return which decisions a person looks at one by one, whatever became of them since."""
    gates = Decision.objects.of(run.organisation_id).filter(run=run).order_by()
    some = [
        gate
        for gate in gates.exclude(gate="").values_list("gate", flat=True).distinct()
        if SEEN_BY_A_PERSON.intersection(gate.split())
    ]
    return Q(verdict="review") | Q(gate__in=some)


def narrowed(
    rows: Any,
    *,
    state: str = "",
    segment: str = "",
    channel: str = "",
    tone: str = "",
    reason: str = "",
    currency: str = "",
    search: str = "",
    changed: bool | None = None,
    explored: bool | None = None,
    before_due: bool | None = None,
    amount_from: Any = None,
    due_by: Any = None,
) -> Any:
    """Return those of `rows` that fit every filter that is given.

    `reason` is a code of `Decision.gate`; `search` the beginning of a name or key of the
    customer; `due_by` an instant by which they go out.
    """
    same = {"state": state, "segment": segment, "channel": channel, "tone": tone}
    same["currency"] = currency
    rows = rows.filter(**{name: value for name, value in same.items() if value})
    if reason:
        rows = rows.filter(gate__contains=reason)
    if search:
        rows = rows.filter(
            Q(customer__name__istartswith=search)
            | Q(customer__name__icontains=" " + search)
            | Q(customer__key__istartswith=search)
        )
    if changed is not None:
        rows = rows.filter(original__isnull=not changed)
    if explored is not None:
        rows = rows.filter(explored=explored)
    if before_due is not None:
        rows = rows.filter(days_overdue__lte=0) if before_due else rows.filter(days_overdue__gt=0)
    if amount_from is not None:
        rows = rows.filter(amount__gte=amount_from)
    if due_by is not None:
        rows = rows.filter(send_at__lte=due_by)
    return rows


def _reason(code: str) -> Q:
    if code not in ALONE_REASONS:
        raise NotFound(_("There is no such group in this plan."))
    return Q(gate=code)
