"""A step waits for the letter that must come before it: sent in time, as it must be, term over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tenor.engine.law.case import Actor, Case, Claim, Contact, Debtor, Hold, Notice
from tenor.engine.law.holds import paused_days
from tenor.engine.law.letters.letters import fee_of, wording
from tenor.engine.law.letters.notices import (
    costs_allowed_from,
    interest_from,
    required_before,
    sent_in_time,
    term_of,
)
from tenor.engine.law.library import pack_of
from tenor.engine.law.pack import Binding

ESSENTIAL = frozenset({"principal", "term", "fee_amount", "consequence"})
# 15% of 820.
LETTER = Notice(
    "fourteen_day",
    date(2026, 9, 7),
    "letter",
    received_on=date(2026, 9, 9),
    contains=ESSENTIAL,
    costs=Decimal("123.00"),
)
CLAIM = Claim("A-1", Decimal("820.00"), "EUR", due_on=date(2026, 8, 1))


def a_case(
    at: str, *notices: Notice, jurisdiction: str = "NL", claims: tuple[Claim, ...] = (CLAIM,)
) -> Case:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    zones = ("Europe/Amsterdam",)
    pack = pack_of(jurisdiction)
    return Case(moment, pack, zones, Debtor.CONSUMER, claims=claims, notices=notices)


def codes(case: Case, claim: Claim = CLAIM) -> list[str]:
    return [reason.code for reason in costs_allowed_from(case, claim).reasons]


def test_a_dutch_letter_gives_fourteen_days_from_the_day_after_receipt() -> None:
    term = term_of(pack_of("NL"), LETTER)
    assert term is not None
    assert (term.received_on, term.presumed) == (date(2026, 9, 9), False)
    assert (term.first_day, term.last_day) == (date(2026, 9, 10), date(2026, 9, 23))
    assert term.from_day == term.safe_from_day == date(2026, 9, 24)


def test_a_dutch_last_day_on_a_weekend_is_moved_by_our_default_not_by_law() -> None:
    term = term_of(pack_of("NL"), replace(LETTER, received_on=date(2026, 9, 12)))
    assert term is not None
    assert (term.last_day, term.from_day) == (date(2026, 9, 26), date(2026, 9, 27))
    assert (term.safe_last_day, term.safe_from_day) == (date(2026, 9, 28), date(2026, 9, 29))
    (reason,) = costs_allowed_from(
        a_case("2026-09-27T12:00", replace(LETTER, received_on=date(2026, 9, 12))), CLAIM
    ).reasons
    assert reason.code == "NOTICE_RUNNING"


def test_costs_open_at_local_midnight_after_the_last_day() -> None:
    before = costs_allowed_from(a_case("2026-09-23T21:59", LETTER), CLAIM)
    assert not before.allowed
    assert before.changes_at == datetime(2026, 9, 23, 22, tzinfo=UTC)
    assert before.todo == ("Wait until 2026-09-24.",)
    after = costs_allowed_from(a_case("2026-09-23T22:00", LETTER), CLAIM)
    assert after.allowed
    assert after.changes_at is None
    assert [reason.code for reason in after.reasons] == ["NOTICE_DONE"]


def test_without_a_letter_nothing_may_be_charged_and_the_answer_says_what_to_send() -> None:
    ruling = costs_allowed_from(a_case("2026-10-30T12:00"), CLAIM)
    assert not ruling.allowed
    assert ruling.changes_at is None
    assert ruling.todo == ("Send the fourteen day letter.",)
    (reason,) = ruling.reasons
    assert (reason.code, reason.rule) == ("NOTICE_MISSING", "NL:notices.fourteen_day")


@pytest.mark.parametrize(
    ("notice", "code"),
    [
        (replace(LETTER, sent_on=date(2026, 8, 1)), "NOTICE_TOO_EARLY"),
        (replace(LETTER, received_on=None, bounced=True), "NOTICE_NOT_RECEIVED"),
        (replace(LETTER, contains=ESSENTIAL - {"consequence"}), "NOTICE_INCOMPLETE"),
        (replace(LETTER, costs=None), "NOTICE_WITHOUT_FEE"),
        (replace(LETTER, costs=Decimal("123.01")), "NOTICE_FEE_WRONG"),
        (replace(LETTER, costs=Decimal("122.99")), "NOTICE_FEE_WRONG"),
        (replace(LETTER, invoices=frozenset({"A-9"})), "NOTICE_MISSING"),
        (replace(LETTER, sent_on=date(2026, 11, 1), received_on=None), "NOTICE_MISSING"),
    ],
)
def test_a_letter_that_is_not_as_it_must_be_opens_nothing(notice: Notice, code: str) -> None:
    case = a_case("2026-10-30T12:00", notice)
    assert codes(case) == [code]
    assert not costs_allowed_from(case, CLAIM).allowed


def test_a_void_letter_does_not_spoil_a_good_one() -> None:
    void = replace(LETTER, sent_on=date(2026, 9, 20), received_on=None, costs=Decimal(40))
    assert costs_allowed_from(a_case("2026-10-30T12:00", LETTER, void), CLAIM).allowed


def test_the_fee_of_a_letter_is_that_of_all_its_invoices_together() -> None:
    other = Claim("A-2", Decimal("2000.00"), "EUR", due_on=date(2026, 8, 1))
    both = replace(LETTER, invoices=frozenset({"A-1", "A-2"}))
    case = a_case("2026-10-30T12:00", both, claims=(CLAIM, other))
    # 15% of 2,500 and 10% of 320.
    assert fee_of(case, (CLAIM, other), both) == Decimal("407.00")
    assert codes(case) == ["NOTICE_FEE_WRONG"]
    right = replace(both, costs=Decimal("407.00"))
    assert costs_allowed_from(replace(case, notices=(right,)), other).allowed


def test_the_fee_follows_what_was_open_when_the_letter_went_out() -> None:
    claim = replace(CLAIM, paid=((date(2026, 9, 1), Decimal("420.00")),))
    case = a_case("2026-10-30T12:00", LETTER, claims=(claim,))
    assert codes(case, claim) == ["NOTICE_FEE_WRONG"]
    assert fee_of(case, (claim,), LETTER) == Decimal("60.00")


def test_vat_is_in_the_fee_only_where_it_cannot_be_deducted_and_the_letter_says_so() -> None:
    case = replace(a_case("2026-10-30T12:00", LETTER), deducts_vat=False)
    assert fee_of(case, (CLAIM,), LETTER) == Decimal("123.00")
    noted = replace(LETTER, contains=ESSENTIAL | {"vat_note"})
    assert fee_of(case, (CLAIM,), noted) == Decimal("148.83")


def test_who_paid_in_time_owes_no_costs() -> None:
    in_time = replace(CLAIM, paid=((date(2026, 9, 23), Decimal("820.00")),))
    case = a_case("2026-10-30T12:00", LETTER, claims=(in_time,))
    assert codes(case, in_time)[0] == "PAID_IN_TERM"
    late = replace(CLAIM, paid=((date(2026, 9, 24), Decimal("820.00")),))
    assert costs_allowed_from(a_case("2026-10-30T12:00", LETTER, claims=(late,)), late).allowed


def test_a_hold_stops_costs_that_the_letter_allows() -> None:
    case = replace(
        a_case("2026-10-30T12:00", LETTER), holds=(Hold("VULNERABLE", date(2026, 10, 1)),)
    )
    ruling = costs_allowed_from(case, CLAIM)
    assert not ruling.allowed
    assert [reason.code for reason in ruling.reasons] == ["VULNERABLE"]


def test_a_term_stands_still_while_a_dispute_over_the_invoice_is_open() -> None:
    # Three of the fourteen days, 10 to 23 September, were spent on a dispute.
    dispute = Hold("DISPUTE", date(2026, 9, 14), date(2026, 9, 16), invoice="A-1")
    after = replace(a_case("2026-09-24T12:00", LETTER), holds=(dispute,))
    ruling = costs_allowed_from(after, CLAIM)
    assert not ruling.allowed
    assert ruling.changes_at == datetime(2026, 9, 26, 22, tzinfo=UTC)
    assert costs_allowed_from(replace(after, at=ruling.changes_at), CLAIM).allowed
    elsewhere = replace(after, holds=(replace(dispute, invoice="A-2"),))
    assert costs_allowed_from(elsewhere, CLAIM).allowed
    later = replace(after, holds=(Hold("DISPUTE", date(2026, 9, 24), date(2026, 9, 24)),))
    at = later.at + timedelta(days=1)
    assert costs_allowed_from(replace(later, at=at), CLAIM).allowed


def test_what_stands_still_twice_counts_once() -> None:
    one = Hold("DISPUTE", date(2026, 9, 22), date(2026, 9, 25))
    other = Hold("DECEASED", date(2026, 9, 23), date(2026, 9, 26))
    case = replace(a_case("2026-10-30T12:00", LETTER), holds=(one, other))
    # 22 and 23 lie in the term, 24 to 26 in what it was lengthened by.
    assert paused_days(case, CLAIM, date(2026, 9, 10), date(2026, 9, 23)) == 2
    at = datetime(2026, 9, 28, 12, tzinfo=UTC)
    assert not costs_allowed_from(replace(case, at=at), CLAIM).allowed
    assert costs_allowed_from(replace(case, at=at + timedelta(days=1)), CLAIM).allowed


def test_a_debtor_of_unknown_kind_gets_the_letter_and_a_business_needs_none() -> None:
    case = a_case("2026-10-30T12:00")
    assert not costs_allowed_from(replace(case, debtor=None), CLAIM).allowed
    assert costs_allowed_from(replace(case, debtor=Debtor.BUSINESS), CLAIM).allowed


def a_belgian_reminder(**more: object) -> Notice:
    needed = "principal fee_amount creditor creditor_number ground due_date term"
    contains = frozenset(needed.split())
    notice = Notice("first_reminder", date(2026, 9, 10), "letter", contains=contains)
    return replace(notice, **more)  # type: ignore[arg-type]


def test_a_belgian_first_reminder_waits_fourteen_days_from_the_third_working_day() -> None:
    term = term_of(pack_of("BE"), a_belgian_reminder())
    assert term is not None
    assert (term.first_day, term.last_day) == (date(2026, 9, 14), date(2026, 9, 27))
    assert (term.from_day, term.safe_from_day) == (date(2026, 9, 28), date(2026, 9, 29))
    case = a_case("2026-09-29T12:00", a_belgian_reminder(), jurisdiction="BE")
    assert required_before(case, "charge.interest", CLAIM).allowed
    assert costs_allowed_from(case, CLAIM).allowed
    bare = replace(case, notices=(a_belgian_reminder(contains=frozenset({"principal"})),))
    assert codes(bare) == ["NOTICE_INCOMPLETE"]


def test_belgian_interest_of_a_small_creditor_runs_from_the_day_after_sending() -> None:
    pack, notice = pack_of("BE"), a_belgian_reminder(channel="email")
    assert interest_from(pack, notice, small=True) == date(2026, 9, 11)
    assert interest_from(pack, notice, small=False) == date(2026, 9, 25)


def test_a_german_last_day_on_a_weekend_is_moved_by_law() -> None:
    notice = Notice("final_notice", date(2026, 9, 1), "letter", received_on=date(2026, 9, 5))
    term = term_of(pack_of("DE"), notice)
    assert term is not None
    # The fourteenth day would be Saturday 19 September.
    assert term.last_day == term.safe_last_day == date(2026, 9, 21)


def test_a_german_reminder_makes_the_default_where_no_date_was_set() -> None:
    undated = replace(CLAIM, due_on=None)
    case = a_case("2026-09-12T12:00", jurisdiction="DE", claims=(undated,))
    assert codes(case, undated) == ["NOTICE_MISSING"]
    assert costs_allowed_from(case, CLAIM).allowed
    sent = Notice("default_reminder", date(2026, 9, 10), "letter", received_on=date(2026, 9, 11))
    assert costs_allowed_from(replace(case, notices=(sent,)), undated).allowed
    # A business is in default thirty days after the invoice, without any reminder.
    billed = replace(undated, received_on=date(2026, 8, 3))
    trade = replace(case, debtor=Debtor.BUSINESS, claims=(billed,))
    assert costs_allowed_from(trade, billed).allowed
    assert not costs_allowed_from(replace(trade, debtor=Debtor.CONSUMER), billed).allowed
    same_day = replace(case, at=datetime(2026, 9, 11, 12, tzinfo=UTC), notices=(sent,))
    assert not costs_allowed_from(same_day, undated).allowed


def test_an_american_notice_ends_thirty_days_after_assumed_receipt() -> None:
    term = term_of(pack_of("US"), Notice("validation", date(2026, 9, 4), "letter"))
    assert term is not None
    # Labor Day falls on 7 September.
    assert (term.received_on, term.last_day) == (date(2026, 9, 14), date(2026, 10, 14))


def test_an_american_agency_may_ask_for_five_days_before_its_notice_is_out() -> None:
    first = Contact(datetime(2026, 9, 1, 15, tzinfo=UTC), "call")
    case = replace(
        a_case("2026-09-06T15:00", jurisdiction="US"),
        actor=Actor.AGENCY,
        zones=("America/New_York",),
        contacts=(first,),
    )
    ruling = required_before(case, "demand", CLAIM)
    assert ruling.allowed
    assert ruling.todo == ("Send the validation letter by 2026-09-06.",)
    late = replace(case, at=case.at + timedelta(days=1))
    assert not required_before(late, "demand", CLAIM).allowed
    sent = Notice("validation", date(2026, 9, 6), "letter")
    assert required_before(replace(late, notices=(sent,)), "demand", CLAIM).allowed
    own = replace(late, actor=Actor.CREDITOR)
    assert required_before(own, "demand", CLAIM).allowed


@pytest.mark.parametrize(("sent", "in_time"), [("2026-09-06", True), ("2026-09-07", False)])
def test_a_notice_is_in_time_up_to_five_days_after_the_first_contact(
    sent: str, in_time: bool
) -> None:
    found = sent_in_time(
        pack_of("US"),
        "validation",
        first_contact=date(2026, 9, 1),
        sent_on=date.fromisoformat(sent),
    )
    assert found is in_time


def test_nothing_is_handed_over_without_a_reminder_and_a_last_letter() -> None:
    case = a_case("2026-10-30T12:00", jurisdiction="DE")
    ruling = required_before(case, "hand_over", CLAIM)
    assert not ruling.allowed
    assert {reason.rule for reason in ruling.reasons} == {
        "none:notices.final_notice",
        "none:notices.reminder",
    }
    assert {reason.binding for reason in ruling.reasons} == {Binding.POLICY}
    dutch = a_case("2026-10-30T12:00", LETTER)
    assert required_before(dutch, "hand_over", CLAIM).allowed


def test_an_english_letter_of_claim_gives_thirty_days_before_a_suit() -> None:
    contains = frozenset(
        ["creditor", "ground", "principal", "how_to_pay", "reply_form", "debt_help"]
    )
    letter = Notice("letter_of_claim", date(2026, 9, 1), "letter", contains=contains)
    case = a_case("2026-09-30T12:00", letter, jurisdiction="UK-EW")
    case = replace(case, zones=("Europe/London",))
    ruling = required_before(case, "court", CLAIM)
    assert not ruling.allowed
    assert ruling.changes_at == datetime(2026, 10, 1, 23, tzinfo=UTC)
    assert required_before(replace(case, at=ruling.changes_at), "court", CLAIM).allowed


@pytest.mark.parametrize(
    ("text", "acceptable"),
    [
        ("binnen 14 dagen vanaf de dag na ontvangst van deze brief", True),
        ("binnen vijftien dagen nadat deze brief bij u is bezorgd", True),
        ("u heeft na ontvangst van deze e-mail 14 dagen om te betalen", True),
        ("within fourteen days from the day after you received this reminder", True),
        ("within two weeks after delivery of this letter", True),
        ("within 30 days after this letter reached you", True),
        ("binnen 14 dagen na heden", False),
        ("binnen 14 dagen na dagtekening van deze brief", False),
        ("binnen 14 dagen na verzending van deze brief", False),
        ("binnen 14 dagen na deze aanmaning", False),
        ("uiterlijk 20 november 2026", False),
        ("vóór vrijdag 20 november 2026", False),
        ("binnen 14 dagen vanaf de dag van ontvangst", False),
        ("binnen 13 dagen na ontvangst", False),
        ("binnen 14 dagen", False),
        ("within 14 days after the date of this letter", False),
        ("within 14 days of the letter's date", False),
        ("within 14 days after we sent this letter, received or not", False),
        ("within 14 days after receipt, at the latest on 20 November 2026", False),
        ("by November 20, 2026", False),
        ("within 10 days after receipt", False),
        ("as soon as possible", False),
        ("", False),
    ],
)
def test_a_term_must_be_counted_from_receipt(text: str, acceptable: bool) -> None:
    found = wording(pack_of("NL"), "fourteen_day", text, date(2026, 11, 21))
    assert found.acceptable is acceptable, found.reason.text


def test_costs_never_open_earlier_for_a_letter_received_later() -> None:
    pack = pack_of("NL")
    opens = []
    for n in range(120):
        shown = date(2026, 9, 7) + timedelta(days=n)
        term = term_of(pack, replace(LETTER, received_on=shown))
        assert term is not None
        assert term.safe_from_day >= term.from_day == shown + timedelta(days=15)
        opens.append(term.safe_from_day)
    assert opens == sorted(opens)
