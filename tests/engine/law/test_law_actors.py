"""Actors: who may collect, from whom, how plainly, and what binds them."""

from datetime import date

import pytest

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.actors import (
    Person,
    bound_by,
    may_approach,
    may_collect,
    may_report,
    readable,
    required_level,
)
from tenor.engine.law.library import pack_of
from tenor.engine.law.ruling import Ruling

ON = date(2026, 11, 20)


def collect(
    jurisdiction: str,
    actor: Actor = Actor.AGENCY,
    *,
    on: date = ON,
    debtor: Debtor | None = None,
    registered: bool | None = None,
    mandate: bool | None = None,
) -> Ruling:
    return may_collect(
        pack_of(jurisdiction),
        on,
        actor=actor,
        debtor=debtor,
        registered=registered,
        mandate=mandate,
    )


def codes(found: Ruling) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_a_dutch_agency_must_be_registered_once_the_transition_is_over() -> None:
    transition = collect("NL", on=date(2025, 3, 31), registered=False)
    assert (transition.allowed, codes(transition)) == (True, ["TRANSITION"])
    after = collect("NL", on=date(2025, 4, 1), registered=False)
    assert (after.allowed, codes(after)) == (False, ["NOT_IN_REGISTER"])
    assert after.todo == ("Have the collector entered in the register.",)
    assert collect("NL", registered=True).allowed


def test_what_is_not_said_is_not_taken_for_granted() -> None:
    assert not collect("NL").allowed
    assert not collect("BE").allowed
    assert not collect("FR").allowed


def test_a_bailiff_is_excused_from_the_register_and_keeps_the_other_rules() -> None:
    found = collect("NL", Actor.BAILIFF, registered=False)
    assert (found.allowed, codes(found)) == (
        True,
        ["EXEMPT_FROM_REGISTRATION_NOT_FROM_QUALITY_RULES"],
    )
    assert bound_by(pack_of("NL"), ON, actor=Actor.BAILIFF, debtor=Debtor.CONSUMER)


def test_a_creditor_needs_no_register_and_no_mandate_for_its_own_claims() -> None:
    for jurisdiction in ("none", "NL", "BE", "DE", "FR", "UK", "US"):
        assert collect(jurisdiction, Actor.CREDITOR).allowed


def test_claims_on_companies_are_outside_the_dutch_register() -> None:
    assert collect("NL", debtor=Debtor.BUSINESS).allowed
    assert not bound_by(pack_of("NL"), ON, actor=Actor.AGENCY, debtor=Debtor.BUSINESS)


def test_a_french_collector_holds_a_written_mandate() -> None:
    assert codes(collect("FR", mandate=False)) == ["NO_MANDATE"]
    assert collect("FR", mandate=True).allowed


def test_regulation_f_binds_collectors_and_in_california_creditors_too() -> None:
    def bound(jurisdiction: str, actor: Actor) -> bool:
        return bool(bound_by(pack_of(jurisdiction), ON, actor=actor, debtor=Debtor.CONSUMER))

    assert [bound("US", a) for a in (Actor.AGENCY, Actor.CREDITOR)] == [True, False]
    assert [bound("US-CA", a) for a in (Actor.AGENCY, Actor.CREDITOR)] == [True, True]


def test_texts_to_private_persons_are_at_most_b1() -> None:
    pack = pack_of("NL")
    asked = {"actor": Actor.AGENCY, "debtor": Debtor.CONSUMER}
    assert required_level(pack, ON, **asked) == "B1"
    fits = [readable(pack, ON, level=level, **asked).allowed for level in ("A2", "B1", "B2", "C1")]
    assert fits == [True, True, False, False]
    plain = readable(pack, ON, level="B2", **asked)
    assert [r.rule for r in plain.reasons] == [
        "NL:actors.language_of_collectors",
        "none:actors.language",
    ]
    assert required_level(pack, ON, actor=Actor.CREDITOR, debtor=None) == "B1"
    assert required_level(pack, ON, actor=Actor.CREDITOR, debtor=Debtor.BUSINESS) is None
    with pytest.raises(ValueError, match="D1"):
        readable(pack, ON, level="D1", **asked)


def test_nobody_but_the_debtor_is_approached() -> None:
    def approach(jurisdiction: str, person: Person, actor: Actor = Actor.AGENCY) -> Ruling:
        return may_approach(
            pack_of(jurisdiction), ON, person=person, actor=actor, debtor=Debtor.CONSUMER
        )

    neighbour = approach("BE", Person.OTHER, Actor.CREDITOR)
    assert (neighbour.allowed, codes(neighbour)) == (False, ["THIRD_PARTY_COLLECTION_FORBIDDEN"])
    assert codes(approach("US", Person.OTHER)) == ["THIRD_PARTY_DISCLOSURE"]
    assert approach("BE", Person.DEBTOR).allowed
    assert approach("BE", Person.REPRESENTATIVE).allowed


def test_a_debt_is_reported_only_after_the_person_was_reached() -> None:
    def report(**facts: object) -> bool:
        found = may_report(
            pack_of("US"),
            ON,
            actor=Actor.AGENCY,
            debtor=Debtor.CONSUMER,
            **facts,
        )
        return found.allowed

    assert not report()
    assert report(spoken=True)
    assert report(written_on=date(2026, 11, 6))
    assert not report(written_on=date(2026, 11, 7))
    assert not report(written_on=date(2026, 11, 1), returned=True)
