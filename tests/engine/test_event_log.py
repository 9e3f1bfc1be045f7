"""An event log becomes tables as its mapping says, and nothing in it is lost unseen."""

import gzip
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.event_log import Imported, import_event_log, read_mapping
from tenor.engine.ledger import settlements
from tenor.engine.store import read_tables, write_tables

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TENOR_PUBLIC_DATA", ROOT.parent / "shared" / "data"))

MAPPING = """
[log]
timezone = "Europe/Rome"
date_only_at = "12:00"

[customer]
country = "IT"
columns = { region = "case:region" }

[activities."Create"]
becomes = "invoice"
amount = "amount"
due_days = 60
columns = { article = "article", points = "points" }
codes = ["article"]

[activities."Send"]
becomes = "contact"
channel = "{by}"
tone = "neutral"
cost = "{postage}"

[activities."Arrive"]
becomes = "delivered"
detail = ["receipt"]

[activities."Raise"]
becomes = "amount_changed"
amount = "amount"

[activities."Pay"]
becomes = "payment"
running_total = "total"

[activities."Stamp"]
becomes = "ignore"

[activities."Collect"]
becomes = "escalated"
"""


def xes(*cases: tuple[str, list[tuple[str, str, dict[str, str]]]]) -> str:
    """Write a log: (case, [(activity, timestamp, attributes)])."""

    def event(activity: str, at: str, attributes: dict[str, str]) -> str:
        given = {"concept:name": activity, "time:timestamp": at, **attributes}
        inner = "".join(f'<string key="{k}" value="{v}"/>' for k, v in given.items())
        return f"<event>{inner}</event>"

    traces = "".join(
        f'<trace><string key="concept:name" value="{name}"/><string key="region" value="north"/>'
        f"{''.join(event(*e) for e in events)}</trace>"
        for name, events in cases
    )
    defaults = '<global scope="event"><string key="amount" value="9"/></global>'
    return (
        f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{defaults}{traces}</log>'
    )


CREATE = (
    "Create",
    "2024-03-01T00:00:00+01:00",
    {"amount": "35.0", "article": "157", "points": "2"},
)


def imported(tmp_path: Path, log: str | bytes, mapping: str = MAPPING) -> Imported:
    (tmp_path / "map.toml").write_text(mapping)
    path = tmp_path / "log"
    path.write_bytes(log if isinstance(log, bytes) else log.encode())
    return import_event_log(path, read_mapping(tmp_path / "map.toml"))


def test_every_activity_becomes_what_the_mapping_says(tmp_path: Path) -> None:
    steps = [
        CREATE,
        ("Send", "2024-05-01T00:00:00+02:00", {"by": "letter", "postage": "11.0"}),
        ("Arrive", "2024-05-04T00:00:00+02:00", {"receipt": "P"}),
        ("Raise", "2024-07-03T00:00:00+02:00", {"amount": "71.5"}),
        ("Pay", "2024-07-10T00:00:00+02:00", {"total": "30.0"}),
        ("Pay", "2024-08-10T09:15:00+02:00", {"total": "71.5"}),
        ("Collect", "2025-01-10T00:00:00+01:00", {}),
    ]
    got = imported(tmp_path, xes(("A1", steps)))
    tables = got.tables
    assert got.problems.is_empty()
    assert tables.customers.select("customer_id", "country", "region").rows() == [
        ("A1", "IT", "north")
    ]
    assert tables.invoices.rows(named=True) == [
        {
            "invoice_id": "A1",
            "customer_id": "A1",
            "amount": Decimal("35.0000"),
            "currency": "EUR",
            "issued_on": date(2024, 3, 1),
            "due_on": date(2024, 4, 30),
            "article": "157",
            "points": 2,
        }
    ]
    assert tables.contacts.select("contact_id", "sent_at", "channel", "tone", "cost").rows() == [
        ("A1-c1", datetime(2024, 5, 1, 10, tzinfo=UTC), "letter", "neutral", 11.0)
    ]
    assert tables.payments.select("paid_at", "amount").rows() == [
        (datetime(2024, 7, 10, 10, tzinfo=UTC), Decimal("30.0000")),
        (datetime(2024, 8, 10, 7, 15, tzinfo=UTC), Decimal("41.5000")),
    ]
    assert tables.events.select("kind", "contact_id", "detail").rows() == [
        ("delivered", "A1-c1", '{"receipt": "P"}'),
        ("amount_changed", None, '{"amount": "71.5"}'),
        ("escalated", None, None),
    ]


