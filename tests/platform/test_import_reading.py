"""Files as people have them: which column is what, and every unusable row by its place."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from cast import Cast
from tenor.platform.connectors import actions, queries
from tenor.platform.connectors.models import Import
from tenor.platform.connectors.sheets import read_sheet
from tenor.platform.connectors.targets import guess_columns, guess_table
from tenor.platform.core.errors import Forbidden, Invalid, Refused

CUSTOMERS = (
    "Klantnr;Klantnaam;E-mail;Land;Branche\n"
    "K1;Jan Jansen;jan@example.org;NL;bouw\n"
    "K2;Piet;;BE;zorg\n"
)
INVOICES = (
    "Factuurnummer;Klantnr;Bedrag;Munt;Factuurdatum;Vervaldatum\n"
    "F1;K1;1.234,50;EUR;03-01-2026;31-01-2026\n"
    "F2;K2;12,00;EUR;05-01-2026;04-02-2026\n"
    "F3;K9;12,00;EUR;05-01-2026;04-02-2026\n"
    "F4;K1;twaalf;EUR;05-01-2026;04-02-2026\n"
)


def files(folder: Path, **texts: str) -> list[Path]:
    """Write texts as files, `name="…"` as name.csv."""
    paths = [folder / f"{name}.csv" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, "utf-8")
    return paths


@pytest.fixture
def taken(cast: Cast, tmp_path: Path) -> Import:
    """A Dutch export of customers and invoices, taken and not yet checked."""
    return actions.take_files(
        cast.actor(), files=files(tmp_path, klanten=CUSTOMERS, facturen=INVOICES)
    )


def test_a_dutch_export_is_understood_without_a_word(taken: Import) -> None:
    assert taken.mapping["customers"]["columns"] == {
        "Klantnr": "customer_id", "Klantnaam": "name", "E-mail": "email", "Land": "country",
        "Branche": "*",
    }  # fmt: skip
    assert taken.mapping["invoices"]["columns"] == {
        "Factuurnummer": "invoice_id", "Klantnr": "customer_id", "Bedrag": "amount",
        "Munt": "currency", "Factuurdatum": "issued_on", "Vervaldatum": "due_on",
    }  # fmt: skip


def test_amounts_and_dates_of_the_low_countries_are_read(cast: Cast, taken: Import) -> None:
    _, checked = actions.check_import(cast.actor(), number=taken.pk)
    invoice = checked.tables.invoices.row(0, named=True)
    assert invoice["amount"] == Decimal("1234.5000")
    assert str(invoice["issued_on"]) == "2026-01-03" and str(invoice["due_on"]) == "2026-01-31"


def test_every_bad_row_is_named_as_its_owner_counts_it(cast: Cast, taken: Import) -> None:
    row, checked = actions.check_import(cast.actor(), number=taken.pk)
    assert checked.problems.select("file", "row", "column").rows() == [
        ("facturen.csv", 4, "Klantnr"),
        ("facturen.csv", 5, "Bedrag"),
    ]
    assert checked.tables.invoices["invoice_id"].to_list() == ["F1", "F2"]
    assert (row.problems, row.counts["invoices"]) == (2, {"rows": 4, "bad": 2})


def test_bad_rows_can_be_had_as_they_were(cast: Cast, taken: Import) -> None:
    row, _ = actions.check_import(cast.actor(), number=taken.pk)
    bad = pl.read_csv(queries.bad_rows_csv(row, "invoices").encode(), infer_schema=False)
    assert bad["row"].to_list() == ["4", "5"]
    assert bad["Bedrag"].to_list() == ["12,00", "twaalf"]
    assert "unknown" in bad["problem"][0]


def test_who_somebody_is_never_becomes_a_feature(cast: Cast, taken: Import) -> None:
    _, checked = actions.check_import(cast.actor(), number=taken.pk)
    names = checked.tables.customers.columns
    assert {"ref_person_name", "ref_person_email", "Branche"} <= set(names)
    assert not {"Klantnaam", "E-mail", "name", "email"} & set(names)


@pytest.mark.parametrize("telling", ["Geboortedatum", "IBAN", "Street name", "phone 2"])
def test_columns_that_tell_who_somebody_is_are_kept_but_not_learned_from(telling: str) -> None:
    assert guess_columns("customers", ["id", telling])[telling] == "ref"


@pytest.mark.parametrize(
    ("file", "columns", "table"),
    [
        ("betalingen 2026.csv", ["x"], "payments"),
        ("export.csv", ["invoice_id", "paid_at", "amount"], "payments"),
        ("x.csv", ["contact_id", "customer_id", "invoices", "sent_at", "channel"], "contacts"),
        ("Mahnungen.csv", ["x"], "contacts"),
        ("export.csv", ["colour", "size"], None),
    ],
)  # fmt: skip
def test_a_file_tells_which_table_it_is(file: str, columns: list[str], table: str | None) -> None:
    assert guess_table(file, columns) == table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_of_every_spreadsheet_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "klanten.csv"
    path.write_bytes("id;naam\r\n1;Café Überbein\r\n".encode(encoding))
    assert read_sheet(path).frame["naam"].to_list() == ["Café Überbein"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK\x03\x04", "neither CSV nor Parquet"),
        ("a.csv", b"PK\x03\x04...", "spreadsheet"),
        ("a.csv", b"", "no header"),
        ("a.csv", b"x,x\n1,2\n", "two columns called x"),
        ("a.parquet", b"nothing", "no Parquet"),
        ("a.csv", b"\x00\x01\x02,\x00", "no text"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_and_nothing_is_kept(
    cast: Cast, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=said):
        actions.take_files(cast.actor(), files=[tmp_path / name])
    assert not Import.objects.of(cast.organisation).exists()


def test_rows_of_another_shape_are_named(cast: Cast, tmp_path: Path) -> None:
    text = "customer_id,kind\nC1,consumer\nC2,consumer,more\n\nC3\nC4,consumer\n"
    taken = actions.take_files(cast.actor(), files=files(tmp_path, customers=text))
    row, checked = actions.check_import(cast.actor(), number=taken.pk)
    assert checked.problems["row"].to_list() == [3, 5]
    assert checked.tables.customers["customer_id"].to_list() == ["C1", "C4"]
    assert row.counts["customers"] == {"rows": 4, "bad": 2}


def test_a_missing_column_is_asked_for_and_one_taken_twice_is_refused(
    cast: Cast, tmp_path: Path
) -> None:
    paths = files(tmp_path, invoices="invoice_id,customer_id,amount\nF1,C1,2\n")
    taken = actions.take_files(cast.actor(), files=paths)
    with pytest.raises(Invalid, match="currency, issued_on, due_on"):
        actions.check_import(cast.actor(), number=taken.pk)
    part = taken.mapping["invoices"]
    part["columns"]["amount"] = "customer_id"
    actions.match_columns(cast.actor(), number=taken.pk, mapping={"invoices": part})
    with pytest.raises(Invalid, match="two columns are customer_id"):
        actions.check_import(cast.actor(), number=taken.pk)


def test_who_may_not_import_and_who_is_elsewhere_change_nothing(
    cast: Cast, taken: Import, tmp_path: Path
) -> None:
    with pytest.raises(Forbidden):
        actions.take_files(cast.actor("agent"), files=files(tmp_path, klanten=CUSTOMERS))
    with pytest.raises(Exception, match="no such"):
        actions.cancel_import(cast.actor("stranger"), number=taken.pk)
    assert Import.objects.of(cast.organisation).get().state == "uploaded"


def test_a_cancelled_import_is_over_and_its_files_are_gone(cast: Cast, taken: Import) -> None:
    actions.cancel_import(cast.actor(), number=taken.pk)
    with pytest.raises(Refused):
        actions.check_import(cast.actor(), number=taken.pk)
    from tenor.platform.connectors.folders import source_of

    assert not source_of(taken).exists()


def test_formulas_in_bad_rows_are_harmless_in_a_spreadsheet(cast: Cast, tmp_path: Path) -> None:
    paths = files(tmp_path, customers="customer_id,note\n,=HYPERLINK(1)\n")
    taken = actions.take_files(cast.actor(), files=paths)
    row, _ = actions.check_import(cast.actor(), number=taken.pk)
    assert "'=HYPERLINK(1)" in queries.bad_rows_csv(row, "customers")
