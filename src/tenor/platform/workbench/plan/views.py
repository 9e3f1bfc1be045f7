"""The screens of the plan: its groups, their people, what differs, and when it goes out."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenor.platform.core.clock import today
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions import queries
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.queries.groups import CONTROL, decisions_of
from tenor.platform.decisions.queries.plan import Group, approval_of
from tenor.platform.outreach.queries.stops import stops_of
from tenor.platform.workbench.plan import compared, hours
from tenor.platform.workbench.plan.asked import STATES, Asked
from tenor.platform.workbench.plan.shown import (
    SEGMENT_WORDS,
    STATE_WORDS,
    lines,
    section_named,
    sections,
)
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.templatetags.tenor import word

PAGE = 50


@screen(Right.SEE)
@require_safe
def plan(request: Request) -> HttpResponse:
    """Show what Tenor intends today, in groups; with filters, as one list."""
    run = queries.latest_run(request.organisation)
    if run is None:
        return render(request, "workbench/plan/none.html")
    asked = Asked.of(request.GET)
    context = _frame(request, run, "plan") | {
        "asked": asked,
        "choices": _choices(request.organisation),
        "control": _control(run),
        "undo": request.session.pop("plan_undo", None),
        "read_only": preferences_of(request.organisation).read_only,
    }
    if asked.is_filtered or asked.group in ("all", "control"):
        # One list, without the figures of the whole plan: these take longest to count.
        rows = decisions_of(run, group=asked.group, **asked.filters)
        context |= {
            "found": approval_of(rows),
            "waiting": approval_of(rows.filter(state="proposed")),
        }
        context |= _page(run, asked)
    else:
        summary = queries.plan_summary(run)
        context |= {"summary": summary, "sections": sections(summary, asked.group)}
        if asked.group:
            context |= _page(run, asked)
    return render(request, "workbench/plan/plan.html", context)


@screen(Right.SEE)
@require_safe
def rows(request: Request) -> HttpResponse:
    """Give the people of one group, or the next page of them: a part of the plan."""
    run = queries.latest_run(request.organisation)
    asked = Asked.of(request.GET)
    if run is None:
        return render(request, "workbench/plan/none.html")
    context = {"run": run, "asked": asked, **_page(run, asked)}
    return render(request, "workbench/plan/rows.html", context)


@screen(Right.SEE)
@require_safe
def difference(request: Request) -> HttpResponse:
    """Show what differs from the fixed ladder, and from yesterday."""
    run = queries.latest_run(request.organisation)
    if run is None:
        return render(request, "workbench/plan/none.html")
    against = "yesterday" if request.GET.get("against") == "yesterday" else "ladder"
    found = queries.difference(run)
    comparison = found.yesterday if against == "yesterday" else found.ladder
    rows = queries.differing_rows(run, against=against) if comparison else []
    context = _frame(request, run, "plan_difference") | {
        "against": against,
        "has_yesterday": found.yesterday is not None,
        "comparison": comparison,
        "grid": compared.grid(comparison) if comparison else None,
        "lines": compared.lines_beside(rows),
    }
    return render(request, "workbench/plan/difference.html", context)


@screen(Right.SEE)
@require_safe
def moments(request: Request) -> HttpResponse:
    """Show on which day and at which hour it goes out."""
    run = queries.latest_run(request.organisation)
    if run is None:
        return render(request, "workbench/plan/none.html")
    summary = queries.plan_summary(run)
    context = _frame(request, run, "plan_moments") | {"charts": hours.charts(summary.hours)}
    return render(request, "workbench/plan/moments.html", context)


def _frame(request: Request, run: Any, here: str) -> dict[str, Any]:
    """Return what every screen of the plan shows above its content."""
    tabs = (
        ("plan", _("What will be done")),
        ("plan_difference", _("What differs")),
        ("plan_moments", _("When")),
    )
    return {
        "run": run,
        "is_todays": run.day == today(request.organisation),
        "is_decided": run.step not in ("sync", "score", "decide"),
        "currency": request.organisation.currency,
        "stops": stops_of(request.organisation),
        "tabs": [{"route": route, "name": name, "here": route == here} for route, name in tabs],
    }


def _page(run: Any, asked: Asked) -> dict[str, Any]:
    """Return the rows that are asked for, and the address of the next ones."""
    page = queries.plan_rows(
        run, group=asked.group, sort=asked.sort, after=asked.after, limit=PAGE, **asked.filters
    )
    return {
        "lines": lines(page.rows),
        "next": asked.address(after=page.after) if page.after else "",
        "section": section_named(Group(asked.group), asked.group) if asked.group else None,
    }


def _control(run: Any) -> int:
    """Return how many customers are left to the fixed ladder, as the run counted them."""
    cells = (run.figures.get("plan") or {}).get("cells", [])
    return sum(cell["count"] for cell in cells if cell["arm"] == CONTROL)


def _choices(organisation: Organisation) -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen in the filters: the channels and tones of the rules."""
    channels = live_policy(organisation).channels
    tones = dict.fromkeys(tone for channel in channels for tone in channel.tones)
    return {
        "state": [(code, str(STATE_WORDS[code][0])) for code in STATES if code != "lapsed"],
        "channel": [(channel.name, word(channel.name)) for channel in channels],
        "tone": [(tone, word(tone)) for tone in tones],
        "segment": [(code, str(words)) for code, words in SEGMENT_WORDS.items()],
        "sort": [
            ("value", _("most gain first")),
            ("amount", _("largest amount first")),
            ("overdue", _("longest overdue first")),
            ("send_at", _("soonest first")),
        ],
    }
