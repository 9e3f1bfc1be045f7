"""Requests about data, automated decisions, tracking, the AI Act, and guidance in force."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.law.library import pack_of
from tenor.engine.law.rights.ai import Place, classify, must_disclose
from tenor.engine.law.rights.registers import missing_fields, standing
from tenor.engine.law.rights.rights import Stop, answer_by, automated, objection, portable
from tenor.engine.law.rights.tracking import Look, may_track

TODAY = date(2026, 11, 21)
EU_SAFEGUARDS = ("human intervention", "express view", "contest")
UK_SAFEGUARDS = ("information", "representations", "human intervention", "contest")


@pytest.mark.parametrize(
    ("received", "by", "at_most"),
    [
        (date(2026, 11, 21), date(2026, 12, 21), date(2027, 2, 21)),
        (date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31)),
        (date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 30)),
    ],
)
def test_a_request_is_answered_within_a_month_and_at_most_three(
    received: date, by: date, at_most: date
) -> None:
    found = answer_by(pack_of("NL"), received)

    assert found is not None
    assert (found.answer_by, found.at_most) == (by, at_most)
    assert found.reason.source == "Regulation (EU) 2016/679 art. 12(3)"


@pytest.mark.parametrize("jurisdiction", ["none", "NL", "UK", "US"])
def test_a_review_by_a_person_has_a_term_everywhere(jurisdiction: str) -> None:
    found = answer_by(pack_of(jurisdiction), date(2026, 11, 21), "human_review")

    assert found is not None and found.answer_by == date(2026, 12, 21)


@given(st.dates(date(2018, 5, 25), date(2040, 12, 31)))
def test_a_term_of_a_month_is_never_longer_than_31_days_nor_shorter_than_28(received: date) -> None:
    found = answer_by(pack_of("DE"), received)

    assert found is not None
    assert timedelta(28) <= found.answer_by - received <= timedelta(31)


@pytest.mark.parametrize(
    ("processing", "stop"),
    [
        ("direct marketing", Stop.AT_ONCE),
        ("marketing inside a message about a claim", Stop.AT_ONCE),
        ("profiling", Stop.UNTIL_WEIGHED),
        ("predicting when an invoice is paid", Stop.UNTIL_WEIGHED),
        ("collection of the debt", Stop.NOT),
        ("showing the name on a screen", Stop.UNTIL_WEIGHED),
    ],
)
def test_an_objection_reaches_as_far_as_the_processing_lets_it(processing: str, stop: Stop) -> None:
    for jurisdiction in ("none", "NL", "UK"):
        found = objection(pack_of(jurisdiction), TODAY, processing)

        assert found is not None and found.stop is stop


def test_only_what_was_given_or_observed_on_consent_or_contract_is_portable() -> None:
    dutch = pack_of("NL")

    assert portable(dutch, TODAY, basis="6(1)(b)")
    assert portable(dutch, TODAY, basis="6(1)(a)", data="observed")
    assert not portable(dutch, TODAY, basis="6(1)(b)", data="derived")
    assert not portable(dutch, TODAY, basis="6(1)(f)")
    assert not portable(pack_of("US"), TODAY, basis="6(1)(b)")


def test_a_machine_alone_hands_nobody_over_without_a_ground() -> None:
    found = automated(
        pack_of("BE"), TODAY, solely_automated=True, serious=True, safeguards=EU_SAFEGUARDS
    )

    assert (found.allowed, found.code) == (False, "ART22")
    assert found.reason is not None and "SCHUFA" in found.reason.source


@pytest.mark.parametrize("left_out", EU_SAFEGUARDS)
def test_a_ground_is_not_enough_where_one_safeguard_is_missing(left_out: str) -> None:
    offered = [name for name in EU_SAFEGUARDS if name != left_out]

    found = automated(
        pack_of("NL"),
        TODAY,
        solely_automated=True,
        serious=True,
        grounds=["law_authorises"],
        safeguards=offered,
    )

    assert (found.allowed, found.code, found.missing) == (False, "SAFEGUARDS", (left_out,))


def test_special_categories_ask_for_more_than_a_contract() -> None:
    for jurisdiction in ("NL", "UK"):
        found = automated(
            pack_of(jurisdiction),
            TODAY,
            solely_automated=True,
            serious=True,
            grounds=["contract_necessity"],
            safeguards=EU_SAFEGUARDS + UK_SAFEGUARDS,
            special_data=True,
        )

        assert not found.allowed


def test_britain_asks_for_no_ground_since_5_february_2026() -> None:
    days = (date(2026, 2, 4), date(2026, 2, 5))

    allowed = [
        automated(
            pack_of("UK"), day, solely_automated=True, serious=True, safeguards=UK_SAFEGUARDS
        ).allowed
        for day in days
    ]

    assert allowed == [False, True]


@given(
    st.sampled_from(["EU", "NL", "FR", "UK"]),
    st.sets(st.sampled_from(["contract_necessity", "law_authorises", "explicit_consent"])),
    st.sets(st.sampled_from(sorted({*EU_SAFEGUARDS, *UK_SAFEGUARDS}))),
    st.booleans(),
)
def test_another_safeguard_never_forbids_what_was_allowed(
    jurisdiction: str, grounds: set[str], safeguards: set[str], special: bool
) -> None:
    def allowed(offered: set[str]) -> bool:
        return automated(
            pack_of(jurisdiction),
            TODAY,
            solely_automated=True,
            serious=True,
            grounds=grounds,
            safeguards=offered,
            special_data=special,
        ).allowed

    assert allowed(safeguards) <= allowed({*safeguards, "contest"})


def test_an_open_is_looked_at_with_consent_only_wherever_the_reader_lives() -> None:
    for jurisdiction in ("none", "NL", "DE", "FR", "UK", "US"):
        pack = pack_of(jurisdiction)

        assert not may_track(pack, TODAY, Look("individual_open", "choose_channel")).allowed
        assert may_track(pack, TODAY, Look("individual_open", "choose_channel", True)).allowed
        assert may_track(pack, TODAY, Look("visit", "serve page")).allowed


def test_old_french_addresses_may_be_read_if_they_were_told_in_time() -> None:
    def allowed(collected: date, told: date | None) -> bool:
        look = Look("individual_open", "personalise", collected_on=collected, informed_on=told)
        return may_track(pack_of("FR"), TODAY, look).allowed

    assert allowed(date(2026, 4, 13), date(2026, 7, 14))
    assert not allowed(date(2026, 4, 13), date(2026, 7, 15))
    assert not allowed(date(2026, 4, 13), None)
    assert not allowed(date(2026, 4, 14), date(2026, 4, 14))


def test_the_date_of_the_high_risk_duties_moved() -> None:
    dutch = pack_of("NL")

    before = classify(dutch, date(2026, 7, 26), "credit score of a sole trader")
    after = classify(dutch, date(2026, 7, 27), "credit score of a sole trader")

    assert before is not None and after is not None
    assert (before.place, before.applies_from) == (Place.LISTED, date(2026, 8, 2))
    assert (after.place, after.applies_from) == (Place.LISTED, date(2027, 12, 2))


def test_a_predictor_of_payments_is_assessed_and_weighs_more_where_it_gates_plans() -> None:
    hours = classify(pack_of("NL"), TODAY, "payment predictor", "choose the hour of a reminder")
    plans = classify(pack_of("NL"), TODAY, "payment predictor", "offer or refuse a plan")

    assert hours is not None and plans is not None
    assert (hours.place, hours.gates) == (Place.ASSESS, False)
    assert (plans.place, plans.gates) == (Place.ASSESS, True)
    assert classify(pack_of("US"), TODAY, "credit score") is None


def test_a_machine_says_that_it_is_one_since_2_august_2026() -> None:
    assert must_disclose(pack_of("FR"), date(2026, 8, 1), "chatbot") is None
    assert must_disclose(pack_of("FR"), date(2026, 8, 2), "chatbot") is not None
    assert must_disclose(pack_of("FR"), date(2026, 8, 2), "payment page") is None
    assert must_disclose(pack_of("US"), date(2026, 8, 2), "chatbot") is None


def test_guidance_is_cited_only_while_it_stands() -> None:
    american = pack_of("US")
    old = standing(american, TODAY, "Federal Reserve SR 11-7")
    new = standing(american, TODAY, "SR 26-2")
    effects = standing(american, date(2026, 7, 20), "Regulation B effects test")
    without = standing(american, date(2026, 7, 21), "Regulation B effects test")

    assert old is not None and not old.register.stands
    assert old.register.replaced_by.startswith("SR 26-2")
    assert new is not None and new.covers("payment predictor", Decimal(31))
    assert not new.covers("payment predictor", Decimal(29))
    assert not new.covers("generative answers", Decimal(31))
    assert effects is not None and effects.register.stands
    assert without is not None and not without.register.stands
    assert standing(american, TODAY, "Sarbanes-Oxley") is None


def test_the_consumer_credit_directive_applies_since_20_november_2026() -> None:
    days = (date(2026, 11, 19), date(2026, 11, 20))

    found = [standing(pack_of("DE"), day, "Directive (EU) 2023/2225") for day in days]

    assert [f is not None and f.register.stands for f in found] == [False, True]


def test_a_model_card_lacks_what_the_list_asks_for() -> None:
    has = ["name", "Version", "owner", "purpose", "data", "metrics", "limits", "human oversight"]

    assert missing_fields(pack_of("NL"), TODAY, "model_card", has) == (
        "intended users and uses out of scope",
        "fairness results by group",
        "monitoring and triggers",
        "approval and date",
        "retention and deletion",
    )
