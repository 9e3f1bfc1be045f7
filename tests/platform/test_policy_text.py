"""One value of a policy file is changed without touching the rest of its text."""

from decimal import Decimal

import pytest

from tenor.engine.policy.policyfile import parse_policy
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.governance.text import (
    Mistake,
    add_channel,
    mistakes,
    remove_channel,
    set_key,
)

TEXT = """\
# Ours.
[limits]
min_days_between = 4 # as agreed in March
max_contacts_30d=6

[channels.email]
tones = ["friendly", "firm"] # both
hours = "08:00-18:00"
"""


def test_a_value_changes_and_its_remark_stays() -> None:
    assert set_key(TEXT, "limits.min_days_between", 7) == TEXT.replace("= 4 #", "= 7 #")
    assert set_key(TEXT, "limits.max_contacts_30d", 3) == TEXT.replace("d=6", "d=3")
    assert set_key(TEXT, "channels.email.tones", ["firm"]) == TEXT.replace('"friendly", ', "")
    assert set_key(TEXT, "channels.email.hours", "09:00-12:00") == TEXT.replace(
        "08:00-18:00", "09:00-12:00"
    )


def test_a_new_key_goes_to_the_end_of_its_block() -> None:
    changed = set_key(TEXT, "limits.min_amount", Decimal("12.50"))
    assert changed == TEXT.replace("d=6\n", "d=6\nmin_amount = 12.50\n")
    assert parse_policy(changed).limits.min_amount == Decimal("12.50")


def test_a_new_block_goes_to_the_end() -> None:
    assert set_key(TEXT, "review.sample", 0.05) == TEXT + "\n[review]\nsample = 0.05\n"
    assert set_key("", "limits.quiet_holidays", True) == "[limits]\nquiet_holidays = true\n"


def test_a_key_goes_back_to_its_default() -> None:
    assert set_key(TEXT, "limits.max_contacts_30d", None) == TEXT.replace(
        "max_contacts_30d=6\n", ""
    )
    assert set_key(TEXT, "limits.min_amount", None) == TEXT
    assert set_key(TEXT, "review.sample", None) == TEXT


def test_a_text_that_quotes_a_sign_of_remarks_keeps_it() -> None:
    text = '[channels.email]\ntones = ["a # b", "c"] # two\n'
    assert set_key(text, "channels.email.tones", ["c"]) == '[channels.email]\ntones = ["c"] # two\n'


@pytest.mark.parametrize(
    "text",
    [
        '[channels.email]\ntones = [\n  "friendly",\n  "firm",\n]\n',
        "channels.email.tones = ['friendly']\n",
        "limits = { min_days_between = 3 }\n",
    ],
)
def test_a_layout_of_its_own_is_never_broken(text: str) -> None:
    key = "limits.min_days_between" if "limits" in text else "channels.email.tones"
    value = 9 if "limits" in text else ["neutral"]
    with pytest.raises(Refused):
        set_key(text, key, value)


def test_channels_come_and_go() -> None:
    with_sms = add_channel(TEXT, "sms")
    assert [c.name for c in parse_policy(with_sms).channels] == ["email", "sms"]
    assert remove_channel(with_sms, "sms") == TEXT
    without = remove_channel(with_sms, "email")
    assert [c.name for c in parse_policy(without).channels] == ["sms"]
    assert parse_policy(without).limits.max_contacts_30d == 6
    with pytest.raises(Refused):
        add_channel(TEXT, "email")
    with pytest.raises(Refused):
        remove_channel(TEXT, "sms")
    with pytest.raises(Invalid):
        add_channel(TEXT, "e mail]")


def test_each_mistake_has_its_line() -> None:
    text = "[limits]\nmin_days_betwen = 4\nmax_contacts_30d = -1\n\n[chanels.sms]\ncost = 1\n"
    found = mistakes(text)
    assert [m.line for m in found] == [2, 3, 5]
    assert "did you mean limits.min_days_between?" in found[0].words
    assert mistakes(TEXT) == []


def test_what_is_no_toml_names_its_line() -> None:
    (found,) = mistakes("[limits]\nmin_days_between = = 4\n")
    assert isinstance(found, Mistake)
    assert found.line == 2
