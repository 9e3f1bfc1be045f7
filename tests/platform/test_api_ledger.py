"""Customers, invoices and payments over the API: exact amounts, news told once, refusals whole."""

from datetime import date
from typing import Any

import pytest

import make
from caller import Caller, caller, callers
from cast import Cast
from tenor.platform.core.models import AuditEntry
from tenor.platform.ledger.models import Customer, Invoice, Payment

INVOICE = {
    "customer_key": "C1",
    "amount": "121.00",
    "currency": "EUR",
    "issued_on": "2026-02-01",
    "due_on": "2026-03-01",
}


@pytest.fixture
def program(cast: Cast) -> Caller:
    """A program of the first organisation, with every scope."""
    return caller(cast.organisation)


def test_a_customer_is_made_known_changed_and_found(cast: Cast, program: Caller) -> None:
    given = {"name": "Jansen Bouw", "kind": "business", "country": "NL", "attributes": {"size": 3}}
    made = program.put("customers/C-1", given, 201)
    assert (made["key"], made["name"], made["attributes"]) == ("C-1", "Jansen Bouw", {"size": 3})
    changed = program.put(
        "customers/C-1", {"language": "nl", "attributes": {"size": None, "vip": True}}
    )
    assert (changed["name"], changed["language"]) == ("Jansen Bouw", "nl")
    assert changed["attributes"] == {"vip": True}
    point = {"kind": "email", "value": "Ann@Example.org"}
    assert program.post("customers/C-1/contact-points", point, 201)["is_primary"] is True
    assert program.post("customers/C-1/contact-points", point, 200)["value"] == "ann@example.org"
    consent = program.put("customers/C-1/consents/sms", {"granted": False, "source": "portal"})
    assert (consent["channel"], consent["granted"]) == ("sms", False)
    found = program.get("customers/C-1")
    assert [p["value"] for p in found["contact_points"]] == ["ann@example.org"]
    assert [(c["channel"], c["granted"]) for c in found["consents"]] == [("sms", False)]
    entry = AuditEntry.objects.of(cast.organisation).filter(action="customer.record").get()
    assert (entry.actor_name, entry.origin) == ("ERP", "127.0.0.1")


def test_an_invoice_shows_what_is_owed_and_why(program: Caller) -> None:
    program.put("customers/C1", {}, 201)
    lines = [{"text": "Water", "amount": "100.00"}, {"text": "VAT", "amount": "21"}]
    made = program.put("invoices/2026/0012", {**INVOICE, "lines": lines}, 201)
    assert (made["key"], made["balance"], made["days_overdue"]) == ("2026/0012", "121.00", 9)
    assert program.put("invoices/2026/0012", {**INVOICE, "number": "12"})["number"] == "12"
    credit = {"amount": "20.0050", "key": "CN1", "text": "Spilled"}
    assert program.post("invoices/2026/0012/credits", credit, 201)["balance"] == "100.995"
    assert program.post("invoices/2026/0012/credits", credit, 200)["balance"] == "100.995"
    money = {"key": "P1", "amount": "50", "currency": "EUR", "paid_at": "2026-03-09T12:00:00Z"}
    paid = program.post("payments", {**money, "invoice_key": "2026/0012"}, 201)
    assert paid["shares"] == [
        {"invoice_key": "2026/0012", "amount": "50.00", "at": "2026-03-09T12:00:00Z"}
    ]
    found = program.get("invoices/2026/0012")
    assert (found["total"], found["paid"], found["balance"]) == ("100.995", "50.00", "50.995")
    assert [line["text"] for line in found["lines"]] == ["Water", "VAT"]
    assert [(e["kind"], e["amount"]) for e in found["entries"]] == [("credit_note", "-20.005")]
    assert [p["payment_key"] for p in found["payments"]] == ["P1"]
    assert program.get("customers/C1")["exposures"] == [
        {"currency": "EUR", "open_amount": "50.995", "open_count": 1, "oldest_due_on": "2026-03-01"}
    ]


