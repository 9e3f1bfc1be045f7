"""The catalogue of features: for each its words, unit and source, and how to say its value.

A feature may be used because it is behaviour towards payment requests, exposure, or a fact the
organisation gave; who somebody is (`protected_*`) is never among them.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """A feature: `words` for reports, `unit`, the tables it comes from, and `sentence`.

    `sentence` is a phrase for reasons with `{value}` in it; `below` the one for values below
    zero, which are said without their sign.
    """

    words: str
    unit: str
    source: str
    sentence: str
    below: str = ""


_HABIT = "invoices, payments"
_SPAN = "events"

FEATURES: dict[str, Feature] = {
    "days_overdue": Feature(
        "days overdue",
        "days",
        "invoices",
        "{value} days after the due date",
        below="due in {value} days",
    ),
    "term_days": Feature("payment term", "days", "invoices", "a term of {value} days"),
    "log_amount": Feature("amount", "logarithm", "invoices", "an amount of about {exp}"),
    "log_balance": Feature("open balance", "logarithm", _HABIT, "about {exp} still open"),
    "paid_share": Feature("share paid already", "0 to 1", _HABIT, "{percent} paid already"),
    "raised_share": Feature(
        "rise of the amount",
        "share",
        "events",
        "the amount raised by {percent}",
        below="the amount lowered by {percent}",
    ),
    "open_invoices": Feature("open invoices", "number", _HABIT, "{value} open invoices"),
    "log_open_total": Feature("total open", "logarithm", _HABIT, "about {exp} open in all"),
    "overdue_share": Feature("share overdue", "0 to 1", _HABIT, "{percent} of it overdue"),
    "oldest_overdue": Feature(
        "oldest open invoice",
        "days",
        _HABIT,
        "the oldest open one {value} days after its due date",
        below="the oldest open one due in {value} days",
    ),
    "past_invoices": Feature(
        "earlier invoices", "number", _HABIT, "{value} earlier invoices to go by"
    ),
    "past_settled": Feature("earlier invoices paid", "number", _HABIT, "{value} paid before"),
    "past_escalated": Feature(
        "earlier escalations", "number", "events", "{value} handed over before"
    ),
    "last_delay": Feature(
        "delay of the last invoice",
        "days",
        _HABIT,
        "the last invoice {value} days late",
        below="the last invoice paid {value} days early",
    ),
    "mean_delay": Feature(
        "mean delay",
        "days",
        _HABIT,
        "{value} days late on average",
        below="{value} days early on average",
    ),
    "recent_delay": Feature(
        "recent delay",
        "days",
        _HABIT,
        "lately {value} days late",
        below="lately {value} days early",
    ),
    "usual_delay": Feature(
        "usual delay",
        "days",
        _HABIT,
        "usually pays {value} days late",
        below="usually pays {value} days early",
    ),
    "delay_spread": Feature("spread of delays", "days", _HABIT, "delays that vary by {value} days"),
    "late_share": Feature("share paid late", "0 to 1", _HABIT, "late with {percent} of invoices"),
    "paid_on_due": Feature(
        "share paid on the due date", "0 to 1", _HABIT, "{percent} paid on the due date itself"
    ),
    "again_7": Feature(
        "own invoices this late, paid within a week",
        "0 to 1",
        _HABIT,
        "{percent} paid within a week when this late before",
    ),
    "again_30": Feature(
        "own invoices this late, paid within 30 days",
        "0 to 1",
        _HABIT,
        "{percent} paid within 30 days when this late before",
    ),
    "escalated_share": Feature(
        "share escalated", "0 to 1", "events", "{percent} of invoices handed over"
    ),
    "paid_within_7": Feature(
        "paid within a week of due", "0 to 1", _HABIT, "{percent} paid within a week of due"
    ),
    "paid_within_30": Feature(
        "paid within 30 days of due", "0 to 1", _HABIT, "{percent} paid within 30 days of due"
    ),
    "paid_within_60": Feature(
        "paid within 60 days of due", "0 to 1", _HABIT, "{percent} paid within 60 days of due"
    ),
    "payments": Feature("payments made", "number", "payments", "{value} payments so far"),
    "part_payments": Feature(
        "share of part payments", "0 to 1", "payments", "{percent} of payments in parts"
    ),
    "days_since_payment": Feature(
        "days since a payment", "days", "payments", "last paid {value} days ago"
    ),
    "pay_day": Feature(
        "usual day of the month", "1 to 31", "payments", "usually pays around day {value}"
    ),
    "pay_day_strength": Feature(
        "regularity of that day", "0 to 1", "payments", "{percent} regular in that"
    ),
    "contacts": Feature("contacts so far", "number", "contacts", "{value} contacts so far"),
    "contacts_30d": Feature(
        "contacts in 30 days", "number", "contacts", "{value} contacts in 30 days"
    ),
    "contacts_90d": Feature(
        "contacts in 90 days", "number", "contacts", "{value} contacts in 90 days"
    ),
    "invoice_contacts": Feature(
        "contacts about this invoice", "number", "contacts", "{value} contacts about this invoice"
    ),
    "days_since_contact": Feature(
        "days since a contact", "days", "contacts", "last contacted {value} days ago"
    ),
    "answer_rate": Feature(
        "answers to contacts, beside others",
        "share",
        "contacts, events",
        "answers contacts {percent} more often than others",
        below="answers contacts {percent} less often than others",
    ),
    "visits_unpaid": Feature(
        "visits without payment", "number", _SPAN, "saw the payment page {value} times, not paid"
    ),
    "days_since_event": Feature("days since any sign", "days", _SPAN, "last sign {value} days ago"),
}

_KINDS = {
    "opened": "opened messages",
    "clicked": "clicks",
    "page_visited": "visits to the payment page",
    "payment_started": "payments begun",
    "payment_failed": "failed payments",
    "replied": "replies",
    "promised": "promises",
    "promise_broken": "broken promises",
    "disputed": "disputes",
    "complained": "complaints",
    "bounced": "bounced messages",
    "plan_broken": "broken plans",
}
_NOW = {
    "disputed_now": "a dispute is open",
    "plan_agreed_now": "a payment plan is running",
    "promised_now": "payment is promised",
    "hold_started_now": "on hold",
}
FEATURES |= {
    f"{k}_90d": Feature(f"{w} in 90 days", "number", _SPAN, f"{{value}} {w} in 90 days")
    for k, w in _KINDS.items()
}
FEATURES |= {
    f"days_since_{k}": Feature(
        f"days since: {_KINDS[k]}", "days", _SPAN, f"last {_KINDS[k]} {{value}} days ago"
    )
    for k in ("clicked", "page_visited", "payment_failed", "replied")
}
FEATURES |= {k: Feature(w, "0 or 1", _SPAN, w) for k, w in _NOW.items()}


def words_of(name: str) -> str:
    """Return the words for a feature, also for the organisation's own columns."""
    if name in FEATURES:
        return FEATURES[name].words
    for prefix in ("customer_", "invoice_", "external_"):
        if name.startswith(prefix):
            return name.removeprefix(prefix).replace("_", " ")
    return name.replace("_", " ")


def phrase(name: str, value: float | str | None) -> str:
    """Return a phrase that says a feature's value to a person, such as "9 days late on average"."""
    if value is None:
        return f"no {words_of(name)} known"
    if name not in FEATURES or isinstance(value, str):
        shown = value if isinstance(value, str) else f"{value:,.4g}"
        return f"{words_of(name)}: {shown}"
    feature = FEATURES[name]
    # What rounds to nought is not negative.
    negative = feature.below and round(value, 0 if "{value}" in feature.below else 2) < 0
    sentence = feature.below if negative else feature.sentence
    value = abs(value) if negative or round(value) == 0 else value
    power = math.exp(value) if "{exp}" in sentence else 0.0
    return sentence.format(value=f"{value:,.0f}", percent=f"{value:.0%}", exp=f"{power:,.0f}")
