"""The evidence of a release in words and figures: what people decide on in one meeting."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.actor import Actor
from tenor.platform.governance import queries as rules
from tenor.platform.releases import canary, shadow
from tenor.platform.releases.proof import checks_of, is_stale
from tenor.platform.workbench.releases import words
from tenor.platform.workbench.releases.risks import risks_of
from tenor.platform.workbench.releases.said import words_of
from tenor.platform.workbench.rules import fields
from tenor.platform.workbench.templatetags.tenor import count, money, percent, word

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
        "checks": _checks(kept),
        "tally": _tally(kept),
        "today": today,
        "shadow": _plans(shadowed, currency),
        "shadow_days": len(days),
        "past": _past(kept.get("backtest"), currency),
        "canary": _canary(actor, release, currency),
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
    rows: list[dict[str, Any]] = []
    for name, write in (
        (_("Facts until"), lambda p: p.facts_until.date().isoformat()),
        (_("Invoices learned from"), lambda p: count(p.figures.get("invoices"))),
        (_("Ranks right, paid within 30 days"), lambda p: percent(_main(p).get("auc"), 1)),
        (_("Off on average"), lambda p: percent(_main(p).get("bias"), 1)),
        (_("Knows who somebody is"), lambda p: _knows(p)),
    ):
        rows.append({
            "name": name, "before": write(before) if before else "–",
            "after": write(release.predictor),
        })  # fmt: skip
    return rows


def _main(predictor: Any) -> dict[str, Any]:
    horizons = (predictor.figures.get("quality") or {}).get("horizons", [])
    return next((h for h in horizons if h["days"] == _MAIN_DAYS), {})


def _knows(predictor: Any) -> str:
    narrow = predictor.figures.get("facts", {}).get("behaviour_only", False)
    return _("no, behaviour alone") if narrow else _("yes, the columns of customers")


def _checks(kept: Any) -> list[dict[str, Any]]:
    """Return the checks of the gate by what they are about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for check in checks_of(kept):
        passed = check["passed"]
        said, meaning = {
            True: (_("passes"), "good"), False: (_("fails"), "stop"),
            None: (_("cannot tell"), "careful"),
        }[passed]  # fmt: skip
        found.setdefault(check.get("area", "data"), []).append(
            check | {"said": said, "meaning": meaning, "written": _figure(check["figure"]),
                     "bound": _figure(check["limit"]), "name": words.check_name(check["name"])}
        )  # fmt: skip
    return [
        {"name": words.AREAS.get(area, area), "checks": checks} for area, checks in found.items()
    ]


def _figure(value: Any) -> str:
    if value is None:
        return "–"
    return count(value) if abs(value) >= 100 else f"{value:.3g}"


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
    rows = [
        (_("Contacts"), count(contacts[0]), count(contacts[1])),
        (_("Left alone"), count(live["wait"]), count(new["wait"])),
        (_("A person sees it first"), count(live["review"]), count(new["review"])),
        (_("Hand-overs"), count(live["escalate"]), count(new["escalate"])),
        (_("Cost of contacts"), money(live["cost"], currency), money(new["cost"], currency)),
        (_("Expected gain after costs"), money(live["value"], currency),
         money(new["value"], currency)),
    ]  # fmt: skip
    channels = sorted({*live["channels"], *new["channels"]})
    rows += [
        (word(c), count(live["channels"].get(c, 0)), count(new["channels"].get(c, 0)))
        for c in channels
    ]
    differs = {kind: n for kind, n in kept["kinds"].items() if n and kind != "same"}
    changed = sum(differs.values())
    return {
        "customers": kept["customers"],
        "changed": changed,
        "share": percent(changed / kept["customers"]) if kept["customers"] else "–",
        "rows": rows,
        "kinds": [
            (words.DIFFERS.get(kind, kind), n, round(100 * n / changed))
            for kind, n in sorted(differs.items(), key=lambda pair: -pair[1])
        ],
        "segments": _segments(kept["segments"].get("segment", {})),
    }


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


def _past(kept: Any, currency: str) -> dict[str, Any] | None:
    """Return what the organisation's own past says of it."""
    if not kept:
        return None
    would, done = kept["would"], kept["done"]
    return {
        "from": parse_datetime(kept["from_"]),
        "to": parse_datetime(kept["to"]),
        "verdict": kept["verdict"],
        "rows": [
            (_("Contacts"), count(done["contacts"]), count(would["contacts"])),
            (_("Cost of contacts"), money(done["cost"], currency), money(would["cost"], currency)),
            (_("Hand-overs"), count(done["handed_over"]), count(would["handed_over"])),
        ],
        "harm": kept.get("harm"),
        "gain": _between((kept.get("value") or {}).get("gain")),
    }  # fmt: skip


def _between(kept: Any) -> tuple[str, str, str] | None:
    """Write what a policy adds to the usual contacts, and between what it lies."""
    if not kept or kept.get("lower") is None or kept.get("upper") is None:
        return None
    return percent(kept["value"], 1), percent(kept["lower"], 1), percent(kept["upper"], 1)


def _canary(actor: Actor, release: Any, currency: str) -> dict[str, Any] | None:
    """Return what the canary showed so far."""
    if not release.experiment:
        return None
    step = canary.next_move(actor, release) if release.state == "canary" else None
    shown = canary.shown(actor, release)
    between = {name: canary.interval_of(shown, name) for name in (canary.MONEY, canary.COMPLAINTS)}
    rows = []
    gain, harm = between[canary.MONEY], between[canary.COMPLAINTS]
    if gain is not None:
        rows.append((_("Money, a customer, after costs"), money(gain.low, currency),
                     money(gain.high, currency)))  # fmt: skip
    if harm is not None:
        rows.append((_("Complaints, of customers"), percent(harm.low, 2), percent(harm.high, 2)))
    return {
        "share": percent(release.share, 1),
        "since": release.share_since,
        "customers": ngettext("%(n)s customer", "%(n)s customers", _in_it(shown))
        % {"n": count(_in_it(shown))},
        "rows": rows,
        "says": step.because if step else "",
    }


def _in_it(shown: dict[str, Any]) -> int:
    arms = {f["arm"]: f["customers"] for f in shown.get("figures", [])}
    return int(sum(arms.values()))
