"""The policy file: defaults, every key, and errors that name place and remedy."""

from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from tenor.engine.errors import PolicyError
from tenor.engine.policy.policyfile import (
    SECTIONS,
    ChannelPolicy,
    Policy,
    parse_policy,
    read_policy,
)

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook" / "policy.md"

# The example of the contract, as it stands there.
CONTRACT = """
[objective]                 # what a decision is worth
currency = "EUR"
value_per_day_earlier = 0.0005   # share of the amount, per day that payment comes earlier
value_of_payment = 25.0          # fixed worth of a payment brought into the outcome window
cost_of_escalation = 60.0        # charged to an invoice handed to collection
cost_of_complaint = 40.0

[channels.email]            # one block a channel; a missing block = the channel is off
cost = 0.02
tones = ["friendly", "neutral", "firm"]
hours = "08:00-20:00"       # local time of the customer
[channels.letter]
cost = 1.10
days_to_arrive = 2
[channels.call]
cost = 4.50
capacity_per_day = 40       # people's time is bounded
days = "Mon-Fri"

[limits]
min_days_between = 4        # over all channels, a customer
max_contacts_30d = 6
first_contact_from_due = -3 # days after the due date (negative: before)
escalate_after = 60         # days overdue; a person confirms

[exploration]
share = 0.01                # of customers, at random, get a randomised allowed action

[review]                    # the human in the loop
sample = 0.01               # share of decisions shown to a person at random
amount_above = 5000
uncertain_below = 0.6       # probability that the choice beats waiting
visits_without_payment = 3  # payment page seen this often, nothing paid: a person looks

[jurisdiction]
default = "NL"
"""


def refusal(text: str) -> str:
    with pytest.raises(PolicyError) as error:
        parse_policy(text, "day.toml")
    return str(error.value)


def test_an_empty_file_works_and_warns_that_no_channel_is_on() -> None:
    policy = parse_policy("")
    assert policy == Policy() == read_policy(None)
    assert policy.channels == ()
    assert policy.warnings == [
        "no channel is on, so everybody is left alone: add a block such as [channels.email]"
    ]


def test_the_contracts_example_reads_as_written() -> None:
    policy = parse_policy(CONTRACT)
    call, email, letter = policy.channels
    assert (call.name, call.cost, call.capacity_per_day, call.days) == (
        "call",
        4.5,
        40,
        (0, 1, 2, 3, 4),
    )
    assert (email.name, email.cost, email.hours) == ("email", 0.02, (480, 1200))
    assert (letter.name, letter.days_to_arrive) == ("letter", 2.0)
    assert policy.days_to_arrive == {"call": 0.0, "email": 0.0, "letter": 2.0}
    assert policy.warnings == []


def test_the_contracts_values_are_the_defaults() -> None:
    assert (
        parse_policy(CONTRACT).version
        == parse_policy(
            "[channels.email]\ncost = 0.02\n[channels.letter]\ncost = 1.10\ndays_to_arrive = 2\n"
            '[channels.call]\ncost = 4.50\ncapacity_per_day = 40\ndays = "Mon-Fri"'
        ).version
    )


def test_the_defaults_of_the_other_keys() -> None:
    policy = Policy()
    assert (policy.horizon_days, policy.outcome_window_days) == (14, 14)
    assert policy.objective.cost_of_opt_out == 15.0
    assert policy.limits.min_amount == Decimal(0)
    assert policy.limits.quiet_holidays is False
    assert policy.limits.promise_tolerance_days == 3
    assert policy.limits.pause_after_complaint_days == 14
    assert policy.exploration.amount_below is None
    assert policy.review.escalate_without_person is False
    email = ChannelPolicy("email")
    assert email.tones == ("friendly", "neutral", "firm")
    assert email.days == (0, 1, 2, 3, 4, 5, 6)
    assert (email.capacity_per_day, email.capacity_per_week) == (None, None)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Mon-Sun", (0, 1, 2, 3, 4, 5, 6)),
        ("Mon-Fri", (0, 1, 2, 3, 4)),
        ("Mon,Wed", (0, 2)),
        ("tue , Sat-Sun", (1, 5, 6)),
        ("Sat-Mon", (0, 5, 6)),
        ("Thu", (3,)),
    ],
)
def test_days_are_names_ranges_and_lists(written: str, days: tuple[int, ...]) -> None:
    assert parse_policy(f'[channels.x]\ndays = "{written}"').channels[0].days == days


