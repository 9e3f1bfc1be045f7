"""What is protected of a customer is read by the fairness audit, and stands nowhere else."""

from datetime import timedelta

import polars as pl
import pytest

import make
from cast import NOW, Cast
from tenor.platform.connectors.targets import guess_columns
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions import facts
from tenor.platform.ledger import actions, privacy, protected
from tenor.platform.ledger.bulk import upsert_customers, upsert_invoices
from tenor.platform.ledger.frames import customers_frame, invoices_frame
from tenor.platform.ledger.models import Customer, Invoice, ProtectedTraits
from tenor.platform.ledger.told import News

SECRET = "kept-apart-7301"


def record(cast: Cast, key: str = "C1", **attributes: object) -> News:
    told = actions.record_customer(cast.system, key=key, country="NL", attributes=attributes)
    return told.news


def test_a_protected_column_is_kept_in_a_table_of_its_own(cast: Cast) -> None:
    assert record(cast, protected_faith=SECRET, sector="retail") is News.NEW
    assert Customer.objects.of(cast.organisation).get().attributes == {"sector": "retail"}
    assert protected.protected_frame(cast.organisation).to_dicts() == [
        {"customer_id": "C1", "protected_faith": SECRET}
    ]
    assert record(cast, protected_faith=SECRET) is News.SAME
    assert record(cast, protected_faith="other") is News.CHANGED
    assert record(cast, protected_faith=None) is News.CHANGED
    assert ProtectedTraits.objects.of(cast.organisation).get().traits == {}


def test_the_log_names_the_column_and_never_what_it_says(cast: Cast) -> None:
    record(cast, protected_faith=SECRET, sector="retail")
    entries = list(AuditEntry.across.filter(organisation=cast.organisation))
    assert not [e for e in entries if SECRET in str((e.before, e.after))]
    assert next(e for e in entries if e.action == "customer.protect").after == {
        "columns": ["protected_faith"]
    }
    assert SECRET not in str(Customer.objects.of(cast.organisation).get().lineage)


def test_nothing_that_decides_learns_or_is_kept_for_replay_holds_it(cast: Cast) -> None:
    record(cast, protected_faith=SECRET)
    make.invoice(cast, "F1")
    for tables in (
        facts.tables(cast.organisation, NOW),
        facts.to_learn_from(cast.organisation, NOW),
    ):
        assert tables.customers["customer_id"].to_list() == ["C1"]
        for _table, frame in tables:
            assert not [c for c in frame.columns if c.startswith("protected")]
            assert SECRET not in str(frame.to_dicts())
    assert "protected_faith" not in customers_frame(cast.organisation, NOW).columns


def test_even_a_row_that_was_written_past_the_door_is_not_read(cast: Cast) -> None:
    make.customer(cast, "C1")
    make.invoice(cast, "F1")
    for table in (Customer, Invoice):
        rows = table.objects.of(cast.organisation)
        rows.update(attributes={"protected_faith": SECRET, "sector": "retail"})
    assert "sector" in customers_frame(cast.organisation, NOW).columns
    for frame in (customers_frame(cast.organisation, NOW), invoices_frame(cast.organisation, NOW)):
        assert not [c for c in frame.columns if c.startswith("protected")]


def test_an_import_keeps_it_apart_too(cast: Cast) -> None:
    frame = pl.DataFrame(
        {
            "customer_id": ["C1", "C2", "C3"],
            "country": ["NL"] * 3,
            "sector": ["retail", "water", None],
            "protected_faith": [SECRET, None, "other"],
        }
    )
    counts = upsert_customers(cast.system, frame)
    assert (counts.new, counts.changed) == (3, 0)
    kept = protected.protected_frame(cast.organisation)
    assert dict(kept.iter_rows()) == {"C1": SECRET, "C3": "other"}
    assert protected.counts(cast.organisation) == {"protected_faith": 2}
    again = upsert_customers(cast.system, frame.with_columns(protected_faith=pl.lit("x")))
    assert (again.new, again.changed, again.same) == (0, 3, 0)
    assert "protected_faith" not in customers_frame(cast.organisation, NOW).columns


def test_an_invoice_says_nothing_of_who_somebody_is(cast: Cast) -> None:
    make.customer(cast, "C1")
    with pytest.raises(Invalid, match="send it with the customer"):
        make.invoice(cast, "F1", attributes={"protected_faith": SECRET})
    today = NOW.date()
    upsert_invoices(
        cast.system,
        pl.DataFrame(
            {
                "invoice_id": ["F2"], "customer_id": ["C1"], "amount": ["100"],
                "currency": ["EUR"], "issued_on": [today - timedelta(days=9)],
                "due_on": [today], "protected_faith": [SECRET],
            }
        ).with_columns(pl.col("amount").cast(pl.Decimal(38, 4))),
    )  # fmt: skip
    assert Invoice.objects.of(cast.organisation).get(key="F2").attributes == {}
    assert "protected_faith" not in invoices_frame(cast.organisation, NOW).columns
    assert guess_columns("invoices", ["protected_faith"]) == {"protected_faith": ""}
    assert guess_columns("customers", ["protected_faith"]) == {"protected_faith": "*"}


def test_the_person_it_is_about_gets_it_and_may_have_it_erased(cast: Cast) -> None:
    record(cast, protected_faith=SECRET)
    told = privacy.export(cast.organisation, "C1")["protected"]
    assert told[0]["traits"] == {"protected_faith": SECRET}
    privacy.erase(cast.organisation, "C1", part=privacy.DETAILS)
    assert not ProtectedTraits.objects.of(cast.organisation).exists()


def test_an_organisation_sees_none_of_anothers(cast: Cast) -> None:
    record(cast, protected_faith=SECRET)
    assert protected.protected_frame(cast.other).is_empty()
