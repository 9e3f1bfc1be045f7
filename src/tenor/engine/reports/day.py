"""The plan of a day: who is contacted how and why, who is left alone, who goes to a person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from markupsafe import Markup

from tenor.engine.frames import Tables
from tenor.engine.reports import charts, words
from tenor.engine.reports.charts import Bar
from tenor.engine.reports.day_cases import Total, cases_of, total_of
from tenor.engine.reports.icons import icon
from tenor.engine.reports.page import Grid, Headline, Part, render

# A page that is read, not scrolled: the largest of each group, and how many more there are.
_SHOWN = 12
_TOPICS_SHOWN = 8
_EACH_TOPIC_SHOWN = 5
# What the column of the action is called: within a channel the tone, for a person all of it.
_TONE, _PROPOSAL = "tone", "proposal"
# Reasons that say what the columns beside them show.
_SHOWN_ELSEWHERE = re.compile(r"raises the expected payment from|^\d+ days? overdue$")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Row:
    """One decision as a line of the page."""

    customer: str
    owed: str
    late: str
    action: str
    when: str
    bar: Markup | None
    chance: str
    gain: str
    why: str
    explored: bool


@dataclass(frozen=True)
class Group:
    """Decisions of one kind: its sign and word, its sums, its first rows and how many more."""

    key: str
    sign: Markup
    title: str
    sums: str
    rows: Sequence[Row]
    more: int
    action_head: str  # "" where nothing is done


def day_report(
    decisions: pl.DataFrame,
    tables: Tables,
    *,
    as_of: datetime,
    policy: Mapping[str, str],
    synthetic: bool,
) -> str:
    """Return the plan of a day as a self-contained HTML page.

    `decisions` has the contract's columns "Decisions out". `policy` names what the plan keeps
    to, as it is shown (`{"currency": "EUR", "at most": "6 contacts in 30 days"}`); `currency` is
    that of costs and gains.
    """
    cases = cases_of(decisions, tables, as_of)
    kinds = _kinds(cases)
    currency = policy.get("currency", "")
    return render(
        "day.html.j2",
        title=f"Plan for {words.day(as_of)}",
        as_of=words.day(as_of),
        exact=as_of.isoformat(),
        synthetic=synthetic,
        lede=_lede(kinds),
        headlines=_headlines(kinds, currency),
        parts=[_what(cases, kinds, currency), _when(kinds["contact"])],
        contacts=_contacts(kinds["contact"], currency),
        persons=_persons(kinds, currency),
        alone=_alone(kinds["wait"], currency),
        policy=list(policy.items()),
        versions=_versions(decisions),
    )


def day_summary(
    decisions: pl.DataFrame, tables: Tables, *, as_of: datetime, policy: Mapping[str, str]
) -> str:
    """Return the plan of a day as lines for a terminal; the arguments are those of `day_report`."""
    cases = cases_of(decisions, tables, as_of)
    kinds = _kinds(cases)
    currency = policy.get("currency", "")
    lines = [_lede(kinds)]
    for channel, found in _by_channel(kinds["contact"]):
        lines.append(f"  {channel:<12} {_sums(total_of(found), currency)}")
    people = pl.concat([kinds["review"], kinds["escalate"]])
    for title, found in (("to a person", people), ("left alone", kinds["wait"])):
        if found.height:
            lines.append(f"  {title:<12} {_covered(total_of(found))}")
            lines += [f"    {n:>8,}  {name}" for name, n in _topics(found)[:_TOPICS_SHOWN]]
    return "\n".join(lines)


def _kinds(cases: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the decisions by verdict; any unknown verdict is for a person to look at."""
    known = ("contact", "wait", "escalate")
    found = {verdict: cases.filter(pl.col("verdict") == verdict) for verdict in known}
    return found | {"review": cases.filter(~pl.col("verdict").is_in(known))}


