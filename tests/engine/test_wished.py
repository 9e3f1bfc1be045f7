"""Hours and weekdays at which a customer wants to be reached: obeyed, and named where it counts."""

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

import policy_world as pw
from tenor.engine.errors import InputError
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.wished import ANY_TIME, wish_of
from tenor.engine.store import read_tables

EVERY = pw.POLICY + "[channels.letter]\ndays_to_arrive = 2\n"
EVERYBODY = np.zeros(1, dtype=np.int64)


def left(**wish: Any) -> Permitted:
    tables = pw.world(customers=[pw.customer(**wish)])
    return pw.left(tables, policy=pw.policy_of(channels=EVERY))


def hours_of(found: Permitted, channel: str) -> list[int]:
    flags = found.hours(EVERYBODY)[0][found.grid.channels.index(channel)]
    return np.array(found.grid.hours)[flags].tolist()


def weekdays_of(found: Permitted, channel: str) -> set[int]:
    """Return the weekdays of the plan that are open; day 0 is a Monday."""
    days = found.channel_day[0][found.grid.channels.index(channel)]
    return {int(day) % 7 for day in np.flatnonzero(days)}


def test_what_arrives_at_once_comes_only_at_hours_that_are_wished() -> None:
    found = left(contact_hours="10:00-15:00")
    assert hours_of(found, "email") == [10, 11, 12, 13, 14]
    assert hours_of(found, "call") == [10, 11, 12, 13, 14]
    # A letter comes when the post comes.
    assert hours_of(found, "letter") == hours_of(left(), "letter") != [10, 11, 12, 13, 14]


def test_on_other_weekdays_nobody_is_reached_but_by_post() -> None:
    found = left(contact_days="Tue,Sat-Sun")
    assert weekdays_of(found, "email") == {1, 5, 6}
    # Calls are made from Monday to Friday.
    assert weekdays_of(found, "call") == {1}
    assert weekdays_of(found, "letter") == set(range(7))


def test_a_channel_without_a_wished_hour_is_not_used_and_the_rule_is_named() -> None:
    found = left(contact_hours="17:00-20:00")
    assert weekdays_of(found, "call") == set()
    assert weekdays_of(found, "email") == set(range(7))

    tables = pw.world(customers=[pw.customer(contact_hours="20:00-22:00")])
    nothing = pw.left(tables, policy=pw.policy_of(channels="[channels.email]\n"))
    assert not nothing.may_contact[0]
    assert nothing.customers["waiting"].to_list() == [["wished_times"]]


def test_two_customers_keep_their_own_hours() -> None:
    tables = pw.world(
        customers=[pw.customer(contact_hours="08:00-09:00"), pw.customer("C2")],
        invoices=[pw.invoice(), pw.invoice("I2", "C2")],
    )
    found = pw.left(tables, policy=pw.policy_of(channels=EVERY))
    email = found.grid.channels.index("email")
    counts = found.hours(np.array([0, 1]))[:, email].sum(axis=1).tolist()
    assert counts == [1, 12]


@pytest.mark.parametrize(
    ("hours", "days", "local", "welcome"),
    [
        (None, None, "2026-05-10 03:00", True),
        ("09:00-20:00", None, "2026-05-11 08:59", False),
        ("09:00-20:00", None, "2026-05-11 09:00", True),
        ("09:00-20:00", None, "2026-05-11 20:00", False),
        ("", "Mon-Fri", "2026-05-10 12:00", False),
        ("", "Fri-Mon", "2026-05-10 12:00", True),
    ],
)
def test_an_instant_is_welcome_or_not(
    hours: str | None, days: str | None, local: str, welcome: bool
) -> None:
    assert wish_of(hours, days).welcomes(datetime.fromisoformat(local)) is welcome


def test_what_says_no_time_is_refused() -> None:
    assert wish_of(None, "") == ANY_TIME
    for hours, days in (("20:00-09:00", ""), ("evening", ""), ("", "Maandag")):
        with pytest.raises(InputError, match="contact_hours"):
            wish_of(hours, days)


def test_rows_that_say_no_time_are_told_with_their_place(tmp_path: Any) -> None:
    (tmp_path / "customers.csv").write_text(
        "customer_id,contact_hours,contact_days\nC1,09:00-20:00,Mon-Fri\nC2,9-20,\nC3,,Monday\n"
        'C4,20:00-09:00,\nC5,,"Mon,Wed"\n',
        encoding="utf-8",
    )
    (tmp_path / "invoices.csv").write_text(
        "invoice_id,customer_id,amount,currency,issued_on,due_on\n", encoding="utf-8"
    )
    read = read_tables(tmp_path)
    problems = read.problems.select("row", "column").sort("row").rows()
    assert problems == [(3, "contact_hours"), (4, "contact_days"), (5, "contact_hours")]
    assert read.tables.customers["customer_id"].to_list() == ["C1", "C5"]
    assert read.tables.customers.schema["contact_hours"] == pl.String
