"""Four tiers with a fitted model: its chances for whom it knows, assumptions for the others."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.errors import InputError
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.predictors.history import outcomes
from tenor.engine.predictors.model import Model
from tenor.engine.simulation import World
from tenor.engine.store import write_tables
from tenor.engine.tiers.assumptions import Assumptions
from tenor.engine.tiers.chances import measured_chances
from tenor.engine.tiers.plan import Tier, plan_tiers

STRANGERS = ["X-1", "X-2"]
NO_CONTACTS = {
    "customer_id": pl.String,
    "invoice_ids": pl.List(pl.String),
    "send_at": pl.Datetime("us", "UTC"),
    "channel": pl.String,
    "tone": pl.String,
}


@pytest.fixture(scope="module")
def owing(then: World) -> pl.DataFrame:
    """What each customer of the small world owes, and for how long."""
    return (
        then.truth()
        .invoices.group_by("customer_id")
        .agg(amount=pl.col("amount").sum().round(2), days=pl.col("days_overdue").max())
        .sort("customer_id")
    )


@pytest.fixture(scope="module")
def found(owing: pl.DataFrame, tables: Tables, as_of: datetime, model: Model) -> pl.DataFrame:
    ids = pl.concat([owing["customer_id"], pl.Series(STRANGERS)])
    return measured_chances(ids, tables, as_of=as_of, model=model, horizon_days=60)


def accounts(owing: pl.DataFrame) -> pl.DataFrame:
    """The customers as a list of accounts with the same score each, and two strangers."""
    known = owing.select(account_id="customer_id", days_overdue="days", amount="amount")
    others = pl.DataFrame({"account_id": STRANGERS, "days_overdue": 20, "amount": 900.0})
    return pl.concat([known, others], how="vertical_relaxed").with_columns(
        pl.col("amount").cast(AMOUNT),
        score=pl.lit(0.5),
        industry=pl.lit(None, dtype=pl.String),
        attempts=pl.lit(1, dtype=pl.Int64),
    )


def test_only_customers_with_an_open_invoice_have_chances(
    found: pl.DataFrame, tables: Tables, as_of: datetime, model: Model
) -> None:
    assert set(found["account_id"]).isdisjoint(STRANGERS)
    assert found["account_id"].is_sorted() and found.height > 100
    for column in ("p_alone", "p_called", "p_messaged"):
        assert found[column].is_between(0, 1).all()
    assert set(found["message"]) <= {"email", "sms"}
    none = measured_chances(pl.Series(STRANGERS), tables, as_of=as_of, model=model, horizon_days=60)
    assert none.is_empty() and none.schema == found.schema


def test_the_chance_of_paying_alone_is_about_what_comes_true_without_any_contact(
    found: pl.DataFrame, then: World
) -> None:
    alone = then.copy()
    alone.step(pl.DataFrame(schema=NO_CONTACTS), days=60)
    ends = then.truth().invoices.join(outcomes(alone.tables()), on="invoice_id", how="left")
    in_time = pl.col("closed_at").is_null() | (pl.col("settled_at") <= pl.col("closed_at"))
    paid = (pl.col("settled_at").is_not_null() & in_time).cast(pl.Float64) * pl.col("amount")
    shares = ends.group_by(account_id="customer_id").agg(share=paid.sum() / pl.col("amount").sum())
    both = found.join(shares, on="account_id")
    assert both.height > 100
    mean, expected = both["share"].mean(), both["p_alone"].mean()
    assert expected == pytest.approx(mean, abs=0.12)
    # Those said to be the likelier half do pay more.
    upper = both.filter(pl.col("p_alone") >= both["p_alone"].median())["share"].mean()
    assert isinstance(upper, float) and isinstance(mean, float) and upper > mean + 0.05


def test_a_call_and_a_message_add_and_most_to_those_in_the_middle(found: pl.DataFrame) -> None:
    added = found.select(
        "p_alone", call=pl.col("p_called") - pl.col("p_alone"),
        message=pl.col("p_messaged") - pl.col("p_alone"),
    )  # fmt: skip
    sure, middle = (
        added.filter(pl.col("p_alone") > 0.97),
        added.filter(pl.col("p_alone").is_between(0.4, 0.7)),
    )
    for column in ("call", "message"):
        assert added[column].mean() > 0.005  # type: ignore[operator]
        assert middle[column].mean() > 3 * sure[column].mean()  # type: ignore[operator]


def test_a_longer_horizon_brings_more(
    owing: pl.DataFrame, found: pl.DataFrame, tables: Tables, as_of: datetime, model: Model
) -> None:
    ids = owing["customer_id"]
    month = measured_chances(ids, tables, as_of=as_of, model=model, horizon_days=30)
    assert (month["p_alone"] <= found["p_alone"] + 1e-6).all()
    assert month["p_alone"].mean() < found["p_alone"].mean() - 0.01  # type: ignore[operator]


def test_a_channel_the_model_has_not_seen_is_refused_unless_it_is_the_call(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    ids = tables.customers["customer_id"]
    with pytest.raises(InputError, match="seen no channel 'phone', only call, email, letter, sms"):
        measured_chances(
            ids, tables, as_of=as_of, model=model, horizon_days=60, call_channel="phone"
        )


def test_strangers_keep_the_assumed_chances_and_are_marked(
    owing: pl.DataFrame, found: pl.DataFrame
) -> None:
    listed = accounts(owing)
    plan = plan_tiers(listed, calls_per_week=20, chances=found, assume_rest=True)
    marked = dict(plan.rows.select("account_id", "chances").iter_rows())
    assert set(plan.assumed) == {a for a, of in marked.items() if of == "assumed"}
    assert set(STRANGERS) <= set(plan.assumed)
    assumed = plan_tiers(listed, calls_per_week=20)
    assert set(assumed.rows["chances"]) == {"assumed"} and assumed.assumed == ()
    for stranger in STRANGERS:
        here, there = (
            p.rows.filter(pl.col("account_id") == stranger).select("p_alone", "effect_of_call")
            for p in (plan, assumed)
        )
        assert here.equals(there)
    measured = plan.rows.filter(pl.col("chances") == "measured").join(
        found.select("account_id", p="p_alone"), on="account_id"
    )
    assert (measured["p_alone"] - measured["p"]).abs().max() < 1e-4  # type: ignore[operator]


def test_no_call_goes_to_those_who_pay_unaided(owing: pl.DataFrame, found: pl.DataFrame) -> None:
    plan = plan_tiers(accounts(owing), calls_per_week=1000, chances=found, assume_rest=True)
    calls = plan.rows.filter(pl.col("tier") == Tier.CALL)
    assert calls.height > 0
    assert (calls["p_alone"] < Assumptions().pays_unaided_from).all()
    assert plan.tiers[0].gain > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tables: Tables, owing: pl.DataFrame) -> Path:
    made = tmp_path_factory.mktemp("tiers")
    write_tables(tables, made / "data")
    lines = ["account id,days overdue,amount,payment score,industry,earlier attempts"]
    lines += [f"{a},{d},{Decimal(str(m))},50,retail,1" for a, m, d in owing.rows()] + [
        f"{s},20,900,50,retail,1" for s in STRANGERS
    ]
    (made / "accounts.csv").write_text("\n".join(lines) + "\n")
    return made


def tiers(folder: Path, *more: str) -> Result:
    file = str(folder / "accounts.csv")
    return CliRunner().invoke(main, ["tiers", file, "--calls-per-week", "20", *more])


def test_the_command_takes_the_model_and_lists_whom_it_does_not_know(
    folder: Path, model_folder: Path, as_of: datetime
) -> None:
    with_model = ("--model", str(model_folder), "--data", str(folder / "data"))
    out = folder / "tiers.csv"
    result = tiers(
        folder, *with_model, "--as-of", f"{as_of:%Y-%m-%d}", "--out", str(out),
        "--html", str(folder / "tiers.html"),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Chances from the model" in result.stdout
    assert "with assumed chances: " in result.stdout
    assert "X-1, X-2" in result.stdout
    assert "X-1, X-2" in (folder / "tiers.html").read_text()
    rows = pl.read_csv(out)
    assert set(rows.filter(pl.col("account_id").is_in(STRANGERS))["chances"]) == {"assumed"}
    assert rows.filter(pl.col("chances") == "measured").height > 100


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--model", "m"), "--model, --data and --as-of are given together"),
        (("--as-of", "2024-08-28"), "--model, --data and --as-of are given together"),
        (
            ("--model", "m", "--data", "d", "--as-of", "2024-08-28", "--chances", "c.csv"),
            "give one of them",
        ),
    ],
)
def test_half_a_choice_is_refused(folder: Path, more: tuple[str, ...], said: str) -> None:
    result = tiers(folder, *more)
    assert result.exit_code == 2
    assert said in result.stderr
