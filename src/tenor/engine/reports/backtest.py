"""A backtest as a page: what a policy would have done, what it is worth, and for whom."""

from collections.abc import Sequence

from tenor.engine.evaluate.backtest import Backtest
from tenor.engine.evaluate.harm import Answer
from tenor.engine.evaluate.logged import LogValue
from tenor.engine.evaluate.offpolicy import Estimate
from tenor.engine.evaluate.overlap import Finding, Overlap
from tenor.engine.reports import words
from tenor.engine.reports.charts import Bar, Series, bars, lines
from tenor.engine.reports.page import Grid, Part
from tenor.engine.reports.sheet import Sheet, html

_ANSWERS = {Answer.FINE: "good", Answer.HARMED: "stop", Answer.CANNOT_TELL: "soft"}


def backtest_report(found: Backtest, *, name: str, synthetic: bool) -> str:
    """Return the backtest as a self-contained page; `name` says whose past it is."""
    parts = [_volumes(found), _by_step(found), _alone(found), _people(found), _worth(found)]
    if found.harm is not None:
        parts.append(_groups(found))
    if found.gain is not None:
        parts.append(Part("gain", "Do foretold gains come true?", found.gain.text))
    parts.append(_models(found))
    return html(
        Sheet(
            kicker="A policy on the past",
            title=name,
            lede=(
                f"What the policy would have done for {words.count(found.customers, 'customer')} "
                f"from {words.day(found.from_)} to {words.day(found.to)}, decided anew every "
                f"{words.count(found.every, 'day')}. {found.verdict.text}"
            ),
            synthetic=synthetic,
            parts=parts,
            foot="Its contacts stand in place of the real ones, payments stay as they came: these "
            "are volumes, not a forecast of money. Made by Tenor; this page needs no network.",
        )
    )


def _volumes(found: Backtest) -> Part:
    would, done = found.would, found.done
    rows = [
        ["contacts", f"{would.contacts:,}", f"{done.contacts:,}"],
        ["customers contacted", f"{would.customers:,}", f"{done.customers:,}"],
        ["cost of contacts", f"{would.cost:,.2f}", f"{done.cost:,.2f}"],
        ["invoices handed over", f"{would.handed_over:,}", f"{done.handed_over:,}"],
    ]
    for kind, mine, theirs in (
        ("channel", would.channels, done.channels),
        ("tone", would.tones, done.tones),
    ):
        rows += [
            [f"{kind}: {n or 'none'}", f"{mine.get(n, 0):,}", f"{theirs.get(n, 0):,}"]
            for n in sorted({*mine, *theirs})
        ]
    share = found.agreement.share
    alike = (
        "" if share is None else f" It treats customers as the past did {share:.0%} of the time."
    )
    unpriced = (
        [f"{words.count(done.unpriced, 'real contact')} named no cost and count as free."]
        if done.unpriced
        else []
    )
    return Part(
        "volumes",
        "How much would it do?",
        f"{words.count(would.contacts, 'contact')} instead of {done.contacts:,}.{alike}",
        grid=Grid(("what", "the policy", "what was done"), rows),
        remarks=unpriced,
    )


def _by_step(found: Backtest) -> Part:
    labels = [f"{step.at.day} {words.short_month(step.at)}" for step in found.steps]
    chart = lines(
        labels,
        [
            Series("policy", [float(s.contacts) for s in found.steps]),
            Series("done", [float(s.contacts_done) for s in found.steps], "second"),
        ],
        unit="",
        says="Contacts of the policy and contacts that were made, step by step.",
    )
    rows = [
        [label, f"{s.open:,}", f"{s.contacts:,}", f"{s.contacts_done:,}", f"{s.handed_over:,}",
         f"{s.handed_over_done:,}", f"{s.people:,}"]
        for label, s in zip(labels, found.steps, strict=True)
    ]  # fmt: skip
    head = ("from", "open", "contacts", "done", "handed over", "done", "for a person")
    most = max(found.steps, key=lambda s: s.contacts)
    return Part(
        "steps",
        "When?",
        f"Most contacts in one step: {most.contacts:,}, of {most.open:,} customers.",
        charts=[("Contacts a step", chart)],
        grid=Grid(head, rows),
    )


def _alone(found: Backtest) -> Part:
    alone = found.left_alone
    title = "Who would be left alone, and pays anyway?"
    if not alone.untouched:
        return Part("alone", title, "Nobody was left alone by both, so nothing can be said of it.")
    share = alone.untouched_paid / alone.untouched
    rest = (
        [
            "Whom the past contacted it would leave alone "
            f"{words.count(alone.contacted, 'time')}; {alone.contacted_paid:,} of these paid. How "
            "many would have anyway is not known."
        ]
        if alone.contacted
        else []
    )
    return Part(
        "alone",
        title,
        f"Left alone by both {words.count(alone.untouched, 'time')}: {alone.untouched_paid:,} of "
        f"these ({share:.0%}) paid all within the outcome window.",
        remarks=rest,
    )


