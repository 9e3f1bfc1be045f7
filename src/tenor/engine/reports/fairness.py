"""An examination of how groups are treated: as a page, as JSON, and on the terminal."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from math import isfinite
from typing import Any

from tenor.engine.evaluate.figures import Figure
from tenor.engine.fairness.audit import Audit, sentence
from tenor.engine.fairness.examine import Examination
from tenor.engine.fairness.findings import Comparison, Verdict
from tenor.engine.fairness.groups import words_of
from tenor.engine.fairness.price import Price
from tenor.engine.fairness.proxies import Told
from tenor.engine.features.catalogue import words_of as feature_words
from tenor.engine.reports.page import Grid, Part, render

_SAID = {
    Verdict.UNEVEN: "worse off",
    Verdict.BETTER: "better off",
    Verdict.DIFFERENT: "different",
    Verdict.EVEN: "alike",
    Verdict.UNSURE: "cannot tell",
    Verdict.TOO_FEW: "too few",
}
_NOTHING = "-"


def fairness_json(found: Examination, cost: Price | None = None) -> dict[str, Any]:
    """Return an examination for programs; of groups that are too small only that they are."""
    value: dict[str, Any] = {
        "as_of": found.audit.as_of.isoformat(),
        "passes": found.passes,
        "text": found.text,
        "treatment": audit_json(found.audit),
        "told": [_told(t, found) for t in found.told],
        "swaps": [asdict(s) | {"words": words_of(s.column)} for s in found.swaps],
        "history": audit_json(found.history),
    }
    if cost is not None:
        value["behaviour_only"] = price_json(cost)
    return plain_figures(value)  # type: ignore[no-any-return]


def audit_json(found: Audit) -> dict[str, Any]:
    """Return an audit for programs."""
    limits = found.limits
    return {
        "passes": found.passes,
        "text": found.text,
        "rows": found.rows,
        "customers": found.customers,
        "known": dict(found.known),
        "limits": {
            "least_ratio": limits.least, "fewest_customers": limits.small,
            "most_error": limits.most_error, "most_flips_percent": limits.most_flips,
            "most_telling": limits.most_telling,
        },
        "comparisons": [_comparison(c) for c in found.comparisons],
        "four_fifths": [
            {"attribute": s.attribute, "measure": s.measure.column, "ratio": s.ratio,
             "passes": s.passes}
            for s in found.screens
        ],
    }  # fmt: skip


def price_json(cost: Price) -> dict[str, Any]:
    """Return what judging by behaviour alone costs, for programs."""

    def of(figure: Figure) -> dict[str, float]:
        return asdict(figure)

    def log(value: Any) -> Any:
        if value is None:
            return None
        return {"gain": asdict(value.gain), "verdict": value.verdict.text}

    return {
        "as_of": cost.as_of.isoformat(),
        "rows": cost.rows,
        "customers": cost.customers,
        "auc": {"with_identity": of(cost.with_identity.auc),
                "behaviour_only": of(cost.behaviour_only.auc), "price": of(cost.auc_price)},
        "brier": {"with_identity": of(_brier(cost.with_identity)),
                  "behaviour_only": of(_brier(cost.behaviour_only)), "price": of(cost.brier_price)},
        "expected_value": {"currency": cost.currency, "with_identity": of(cost.expected),
                           "behaviour_only": of(cost.expected_behaviour_only),
                           "price": of(cost.expected_price)},
        "logged": {"with_identity": log(cost.logged),
                   "behaviour_only": log(cost.logged_behaviour_only), "why_not": cost.why_not},
    }  # fmt: skip


def fairness_report(found: Examination, cost: Price | None, *, name: str, synthetic: bool) -> str:
    """Return the examination as a self-contained HTML page."""
    return render(
        "fairness.html.j2",
        title=f"Are groups treated alike? {name}",
        name=name,
        synthetic=synthetic,
        lede=found.text,
        day=f"{found.audit.as_of:%Y-%m-%d}",
        parts=[*_parts(found), *([_price_part(cost)] if cost else [])],
    )


def fairness_text(found: Examination, cost: Price | None = None) -> str:
    """Return the examination as lines for a terminal."""
    return "\n".join(_lines(found, cost))


def _lines(found: Examination, cost: Price | None) -> Iterator[str]:
    audit = found.audit
    yield f"{audit.rows:,} decisions about {audit.customers:,} customers."
    for attribute, known in audit.known.items():
        yield f"  {words_of(attribute)}: known of {known:,}"
    for title, part in (("How groups are treated", audit), ("In the past", found.history)):
        yield ""
        yield title
        for row in _rows(c for c in part.comparisons if not c.mixed):
            yield "  " + "  ".join(
                f"{cell:<{width}}" for cell, width in zip(row, _WIDTHS, strict=True)
            )
    yield ""
    yield "What tells a group (AUC: 0.5 not at all, 1 always)"
    for told in found.told:
        yield "  " + "  ".join(_telling(told))
    yield ""
    yield "Another value in one column alone changes"
    for s in found.swaps:
        yield f"  {words_of(s.column):<28} {s.changed:>5} of {s.pairs} decisions"
    if cost is not None:
        yield ""
        yield "What judging by behaviour alone costs"
        for row in _price_rows(cost):
            yield "  " + "  ".join(f"{cell:<28}" for cell in row)
    yield ""


_WIDTHS = (26, 22, 40, 26, 8, 22, 12)


def _rows(comparisons: Iterable[Comparison]) -> Iterator[tuple[str, ...]]:
    for c in comparisons:
        who = (words_of(c.attribute), c.group, c.measure.words)
        if c.contrast is None or c.rate is None:
            yield (*who, _NOTHING, _NOTHING, _NOTHING, _SAID[c.verdict])
        elif c.measure.error:
            d = c.contrast
            between = f"{100 * d.difference_lower:+.1f} to {100 * d.difference_upper:+.1f}"
            yield (*who, f"{100 * d.difference:+.1f} points", _NOTHING, between, _SAID[c.verdict])
        else:
            d, r = c.contrast, c.rate
            rate = f"{r.value:.1%} ({r.lower:.1%} to {r.upper:.1%})"
            ratio = f"{d.ratio:.2f} ({d.lower:.2f} to {d.upper:.2f})"
            yield (*who, rate, f"{d.alike:.1%}", ratio, _SAID[c.verdict])


_HEAD = (
    "attribute", "group", "what", "of the group", "of others alike", "ratio (95%)", "found",
)  # fmt: skip


def _parts(found: Examination) -> Iterator[Part]:
    yield _treatment("treated", "Are groups treated alike?", found.audit)
    yield Part(
        "told", "What tells a group?",
        "Columns that tell a group apart can be used to treat it otherwise, unmeant. Read from "
        "0.5 (tells nothing) to 1 (tells all).",
        grid=Grid(("group", "all together", "that tell most"), [_telling(t) for t in found.told],
                  words=1, last_is_text=True),
    )  # fmt: skip
    yield Part(
        "swapped", "Would another value alone change the decision?",
        "A sample of customers was decided about again with somebody else's value in one column.",
        grid=Grid(
            ("column", "tried", "decided otherwise", "share"),
            [
                (words_of(s.column), f"{s.pairs}", f"{s.changed}",
                 f"{s.rate:.1%} ({s.lower:.1%} to {s.upper:.1%})" if s.pairs else _NOTHING)
                for s in found.swaps
            ],
        ),
    )  # fmt: skip
    yield _treatment("history", "Was the past that is learned from even?", found.history)


def _treatment(key: str, title: str, audit: Audit) -> Part:
    return Part(
        key,
        title,
        audit.text,
        grid=Grid(_HEAD, list(_rows(audit.comparisons)), words=3, last_is_text=True),
        remarks=[sentence(c) for c in audit.named],
    )


def _price_part(cost: Price) -> Part:
    return Part(
        "price", "What does judging by behaviour alone cost?",
        f"Both ways learned at {cost.as_of:%Y-%m-%d} and were judged on {cost.rows:,} open "
        f"invoices of {cost.customers:,} customers by what came after.",
        grid=Grid(("", "with who they are", "behaviour alone", "price"), list(_price_rows(cost))),
        remarks=[cost.why_not] if cost.why_not else [],
    )  # fmt: skip


def _price_rows(cost: Price) -> Iterator[tuple[str, ...]]:
    def said(f: Figure, places: int = 3) -> str:
        return f"{f.value:.{places}f} ({f.lower:.{places}f} to {f.upper:.{places}f})"

    first, second = cost.with_identity, cost.behaviour_only
    yield ("ranks payers (AUC)", said(first.auc), said(second.auc), said(cost.auc_price))
    briers = (said(_brier(s), 4) for s in (first, second))
    yield ("error of chances (Brier)", *briers, said(cost.brier_price, 4))
    yield (
        f"own expectation, {cost.currency} a customer", said(cost.expected, 2),
        said(cost.expected_behaviour_only, 2), said(cost.expected_price, 2),
    )  # fmt: skip


def _brier(score: Any) -> Figure:
    figure: Figure = score.probability.brier
    return figure


def _telling(told: Told) -> tuple[str, str, str]:
    who = f"{words_of(told.attribute)} {told.group}"
    if told.together is None:
        return (who, "too few", _NOTHING)
    t = told.together
    most = ", ".join(f"{feature_words(f.name)} {f.auc:.2f}" for f in told.features[:3])
    return (who, f"{t.auc:.2f} ({t.lower:.2f} to {t.upper:.2f})", most)


def _comparison(c: Comparison) -> dict[str, Any]:
    value: dict[str, Any] = {
        "attribute": c.attribute, "group": c.group, "measure": c.measure.column,
        "blocks": c.measure.blocks, "mixed": c.mixed, "verdict": c.verdict.value,
        "text": sentence(c),
    }  # fmt: skip
    if c.rate is None or c.contrast is None:
        return value
    return value | {
        "customers": c.customers,
        "rate": asdict(c.rate),
        "contrast": asdict(c.contrast),
        "p_held": c.p_held,
        "seen_from": c.seen_from,
    }


def _told(told: Told, found: Examination) -> dict[str, Any]:
    if told.together is None:
        return {"attribute": told.attribute, "group": told.group, "too_few": True}
    most = found.audit.limits.most_telling
    proxies = {f.name for f in told.proxies(most)}
    return {
        "attribute": told.attribute,
        "group": told.group,
        "together": asdict(told.together),
        "features": [
            asdict(f) | {"words": feature_words(f.name), "proxy": f.name in proxies}
            for f in told.features
        ],
    }


def plain_figures(value: Any) -> Any:
    """Return `value` as JSON holds it: what is undefined or endless as null, six places."""
    if isinstance(value, dict):
        return {k: plain_figures(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain_figures(v) for v in value]
    if isinstance(value, float):
        return round(value, 6) if isfinite(value) else None
    return value
