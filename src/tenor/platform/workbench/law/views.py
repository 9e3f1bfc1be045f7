"""Read the law: packs, what each says on a day, a provision over time, cases, the watch list."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenor.engine.cases.packs import cases_of, run_pack
from tenor.engine.cases.run import Outcome, Verdict
from tenor.engine.law.library import jurisdiction_of
from tenor.engine.law.pack import Pack
from tenor.engine.law.review.check import watch
from tenor.engine.law.review.show import sections_of, show
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.governance import law
from tenor.platform.ledger.queries.customers import customers_by_country
from tenor.platform.workbench.law import shown, words
from tenor.platform.workbench.law.drawn import drawing_of
from tenor.platform.workbench.law.form import form_of
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_GET
def packs(request: Request) -> HttpResponse:
    """List the packs, those in use first."""
    organisation = request.organisation
    living = _living(organisation)
    extended = {row.jurisdiction: row for row in law.live_extensions(organisation)}
    home = law.home_of(organisation)
    rows: list[dict[str, Any]] = [
        {
            "pack": pack,
            "customers": living.get(code, 0),
            "home": code == home,
            "extension": extended.get(code),
            "own": len(_shipped_part(pack).own),
            "cases": len(pack.cases),
        }
        for code, pack in law.law_of(organisation).items()
    ]
    rows.sort(key=lambda row: (-row["customers"], not row["home"], row["pack"].name))
    context = {
        "used": [row for row in rows if row["customers"] or row["home"] or row["extension"]],
        "others": [
            row for row in rows if not (row["customers"] or row["home"] or row["extension"])
        ],
        "overtaken": law.overtaken(organisation),
        "tabs": shown.tabs(request, "law"),
    }
    return render(request, "workbench/law/packs.html", context)


@screen(Right.SEE)
@require_GET
def pack(request: Request, code: str) -> HttpResponse:
    """Show what a pack says on a day, section by section."""
    found = shown.pack_named(request.organisation, code)
    day = shown.day_of(request, request.organisation)
    there = sections_of(found)
    only = request.GET.get("section", "")
    only = only if only in there else ""
    own = request.GET.get("own") == "yes"
    choices = [(name, words.section_words(name)) for name in words.SECTIONS if name in there]
    choices += [(name, words.section_words(name)) for name in there if name not in words.SECTIONS]
    context = {
        **_of_pack(found),
        "day": day,
        "today": clock.today(request.organisation),
        "only": only,
        "own": own,
        "choices": choices,
        "sections": shown.sections(found, day, only=only, own=own),
        "draft": law.law_draft_of(request.actor, code),
        "may_draft": request.actor.may(Right.RULES),
    }
    return render(request, "workbench/law/pack.html", context)


@screen(Right.SEE)
@require_GET
def cases(request: Request, code: str) -> HttpResponse:
    """Show the worked cases of a pack, and what comes of them where that is asked."""
    found = shown.pack_named(request.organisation, code)
    ran = request.GET.get("run") == "yes"
    if ran:
        outcomes = run_pack(found, law.law_of(request.organisation))
    else:
        outcomes = [Outcome(case, Verdict.PASSED) for case in cases_of(found)]
    failed = sum(outcome.verdict is Verdict.FAILED for outcome in outcomes)
    context = {
        **_of_pack(found),
        "cases": shown.cases_shown(outcomes, ran=ran),
        "ran": ran,
        "failed": failed,
    }
    return render(request, "workbench/law/cases.html", context)


@screen(Right.SEE)
@require_GET
def provision(request: Request, code: str, section: str, name: str) -> HttpResponse:
    """Show one provision over time; who may draft changes a value from a day on."""
    return provision_page(request, code, section, name)


def provision_page(
    request: Request, code: str, section: str, name: str, **more: Any
) -> HttpResponse:
    """Render a provision, with what somebody typed where it could not be used."""
    pack = shown.pack_named(request.organisation, code)
    rule = shown.provision_named(pack, section, name)
    day = shown.day_of(request, request.organisation)
    one = next(s for s in show(pack, day, section) if s.provision is rule)
    context = {
        **_of_pack(pack),
        "rule": shown.rule_of(one),
        "section": words.section_words(section),
        "day": day,
        "spans": shown.spans(rule, day),
        "drawing": drawing_of(rule, day),
        "may_draft": request.actor.may(Right.RULES),
        "draft": law.law_draft_of(request.actor, code),
        "form": more.pop("form", None) or form_of(rule, day),
        **more,
    }
    status = 422 if more.get("error") else 200
    return render(request, "workbench/law/provision.html", context, status=status)


@screen(Right.SEE)
@require_GET
def watch_list(request: Request) -> HttpResponse:
    """List what somebody who answers for the law should look at."""
    organisation, everything = request.organisation, request.GET.get("all") == "yes"
    today = clock.today(organisation)
    packs = law.law_of(organisation)
    used = {code for code in (*_living(organisation), law.home_of(organisation)) if code in packs}
    in_use = {below.jurisdiction for code in used for below in packs[code].lineage}
    found = [
        shown.watched_rule(one, today)
        for code, pack in sorted(packs.items())
        if everything or code in in_use
        for one in watch(pack, today)
    ]
    order = [name for name, _meaning in words.WHY.values()]
    found.sort(key=lambda one: order.index(one.why))
    context = {
        "watched": found,
        "everything": everything,
        "tabs": shown.tabs(request, "law_watch"),
    }
    return render(request, "workbench/law/watch.html", context)


def _of_pack(pack: Pack) -> dict[str, Any]:
    lineage = list(dict.fromkeys(p.jurisdiction for p in pack.lineage if p.parent is not None))
    base = [p for p in pack.lineage if p.jurisdiction != pack.jurisdiction]
    return {
        "pack": pack,
        "lineage": lineage,
        "base": base,
        "shipped": _shipped_part(pack),
        "extended": any("+" in p.jurisdiction for p in pack.own.values()),
    }


def _shipped_part(pack: Pack) -> Pack:
    """Return the pack as it ships: the lowest of its lineage with its name."""
    return [p for p in pack.lineage if p.jurisdiction == pack.jurisdiction][-1]


def _living(organisation: Organisation) -> dict[str, int]:
    """Return how many customers live where each pack holds."""
    home = law.home_of(organisation)
    found: dict[str, int] = {}
    for country, number in customers_by_country(organisation).items():
        code = jurisdiction_of(country) if country else home
        found[code] = found.get(code, 0) + number
    return found
