"""The predictor that decisions lean on: how good it is, from which facts, and a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.governance import fitting, queries
from tenor.platform.releases.queries import last_training
from tenor.platform.workbench.reports.words import number, signed
from tenor.platform.workbench.rules import enough, shown, words
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.templatetags.tenor import count, percent


@screen(Right.SEE)
@require_GET
def predictor(request: Request) -> HttpResponse:
    """Show the predictor in force, with what was measured of it, and those before it."""
    live = queries.live_predictor(request.organisation)
    every = queries.predictors(request.organisation)
    context = {
        "live": live,
        "card": _card(live) if live else None,
        "refused": _refused(every[0]) if every else "",
        "every": every,
        "may_examine": request.actor.may(Right.RELEASE),
        "may_fit": request.actor.may(Right.ANALYSE),
        "tabs": shown.tabs(request, "rules_predictor"),
        **_progress(request),
    }
    return render(request, "workbench/rules/predictor.html", context)


@screen(Right.ANALYSE)
@require_POST
def fit(request: Request) -> HttpResponseBase:
    """Have a new predictor learned in the background."""
    fitting.request_fit(request.actor)
    messages.success(
        request, _("Learning has begun. The predictor in force stays until the new one is judged.")
    )
    return redirect("workbench:rules_predictor", request.organisation.slug)


@screen(Right.SEE)
@require_GET
def progress(request: Request) -> HttpResponse:
    """Show how far the learning is: the part of the page that asks again while it goes on."""
    context = _progress(request)
    response = render(request, "workbench/rules/fitting.html", context)
    if context["job"] is None:
        response["HX-Refresh"] = "true"
    return response


def _progress(request: Request) -> dict[str, Any]:
    job = queries.work_under_way(request.organisation, "fit_predictor")
    running = job is not None and job.state == "waiting"
    failed = job is not None and job.state == "failed"
    refused = job is not None and job.state == "done" and job.progress.get("text") == "refused"
    return {
        "job": job if running else None,
        "done": shown.percentage(job) if running else 0,
        "failed": failed,
        "answer": _why_not(request.organisation) if refused else "",
    }


def _refused(newest: Any) -> str:
    """Say why the newest predictor is not in force, where it is not."""
    code = newest.figures.get("refused", "")
    return fitting.words_of(code) if code and newest.state == newest.State.FITTED else ""


def _why_not(organisation: Organisation) -> str:
    """Say what kept the latest attempt from learning anything."""
    last = last_training(organisation)
    failed = [check["text"] for check in last.checks if check["passed"] is False] if last else []
    return "; ".join(failed)


def _card(live: Any) -> dict[str, Any]:
    """Return what was measured of a predictor, in the words of the screens."""
    figures = live.figures
    quality = figures.get("quality") or {}
    horizons = quality.get("horizons", [])
    main = next((h for h in horizons if h["days"] == 30), None)
    bins = (main or {}).get("reliability", [])
    return {
        "figures": figures,
        "quality": quality,
        "horizons": [h | {"off": _off(h["bias"])} for h in horizons],
        "main": main,
        "off": _off((main or {}).get("bias")),
        "lead": _lead(main),
        "uses": [
            {
                "name": words.USES.get(use["name"], use["name"]),
                "verdict": words.VERDICTS.get(use["verdict"], (use["verdict"], "")),
                "reason": use["reason"],
                "said": enough.reason(use, figures),
            }
            for use in figures.get("sufficiency", [])
        ],
        "chart": _reliability(bins),
        "chart_rows": [
            (percent(b["said"]), percent(b["came_true"]), percent(b["low"]), percent(b["high"]),
             count(b["rows"])) for b in bins
        ],
        "chart_heads": [_("Said"), _("Came true"), _("At least"), _("At most"), _("Invoices")],
    }  # fmt: skip


def _off(bias: float | None) -> str:
    """Write by how many of 100 chances are off on average."""
    return "–" if bias is None else _("%(points)s of 100") % {"points": signed(bias, 100)}


def _lead(main: dict[str, Any] | None) -> str:
    """Say how much better it ranks than the customer's own history alone."""
    if not main or main.get("auc") is None or main.get("auc_own_history") is None:
        return ""
    more = 100 * (main["auc"] - main["auc_own_history"])
    if more <= 0:
        return _("It ranks no better than what each customer did before, taken alone.")
    return _(
        "Of 100 pairs of invoices it ranks %(more)s more right than what each customer did "
        "before, taken alone."
    ) % {"more": number(more, 1)}


def _reliability(bins: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the chart of what was said against what came true."""
    return {
        "names": [percent(b["said"]) for b in bins],
        "series": [
            {
                "name": _("Came true"),
                "values": [b["came_true"] for b in bins],
                "low": [b["low"] for b in bins],
                "high": [b["high"] for b in bins],
            },
            {"name": _("Said"), "values": [b["said"] for b in bins], "dashed": True},
        ],
        "zero": True,
        "write": {"percent": True},
    }
