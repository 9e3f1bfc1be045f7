"""A pack file is read whole or not at all: what is wrong is named with its place and remedy."""

from datetime import date

import pytest

from tenor.engine.errors import LawError
from tenor.engine.law.library import SECTIONS, jurisdiction_of, pack_of, stand
from tenor.engine.law.pack import Binding, Confidence, Pack
from tenor.engine.law.reading import read_packs

HEAD = """
[pack]
jurisdiction = "XX"
name = "Nowhere"
version = "1"
reviewed_on = 2026-11-21

[sources]
act = "The Act of Nowhere"
"""
RULE = """
[holidays.extra]
text = "Days off."
source = "act"
confidence = "high"
in_force = [
"""


def a_pack(*rows: str, more: str = "") -> Pack:
    text = HEAD + RULE + ",\n".join(rows) + "\n]\n" + more
    return stand(read_packs(text, place="xx.toml", sections=SECTIONS))["XX"]


def refusal(*rows: str, more: str = "") -> str:
    with pytest.raises(LawError) as caught:
        a_pack(*rows, more=more)
    return str(caught.value)


def test_a_row_holds_until_the_next_begins() -> None:
    pack = a_pack(
        '{ from = 2020-01-01, every_year = ["05-05"] }', "{ from = 2024-01-01, dates = [] }"
    )
    rule = pack.find("holidays", "extra")
    assert rule is not None
    assert rule.id == "XX:holidays.extra"
    assert rule.on(date(2019, 12, 31)) is None
    assert pack.says("holidays", "extra", date(2023, 12, 31)).every_year == ((5, 5),)
    assert pack.says("holidays", "extra", date(2024, 1, 1)).every_year == ()
    assert rule.next_change(date(2023, 12, 31)) == date(2024, 1, 1)
    assert rule.next_change(date(2024, 1, 1)) is None


def test_a_reason_cites_the_source_and_the_day_since_when() -> None:
    rule = a_pack("{ from = 2020-01-01 }").find("holidays", "extra")
    assert rule is not None
    reason = rule.because(date(2026, 1, 1), "HOLIDAY")
    assert (reason.source, reason.since) == ("The Act of Nowhere", date(2020, 1, 1))
    assert (reason.confidence, reason.binding) == (Confidence.HIGH, Binding.LAW)
    with pytest.raises(LookupError):
        rule.because(date(2019, 1, 1), "HOLIDAY")


def test_what_was_not_found_is_known_not_to_be_known() -> None:
    pack = a_pack("{ from = 2020-01-01 }", "{ from = 2026-07-01, unknown = true }")
    assert pack.says("holidays", "extra", date(2026, 7, 1)) is None
    assert list(pack.in_force("holidays", date(2026, 7, 1))) == []


def test_a_row_keeps_its_values_as_written_and_the_day_by_which_it_is_looked_at_again() -> None:
    pack = a_pack("{ from = 2020-01-01, review_by = 2027-01-01, dates = [2026-08-01] }")
    rule = pack.find("holidays", "extra")
    assert rule is not None
    (row,) = rule.rows
    assert row.written == {"dates": [date(2026, 8, 1)]}
    assert row.review_by == date(2027, 1, 1)


def test_an_overlap_is_refused() -> None:
    said = refusal("{ from = 2020-01-01, to = 2024-06-30 }", "{ from = 2024-01-01 }")
    assert "xx.toml, [holidays.extra] of XX" in said
    assert "the row from 2024-01-01 overlaps the one from 2020-01-01" in said
    assert "overlaps" in refusal("{ from = 2024-01-01 }", "{ from = 2024-01-01 }")
    assert "overlaps" in refusal("{ from = 2024-01-01 }", "{ from = 2020-01-01 }")


def test_a_gap_is_refused() -> None:
    said = refusal("{ from = 2020-01-01, to = 2023-06-30 }", "{ from = 2024-01-01 }")
    assert "nothing is in force from 2023-07-01 to 2023-12-31" in said


def test_a_value_without_a_source_is_refused() -> None:
    assert "'source' is 'rumour', which [sources] does not list" in refusal(
        '{ from = 2020-01-01, source = "rumour" }'
    )
    bare = (
        HEAD
        + '[holidays.extra]\ntext = "x"\nconfidence = "high"\nin_force = [{ from = 2020-01-01 }]'
    )
    with pytest.raises(LawError, match="'source' is missing"):
        read_packs(bare, place="xx.toml", sections=SECTIONS)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{ from = 2020-01-01, datse = [] }", "'datse' is not known here; did you mean 'dates'?"),
        ('{ from = "2020" }', "'from' is '2020'; it must be a date such as 2026-07-01"),
        ('{ from = 2020-01-01, every_year = ["31-12"] }', 'write "05-05"'),
        ("{ from = 2020-01-01, to = 2019-01-01 }", "'to' is 2019-01-01, before its from"),
        ('{ from = 2020-01-01, confidence = "sure" }', "one of high, medium, low"),
        ("", "in_force is empty"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(row: str, said: str) -> None:
    assert said in refusal(row)


def test_an_unknown_section_is_refused() -> None:
    assert "there is no section [holydays]" in refusal(
        "{ from = 2020-01-01 }", more="[holydays.more]\n"
    )


def test_all_that_is_wrong_is_said_at_once() -> None:
    more = RULE.replace("extra", "more") + '{ from = 2020-01-01, source = "rumour" }\n]\n'
    said = refusal("{ from = 2020-01-01, to = 2019-01-01 }", more=more).splitlines()
    assert [line.partition(" of XX")[0] for line in said] == [
        "xx.toml, [holidays.extra]", "xx.toml, [holidays.more]",
    ]  # fmt: skip


def test_a_region_stands_on_its_country() -> None:
    region = """
[regions.AB]
name = "Abroad"
[regions.AB.holidays.more]
text = "One more."
source = "act"
confidence = "low"
in_force = [{ from = 2020-01-01, dates = [2026-08-01] }]
"""
    text = HEAD + RULE + "{ from = 2020-01-01 }\n]\n" + region
    packs = stand(read_packs(text, place="xx.toml", sections=SECTIONS))
    assert [p.name for p in packs["XX-AB"].section("holidays")] == ["extra", "more"]
    assert [p.name for p in packs["XX"].section("holidays")] == ["extra"]
    assert [p.jurisdiction for p in packs["XX-AB"].lineage] == ["XX-AB", "XX"]


def test_a_pack_needs_its_parent() -> None:
    text = HEAD.replace('version = "1"', 'version = "1"\nextends = "YY"')
    with pytest.raises(LawError, match="there is no pack 'YY' to stand on"):
        stand(read_packs(text, place="xx.toml", sections=SECTIONS))


@pytest.mark.parametrize(
    ("country", "region", "jurisdiction"),
    [
        ("NL", None, "NL"),
        ("nl", "NL-UT", "NL"),
        ("AT", None, "EU-AT"),
        ("IE", None, "EU"),
        ("GB", None, "UK"),
        ("BR", None, "none"),
        ("EU", None, "none"),
        (None, None, "none"),
    ],
)
def test_a_place_has_its_jurisdiction(
    country: str | None, region: str | None, jurisdiction: str
) -> None:
    assert jurisdiction_of(country, region) == jurisdiction


def test_a_pack_is_asked_for_by_name_in_any_case() -> None:
    assert pack_of("nl").jurisdiction == "NL"
    assert pack_of("None").jurisdiction == "none"
    with pytest.raises(LawError, match="there is no pack for 'Atlantis'; there are"):
        pack_of("Atlantis")
