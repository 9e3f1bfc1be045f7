"""Four tiers of action: reading the list, placing the calls, and saying what is assumed."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.cli.main import main
from tenor.engine.errors import InputError
from tenor.engine.frames import AMOUNT
from tenor.engine.tiers.accounts import Scale, number, read_accounts
from tenor.engine.tiers.assumptions import Assumptions, chance_alone, effect
from tenor.engine.tiers.plan import Plan, Tier, plan_tiers

D = Decimal
HEAD = "account id,days overdue,amount,payment score,industry,earlier attempts"


def portfolio(seed: int = 4, number_of: int = 500, total: float = 2_300_000) -> pl.DataFrame:
    """Make up accounts: many small and few large ones, of every score and age."""
    rng = np.random.default_rng(seed)
    amount = rng.lognormal(7.9, 1.05, number_of)
    days = np.clip(rng.gamma(1.6, 30, number_of), 1, 400).astype(int)
    return pl.DataFrame(
        {
            "account_id": [f"A-{n:04}" for n in range(number_of)],
            "days_overdue": days,
            "amount": [D(f"{a:.2f}") for a in amount * total / amount.sum()],
            "score": rng.beta(3, 2, number_of).round(2),
            "industry": rng.choice(["retail", "building", "care"], number_of),
            "attempts": rng.poisson(1 + days / 45),
        },
        schema_overrides={"amount": AMOUNT},
    )


def accounts_of(*rows: tuple[str, int, float, float, int]) -> pl.DataFrame:
    """Build accounts from (id, days overdue, amount, score, attempts)."""
    return pl.DataFrame(
        [(r[0], r[1], D(str(r[2])), r[3], None, r[4]) for r in rows],
        schema={"account_id": pl.String, "days_overdue": pl.Int64, "amount": AMOUNT,
                "score": pl.Float64, "industry": pl.String, "attempts": pl.Int64},
        orient="row",
    )  # fmt: skip


def chances_of(**chances: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(k, *v) for k, v in chances.items()],
        schema={"account_id": pl.String, "p_alone": pl.Float64, "p_called": pl.Float64},
        orient="row",
    )


def tier_of(plan: Plan, account: str) -> Tier:
    return Tier(plan.rows.filter(pl.col("account_id") == account)["tier"][0])


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# Reading.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4600", "4600"),
        ("$4,600.00", "4600.00"),
        ("€ 4.600,50", "4600.50"),
        ("1,234", "1234"),
        ("1.234", "1.234"),
        ("12,5", "12.5"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("1'234.50", "1234.50"),
        ("USD 12", "12"),
        ("(120.00)", "-120.00"),
        ("85%", "85"),
        (".5", "0.5"),
    ],
)
def test_a_number_is_read_as_a_person_means_it(text: str, value: str) -> None:
    assert number(text) == D(value)


@pytest.mark.parametrize("text", ["", "n/a", "12-11", "1e5", "nan", "--"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    "head",
    [
        HEAD,
        "Acct,DPD,Balance ($),Score,Sector,Attempts",
        "Customer No.,Days Past Due,Open Balance,Payment Score (0-100),Industry,Prior Attempts",
        "Industry;Earlier attempts;Payment_Score;AMOUNT;DaysOverdue days late;Account-ID",
    ],
)
def test_the_columns_are_found_by_their_usual_names(tmp_path: Path, head: str) -> None:
    cells = {"A": "A-1", "B": "40", "C": "1200.50", "D": "61", "E": "retail", "F": "2"}
    order = "FEDCBA" if ";" in head else "ABCDEF"
    if ";" in head:
        order = "EFDCBA"
    row = (";" if ";" in head else ",").join(cells[c] for c in order)
    found = read_accounts(write(tmp_path / "a.csv", head, row))
    assert found.frame.row(0) == ("A-1", 40, D("1200.5"), 0.61, "retail", 2)
    assert list(found.headers.values()) == [
        head.split(";" if ";" in head else ",")[order.index(c)] for c in "ABCDEF"
    ]


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "account,balance,colour", "A,1,red")
    with pytest.raises(InputError, match="days overdue and payment score among account, balance"):
        read_accounts(path)


def test_a_list_without_industry_and_attempts_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "account,days overdue,amount,score", "A,1,10,0.5")
    assert read_accounts(path).frame.row(0) == ("A", 1, D(10), 0.5, None, 0)


@pytest.mark.parametrize(
    ("scores", "scale", "first"),
    [
        (["0.2", "1"], Scale.UNIT, 0.2),
        (["20", "100"], Scale.PERCENT, 0.2),
        (["20%", "85%"], Scale.PERCENT, 0.2),
        (["410", "850"], Scale.CREDIT, 0.2),
    ],
)
def test_the_scale_of_the_scores_is_seen(
    tmp_path: Path, scores: list[str], scale: Scale, first: float
) -> None:
    rows = [f"A{n},10,100,{s},x,0" for n, s in enumerate(scores)]
    found = read_accounts(write(tmp_path / "a.csv", HEAD, *rows))
    assert found.scale is scale
    assert found.frame["score"][0] == pytest.approx(first)


def test_scores_of_no_known_scale_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD, "A,1,10,5000,x,0", "B,1,10,-3,x,0")
    with pytest.raises(InputError, match="fit none of the scales 0 to 1, 0 to 100, 300 to 850"):
        read_accounts(path)


def test_a_risk_score_is_turned_round(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD.replace("payment score", "risk score"), "A,1,10,90,x,0")
    assert read_accounts(path).frame["score"][0] == pytest.approx(0.1)
    assert read_accounts(path, higher_is_worse=False).frame["score"][0] == pytest.approx(0.9)


def test_every_fault_of_every_row_is_listed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", HEAD, "A,1,10,50,x,0", "A,1,10,50,x,0", ",soon,-5,,x,-1", "B,1,9,50,x,",
    )  # fmt: skip
    found = read_accounts(path)
    assert found.frame["account_id"].to_list() == ["A", "B"]
    assert found.problems.rows() == [
        (2, "account_id", "A is there already"),
        (3, "account_id", "is empty"),
        (3, "days_overdue", "'soon' is no number"),
        (3, "amount", "-5 is not owed"),
        (3, "payment_score", "is empty"),
        (3, "attempts", "-1 is less than none"),
    ]


@pytest.mark.parametrize(("text", "says"), [("", "is empty"), (HEAD + "\n", "no payment score")])
def test_a_file_without_accounts_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_accounts(path)


@pytest.mark.parametrize(
    ("head", "amount", "currency"),
    [(HEAD, "$5", "USD"), (HEAD, "5 EUR", "EUR"), (HEAD, "5", ""),
     (HEAD.replace("amount", "amount (£)"), "5", "GBP")],
)  # fmt: skip
def test_the_currency_is_seen_where_it_stands(
    tmp_path: Path, head: str, amount: str, currency: str
) -> None:
    path = write(tmp_path / "a.csv", head, f"A,1,{amount},50,x,0")
    assert read_accounts(path).currency == currency


# What is assumed.


def test_contact_moves_those_in_the_middle_most() -> None:
    alone, tried = np.array([0.02, 0.2, 0.5, 0.8, 0.98]), np.zeros(5)
    added = effect(alone, tried, 0.16)
    assert added[2] == pytest.approx(0.16)
    assert added[0] < added[1] < added[2] > added[3] > added[4]
    assert max(added[0], added[4]) < 0.002


@given(
    st.floats(0, 1), st.integers(-10, 400), st.integers(0, 20), st.floats(0, 0.25),
)  # fmt: skip
def test_chances_stay_chances(score: float, days: int, attempts: int, most: float) -> None:
    given_days, tried = np.array([float(days)]), np.array([float(attempts)])
    alone = chance_alone(np.array([score]), given_days, tried)
    called = alone + effect(alone, tried, most)
    assert 0 <= alone[0] <= called[0] <= 1


def test_a_better_score_and_a_younger_debt_are_likelier_paid() -> None:
    scores = chance_alone(np.array([0.1, 0.5, 0.9]), np.full(3, 10.0), np.zeros(3))
    ages = chance_alone(np.full(5, 0.7), np.array([30.0, 31, 61, 91, 181]), np.zeros(5))
    tries = chance_alone(np.full(3, 0.7), np.full(3, 10.0), np.array([0.0, 1, 5]))
    assert (np.diff(scores) > 0).all() and (np.diff(ages) < 0).all() and (np.diff(tries) < 0).all()


# The plan.


def test_500_accounts_of_2_3_million_get_exactly_100_calls() -> None:
    accounts = portfolio()
    plan = plan_tiers(accounts, calls_per_week=100)
    assert abs(accounts["amount"].sum() - D(2_300_000)) < 3
    assert plan.rows.height == 500
    assert plan.tiers[0].calls == 100
    assert plan.rows.filter(pl.col("tier") == Tier.CALL)["call_rank"].sort().to_list() == list(
        range(1, 101)
    )
    assert all(t.accounts > 0 for t in plan.tiers)
    assert sum(t.amount for t in plan.tiers) == accounts["amount"].sum()


def test_calling_by_effect_recovers_more_than_any_other_way() -> None:
    for seed in range(5):
        ours, *others = plan_tiers(portfolio(seed), calls_per_week=100).rivals
        assert ours.recovered > max(r.recovered for r in others)
        assert ours.wasted == 0


def test_nobody_who_pays_unaided_is_called_however_much_is_owed() -> None:
    plan = plan_tiers(
        accounts_of(("SURE", 5, 1e6, 1.0, 0), ("TORN", 5, 1000, 0.5, 0)), calls_per_week=10
    )
    assert tier_of(plan, "SURE") is Tier.LEAVE
    assert tier_of(plan, "TORN") is Tier.CALL


def test_what_is_not_overdue_is_left_alone() -> None:
    plan = plan_tiers(accounts_of(("SOON", -3, 9000, 0.4, 0)), calls_per_week=10)
    assert tier_of(plan, "SOON") is Tier.LEAVE
    assert plan.rows["reason"][0] == "not overdue yet"


def test_the_call_goes_to_the_account_that_it_moves_and_not_to_the_larger_hopeless_one() -> None:
    plan = plan_tiers(
        accounts_of(("LOST", 300, 20_000, 0.1, 6), ("TORN", 10, 4000, 0.55, 0)), calls_per_week=1
    )
    assert tier_of(plan, "TORN") is Tier.CALL
    assert tier_of(plan, "LOST") is Tier.MESSAGE


def test_an_early_call_at_medium_risk_is_a_soft_one() -> None:
    rows = plan_tiers(
        accounts_of(("EARLY", 8, 4000, 0.5, 0), ("LATE", 50, 4000, 0.6, 0)), calls_per_week=2
    ).rows
    actions = dict(rows.select("account_id", "action").rows())
    assert actions == {"EARLY": "soft reminder call", "LATE": "call"}


def agency_case(
    amount: float = 100, days: int = 120, score: float = 0.2, attempts: int = 4
) -> Plan:
    """Plan one account of interest among larger ones."""
    others = [(f"B{n}", 20, 5000, 0.6, 0) for n in range(5)]
    rows = accounts_of(("X", days, amount, score, attempts), *others)
    return plan_tiers(rows, calls_per_week=3)


def test_a_small_hopeless_account_is_proposed_to_an_agency_for_a_person_to_approve() -> None:
    plan = agency_case()
    assert tier_of(plan, "X") is Tier.AGENCY
    assert plan.tiers[3].approvals == 1
    assert "a person must approve" in plan.rows.filter(pl.col("account_id") == "X")["reason"][0]


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (lambda: agency_case(amount=9000), "a large balance"),
        (lambda: agency_case(days=59), "too early"),
        (lambda: agency_case(attempts=1), "hardly tried"),
        (lambda: agency_case(amount=12), "the cost check: a notice costs more than it would bring"),
        (lambda: agency_case(score=0.75, days=61, attempts=2), "no high risk"),
    ],
)
def test_no_agency_without_its_conditions(case: Callable[[], Plan], why: str) -> None:
    assert tier_of(case(), "X") is not Tier.AGENCY, why


def test_a_call_that_costs_more_than_it_adds_is_not_made() -> None:
    plan = plan_tiers(accounts_of(("TINY", 10, 20, 0.5, 0)), calls_per_week=10)
    assert tier_of(plan, "TINY") is Tier.MESSAGE
    assert plan.tiers[0].calls == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 80))
def test_calls_never_exceed_the_capacity_and_take_the_largest_gains(
    seed: int, size: int, calls: int
) -> None:
    plan = plan_tiers(portfolio(seed, size, 1000.0 * size), calls_per_week=calls)
    called = plan.rows.filter(pl.col("tier") == Tier.CALL)
    waiting = plan.rows.filter((pl.col("tier") != Tier.CALL) & pl.col("call_rank").is_not_null())
    assert called.height <= calls
    assert waiting.is_empty() or called.height == calls
    assert not called.filter(pl.col("p_alone") >= 0.8).height
    assert plan.rows["account_id"].n_unique() == size


def test_the_order_of_the_file_changes_nothing() -> None:
    accounts = portfolio()
    one = plan_tiers(accounts, calls_per_week=100)
    other = plan_tiers(accounts.reverse(), calls_per_week=100)
    assert one.rows.equals(other.rows)


def test_the_expected_sum_lies_within_its_range_and_the_range_within_what_is_owed() -> None:
    plan = plan_tiers(portfolio(), calls_per_week=100)
    for t in plan.tiers:
        assert 0 <= t.recovery.low <= t.recovery.expected <= t.recovery.high <= float(t.amount)
    assert plan.recovery.expected == pytest.approx(sum(t.recovery.expected for t in plan.tiers))


def test_resources_are_what_the_tiers_take() -> None:
    plan = plan_tiers(portfolio(), calls_per_week=100)
    call, message, leave, agency = plan.tiers
    a = Assumptions()
    assert (call.minutes, message.minutes, leave.cost) == (800.0, 0.0, 0.0)
    assert call.cost == pytest.approx(100 * (a.call_cost + a.message_cost))
    assert message.messages == message.accounts
    assert agency.letters == agency.approvals == agency.accounts


def test_a_models_chances_replace_the_assumed_ones() -> None:
    accounts = accounts_of(("A", 10, 1000, 0.5, 0), ("B", 10, 1000, 0.5, 0))
    chances = chances_of(A=(0.3, 0.31), B=(0.3, 0.6))
    plan = plan_tiers(accounts, calls_per_week=1, chances=chances)
    assert plan.measured
    assert tier_of(plan, "B") is Tier.CALL
    called = plan.rows.filter(pl.col("account_id") == "B")
    assert called.select("p_alone", "p_with_action", "effect_of_call").row(0) == (0.3, 0.6, 0.3)


@pytest.mark.parametrize("wrong", [{"A": (0.3, 0.4)}, {"A": (0.3, 0.4), "B": (1.2, 0.4)}])
def test_a_models_chances_must_cover_every_account(wrong: dict[str, tuple[float, float]]) -> None:
    accounts = accounts_of(("A", 10, 1000, 0.5, 0), ("B", 10, 1000, 0.5, 0))
    with pytest.raises(InputError, match="p_alone of account B"):
        plan_tiers(accounts, calls_per_week=1, chances=chances_of(**wrong))


# The command.


def a_file(path: Path, accounts: pl.DataFrame) -> Path:
    rows = [f'{a},{d},"${m:,.2f}",{s * 100:.0f},{i},{n}' for a, d, m, s, i, n in accounts.rows()]
    return write(path, "Account,DPD,Balance,Payment Score,Sector,Attempts", *rows)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["tiers", *map(str, arguments)])


def test_the_command_says_what_it_read_assumed_and_decided(tmp_path: Path) -> None:
    path = a_file(tmp_path / "accounts.csv", portfolio())
    result = run(path, "--calls-per-week", 100)
    assert result.exit_code == 0, result.output
    assert "days overdue from “DPD”" in result.output
    assert "Scores on a scale of 0 to 100, higher is better." in result.output
    assert "ASSUMPTIONS, not on measurements" in result.output
    assert "by effect × amount (this plan)" in result.output
    assert result.output.splitlines()[-1].startswith("500 accounts in four tiers: 100 call, ")


def test_the_command_writes_page_figures_and_accounts_twice_the_same(tmp_path: Path) -> None:
    path = a_file(tmp_path / "accounts.csv", portfolio(number_of=60))
    written = []
    for name in ("one", "two"):
        outs = [tmp_path / f"{name}.{end}" for end in ("html", "json", "csv")]
        options = zip(("--html", "--json", "--out"), outs, strict=True)
        assert run(path, "--calls-per-week", 10, *(x for o in options for x in o)).exit_code == 0
        written.append([out.read_bytes() for out in outs])
    assert written[0] == written[1]
    page, figures, rows = written[0]
    assert b"Rests on assumptions" in page
    assert b"http" not in page and b"<script" not in page
    found = json.loads(figures)
    assert found["chances"] == "assumed"
    assert [t["name"] for t in found["tiers"]] == [
        "Call", "Message", "Leave alone", "Propose to an agency",
    ]  # fmt: skip
    assert sum(t["calls"] for t in found["tiers"]) == 10
    assert len(found["accounts"]) == rows.count(b"\n") - 1 == 60


def test_bad_rows_stop_the_command_unless_they_may_be_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD, "A,10,100,50,x,0", "B,soon,100,50,x,0")
    refused = run(path, "--calls-per-week", 1)
    assert refused.exit_code == 2
    assert "row 2, days_overdue: 'soon' is no number" in refused.output
    skipped = run(path, "--calls-per-week", 1, "--skip-bad-rows")
    assert skipped.exit_code == 0
    assert "1 of 2 rows skipped" in skipped.output


def test_measured_chances_come_from_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD, "A,10,1000,50,x,0", "B,10,1000,50,x,0")
    chances = write(tmp_path / "c.csv", "account_id,p_alone,p_called", "A,0.3,0.31", "B,0.3,0.6")
    result = run(path, "--calls-per-week", 1, "--chances", chances, "--json", tmp_path / "j.json")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "j.json").read_text())
    assert found["chances"] == "model"
    assert found["accounts"][0]["account_id"] == "B"
    assert "ASSUMPTIONS" not in result.output
