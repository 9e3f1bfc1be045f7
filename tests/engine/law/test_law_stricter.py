"""What an extension changes is weighed: what is called stricter never allows more."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tenor.engine.law.case import Actor, Contact, Debtor
from tenor.engine.law.contact.caps import contact_caps
from tenor.engine.law.contact.windows import contact_window
from tenor.engine.law.library import SECTIONS, stand
from tenor.engine.law.money.costs import collection_costs
from tenor.engine.law.pack import Pack
from tenor.engine.law.reading import read_packs
from tenor.engine.law.review.directions import Kind
from tenor.engine.law.review.extension import extend, read_extension
from tenor.engine.law.review.stricter import Change, compare

HEAD = """
[pack]
jurisdiction = "{code}"
name = "Nowhere"
version = "{version}"
reviewed_on = 2026-11-21
extends = "{extends}"

[sources]
act = "The Act of Nowhere"
"""
CAP = """
[caps.{name}]
text = "Not more often than this."
source = "act"
confidence = "high"
in_force = [{rows}]
"""


def a_cap(*rows: str, name: str = "email") -> str:
    return CAP.format(name=name, rows=",\n".join("{ " + row + " }" for row in rows))


def packs(**parts: str) -> dict[str, Pack]:
    """Packs of a country XX, its region XX-AB, and what they stand on."""
    head = HEAD.format(code="XX", version="1", extends="").replace('extends = ""', "")
    text = head + parts["country"]
    if "region" in parts:
        region = parts["region"].replace("[caps.", "[regions.AB.caps.")
        text += '[regions.AB]\nname = "Abroad"\n' + region
    return stand(read_packs(text, place="xx.toml", sections=SECTIONS))


def own(text: str, *, extends: str = "XX", code: str = "", version: str = "7") -> str:
    return HEAD.format(code=code or f"{extends}+delta", version=version, extends=extends) + text


def laid(base: dict[str, Pack], *texts: str) -> dict[str, Pack]:
    return extend(base, [read_extension(text, place="own.toml", base=base) for text in texts])


def most(pack: Pack, day: date, name: str = "email") -> int | None:
    cap = pack.says("caps", name, day)
    return None if cap is None else int(cap.most)


SEVEN = a_cap("from = 2020-01-01, most = 7, days = 7")
NEW_YEAR = date(2027, 1, 1)


def the_change(base: str, over: str) -> Change:
    shipped = packs(country=base)
    (change,) = compare(shipped["XX"], laid(shipped, own(over))["XX"])
    return change


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("most = 3, days = 7", Kind.STRICTER),
        ("most = 7, days = 14", Kind.STRICTER),
        ("most = 8, days = 7", Kind.LOOSER),
        ("most = 3, days = 3", Kind.LOOSER),
        ('most = 3, days = 7, channels = ["email"]', Kind.LOOSER),
        ('most = 3, days = 7, counts = "conversations"', Kind.UNCLEAR),
        ("most = 7, days = 7", Kind.SAME),
        ("unknown = true", Kind.LOOSER),
    ],
)
def test_a_cap_is_weighed_value_by_value(row: str, kind: Kind) -> None:
    change = the_change(SEVEN, a_cap(f"from = 2027-01-01, {row}"))
    assert change.kind is kind
    assert change.needs_sign_off is (kind in (Kind.LOOSER, Kind.UNCLEAR))


def test_a_change_says_what_differs_and_from_when() -> None:
    change = the_change(SEVEN, a_cap("from = 2027-01-01, most = 3, days = 7"))
    assert change.words == "most: 7 becomes 3"
    assert change.since == NEW_YEAR


def test_the_loosest_span_of_time_decides() -> None:
    over = a_cap("from = 2027-01-01, most = 3, days = 7", "from = 2028-01-01, most = 9, days = 7")
    change = the_change(SEVEN, over)
    assert (change.kind, change.words) == (Kind.LOOSER, "most: 7 becomes 9")


def test_a_further_cap_is_stricter() -> None:
    change = the_change(SEVEN, a_cap("from = 2027-01-01, most = 3, days = 7", name="sms"))
    assert (change.kind, change.words) == (Kind.STRICTER, "a further rule")


WINDOW = """
[windows.{name}]
text = "Only at these hours."
source = "act"
confidence = "high"
in_force = [{{ from = 2020-01-01, {row} }}]
"""


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("opens = 09:00:00, closes = 20:00:00", Kind.STRICTER),
        ("opens = 08:00:00, closes = 19:00:00", Kind.STRICTER),
        ('opens = 08:00:00, closes = 20:00:00, days = "Mon-Fri"', Kind.STRICTER),
        ("opens = 08:00:00, closes = 20:00:00, on_holidays = false", Kind.STRICTER),
        ("opens = 07:00:00, closes = 20:00:00", Kind.LOOSER),
        ("opens = 09:00:00", Kind.LOOSER),
        ("opens = 09:00:00, closes = 21:00:00", Kind.LOOSER),
        ('opens = 08:00:00, closes = 20:00:00, channels = ["sms"]', Kind.LOOSER),
    ],
)
def test_a_window_is_stricter_where_it_is_narrower(row: str, kind: Kind) -> None:
    shipped = WINDOW.format(name="all", row="opens = 08:00:00, closes = 20:00:00")
    assert the_change(shipped, WINDOW.format(name="all", row=row)).kind is kind


def test_fewer_holidays_are_looser() -> None:
    rule = "[holidays.extra]\ntext = 'x'\nsource = 'act'\nconfidence = 'high'\nin_force = [{}]\n"
    shipped = rule.format('{ from = 2020-01-01, every_year = ["05-05"] }')
    more = rule.format('{ from = 2020-01-01, every_year = ["05-05", "05-06"] }')
    other = rule.format('{ from = 2020-01-01, every_year = ["05-06"] }')
    assert the_change(shipped, more).kind is Kind.STRICTER
    assert the_change(more, shipped).kind is Kind.LOOSER
    assert the_change(shipped, other).kind is Kind.UNCLEAR


@pytest.mark.parametrize(
    ("section", "shipped", "over", "kind"),
    [
        ("contents", 'needs = ["creditor"]', 'needs = ["creditor", "principal"]', Kind.STRICTER),
        ("contents", 'needs = ["creditor", "term"]', 'needs = ["creditor"]', Kind.LOOSER),
        ("contents", 'needs = ["creditor"]', 'needs = ["creditor"], channels = ["email"]',
         Kind.LOOSER),
        ("notices", 'before = ["court"], days = 14', 'before = ["court"], days = 21',
         Kind.STRICTER),
        ("notices", 'before = ["court"], days = 14', 'before = ["court"], days = 7', Kind.LOOSER),
        ("notices", 'before = ["court"], days = 14', 'before = ["court", "hand_over"], days = 14',
         Kind.STRICTER),
        ("notices", 'before = ["court"], days = 14',
         'before = ["court"], days = 14, runs = "after_sending"', Kind.UNCLEAR),
        ("holds", 'stops = ["demand"], ends = "a word", lift = ["compliance"]',
         'stops = ["demand", "contact"], ends = "a word", lift = ["compliance"]', Kind.STRICTER),
        ("holds", 'stops = ["demand"], ends = "a word", lift = ["compliance"], days = 30',
         'stops = ["demand"], ends = "a word", lift = ["compliance"]', Kind.STRICTER),
        ("holds", 'stops = ["demand"], ends = "a word", lift = ["compliance"], days = 30',
         'stops = ["demand"], ends = "a word", lift = ["compliance"], days = 14', Kind.LOOSER),
        ("holds", 'stops = ["demand"], ends = "a word", lift = ["compliance"]',
         'stops = ["demand"], ends = "another", lift = ["compliance"]', Kind.SAME),
        ("receipt", 'channels = ["letter"], days = 2', 'channels = ["letter"], days = 3',
         Kind.STRICTER),
        ("channels", 'kind = "use", channels = ["sms"], needs = ["consent", "opt_out_text"]',
         'kind = "use", channels = ["sms"], needs = ["consent"]', Kind.LOOSER),
        ("channels", 'kind = "use", channels = ["sms"], needs = ["consent"]',
         'kind = "use", channels = ["sms"], never = true', Kind.STRICTER),
        ("channels", 'kind = "use", channels = ["sms"], never = true',
         'kind = "use", channels = ["sms"], needs = ["consent"]', Kind.LOOSER),
        ("retention", 'records = ["note"], months = 24, start = "event", duty = false',
         'records = ["note"], months = 12, start = "event", duty = false', Kind.STRICTER),
        ("retention", 'records = ["book"], years = 7, start = "year_end", duty = true',
         'records = ["book"], years = 5, start = "year_end", duty = true', Kind.UNCLEAR),
        ("rights", 'right = "answer", months = 1', 'right = "answer", months = 2', Kind.LOOSER),
        ("interest", "percent = 8", "percent = 6", Kind.STRICTER),
        ("interest", "percent = 8", "none_due = true", Kind.STRICTER),
        ("interest", "none_due = true", "percent = 1", Kind.LOOSER),
        ("limitation", "years = 5", "years = 3", Kind.STRICTER),
        ("default", 'by = "reminder", days = 14', 'by = "reminder", days = 7', Kind.LOOSER),
        ("terms", "most = 60", "most = 30", Kind.UNCLEAR),
        ("costs", 'form = "fixed", amount = 40', 'form = "fixed", amount = 25', Kind.STRICTER),
        ("costs", 'form = "fixed", amount = 40', 'form = "fixed", amount = 40.01', Kind.LOOSER),
        ("costs", 'form = "fixed", amount = 40', 'form = "nothing"', Kind.STRICTER),
        ("costs", 'form = "nothing"', 'form = "fixed", amount = 1', Kind.LOOSER),
        ("costs", 'form = "fixed", amount = 40',
         'form = "fixed", amount = 40, needs_clause = true', Kind.STRICTER),
        ("costs", 'form = "fixed", amount = 40',
         'form = "fixed", amount = 40, vat_percent = 21', Kind.LOOSER),
    ],
)  # fmt: skip
def test_each_section_is_weighed_in_its_own_direction(
    section: str, shipped: str, over: str, kind: Kind
) -> None:
    rule = (
        f"[{section}.rule]\ntext = 'x'\nsource = 'act'\nconfidence = 'high'\n"
        "in_force = [{{ from = 2020-01-01, {} }}]\n"
    )
    assert the_change(rule.format(shipped), rule.format(over)).kind is kind


def test_a_further_rule_that_may_permit_is_new_and_asks_a_signature() -> None:
    shipped = packs(country=SEVEN)
    cost = (
        "[costs.agency]\ntext = 'x'\nsource = 'act'\nconfidence = 'high'\n"
        "in_force = [{ from = 2020-01-01, form = 'fixed', amount = 40 }]\n"
    )
    (change,) = compare(shipped["XX"], laid(shipped, own(cost))["XX"])
    assert (change.kind, change.needs_sign_off) == (Kind.NEW, True)


def test_a_scale_that_is_dearer_somewhere_is_never_called_stricter() -> None:
    # Dearer only between 642,500 and 1,000,000: beyond, both are held by the same cap.
    scale = (
        "[costs.consumer]\ntext = 'x'\nsource = 'act'\nconfidence = 'high'\n"
        "in_force = [{{ from = 2020-01-01, form = 'slices', most = 6775, slices = [{}] }}]\n"
    )
    shipped = scale.format(
        "{upto = 2500, percent = 15}, {upto = 5000, percent = 10}, {upto = 10000, percent = 5}, "
        "{upto = 200000, percent = 1}, {percent = 0.5}"
    )
    assert the_change(shipped, scale.format("{upto = 2500, percent = 15}, {percent = 1}")).kind is (
        Kind.UNCLEAR
    )
    assert the_change(
        shipped, scale.format("{upto = 2500, percent = 15}, {percent = 0.5}")
    ).kind is (Kind.STRICTER)


# What is called stricter allows nothing more ----------------------------------------------

CLOCKS = st.sampled_from([f"{hour:02d}:00:00" for hour in range(24)])
CHANNELS = st.sampled_from(["email", "sms", "call"])
MOMENTS = st.integers(0, 60 * 24 * 28).map(
    lambda minutes: datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def scopes() -> st.SearchStrategy[str]:
    some = st.sets(CHANNELS, max_size=2).map(lambda names: ", ".join(f'"{n}"' for n in names))
    return some.map(lambda names: f", channels = [{names}]" if names else "")


@st.composite
def a_window_row(draw: st.DrawFn) -> str:
    opens, closes = sorted(draw(st.sets(CLOCKS, min_size=2, max_size=2)))
    days = draw(st.sampled_from(["Mon-Sun", "Mon-Sat", "Mon-Fri", "Tue-Thu"]))
    quiet = draw(st.sampled_from(["true", "false"]))
    return (
        f'opens = {opens}, closes = {closes}, days = "{days}", on_holidays = {quiet}'
        f"{draw(scopes())}"
    )


@st.composite
def a_cap_row(draw: st.DrawFn) -> str:
    most, days = draw(st.integers(1, 5)), draw(st.integers(1, 10))
    return f"most = {most}, days = {days}{draw(scopes())}"


@st.composite
def a_cost_row(draw: st.DrawFn) -> str:
    percents = st.integers(0, 20)
    ends = sorted(draw(st.sets(st.integers(1, 50).map(lambda n: n * 100), max_size=3)))
    slices = [f"{{ upto = {end}, percent = {draw(percents)} }}" for end in ends]
    slices.append(f"{{ percent = {draw(percents)} }}")
    least, most = sorted((draw(st.integers(0, 200)), draw(st.integers(0, 2000))))
    return (
        f'form = "slices", slices = [{", ".join(slices)}], least = {least}, most = {most}'
        f"{draw(st.sampled_from(['', ', needs_clause = true']))}"
    )


def pair(section: str, old: str, new: str) -> tuple[Pack, Pack, Change]:
    rule = (
        f"[{section}.consumer]\ntext = 'x'\nsource = 'act'\nconfidence = 'high'\n"
        "in_force = [{{ from = 2020-01-01, {} }}]\n"
    )
    shipped = packs(country=rule.format(old))
    over = laid(shipped, own(rule.format(new)))
    (change,) = compare(shipped["XX"], over["XX"])
    return shipped["XX"], over["XX"], change


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(old=a_window_row(), new=a_window_row(), at=MOMENTS, channel=CHANNELS)
def test_a_stricter_window_is_never_open_longer(
    old: str, new: str, at: datetime, channel: str
) -> None:
    before, after, change = pair("windows", old, new)
    assume(change.kind is Kind.STRICTER)
    asked: Any = {"zones": ("Europe/Amsterdam",), "channel": channel,
                  "actor": Actor.CREDITOR, "debtor": Debtor.CONSUMER}  # fmt: skip
    if contact_window(after, at, **asked).allowed:
        assert contact_window(before, at, **asked).allowed


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    old=a_cap_row(), new=a_cap_row(), at=MOMENTS, channel=CHANNELS,
    made=st.lists(st.builds(Contact, MOMENTS, CHANNELS), max_size=12),
)  # fmt: skip
def test_a_stricter_cap_never_allows_one_contact_more(
    old: str, new: str, at: datetime, channel: str, made: list[Contact]
) -> None:
    before, after, change = pair("caps", old, new)
    assume(change.kind is Kind.STRICTER)
    asked: Any = {"zones": ("Europe/Amsterdam",), "channel": channel, "contacts": made,
                  "actor": Actor.CREDITOR, "debtor": Debtor.CONSUMER}  # fmt: skip
    if contact_caps(after, at, **asked).allowed:
        assert contact_caps(before, at, **asked).allowed


@settings(max_examples=200, deadline=None)
@given(
    old=a_cost_row(), new=a_cost_row(), cents=st.integers(1, 1_000_000), clause=st.booleans()
)  # fmt: skip
def test_stricter_costs_are_never_higher_for_any_claim(
    old: str, new: str, cents: int, clause: bool
) -> None:
    before, after, change = pair("costs", old, new)
    asked: Any = {"principal": Decimal(cents) / 100, "debtor": Debtor.CONSUMER,
                  "in_contract": clause}  # fmt: skip
    cost, was = (collection_costs(p, NEW_YEAR, **asked).amount for p in (after, before))
    assert cost is not None
    assert was is not None
    if change.kind is Kind.STRICTER:
        assert cost <= was
    elif cost > was:
        assert change.needs_sign_off
