"""Bank files are taken in whole or not at all, each line once and find their place in the books."""

import zipfile
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

import bankfile
import make
from bankfile import ANN, BOB, camt, file, line, statement
from cast import NOW, Cast
from tenor.platform.banking import actions
from tenor.platform.banking.models import BankFile, Line, PayerAccount, Posting, Statement
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused, TenorError
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import holding, references
from tenor.platform.ledger.models import Hold, Invoice, Payment


@pytest.fixture(autouse=True)
def own_account(cast: Cast) -> None:
    for iban, currency in ((bankfile.IBAN, "EUR"), (bankfile.IBAN, "USD")):
        ledger.set_account(cast.system, iban=iban, currency=currency, holder="Delta Water")


def take(cast: Cast, content: bytes, name: str = "bank.xml", **values: Any) -> BankFile:
    taken = actions.take_file(cast.actor(), content=content, name=name, **values)
    actions.look_at_lines(cast.actor(), files=[taken.pk])
    return taken


def states(cast: Cast) -> Any:
    rows = Line.objects.of(cast.organisation).order_by("statement", "place", "key")
    return [(row.signed, row.state) for row in rows]


def only(cast: Cast) -> Any:
    return Line.objects.of(cast.organisation).get()


def balance(cast: Cast, key: str = "F1001") -> Any:
    return Invoice.objects.of(cast.organisation).get(key=key).balance


def holds(cast: Cast) -> list[str]:
    rows = Hold.objects.of(cast.organisation).filter(reason="unmatched_money", lifted_at=None)
    return sorted(rows.values_list("customer__key", flat=True))


def test_a_payment_with_its_reference_is_booked_by_itself(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1001", amount="100.10")
    reference = references.reference_for(cast.organisation, invoice.customer, [invoice])
    taken = take(cast, file(line("100.10", reference=reference, account=ANN, name="A. Ann")))
    assert (taken.format, taken.lines, taken.known) == ("CAMT.053", 1, 0)
    booked = only(cast)
    assert (booked.state, booked.basis, booked.score) == ("booked", "REFERENCE", 100)
    assert (balance(cast), holds(cast)) == (0, [])
    payment = Payment.objects.of(cast.organisation).get()
    assert (payment.amount, payment.source, payment.method) == (
        Decimal("100.10"),
        "bank",
        "transfer",
    )
    learned = PayerAccount.objects.of(cast.organisation).get()
    assert (learned.account, learned.customer.key, learned.times) == (ANN, "C1", 1)


def test_a_number_in_the_text_is_enough_and_two_numbers_pay_two(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="40")
    take(cast, file(line("100", "betaling F1001 en F1002")))
    assert only(cast).state == "booked"
    assert (balance(cast), balance(cast, "F1002")) == (0, 0)


def test_what_is_paid_beyond_the_invoice_stays_the_customers_credit(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="40")
    reference = references.reference_for(cast.organisation, invoice.customer, [invoice])
    take(cast, file(line("75", reference=reference)))
    payment = Payment.objects.of(cast.organisation).get()
    assert (balance(cast), balance(cast, "F1002")) == (0, 40)
    assert payment.amount - payment.allocated == 15


def test_a_part_by_reference_is_booked_and_the_rest_stays_open(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1001", amount="60")
    reference = references.reference_for(cast.organisation, invoice.customer, [invoice])
    take(cast, file(line("20", reference=reference)))
    assert (only(cast).state, balance(cast)) == ("booked", 40)


def test_money_that_may_be_somebodys_waits_and_stops_their_reminders(cast: Cast) -> None:
    make.customer(cast, "C1", name="Ann Jansen")
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "dank u wel", name="A. Jansen")))
    waiting = only(cast)
    assert (waiting.state, waiting.basis) == ("waiting", "NAME")
    assert [p["customers"] for p in waiting.proposals] == [["C1"]]
    assert holds(cast) == ["C1"]
    actions.book_proposal(cast.actor(), number=waiting.pk, nth=0)
    assert (balance(cast), holds(cast)) == (0, [])
    ended = AuditEntry.objects.of(cast.organisation).filter(action__startswith="hold.")
    assert list(ended.order_by("number").values_list("action", flat=True)) == [
        "hold.start",
        "hold.lift",
    ]


