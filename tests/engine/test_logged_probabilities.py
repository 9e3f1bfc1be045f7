"""With which probability channel and tone were chosen: by each kind of record."""

import polars as pl
import pytest

from tenor.engine.evaluate.split import never_possible, ways_open, with_kind, with_parts

MASK = (
    '{"email":{"days":"0-13","tones":["firm","friendly"],"hours":"8-11"},'
    '"sms":{"days":"0-13","tones":["friendly"],"hours":"8-9,12-13"},"from":[0,8]}'
)


def contacts(**columns) -> pl.DataFrame:
    base = {
        "contact_id": ["K1"],
        "customer_id": ["A"],
        "channel": ["email"],
        "tone": ["firm"],
        "consents": [""],
        "propensity": [0.1],
        "target_channel": ["sms"],
        "target_tone": ["friendly"],
    }
    return pl.DataFrame({k: columns.get(k, v) for k, v in {**base, **columns}.items()})


def parts(rows: pl.DataFrame) -> tuple[float, float]:
    return with_parts(with_kind(rows)).select("p_channel", "p_tone").row(0)


def test_recorded_parts_that_multiply_up_to_the_whole_are_taken_as_they_stand():
    rows = contacts(propensity_channel=[0.5], propensity_tone=[0.4], propensity_time=[0.5])
    assert parts(rows) == (0.5, 0.4)


def test_parts_of_a_choice_mixed_with_chance_are_not_taken_for_independent():
    # The e-mail is nearly certain, the tone was drawn: the product is not that of the whole.
    rows = contacts(propensity=[0.02], propensity_channel=[0.99], propensity_tone=[0.02],
                    propensity_time=[0.5], explored_by=["draw"])  # fmt: skip
    assert with_kind(rows)["record"].to_list() == [None]


def test_an_even_draw_is_worked_out_from_what_was_open():
    # Four hours and two tones make eight e-mails, four hours and one tone four texts.
    rows = contacts(explored_by=["uniform"], eligible=[MASK])
    assert parts(rows) == (pytest.approx(8 / 12), pytest.approx(1 / 2))
    assert ways_open(with_kind(rows)) == {
        "K1": (("email", "firm"), ("email", "friendly"), ("sms", "friendly"))
    }


def test_what_the_policy_would_do_and_was_not_open_is_counted():
    open_, shut = contacts(eligible=[MASK]), contacts(eligible=[MASK], target_tone=["firm"])
    assert (never_possible(open_), never_possible(shut)) == (0, 1)


def test_with_the_whole_alone_the_parts_are_counted_among_the_draws():
    rows = contacts(
        contact_id=["1", "2", "3", "4"], customer_id=["A"] * 4, consents=[""] * 4,
        channel=["sms", "sms", "sms", "email"], tone=["firm", "firm", "friendly", "firm"],
        propensity=[0.1] * 4, target_channel=["sms"] * 4, target_tone=["firm"] * 4,
    )  # fmt: skip
    found = with_parts(with_kind(rows)).select("p_channel", "p_tone").rows()
    assert found == [(0.75, pytest.approx(2 / 3))] * 2 + [(0.75, pytest.approx(1 / 3)), (0.25, 1.0)]


def test_the_usual_contact_is_not_left_to_chance():
    assert with_kind(contacts(propensity=[0.9]))["record"].to_list() == [None]
