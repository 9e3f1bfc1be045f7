"""The facts of a case are read strictly, and every step is answered with its reasons."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Case, Debtor
from tenor.engine.law.facts import read_case, zones_in

NOON = "2026-11-18T12:00:00+01:00"  # a Wednesday


def case(jurisdiction: str = "NL", **facts: Any) -> Case:
    return read_case({"at": NOON, **facts}, jurisdiction)


def test_a_case_without_facts_protects_the_debtor() -> None:
    found = case()
    assert found.protected and found.debtor is None and found.actor is Actor.CREDITOR
    assert found.at == datetime(2026, 11, 18, 11, tzinfo=UTC)
    assert found.zones == ("Europe/Amsterdam",)
    assert (found.claims, found.notices, found.contacts, found.holds) == ((), (), (), ())
    assert (found.registered, found.mandate) == (None, None)


def test_the_facts_are_taken_as_they_were_written() -> None:
    found = case(
        debtor="business",
        opt_outs=["sms"],
        claims=[
            {
                "invoice": "F1", "principal": "820.00", "due_on": "2026-10-01", "recurring": True,
                "paid": [{"on": "2026-10-20", "amount": 20}],
            }
        ],
        notices=[{"kind": "fourteen_day", "sent_on": "2026-10-12", "costs": Decimal("123")}],
        contacts=[{"at": "2026-10-12T09:00:00Z", "channel": "call", "conversation": True}],
        holds=[{"code": "complaint", "since": "2026-10-14"}],
    )  # fmt: skip
    [claim], [notice], [contact], [hold] = (
        found.claims, found.notices, found.contacts, found.holds,
    )  # fmt: skip
    assert (found.debtor, found.opt_outs) == (Debtor.BUSINESS, {"sms"})
    assert (claim.principal, claim.currency, claim.recurring) == (Decimal(820), "EUR", True)
    assert claim.paid == ((date(2026, 10, 20), Decimal(20)),)
    assert (notice.channel, notice.received_on, notice.costs) == ("letter", None, Decimal(123))
    assert contact.conversation and contact.at == datetime(2026, 10, 12, 9, tzinfo=UTC)
    assert (hold.code, hold.until) == ("COMPLAINT", None)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"debter": "consumer"}, "the facts: 'debter' is not known here; did you mean 'debtor'?"),
        ({"debtor": "consumr"}, "the facts: 'debtor' is 'consumr'; did you mean 'consumer'?"),
        ({"claims": [{}, {"principle": 1}]}, "claims, number 2: 'principle' is not known here"),
        ({"claims": [{"invoice": "F1"}]}, "claims, number 1: 'principal' is missing"),
        ({"claims": [{"principal": 3.5}]}, 'write an exact sum such as "820.00"'),
        ({"claims": [{"principal": "-1"}]}, "write an exact sum of zero or more"),
        ({"claims": {"principal": 1}}, "'claims' must be a list"),
        ({"claims": ["F1"]}, "claims, number 1: this must be an object"),
        ({"claims": [{"principal": 1, "paid": [{"on": "2026-01-02"}]}]}, "'amount' is missing"),
        ({"holds": [{"code": "DISPUTE", "since": "2.1.2026"}]}, "is no date; write 2026-11-21"),
        ({"zones": ["Europe/Amsterdm"]}, "did you mean 'Europe/Amsterdam'?"),
        ({"zones": []}, "name at least one zone"),
        ({"at": "2026-11-18T12:00:00"}, "write a moment with its offset"),
        ({"mandate": "yes"}, "write true or false"),
        ({"opt_outs": "sms"}, 'write a list of texts such as ["email"]'),
    ],
)
def test_a_wrong_fact_is_refused_with_its_place_and_what_to_write(
    facts: dict[str, Any], said: str
) -> None:
    with pytest.raises(LawError) as refused:
        case(**facts)
    assert said in str(refused.value)


def test_a_jurisdiction_without_a_pack_names_those_there_are() -> None:
    with pytest.raises(LawError, match=r"no pack for 'XX'; there are .*NL"):
        case("XX")


def test_a_moment_is_needed_from_the_facts_or_the_caller() -> None:
    with pytest.raises(LawError, match="'at' is missing"):
        read_case({}, "NL")
    assert read_case({}, "NL", at=datetime(2026, 1, 5, tzinfo=UTC)).at.day == 5


def test_where_only_the_country_is_known_the_debtor_may_be_in_any_of_its_zones() -> None:
    winter = datetime(2026, 1, 15, tzinfo=UTC)
    assert case("UK").zones == ("Europe/London",)
    assert {"America/Los_Angeles", "America/New_York"} < set(zones_in("US", winter))
    # In winter Hawaii and the Aleutians keep the same time: one of the two stands for both.
    assert zones_in("US", winter)[0] in ("Pacific/Honolulu", "America/Adak")
    assert case("none").zones == ("UTC",)
