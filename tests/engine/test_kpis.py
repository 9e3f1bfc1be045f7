"""The figures of credit management: single formulas, and what they are worked out from."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.frames import Tables, tables_of
from tenor.engine.kpis import ratios
from tenor.engine.kpis.ageing import BUCKETS, ageing, ageing_bucket, bucket_expr, days_past_due
from tenor.engine.kpis.contacts import by_channel, contacts_by_currency, promises
from tenor.engine.kpis.curve import days_to_pay
from tenor.engine.kpis.history import billing, courses, month_end, settled, standing
from tenor.engine.kpis.periods import count_back, effectiveness, month_ends
from tenor.engine.kpis.portfolio import audit
from tenor.engine.kpis.ratios import Figure, Month, Promise, Reason
from tenor.engine.kpis.trend import early_warning
from tenor.engine.ledger import invoice_states

D = Decimal


def at(day: str, hour: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def portfolio(
    invoices: list[tuple[str, str, str, str]],
    payments: list[tuple[str, str, str]] = (),
    events: list[tuple[str, str, str, str | None]] = (),
    contacts: list[tuple[str, str, list[str], str, float | None]] = (),
    currencies: dict[str, str] | None = None,
) -> Tables:
    """Build tables from (id, amount, issued, due), (invoice, day, amount), (day, kind, …)."""
    currencies = currencies or {}
    return tables_of(
        customers=pl.DataFrame({"customer_id": ["C1"]}),
        invoices=pl.DataFrame(
            {
                "invoice_id": [i[0] for i in invoices],
                "customer_id": ["C1"] * len(invoices),
                "amount": [D(i[1]) for i in invoices],
                "currency": [currencies.get(i[0], "EUR") for i in invoices],
                "issued_on": [date.fromisoformat(i[2]) for i in invoices],
                "due_on": [date.fromisoformat(i[3]) for i in invoices],
            }
        ),
        payments=pl.DataFrame(
            {
                "invoice_id": [p[0] for p in payments],
                "paid_at": [at(p[1], 9) for p in payments],
                "amount": [D(p[2]) for p in payments],
            },
            schema={"invoice_id": pl.String, "paid_at": pl.Datetime("us", "UTC"),
                    "amount": pl.Decimal(38, 4)},
        ),
        events=pl.DataFrame(
            [(at(e[0], 10), *e[1:]) for e in events],
            schema={"at": pl.Datetime("us", "UTC"), "kind": pl.String, "invoice_id": pl.String,
                    "detail": pl.String},
            orient="row",
        ),
        contacts=pl.DataFrame(
            [(f"K{n}", "C1", c[2], at(c[0], 11), c[1], c[3]) for n, c in enumerate(contacts)],
            schema={"contact_id": pl.String, "customer_id": pl.String,
                    "invoice_ids": pl.List(pl.String), "sent_at": pl.Datetime("us", "UTC"),
                    "channel": pl.String, "cost": pl.Float64},
            orient="row",
        ),
    )  # fmt: skip


# Single formulas. The figures are those of section 4.5 of the requirements, worked by hand.


def test_dso_is_receivables_over_sales_times_days() -> None:
    assert ratios.dso_simple(D(300), D(900), 90) == Figure(D("30.00"))


def test_dso_without_sales_has_a_reason_instead_of_a_value() -> None:
    assert ratios.dso_simple(D(1000), D(0), 30) == Figure(None, Reason.NO_SALES)


def test_what_is_late_of_the_dso_is_dso_less_the_best_possible_one() -> None:
    dso, best = ratios.dso_simple(D(300), D(900), 90), ratios.best_possible_dso(D(210), D(900), 90)
    assert best == Figure(D("21.00"))
    assert ratios.average_days_delinquent(dso, best) == Figure(D("9.00"))


def test_without_a_dso_nothing_is_late_of_it() -> None:
    none = Figure(None, Reason.NO_SALES)
    assert ratios.average_days_delinquent(none, none) == none


@pytest.mark.parametrize(
    ("receivables", "months", "days"),
    [
        ("300", [("120", 30), ("150", 31), ("140", 30)], "67.43"),
        ("270", [("120", 30), ("150", 31), ("140", 30)], "61.00"),
        ("0", [("120", 30)], "0.00"),
        ("60", [("0", 30), ("120", 30)], "45.00"),
    ],
    ids=["into the third month", "two whole months", "nothing owed", "a month without sales"],
)
def test_count_back_uses_up_the_newest_months_first(
    receivables: str, months: list[tuple[str, int]], days: str
) -> None:
    found = ratios.dso_countback(D(receivables), [Month(D(s), n) for s, n in months])
    assert found.dso == Figure(D(days))
    assert found.uncovered == 0


def test_count_back_says_what_too_short_a_history_leaves_uncovered() -> None:
    found = ratios.dso_countback(D(300), [Month(D(120), 30), Month(D(150), 31)])
    assert found.dso == Figure(None, Reason.HISTORY_TOO_SHORT)
    assert (found.covered_days, found.uncovered) == (D("61.00"), D(30))


def test_cei_is_the_collected_share_of_what_could_be_collected() -> None:
    assert ratios.cei(D(200), D(300), D(150), D(100)) == Figure(D("87.50"))


def test_cei_without_anything_collectable_has_a_reason() -> None:
    assert ratios.cei(D(0), D(100), D(100), D(100)).reason is Reason.NOTHING_TO_COLLECT


def test_rates_of_rolling_and_turning_over() -> None:
    assert ratios.roll_rate(D(22), D(100)) == Figure(D("22.00"))
    assert ratios.roll_rate(D(22), D(0)).reason is Reason.NOTHING_THERE
    assert ratios.receivables_turnover(D(900), D(300)) == Figure(D("3.00"))


def test_cost_per_euro_collected_keeps_four_decimals() -> None:
    costs = {"staff": D("100"), "letters": D("55.50")}
    assert ratios.cost_to_collect(costs, D(10_000)) == Figure(D("0.0156"))
    assert ratios.cost_to_collect(costs, D(0)).reason is Reason.NOTHING_COLLECTED


def test_ten_days_of_50_million_at_90_days_release_5_56_million() -> None:
    found = ratios.release_at_dso(D(50_000_000), D(90), D(10))
    assert found.release == Figure(D("5555555.56"))
    assert found.implied_annual_sales == Figure(D("202777777.78"))


def test_a_day_of_50_million_yearly_sales_releases_136986() -> None:
    assert ratios.release_at_sales(D(50_000_000), D(1)).release == Figure(D("136986.30"))


def test_promises_kept_by_count_and_amount_differ() -> None:
    found = ratios.promise_kept(
        [Promise(D(100), D(100), True), Promise(D(900), D(899), True), Promise(D(50), D(50), False)]
    )
    assert found.kept_by_count_pct == Figure(D("33.33"))
    assert found.kept_by_amount_pct == Figure(D("9.52"))
    assert found.paid_in_time_of_promised_pct == Figure(D("95.14"))


def test_half_a_cent_rounds_up() -> None:
    assert ratios.share_pct(D("0.00125"), D(1)) == Figure(D("0.13"))


@given(
    st.decimals("0.01", "1e12", places=2), st.decimals("0.01", "1e12", places=2),
    st.integers(1, 366),
)  # fmt: skip
def test_dso_is_proportional_to_its_days(receivables: D, sales: D, days: int) -> None:
    one, many = (ratios.dso_simple(receivables, sales, d).value for d in (1, days))
    assert one is not None and many is not None
    assert abs(many - one * days) <= D("0.005") * (days + 1)


# Ageing.


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-5, "current"), (0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"),
     (61, "61-90"), (90, "61-90"), (91, "90+"), (4000, "90+")],
)  # fmt: skip
def test_an_invoice_ages_through_thirty_day_buckets(days: int, bucket: str) -> None:
    assert ageing_bucket(days) == bucket
    assert pl.DataFrame({"d": [days]}).select(bucket_expr(pl.col("d"))).item() == bucket


def test_the_due_day_itself_is_not_past_due() -> None:
    assert days_past_due(date(2026, 10, 22), date(2026, 10, 22)) == 0
    assert days_past_due(date(2026, 10, 22), date(2026, 11, 21)) == 30


def test_recovery_follows_the_invoices_that_stood_in_the_bucket() -> None:
    # Two invoices stand 1-30 days late at the end of January, 300 in all; 130 of it comes in
    # within thirty days, 70 later, and the payment on another invoice does not count.
    tables = portfolio(
        [("A", "200", "2025-12-01", "2026-01-15"), ("B", "100", "2025-12-01", "2026-01-20"),
         ("X", "500", "2026-02-01", "2026-02-28")],
        [("A", "2026-02-10", "130"), ("A", "2026-03-20", "70"), ("X", "2026-02-12", "500")],
    )  # fmt: skip
    found = ageing(courses(tables), at("2026-04-10"), [month_end(date(2026, 1, 1))])
    by_name = {b.name: b for b in found}
    assert (by_name["1-30"].stood, by_name["1-30"].recovered) == (D(300), D(130))
    assert by_name["1-30"].recovered_pct == Figure(D("43.33"))
    assert by_name["31-60"].recovered_pct == Figure(None, Reason.NOTHING_THERE)
    assert (by_name["61-90"].invoices, by_name["61-90"].amount) == (1, D(100))
    assert by_name["61-90"].share_pct == Figure(D("100.00"))
    assert [b.name for b in found] == list(BUCKETS)


def test_a_month_end_whose_thirty_days_are_not_over_says_nothing_on_recovery() -> None:
    tables = portfolio([("A", "200", "2025-12-01", "2026-01-15")])
    found = ageing(courses(tables), at("2026-02-10"), [month_end(date(2026, 1, 1))])
    assert all(b.stood == 0 for b in found)


def test_rolling_compares_a_bucket_with_the_one_before_a_month_earlier() -> None:
    tables = portfolio(
        [("A", "60", "2025-12-01", "2026-01-15"), ("B", "40", "2025-12-01", "2026-01-20")],
        [("B", "2026-02-03", "40")],
    )
    ends = [month_end(date(2026, 1, 1)), month_end(date(2026, 2, 1))]
    by_name = {b.name: b for b in ageing(courses(tables), at("2026-03-10"), ends)}
    assert by_name["1-30"].rolled_pct == Figure(D("60.00"))
    assert by_name["90+"].rolled_pct is None


# What was owed when.


@st.composite
def stories(draw: st.DrawFn) -> Tables:
    """Draw up to four invoices with payments, changes, credits and endings in any order."""
    days = st.integers(0, 60).map(lambda n: (date(2026, 1, 1) + timedelta(days=n)).isoformat())
    names = [f"I{n}" for n in range(draw(st.integers(1, 4)))]
    money = st.integers(1, 30_000).map(lambda cents: str(D(cents) / 100))
    kinds = st.sampled_from(["amount_changed", "credited", "escalated", "written_off", "opened"])
    invoices = [(name, draw(money), draw(days), "2026-02-01") for name in names]
    payments = draw(st.lists(st.tuples(st.sampled_from(names), days, money), max_size=6))
    events = draw(
        st.lists(
            st.tuples(
                days, kinds, st.sampled_from(names), money.map(lambda m: f'{{"amount":{m}}}')
            ),
            max_size=5,
        )
    )
    return portfolio(invoices, payments, events)


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(-3, 70))
def test_the_course_of_an_invoice_agrees_with_the_ledger_at_every_instant(
    tables: Tables, day: int
) -> None:
    moment = at("2026-01-01", 12) + timedelta(days=day)
    columns = ["invoice_id", "total", "paid", "balance", "is_open"]
    ledger = invoice_states(tables, moment).select(columns).sort("invoice_id")
    course = standing(courses(tables), moment).select(columns).sort("invoice_id")
    assert course.rows() == ledger.rows()


@settings(max_examples=60, deadline=None)
@given(stories())
def test_an_invoice_is_settled_when_the_ledger_says_so(tables: Tables) -> None:
    moment = at("2027-01-01")
    ledger = invoice_states(tables, moment).select("invoice_id", "settled_at")
    found = settled(courses(tables)).select("invoice_id", "settled_at")
    issued = dict(tables.invoices.select("invoice_id", "issued_on").rows())
    # Money that came before the invoice settles it on its first day.
    wanted = {
        name: when and max(when, at(issued[name].isoformat())) for name, when in ledger.rows()
    }
    assert dict(found.rows()) == wanted


def test_a_penalty_and_a_credit_are_billed_on_their_own_day() -> None:
    tables = portfolio(
        [("A", "100", "2026-01-05", "2026-01-20")],
        events=[("2026-02-01", "amount_changed", "A", '{"amount": 140}'),
                ("2026-03-01", "credited", "A", '{"amount": 30}')],
    )  # fmt: skip
    assert billing(tables).sort("on").select("on", "amount").rows() == [
        (date(2026, 1, 5), D(100)), (date(2026, 2, 1), D(40)), (date(2026, 3, 1), D(-30)),
    ]  # fmt: skip


# Periods.


def test_month_ends_stop_at_the_first_invoice_and_end_at_the_moment_asked() -> None:
    found = month_ends(date(2026, 1, 20), at("2026-03-15"))
    assert [m.date() for m in found] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 15)]
    assert len(month_ends(date(2019, 1, 1), at("2026-03-15"))) == 24


def test_the_running_month_counts_its_days_so_far_when_counting_back() -> None:
    tables = portfolio(
        [("A", "100", "2026-02-10", "2026-03-10"), ("B", "50", "2026-03-02", "2026-04-01")]
    )
    found = count_back(D(100), billing(tables), date(2026, 3, 10), date(2026, 2, 10))
    assert found.dso == Figure(D("24.00"))  # 10 days of March, half of February's 28


def test_handing_over_is_no_collecting() -> None:
    invoices = [("A", "100", "2026-01-01", "2026-01-15"), ("B", "100", "2026-01-01", "2026-01-15")]
    paid = portfolio(invoices, [("A", "2026-02-10", "100")])
    given_up = portfolio(invoices, events=[("2026-02-10", "escalated", "A", None)])
    period = month_end(date(2026, 1, 1)), month_end(date(2026, 2, 1))
    assert effectiveness(courses(paid), billing(paid), *period) == Figure(D("50.00"))
    assert effectiveness(courses(given_up), billing(given_up), *period) == Figure(D("0.00"))


def test_early_warning_looks_at_each_invoice_90_days_after_its_issue() -> None:
    tables = portfolio(
        [("A", "100", "2026-01-01", "2026-01-15"), ("B", "300", "2026-01-31", "2026-02-15"),
         ("C", "100", "2026-02-01", "2026-02-15")],
        [("A", "2026-03-31", "100"), ("B", "2026-05-02", "300")],
    )  # fmt: skip
    # A: 90 days after 1 January is 1 April 00:00, paid the day before. B: 1 May, paid after it.
    [january] = early_warning(courses(tables), at("2026-05-02"))
    assert (january.month, january.invoices) == (date(2026, 1, 1), 2)
    assert (january.billed, january.unpaid) == (D(400), D(300))
    assert january.unpaid_pct == Figure(D("75.00"))


# Days to pay.


def test_the_curve_of_payment_counts_open_invoices_only_as_long_as_they_are_seen() -> None:
    # Kaplan-Meier by hand: 4 at risk, one paid on day 10 (1/4); one censored on day 15; of the
    # two left one is paid on day 20: 1/4 + 3/4 * 1/2 = 0.625.
    tables = portfolio(
        [("A", "10", "2026-01-01", "2026-01-01"), ("B", "10", "2026-01-06", "2026-01-06"),
         ("C", "10", "2026-01-01", "2026-01-01"), ("D", "10", "2026-01-01", "2026-01-01")],
        [("A", "2026-01-11", "10"), ("C", "2026-01-21", "10")],
    )  # fmt: skip
    tables = tables.with_(
        payments=tables.payments.with_columns(paid_at=pl.col("paid_at").dt.offset_by("-9h"))
    )
    as_of = at("2026-01-21")
    curve = days_to_pay(settled(courses(tables)), as_of, since="due_on")
    assert curve.days == (10, 20)
    assert curve.paid == (0.25, 0.625)
    assert curve.quantile(0.5) == Figure(D(20))
    assert curve.quantile(0.75) == Figure(None, Reason.NOT_REACHED)
    assert (curve.paid_by(9), curve.paid_by(10), curve.paid_by(99)) == (0.0, 0.25, 0.625)


def test_what_was_handed_over_is_never_paid_to_us() -> None:
    tables = portfolio(
        [("A", "10", "2026-01-01", "2026-01-01"), ("B", "10", "2026-01-01", "2026-01-01")],
        [("B", "2026-01-21", "10")],
        [("2026-01-11", "escalated", "A", None)],
    )
    curve = days_to_pay(settled(courses(tables)), at("2026-06-01"), since="due_on")
    assert curve.paid == (0.0, 0.5)
    assert curve.handed_over == (0.5, 0.5)


def test_days_from_the_due_day_are_negative_for_those_who_pay_before_it() -> None:
    tables = portfolio([("A", "10", "2026-01-01", "2026-01-31")], [("A", "2026-01-21", "10")])
    ends = settled(courses(tables))
    assert days_to_pay(ends, at("2026-03-01"), since="due_on").days == (-10,)
    assert days_to_pay(ends, at("2026-03-01"), since="issued_on").days == (20,)


# Contacts and promises.


def test_a_contact_belongs_to_the_currency_of_most_of_its_invoices() -> None:
    tables = portfolio(
        [("A", "1", "2026-01-01", "2026-01-15"), ("B", "1", "2026-01-01", "2026-01-15"),
         ("C", "1", "2026-01-01", "2026-01-15")],
        contacts=[("2026-02-01", "call", ["A", "B", "C"], 4.5), ("2026-02-02", "email", ["C"], 0.1),
                  ("2026-02-03", "email", [], 0.2), ("2026-02-04", "email", ["gone"], None)],
        currencies={"C": "USD"},
    )  # fmt: skip
    found = contacts_by_currency(tables)
    assert found["currency"].to_list() == ["EUR", "USD", "EUR", "EUR"]
    euros = by_channel(found.filter(pl.col("currency") == "EUR"))
    assert [(c.name, c.contacts, c.cost, c.unpriced) for c in euros] == [
        ("email", 2, D("0.2"), 1), ("call", 1, D("4.5"), 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("detail", "kept"),
    [
        ('{"on": "2026-02-10"}', False),
        ('{"on": "2026-02-11"}', True),  # paid on the 14th, three days of grace
        ('{"on": "2026-02-10", "amount": 60}', True),
        ('{"date": "2026-02-20T00:00:00Z"}', True),
        (None, True),  # a week from the 7th, and grace
    ],
)
def test_a_promise_is_kept_by_the_whole_sum_within_its_grace(
    detail: str | None, kept: bool
) -> None:
    tables = portfolio(
        [("A", "100", "2026-01-01", "2026-01-15")],
        [("A", "2026-02-09", "60"), ("A", "2026-02-14", "40")],
        [("2026-02-07", "promised", "A", detail)],
    )
    found = promises(tables, courses(tables), since=at("2026-01-01"), as_of=at("2026-06-01"))
    assert ratios.promise_kept(found).kept == int(kept)
    assert len(found) == 1


def test_a_promise_not_yet_due_stays_out_of_the_base() -> None:
    tables = portfolio(
        [("A", "100", "2026-01-01", "2026-01-15")],
        events=[("2026-02-07", "promised", "A", '{"on": "2026-02-10"}')],
    )
    course = courses(tables)
    assert promises(tables, course, since=at("2026-01-01"), as_of=at("2026-02-13")) == []
    assert len(promises(tables, course, since=at("2026-01-01"), as_of=at("2026-02-14"))) == 1


# The whole portfolio.


def test_an_empty_portfolio_has_no_sections() -> None:
    assert audit(portfolio([]), at("2026-03-01")).sections == ()


def test_before_the_first_invoice_there_is_nothing_to_say() -> None:
    tables = portfolio([("A", "10", "2026-01-01", "2026-01-31")], [("A", "2026-01-21", "10")])
    found = audit(tables, at("2025-12-31"))
    assert (found.invoices, found.sections) == (0, ())


def test_one_unpaid_invoice_gives_figures_or_reasons_and_never_an_error() -> None:
    [found] = audit(portfolio([("A", "90", "2026-01-01", "2026-01-31")]), at("2026-03-02")).sections
    assert (found.open.amount, found.overdue.amount) == (D(90), D(90))
    assert found.dso_days == 61
    assert found.dso == Figure(D("61.00"))
    assert found.average_days_delinquent == Figure(D("61.00"))
    assert found.cei_pct == Figure(D("0.00"))
    assert found.cost_per_collected.reason is Reason.NO_COSTS
    assert found.escalation.share_pct.reason is Reason.NOTHING_ENDED
    assert found.promises.kept_by_count_pct.reason is Reason.NO_PROMISES_DUE
    assert found.from_due.quantile(0.5).reason is Reason.NOT_REACHED
    assert found.one_day.release == Figure(D("1.48"))
    assert [m.month for m in found.trend] == [date(2026, m, 1) for m in (1, 2, 3)]


def test_a_portfolio_long_at_rest_has_no_sales_to_divide_by() -> None:
    tables = portfolio([("A", "90", "2020-01-01", "2020-01-31")], [("A", "2020-02-01", "50")])
    [found] = audit(tables, at("2026-03-02")).sections
    assert found.dso.reason is Reason.NO_SALES
    assert found.ten_days.release.reason is Reason.NO_SALES
    assert found.from_due.invoices == 0


def test_currencies_are_never_added_up() -> None:
    tables = portfolio(
        [("A", "1", "2026-01-01", "2026-01-15"), ("B", "2", "2026-01-01", "2026-01-15"),
         ("C", "1000", "2026-01-01", "2026-01-15")],
        currencies={"C": "JPY"},
    )  # fmt: skip
    found = audit(tables, at("2026-02-01")).sections
    assert [(s.currency, s.open.amount) for s in found] == [("EUR", D(3)), ("JPY", D(1000))]


def test_later_facts_change_nothing() -> None:
    invoices = [("A", "100", "2026-01-01", "2026-01-15"), ("B", "80", "2026-01-09", "2026-01-25")]
    known = portfolio(invoices, [("A", "2026-02-10", "60")])
    told = portfolio(
        [*invoices, ("Z", "999", "2026-03-05", "2026-03-20")],
        [("A", "2026-02-10", "60"), ("B", "2026-03-04", "80"), ("Z", "2026-03-09", "9")],
        [("2026-03-04", "escalated", "A", None), ("2026-03-03", "promised", "A", None)],
        [("2026-03-05", "email", ["A"], 0.2)],
    )
    assert audit(told, at("2026-03-02")) == audit(known, at("2026-03-02"))


def test_what_was_handed_over_leaves_the_receivables_and_is_counted_apart() -> None:
    tables = portfolio(
        [("A", "100", "2026-01-01", "2026-01-15"), ("B", "80", "2026-01-09", "2026-01-25")],
        [("A", "2026-02-10", "60")],
        [("2026-02-20", "escalated", "A", None)],
    )
    [found] = audit(tables, at("2026-03-02")).sections
    assert (found.open.amount, found.handed_over.amount) == (D(80), D(40))
    assert (found.escalation.ended, found.escalation.handed_over) == (1, 1)
    assert found.escalation.share_pct == Figure(D("100.00"))
