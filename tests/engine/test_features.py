"""Features, worked out by hand on a handful of facts: 11 May 2026, one customer at a time."""

import math
from datetime import date
from typing import Any

import polars as pl
import pytest

from policy_world import at, contact, customer, event, invoice, payment, world
from tenor.engine.features.build import Snapshot, build
from tenor.engine.features.catalogue import FEATURES, phrase, words_of
from tenor.engine.frames import Tables
from worlds import shuffled

AS_OF = at("2026-05-11")
DAY = 2 * math.pi / 30.44  # of a month, as an angle


def snapshot(tables: Tables) -> Snapshot:
    return build(tables, AS_OF)


def features(tables: Tables, invoice_id: str = "I1") -> dict[str, Any]:
    (row,) = snapshot(tables).rows.filter(pl.col("invoice_id") == invoice_id).iter_rows(named=True)
    return row


def paid_invoice(
    id: str, customer: str, due: str, paid: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    return invoice(id, customer, due=due, issued="2026-01-01"), payment(paid, "100", id)


# Rows


def test_there_is_a_row_an_open_invoice_in_order_of_its_id() -> None:
    settled, paid = paid_invoice("I4", "C1", "2026-02-01", "2026-02-01")
    tables = world(
        event("escalated", "2026-05-01", invoice="I5"),
        invoices=[
            invoice("I3"),
            invoice("I1", "C2"),
            settled,
            invoice("I5"),
            invoice("I2", issued="2026-05-11", due="2026-06-11"),
            invoice("I6", issued="2026-05-12", due="2026-06-11"),
        ],
        payments=[paid],
    )
    rows = snapshot(tables).rows
    assert rows["invoice_id"].to_list() == ["I1", "I2", "I3"]
    assert rows["customer_id"].to_list() == ["C2", "C1", "C1"]


def test_numbers_are_floats_and_names_are_texts() -> None:
    rows = snapshot(world()).rows
    assert {str(t) for t in rows.dtypes} == {"Float64", "String"}


def test_without_open_invoices_there_are_no_rows() -> None:
    assert snapshot(world(invoices=[])).rows.is_empty()
    assert snapshot(world(customers=[], invoices=[])).rows.is_empty()


# Exposure


def test_exposure_is_what_the_invoice_and_its_customer_owe() -> None:
    tables = world(
        event("amount_changed", "2026-05-02", invoice="I1", amount="125"),
        invoices=[
            invoice("I1", issued="2026-04-01", due="2026-05-01"),
            invoice("I2", issued="2026-05-01", due="2026-05-21", amount="300"),
        ],
        payments=[payment("2026-05-03", "25")],
    )
    found = features(tables)
    assert found["days_overdue"] == 10
    assert found["term_days"] == 30
    assert found["log_amount"] == pytest.approx(math.log(125))
    assert found["log_balance"] == pytest.approx(math.log(100))
    assert found["paid_share"] == pytest.approx(0.2)
    assert found["raised_share"] == pytest.approx(0.25)
    assert found["open_invoices"] == 2
    assert found["log_open_total"] == pytest.approx(math.log(400))
    assert found["overdue_share"] == pytest.approx(0.25)
    assert found["oldest_overdue"] == 10
    assert features(tables, "I2")["days_overdue"] == -10


# Habits

# Delays that tell something: C1 10, 4 and (open since) 10 days, C2 two days early. I5 is not due.
# So the population is late by 22/4 = 5.5 days, and 3 of 4 times; paid ones by 12/3 = 4 days.
HABITS = [
    paid_invoice("I2", "C1", "2026-01-10", "2026-01-20"),
    paid_invoice("I3", "C1", "2026-02-10", "2026-02-14"),
    paid_invoice("I4", "C2", "2026-03-01", "2026-02-27"),
]


def habitual(*more: dict[str, Any]) -> Tables:
    return world(
        *more,
        customers=[customer("C1"), customer("C2"), customer("C3")],
        invoices=[
            invoice("I1", "C1"),
            invoice("I5", "C2", due="2026-06-01"),
            invoice("I6", "C3", due="2026-06-01"),
            *(i for i, _ in HABITS),
        ],
        payments=[p for _, p in HABITS],
    )


def test_habits_are_drawn_to_the_population_as_by_five_invoices() -> None:
    found = features(habitual())
    assert found["past_invoices"] == 3
    assert found["past_settled"] == 2
    assert found["past_escalated"] == 0
    assert found["last_delay"] == 10
    assert found["mean_delay"] == pytest.approx((24 + 5 * 5.5) / 8)
    assert found["usual_delay"] == pytest.approx((14 + 5 * 4) / 7)
    assert found["late_share"] == pytest.approx((3 + 5 * 0.75) / 8)
    assert found["escalated_share"] == 0
    assert found["paid_within_7"] == pytest.approx((1 + 5 * 0.5) / 8)
    assert found["paid_within_30"] == pytest.approx((2 + 5 * 0.75) / 8)
    assert found["paid_within_60"] == pytest.approx((2 + 5 * 0.75) / 8)
    # Mean square of the delays: (100 + 16 + 100 + 4) / 4 = 55 in the population, 216 for C1.
    variance = (216 + 5 * 55) / 8 - ((24 + 5 * 5.5) / 8) ** 2
    assert found["delay_spread"] == pytest.approx(math.sqrt(variance))


def test_a_recent_delay_weighs_more_than_an_old_one() -> None:
    # Days since each invoice of C1 ended: 111, 86, and 0 for the one still open.
    weights = [math.exp(-111 / 180), math.exp(-86 / 180), 1.0]
    expected = (10 * weights[0] + 4 * weights[1] + 10 + 5 * 5.5) / (sum(weights) + 5)
    assert features(habitual())["recent_delay"] == pytest.approx(expected)


def test_an_open_invoice_counts_against_its_customer_once_it_is_overdue_only() -> None:
    early = features(habitual(), "I5")
    assert early["past_invoices"] == 1
    assert early["mean_delay"] == pytest.approx((-2 + 5 * 5.5) / 6)
    assert early["late_share"] == pytest.approx((0 + 5 * 0.75) / 6)


def test_who_has_no_past_has_no_habits() -> None:
    new = features(habitual(), "I6")
    assert new["past_invoices"] == new["past_settled"] == new["payments"] == 0
    assert new["mean_delay"] is None
    assert new["pay_day"] is None
    assert new["days_since_payment"] is None


def test_an_escalation_ends_the_delay_and_is_remembered() -> None:
    tables = habitual(event("escalated", "2026-05-07", invoice="I1"))
    tables = tables.with_(
        invoices=pl.concat(
            [tables.invoices, world(invoices=[invoice("I9", due="2026-06-01")]).invoices]
        )
    )
    found = features(tables, "I9")
    assert found["past_escalated"] == 1
    assert found["escalated_share"] == pytest.approx((1 + 5 * 0.25) / 8)
    assert found["last_delay"] == 6


def test_a_very_long_delay_says_no_more_than_half_a_year() -> None:
    tables = world(invoices=[invoice(due="2024-05-01", issued="2024-04-01")])
    assert features(tables)["last_delay"] == 180


# When money comes


def paid_on(*days: str, amount: str = "100") -> Tables:
    return world(
        invoices=[invoice("I1"), *(invoice(d, issued="2026-01-01") for d in days)],
        payments=[payment(d, amount, d) for d in days],
    )


def test_the_usual_day_of_the_month_goes_round_its_end() -> None:
    # Between the 30th and the 2nd, on a month of 30.44 days, lies the 31.22nd: not the 16th.
    found = features(paid_on("2026-01-30", "2026-03-02"))
    assert found["pay_day"] == pytest.approx(31.22)
    # Each is 1.22 days away from it.
    assert found["pay_day_strength"] == pytest.approx(2 * math.cos(1.22 * DAY) / (2 + 5))


def test_payments_on_one_day_of_the_month_are_regular_and_spread_ones_are_not() -> None:
    regular = features(paid_on("2026-01-25", "2026-02-25", "2026-03-25", "2026-04-25"))
    assert regular["pay_day"] == pytest.approx(25)
    assert regular["pay_day_strength"] == pytest.approx(4 / 9)
    assert regular["payments"] == 4
    assert regular["days_since_payment"] == 16
    spread = features(paid_on("2026-01-01", "2026-02-16"))
    assert spread["pay_day_strength"] < 0.02


def test_payments_of_less_than_half_are_part_payments() -> None:
    assert features(paid_on("2026-01-25", amount="49"))["part_payments"] == 1
    assert features(paid_on("2026-01-25", amount="50"))["part_payments"] == 0


# Contacts and what came of them


def test_contacts_are_counted_by_how_long_ago_they_were() -> None:
    days = ["2026-01-01", "2026-03-01", "2026-04-11", "2026-05-10 12:00"]
    found = features(world(contacts=[contact(d) for d in days]))
    assert found["contacts"] == 4
    assert found["contacts_90d"] == 3
    assert found["contacts_30d"] == 2
    assert found["days_since_contact"] == 0.5
    assert found["invoice_contacts"] == 4


def test_a_contact_counts_for_every_invoice_that_it_covers() -> None:
    both = contact("2026-05-01") | {"invoice_ids": ["I1", "I2"]}
    tables = world(
        invoices=[invoice("I1"), invoice("I2"), invoice("I3")],
        contacts=[both, contact("2026-05-02")],
    )
    counts = {i: features(tables, i)["invoice_contacts"] for i in ("I1", "I2", "I3")}
    assert counts == {"I1": 2, "I2": 1, "I3": 0}


def test_answer_rates_are_set_against_the_channels_others_as_by_three_contacts() -> None:
    tables = world(
        event("clicked", "2026-04-05", customer="C1"),  # four days after: an answer
        event("replied", "2026-04-15 00:01", customer="C1"),  # a minute late: none
        event("opened", "2026-04-21", customer="C1"),  # no answer, only an opening
        customers=[customer("C1"), customer("C2")],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2"), invoice("I3", "C2")],
        contacts=[
            *(contact(f"2026-04-{d}", customer="C1") for d in ("01", "11", "21")),
            contact("2026-05-08", customer="C1"),  # too recent to tell
            contact("2026-04-01", "call", "C1"),
            contact("2026-04-01", "call", "C2", id="K"),
            contact("2026-04-02", customer="C2"),
        ],
        payments=[payment("2026-04-04", "100", "I3")],  # a payment of C2 within four days
    )
    found = {(c, ch): r for c, ch, r in snapshot(tables).answer_rates.rows()}
    # By e-mail two of four contacts were answered, by telephone both.
    assert found == pytest.approx(
        {
            ("C1", "email"): (1 - 3 * 0.5) / (3 + 3),
            ("C2", "email"): (1 - 1 * 0.5) / (1 + 3),
            ("C1", "call"): 0.0,
            ("C2", "call"): 0.0,
        }
    )
    # Over all channels four of six were answered, by C1 two of four.
    assert features(tables)["answer_rate"] == pytest.approx((2 - 4 * 4 / 6) / (4 + 3))


# Behaviour


def test_visits_count_since_the_last_payment_of_the_customer() -> None:
    seen = ["2026-04-01", "2026-04-20", "2026-05-01", "2026-05-09"]
    settled, paid = paid_invoice("I2", "C1", "2026-04-10", "2026-04-15")
    tables = world(
        *(event("page_visited", day, customer="C1") for day in seen[:3]),
        event("page_visited", seen[3], invoice="I1"),
        invoices=[invoice("I1"), settled],
        payments=[paid],
    )
    assert features(tables)["visits_unpaid"] == 3
    assert features(tables)["page_visited_90d"] == 4
    assert features(tables)["days_since_page_visited"] == 2
    assert features(tables.with_(payments=tables.payments.clear()))["visits_unpaid"] == 4


@pytest.mark.parametrize(
    ("kinds", "standing"),
    [
        (["disputed"], "disputed_now"),
        (["promised"], "promised_now"),
        (["plan_agreed"], "plan_agreed_now"),
        (["hold_started"], "hold_started_now"),
        (["disputed", "dispute_resolved"], None),
        (["promised", "promise_broken"], None),
        (["promise_broken", "promised"], "promised_now"),
        (["hold_started", "hold_ended", "hold_started"], "hold_started_now"),
    ],
)
def test_what_is_under_way_lasts_until_it_ends(kinds: list[str], standing: str | None) -> None:
    found = features(world(*(event(k, f"2026-05-{d + 1:02}") for d, k in enumerate(kinds))))
    now = {name: found[name] for name in found if name.endswith("_now")}
    assert {name for name, value in now.items() if value == 1} == (
        {standing} if standing else set()
    )
    assert len(now) == 4


def test_without_events_counts_are_0_and_recencies_unknown() -> None:
    found = features(world())
    assert {found[n] for n in found if n.endswith(("_90d", "_30d", "_now"))} == {0.0}
    assert {found[n] for n in found if n.startswith("days_since")} == {None}


# External series


def with_external(*rows: dict[str, Any], customers: list[dict[str, Any]] | None = None) -> Tables:
    base = {"region": None, "available_on": None}
    frame = pl.DataFrame(
        [base | r for r in rows],
        schema={
            "date": pl.Date,
            "name": pl.String,
            "value": pl.Float64,
            "region": pl.String,
            "available_on": pl.Date,
        },
    )
    return world(customers=customers).with_(external=frame)


def value(on: str, number: float, **more: Any) -> dict[str, Any]:
    return {"date": date.fromisoformat(on), "name": "index", "value": number} | more


def test_an_external_value_is_used_only_once_it_was_available() -> None:
    late = date(2026, 5, 12)
    tables = with_external(value("2026-04-01", 5), value("2026-05-01", 9, available_on=late))
    assert features(tables)["external_index"] == 5
    tables = with_external(
        value("2026-04-01", 5), value("2026-05-01", 9, available_on=date(2026, 5, 11))
    )
    assert features(tables)["external_index"] == 9


def test_its_change_is_against_what_was_known_thirty_days_before() -> None:
    tables = with_external(
        value("2026-04-11", 5),
        value("2026-04-02", 3, available_on=date(2026, 4, 12)),
        value("2026-04-01", 4),
        value("2026-05-01", 9),
    )
    assert features(tables)["external_index_change"] == 9 - 5


def test_a_series_is_matched_to_the_region_then_the_country_then_to_everybody() -> None:
    tables = with_external(
        value("2026-05-01", 1, region="NL"),
        value("2026-05-01", 2, region="Texel"),
        value("2026-05-01", 3),
        customers=[
            customer("C1", "NL", region="Texel"),
            customer("C2", "NL", region="Urk"),
            customer("C3", "DE", region=None),
        ],
    ).with_(invoices=world(invoices=[invoice(f"I{n}", f"C{n}") for n in (1, 2, 3)]).invoices)
    assert [features(tables, i)["external_index"] for i in ("I1", "I2", "I3")] == [2, 1, 3]


# The organisation's own columns


def test_own_columns_are_kept_with_their_values_and_nothing_protected_is_read() -> None:
    tables = world(
        customers=[
            customer(
                kind="business",
                language="nl",
                segment="gold",
                score=7,
                since=date(1970, 1, 11),
                is_new=True,
                protected_age="old",
                ref_crm="X1",
                consent_email=False,
            )
        ],
        invoices=[invoice() | {"product": "gas", "protected_x": 1.0, "ref_order": "O1"}],
    )
    found = features(tables)
    own = {n: v for n, v in found.items() if n.startswith(("customer_", "invoice_")) and v != "C1"}
    assert own == {
        "invoice_id": "I1",
        "customer_kind": "business",
        "customer_country": "NL",
        "customer_language": "nl",
        "customer_segment": "gold",
        "customer_score": 7.0,
        "customer_since": 10.0,
        "customer_is_new": 1.0,
        "invoice_contacts": 0.0,
        "invoice_product": "gas",
    }


def test_a_protected_column_changes_nothing_whatever_it_says() -> None:
    one, other = (
        world(customers=[customer(protected_age=age, ref_id=age)]) for age in ("young", "old")
    )
    assert snapshot(one).rows.equals(snapshot(other).rows)
    assert snapshot(one).rows.equals(snapshot(world()).rows)


def test_a_worth_of_the_relationship_is_for_deciding_and_no_feature() -> None:
    found = features(world(customers=[customer(customer_value=900.0)]))
    assert "customer_customer_value" not in found
    assert "customer_value" not in found


# Words


def test_every_feature_has_its_words_and_can_be_said(tables: Tables, as_of: Any) -> None:
    rows = build(tables, as_of).rows
    own = ("customer_", "invoice_", "external_")
    unsaid = [
        c
        for c in rows.columns
        if c not in FEATURES and not c.startswith(own) and c not in ("invoice_id", "customer_id")
    ]
    assert unsaid == []
    for column in rows.columns:
        assert "{" not in phrase(column, rows[column].drop_nulls().first())
        assert phrase(column, None) == f"no {words_of(column)} known"


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("days_overdue", 12.0, "12 days after the due date"),
        ("late_share", 0.375, "late with 38% of invoices"),
        ("log_balance", math.log(1250), "about 1,250 still open"),
        ("customer_segment", "gold", "segment: gold"),
        ("invoice_floor_area", 1234.5, "floor area: 1,234 "),
        ("disputed_now", 1.0, "a dispute is open"),
    ],
)
def test_a_feature_is_said_in_words(name: str, given: float | str, said: str) -> None:
    assert phrase(name, given).startswith(said.strip())


# Order


def test_the_order_of_the_rows_does_not_matter(tables: Tables, as_of: Any) -> None:
    found = build(tables, as_of)
    for seed in (1, 2):
        other = build(shuffled(tables, seed), as_of)
        assert other.rows.columns == found.rows.columns
        for column in found.rows.columns:
            if found.rows[column].dtype == pl.Float64:
                gap = (found.rows[column] - other.rows[column]).abs().max()
                assert gap is None or gap < 1e-9, column
            else:
                assert found.rows[column].equals(other.rows[column]), column
        keys = ["customer_id", "channel"]
        rates = [s.answer_rates.sort(keys) for s in (found, other)]
        assert rates[0].select(keys).equals(rates[1].select(keys))
        assert (rates[0]["rate"] - rates[1]["rate"]).abs().max() < 1e-9
