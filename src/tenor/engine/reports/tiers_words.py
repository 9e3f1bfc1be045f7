"""The four tiers in words: who is in them, what is done, what is assumed."""

from decimal import Decimal

from tenor.engine.reports import words
from tenor.engine.tiers.accounts import Accounts
from tenor.engine.tiers.assumptions import (
    ALONE_BY_AGE,
    ALONE_BY_SCORE,
    ALONE_OLDER,
    ALONE_PER_ATTEMPT,
    EFFECT_PER_ATTEMPT,
    Span,
)
from tenor.engine.tiers.plan import Amounts, Plan, Tier

NAMES = {
    Tier.CALL: "Call",
    Tier.MESSAGE: "Message",
    Tier.LEAVE: "Leave alone",
    Tier.AGENCY: "Propose to an agency",
}
SIGNS = {Tier.CALL: "☎", Tier.MESSAGE: "✉", Tier.LEAVE: "○", Tier.AGENCY: "⚑"}

_UNKNOWN_SHOWN = 20


def criteria(tier: Tier, plan: Plan, currency: str) -> str:
    """Say who is in a tier."""
    a = plan.assumptions
    if tier is Tier.CALL:
        return (
            "Where a call adds most money over a message (effect × amount, after its cost), up to "
            f"{words.count(plan.calls_per_week, 'call')} a week."
        )
    if tier is Tier.MESSAGE:
        return "Contact helps, but a call adds more elsewhere, or costs more than it adds."
    if tier is Tier.LEAVE:
        return (
            f"Not overdue yet, or at least {words.percent(_pct(a.pays_unaided_from))} pay unaided."
        )
    return (
        f"At most {words.round_money(plan.low_balance, currency)}, less than "
        f"{words.percent(_pct(a.high_risk_below))} pay unaided, {a.agency_from_days} days late or "
        f"more after {a.agency_from_attempts} attempts or more, and the agency leaves more after "
        "its fee than messages would bring."
    )


def action(tier: Tier, plan: Plan) -> str:
    """Say what is done with the accounts of a tier."""
    a = plan.assumptions
    if tier is Tier.CALL:
        return (
            "A collector calls this week and offers a date or a plan. Medium risk in its first "
            f"{a.soft_call_until_days} days: a soft reminder call."
        )
    if tier is Tier.MESSAGE:
        return (
            "An e-mail or text with a way to pay and to ask for time. The next in line are called "
            "when a call comes free."
        )
    if tier is Tier.LEAVE:
        return "Nothing now. Look again in two weeks, or when it falls overdue."
    return (
        "A person checks the account and the notices the law asks for, and approves or refuses. "
        "Nothing is handed over by itself."
    )


def span(amounts: Amounts, currency: str) -> str:
    """Say an expected sum with its range."""
    return f"{said(amounts.expected, currency)} ({_between(amounts, currency)})"


def _between(amounts: Amounts, currency: str) -> str:
    return f"{said(amounts.low, currency)} to {said(amounts.high, currency)}"


def said(value: float, currency: str) -> str:
    """Say an expected (not a booked) sum."""
    return words.round_money(Decimal(f"{value:.2f}"), currency)


def _pct(share: float) -> Decimal:
    return Decimal(f"{share * 100:.2f}")


def _points(span: Span) -> str:
    return f"{span.middle * 100:.0f} points ({span.low * 100:.0f} to {span.high * 100:.0f})"


def assumed(plan: Plan, currency: str) -> list[tuple[str, str, str]]:
    """Return (what, how much, where from) of everything that was assumed."""
    a = plan.assumptions
    chances = ", ".join(f"{s * 100:.0f}: {p:.0%}" for s, p in ALONE_BY_SCORE)
    ages = ", ".join(f"to {d} days × {f:g}" for d, f in ALONE_BY_AGE)
    ours = "our assumption"
    of_chances = [
        (f"paying unaided within {a.horizon_days} days, by score (as 0 to 100)", chances, ours),
        ("left of that by days overdue", f"{ages}, older × {ALONE_OLDER:g}", ours),
        ("left of that per earlier attempt", f"× {ALONE_PER_ATTEMPT:g}", ours),
        ("these chances may be off by", f"× {a.alone.low:g} to × {a.alone.high:g}", ours),
        ("a call adds at most (at a chance of one half)", _points(a.call),
         "trials of reminders against none: 7 to 25 points"),
        ("a message adds at most", _points(a.message),
         "the same trials; e-mail added nothing in one"),
        ("towards sure payers and hopeless cases", "falls as (4p(1−p))²",
         "our assumption; a trial found none on those who pay on time"),
        ("left of an effect per earlier attempt", f"× {EFFECT_PER_ATTEMPT:g}", ours),
    ]  # fmt: skip
    of_costs = [
        ("an agency collects", f"{a.agency_collects.middle:.0%} ({a.agency_collects.low:.0%} to "
         f"{a.agency_collects.high:.0%}), fee {a.agency_fee:.0%}", ours),
        ("a call, a message, a letter", f"{said(a.call_cost, currency)}, "
         f"{said(a.message_cost, currency)}, {said(a.letter_cost, currency)}", ours),
        ("minutes of a call, of an approval",
         f"{a.minutes_per_call:g}, {a.minutes_per_approval:g} (priced as a call's)", ours),
    ]  # fmt: skip
    if plan.measured:
        measured = ("chances of paying, unaided and called", "as given", "the model")
        unknown_too = [
            (f"{w}, of accounts the model does not know", v, s) for w, v, s in of_chances
        ]
        rest = unknown_too if plan.assumed else []
        return [measured, *rest, *of_costs]
    return of_chances + of_costs


def unknown(plan: Plan) -> str:
    """Name the accounts that the model does not know; empty where it knows all or there is none."""
    if not plan.assumed:
        return ""
    shown = plan.assumed[:_UNKNOWN_SHOWN]
    more = len(plan.assumed) - len(shown)
    names = ", ".join(shown) + (f" and {more:,} more" if more else "")
    return (
        f"{words.count(len(plan.assumed), 'account')} not among the customers with an open "
        f"invoice, so with assumed chances: {names}."
    )


def read_as(accounts: Accounts) -> str:
    """Say how the file was understood."""
    used = ", ".join(
        f"{name.replace('_', ' ')} from “{header}”" for name, header in accounts.headers.items()
    )
    unused = [n for n in ("industry", "attempts") if n not in accounts.headers]
    missing = f"; no column for {words.listed(unused)}, taken as unknown or none" if unused else ""
    way = "higher is worse" if accounts.higher_is_worse else "higher is better"
    return f"Read {used}{missing}. Scores on a scale of {accounts.scale}, {way}."