def test_an_account_that_was_learned_makes_the_next_payment_sure(cast: Cast) -> None:
    make.customer(cast, "C1", name="Ann Jansen")
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "x", name="A. Jansen", account=ANN)))
    actions.book_proposal(cast.actor(), number=only(cast).pk, nth=0)
    make.invoice(cast, "F1002", amount="61")
    take(cast, file(line("61", "y", account=ANN, day="2026-03-10"), number="2", opening="1060"))
    assert balance(cast, "F1002") == 0


def test_what_was_learned_later_books_what_waited(cast: Cast) -> None:
    """In whatever order the files come, the books are the same."""
    make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="61")
    take(cast, file(line("61", "?", account=ANN, day="2026-03-10"), number="2", opening="1060"))
    assert states(cast) == [(61, "waiting")]
    take(cast, file(line("60", "F1001", account=ANN)))
    actions.look_at_lines(cast.actor())
    assert {state for _, state in states(cast)} == {"booked"}
    assert (balance(cast), balance(cast, "F1002")) == (0, 0)


def test_two_who_owe_the_same_are_both_left_in_peace_until_somebody_says(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="60", customer="C2")
    take(cast, file(line("60", "rent")))
    assert (only(cast).basis, holds(cast)) == ("AMBIGUOUS", ["C1", "C2"])
    actions.book_proposal(cast.actor(), number=only(cast).pk, nth=1)
    assert (holds(cast), balance(cast), balance(cast, "F1002")) == ([], 60, 0)


def test_money_of_a_usual_amount_silences_no_whole_portfolio(cast: Cast) -> None:
    for number in range(12):
        make.invoice(cast, f"F{number}", amount="60", customer=f"C{number}")
    take(cast, file(line("60", "rent")))
    assert (only(cast).state, holds(cast)) == ("waiting", [])


def test_a_mistyped_reference_is_never_guessed(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "F1001", reference="RF19539007547034")))
    assert (only(cast).state, only(cast).basis) == ("waiting", "BAD_CHECKSUM")


def test_a_reference_of_a_paid_invoice_proposes_credit_and_holds_its_customer(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="45")
    reference = references.reference_for(cast.organisation, invoice.customer, [invoice])
    make.payment(cast, "P1", amount="60", invoice="F1001")
    take(cast, file(line("60", reference=reference)))
    [proposal] = only(cast).proposals
    assert (proposal["evidence"], proposal["left"]) == (["NOTHING_OPEN"], "60.0000")
    assert holds(cast) == ["C1"]
    actions.book_proposal(cast.actor(), number=only(cast).pk, nth=0)
    credit = Payment.objects.of(cast.organisation).get(key__startswith="bank:")
    assert (credit.amount - credit.allocated, credit.customer.key) == (60, "C1")


def test_who_pays_early_keeps_the_discount(cast: Cast) -> None:
    told = {"discount_percent": 2, "discount_until": "2026-03-09"}
    make.invoice(cast, "F1001", amount="100", attributes=told)
    take(cast, file(line("98", "F1001")))
    posting = Posting.objects.of(cast.organisation).get()
    assert (only(cast).state, balance(cast)) == ("booked", 0)
    assert list(posting.discounts) == ["F1001"]
    actions.undo_line(cast.actor(), number=only(cast).pk)
    assert balance(cast) == 100


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "1e40", "Infinity", "two"])
def test_a_discount_that_is_no_amount_is_none(cast: Cast, amount: str) -> None:
    told = {"discount_amount": amount, "discount_until": "2026-03-09"}
    make.invoice(cast, "F1001", amount="100", attributes=told)
    take(cast, file(line("100", "F1001")))
    assert (only(cast).state, balance(cast)) == ("booked", 0)


def test_credit_that_the_payer_took_off_is_used(cast: Cast) -> None:
    make.invoice(cast, "F1000", amount="20")
    make.payment(cast, "P1", amount="20", invoice="F1000")
    make.invoice(cast, "F1001", amount="60")
    ledger.credit_invoice(cast.actor(), invoice_key="F1000", amount=Decimal(20))
    assert Payment.objects.of(cast.organisation).get(key="P1").allocated == 0
    take(cast, file(line("40", "F1001 min creditnota")))
    assert (only(cast).state, balance(cast)) == ("booked", 0)


