"""What other screens show of requests about personal data."""

from typing import Any

from django import template
from django.urls import reverse

from tenor.platform.core import clock
from tenor.platform.core.roles import Right
from tenor.platform.privacy import queries
from tenor.platform.workbench.privacy.shown import line_of

register = template.Library()


@register.inclusion_tag("workbench/privacy/on_case.html", takes_context=True)
def own_data(context: template.Context, customer: Any) -> dict[str, Any]:
    """Show the requests of a customer with their answers, and where one is taken in."""
    actor, organisation = context["actor"], context["organisation"]
    return {
        "organisation": organisation,
        "key": customer.key,
        "rows": [line_of(due) for due in queries.requests_of(organisation, customer)],
        "may_privacy": actor.may(Right.PRIVACY),
        "may_work": actor.may(Right.WORK),
    }


@register.inclusion_tag("workbench/privacy/on_task.html", takes_context=True)
def second_look(context: template.Context, task: Any) -> dict[str, Any]:
    """Show the request behind a case in which a person looks at a decision again."""
    actor, organisation = context["actor"], context["organisation"]
    row = queries.request_of_task(actor, task.pk)
    found: dict[str, Any] = {"organisation": organisation, "row": row}
    if row is not None:
        found |= {
            "line": line_of(queries.due(row, clock.today(organisation))),
            "may_look": queries.may_look_again(actor, row),
            "address": reverse("workbench:look_again", args=[organisation.slug, row.pk]),
            "csrf_token": context.get("csrf_token"),
        }
    return found
