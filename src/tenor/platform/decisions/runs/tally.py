"""Count a plan: how many decisions of each kind, what they cost and may bring."""

from typing import Any

from django.db.models import Count, Sum

from tenor.platform.decisions.models import Decision, Run


def plan_tally(run: Run) -> dict[str, Any]:
    """Return the plan in counts: `customers`, `cells` by verdict, channel, tone, arm and state."""
    names = ("verdict", "channel", "tone", "arm", "state", "currency")
    rows = (
        Decision.objects.of(run.organisation_id)
        .filter(run=run)
        .values(*names)
        .annotate(count=Count("pk"), amount=Sum("amount"), cost=Sum("cost"), value=Sum("value"))
        .order_by(*names)
    )
    cells = [
        {
            **{name: row[name] for name in (*names, "count")},
            "amount": f"{row['amount']:f}",
            "cost": round(row["cost"], 4),
            "value": round(row["value"], 4),
        }
        for row in rows
    ]
    return {"customers": sum(cell["count"] for cell in cells), "cells": cells}