def test_the_same_file_is_refused_and_nothing_is_booked_twice(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    content = file(line("30", "F1001", reference=""))
    take(cast, content)
    before = states(cast)
    with pytest.raises(Refused, match="taken in already"):
        take(cast, content, "other name.xml")
    assert states(cast) == before


def test_a_line_that_another_file_tells_again_is_known(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    one = line("30", "F1001 a", bank_reference="A1")
    two = line("12", "nobody", bank_reference="A2", day="2026-03-10")
    take(cast, file(one))
    again = take(cast, file(one, two, number="2"))
    assert (again.lines, again.known) == (2, 1)
    assert len(states(cast)) == 2
    first = Line.objects.of(cast.organisation).get(bank_reference="A1")
    assert Statement.objects.of(cast.organisation).get(file=again).known_lines == [first.pk]


def test_alike_payments_on_statements_that_follow_each_other_are_two(cast: Cast) -> None:
    morning = statement([line("5", "coffee")], number="1a")
    evening = statement([line("5", "coffee")], number="1b", opening="1005.00")
    take(cast, camt(morning, evening))
    assert [amount for amount, _ in states(cast)] == [5, 5]


def test_a_batch_is_told_in_its_payments_later_and_booked_once(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="40", customer="C2")
    head = (
        '<Ntry><Amt Ccy="EUR">100</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        "<BookgDt><Dt>2026-03-09</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef><NtryDtls>"
    )
    parts = "".join(
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>'
        for amount, text in (("60", "F1001"), ("40", "F1002"))
    )
    whole = f"{head}<Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls></Ntry>"
    told = f"{head}{parts}</NtryDtls></Ntry>"
    take(cast, file(whole))
    assert (only(cast).state, only(cast).basis) == ("waiting", "BATCH")
    note = (
        f"<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Id>9</Id><Acct><Id><IBAN>{bankfile.IBAN}"
        f"</IBAN></Id></Acct>{told}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
    assert take(cast, note.encode()).format == "CAMT.054"
    assert states(cast) == [(60, "booked"), (40, "booked")]
    again = take(cast, file(whole, number="2"))
    assert (again.lines, again.known, len(states(cast))) == (1, 1, 2)


def test_pending_entries_are_not_booked_and_said(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    taken = take(cast, file(line("60", "F1001", status="PDNG")))
    assert (states(cast), balance(cast)) == ([], 60)
    assert taken.remarks == [{"code": "pending", "count": 1, "number": "1"}]


def test_a_gap_between_statements_is_said(cast: Cast) -> None:
    take(cast, file(line("5", "a", day="2026-03-02"), day="2026-03-02", number="1"))
    taken = take(
        cast, file(line("5", "b", day="2026-03-04"), day="2026-03-04", number="3", opening="1015")
    )
    assert [(r["code"], r["amount"]) for r in taken.remarks] == [("gap", "10.0000")]


def test_each_currency_has_its_own_books(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60", currency="USD")
    take(cast, file(line("60", "F1001")))
    assert (only(cast).state, balance(cast)) == ("waiting", 60)
    take(cast, file(line("60", "F1001", currency="USD"), currency="USD"))
    assert balance(cast) == 0


REFUSED = [
    (b"", "is empty"),
    (b"<Document/>", "holds no bank statement"),
    (b"date;amount\n", "CAMT.053"),
    (b"PK\x03\x04nothing", "Unpack it"),
    (file(line("5"), iban="NL20INGB0001234567"), "none of yours"),
    (file(line("5", currency="GBP"), currency="GBP"), "not known here in GBP"),
    (file(line("5"), closing="1004.00"), "does not add up"),
    (file(line("5")).replace(b">5<", b">five<"), "entry 1: 'five' is no amount"),
    (b":20:A\n:25:NL91ABNA0417164300\n:60F:C260301EUR1.0,0\n", "line 3: .* is no balance"),
]


@pytest.mark.parametrize(("content", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_what_cannot_be_taken_in_is_refused_with_its_remedy_and_changes_nothing(
    cast: Cast, content: bytes, why: str
) -> None:
    count = AuditEntry.across.count()
    with pytest.raises(TenorError, match=why):
        actions.take_upload(cast.actor(), files=[("bank.xml", content)])
    assert not BankFile.objects.of(cast.organisation).exists()
    assert AuditEntry.across.count() == count


def test_of_several_files_all_are_taken_in_or_none(cast: Cast) -> None:
    good, bad = file(line("5", "a")), file(line("5", "b"), closing="1.00")
    with pytest.raises(Invalid, match="does not add up"):
        actions.take_upload(cast.actor(), files=[("a.xml", good), ("b.xml", bad)])
    assert not Line.objects.of(cast.organisation).exists()
    taken = actions.take_upload(
        cast.actor(), files=[("a.xml", good), ("b.xml", bad)], accept_difference=True
    )
    assert [one.name for one in taken] == ["a.xml", "b.xml"]
    assert taken[1].remarks[0] == {
        "code": "difference",
        "number": "1",
        "amount": "1004.00",
        "currency": "EUR",
    }


def test_only_who_handles_money_takes_files_in(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.take_file(cast.actor("agent"), content=file(line("5")), name="bank.xml")


def test_an_undone_line_waits_and_is_not_booked_by_itself_again(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "F1001")))
    number = only(cast).pk
    actions.undo_line(cast.actor(), number=number, reason="another's")
    assert (only(cast).state, balance(cast), holds(cast)) == ("waiting", 60, ["C1"])
    actions.look_at_lines(cast.actor())
    assert only(cast).state == "waiting"
    actions.book_proposal(cast.actor(), number=number, nth=0)
    assert (balance(cast), holds(cast)) == (0, [])
    assert Payment.objects.of(cast.organisation).filter(reversed_at=None).count() == 1


def test_a_line_is_split_over_two_customers_to_the_cent(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="40", customer="C2")
    take(cast, file(line("70", "both")))
    parts = [
        actions.Part("C1", Decimal("45.01"), {"F1001": Decimal("45.01")}),
        actions.Part("C2", Decimal("24.98"), {"F1002": Decimal("24.98")}),
    ]
    with pytest.raises(Invalid, match=r"make 69.99, the payment is 70.00"):
        actions.book_line(cast.actor(), number=only(cast).pk, parts=parts)
    parts[1] = actions.Part("C2", Decimal("24.99"), {"F1002": Decimal("24.99")})
    actions.book_line(cast.actor(), number=only(cast).pk, parts=parts)
    assert (balance(cast), balance(cast, "F1002")) == (Decimal("14.99"), Decimal("15.01"))
    postings = Posting.objects.of(cast.organisation)
    assert sum(posting.amount for posting in postings) == only(cast).amount
    with pytest.raises(Refused, match="quicker"):
        actions.book_line(cast.actor(), number=only(cast).pk, parts=parts)


def test_what_is_not_ours_is_set_aside_with_a_reason_and_comes_back(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "?")))
    number = only(cast).pk
    with pytest.raises(Invalid, match="few words"):
        actions.set_line_aside(cast.actor(), number=number, aside_as="other")
    actions.set_line_aside(cast.actor(), number=number, aside_as="not_ours")
    assert (only(cast).state, holds(cast)) == ("aside", [])
    actions.undo_line(cast.actor(), number=number)
    assert (only(cast).state, holds(cast)) == ("waiting", ["C1"])


def test_money_that_went_out_needs_nobody(cast: Cast) -> None:
    take(cast, file(line("-25", "rent"), line("0", "note")))
    assert states(cast) == [(-25, "passed"), (0, "passed")]


def test_a_returned_debit_opens_the_invoice_again_with_its_reason(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "F1001", end_to_end="E-1", account=BOB, mandate="M1")))
    assert balance(cast) == 0
    back = line("-60", "terug", end_to_end="E-1", reason="AM04", day="2026-03-10", account=BOB)
    take(cast, file(back, number="2", opening="1060"))
    returned = Line.objects.of(cast.organisation).get(is_credit=False)
    assert (returned.state, balance(cast)) == ("returned", 60)
    payment = Payment.objects.of(cast.organisation).get()
    assert payment.reversed_because == "AM04"
    take(cast, file(back, line("1", "x"), number="3", opening="1060"))
    assert Payment.objects.of(cast.organisation).count() == 1


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AM04", "Collecting again later may work"),
        ("AC04", "ask for another one"),
        ("MD06", "agree on another way of paying"),
        ("MS03", "ask the customer before collecting again"),
    ],
)
def test_a_returned_debit_is_a_case_with_the_advice_of_its_reason(
    cast: Cast, manager: Client, code: str, advice: str
) -> None:
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "F1001", end_to_end="E-1", account=BOB)))
    back = line("-60", "terug", end_to_end="E-1", reason=code, day="2026-03-10", account=BOB)
    take(cast, file(back, number="2", opening="1060"))

    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.customer.key, task.state) == ("obstacle", "C1", "open")
    assert (task.facts["code"], task.facts["invoice_keys"]) == (code, ["F1001"])
    page = " ".join(manager.get(f"/o/delta/worklist/{task.pk}/").content.decode().split())
    assert advice in page
    assert "€60.00 was taken back by their bank" in page
    assert "A payment was taken back" in manager.get("/o/delta/worklist/").content.decode()


