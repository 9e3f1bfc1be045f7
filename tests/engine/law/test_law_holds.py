"""A hold stops what its pack says, as far and as long as it says, and says why."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tenor.engine.law.case import Case, Claim, Hold
from tenor.engine.law.holds import (
    Step,
    effects,
    ends_on,
    help_offered,
    is_on,
    longest_until,
    may_lift,
    stops,
    told,
    undisputed,
)
from tenor.engine.law.library import pack_of, shipped

ON = date(2026, 11, 21)
FIRST = Claim("A-1", Decimal("300.00"), "EUR")
SECOND = Claim("A-2", Decimal("80.00"), "EUR")


def a_case(*holds: Hold, jurisdiction: str = "NL", claims: tuple[Claim, ...] = (FIRST,)) -> Case:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return Case(noon, pack_of(jurisdiction), (), claims=claims, holds=holds)


def stopped(case: Case, claim: Claim | None = None) -> set[str]:
    return {str(step) for step in Step if stops(case, step, claim)}


@pytest.mark.parametrize("code", ["VULNERABLE", "DISTRESS"])
@pytest.mark.parametrize("jurisdiction", sorted(shipped()))
def test_vulnerability_and_distress_switch_off_pressure_costs_and_trying_out_and_offer_help(
    code: str, jurisdiction: str
) -> None:
    hold = Hold(code, ON)
    case = a_case(hold, jurisdiction=jurisdiction)
    assert {"pressure", "threat", "charge.costs", "explore", "hand_over"} <= stopped(case)
    assert "contact" not in stopped(case)
    assert {"plan", "slower_steps"} <= set(help_offered(case.pack, ON, [hold]))


def test_a_death_stops_everything_and_sends_the_case_to_the_estate_desk() -> None:
    case = a_case(Hold("DECEASED", ON, invoice="A-2"))
    assert stopped(case) == {str(step) for step in Step}
    (reason,) = stops(case, Step.CONTACT)
    assert (reason.code, reason.rule) == ("DECEASED", "none:holds.deceased")
    assert "until somebody for the estate is recorded" in reason.text
    assert may_lift(case.pack, "DECEASED", "estate", day=ON)
    assert not may_lift(case.pack, "DECEASED", "automatic", day=ON)


def test_a_disputed_invoice_leaves_the_others_alone() -> None:
    case = a_case(Hold("DISPUTE", ON, invoice="A-1"), claims=(FIRST, SECOND))
    assert stops(case, "demand", FIRST)
    assert not stops(case, "demand", SECOND)
    assert not stops(case, "demand")
    assert undisputed(case, FIRST) == 0
    assert undisputed(case, SECOND) == Decimal("80.00")


def test_a_case_is_stopped_where_each_of_its_invoices_is_for_a_reason_of_its_own() -> None:
    holds = (Hold("DISPUTE", ON, invoice="A-1"), Hold("PROMISE", ON, ON, invoice="A-2"))
    reasons = stops(a_case(*holds, claims=(FIRST, SECOND)), "demand")
    assert [reason.code for reason in reasons] == ["DISPUTE", "PROMISE"]


def test_a_dispute_over_a_part_leaves_the_rest_to_be_asked_but_not_to_be_handed_over() -> None:
    claim = Claim("A-1", Decimal("300.00"), "EUR", disputed=Decimal("120.50"))
    case = a_case(Hold("DISPUTE", ON, invoice="A-1"), claims=(claim,))
    assert not stops(case, "demand", claim)
    assert undisputed(case, claim) == Decimal("179.50")
    assert stops(case, "hand_over", claim)
    assert stops(case, "court", claim)


def test_a_dispute_over_no_less_than_what_is_open_stops_all_of_it() -> None:
    paid = ((date(2026, 11, 1), Decimal(200)),)
    claim = Claim("A-1", Decimal(300), "EUR", paid=paid, disputed=Decimal(100))
    case = a_case(Hold("DISPUTE", ON), claims=(claim,))
    assert stops(case, "demand", claim)
    assert undisputed(case, claim) == 0


def test_a_closed_channel_leaves_the_others_open_whatever_it_is_called() -> None:
    case = a_case(Hold("WRONG_ADDRESS", ON, channel="post"))
    assert stops(case, "contact.letter")
    assert stops(case, "notice.post")
    assert not stops(case, "contact.email")
    assert not stops(case, "contact")
    assert set(effects(case.pack, ON, case.holds)) == {"contact.letter", "notice.letter"}


def test_who_wants_no_contact_still_gets_what_the_law_asks_for() -> None:
    case = a_case(Hold("CEASE_ALL", ON))
    assert stops(case, "contact.email")
    assert stops(case, "demand")
    assert not stops(case, "notice.letter")


def test_a_hold_by_another_of_its_names_is_cited_by_its_own() -> None:
    (reason,) = stops(a_case(Hold("wsnp", ON)), "demand")
    assert (reason.code, reason.rule) == ("INSOLVENT", "NL:holds.insolvent")


def test_a_kind_of_hold_that_nobody_knows_stops_everything_asked() -> None:
    case = a_case(Hold("SOMETHING_NEW", ON))
    assert {"contact", "demand", "charge.costs", "hand_over", "court"} <= stopped(case)
    (reason,) = stops(case, "demand")
    assert (reason.code, reason.rule) == ("SOMETHING_NEW", "none:holds.other")


@pytest.mark.parametrize(
    ("jurisdiction", "hold", "last"),
    [
        ("NL", Hold("PROMISE", ON, date(2026, 11, 27)), date(2026, 11, 27)),
        ("NL", Hold("PAYMENT_PENDING", ON), date(2026, 11, 24)),
        ("NL", Hold("DEBT_HELP", ON), None),
        ("UK", Hold("DEBT_HELP", date(2026, 2, 1)), date(2026, 3, 3)),
        ("UK-EW", Hold("BREATHING_SPACE", date(2026, 2, 1)), date(2026, 4, 1)),
        ("UK-EW", Hold("BREATHING_SPACE", ON, date(2026, 12, 1)), date(2026, 12, 1)),
        ("UK-EW", Hold("MENTAL_HEALTH_CRISIS", ON, date(2026, 12, 1)), date(2026, 12, 31)),
        ("UK-EW", Hold("MENTAL_HEALTH_CRISIS", ON), None),
    ],
)
def test_a_hold_ends_by_the_pack(jurisdiction: str, hold: Hold, last: date | None) -> None:
    assert ends_on(pack_of(jurisdiction), hold) == last


def test_time_for_debt_help_can_be_given_once_more() -> None:
    hold = Hold("DEBT_HELP", date(2026, 2, 1))
    assert longest_until(pack_of("UK"), hold) == date(2026, 4, 2)
    assert longest_until(pack_of("NL"), hold) is None


def test_a_hold_is_on_from_its_first_to_its_last_day() -> None:
    pack, hold = pack_of("NL"), Hold("PROMISE", ON, date(2026, 11, 27))
    assert not is_on(pack, hold, date(2026, 11, 20))
    assert is_on(pack, hold, ON)
    assert is_on(pack, hold, date(2026, 11, 27))
    assert not is_on(pack, hold, date(2026, 11, 28))


def test_a_breathing_space_stops_interest_costs_and_enforcement_in_england_and_wales() -> None:
    case = a_case(Hold("BREATHING_SPACE", ON), jurisdiction="UK-EW")
    assert {"contact", "demand", "charge.costs", "charge.interest", "court"} <= stopped(case)
    (reason,) = stops(case, "charge.interest")
    assert reason.rule == "UK-EW:holds.breathing_space"
    assert "until 2027-01-19" in reason.text


def test_american_verification_stops_demands_and_an_old_debt_only_the_threat() -> None:
    open_verification = a_case(Hold("NO_VALIDATION", ON), jurisdiction="US")
    assert stops(open_verification, "demand")
    old = a_case(Hold("TIME_BARRED", ON), jurisdiction="US")
    assert stops(old, "threat")
    assert stops(old, "court")
    assert not stops(old, "demand")
    assert stops(a_case(Hold("TIME_BARRED", ON), jurisdiction="UK"), "demand")


@pytest.mark.parametrize(
    ("jurisdiction", "words", "codes"),
    [
        ("UK", "StepChange is making a plan with me", ("DEBT_HELP",)),
        ("NL", "Ik zit bij schuldhulpverlening", ("DEBT_HELP",)),
        ("NL", "Dit klopt niet, ik heb het nooit besteld.", ("DISPUTE",)),
        ("UK", "My mother passed away and I can't cope", ("DECEASED", "DISTRESS")),
        ("none", "I want to end my life", ("VULNERABLE",)),
        ("NL", "Ik betaal vrijdag.", ()),
    ],
)
def test_words_tell_of_a_hold(jurisdiction: str, words: str, codes: tuple[str, ...]) -> None:
    assert told(pack_of(jurisdiction), words, ON) == codes


@pytest.mark.parametrize("jurisdiction", sorted(shipped()))
def test_who_may_not_be_contacted_is_not_asked_threatened_or_tried_out(jurisdiction: str) -> None:
    pack = pack_of(jurisdiction)
    for provision in pack.section("holds"):
        stop = effects(pack, ON, [Hold(provision.name.upper(), ON)])
        if "contact" in stop:
            assert {"demand", "pressure", "threat", "explore"} <= set(stop), provision.id
        if "demand" in stop:
            assert {"pressure", "threat"} <= set(stop), provision.id
