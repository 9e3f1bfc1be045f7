"""The tiers as a page, as JSON, and on the terminal."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from tenor.engine.reports import charts, words
from tenor.engine.reports import tiers_words as say
from tenor.engine.reports.charts import Bar
from tenor.engine.reports.page import Grid, Headline, Part, render
from tenor.engine.tiers.accounts import Accounts
from tenor.engine.tiers.plan import Plan, Tier, TierSummary

_CALLS_SHOWN = 25
_KINDS = {Tier.CALL: "plain", Tier.MESSAGE: "plain", Tier.LEAVE: "soft", Tier.AGENCY: "careful"}


def tiers_report(accounts: Accounts, plan: Plan, *, name: str) -> str:
    """Return the plan as a self-contained HTML page."""
    currency = accounts.currency
    return render(
        "tiers.html.j2",
        title=f"Four tiers: {name}",
        name=name,
        lede=_lede(plan, currency),
        measured=plan.measured,
        unknown=say.unknown(plan),
        read_as=say.read_as(accounts),
        skipped=_skipped(accounts),
        headlines=_headlines(plan, currency),
        tiers=[
            {
                "number": int(t.tier),
                "sign": say.SIGNS[t.tier],
                "name": say.NAMES[t.tier],
                "count": words.count(t.accounts, "account"),
                "amount": words.round_money(t.amount, currency),
                "criteria": say.criteria(t.tier, plan, currency),
                "action": say.action(t.tier, plan),
                "takes": _takes(t, currency),
            }
            for t in plan.tiers
        ],
        parts=[_recovery(plan, currency), _choice(plan, currency), _calls(plan, currency)],
        assumed=say.assumed(plan, currency),
        horizon=plan.assumptions.horizon_days,
        industries=_industries(plan),
    )


def tiers_json(accounts: Accounts, plan: Plan) -> dict[str, Any]:
    """Return the plan for programs: amounts exact as text, expected sums as numbers."""
    return {
        "read": {
            "columns": dict(accounts.headers),
            "score_scale": accounts.scale.value,
            "higher_is_worse": accounts.higher_is_worse,
            "currency": accounts.currency or None,
            "skipped": accounts.problems.to_dicts(),
        },
        "calls_per_week": plan.calls_per_week,
        "low_balance": str(plan.low_balance),
        "chances": "model" if plan.measured else "assumed",
        "assumed_accounts": list(plan.assumed),
        "horizon_days": plan.assumptions.horizon_days,
        "recovery": _rounded(asdict(plan.recovery)),
        "tiers": [
            _rounded(asdict(t))
            | {
                "tier": int(t.tier),
                "name": say.NAMES[t.tier],
                "criteria": say.criteria(t.tier, plan, accounts.currency),
                "action": say.action(t.tier, plan),
            }
            for t in plan.tiers
        ],
        "ways_to_choose_calls": [_rounded(asdict(r)) for r in plan.rivals],
        "assumptions": [
            {"what": what, "value": value, "source": source}
            for what, value, source in say.assumed(plan, accounts.currency)
        ],
        "accounts": [
            {k: str(v) if isinstance(v, Decimal) else v for k, v in row.items()}
            for row in plan.rows.to_dicts()
        ],
    }


def _rounded(value: dict[str, Any]) -> dict[str, Any]:
    def plain(v: Any) -> Any:
        if isinstance(v, dict):
            return _rounded(v)
        if isinstance(v, Decimal):
            return str(v)
        return round(v, 2) if isinstance(v, float) else v

    return {k: plain(v) for k, v in value.items()}


def tiers_text(accounts: Accounts, plan: Plan) -> str:
    """Return the plan as lines for a terminal."""
    currency = accounts.currency
    lines = [say.read_as(accounts), ""]
    for t in plan.tiers:
        lines += [
            f"Tier {int(t.tier)}  {say.NAMES[t.tier]}: {words.count(t.accounts, 'account')}, "
            f"{words.round_money(t.amount, currency)}",
            f"  who       {say.criteria(t.tier, plan, currency)}",
            f"  what      {say.action(t.tier, plan)}",
            f"  expected  {say.span(t.recovery, currency)} within "
            f"{plan.assumptions.horizon_days} days; unaided {say.said(t.unaided, currency)}",
            f"  takes     {_takes(t, currency)}",
        ]
    lines += ["", "What the calls add over messages, by the way they are chosen:"]
    width = max(len(r.name) for r in plan.rivals)
    lines += [
        f"  {r.name:<{width}}  {say.said(r.recovered, currency)}"
        + (f"  ({words.count(r.wasted, 'call')} to those who pay unaided)" if r.wasted else "")
        for r in plan.rivals
    ]
    heading = "Chances from the model; assumed:" if plan.measured else (
        "No model: all of this rests on ASSUMPTIONS, not on measurements of these accounts:"
    )  # fmt: skip
    lines += ["", *([unknown] if (unknown := say.unknown(plan)) else []), heading]
    lines += [
        f"  {what}: {value}  [{source}]" for what, value, source in say.assumed(plan, currency)
    ]
    return "\n".join(lines)


def tiers_summary(accounts: Accounts, plan: Plan) -> str:
    """Say the plan in a line."""
    called = plan.tiers[0]
    return (
        f"{words.count(plan.rows.height, 'account')} in four tiers: "
        + ", ".join(f"{t.accounts:,} {say.NAMES[t.tier].lower()}" for t in plan.tiers)
        + f"; {called.calls:,} of {plan.calls_per_week:,} calls a week used"
    )


def _takes(t: TierSummary, currency: str) -> str:
    """Say what a tier takes in a week."""
    said = []
    if t.calls:
        soft = f" ({t.soft_calls:,} of them soft reminders)" if t.soft_calls else ""
        said.append(f"{words.count(t.calls, 'call')} a week{soft}")
    if t.approvals:
        said.append(f"{words.count(t.approvals, 'approval')} by a person")
    if t.minutes:
        said.append(f"{t.minutes:,.0f} staff minutes")
    if t.messages:
        said.append(words.count(t.messages, "message"))
    if t.letters:
        said.append(words.count(t.letters, "letter"))
    if not said:
        return "nothing"
    return f"{words.listed(said)}, {say.said(t.cost, currency)}"


def _lede(plan: Plan, currency: str) -> str:
    total = sum((t.amount for t in plan.tiers), Decimal(0))
    unaided = sum(t.unaided for t in plan.tiers)
    return (
        f"{words.round_money(total, currency)} is owed on "
        f"{words.count(plan.rows.height, 'account')}. "
        f"{say.said(unaided, currency)} is expected within {plan.assumptions.horizon_days} days "
        f"without any contact. With {plan.calls_per_week:,} calls a week, placed where they add "
        f"most, {say.said(plan.recovery.expected, currency)} is expected."
    )


def _skipped(accounts: Accounts) -> str:
    rows = accounts.problems["row"].n_unique()
    return (
        f"{words.count(rows, 'row')} could not be used and {'is' if rows == 1 else 'are'} left out."
    )


def _headlines(plan: Plan, currency: str) -> list[Headline]:
    gain = sum(t.gain for t in plan.tiers)
    cost = sum(t.cost for t in plan.tiers)
    minutes = sum(t.minutes for t in plan.tiers)
    left = plan.tiers[Tier.LEAVE - 1]
    recovery = plan.recovery
    return [
        Headline(
            "Expected to come in",
            say.said(recovery.expected, currency),
            f"{say.said(recovery.low, currency)} to {say.said(recovery.high, currency)}",
        ),
        Headline("of it by this plan", say.said(gain, currency), "over no contact, after its cost"),
        Headline(
            "It takes",
            f"{minutes / 60:,.0f} hours",
            f"of staff a week, and {say.said(cost, currency)}",
        ),
        Headline(
            "Left alone", f"{left.accounts:,}", f"with {words.round_money(left.amount, currency)}"
        ),
    ]


def _recovery(plan: Plan, currency: str) -> Part:
    called = plan.tiers[0]
    answer = (
        f"Calling {words.count(called.accounts, 'account')} is expected to bring "
        f"{say.said(called.recovery.expected, currency)} instead of "
        f"{say.said(called.unaided, currency)} unaided."
    )
    rows = [
        Bar(
            f"{say.SIGNS[t.tier]} {say.NAMES[t.tier]}",
            t.recovery.expected,
            say.said(t.recovery.expected, currency),
            f"unaided {say.said(t.unaided, currency)}",
            _KINDS[t.tier],
        )
        for t in plan.tiers
    ]
    grid = Grid(
        ("tier", "accounts", "owed", "unaided", "expected", "low", "high", "after cost"),
        [
            (
                say.NAMES[t.tier],
                f"{t.accounts:,}",
                words.money(t.amount, currency),
                say.said(t.unaided, currency),
                say.said(t.recovery.expected, currency),
                say.said(t.recovery.low, currency),
                say.said(t.recovery.high, currency),
                say.said(t.gain, currency),
            )
            for t in plan.tiers
        ],
    )
    remark = (
        "Expected is net of an agency's fee. Low and high hold the ends of the assumptions and, at "
        "the least, nineteen of twenty outcomes of chance."
    )
    drawn = (
        (f"Expected within {plan.assumptions.horizon_days} days", charts.bars(rows, says=answer)),
    )
    return Part("recovery", "What is expected of each tier?", answer, drawn, grid, (remark,))


def _choice(plan: Plan, currency: str) -> Part:
    ours, others = plan.rivals[0], plan.rivals[1:]
    best = max(others, key=lambda r: r.recovered)
    answer = f"The calls add {say.said(ours.recovered, currency)} over messages"
    if best.recovered > 0 and ours.recovered > best.recovered:
        more = Decimal(f"{(ours.recovered / best.recovered - 1) * 100:.2f}")
        answer += f", {words.percent(more)} more than the next best way ({best.name})"
    bars = [
        Bar(
            r.name,
            r.recovered,
            say.said(r.recovered, currency),
            f"{r.wasted:,} to sure payers" if r.wasted else "",
            "plain" if r is ours else "soft",
        )
        for r in plan.rivals
    ]
    grid = Grid(
        ("chosen", "added by the calls", "calls to those who pay unaided"),
        [(r.name, say.said(r.recovered, currency), f"{r.wasted:,}") for r in plan.rivals],
    )
    remark = "All ways have the same number of calls and are judged by the same chances."
    drawn = (("Added by the calls, by the way they are chosen", charts.bars(bars, says=answer)),)
    title = "Why call these, and not the largest or the likeliest?"
    return Part("choice", title, f"{answer}.", drawn, grid, (remark,))


def _calls(plan: Plan, currency: str) -> Part:
    called = plan.rows.filter(plan.rows["tier"] == Tier.CALL).sort("call_rank")
    if called.is_empty():
        return Part("calls", "Who is called first?", "Nobody: no call is worth its cost.")
    rows = [
        (
            f"{row['call_rank']:,}",
            row["account_id"],
            words.money(row["amount"], currency),
            f"{row['days_overdue']:,}",
            say.said(row["gain"], currency),
            row["reason"],
        )
        for row in called.head(_CALLS_SHOWN).to_dicts()
    ]
    more = called.height - len(rows)
    answer = f"The first {len(rows)} of {words.count(called.height, 'call')}, most gain first."
    remarks = (f"And {more:,} more; the CSV file has every account.",) if more else ()
    head = ("", "account", "owed", "days late", "gain", "why")
    return Part(
        "calls",
        "Who is called first?",
        answer,
        (),
        Grid(head, rows, words=2, last_is_text=True),
        remarks,
    )


def _industries(plan: Plan) -> Grid | None:
    """Count the tiers per industry, largest first; None where no industry is known."""
    known = plan.rows.filter(plan.rows["industry"].is_not_null())
    if known.is_empty():
        return None
    sizes = known.group_by("industry").len().sort("len", "industry", descending=[True, False])
    counts = {(i, t): n for i, t, n in known.group_by("industry", "tier").len().rows()}
    rows = [
        (industry, f"{size:,}", *(f"{counts.get((industry, int(t)), 0):,}" for t in Tier))
        for industry, size in sizes.head(12).rows()
    ]
    return Grid(("industry", "accounts", *(say.NAMES[t].lower() for t in Tier)), rows)
