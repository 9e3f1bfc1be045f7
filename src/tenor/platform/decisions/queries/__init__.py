"""Reads of decisions: the plan, its rows, what differs, one case, work for people."""

from tenor.platform.decisions.channels import available_channels
from tenor.platform.decisions.queries.card import Card, card_of
from tenor.platform.decisions.queries.cases import (
    Alternatives,
    alternatives_of,
    decision_for,
    history_of,
    latest_decision,
    zone_of,
)
from tenor.platform.decisions.queries.difference import Difference, difference, differing_rows
from tenor.platform.decisions.queries.plan import (
    Approval,
    Group,
    PlanSummary,
    approving,
    latest_run,
    plan_summary,
    run_before,
)
from tenor.platform.decisions.queries.profile import Profile, preference_profile
from tenor.platform.decisions.queries.rows import Page, plan_rows
from tenor.platform.decisions.queries.worklist import (
    Capacity,
    Worklist,
    capacity_of,
    next_task,
    signals,
    skills_of,
    task_for,
    tasks_of,
    worklist,
)

__all__ = [
    "Alternatives",
    "Approval",
    "Capacity",
    "Card",
    "Difference",
    "Group",
    "Page",
    "PlanSummary",
    "Profile",
    "Worklist",
    "alternatives_of",
    "approving",
    "available_channels",
    "capacity_of",
    "card_of",
    "decision_for",
    "difference",
    "differing_rows",
    "history_of",
    "latest_decision",
    "latest_run",
    "next_task",
    "plan_rows",
    "plan_summary",
    "preference_profile",
    "run_before",
    "signals",
    "skills_of",
    "task_for",
    "tasks_of",
    "worklist",
    "zone_of",
]
