"""An organisation's own provisions, laid over the shipped pack and what stands on it."""

from dataclasses import replace
from datetime import date

import pytest

from tenor.engine.errors import LawError
from tenor.engine.law.library import SECTIONS, stand
from tenor.engine.law.pack import Pack
from tenor.engine.law.reading import read_packs
from tenor.engine.law.review.extension import extend, read_extension

HEAD = """
[pack]
jurisdiction = "{code}"
name = "Nowhere"
version = "{version}"
reviewed_on = 2026-11-21
extends = "{extends}"

[sources]
act = "The Act of Nowhere"
"""
CAP = """
[caps.{name}]
text = "Not more often than this."
source = "act"
confidence = "high"
in_force = [{rows}]
"""


def a_cap(*rows: str, name: str = "email") -> str:
    return CAP.format(name=name, rows=",\n".join("{ " + row + " }" for row in rows))


def packs(**parts: str) -> dict[str, Pack]:
    """Packs of a country XX, its region XX-AB, and what they stand on."""
    head = HEAD.format(code="XX", version="1", extends="").replace('extends = ""', "")
    text = head + parts["country"]
    if "region" in parts:
        region = parts["region"].replace("[caps.", "[regions.AB.caps.")
        text += '[regions.AB]\nname = "Abroad"\n' + region
    return stand(read_packs(text, place="xx.toml", sections=SECTIONS))


def own(text: str, *, extends: str = "XX", code: str = "", version: str = "7") -> str:
    return HEAD.format(code=code or f"{extends}+delta", version=version, extends=extends) + text


def laid(base: dict[str, Pack], *texts: str) -> dict[str, Pack]:
    return extend(base, [read_extension(text, place="own.toml", base=base) for text in texts])


def most(pack: Pack, day: date, name: str = "email") -> int | None:
    cap = pack.says("caps", name, day)
    return None if cap is None else int(cap.most)


SEVEN = a_cap("from = 2020-01-01, most = 7, days = 7")
NEW_YEAR = date(2027, 1, 1)


def test_it_holds_from_its_first_day_on_and_the_shipped_rule_before() -> None:
    base = packs(country=SEVEN)
    found = laid(base, own(a_cap("from = 2027-01-01, most = 3, days = 7")))["XX"]
    assert most(found, date(2026, 12, 31)) == 7
    assert most(found, NEW_YEAR) == 3
    assert most(base["XX"], NEW_YEAR) == 7
    assert (found.jurisdiction, found.version) == ("XX", "1, XX+delta 7")


def test_after_its_last_day_the_shipped_rule_holds_again() -> None:
    base = packs(country=a_cap("from = 2020-01-01, most = 7, days = 7",
                               "from = 2027-01-10, most = 6, days = 7"))  # fmt: skip
    found = laid(base, own(a_cap("from = 2027-01-01, to = 2027-01-31, most = 3, days = 7")))["XX"]
    days = [date(2026, 12, 31), NEW_YEAR, date(2027, 1, 31), date(2027, 2, 1)]
    assert [most(found, day) for day in days] == [7, 3, 3, 6]


def test_an_answer_cites_the_organisations_rule_and_its_source() -> None:
    found = laid(packs(country=SEVEN), own(a_cap("from = 2027-01-01, most = 3, days = 7")))
    rule = found["XX"].find("caps", "email")
    assert rule is not None
    assert rule.because(NEW_YEAR, "CAP").rule == "XX+delta:caps.email"


def test_it_holds_for_the_regions_too() -> None:
    base = packs(country=SEVEN, region=a_cap("from = 2020-01-01, most = 2, days = 7", name="call"))
    found = laid(base, own(a_cap("from = 2020-01-01, most = 3, days = 7")))
    assert most(found["XX-AB"], NEW_YEAR) == 3
    assert most(found["XX-AB"], NEW_YEAR, "call") == 2


@pytest.mark.parametrize(("of_region", "holds"), [(2, 2), (5, 3)])
def test_where_a_region_has_its_own_rule_the_stricter_one_holds(of_region: int, holds: int) -> None:
    region = a_cap(f"from = 2020-01-01, most = {of_region}, days = 7")
    base = packs(country=SEVEN, region=region)
    found = laid(base, own(a_cap("from = 2020-01-01, most = 3, days = 7")))
    assert most(found["XX-AB"], NEW_YEAR) == holds


def test_the_nearest_extension_has_the_last_word() -> None:
    base = packs(country=SEVEN, region=a_cap("from = 2020-01-01, most = 9, days = 7", name="sms"))
    found = laid(
        base,
        own(a_cap("from = 2020-01-01, most = 5, days = 7"), extends="XX-AB"),
        own(a_cap("from = 2020-01-01, most = 3, days = 7")),
    )
    assert (most(found["XX"], NEW_YEAR), most(found["XX-AB"], NEW_YEAR)) == (3, 5)


def test_packs_that_nobody_extends_stay_as_they_are() -> None:
    base = packs(country=SEVEN)
    assert extend(base, []) == base


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (own("", code="YY+delta"), "'jurisdiction' is 'YY+delta'; an extension is called after"),
        (own("", code="XX"), 'such as "XX+own"'),
        (own("", extends="YY"), "'extends' is 'YY'; there are XX"),
        (own(a_cap("from = 2020-01-01, most = 3")), "[caps.email] of XX+delta, in_force 1: 'days'"),
        (own('[regions.AB]\nname = "Abroad"\n'), "an extension has no [regions]"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    base = packs(country=SEVEN)
    with pytest.raises(LawError) as caught:
        read_extension(text, place="own.toml", base=base)
    assert said in str(caught.value)


def test_one_pack_is_extended_once() -> None:
    with pytest.raises(LawError, match="XX is extended twice"):
        laid(packs(country=SEVEN), own(SEVEN), own(SEVEN))


def test_without_a_signature_only_what_is_stricter_holds() -> None:
    base = packs(country=SEVEN + a_cap("from = 2020-01-01, most = 7, days = 7", name="sms"))
    text = own(
        a_cap("from = 2020-01-01, most = 3, days = 7")
        + a_cap("from = 2020-01-01, most = 9, days = 7", name="sms")
    )
    extension = read_extension(text, place="own.toml", base=base)
    signed = extend(base, [extension])["XX"]
    unsigned = extend(base, [replace(extension, signed=False)])["XX"]
    assert (most(signed, NEW_YEAR), most(signed, NEW_YEAR, "sms")) == (3, 9)
    assert (most(unsigned, NEW_YEAR), most(unsigned, NEW_YEAR, "sms")) == (3, 7)
