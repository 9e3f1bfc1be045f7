"""Nothing leaves the house before the list of its pack is met and a person has signed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tenor.engine.law.case import Case, Claim, Debtor, Hold, Notice
from tenor.engine.law.escalation import (
    Item,
    checklist,
    gate,
    only_the_signature_is_missing,
)
from tenor.engine.law.library import pack_of, shipped

CLAIM = Claim("A-1", Decimal("820.00"), "EUR", due_on=date(2026, 8, 1), kind="services_contract")
LETTER = Notice(
    "fourteen_day",
    date(2026, 9, 7),
    "letter",
    received_on=date(2026, 9, 9),
    evidence="signed for by the addressee",
    contains=frozenset({"principal", "term", "fee_amount", "consequence"}),
    costs=Decimal("123.00"),
)
READY = Case(
    datetime(2026, 11, 20, 11, tzinfo=UTC),
    pack_of("NL"),
    ("Europe/Amsterdam",),
    Debtor.CONSUMER,
    claims=(CLAIM,),
    notices=(LETTER,),
    registered=True,
    mandate=True,
)


def unmet(case: Case, target: str = "agency") -> set[str]:
    return {c.code for claim in case.claims for c in checklist(case, claim, target) if not c.met}


def with_claim(**more: object) -> Case:
    return replace(READY, claims=(replace(CLAIM, **more),))  # type: ignore[arg-type]


def test_where_all_is_met_a_signature_is_the_one_thing_left() -> None:
    ruling = gate(READY, READY.claims, "agency")
    assert not ruling.allowed
    assert ruling.step == "hand_over"
    assert only_the_signature_is_missing(ruling)
    assert ruling.todo == ("A person has to sign.",)
    assert ruling.changes_at is None


def test_with_the_signature_it_may_go_and_the_ruling_rests_on_every_item() -> None:
    signed = replace(READY, signed_by="A. de Vries, credit manager")
    ruling = gate(signed, signed.claims, "agency")
    assert ruling.allowed
    assert {reason.code for reason in ruling.reasons} == {
        "OVERDUE", "AMOUNT", "UNDISPUTED", "NO_HOLD", "LETTERS", "COSTS", "IN_TIME", "COLLECTOR",
        "SIGNATURE",
    }  # fmt: skip
    assert not only_the_signature_is_missing(ruling)


def test_a_signature_alone_opens_nothing() -> None:
    signed = replace(READY, signed_by="A. de Vries", notices=())
    ruling = gate(signed, signed.claims, "agency")
    assert not ruling.allowed
    assert {reason.code for reason in ruling.reasons} == {"LETTERS"}


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (with_claim(due_on=date(2026, 11, 10)), "OVERDUE"),
        (with_claim(due_on=None), "OVERDUE"),
        (with_claim(paid=((date(2026, 11, 1), Decimal("800.00")),)), "AMOUNT"),
        (with_claim(disputed=Decimal("10.00")), "UNDISPUTED"),
        (replace(READY, holds=(Hold("DISPUTE", date(2026, 11, 1)),)), "UNDISPUTED"),
        (replace(READY, holds=(Hold("VULNERABLE", date(2026, 11, 1)),)), "NO_HOLD"),
        (replace(READY, holds=(Hold("COMPLAINT", date(2026, 11, 1)),)), "NO_HOLD"),
        (replace(READY, notices=()), "LETTERS"),
        (replace(READY, notices=(replace(LETTER, costs=Decimal("99.00")),)), "LETTERS"),
        (with_claim(costs_charged=Decimal("123.01")), "COSTS"),
        (with_claim(kind="consumer_sale_price", due_on=date(2024, 8, 1)), "IN_TIME"),
        (replace(READY, registered=None), "COLLECTOR"),
        (replace(READY, registered=False), "COLLECTOR"),
    ],
)
def test_one_thing_that_is_not_met_keeps_the_gate_shut(case: Case, code: str) -> None:
    assert code in unmet(case)
    signed = replace(case, signed_by="A. de Vries")
    assert not gate(signed, signed.claims, "agency").allowed


def test_costs_up_to_what_may_be_charged_do_not_keep_it_shut() -> None:
    assert "COSTS" not in unmet(with_claim(costs_charged=Decimal("123.00")))


def test_a_hold_with_an_end_says_from_when_it_may_go() -> None:
    held = replace(READY, holds=(Hold("PROMISE", date(2026, 11, 18), date(2026, 11, 27)),))
    ruling = gate(held, held.claims, "agency")
    assert ruling.changes_at == datetime(2026, 11, 27, 23, tzinfo=UTC)
    with_a_complaint = replace(held, holds=(*held.holds, Hold("COMPLAINT", date(2026, 11, 18))))
    assert gate(with_a_complaint, held.claims, "agency").changes_at is None


def test_a_letter_still_running_says_from_when_it_may_go() -> None:
    early = replace(READY, at=datetime(2026, 9, 20, 11, tzinfo=UTC))
    ruling = gate(early, early.claims, "agency")
    assert ruling.changes_at == datetime(2026, 9, 23, 22, tzinfo=UTC)


def test_the_evidence_of_the_letter_is_on_the_list() -> None:
    (letters,) = [c for c in checklist(READY, CLAIM, "agency") if c.code == "LETTERS"]
    assert letters.met
    assert letters.evidence == (
        "fourteen day notice sent on 2026-09-07 by letter. "
        "Received on 2026-09-09, as shown (signed for by the addressee).",
    )


def test_court_needs_no_agency_and_a_larger_sum() -> None:
    small = with_claim(paid=((date(2026, 11, 1), Decimal("740.00")),))
    assert unmet(replace(small, registered=None), "court") == {"AMOUNT", "SIGNATURE"}
    assert "AMOUNT" not in unmet(small, "agency")


def test_one_of_several_claims_that_is_not_ready_keeps_all_back() -> None:
    fresh = Claim("A-2", Decimal("100.00"), "EUR", due_on=date(2026, 11, 15))
    both = replace(READY, claims=(CLAIM, fresh), signed_by="A. de Vries")
    assert gate(both, (CLAIM,), "agency").allowed
    assert not gate(both, both.claims, "agency").allowed


def test_no_claim_is_no_gate() -> None:
    ruling = gate(READY, (), "agency")
    assert not ruling.allowed
    assert ruling.todo


def test_in_the_kingdom_help_is_offered_first() -> None:
    british = replace(READY, pack=pack_of("UK"), zones=("Europe/London",))
    assert "HELP_OFFERED" in unmet(british)
    offered = replace(LETTER, kind="final_notice", contains=LETTER.contains | {"debt_help"})
    assert "HELP_OFFERED" not in unmet(replace(british, notices=(offered,)))


@pytest.mark.parametrize("jurisdiction", sorted(shipped()))
@pytest.mark.parametrize("target", ["agency", "court"])
def test_every_pack_asks_for_a_signature_last(jurisdiction: str, target: str) -> None:
    checks = checklist(replace(READY, pack=pack_of(jurisdiction)), CLAIM, target)
    assert checks[-1].code == "SIGNATURE"
    assert {"OVERDUE", "NO_HOLD", "LETTERS", "UNDISPUTED", "IN_TIME"} <= {c.code for c in checks}
    assert [c.code for c in checks] == sorted(
        (c.code for c in checks), key=[item.upper() for item in Item].index
    )