def test_what_is_agreed_about_an_invoice_is_kept_and_ended(cast: Cast, program: Caller) -> None:
    make.invoice(cast, "F1")
    hold = program.post("invoices/F1/hold", {"reason": "agreed", "ends_at": "2026-03-20"}, 201)
    assert (hold["customer_key"], hold["invoice_key"]) == ("C1", "F1")
    # The last day is meant with that day included, at the organisation's place.
    assert hold["ends_at"] == "2026-03-20T23:00:00Z"
    assert program.post(f"holds/{hold['id']}/lift", {"note": "paid"})["lifted_at"]
    whole = program.post("customers/C1/holds", {"reason": "hardship"}, 201)
    assert (whole["invoice_key"], whole["ends_at"]) == (None, None)
    promise = {"promised_on": "2026-03-15", "amount": "40.00"}
    taken = program.post("invoices/F1/promise", promise, 201)
    assert (taken["state"], taken["amount"]) == ("open", "40.00")
    gone = program.post(f"promises/{taken['id']}/withdraw", {})
    assert gone["state"] == "withdrawn"
    assert program.post("invoices/F1/dispute", {"reason": "quality"}, 201)["outcome"] == ""
    assert program.post("invoices/F1/dispute", {"reason": "quality"}, 409)["code"] == "refused"
    ended = program.post("invoices/F1/dispute/resolve", {"outcome": "rejected", "answer": "No."})
    assert ended["outcome"] == "rejected"
    off = program.post("invoices/F1/write-off", {"reason": "too small"})
    assert (off["closed_as"], off["balance"], off["is_open"]) == ("written_off", "100.00", False)
    kinds = [event["kind"] for event in program.get("events", customer_key="C1")["items"]]
    assert {"hold_started", "hold_ended", "promised", "disputed", "dispute_resolved"} <= set(kinds)
    assert kinds.count("written_off") == 1


