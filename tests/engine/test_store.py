"""A directory of tables comes in whole or is refused row by row, with place and reason."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.frames import AMOUNT, INSTANT
from tenor.engine.store import read_tables

CUSTOMERS = "customer_id\nC1\n"
INVOICE_HEADER = "invoice_id,customer_id,amount,currency,issued_on,due_on\n"
INVOICE = "I1,C1,100.00,EUR,2024-01-01,2024-01-31\n"
CONTACT_HEADER = "contact_id,customer_id,invoice_ids,sent_at,channel,propensity,cost\n"
NAIVE = pl.Series([date(2024, 7, 1)]).cast(pl.Datetime("us"))
PAYMENT_HEADER = "invoice_id,paid_at,amount\n"


def directory(path: Path, **files: Any) -> Path:
    """Write files named by `table__suffix`; customers and invoices stand in unless given."""
    contents = {"customers.csv": CUSTOMERS, "invoices.csv": INVOICE_HEADER + INVOICE}
    contents |= {name.replace("__", "."): content for name, content in files.items()}
    for name, content in contents.items():
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path / name)
        elif content is not None:
            (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(path: Path, timezone: str | None = None) -> list[tuple[str, int, str, str]]:
    return read_tables(path, timezone=timezone).problems.rows()


def test_columns_in_any_order_get_the_contract_types(tmp_path: Path) -> None:
    invoices = "due_on,amount,ref_po,customer_id,issued_on,invoice_id,currency\n"
    invoices += "2024-01-31,100.05,007,C1,2024-01-01,I1,EUR\n"
    tables = read_tables(directory(tmp_path, invoices__csv=invoices)).tables
    assert tables.invoices.rows(named=True) == [
        {
            "invoice_id": "I1",
            "customer_id": "C1",
            "amount": Decimal("100.0500"),
            "currency": "EUR",
            "issued_on": date(2024, 1, 1),
            "due_on": date(2024, 1, 31),
            "ref_po": "007",
        }
    ]
    assert tables.payments.schema == {
        "invoice_id": pl.String,
        "paid_at": INSTANT,
        "amount": AMOUNT,
        "payment_id": pl.String,
        "method": pl.String,
    }


@pytest.mark.parametrize(
    ("written", "timezone", "read"),
    [
        ("2024-03-01T09:30:00Z", None, datetime(2024, 3, 1, 9, 30, tzinfo=UTC)),
        ("2024-03-01 09:30:00+01:00", None, datetime(2024, 3, 1, 8, 30, tzinfo=UTC)),
        ("2024-03-01t09:30:00.250z", None, datetime(2024, 3, 1, 9, 30, 0, 250000, tzinfo=UTC)),
        ("2024-03-01T09:30-05:00", None, datetime(2024, 3, 1, 14, 30, tzinfo=UTC)),
        ("2024-03-01 09:30:00+02", None, datetime(2024, 3, 1, 7, 30, tzinfo=UTC)),
        ("2024-07-01 09:30", "Europe/Amsterdam", datetime(2024, 7, 1, 7, 30, tzinfo=UTC)),
        ("2024-07-01", "Europe/Amsterdam", datetime(2024, 6, 30, 22, 0, tzinfo=UTC)),
        ("2024-07-01T09:30:00Z", "Europe/Amsterdam", datetime(2024, 7, 1, 9, 30, tzinfo=UTC)),
        ("2024-10-27 02:30", "Europe/Amsterdam", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_read_as_an_instant_in_utc(
    tmp_path: Path, written: str, timezone: str | None, read: datetime
) -> None:
    directory(tmp_path, payments__csv=f"{PAYMENT_HEADER}I1,{written},5\n")
    assert read_tables(tmp_path, timezone=timezone).tables.payments["paid_at"].to_list() == [read]


@pytest.mark.parametrize(
    ("written", "timezone", "reason"),
    [
        (
            "2024-03-01 09:30",
            None,
            '"2024-03-01 09:30" names no time zone; write an offset (or Z), '
            "or name the zone with --timezone",
        ),
        ("01/03/2024", None, '"01/03/2024" is not a timestamp such as 2026-03-01T09:30:00Z'),
        ("24-03-01T09:30:00Z", None, '"24-03-01T09:30:00Z" is not a timestamp such as'),
        ("2024-03-31 02:30", "Europe/Amsterdam", "does not exist in Europe/Amsterdam"),
        ("", None, "is empty"),
    ],
)
def test_a_timestamp_that_cannot_be_placed_is_refused(
    tmp_path: Path, written: str, timezone: str | None, reason: str
) -> None:
    directory(tmp_path, payments__csv=f"{PAYMENT_HEADER}I1,{written},5\n")
    [(file, row, column, said)] = problems(tmp_path, timezone)
    assert (file, row, column) == ("payments.csv", 2, "paid_at")
    assert reason in said


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("100.00", '"100,00"')},
            ("invoices.csv", 2, "amount", "\"100,00\" has a comma; write '.' as the decimal point"),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("100.00", "a lot")},
            ("invoices.csv", 2, "amount", '"a lot" is not an amount such as 1234.50'),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("100.00", "9" * 40)},
            ("invoices.csv", 2, "amount", f'"{"9" * 40}" is too large for an amount'),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("100.00", "-3")},
            (
                "invoices.csv",
                2,
                "amount",
                "-3.00 is no claim; an invoice asks for more than nothing "
                "(a credit note is an event of kind credited)",
            ),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("2024-01-31", "2024-02-30")},
            ("invoices.csv", 2, "due_on", '"2024-02-30" is not a date such as 2026-03-01'),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("EUR", "euro")},
            (
                "invoices.csv",
                2,
                "currency",
                '"euro" is not a currency code such as EUR (ISO 4217)',
            ),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE.replace("C1", "C2")},
            ("invoices.csv", 2, "customer_id", 'customer "C2" is unknown'),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE + INVOICE},
            ("invoices.csv", 3, "invoice_id", '"I1" is already in row 2'),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE + "I2,C1,5,EUR,2024-01-01\n"},
            (
                "invoices.csv",
                3,
                "",
                "has fewer fields than the header's 6; the row may have been cut off",
            ),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE + INVOICE.replace("100", "1,100")},
            (
                "invoices.csv",
                3,
                "",
                "has 7 fields, the header 6; put quotes around values that contain a comma",
            ),
        ),
        (
            {"invoices__csv": INVOICE_HEADER + INVOICE + '"I2"x,C1,5,EUR,2024-01-01,2024-01-31\n'},
            ("invoices.csv", 3, "", 'has a quote inside a value; double it ("")'),
        ),
        (
            {"customers__csv": "customer_id,country\nC1,nl\n"} | {"invoices__csv": INVOICE_HEADER},
            (
                "customers.csv",
                2,
                "country",
                '"nl" is not a country code such as NL (ISO 3166-1 alpha-2)',
            ),
        ),
        (
            {"customers__csv": "customer_id,timezone\nC1,\nC2,Amsterdam\n"},
            (
                "customers.csv",
                3,
                "timezone",
                '"Amsterdam" is not a time zone such as Europe/Amsterdam (IANA)',
            ),
        ),
        (
            {"customers__csv": "customer_id,consent_sms\nC1,YES\nC2,perhaps\n"},
            ("customers.csv", 3, "consent_sms", '"perhaps" is not true or false'),
        ),
        (
            {"customers__csv": "customer_id,score\nC1,1.5\nC2,nan\n"},
            ("customers.csv", 3, "score", '"nan" is not a number'),
        ),
        (
            {"payments__csv": PAYMENT_HEADER + "I2,2024-01-05T10:00:00Z,5\n"},
            ("payments.csv", 2, "invoice_id", 'invoice "I2" is unknown'),
        ),
        (
            {
                "payments__csv": "payment_id,invoice_id,paid_at,amount\n"
                "P1,I1,2024-01-05T10:00:00Z,5\n,I1,2024-01-05T10:00:00Z,5\n"
                ",I1,2024-01-05T10:00:00Z,5\nP1,I1,2024-01-06T10:00:00Z,5\n"
            },
            ("payments.csv", 5, "payment_id", '"P1" is already in row 2'),
        ),
        (
            {"contacts__csv": CONTACT_HEADER + "K1,C9,I1,2024-01-05T10:00:00Z,email,,\n"},
            ("contacts.csv", 2, "customer_id", 'customer "C9" is unknown'),
        ),
        (
            {"contacts__csv": CONTACT_HEADER + "K1,C1,I1,2024-01-05T10:00:00Z,email,1.2,\n"},
            (
                "contacts.csv",
                2,
                "propensity",
                "1.2 is not above 0 and at most 1; leave it empty where it is unknown",
            ),
        ),
        (
            {"contacts__csv": CONTACT_HEADER + "K1,C1,;,2024-01-05T10:00:00Z,email,1,\n"},
            ("contacts.csv", 2, "invoice_ids", "names no invoice"),
        ),
        (
            {"events__csv": "at,kind,detail\n2024-01-05T10:00:00Z,opened,\n"},
            ("events.csv", 2, "invoice_id", "neither invoice_id nor customer_id is given"),
        ),
        (
            {"events__csv": "at,kind,invoice_id,detail\n2024-01-05T10:00:00Z,opened,I1,{a\n"},
            ("events.csv", 2, "detail", '"{a" is not a JSON object'),
        ),
        (
            {"events__csv": "at,kind,invoice_id,detail\n2024-01-05T10:00:00Z,amount_changed,I1,\n"},
            (
                "events.csv",
                2,
                "detail",
                'amount_changed needs the new total in detail, as in {"amount": "120.00"}',
            ),
        ),
    ],
)
def test_a_bad_row_is_named_with_file_row_column_and_reason(
    tmp_path: Path, files: dict[str, str], expected: tuple[str, int, str, str]
) -> None:
    assert problems(directory(tmp_path, **files)) == [expected]


def test_a_row_that_falls_takes_along_those_that_name_it(tmp_path: Path) -> None:
    reading = read_tables(
        directory(
            tmp_path,
            customers__csv="customer_id,country\nC1,NL\nC2,nl\n",
            invoices__csv=INVOICE_HEADER + INVOICE + INVOICE.replace("I1,C1", "I2,C2"),
            payments__csv=PAYMENT_HEADER + "I1,2024-01-05T10:00:00Z,5\nI2,2024-01-05T10:00:00Z,5\n",
        )
    )
    assert reading.problems.rows()[1:] == [
        ("invoices.csv", 3, "customer_id", 'customer "C2" could not be read itself'),
        ("payments.csv", 3, "invoice_id", 'invoice "I2" could not be read itself'),
    ]
    assert reading.tables.customers["customer_id"].to_list() == ["C1"]
    assert reading.tables.payments["invoice_id"].to_list() == ["I1"]
    assert reading.rows["payments"] == 2


def test_every_bad_row_is_listed_and_the_good_ones_stay(tmp_path: Path) -> None:
    rows = "".join(
        f"I{i},C1,{'x' if i % 3 else i + 1},EUR,2024-01-01,2024-01-31\n" for i in range(3000)
    )
    reading = read_tables(directory(tmp_path, invoices__csv=INVOICE_HEADER + rows))
    assert reading.problems.height == 2000
    assert reading.problems["row"].to_list() == [i + 2 for i in range(3000) if i % 3]
    assert reading.tables.invoices.height == 1000


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    customers = 'customer_id,note\nC1,"two\nlines"\n\nC2,x\nC2,y\n'
    reading = read_tables(directory(tmp_path, customers__csv=customers))
    assert reading.problems.select("row", "reason").rows() == [(5, '"C2" is already in row 4')]
    assert reading.warnings == ["customers.csv: 1 blank row passed over"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"invoices__csv": None}, "invoices.csv (or .parquet) is missing; it needs the columns"),
        ({"invoices__csv": None, "invoices__xlsx": b"PK"}, "is missing (there is invoices.xlsx)"),
        ({"invoices__csv": b"PK\x03\x04"}, "is a spreadsheet or zip file; save it as CSV in UTF-8"),
        ({"invoices__csv": ""}, "has no header"),
        (
            {"invoices__csv": (INVOICE_HEADER + INVOICE).replace(",", ";")},
            "fields are separated by semicolons; save it with commas between them",
        ),
        ({"invoices__csv": INVOICE_HEADER.encode("utf-16")}, "is UTF-16"),
        (
            {"customers__csv": "customer_id,name\nC1,Café\n".encode("cp1252")},
            "line 2 is not UTF-8 (Windows-1252 perhaps); save the file as CSV in UTF-8",
        ),
        ({"customers__csv": "customer_id,a,a\nC1,1,2\n"}, "column 'a' is there twice"),
        ({"customers__csv": "customer_id,,a\nC1,1,2\n"}, "column 2 of the header has no name"),
        ({"customers__csv": "id_customer\nC1\n"}, "rename 'id_customer'?"),
        (
            {"invoices__csv": INVOICE_HEADER + 'I1,"C1,5,EUR,2024-01-01,2024-01-31\n'},
            "a quote that opens in line 2 is never closed",
        ),
        (
            {"invoices__parquet": pl.DataFrame({"x": [1]})},
            "both invoices.parquet and invoices.csv are there",
        ),
        ({"invoices__csv": None, "invoices__parquet": b"PAR1"}, "cannot be read as Parquet"),
        (
            {
                "payments__parquet": pl.DataFrame(
                    {"invoice_id": ["I1"], "paid_at": NAIVE, "amount": [1.0]}
                )
            },
            "payments.parquet: column paid_at: its timestamps name no time zone",
        ),
        (
            {
                "payments__parquet": pl.DataFrame(
                    {"invoice_id": ["I1"], "paid_at": [17], "amount": [1.0]}
                )
            },
            "payments.parquet: column paid_at: holds Int64; a timestamp is expected",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(
    tmp_path: Path, files: dict[str, Any], message: str
) -> None:
    directory(tmp_path, **files)
    with pytest.raises(InputError) as refusal:
        read_tables(tmp_path)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_unknown_time_zone_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"did you mean Europe/Amsterdam\?"):
        read_tables(directory(tmp_path), timezone="europe/amsterdm")


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (INVOICE_HEADER + INVOICE).replace("\n", "\r\n").encode()
    reading = read_tables(directory(tmp_path, invoices__csv=content))
    assert reading.problems.height == 0
    assert reading.tables.invoices["due_on"].to_list() == [date(2024, 1, 31)]


def test_optional_tables_may_be_missing_or_empty(tmp_path: Path) -> None:
    empty = pl.DataFrame({"invoice_id": [], "paid_at": [], "amount": []})
    reading = read_tables(
        directory(tmp_path, payments__parquet=empty, events__csv="kind,at,invoice_id\n")
    )
    assert reading.problems.height == 0
    assert [frame.height for _, frame in reading.tables] == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("values", "dtype", "read"),
    [
        (["1", "2", ""], pl.Int64, [1, 2, None]),
        (["1.5", "-2e3", ""], pl.Float64, [1.5, -2000.0, None]),
        (["007", "12", ""], pl.String, ["007", "12", None]),
        (["true", "False", ""], pl.Boolean, [True, False, None]),
        (["1", "true", ""], pl.String, ["1", "true", None]),
        (["2024-01-01", "2024-02-01", ""], pl.Date, [date(2024, 1, 1), date(2024, 2, 1), None]),
        (["2024-01-01", "soon", ""], pl.String, ["2024-01-01", "soon", None]),
        (["", "", ""], pl.String, [None, None, None]),
    ],
)
def test_a_free_csv_column_gets_the_type_of_its_values(
    tmp_path: Path, values: list[str], dtype: Any, read: list[Any]
) -> None:
    rows = "".join(f"C{i},{value}\n" for i, value in enumerate(values, start=1))
    customers = read_tables(
        directory(tmp_path, customers__csv="customer_id,free\n" + rows)
    ).tables.customers
    assert customers["free"].dtype == dtype
    assert customers["free"].to_list() == read


def test_parquet_values_keep_their_meaning_across_types(tmp_path: Path) -> None:
    paid = NAIVE.cast(pl.Datetime("ns")).dt.replace_time_zone("Europe/Amsterdam")
    customers = pl.DataFrame(
        {
            "customer_id": [1],
            "score": [float("nan")],
            "segment": pl.Series(["a"], dtype=pl.Categorical),
            "limit": [Decimal("10.50")],
        }
    )
    reading = read_tables(
        directory(
            tmp_path,
            customers__csv=None,
            customers__parquet=customers,
            invoices__csv=INVOICE_HEADER + INVOICE.replace("C1", "1"),
            payments__parquet=pl.DataFrame(
                {"invoice_id": ["I1"], "paid_at": paid, "amount": [0.1 + 0.2]}
            ),
        )
    )
    payments = reading.tables.payments
    assert payments["paid_at"].to_list() == [datetime(2024, 6, 30, 22, 0, tzinfo=UTC)]
    assert payments["amount"].to_list() == [Decimal("0.3000")]
    assert reading.tables.customers.drop("kind", "country").rows(named=True)[0] == {
        "customer_id": "1",
        "language": None,
        "timezone": None,
        "customer_value": None,
        "contact_hours": None,
        "contact_days": None,
        "score": None,
        "segment": "a",
        "limit": 10.5,
    }
    assert reading.warnings == ["customers.parquet: column score: 1 NaN read as missing"]


def test_a_parquet_amount_that_is_not_finite_is_a_bad_row(tmp_path: Path) -> None:
    paid = [datetime(2024, 7, 1, tzinfo=UTC)] * 3
    frame = pl.DataFrame(
        {"invoice_id": ["I1"] * 3, "paid_at": paid, "amount": [1.0, float("nan"), float("inf")]}
    )
    assert problems(directory(tmp_path, payments__parquet=frame)) == [
        ("payments.parquet", 2, "amount", "is not finite"),
        ("payments.parquet", 3, "amount", "is not finite"),
    ]


def test_what_is_odd_and_yet_usable_is_counted_in_words(tmp_path: Path) -> None:
    reading = read_tables(
        directory(
            tmp_path,
            customers__csv="customer_id,kind\nC1,person\n",
            invoices__csv=INVOICE_HEADER + INVOICE.replace("2024-01-31", "2023-12-31"),
            payments__csv="invoice_id,paid_at,amount,metod\nI1,2024-01-05T10:00:00Z,5,card\n",
            contacts__csv=CONTACT_HEADER + "K1,C1,I1;I9,2024-01-05T10:00:00Z,email,,\n",
            events__csv="at,kind,invoice_id,customer_id\n2024-01-05T10:00:00Z,danced,I1,\n"
            "2024-01-05T10:00:00Z,opened,I9,\n2024-01-05T10:00:00Z,opened,,C9\n",
        )
    )
    assert reading.problems.height == 0
    assert reading.warnings == [
        "payments.csv: column metod is not known; left aside (did you mean method?)",
        "invoices: 1 row due before issued",
        "customers: kind is neither consumer nor business: person",
        "contacts: 1 of the invoice_ids named are no known invoice",
        "events: 1 row about an unknown invoice",
        "events: 1 row of an unknown customer",
        'events: kind "danced" is unknown (1 row); kept, not used',
    ]
    assert reading.tables.events["kind"].to_list() == ["danced", "opened", "opened"]
