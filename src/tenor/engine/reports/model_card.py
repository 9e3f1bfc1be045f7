"""The model card: what a model is for, what it read and learned, how good it is, and its limits.

After Mitchell and others, "Model Cards for Model Reporting" (2019). Every figure and every limit
follows from the facts of the fit, the evaluation and the gate; equal bytes for equal facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any

import polars as pl

from tenor.engine.evaluate.by_segment import GroupQuality
from tenor.engine.evaluate.quality import Quality
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.engine.release.check import Audited, Check
from tenor.engine.release.gate import verdict
from tenor.engine.release.limits import REVIEWED
from tenor.engine.reports import sheet, words
from tenor.engine.reports.card_inputs import excluded, families
from tenor.engine.reports.data_sheet import check_facts, check_grid, data_facts
from tenor.engine.reports.page import Grid, Part
from tenor.engine.reports.sheet import Sheet

# What the predictors are made for, whoever fits them: the product's, not the run's.
PURPOSE = (
    "For open invoices: the chance of payment within 7, 30 and 60 days, the expected day, the "
    "chance of a hand-over to collection, and what a contact by channel, tone and hour adds."
)
NOT_FOR = (
    "Not for granting credit, setting prices, hiring, or judging anybody's solvency; not for "
    "portfolios other than the one it was fitted on. Law and consent bind whatever it says."
)
# Before a year has passed, no season has been seen twice and some not once.
_YEAR_MONTHS = 12.0


def card_facts(
    model: Model,
    tables: Tables,
    *,
    as_of: datetime,
    name: str,
    synthetic: bool,
    software: str,
    left_out: int = 0,
    quality: Quality | None = None,
    groups: Sequence[GroupQuality] = (),
    effects: pl.DataFrame | None = None,
    gain: str | None = None,
    checks: Iterable[Check] = (),
    fairness: Audited | None = None,
) -> dict[str, Any]:
    """Return what is known of a model at `as_of` (aware), as JSON holds it.

    Parameters
    ----------
    tables : the facts; the data sheet part is of those that `model` was fitted on.
    name : whose it is. `software` : the version of Tenor that made the card.
    left_out : customers who took no part because they do not want to be profiled.
    quality, groups : out-of-time quality (`evaluate.quality`), and group by group.
    effects : of `predictors.effect_report`.
    gain : whether foretold gains came true, in words.
    checks, fairness : what the gate knows; what is not given is said to be not measured.
    """
    found = list(checks)
    data = data_facts(tables, as_of=model.as_of, name=name, synthetic=synthetic, left_out=left_out)
    facts: dict[str, Any] = {
        "name": name,
        "as_of": as_of.isoformat(),
        "synthetic": synthetic,
        "version": model.version,
        "fitted_at": model.as_of.isoformat(),
        "software": software,
        "limits_of": REVIEWED.isoformat(),
        "fit": dict(model.facts),
        "channels": list(model.effect.design.channels),
        "tones": list(model.effect.design.tones),
        "inputs": families(model.payment.encoding.columns),
        "excluded": excluded(tables),
        "data": data,
        "quality": _quality(quality),
        "groups": [_group(g) for g in groups],
        "effects": [] if effects is None else effects.to_dicts(),
        "gain": gain,
        "fairness": None if fairness is None else fairness.passes,
        "checks": [check_facts(c) for c in found],
        "gate": None,
    }
    if found:
        said = verdict(found)
        facts["gate"] = {"decision": said.decision.value, "reasons": list(said.reasons)}
    return facts | {"limits": list(_limits(facts))}


def model_card(facts: Mapping[str, Any]) -> str:
    """Return the card as a page; `facts` of `card_facts`."""
    return sheet.html(card_sheet(facts))


def model_card_markdown(facts: Mapping[str, Any]) -> str:
    """Return the card as Markdown; `facts` of `card_facts`."""
    return sheet.markdown(card_sheet(facts))


def _quality(found: Quality | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "from": found.instants[0].isoformat(),
        "to": found.end.isoformat(),
        "instants": len(found.instants),
        "summary": found.summary,
        "horizons": [
            {
                "days": h.days,
                "rows": h.rows,
                "customers": h.customers,
                "left_out": h.censored,
                "paid": _round(h.paid_share),
                "scores": [
                    {"name": s.name, "auc": _interval(s.auc)}
                    | ({"bias": _interval(s.probability.bias),
                        "brier": _interval(s.probability.brier)} if s.probability else {})
                    for s in h.scores
                ],
            }
            for h in found.horizons
        ],
    }  # fmt: skip


def _group(g: GroupQuality) -> dict[str, Any]:
    return {
        "by": g.by,
        "group": g.group,
        "rows": g.rows,
        "customers": g.customers,
        "paid": _round(g.paid_share),
        "auc": _interval(g.auc),
        "bias": _interval(g.bias),
        "enough": g.enough,
    }


def _interval(figure: Any) -> list[float | None]:
    return [_round(figure.value), _round(figure.lower), _round(figure.upper)]


def _round(value: float) -> float | None:
    return round(value, 4) if isfinite(value) else None


def _limits(facts: Mapping[str, Any]) -> Iterable[str]:
    """Yield what follows from the facts about where the model should not be trusted."""
    data, fit = facts["data"], facts["fit"]
    if facts["synthetic"]:
        yield "It learned from made-up customers: nothing it says is about people."
    if data["months"] < _YEAR_MONTHS:
        yield f"It has seen {data['months']:g} months: some seasons not once."
    contacts, recorded = fit.get("contacts", 0), fit.get("contacts_with_propensity", 0)
    if not contacts:
        yield "It has seen no contacts: what they add comes from published trials, not from here."
    elif recorded < contacts:
        yield (
            f"Of {contacts:,} contacts {contacts - recorded:,} have no recorded probability: what "
            "they brought may be due to who was chosen for them."
        )
    small = [f"{g['by']}: {g['group']}" for g in facts["groups"] if not g["enough"]]
    if small:
        yield f"Too few to judge by themselves: {words.listed(small)}."
    if facts["quality"] is None:
        yield "Its quality was not measured on facts that came after it."
    unseen = [h for h in (facts["quality"] or {}).get("horizons", ()) if not h["rows"]]
    if unseen:
        days = words.listed([str(h["days"]) for h in unseen])
        yield f"What came within {days} days could not be seen yet."
    if facts["fairness"] is None:
        yield "Whether it treats groups alike was not audited, or cannot be told."
    if facts["gain"] is None:
        yield "Whether the gains it foretells come true was not measured."
    for check in facts["checks"]:
        if check["passed"] is None:
            yield f"{check['name']}: {check['text'].rstrip('.')}."


def card_sheet(facts: Mapping[str, Any]) -> Sheet:
    """Return the card as a document of parts; `facts` of `card_facts`."""
    fit = facts["fit"]
    return Sheet(
        kicker="Model card",
        title=facts["name"],
        lede=(
            f"Model {facts['version']}, fitted at {facts['fitted_at']} on "
            f"{words.count(fit['invoices'], 'invoice')} of "
            f"{words.count(fit['customers'], 'customer')} and "
            f"{words.count(fit['contacts'], 'contact')}. As known at {facts['as_of']}."
        ),
        synthetic=facts["synthetic"],
        parts=[
            Part("for", "What is it for?", PURPOSE, remarks=[NOT_FOR]),
            _inputs(facts),
            _quality_part(facts),
            _groups_part(facts),
            _effects_part(facts),
            _fairness_part(facts),
            _gate_part(facts),
            Part("limits", "Where should it not be trusted?",
                 "What follows from the figures above." if facts["limits"] else "Nothing found.",
                 remarks=facts["limits"]),
            _made_part(facts),
        ],
        foot="Made from the facts of the fit, the evaluation and the gate; nobody wrote a figure.",
    )  # fmt: skip


def _inputs(facts: Mapping[str, Any]) -> Part:
    rows = [
        [family["family"], f"{len(family['columns'])}", family["why"]] for family in facts["inputs"]
    ]
    never = [f"never read: {', '.join(e['columns'])} ({e['why']})" for e in facts["excluded"]]
    read = [f"{f['family']}: {'; '.join(f['words'])}" for f in facts["inputs"]]
    return Part(
        "inputs",
        "What does it read, and why may it?",
        "Who somebody is, is left out: behaviour only."
        if facts["fit"].get("behaviour_only")
        else "Behaviour, exposure and facts that the organisation gave.",
        grid=Grid(("family", "inputs", "why it may be used"), rows, last_is_text=True),
        remarks=[*read, *never],
    )


def _quality_part(facts: Mapping[str, Any]) -> Part:
    found = facts["quality"]
    title = "How good is it?"
    if found is None:
        return Part("quality", title, "Not measured on facts that came after it.")
    rows = [
        [f"within {h['days']} days", s["name"], _said(s["auc"]),
         _said(s["bias"], points=True) if "bias" in s else "ranks only"]
        for h in found["horizons"]
        for s in h["scores"]
    ]  # fmt: skip
    seen = [
        f"within {h['days']} days: {h['rows']:,} predictions for {h['customers']:,} customers, "
        f"{h['left_out']:,} left out because the facts end too early"
        for h in found["horizons"]
    ]
    return Part(
        "quality",
        title,
        found["summary"],
        grid=Grid(("paid", "by", "AUC (95%)", "off on average, points"), rows, words=2),
        remarks=seen,
    )


def _groups_part(facts: Mapping[str, Any]) -> Part:
    title = "Is it as good for everybody?"
    if not facts["groups"]:
        return Part("groups", title, "Not measured group by group.")
    enough = [g for g in facts["groups"] if g["enough"]]
    worst = max(enough, key=lambda g: abs(g["bias"][0] or 0.0), default=None)
    answer = (
        f"Furthest off for {worst['by']}: {worst['group']}, by {_said(worst['bias'], points=True)} "
        "points."
        if worst
        else "No group is large enough to be judged by itself."
    )
    rows = [
        [g["by"], g["group"], f"{g['rows']:,}", _said(g["auc"]), _said(g["bias"], points=True)]
        for g in facts["groups"]
    ]
    head = ("by", "group", "predictions", "AUC (95%)", "off on average, points")
    return Part("groups", title, answer, grid=Grid(head, rows, words=2))


def _effects_part(facts: Mapping[str, Any]) -> Part:
    title = "What does it think contacts add?"
    channels = [e for e in facts["effects"] if e["of"] == "channel"]
    if not channels:
        return Part("effects", title, "No contacts to learn from.")
    rows = [
        [e["channel"], f"{e['contacts']:,}", f"{e['points']:+.1f}",
         f"{e['low']:+.1f} to {e['high']:+.1f}", e["verdict"]]
        for e in channels
    ]  # fmt: skip
    head = ("channel", "contacts", "points of payment in 14 days", "95%", "says")
    return Part(
        "effects",
        title,
        facts["gain"] or "Whether these gains come true was not measured.",
        grid=Grid(head, rows, last_is_text=True),
    )


def _fairness_part(facts: Mapping[str, Any]) -> Part:
    answers = {
        True: "The audit found groups treated alike, within its limits.",
        False: "The audit found groups treated differently beyond its limits.",
        None: "Not audited, or these data cannot tell.",
    }
    return Part("fairness", "Does it treat groups alike?", answers[facts["fairness"]])


def _gate_part(facts: Mapping[str, Any]) -> Part:
    title = "What does the gate say?"
    if facts["gate"] is None:
        return Part("gate", title, "It did not go through the gate.")
    return Part(
        "gate",
        title,
        f"{facts['gate']['decision'].capitalize()}.",
        grid=check_grid(facts["checks"]),
        remarks=facts["gate"]["reasons"],
    )


def _made_part(facts: Mapping[str, Any]) -> Part:
    rows = [
        ["model", facts["version"]],
        ["fitted at", facts["fitted_at"]],
        ["seed", str(facts["fit"].get("seed", "–"))],
        ["digest of the facts", facts["data"]["digest"]],
        ["Tenor", facts["software"]],
        ["limits reviewed on", facts["limits_of"]],
        ["channels", ", ".join(facts["channels"]) or "none"],
        ["tones", ", ".join(facts["tones"]) or "none"],
    ]
    return Part(
        "made",
        "How can it be made again?",
        "The same facts, seed and version of Tenor give the same model, byte for byte.",
        grid=Grid(("what", "is"), rows, words=2, last_is_text=True),
    )


def _said(interval: Sequence[float | None], *, points: bool = False) -> str:
    value, lower, upper = interval
    if value is None:
        return "undefined"
    shown = [
        (f"{100 * v:+.1f}" if points else f"{v:.3f}")
        for v in (value, lower, upper)
        if v is not None
    ]
    return f"{shown[0]} ({shown[1]} to {shown[2]})" if len(shown) == 3 else shown[0]