def test_a_return_of_which_nobody_knows_the_payment_waits(cast: Cast) -> None:
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "F1001", account=ANN), line("-60", reason="MS03", account=ANN)))
    returned = Line.objects.of(cast.organisation).get(is_credit=False)
    assert (returned.state, balance(cast)) == ("waiting", 0)
    [proposal] = returned.proposals
    actions.book_proposal(cast.actor(), number=returned.pk, nth=0)
    assert (balance(cast), proposal["customers"]) == (60, ["C1"])


def test_a_proposal_that_the_books_have_overtaken_is_refused_and_made_anew(cast: Cast) -> None:
    make.customer(cast, "C1", name="Ann Jansen")
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "?", name="A. Jansen")))
    make.payment(cast, "P1", amount="25", invoice="F1001")
    with pytest.raises(Refused, match=r"only 35.00 EUR is open now"):
        actions.book_proposal(cast.actor(), number=only(cast).pk, nth=0)
    assert only(cast).proposals[0]["shares"] == [["F1001", "35.0000", "C1"]]
    actions.book_proposal(cast.actor(), number=only(cast).pk, nth=0)
    assert (balance(cast), only(cast).state) == (0, "booked")


def test_the_hold_of_waiting_money_stops_every_demand(cast: Cast) -> None:
    make.customer(cast, "C1", name="Ann Jansen")
    make.invoice(cast, "F1001", amount="60")
    take(cast, file(line("60", "?", name="A. Jansen")))
    hold = Hold.objects.of(cast.organisation).get()
    pack = holding.packs_of(cast.organisation)("NL")
    meaning = holding.meaning_of(hold.reason, pack=pack, day=NOW.date())
    assert (meaning.stops_reminders, meaning.covers_all, hold.ends_at) == (True, False, None)
    assert hold.invoice is None


def test_somebody_of_another_organisation_sees_no_line_and_an_agent_may_not(
    cast: Cast, stranger: Client
) -> None:
    take(cast, file(line("60", "?")))
    number = only(cast).pk
    for place in ("", f"lines/{number}/", "statements/", "files/1/"):
        assert stranger.get(f"/o/delta/bank/{place}").status_code == 404
    assert stranger.get(f"/o/omega/bank/lines/{number}/").status_code == 404
    with pytest.raises(NotFound):
        actions.set_line_aside(system(cast.other), number=number, aside_as="not_ours")
    with pytest.raises(Forbidden):
        actions.book_proposal(cast.actor("agent"), number=number, nth=0)
    assert only(cast).state == "waiting"


def test_a_zip_that_was_spoilt_on_its_way_is_refused_in_words(cast: Cast) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", bytes(range(256)) * 40)
    spoilt = bytearray(packed.getvalue())
    spoilt[35] = 0xFF  # the first byte of what was packed: a kind of block that there is not
    with pytest.raises(Invalid, match="cannot be opened"):
        actions.take_upload(cast.actor(), files=[("march.zip", bytes(spoilt))])
