"""The engine's reasons are said in the reader's language: every sentence it makes is recognised."""

from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation

from cast import Cast
from ladder_group import compared
from tenor.engine.frames import Tables
from tenor.engine.policy.explain import RULE_TEXTS
from tenor.platform.workbench.because import because, knows, reviews_said, said


def test_every_sentence_of_a_day_is_recognised(
    cast: Cast, tables: Tables, as_of: datetime, model_folder: Path
) -> None:
    run = compared(cast, tables, as_of, model_folder)
    rows = list(run.decisions.values_list("reasons", "review_reason"))
    told = {reason for reasons, _review in rows for reason in reasons}
    told |= {part for _reasons, review in rows for part in review.split("; ") if part}
    assert len(told) > 20
    assert {reason for reason in told if not knows(reason)} == set()


@pytest.mark.parametrize("text", RULE_TEXTS.values())
def test_every_rule_has_words(text: str) -> None:
    if text != RULE_TEXTS["one_currency"]:  # said of single invoices, never why somebody waits
        assert knows(text)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("email raises the expected payment from 10% to 17% of the amount",
         "E-mail raises the expected payment from 10% to 17%"),
        ("1 day overdue", "1 day overdue"),
        ("usually pays about 12 days late", "usually pays about 12 days late"),
        ("saw the payment page once, not paid", "saw the payment page once, not paid"),
        ("likely obstacle: financial room (payment page seen 3 times since 2026-01-02)",
         "likely obstacle: short of money"),
        ("likely to pay unaided (83% of the amount within the window)",
         "likely to pay unaided (83% of the amount)"),
        ("5200.50 is above 5000 EUR", "more than €5,000.00: the rules ask a person to look"),
        ("only 56% likely to beat waiting, 60% is asked",
         "only 56% likely to beat waiting, 60% is asked"),
        ("on hold", "On hold"),
        ("something the engine never said", "something the engine never said"),
    ],
)  # fmt: skip
def test_a_reason_is_said_in_the_words_of_the_screens(reason: str, words: str) -> None:
    with translation.override("en"):
        assert said(reason) == words


def test_the_first_two_stand_on_a_line() -> None:
    assert because(["due today", "1 day overdue", "on hold"]) == "due today · 1 day overdue"
    assert reviews_said("on hold; due today") == ["On hold", "due today"]
    assert reviews_said("") == []
