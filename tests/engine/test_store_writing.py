"""Tables and results are written whole or not at all, and come back the same."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import InputError
from tenor.engine.frames import tables_of
from tenor.engine.store import read_rows, read_tables, write_rows, write_tables

_IDS = st.text(st.characters(categories=["L", "N"], include_characters='-_", '), min_size=1).map(
    lambda text: f"x{text.strip()}"
)


@settings(max_examples=25, deadline=None)
@given(
    ids=st.lists(_IDS, min_size=1, max_size=5, unique=True),
    cents=st.integers(1, 10**15),
    seconds=st.integers(0, 4 * 10**9),
)
@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_what_is_written_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    file_format: Any,
    ids: list[str],
    cents: int,
    seconds: int,
) -> None:
    path = tmp_path_factory.mktemp("tables")
    at = datetime.fromtimestamp(seconds, tz=UTC)
    tables = tables_of(
        customers=pl.DataFrame({"customer_id": ids, "vip": True, "score": 0.1}),
        invoices=pl.DataFrame(
            {
                "invoice_id": ids,
                "customer_id": ids,
                "amount": Decimal(cents) / 100,
                "currency": "EUR",
                "issued_on": at.date(),
                "due_on": at.date(),
            }
        ),
        contacts=pl.DataFrame(
            {
                "contact_id": ids,
                "customer_id": ids,
                "invoice_ids": [ids] * len(ids),
                "sent_at": at,
                "channel": "email",
                "propensity": 1 / 3,
            }
        ),
        events=pl.DataFrame(
            {"at": at, "kind": "amount_changed", "invoice_id": ids, "detail": '{"amount": "1.5"}'}
        ),
    )
    write_tables(tables, path, file_format=file_format)
    reading = read_tables(path)
    assert reading.problems.height == 0
    for (table, written), (_, read) in zip(tables, reading.tables, strict=True):
        assert read.equals(written), table.name


def test_writing_replaces_the_same_table_in_the_other_format(tmp_path: Path) -> None:
    tables = tables_of()
    write_tables(tables, tmp_path, file_format="csv")
    write_tables(tables, tmp_path, metadata={"synthetic": True, "seed": 1})
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(["metadata.json", *(f"{table.name}.parquet" for table, _ in tables)])
    assert (tmp_path / "metadata.json").read_text() == '{\n  "seed": 1,\n  "synthetic": true\n}\n'


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame({"a_id": [f"{i}" for i in range(9000)], "p": [i / 7 for i in range(9000)]})
    pieces = pl.concat([frame[:4000], frame[4000:]], rechunk=False)
    write_rows(frame, tmp_path / f"one{suffix}")
    write_rows(pieces, tmp_path / f"two{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_a_result_with_lists_and_instants_goes_through_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "invoice_id": ["007", "008"],
            "invoice_ids": [["I1", "I2"], ["I3"]],
            "reasons": [["late; often"], []],
            "send_at": [datetime(2024, 1, 1, 9, tzinfo=UTC), None],
            "candidates": [[{"channel": "email", "value": 1.5}], []],
            "value": [1.25, None],
        }
    )
    write_rows(frame, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "invoice_id,invoice_ids,reasons,send_at,candidates,value",
        '007,I1;I2,"late, often",2024-01-01T09:00:00Z,'
        '"[{""channel"":""email"",""value"":1.5}]",1.25',
        '008,I3,"",,[],',
    ]
    back = read_rows(tmp_path / "out.csv")
    assert back["invoice_id"].to_list() == ["007", "008"]
    assert back["invoice_ids"].to_list() == [["I1", "I2"], ["I3"]]
    assert back["send_at"].to_list() == frame["send_at"].to_list()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    clash = pl.DataFrame({"invoice_ids": [["a;b"]]})
    with pytest.raises(InputError, match=r"an id in column invoice_ids contains ';'"):
        write_rows(clash, path)
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_text() == "old"


def test_results_go_to_csv_or_parquet_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.parquet or \.csv"):
        write_rows(pl.DataFrame({"a": [1]}), tmp_path / "out.xlsx")