@pytest.mark.parametrize(
    ("written", "hours"),
    [("08:00-20:00", (480, 1200)), ("8:30-24:00", (510, 1440)), ("00:00 - 01:00", (0, 60))],
)
def test_hours_are_two_times_of_a_day(written: str, hours: tuple[int, int]) -> None:
    assert parse_policy(f'[channels.x]\nhours = "{written}"').channels[0].hours == hours


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[limits]\nmin_day_between = 4",
            "unknown key limits.min_day_between; did you mean limits.min_days_between?",
        ),
        ("[limits]\nsample = 0.1", "unknown key limits.sample; did you mean review.sample?"),
        (
            "[review]\nmin_amounts = 1",
            "unknown key review.min_amounts; did you mean limits.min_amount?",
        ),
        (
            "min_days_between = 4",
            "unknown key min_days_between; did you mean limits.min_days_between?",
        ),
        ("[limit]", "unknown key limit; did you mean limits?"),
        ("[channel.email]", "unknown key channel; did you mean channels?"),
        (
            "[channels.email]\ncosts = 1",
            "unknown key channels.email.costs; did you mean channels.email.cost?",
        ),
        (
            "[limits]\nmax_contacts_30d = 2.5",
            "limits.max_contacts_30d is 2.5; it must be a whole number from 0 to 1,000",
        ),
        (
            "[limits]\nescalate_after = true",
            "limits.escalate_after is true; it must be a whole number from 1 to 36,500",
        ),
        ("[limits]\nquiet_holidays = 1", "limits.quiet_holidays is 1; it must be true or false"),
        ("[exploration]\nshare = 1.5", "exploration.share is 1.5; it must be a number from 0 to 1"),
        ("[review]\nsample = nan", "review.sample is NaN; it must be a number from 0 to 1"),
        ("[review]\nsample = true", "review.sample is true; it must be a number from 0 to 1"),
        (
            "[review]\namount_above = -1",
            "review.amount_above is -1; it must be an amount from 0 to 1,000,000,000,000 with at "
            "most four decimals",
        ),
        (
            '[objective]\ncurrency = "euro"',
            'objective.currency is "euro"; it must be an ISO 4217 code such as "EUR"',
        ),
        (
            '[jurisdiction]\ndefault = "nl"',
            'jurisdiction.default is "nl"; it must be an ISO 3166-1 code such as "NL"',
        ),
        ("limits = 3", "limits is 3; it must be a block headed [limits]"),
        ("channels = 3", "channels is 3; it must be blocks such as [channels.email]"),
        (
            "[channels]\nemail = 3",
            "channels.email is 3; it must be a block headed [channels.email]",
        ),
        (
            "[channels.'']",
            "a channel has no name; its block must be headed such as [channels.email]",
        ),
        (
            "[channels.x]\ntones = []",
            "channels.x.tones is []; "
            'it must be a list of different texts such as ["friendly", "firm"]',
        ),
        (
            '[channels.x]\ntones = ["a", "a"]',
            'channels.x.tones is ["a", "a"]; '
            'it must be a list of different texts such as ["friendly", "firm"]',
        ),
        (
            '[channels.x]\ndays = "Mon-Tue-Wed"',
            'channels.x.days is "Mon-Tue-Wed"; '
            'it must be weekdays such as "Mon-Fri" or "Mon,Wed,Fri"',
        ),
        (
            "[channels.x]\ndays = 5",
            'channels.x.days is 5; it must be weekdays such as "Mon-Fri" or "Mon,Wed,Fri"',
        ),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_remedy(text: str, problem: str) -> None:
    assert refusal(text) == f"day.toml: {problem}"


@pytest.mark.parametrize(
    "hours", ["20:00-08:00", "08:00-08:30", "08:30-09:30", "8-20", "08:00-25:00", "08:60-20:00"]
)
def test_hours_that_hold_no_whole_hour_are_refused(hours: str) -> None:
    assert "whole hour between" in refusal(f'[channels.x]\nhours = "{hours}"')


def test_every_problem_is_told_at_once() -> None:
    problems = refusal("[limits]\nmin_days = 4\nescalate_after = 0\n[foo]").split("; ")
    assert len(problems) == 6
    assert "did you mean limits.min_days_between?" in problems


def test_text_that_is_not_toml_names_the_line() -> None:
    assert refusal("[limits]\nmin_days_between = ").startswith("day.toml: this is not TOML: ")
    assert "line 2" in refusal("[limits]\nmin_days_between = \n[review]")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        PolicyError, match=r"none\.toml: the policy file cannot be read: No such file"
    ):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(PolicyError, match="it is not UTF-8 text"):
        read_policy(tmp_path / "latin.toml")


