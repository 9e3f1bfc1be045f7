"""The plan of a day: who is contacted, who goes to a person, who is left alone, and why."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest

from tenor.engine.decision import SCHEMA
from tenor.engine.frames import Tables, tables_of
from tenor.engine.reports.day import day_report, day_summary
from tenor.engine.reports.day_cases import cases_of, review_topic, topic
from tenor.engine.reports.icons import icon

D = Decimal
AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
POLICY = {"currency": "EUR", "at most": "6 contacts in 30 days"}
_VOID = {"meta", "link", "rect", "line", "circle", "path", "polygon"}


def tables() -> Tables:
    """Build five customers in three zones, the last of whom owes in dollars."""
    owed = [("I1", "C1", "100.50", 10), ("I2", "C1", "20", 3), ("I3", "C2", "300", -2),
            ("I4", "C3", "7000", 0), ("I5", "C4", "50", 90), ("I6", "C5", "80", 1)]  # fmt: skip
    today = AS_OF.date()
    return tables_of(
        customers=pl.DataFrame(
            {
                "customer_id": ["C1", "C2", "C3", "C4", "C5"],
                "timezone": ["Europe/Amsterdam", None, None, None, "America/New_York"],
                "country": [None, "PT", None, None, "US"],
            }
        ),
        invoices=pl.DataFrame(
            {
                "invoice_id": [o[0] for o in owed],
                "customer_id": [o[1] for o in owed],
                "amount": [D(o[2]) for o in owed],
                "currency": ["USD" if o[1] == "C5" else "EUR" for o in owed],
                "issued_on": [date(2025, 11, 1)] * len(owed),
                "due_on": [today - timedelta(days=o[3]) for o in owed],
            }
        ),
    )


def decided(customer: str, verdict: str, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "decision_id": f"D-{customer}", "customer_id": customer, "invoice_ids": [],
        "decided_at": AS_OF, "verdict": verdict, "channel": None, "tone": None, "send_at": None,
        "propensity": 1.0, "explored": False, "p_paid": 0.4, "p_paid_wait": 0.4, "cost": 0.0,
        "value": 0.0, "review_reason": None, "reasons": [], "rules": [], "candidates": 10,
        "model_version": "m1", "policy_version": "p1",
    }  # fmt: skip
    return row | more


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def a_day() -> pl.DataFrame:
    nine = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return frame(
        decided("C1", "contact", invoice_ids=["I1", "I2"], channel="sms", tone="friendly",
                send_at=nine, p_paid=0.6, p_paid_wait=0.4, cost=0.07, value=9.5,
                reasons=["sms raises the expected payment from 40% to 60% of the amount",
                         "usually pays about 3 days late", "10 days overdue"]),
        decided("C5", "contact", invoice_ids=["I6"], channel="email", tone="neutral",
                send_at=nine + timedelta(days=2, hours=7), cost=0.02, value=1.25, explored=True),
        decided("C2", "wait", p_paid=0.81, p_paid_wait=0.81,
                reasons=["likely to pay unaided (81% of the amount within the window)"]),
        decided("C3", "review", invoice_ids=["I4"], channel="call", tone="firm", send_at=nine,
                review_reason="7000.00 is above 5000 EUR", value=30.0),
        decided("C4", "escalate", invoice_ids=["I5"],
                review_reason="a person confirms every hand-over to collection",
                reasons=["unpaid after 6 contacts"]),
    )  # fmt: skip


def page(decisions: pl.DataFrame | None = None, **changes: Any) -> str:
    options: dict[str, Any] = {"as_of": AS_OF, "policy": POLICY, "synthetic": False}
    return day_report(a_day() if decisions is None else decisions, tables(), **options | changes)


def words_of(text: str) -> str:
    """Return what a reader sees of a page, in order."""
    body = re.sub(r"<style>.*?</style>|<svg class=\"chart.*?</svg>", "", text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


class Whole(HTMLParser):
    """A page whose tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.feed(text)
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


# What a decision is about.


def test_a_case_is_worth_what_is_owed_on_its_invoices_and_as_late_as_the_oldest() -> None:
    rows = {r["customer_id"]: r for r in cases_of(a_day(), tables(), AS_OF).to_dicts()}
    assert (rows["C1"]["amount"], rows["C1"]["days_late"]) == (D("120.50"), 10)
    assert (rows["C2"]["amount"], rows["C2"]["days_late"]) == (D(300), -2)  # names none: all open
    assert rows["C5"]["currency"] == "USD"


def test_messages_go_out_at_the_customers_own_time() -> None:
    rows = {r["customer_id"]: r for r in cases_of(a_day(), tables(), AS_OF).to_dicts()}
    assert rows["C1"]["local"] == datetime(2026, 3, 2, 10, 30)  # noqa: DTZ001
    assert rows["C5"]["local"] == datetime(2026, 3, 4, 11, 30)  # noqa: DTZ001
    assert rows["C3"]["local"] == datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001


def test_waiting_is_grouped_by_its_reason_without_figures() -> None:
    assert topic(["likely to pay unaided (81% of the amount within the window)", "x"]) == (
        "likely to pay unaided"
    )
    assert topic([]) == topic(None) == "no reason given"


