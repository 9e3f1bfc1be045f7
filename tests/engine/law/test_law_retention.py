"""How long records are kept, and what erasure does to them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.library import pack_of
from tenor.engine.law.rights.retention import Fate, erasure, kept

TODAY = date(2026, 11, 21)
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
PACKS = st.sampled_from(["none", "EU", "NL", "BE", "DE", "FR", "UK", "US", "US-NY-NYC"])
RECORDS = st.sampled_from(
    ["invoice", "payment", "message", "collection log", "behaviour event", "training set"]
)


@pytest.mark.parametrize(
    ("jurisdiction", "record", "since", "until"),
    [
        ("NL", "invoice", date(2023, 3, 9), date(2030, 12, 31)),
        ("NL", "message", date(2023, 3, 9), date(2030, 12, 31)),
        ("DE", "invoice", date(2023, 3, 9), date(2031, 12, 31)),
        ("DE", "ledger", date(2023, 3, 9), date(2033, 12, 31)),
        ("DE", "letter", date(2023, 3, 9), date(2029, 12, 31)),
        ("FR", "payment", date(2023, 3, 9), date(2033, 12, 31)),
        ("BE", "invoice", date(2023, 1, 1), date(2033, 12, 31)),
        ("BE", "invoice", date(2022, 12, 31), date(2029, 12, 31)),
        ("UK", "invoice", date(2023, 3, 9), date(2029, 12, 31)),
        ("US", "call log", date(2023, 3, 9), date(2026, 3, 9)),
        ("US", "call recording", date(2024, 2, 29), date(2027, 2, 28)),
        ("NL", "behaviour event", date(2025, 10, 31), date(2026, 11, 30)),
        ("NL", "mandate", date(2026, 1, 15), date(2027, 3, 15)),
        ("EU", "AI log", date(2026, 8, 31), date(2027, 2, 28)),
    ],
)
def test_a_record_is_kept_so_long(jurisdiction: str, record: str, since: date, until: date) -> None:
    assert kept(pack_of(jurisdiction), TODAY, record, since).until == until


def test_the_german_term_became_shorter_in_2025_for_old_vouchers_too() -> None:
    german = pack_of("DE")

    before = kept(german, date(2024, 12, 31), "invoice", date(2015, 6, 1))
    after = kept(german, date(2025, 1, 1), "invoice", date(2015, 6, 1))

    assert (before.until, after.until) == (date(2025, 12, 31), date(2023, 12, 31))


def test_erasure_keeps_a_dutch_invoice_for_the_duty_alone_until_its_end() -> None:
    found = erasure(pack_of("NL"), TODAY, "invoice", date(2022, 5, 1), open_claim=False)

    assert (found.fate, found.until) == (Fate.RESTRICT, date(2029, 12, 31))
    assert found.reasons[0].rule == "NL:retention.books"
    assert "art. 52" in found.reasons[0].source


def test_an_open_claim_keeps_what_no_duty_keeps() -> None:
    dutch = pack_of("NL")

    open_one = erasure(dutch, TODAY, "collection log", date(2026, 5, 1), open_claim=True)
    settled = erasure(dutch, TODAY, "collection log", date(2026, 5, 1), open_claim=False)

    assert (open_one.fate, open_one.until) == (Fate.RESTRICT, None)
    assert [reason.code for reason in open_one.reasons] == ["LEGAL_CLAIM"]
    assert settled.fate is Fate.ERASE


def test_nothing_keeps_behaviour_not_even_an_open_claim() -> None:
    found = erasure(pack_of("FR"), TODAY, "opens", date(2026, 11, 20), open_claim=True)

    assert found.fate is Fate.ERASE


def test_a_statute_goes_before_a_policy_that_is_longer() -> None:
    # The letters of `none` stay six years by policy; in the United States the statute's three hold.
    found = kept(pack_of("US"), TODAY, "message", date(2025, 6, 1))

    assert (found.until, found.reason.rule) == (date(2028, 6, 1), "US:retention.collection_log")


def test_a_record_that_nobody_names_is_refused_with_those_there_are() -> None:
    with pytest.raises(LawError, match=r"how long is 'horoscope' kept.*call recording.*invoice"):
        kept(pack_of("NL"), TODAY, "horoscope", TODAY)


@given(PACKS, RECORDS, DAYS, DAYS, st.booleans())
def test_erasure_never_removes_what_a_duty_still_keeps(
    jurisdiction: str, record: str, since: date, day: date, open_claim: bool
) -> None:
    pack = pack_of(jurisdiction)
    term = kept(pack, day, record, since)

    found = erasure(pack, day, record, since, open_claim=open_claim)

    if term.duty and day <= term.until:
        assert (found.fate, found.until) == (Fate.RESTRICT, term.until)
    elif found.fate is Fate.RESTRICT:
        assert open_claim and term.claim_shields


@given(PACKS, RECORDS, DAYS, st.integers(0, 2000))
def test_a_later_record_is_never_kept_shorter(
    jurisdiction: str, record: str, since: date, more: int
) -> None:
    pack = pack_of(jurisdiction)
    later = date.fromordinal(since.toordinal() + more)

    assert kept(pack, TODAY, record, since).until <= kept(pack, TODAY, record, later).until