def test_the_tables_of_a_log_can_be_read_back_without_a_problem(tmp_path: Path) -> None:
    got = imported(tmp_path, xes(("A1", [CREATE]), ("A2", [CREATE])))
    write_tables(got.tables, tmp_path / "tables", file_format="csv")
    reading = read_tables(tmp_path / "tables")
    assert reading.problems.is_empty()
    assert reading.tables.invoices["invoice_id"].to_list() == ["A1", "A2"]


def test_a_gzipped_log_gives_the_same_tables(tmp_path: Path) -> None:
    log = xes(("A1", [CREATE, ("Pay", "2024-03-09T00:00:00+01:00", {"total": "35"})]))
    plain = imported(tmp_path, log)
    packed = imported(tmp_path, gzip.compress(log.encode()))
    for (table, one), (_, other) in zip(plain.tables, packed.tables, strict=True):
        assert one.equals(other), table.name


def test_events_out_of_order_are_put_in_the_order_of_time(tmp_path: Path) -> None:
    steps = [
        ("Pay", "2024-05-01T00:00:00+02:00", {"total": "35"}),
        CREATE,
        ("Pay", "2024-04-01T00:00:00+02:00", {"total": "10"}),
    ]
    payments = imported(tmp_path, xes(("A1", steps))).tables.payments
    assert payments["amount"].to_list() == [Decimal(10), Decimal(25)]


def test_what_is_not_taken_over_is_counted(tmp_path: Path) -> None:
    at = "2024-05-01T00:00:00+02:00"
    log = xes(
        ("A1", [CREATE, ("Stamp", at, {}), ("Sing", at, {}), ("Sing", at, {})]),
        (
            "A2",
            [CREATE, ("Pay", at, {"total": "0"}), ("Pay", at, {"lifecycle:transition": "start"})],
        ),
        ("A3", [("Pay", at, {"total": "5"})]),
        ("A4", [("Create", at, {"amount": "0"}), ("Pay", at, {"total": "5"})]),
    )
    got = imported(tmp_path, log)
    assert got.unmapped == {"Sing": 2}
    assert got.left_out == {
        'events "Stamp", as the mapping says': 1,
        "payments of nothing": 1,
        "events that say that something began, not that it happened": 1,
        "cases without the event that creates an invoice": 1,
        "cases that ask for nothing (an amount of 0 or less)": 1,
    }
    assert got.made == {"invoices": 2, "customers": 2}


@pytest.mark.parametrize(
    ("step", "place", "reason"),
    [
        (
            ("Pay", "2024-05-01T00:00:00+02:00", {"sum": "5"}),
            "case A1, event 2 (Pay)",
            "the attribute 'total' is missing or empty; there are: "
            "concept:name, sum, time:timestamp",
        ),
        (
            ("Pay", "2024-05-01T00:00:00+02:00", {"total": "5,00"}),
            "case A1, event 2 (Pay)",
            "total: '5,00' is not an amount such as 1234.50",
        ),
        (
            ("Pay", "1 May", {"total": "5"}),
            "case A1, event 2 (Pay)",
            "'1 May' is not a date or time (ISO 8601; [log] date_format can name another form)",
        ),
        (
            ("Send", "2024-05-01T00:00:00+02:00", {}),
            "case A1, event 2 (Send)",
            "its channel ({by}) is empty",
        ),
        (CREATE, "case A1, event 2 (Create)", "a case has one invoice; this is its second"),
    ],
)
def test_an_event_that_cannot_be_used_is_named_with_its_place(
    tmp_path: Path, step: tuple[str, str, dict[str, str]], place: str, reason: str
) -> None:
    got = imported(tmp_path, xes(("A1", [CREATE, step])))
    assert got.problems.rows() == [(place, reason)]
    assert got.tables.invoices.height == 1


