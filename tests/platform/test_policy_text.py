"""One value of a policy file is changed without touching the rest of its text."""

import pytest

from tenor.engine.policy.policyfile import parse_policy
from tenor.platform.core.errors import Invalid
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
    assert set_key(TEXT, "limits.max_contacts_30d", None) == TEXT.replace(
        "max_contacts_30d=6\n", ""
    )


def test_what_the_engine_refuses_is_refused_at_its_field() -> None:
    for key, value in (("limits.min_days_between", -1), ("limits.min_day", 1)):
        with pytest.raises(Invalid) as refused:
            set_key(TEXT, key, value)
        assert refused.value.field == key
        assert refused.value.message.startswith(("limits.min_day", "unknown key limits.min_day"))
    with pytest.raises(Invalid, match="line by line"):
        set_key("limits = { min_days_between = 3 }\n", "limits.min_days_between", 9)


def test_channels_come_and_go() -> None:
    with_sms = add_channel(TEXT, "sms")
    assert [c.name for c in parse_policy(with_sms).channels] == ["email", "sms"]
    assert remove_channel(with_sms, "sms").rstrip() == TEXT.rstrip()
    without = remove_channel(with_sms, "email")
    assert [c.name for c in parse_policy(without).channels] == ["sms"]
    assert parse_policy(without).limits.max_contacts_30d == 6
    assert add_channel(TEXT, "email") == TEXT
    with pytest.raises(Invalid):
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