def _people(found: Backtest) -> Part:
    new = sum(step.new_people for step in found.steps)
    rows = [[reason, f"{count:,}"] for reason, count in found.reviews.items()]
    each = new / len(found.steps)
    return Part(
        "people",
        "What would wait for a person?",
        f"{words.count(new, 'decision')}, {each:,.1f} a step.",
        grid=Grid(("why", "decisions"), rows) if rows else None,
    )


def _worth(found: Backtest) -> Part:
    title = "What is it worth?"
    if found.value is None:
        return Part("worth", title, found.verdict.text)
    if found.verdict.finding is Finding.CANNOT_TELL:
        # Figures that are known to say nothing would be read all the same.
        return Part("worth", title, found.verdict.text, remarks=_told_by(found.value))
    value = found.value
    chance = value.by_chance
    shown = [e for e in chance.estimates if e.name != "DM"]
    estimates = [("drawn at random", chance.logged), *((e.name, e) for e in shown)]
    if value.usual is not None:
        estimates.insert(0, ("usual contacts", value.usual))
    rows = [_estimate(name, e, chance.headline) for name, e in estimates]
    rows.append(_estimate("policy less what was done", value.gain, ""))
    policy = next(e for e in chance.estimates if e.name == chance.headline)
    beside = [("usual contacts", value.usual)] if value.usual is not None else []
    compared = [*beside, ("drawn at random", chance.logged), ("the policy", policy)]
    chart = bars(
        [
            Bar(name, max(e.value, 0.0), f"{e.value:.1%}", f"{e.lower:.1%} to {e.upper:.1%}")
            for name, e in compared
        ],
        says="Share of the amount paid in time, of usual contacts, of drawn ones, and of the "
        "policy's.",
    )
    return Part(
        "worth",
        title,
        found.verdict.text,
        charts=[("Share of the amount paid in time", chart)],
        grid=Grid(("share of the amount paid in time", "value", "95%", "error"), rows),
        remarks=[*_how_sure(value), *_told_by(value)],
    )


def _told_by(value: LogValue) -> Sequence[str]:
    chance = value.by_chance
    counted = (
        f"Of {words.count(value.contacts, 'contact')} {value.unknown:,} have no recorded "
        f"probability, {value.unseen:,} end too late to see, and on {value.waiting:,} the policy "
        "would have waited."
    )
    return [counted, *(_support(s) for s in (chance.support, *chance.factors))]


def _estimate(name: str, e: Estimate, headline: str) -> list[str]:
    mark = " (headline)" if name == headline else ""
    return [f"{name}{mark}", f"{e.value:.3f}", f"{e.lower:.3f} to {e.upper:.3f}",
            f"{e.standard_error:.3f}"]  # fmt: skip


def _how_sure(value: LogValue) -> Sequence[str]:
    found = []
    gap = value.by_chance.additivity
    if gap is not None:
        adds = gap.lower <= 0.0 <= gap.upper
        found.append(
            f"Channel and tone {'may' if adds else 'do not'} work independently (with pairs "
            f"{gap.value:+.3f}, {gap.lower:+.3f} to {gap.upper:+.3f})."
        )
    model = next((e for e in value.by_chance.estimates if e.name == "DM"), None)
    if model is not None:
        found.append(
            f"Believing predictions alone it would be {model.value:.3f}: a diagnostic, no proof."
        )
    if value.never_possible:
        found.append(
            f"For {words.count(value.never_possible, 'contact')} what the policy would choose was "
            "not open then."
        )
    return found


def _support(s: Overlap) -> str:
    return (
        f"{s.name}: {s.rows:,} rows worth {s.effective_rows:,.0f}, largest weight "
        f"{s.most_weight:.1f}, mean weight {s.mean_weight:.2f}"
    )


def _groups(found: Backtest) -> Part:
    assert found.harm is not None
    judged = [g for g in found.harm.groups if g.value is not None]
    rows = [
        [f"{g.by}: {g.group}", g.answer.value, f"{g.contacts:,}", g.text] for g in found.harm.groups
    ]
    chart = bars(
        [
            Bar(answer.value, float(count), f"{count:,}", kind=_ANSWERS[answer])
            for answer in Answer
            if (count := sum(g.answer is answer for g in found.harm.groups))
        ],
        says="How many groups are fine, harmed, or cannot be told.",
    )
    return Part(
        "groups",
        "Is anybody worse off?",
        found.harm.text,
        charts=[("Groups", chart)] if judged else [],
        grid=Grid(("group", "answer", "contacts", "found"), rows, words=2, last_is_text=True),
    )


def _models(found: Backtest) -> Part:
    rows = [[words.day(m.at), m.version, words.day(m.fitted_at)] for m in found.models]
    return Part(
        "models",
        "With what did it decide?",
        f"Policy {found.policy_version}; no model had seen what it decided on.",
        grid=Grid(("from", "model", "fitted at"), rows, words=3),
    )