def test_a_file_reads_as_its_text(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(CONTRACT, encoding="utf-8")
    assert read_policy(tmp_path / "p.toml") == parse_policy(CONTRACT)


def test_the_version_follows_the_values_not_the_writing() -> None:
    plain = parse_policy("[limits]\nmin_days_between = 4\n[review]\namount_above = 5000.00")
    assert plain.version == Policy().version
    assert len(plain.version) == 12
    assert parse_policy("[limits]\nmin_days_between = 5").version != plain.version
    assert parse_policy("[channels.email]").version != plain.version


def test_later_tables_at_their_defaults_leave_the_version_as_it_was() -> None:
    # The code that an empty policy had before there were plans and offers.
    assert Policy().version == "cc7ef47920a9"
    written = parse_policy("[plans]\nmost_instalments = 6\n[offers]\nearly_days = 10")
    assert written.version == Policy().version


def test_a_policy_says_in_plain_words_what_it_offers() -> None:
    said = parse_policy(
        "[plans]\noffer = true\n[offers]\nsettlement_most = 0.3\nearly_most = 0.02"
    ).describe()
    assert said[-5:] == [
        "plans of at most 6 instalments within 185 days, none below 10 EUR, the first within 31 "
        "days; a person agrees to plans for more than 5000 EUR",
        "plans are offered by e-mail to reliable payers who are short for a while",
        "from 90 days overdue a debt may be settled for up to 30.0% less, where more comes of it",
        "who pays 10 days before the due date may be given up to 2.0%, where it pays for itself",
        "somebody else approves every offer of less",
    ]


def test_every_key_changes_the_version() -> None:
    changed = {
        "objective": "currency = 'USD' value_per_day_earlier = 0.1 value_of_payment = 1 "
        "cost_of_escalation = 1 cost_of_complaint = 1 cost_of_opt_out = 1",
        "limits": "min_days_between = 1 max_contacts_30d = 1 first_contact_from_due = 1 "
        "escalate_after = 1 min_amount = 1 quiet_holidays = true promise_tolerance_days = 1 "
        "pause_after_complaint_days = 1",
        "exploration": "share = 0.2 amount_below = 1 price_per_day = 1 draws = 0.2 temper = 2 "
        "channels = ['sms']",
        "review": "sample = 0.2 amount_above = 1 uncertain_below = 0.2 visits_without_payment = 1 "
        "escalate_without_person = true",
        "jurisdiction": "default = 'BE' actor = 'agency'",
        "decision": "horizon_days = 7 outcome_window_days = 7",
        "plans": "most_instalments = 3 most_days = 90 smallest = 25 first_within_days = 14 "
        "amount_above = 1 offer = true",
        "offers": "settlement_most = 0.3 settlement_after = 60 early_most = 0.02 early_days = 5 "
        "without_person = true amount_above = 1",
    }
    versions = [Policy().version]
    for section, written in changed.items():
        words = written.split()
        lines = [" ".join(words[i : i + 3]) for i in range(0, len(words), 3)]
        assert {line.split()[0] for line in lines} == {f.name for f in fields(SECTIONS[section])}
        versions += [parse_policy(f"[{section}]\n{line}").version for line in lines]
    assert len(set(versions)) == len(versions)


def test_a_policy_says_itself_in_plain_words() -> None:
    said = parse_policy(CONTRACT).describe()
    assert said[0] == (
        "call: 4.50 EUR each; friendly or neutral or firm; Mon, Tue, Wed, Thu, Fri between 08:00 "
        "and 20:00 local time; at most 40 a day"
    )
    assert said[2].endswith("every day between 08:00 and 20:00 local time; 2 days to arrive")
    assert "an invoice is first asked for 3 days before the due date" in said


def test_the_handbook_names_every_key_with_its_block() -> None:
    text = HANDBOOK.read_text(encoding="utf-8")
    blocks = dict(SECTIONS) | {"channels.<name>": ChannelPolicy}
    for block, section in blocks.items():
        assert f"`[{block}]`" in text, block
        part = text.split(f"`[{block}]`")[1].split("\n## ")[0]
        for key in fields(section):
            if key.metadata:
                assert f"| `{key.name}` |" in part, f"{block}.{key.name}"


def test_the_handbook_gives_the_defaults() -> None:
    text = HANDBOOK.read_text(encoding="utf-8")
    for block, section in SECTIONS.items():
        part = text.split(f"`[{block}]`")[1].split("\n## ")[0]
        for key in fields(section):
            default = str(key.default).lower() if isinstance(key.default, bool) else key.default
            row = next(line for line in part.splitlines() if line.startswith(f"| `{key.name}` |"))
            shown = row.split("|")[2].strip().strip("`")
            written = "none" if default is None else str(default).replace("()", "[]")
            assert shown.strip('"') in {written, written.removesuffix(".0")}, row