def _by_channel(contacts: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    sizes = contacts.group_by("channel").len().sort("len", "channel", descending=[True, False])
    return [(c, contacts.filter(pl.col("channel") == c)) for c in sizes["channel"].drop_nulls()]


def _topics(cases: pl.DataFrame) -> list[tuple[str, int]]:
    """Return why, with how many, most first."""
    counts = cases.group_by("topic").len().sort("len", "topic", descending=[True, False])
    return list(counts.rows())


def _lede(kinds: Mapping[str, pl.DataFrame]) -> str:
    contact, wait = kinds["contact"].height, kinds["wait"].height
    person = kinds["review"].height + kinds["escalate"].height
    everybody = words.count(contact + wait + person, "customer")
    if not contact + wait + person:
        return "No customer has an open invoice: there is nothing to decide."
    return (
        f"Of {everybody} with an open invoice {contact:,} will be contacted, {wait:,} left alone, "
        f"and {person:,} {'goes' if person == 1 else 'go'} to a person first."
    )


def _headlines(kinds: Mapping[str, pl.DataFrame], currency: str) -> list[Headline]:
    contact = total_of(kinds["contact"])
    wait = total_of(kinds["wait"])
    person = kinds["review"].height + kinds["escalate"].height
    each = contact.cost / contact.decisions if contact.decisions else 0.0
    return [
        Headline("Contacts", f"{contact.decisions:,}", _owed(contact)),
        Headline(
            "They cost",
            _said(contact.cost, currency),
            f"{_said(each, currency)} each" if contact.decisions else "",
        ),
        Headline(
            "Expected gain",
            _said(contact.value, currency),
            "over waiting, after cost and annoyance",
        ),
        Headline("Left alone", f"{wait.decisions:,}", f"and {person:,} to a person first"),
    ]


def _owed(total: Total) -> str:
    if not total.amounts:
        return ""
    return f"about {words.listed([words.round_money(a, c) for c, a in total.amounts])}"


def _said(value: float, currency: str) -> str:
    return words.round_money(Decimal(f"{value:.2f}"), currency)


def _sums(total: Total, currency: str) -> str:
    return (
        f"{words.count(total.decisions, 'customer')}, {_owed(total)}, cost "
        f"{_said(total.cost, currency)}, expected gain {_said(total.value, currency)}"
    )


def _covered(total: Total) -> str:
    owed = _owed(total)
    return words.count(total.decisions, "customer") + (f", {owed}" if owed else "")


def _what(cases: pl.DataFrame, kinds: Mapping[str, pl.DataFrame], currency: str) -> Part:
    groups = [(c, f, "plain") for c, f in _by_channel(kinds["contact"])]
    groups += [
        ("a person first", pl.concat([kinds["review"], kinds["escalate"]]), "careful"),
        ("left alone", kinds["wait"], "soft"),
    ]
    biggest = max(groups, key=lambda group: group[1].height)
    answer = (
        f"The largest group, {biggest[1].height:,} of {cases.height:,} customers: {biggest[0]}."
    )
    if not cases.height:
        return Part("what", "What will be done?", "Nothing.")
    bars = [
        Bar(
            name,
            found.height,
            f"{found.height:,}",
            words.percent(Decimal(100 * found.height) / cases.height),
            kind,
        )
        for name, found, kind in groups
    ]
    grid = Grid(
        ("", "customers", "owed", "cost", "expected gain"),
        [_grid_row(name, total_of(found), currency) for name, found, _ in groups],
    )
    drawn = (("Customers, by what is done", charts.bars(bars, says=answer)),)
    return Part("what", "What will be done?", answer, drawn, grid)


def _grid_row(name: str, total: Total, currency: str) -> tuple[str, ...]:
    owed = words.listed([words.money(a, c) for c, a in total.amounts]) or "–"
    return (
        name,
        f"{total.decisions:,}",
        owed,
        _said(total.cost, currency),
        _said(total.value, currency),
    )


def _when(contact: pl.DataFrame) -> Part:
    """Say on which days the messages go out, in the customers' own time."""
    title = "When?"
    found = contact.filter(pl.col("local").is_not_null())
    if found.is_empty():
        return Part("when", title, "No message is planned.")
    counts = dict(found.group_by(pl.col("local").dt.date().alias("on")).len().rows())
    first, last = min(counts), max(counts)
    dates = pl.date_range(first, last, eager=True).to_list()
    numbers = [counts.get(on, 0) for on in dates]
    hours = found.group_by(hour=pl.col("local").dt.hour()).len()
    usual = hours.sort("len", "hour", descending=[True, False])["hour"][0]
    answer = (
        f"{words.count(numbers[0], 'message')} on {_on(first)}; over all days most go out "
        f"between {usual}:00 and {usual + 1}:00, the customer's time."
    )
    chart = charts.columns(
        [f"{_WEEKDAYS[on.weekday()]} {on.day}" for on in dates],
        [float(n) for n in numbers],
        [f"{n:,}" for n in numbers],
        says=answer,
    )
    grid = Grid(
        ("day", "messages"), [(_on(on), f"{n:,}") for on, n in zip(dates, numbers, strict=True)]
    )
    remark = (
        "The plan is made anew each time: what is not sent before the next run is decided again."
    )
    return Part("when", title, answer, (("Messages a day", chart),), grid, (remark,))


def _on(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {words.month(day)}"


def _contacts(contact: pl.DataFrame, currency: str) -> list[Group]:
    return [
        _group(
            f"by-{number}",
            icon(channel),
            channel,
            _sums(total_of(found), currency),
            found.sort("value", "customer_id", descending=[True, False]),
            currency,
            head=_TONE,
        )
        for number, (channel, found) in enumerate(_by_channel(contact))
    ]


def _persons(kinds: Mapping[str, pl.DataFrame], currency: str) -> list[Group]:
    people = pl.concat([kinds["review"], kinds["escalate"]])
    return [
        _group(
            f"person-{number}",
            icon("person"),
            name,
            _covered(total_of(found)),
            found.sort("amount", "customer_id", descending=[True, False], nulls_last=True),
            currency,
            head=_PROPOSAL,
        )
        for number, (name, _) in enumerate(_topics(people))
        if (found := people.filter(pl.col("topic") == name)).height
    ]


def _alone(wait: pl.DataFrame, currency: str) -> list[Group]:
    return [
        _group(
            f"alone-{number}",
            icon("wait"),
            name,
            _covered(total_of(found)),
            found.sort("amount", "customer_id", descending=[True, False], nulls_last=True),
            currency,
            head="",
            shown=_EACH_TOPIC_SHOWN,
        )
        for number, (name, _) in enumerate(_topics(wait))
        if (found := wait.filter(pl.col("topic") == name)).height
    ]


def _group(
    key: str,
    sign: Markup,
    title: str,
    sums: str,
    found: pl.DataFrame,
    currency: str,
    *,
    head: str,
    shown: int = _SHOWN,
) -> Group:
    rows = [_row(row, currency, head) for row in found.head(shown).iter_rows(named=True)]
    acts = any(row.action for row in rows)
    return Group(key, sign, title, sums, rows, found.height - len(rows), head if acts else "")


def _row(row: Mapping[str, Any], currency: str, head: str) -> Row:
    before, after = row["p_paid_wait"], row["p_paid"]
    acts = row["channel"] is not None and row["verdict"] != "wait"
    chance = ""
    if before is not None and after is not None:
        chance = f"{before:.0%} → {after:.0%}" if acts else f"{before:.0%}"
    named = (row["tone"],) if head == _TONE else (row["channel"], row["tone"])
    action = (" ".join(filter(None, named)) or "–") if acts else ""
    if row["verdict"] == "escalate":
        action = "hand over"
    said = [r for r in row["reasons"] or [] if not (acts and _SHOWN_ELSEWHERE.search(r))]
    if row["review_reason"] and row["verdict"] != "wait":
        said = [row["review_reason"], *said]
    said = said or list(row["reasons"] or [])
    return Row(
        customer=row["customer_id"],
        owed="–" if row["amount"] is None else words.money(row["amount"], row["currency"]),
        late=_late(row["days_late"]),
        action=action,
        when=_clock(row["local"]) if acts else "",
        bar=charts.change_bar(before, after, says=f"expected to be paid: {chance}")
        if chance and acts
        else None,
        chance=chance,
        gain=_said(row["value"] or 0.0, currency) if acts else "",
        why="; ".join(said),
        explored=bool(row["explored"]),
    )


def _late(days: int | None) -> str:
    if days is None:
        return "–"
    if days > 0:
        return words.count(days, "day")
    return "due today" if days == 0 else f"due in {words.count(-days, 'day')}"


def _clock(local: datetime | None) -> str:
    if local is None:
        return ""
    return f"{_WEEKDAYS[local.weekday()]} {local.day} {words.short_month(local)[:3]} {local:%H:%M}"


def _versions(decisions: pl.DataFrame) -> str:
    """Name the model and the policy that decided."""
    named = [
        f"{what} {words.listed(sorted(set(decisions[column].drop_nulls())))}"
        for what, column in (("model", "model_version"), ("policy", "policy_version"))
        if decisions[column].drop_nulls().len()
    ]
    return f"Decided with {words.listed(named)}." if named else ""