CSV_MAPPING = """
[log]
case = "Order"
activity = "What"
timestamp = "When"
date_format = "%d.%m.%Y %H:%M"
timezone = "Europe/Berlin"

[customer]
id = "Who"

[activities."billed"]
becomes = "invoice"
amount = "Sum"
due_on = "Due"
currency = "{Cur}"

[activities."paid"]
becomes = "payment"
amount = "Sum"
method = "{How}"
"""
CSV_LOG = """Order;What;When;Who;Sum;Cur;Due;How
7;billed;01.03.2024 10:00;Ada;120.50;CHF;31.03.2024 00:00;
8;billed;02.03.2024 10:00;Bob;80;EUR;01.04.2024 00:00;
7;paid;05.03.2024 23:30;Ada;120.50;;;card
"""


def test_a_csv_log_gathers_the_events_of_a_case(tmp_path: Path) -> None:
    tables = imported(tmp_path, CSV_LOG, CSV_MAPPING).tables
    assert tables.invoices.select("invoice_id", "customer_id", "currency", "due_on").rows() == [
        ("7", "Ada", "CHF", date(2024, 3, 31)),
        ("8", "Bob", "EUR", date(2024, 4, 1)),
    ]
    assert tables.payments.select("invoice_id", "paid_at", "method").rows() == [
        ("7", datetime(2024, 3, 5, 22, 30, tzinfo=UTC), "card")
    ]


WIDE_MAPPING = """
[log]
form = "wide"
date_format = "%m/%d/%Y"
timezone = "UTC"

[customer]
id = "customer"

[invoice]
id = "number"
at = "billed"
due_on = "due"
amount = "sum"

[[facts]]
becomes = "payment"
at = "settled"
amount = "sum"

[[facts]]
becomes = "disputed"
at = "settled"
where = { complaint = "Yes" }
"""
WIDE_LOG = """number,customer,billed,due,sum,settled,complaint
1,A,1/2/2013,2/1/2013,55.94,1/15/2013,No
2,A,1/26/2013,2/25/2013,61.74,3/3/2013,Yes
3,B,7/3/2013,8/2/2013,65.88,,Yes
"""


