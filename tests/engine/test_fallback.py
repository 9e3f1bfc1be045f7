"""A fallback channel comes after another one, and at once where no other reaches somebody."""

from typing import Any

import polars as pl
import pytest

from policy_world import contact, customer, days, event, invoice, left, named, policy_of, world
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy, parse_policy

CHANNELS = """
[channels.email]
[channels.letter]
fallback = true
[channels.sms]
"""


RULES = policy_of(channels=CHANNELS)


def with_column(tables: Tables, name: str, value: bool) -> Tables:
    return tables.with_(customers=tables.customers.with_columns(pl.lit(value).alias(name)))


def letters(tables: Tables) -> list[int]:
    return days(left(tables, RULES), "letter")


def test_without_a_word_on_it_every_channel_may_be_the_first() -> None:
    assert letters(world()) == []
    plain = policy_of(channels=CHANNELS.replace("fallback = true", ""))
    assert days(left(world(), plain), "letter") != []


def test_after_another_channel_was_tried_the_fallback_is_open() -> None:
    tables = world(contacts=[contact("2026-05-01", "email")])
    assert letters(tables) != []
    assert named(left(world(), RULES)) == ["fallback"]


@pytest.mark.parametrize(
    "contacts",
    [
        [],
        [contact("2026-05-01", "letter")],
        [contact("2026-05-01", "fax")],
        [contact("2020-05-01", "email")],  # long before what is open now
    ],
)
def test_anything_else_is_no_try(contacts: list[Any]) -> None:
    assert letters(world(contacts=contacts)) == []


def test_whom_no_other_channel_reaches_is_written_to_at_once() -> None:
    gone = [event("opted_out", "2026-05-01", channel=name) for name in ("email", "sms")]
    assert letters(world(*gone)) != []
    assert letters(world(*gone[:1])) == []
    refused = with_column(with_column(world(), "consent_email", False), "consent_sms", False)
    assert letters(refused) != []
    unknown = with_column(with_column(world(), "reach_email", False), "reach_sms", False)
    assert letters(unknown) != []


def test_each_customer_is_looked_at_alone() -> None:
    tables = world(
        customers=[customer("C1"), customer("C2")],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2")],
        contacts=[contact("2026-05-01", "email", customer="C2")],
    )
    found = left(tables, RULES)
    assert (days(found, "letter", row=0), bool(days(found, "letter", row=1))) == ([], True)


def test_it_is_a_word_of_the_policy_that_changes_its_version_only_where_it_is_said() -> None:
    plain, said = (
        parse_policy("[channels.letter]"),
        parse_policy("[channels.letter]\nfallback=true"),
    )
    assert plain.version != said.version
    assert plain.version == parse_policy("[channels.letter]\nfallback = false").version
    assert "only after another channel" in said.describe()[0]
    assert Policy().version == parse_policy("").version
