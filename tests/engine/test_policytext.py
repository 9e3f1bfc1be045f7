"""The policy file as text: written out, read back, and changed a key at a time."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import PolicyError
from tenor.engine.policy.policyfile import (
    SECTIONS,
    ChannelPolicy,
    Decision,
    Exploration,
    Jurisdiction,
    Limits,
    Objective,
    Policy,
    Review,
    parse_policy,
)
from tenor.engine.policy.policytext import (
    add_channel,
    policy_keys,
    remove_channel,
    render_policy,
    set_key,
)

EXAMPLE = (Path(__file__).parents[2] / "examples" / "policy.toml").read_text(encoding="utf-8")
TEXT = """\
# Ours.
[channels.email]  # cheap
cost = 0.02

# Only who is called at work.
[channels.call]
tones = [
    "friendly",  # first
    "firm # or so",
]
hours = "09:00-17:00"   # office
capacity_per_day = 40

[limits]
# Not more often: agreed in 2024.
min_days_between = 4
"""


# Every key, described


def test_every_key_is_described_with_its_type_its_default_and_its_bounds() -> None:
    found = {(k.section, k.name): k for k in policy_keys()}
    assert len(found) == len(policy_keys()) == 51
    assert {section for section, _ in found} == {*SECTIONS, "channels.*"}
    limit = found["limits", "min_days_between"]
    assert (limit.type, limit.default, limit.written) == ("whole", 4, "4")
    assert (limit.unit, limit.least, limit.most) == ("days", 0, 365)
    hours = found["channels.*", "hours"]
    assert (hours.type, hours.default, hours.written) == ("hours", (480, 1200), '"08:00-20:00"')
    none = found["channels.*", "capacity_per_day"]
    assert (none.default, none.written) == (None, None)
    for key in policy_keys():
        assert key.meaning.endswith(".")
        assert key.type in {
            "number", "whole", "amount", "flag", "code", "texts", "hours", "weekdays",
        }  # fmt: skip


# A policy, written out


@pytest.mark.parametrize("defaults", [True, False])
@pytest.mark.parametrize("text", ["", TEXT, EXAMPLE])
def test_what_is_written_out_is_read_back_as_the_same_policy(text: str, defaults: bool) -> None:
    policy = parse_policy(text)
    assert parse_policy(render_policy(policy, defaults=defaults)) == policy


def test_all_keys_are_written_or_those_that_differ() -> None:
    assert render_policy(Policy(), defaults=False) == ""
    whole = tomllib.loads(render_policy(parse_policy("[channels.email]")))
    assert whole["limits"]["min_days_between"] == 4
    assert whole["channels"]["email"]["days"] == "Mon-Sun"
    assert "capacity_per_day" not in whole["channels"]["email"]
    assert render_policy(parse_policy(TEXT), defaults=False) == (
        '[channels.call]\ntones = ["friendly", "firm # or so"]\nhours = "09:00-17:00"\n'
        "capacity_per_day = 40\n\n[channels.email]\ncost = 0.02\n"
    )


amounts = st.decimals(0, 10**12, places=4).map(lambda d: d.normalize() + 0)
money = st.floats(0, 1_000_000)
shares = st.floats(0, 1)
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1).filter(
    str.strip
)
channels = st.builds(
    ChannelPolicy,
    name=names,
    cost=money,
    tones=st.lists(names.map(str.strip), min_size=1, unique=True).map(tuple),
    hours=st.sampled_from([(0, 1440), (545, 1020), (480, 1200)]),
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda d: tuple(sorted(d))),
    capacity_per_day=st.none() | st.integers(0, 1000),
)
policies = st.builds(
    Policy,
    objective=st.builds(Objective, value_of_payment=money, value_per_day_earlier=shares),
    channels=st.lists(channels, max_size=3, unique_by=lambda c: c.name).map(
        lambda found: tuple(sorted(found, key=lambda c: c.name))
    ),
    limits=st.builds(Limits, min_amount=amounts, quiet_holidays=st.booleans()),
    exploration=st.builds(Exploration, share=shares, amount_below=st.none() | amounts),
    review=st.builds(Review, amount_above=amounts),
    jurisdiction=st.just(Jurisdiction("BE")),
    decision=st.builds(Decision, horizon_days=st.integers(1, 60)),
)


@given(policies)
@settings(max_examples=60, deadline=None)
def test_any_policy_comes_back_from_its_text(policy: Policy) -> None:
    again = parse_policy(render_policy(policy))
    assert again == policy
    assert again.version == policy.version


# One key of a text, changed


def test_a_key_is_changed_and_its_comment_and_all_else_stay() -> None:
    changed = set_key(TEXT, "channels.call.hours", "10:00-16:00")
    assert changed == TEXT.replace('"09:00-17:00"', '"10:00-16:00"')
    assert set_key(TEXT, "limits.min_days_between", 7) == TEXT.replace("= 4\n", "= 7\n")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("channels.email.cost", 0.05, "cost = 0.05"),
        ("channels.email.cost", Decimal("0.050"), "cost = 0.05"),
        ("channels.call.days", (0, 1, 2, 3, 4), 'days = "Mon-Fri"'),
        ("channels.call.days", "Mon,Wed", 'days = "Mon,Wed"'),
        ("channels.call.hours", (600, 960), 'hours = "10:00-16:00"   # office'),
        ("limits.min_amount", Decimal("12.50"), "min_amount = 12.50"),
        ("limits.quiet_holidays", True, "quiet_holidays = true"),
        ("objective.currency", "SEK", 'currency = "SEK"'),
        ("review.sample", 0, "sample = 0"),
        ("exploration.amount_below", 250, "amount_below = 250"),
        ("channels.push.tones", ("warm", "firm"), 'tones = ["warm", "firm"]'),
    ],
)
def test_every_kind_of_value_is_written_and_read_back(name: str, value: Any, line: str) -> None:
    changed = set_key(TEXT, name, value)
    assert line in changed.splitlines()
    block, _, key = name.rpartition(".")
    found: Any = parse_policy(changed)
    for part in block.split("."):
        if part == "channels":
            found = {c.name: c for c in found.channels}
        else:
            found = found[part] if isinstance(found, dict) else getattr(found, part)
    expected: Any = tomllib.loads(line, parse_float=Decimal)[key]
    kinds = {(k.section, k.name): k for k in policy_keys()}
    section = "channels.*" if block.startswith("channels.") else block
    if kinds[section, key].type in ("number", "amount"):
        assert getattr(found, key) == type(getattr(found, key))(expected)
    # And nothing else: taken out again, the policy is the one before (but for a new channel).
    back = set_key(changed, name, None)
    before = set_key(TEXT, name, None)
    if "push" not in name:
        assert parse_policy(back) == parse_policy(before)


def test_a_value_over_several_lines_is_replaced_as_a_whole() -> None:
    changed = set_key(TEXT, "channels.call.tones", ["firm"])
    assert 'tones = ["firm"]\nhours' in changed
    assert "first" not in changed
    assert parse_policy(changed).channels[0].tones == ("firm",)


def test_a_new_key_stands_at_the_end_of_its_block_and_a_new_block_at_the_end() -> None:
    assert set_key(TEXT, "channels.email.days_to_arrive", 1.5).splitlines()[1:4] == [
        "[channels.email]  # cheap",
        "cost = 0.02",
        "days_to_arrive = 1.5",
    ]
    assert set_key(TEXT, "review.sample", 0.5).endswith("\n\n[review]\nsample = 0.5\n")
    assert set_key("", "limits.escalate_after", 90) == "[limits]\nescalate_after = 90\n"
    assert set_key("[limits]", "limits.escalate_after", 90) == "[limits]\nescalate_after = 90\n"


def test_none_takes_a_key_out_so_that_its_default_holds() -> None:
    changed = set_key(TEXT, "channels.call.capacity_per_day", None)
    assert changed == TEXT.replace("capacity_per_day = 40\n", "")
    assert set_key(changed, "channels.call.capacity_per_day", None) == changed
    assert set_key(TEXT, "review.sample", None) == TEXT


def test_channels_are_turned_on_and_off_by_their_blocks() -> None:
    more = add_channel(TEXT, "push")
    assert more == TEXT + "\n[channels.push]\n"
    assert add_channel(more, "push") == more
    assert remove_channel(more, "push") == TEXT + "\n"
    fewer = remove_channel(TEXT, "call")
    assert [c.name for c in parse_policy(fewer).channels] == ["email"]
    assert "# Not more often: agreed in 2024." in fewer
    odd = set_key(add_channel("", "e-mail & co."), 'channels."e-mail & co.".cost', 1)
    assert [(c.name, c.cost) for c in parse_policy(odd).channels] == [("e-mail & co.", 1.0)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("limits.min_days", 5, "unknown key limits.min_days; did you mean limits.min_days_between"),
        ("limit.min_days_between", 5, "unknown key limit; did you mean limits"),
        ("channels.email.price", 5, "unknown key channels.email.price"),
        ("min_days_between", 5, "min_days_between"),
        ("limits.min_days_between", 5.5, "limits.min_days_between is 5.5; it must be a whole"),
        ("limits.min_days_between", "5", "limits.min_days_between is '5'; it must be a whole"),
        ("limits.min_amount", Decimal("-1"), "limits.min_amount is .*; it must be an amount"),
        ("limits.quiet_holidays", 1, "limits.quiet_holidays is 1; it must be true or false"),
        ("channels.email.days", "Someday", "channels.email.days is 'Someday'; it must be weekdays"),
        ("channels.email.hours", (600, 630), "channels.email.hours is .*whole hour"),
        ("channels.email.tones", [], "channels.email.tones is .*different texts"),
        ("objective.currency", "euro", "objective.currency is 'euro'; it must be an ISO"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_key(name: str, value: Any, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        set_key(TEXT, name, value)


@pytest.mark.parametrize(
    "text",
    ["limits = { min_days_between = 4 }\n", "limits.min_days_between = 4\n[channels.email]\n"],
)
def test_a_text_that_is_written_otherwise_is_refused_rather_than_spoiled(text: str) -> None:
    assert parse_policy(text).limits.min_days_between == 4
    with pytest.raises(PolicyError, match=r"limits.min_days_between cannot be changed.*\[limits\]"):
        set_key(text, "limits.min_days_between", 5)


def test_a_text_that_is_no_policy_is_not_changed() -> None:
    with pytest.raises(PolicyError, match=r"unknown key limits\.foo"):
        set_key("[limits]\nfoo = 1\n", "limits.escalate_after", 70)
    with pytest.raises(PolicyError, match="not TOML"):
        set_key("[limits\n", "limits.escalate_after", 70)


def test_every_key_of_the_example_can_be_set_to_what_it_is_without_a_change() -> None:
    content = tomllib.loads(EXAMPLE, parse_float=Decimal)
    blocks = {name: block for name, block in content.items() if name != "channels"}
    blocks |= {f"channels.{name}": block for name, block in content["channels"].items()}
    for block, found in blocks.items():
        for key, value in found.items():
            again = set_key(EXAMPLE, f"{block}.{key}", value)
            assert parse_policy(again) == parse_policy(EXAMPLE)
            assert again.count("#") == EXAMPLE.count("#")