@pytest.mark.parametrize(
    ("reason", "heading"),
    [
        ("a person confirms every hand-over to collection", "hand over to collection?"),
        ("likely obstacle: payment method (seen)", "saw the payment page again and again"),
        ("7000.00 is above 5000 EUR", "a large amount"),
        ("only 54% likely to beat waiting, 60% is asked", "unsure whether contact helps"),
        ("drawn by chance (1% of decisions)", "drawn by chance, to check the plan"),
        ("asked for by the court (2)", "asked for by the court"),
        (None, "no reason given"),
    ],
)  # fmt: skip
def test_what_a_person_decides_is_grouped_by_what_it_is_about(
    reason: str | None, heading: str
) -> None:
    assert review_topic(reason) == heading


# The page.


def test_the_page_says_who_hears_from_us_who_does_not_and_who_goes_to_a_person() -> None:
    seen = words_of(page())
    assert (
        "Of 5 customers with an open invoice 2 will be contacted, 1 left alone, and 2 go to a "
        "person first." in seen
    )
    contacts, persons, alone = (
        seen.index(f"{heading}?")
        for heading in ("Who is contacted, and why", "What does a person decide first",
                        "Who is left alone, and why")
    )  # fmt: skip
    assert (
        contacts
        < seen.index("C1 €120.50 10 days friendly Mon 2 Mar 10:30 40% → 60% €9.50")
        < persons
    )
    assert persons < seen.index("hand over to collection?") < alone
    assert alone < seen.index("likely to pay unaided 1 customer, about €300")
    assert alone < seen.index("C2 €300.00 due in 2 days 81%")


def test_every_decision_shows_its_reasons_in_one_line() -> None:
    seen = words_of(page())
    assert "7000.00 is above 5000 EUR" in seen
    assert "a person confirms every hand-over to collection; unpaid after 6 contacts" in seen


def test_reasons_that_the_columns_show_are_not_said_again() -> None:
    assert "€9.50 usually pays about 3 days late" in words_of(page())
    only = frame(decided("C1", "contact", channel="sms", reasons=["10 days overdue"]))
    assert "10 days overdue" in words_of(page(only))  # better twice than no reason


def test_the_sums_are_those_of_the_contacts_and_never_mix_currencies() -> None:
    seen = words_of(page())
    assert "Contacts 2 about €121 and $80.00" in seen
    assert "They cost €0.09 €0.05 each" in seen
    assert "Expected gain €10.75" in seen  # the reviewed call's 30 is not counted


def test_a_random_contact_is_marked_as_meant_to_learn() -> None:
    assert words_of(page()).count("to learn") == 1


def test_long_groups_are_cut_with_their_count() -> None:
    many = frame(
        *(decided(f"N{n:04}", "wait", reasons=["a promise runs"]) for n in range(1209)),
    )
    text = page(many)
    assert text.count('class="case"') == 5
    assert "and 1,204 more" in text


def test_the_page_is_whole_and_needs_nothing_from_outside() -> None:
    for decisions in (a_day(), frame(), a_day().head(1), a_day().tail(1)):
        text = page(decisions)
        Whole(text)
        assert not re.search(r"https?:|url\(|@import|<script", text)


def test_nothing_to_decide_is_said() -> None:
    seen = words_of(page(frame()))
    assert "No customer has an open invoice: there is nothing to decide." in seen


def test_words_from_outside_are_shown_and_never_run() -> None:
    nasty = frame(
        decided("<b>C1</b>", "contact", channel="<script>", tone="x", reasons=["<img src=x>"])
    )
    text = page(nasty)
    assert "<b>C1" not in text and "<img" not in text and "<script" not in text


def test_made_up_data_is_marked() -> None:
    assert "Synthetic data" in page(synthetic=True)
    assert "Synthetic" not in page()


def test_the_order_of_decisions_changes_nothing() -> None:
    assert page(a_day().reverse()) == page()


def test_an_unknown_verdict_goes_to_a_person() -> None:
    seen = words_of(page(frame(decided("C1", "ponder"))))
    assert "0 will be contacted, 0 left alone, and 1 goes to a person first." in seen


def test_a_channel_of_the_house_has_a_plain_sign() -> None:
    assert icon("pigeon") != icon("email")
    assert "<svg" in icon("pigeon")


# The terminal.


def test_the_terminal_says_the_plan_in_a_few_lines() -> None:
    said = day_summary(a_day(), tables(), as_of=AS_OF, policy=POLICY).splitlines()
    assert said == [
        "Of 5 customers with an open invoice 2 will be contacted, 1 left alone, and 2 go to a "
        "person first.",
        "  email        1 customer, about $80.00, cost €0.02, expected gain €1.25",
        "  sms          1 customer, about €121, cost €0.07, expected gain €9.50",
        "  to a person  2 customers, about €7,050",
        "           1  a large amount",
        "           1  hand over to collection?",
        "  left alone   1 customer, about €300",
        "           1  likely to pay unaided",
    ]
