"""The evidence of a release in words and figures: what people decide on in one meeting."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.actor import Actor
from tenor.platform.governance import queries as rules
from tenor.platform.releases import shadow
from tenor.platform.releases.proof import checks_of, is_stale
from tenor.platform.workbench.releases import checks, proven, words
from tenor.platform.workbench.releases.risks import risks_of
from tenor.platform.workbench.releases.said import words_of
from tenor.platform.workbench.reports.words import signed
from tenor.platform.workbench.rules import fields
from tenor.platform.workbench.templatetags.tenor import count, money, percent, word
from tenor.platform.workbench.words import short_date

_MAIN_DAYS = 30
_SEGMENTS = 12


def evidence_of(actor: Actor, release: Any) -> dict[str, Any]:
    """Return all parts of the page of evidence; what is not there yet is nothing."""
    kept = release.evidence
    days = shadow.days_of(release)
    shadowed = shadow.total_of(days).as_dict() if days else None
    currency = kept.get("currency", actor.organisation.currency)
    today = _plans(kept.get("today"), currency)
    return {
        "gathered": parse_datetime(kept["as_of"]) if kept else None,
        "stale": is_stale(release),
        "keys": _keys(release, currency),
        "predictors": _predictors(actor, release),
        **words_of(release),
        "checks": checks.shown(kept),
        "tally": _tally(kept),
        "today": today,
        "shadow": _plans(shadowed, currency),
        "shadow_days": len(days),
        "past": _past(kept.get("backtest"), currency),
        "canary": proven.on_trial(actor, release, currency),
        "risks": risks_of(release, kept, kept.get("today")) if kept else [],
    }


def _keys(release: Any, currency: str) -> list[dict[str, Any]]:
    """Return every key of the rules that changes, in words, before and after."""
    if release.policy is None:
        return []
    base = release.evidence.get("base", {}).get("policy")
    before = next((v for v in rules.versions(release.organisation) if v.number == base), None)
    changes = rules.value_difference(
        rules.policy_of(before) if before else Policy(), rules.policy_of(release.policy)
    )
    return [
        {
            "name": fields.words_of(c.key),
            "key": c.key,
            "before": fields.readable(c.key, c.before, currency),
            "after": fields.readable(c.key, c.after, currency),
        }
        for c in changes
    ]


def _predictors(actor: Actor, release: Any) -> list[dict[str, Any]]:
    """Return the predictor that it brings beside the one that it would replace."""
    if release.predictor is None:
        return []
    base = release.evidence.get("base", {}).get("predictor")
    before = next((p for p in rules.predictors(actor.organisation) if p.version == base), None)
    ways: tuple[tuple[str, Callable[[Any], str]], ...] = (
        (_("Facts until"), lambda p: short_date(p.facts_until, "j M Y")),
        (_("Invoices learned from"), lambda p: count(p.figures.get("invoices"))),
        (_("Ranks right, paid within 30 days"), lambda p: percent(_main(p).get("auc"), 1)),
        (_("Off on average"), lambda p: _off(_main(p).get("bias"))),
        (_("Knows who somebody is"), _knows),
    )
    return [
        {"name": name, "before": write(before) if before else "–",
         "after": write(release.predictor)}
        for name, write in ways
    ]  # fmt: skip


def _main(predictor: Any) -> dict[str, Any]:
    horizons = (predictor.figures.get("quality") or {}).get("horizons", [])
    return next((h for h in horizons if h["days"] == _MAIN_DAYS), {})


def _off(bias: float | None) -> str:
    return "–" if bias is None else _("%(points)s of 100") % {"points": signed(bias, 100)}


def _knows(predictor: Any) -> str:
    narrow = predictor.figures.get("facts", {}).get("behaviour_only", False)
    return _("no, behaviour alone") if narrow else _("yes, the columns of customers")


def _tally(kept: Any) -> dict[str, int]:
    every = checks_of(kept)
    said = [check["passed"] for check in every]
    return {
        "passed": said.count(True),
        "failed": said.count(False),
        "untold": said.count(None),
        "all": len(every),
    }


def _plans(kept: Any, currency: str) -> dict[str, Any] | None:
    """Return two ways side by side: figures, what differs and by segment."""
    if not kept:
        return None
    live, new = kept["live"], kept["candidate"]
    contacts = [sum(side["channels"].values()) for side in (live, new)]
    channels = sorted({*live["channels"], *new["channels"]})
    figures: list[tuple[Any, float, float, str]] = [
        (_("Contacts"), contacts[0], contacts[1], ""),
        *((word(c), live["channels"].get(c, 0), new["channels"].get(c, 0), "") for c in channels),
        (_("Left alone"), live["wait"], new["wait"], ""),
        (_("A person sees it first"), live["review"], new["review"], ""),
        (_("Hand-overs"), live["escalate"], new["escalate"], ""),
        (_("Cost of contacts"), live["cost"], new["cost"], currency),
        (_("Expected gain after costs"), live["value"], new["value"], currency),
    ]
    differs = {kind: n for kind, n in kept["kinds"].items() if n and kind != "same"}
    changed = sum(differs.values())
    return {
        "customers": kept["customers"],
        "changed": changed,
        "share": percent(changed / kept["customers"]) if kept["customers"] else "–",
        "rows": _beside(figures),
        "kinds": [
            (words.DIFFERS.get(kind, kind), n, round(100 * n / changed))
            for kind, n in sorted(differs.items(), key=lambda pair: -pair[1])
        ],
        "segments": _segments(kept["segments"].get("segment", {})),
    }


def _beside(figures: Sequence[tuple[Any, float, float, str]]) -> list[dict[str, Any]]:
    """Write figures of two ways, and draw them on one scale for people and one for money.

    Each figure: its name, live, with the release, and its currency ("": a number of people).
    """
    scale = {
        kind: max((abs(v) for _n, a, b, k in figures if k == kind for v in (a, b)), default=0)
        for kind in {kind for _name, _live, _new, kind in figures}
    }
    return [
        {
            "name": name,
            "before": money(before, kind) if kind else count(before),
            "after": money(after, kind) if kind else count(after),
            "bars": [round(100 * abs(v) / scale[kind], 1) if scale[kind] else 0
                     for v in (before, after)],
        }
        for name, before, after, kind in figures
    ]  # fmt: skip


def _past(kept: Any, currency: str) -> dict[str, Any] | None:
    found = proven.past(kept, currency)
    return found and found | {"rows": _beside(found["figures"])}


def _segments(kept: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Return whom it is about: segment by segment, how many are treated otherwise."""
    rows: list[dict[str, Any]] = [
        {
            "name": word(name),
            "customers": side["customers"],
            "otherwise": side["customers"] - side["alike"],
            "before": side["live_contacts"],
            "after": side["candidate_contacts"],
        }
        for name, side in kept.items()
    ]
    return sorted(rows, key=lambda row: -row["otherwise"])[:_SEGMENTS]