def test_a_payment_counts_once_and_can_be_taken_back(cast: Cast, program: Caller) -> None:
    make.invoice(cast, "F1", amount="60")
    make.invoice(cast, "F2", amount="60")
    money = {
        "key": "P1", "amount": "100.00", "currency": "EUR", "paid_at": "2026-03-10T07:00:00+00:00",
        "customer_key": "C1", "method": "sepa", "reference": "RF18",
    }  # fmt: skip
    made = program.post("payments", money, 201)
    assert (made["allocated"], made["reversed_at"]) == ("100.00", None)
    assert program.post("payments", money, 200) == made
    assert program.post("payments", {**money, "amount": "90.00"}, 409)["code"] == "refused"
    taken = program.post("payments/P1/reverse", {"reason": "AM04"})
    assert (taken["allocated"], taken["reversed_because"]) == ("0.00", "AM04")
    assert program.get("payments/P1") == taken
    assert program.get("invoices/F1")["balance"] == "60.00"
    unknown = program.post(
        "payments", {"key": "P2", **{k: money[k] for k in ("amount", "currency", "paid_at")}}, 201
    )
    assert (unknown["customer_key"], unknown["allocated"]) == (None, "0.00")
    given = program.post("payments/P2/allocate", {"shares": {"F2": "25.50"}})
    assert (given["customer_key"], given["allocated"]) == ("C1", "25.50")
    listed = program.get("payments", customer_key="C1")["items"]
    assert [p["key"] for p in listed] == ["P2", "P1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 121.0},
        {"amount": 121},
        {"amount": "121,00"},
        {"amount": "1.00001"},
        {"amount": "1e3"},
        {"amount": "0"},
        {"amount": "-5.00"},
        {"amount": "1234567890123.00"},
        {"currency": "eur"},
        {"issued_on": 20260201},
        {"issued_on": "0001-01-01"},
        {"due_on": "2026-02-30"},
        {"customer_key": "C9"},
        {"customer_key": ""},
        {"number": "n" * 101},
        {"number": "a\u0000"},
        {"attributes": {"a\u0000": 1}},
        {"attributes": {"a": [1]}},
        {"lines": [{"text": "x"}]},
        {"colour": "red"},
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_kept(
    cast: Cast, program: Caller, wrong: dict[str, Any]
) -> None:
    make.customer(cast, "C1")
    said = program.put("invoices/F1", {**INVOICE, **wrong}, 422)
    assert said["errors"][0]["field"].split(".")[0] == next(iter(wrong))
    assert not Invoice.objects.of(cast.organisation).exists()


def test_another_organisations_rows_are_not_there(cast: Cast) -> None:
    mine, other = callers(cast)
    make.invoice(cast, "F1")
    make.payment(cast, "P1", amount="10", customer="C1")
    for path in ("customers/C1", "invoices/F1", "payments/P1"):
        assert mine.get(path)["key"]
        assert other.get(path, 404)["code"] == "not_found"
    for path in ("customers", "invoices", "payments"):
        assert other.get(path)["items"] == []
    before = AuditEntry.objects.of(cast.organisation).count()
    other.post("invoices/F1/credits", {}, 404)
    other.post("invoices/F1/write-off", {"reason": "x"}, 404)
    other.post("invoices/F1/promise", {"promised_on": "2026-03-15"}, 404)
    other.post("payments/P1/reverse", {}, 404)
    other.post("customers/C1/contact-points", {"kind": "email", "value": "a@b.c"}, 404)
    other.put("customers/C1/consents/sms", {"granted": True}, 404)
    other.put("invoices/F1", INVOICE, 422)
    assert AuditEntry.objects.of(cast.organisation).count() == before
    # The same key is theirs to use.
    assert other.put("customers/C1", {"name": "Theirs"}, 201)["name"] == "Theirs"
    assert Customer.objects.of(cast.organisation).get().name == "Customer C1"


def test_a_payment_sent_twice_under_a_key_books_once(cast: Cast, program: Caller) -> None:
    make.invoice(cast, "F1")
    money = {"key": "P1", "amount": "10.00", "currency": "EUR", "paid_at": "2026-03-10T07:00:00Z"}
    first = program.post("payments", money, 201, once="a")
    assert program.post("payments", money, 201, once="a") == first
    assert (
        program.post("payments", {**money, "amount": "11.00"}, 422, once="a")["code"]
        == "key_reused"
    )
    assert Payment.objects.of(cast.organisation).count() == 1


@pytest.mark.parametrize(
    ("path", "letter"),
    [("customers?", "C"), ("invoices?only=open&", "F"), ("invoices?", "F"), ("payments?", "P")],
)
def test_lists_go_on_where_they_were_while_rows_are_added(
    cast: Cast, program: Caller, path: str, letter: str
) -> None:
    for n in range(7):
        make.invoice(cast, f"F{n}", customer=f"C{n}")
        make.payment(cast, f"P{n}", amount="1", customer=f"C{n}")
    address: str | None = f"{path}limit=3"
    seen: list[str] = []
    pages = 0
    while address:
        page = program.get(address)
        seen += [row["key"] for row in page["items"]]
        address, pages = page["next"], pages + 1
        # What is new stands before the place that the list has reached.
        make.customer(cast, f"new{pages}", name="Aaron")
        make.payment(cast, f"new{pages}", amount="1", customer="C0")
        make.invoice(cast, f"new{pages}", due_on=date(2025, 6, 1), issued_on=make.TODAY)
    assert (sorted(seen), pages) == ([f"{letter}{n}" for n in range(7)], 3)


def test_a_list_is_narrowed_by_what_is_asked(cast: Cast, program: Caller) -> None:
    make.invoice(cast, "F1", customer="C1")
    make.invoice(cast, "F2", customer="C2", due_on=make.TODAY)
    make.payment(cast, "P1", invoice="F1")
    assert [row["key"] for row in program.get("invoices", only="open")["items"]] == ["F2"]
    assert program.get("invoices", only="overdue")["items"] == []
    assert [row["key"] for row in program.get("invoices", customer_key="C1")["items"]] == ["F1"]
    assert [row["key"] for row in program.get("customers", search="C2")["items"]] == ["C2"]
    assert program.get("invoices", 422, only="everything")["errors"][0]["field"] == "only"
    assert (
        program.get("customers", 422, cursor="WyJcdTAwMDAiLDFd")["errors"][0]["field"] == "cursor"
    )
