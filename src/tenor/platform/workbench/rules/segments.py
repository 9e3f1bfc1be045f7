"""The strategy map: what holds for a segment of customers, and which predictor tells them apart."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.engine.features.segments import SEGMENTS
from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries.segments import customers_by_segment
from tenor.platform.governance import actions, queries
from tenor.platform.governance.segments import changed_policy
from tenor.platform.workbench.rules import fields, shown, words
from tenor.platform.workbench.screens import Request, screen

# What differs between segments in practice; the rest of the file holds for everybody alike.
_DIFFERING = (
    "limits.min_days_between",
    "limits.max_contacts_30d",
    "limits.first_contact_from_due",
    "limits.escalate_after",
    "limits.min_amount",
    "review.amount_above",
    "review.uncertain_below",
)


@screen(Right.SEE)
@require_GET
def segments(request: Request) -> HttpResponse:
    """Show what holds for each segment, and how many customers it has."""
    return _page(request)


@screen(Right.RULES)
@require_POST
def save(request: Request) -> HttpResponseBase:
    """Keep what holds for one segment."""
    name = request.POST.get("segment", "")
    try:
        actions.set_strategy(
            request.actor,
            segment=name,
            automatic="automatic" in request.POST,
            automatic_below=request.POST.get("automatic_below", ""),
            skill=request.POST.get("skill", ""),
            policy_changes=_changes(request),
        )
    except Invalid as refused:
        return _page(request, wrong=name, error=refused.message)
    messages.success(request, _("Saved. The next plan is made by it."))
    return redirect("workbench:rules_segments", request.organisation.slug)


def _changes(request: Request) -> dict[str, Any]:
    """Read which values differ for the segment: an empty field is the value of everybody."""
    changes: dict[str, Any] = {}
    for key in _DIFFERING:
        typed = request.POST.get(key, "").strip().replace(",", ".")
        if not typed:
            continue
        try:
            value = float(typed) if "." in typed else int(typed)
        except ValueError:
            raise Invalid(
                _("%(name)s: a number, please.") % {"name": fields.words_of(key)}, field=key
            ) from None
        changes[key] = value / 100 if key == "review.uncertain_below" else value
    return changes


def _page(request: HttpRequest, wrong: str = "", error: str = "") -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    organisation = actor.organisation
    kept, counts = queries.strategies(organisation), customers_by_segment(organisation)
    live = queries.live_policy_version(organisation)
    base = queries.policy_of(live) if live else Policy()
    typed = request.POST if wrong else {}
    rows = [
        _row(name, kept.get(name), counts, base, typed if name == wrong else {})
        for name in SEGMENTS
    ]
    context = {
        "rows": rows,
        "total": sum(counts.values()),
        "wrong": wrong,
        "error": error,
        "may_change": actor.may(Right.RULES),
        "may_automate": actor.may(Right.APPROVE) or actor.may(Right.RULES_APPROVE),
        "tabs": shown.tabs(request, "rules_segments"),
    }
    return render(request, "workbench/rules/segments.html", context, status=422 if error else 200)


def _row(name: str, row: Any, counts: dict[str, int], base: Policy, typed: Any) -> dict[str, Any]:
    title, meaning = words.SEGMENTS[name]
    changes = row.policy_changes if row else {}
    policy = changed_policy(base, changes)
    currency = base.objective.currency
    general = {f.key: f for group in fields.groups(base) for f in group.fields}
    special = {f.key: f for group in fields.groups(policy) for f in group.fields}
    return {
        "segment": name,
        "slug": name.replace(" ", "-"),
        "title": title,
        "meaning": meaning,
        "customers": counts.get(name, 0),
        "share": round(100 * counts.get(name, 0) / max(sum(counts.values()), 1)),
        "automatic": "automatic" in typed if typed else bool(row and row.automatic),
        "below": typed.get("automatic_below") if typed else _plain(row),
        "skill": typed.get("skill", "") if typed else row.skill if row else "",
        "differs": [
            {"name": special[k].words.name, "shown": special[k].shown} for k in changes
            if k in special
        ],
        "fields": [
            {
                "key": key,
                "id": f"{name}-{general[key].id}".replace(" ", "-"),
                "words": general[key].words,
                "general": general[key].shown,
                "text": typed.get(key, "") if typed else
                special[key].text if key in changes else "",
            }
            for key in _DIFFERING
        ],
        "currency": currency,
    }  # fmt: skip


def _plain(row: Any) -> str:
    if row is None or row.automatic_below is None:
        return ""
    text = f"{row.automatic_below:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