def test_a_row_with_several_dates_becomes_an_invoice_and_its_facts(tmp_path: Path) -> None:
    got = imported(tmp_path, WIDE_LOG, WIDE_MAPPING)
    assert got.problems.is_empty()
    assert got.tables.customers["customer_id"].to_list() == ["A", "B"]
    assert got.tables.invoices["issued_on"].to_list() == [
        date(2013, 1, 2),
        date(2013, 1, 26),
        date(2013, 7, 3),
    ]
    assert got.tables.payments.select("invoice_id", "paid_at").rows() == [
        ("1", datetime(2013, 1, 15, tzinfo=UTC)),
        ("2", datetime(2013, 3, 3, tzinfo=UTC)),
    ]
    assert got.tables.events.select("invoice_id", "kind").rows() == [("2", "disputed")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("timezone =", "timzone ="), "[log]: unknown key 'timzone'; did you mean 'timezone'?"),
        (
            ('becomes = "payment"', 'becomes = "paymnt"'),
            "[activities.\"Pay\"]: becomes = 'paymnt' is unknown; did you mean 'payment'?",
        ),
        (('channel = "{by}"', 'chanel = "x"'), "unknown key 'chanel'; did you mean 'channel'?"),
        (('channel = "{by}"', ""), "`channel` must name the channel"),
        (("due_days = 60", 'due_days = "60"'), "due_days must be a whole number, not '60'"),
        (("due_days = 60", ""), "say either `due_days`"),
        (('running_total = "total"', ""), "say either `amount` or `running_total`"),
        (('becomes = "invoice"', 'becomes = "opened"'), "unknown key 'amount'"),
        (('codes = ["article"]', 'codes = ["artcle"]'), "codes: 'artcle' is none of its columns"),
        (("Europe/Rome", "Rome"), "timezone 'Rome' is unknown"),
        (('date_only_at = "12:00"', 'date_only_at = "noon"'), "date_only_at is a time"),
        (("[log]", "[log"), "is not TOML"),
        (("[log]", "[log]\nform = 'wide'"), '[activities] belongs to logs of form = "events"'),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_key_and_the_nearest_known(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    (tmp_path / "map.toml").write_text(MAPPING.replace(*change, 1))
    with pytest.raises(InputError) as refusal:
        read_mapping(tmp_path / "map.toml")
    assert message in str(refusal.value)
    assert "map.toml" in str(refusal.value)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (
            '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaa">]><log></log>',
            "declares a document type",
        ),
        (xes(("A1", [CREATE]))[:-20], "is damaged or cut off"),
        (gzip.compress(xes(("A1", [CREATE])).encode())[:-20], "is damaged or cut off"),
        ("<html></html>", "is XML, but no XES event log"),
        ("a,b\n1,2\n", "there is no column 'concept:name'"),
        (
            xes(("A1", [("Made", "2024-05-01", {})])),
            "no case has an invoice by this mapping; activities in it: Made",
        ),
        (
            xes(("A1", [("Create", "2024-05-01T00:00:00+02:00", {"amont": "5"})])),
            "the first problem: case A1, event 1: the attribute 'amount' is missing",
        ),
        (
            xes(("A1", [(*CREATE[:2], {"amount": "5", "article": "1", "pionts": "2"})])),
            "column points: no event that creates an invoice has the attribute 'points'",
        ),
    ],
)
def test_a_log_that_cannot_be_read_is_refused(
    tmp_path: Path, log: str | bytes, message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        imported(tmp_path, log)
    assert message.replace("gzip", "") in str(refusal.value).replace("the gzip file ", "")


def test_a_time_without_zone_needs_one_in_the_mapping(tmp_path: Path) -> None:
    log = xes(("A1", [("Create", "2024-05-01T00:00:00", {"amount": "5"})]))
    with pytest.raises(InputError, match=r"case A1, event 1: .* names no time zone"):
        imported(tmp_path, log, MAPPING.replace('timezone = "Europe/Rome"', ""))


def _data(*parts: str) -> Path:
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the public trial data is not there ({path}); set TENOR_PUBLIC_DATA")
    return path


@pytest.mark.data
def test_the_receivables_are_read_whole_and_the_leak_stays_out() -> None:
    path = _data("receivables", "WA_Fn-UseC_-Accounts-Receivable.csv")
    got = import_event_log(path, read_mapping(ROOT / "examples" / "receivables.toml"))
    tables = got.tables
    assert got.problems.is_empty()
    assert (tables.customers.height, tables.invoices.height, tables.payments.height) == (
        100,
        2466,
        2466,
    )
    late = tables.payments.join(tables.invoices, on="invoice_id").filter(
        pl.col("paid_at").dt.date() > pl.col("due_on")
    )
    assert round(late.height / 2466, 3) == 0.356
    assert "Disputed" not in tables.invoices.columns
    disputed = tables.events.filter(pl.col("kind") == "disputed")
    known = disputed.join(tables.payments, on="invoice_id")
    assert disputed.height == 561
    assert (known["at"] == known["paid_at"]).all()


@pytest.mark.data
def test_the_fines_are_read_whole_with_their_known_shares() -> None:
    path = _data("fines", "Road_Traffic_Fine_Management_Process.xes.gz")
    got = import_event_log(path, read_mapping(ROOT / "examples" / "fines.toml"))
    tables, nothing_asked = got.tables, 36
    assert got.problems.is_empty()
    assert got.unmapped == {}
    assert tables.invoices.height == 150_370 - nothing_asked
    settled = settlements(tables)
    payers = settled.filter(pl.col("paid") > 0)
    escalated = tables.events.filter(pl.col("kind") == "escalated")["invoice_id"].n_unique()
    assert round(payers.height / tables.invoices.height, 3) == 0.464
    assert round(escalated / tables.invoices.height, 3) == 0.393
    assert round(payers["settled_at"].is_not_null().sum() / payers.height, 3) == 0.881
    days = (
        tables.payments.group_by("invoice_id")
        .agg(first=pl.col("paid_at").min())
        .join(tables.invoices, on="invoice_id")
        .select((pl.col("first").dt.date() - pl.col("issued_on")).dt.total_days())
        .to_series()
    )
    assert [days.quantile(q) for q in (0.5, 0.75, 0.9)] == [8, 132, 338]
    assert "dismissal" not in tables.invoices.columns
