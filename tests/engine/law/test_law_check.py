"""Files are checked beside the shipped packs; what needs a look is found and nothing else."""

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from tenor.engine.cases.packs import cases_of, run_extension, run_pack
from tenor.engine.cases.run import Verdict
from tenor.engine.errors import InputError, LawError
from tenor.engine.law.library import SECTIONS, shipped, stand
from tenor.engine.law.pack import Pack
from tenor.engine.law.reading import read_packs
from tenor.engine.law.review.check import Why, check, watch
from tenor.engine.law.review.directions import Kind
from tenor.engine.law.review.show import show

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
[caps.{name}]
text = "Not more often than this."
source = "act"
confidence = "{confidence}"
in_force = [{rows}]
"""
TODAY = date(2026, 11, 22)


def a_rule(*rows: str, name: str = "email", confidence: str = "high") -> str:
    inside = ", ".join("{ " + row + " }" for row in rows)
    return RULE.format(name=name, confidence=confidence, rows=inside)


def a_pack(*rules: str) -> Pack:
    return stand(read_packs(HEAD + "".join(rules), place="xx", sections=SECTIONS))["XX"]


def watched(*rows: str, confidence: str = "high") -> list[tuple[Why, date | None]]:
    pack = a_pack(a_rule(*rows, confidence=confidence))
    return [(one.why, one.by) for one in watch(pack, TODAY)]


# Files ------------------------------------------------------------------------------------


def test_the_shipped_packs_load_and_pass_their_own_cases() -> None:
    checked = check({})
    assert checked.packs == shipped()
    failed = [
        f"{outcome.case.id}: {outcome.differences}"
        for pack in checked.packs.values()
        for outcome in run_pack(pack, checked.packs)
        if outcome.verdict is not Verdict.PASSED
    ]
    assert failed == []


def test_every_shipped_provision_has_a_sentence_and_a_source() -> None:
    for pack in shipped().values():
        for provision in pack.own.values():
            assert provision.text.endswith("."), provision.id
            assert all(row.source for row in provision.rows), provision.id


def test_a_pack_of_ones_own_takes_the_place_of_the_shipped_one() -> None:
    file = resources.files("tenor.engine.law") / "packs" / "nl.toml"
    text = file.read_text("utf-8").replace('every_year = ["05-05"]', 'every_year = ["05-06"]')
    checked = check({"mine.toml": text})
    assert checked.given == ("NL",)
    assert checked.packs["NL"].says("holidays", "extra", TODAY).every_year == ((5, 6),)
    assert checked.packs["BE"].provisions.keys() == shipped()["BE"].provisions.keys()


def test_an_extension_is_laid_over_its_pack_and_weighed() -> None:
    text = HEAD.replace('"XX"', '"NL+own"\nextends = "NL"')
    checked = check({"own.toml": text + a_rule("from = 2027-01-01, most = 1, days = 30")})
    (change,) = checked.changes["NL+own"]
    assert (change.provision.id, change.since) == ("NL+own:caps.email", date(2027, 1, 1))
    assert checked.packs["NL"].says("caps", "email", date(2027, 1, 1)).most == 1


def test_what_is_wrong_in_several_files_is_said_at_once() -> None:
    overlap = HEAD + a_rule("from = 2020-01-01, most = 1, days = 1",
                            "from = 2020-01-01, most = 2, days = 1")  # fmt: skip
    unsourced = HEAD.replace("act =", "other =") + a_rule("from = 2020-01-01, most = 1, days = 1")
    with pytest.raises(LawError) as caught:
        check({"one.toml": overlap, "two.toml": unsourced})
    first, second = str(caught.value).splitlines()
    assert first.startswith("one.toml, [caps.email] of XX: the row from 2020-01-01 overlaps")
    assert "two.toml, [caps.email] of XX, in_force 1: 'source' is 'act', which" in second


# Cases of a pack --------------------------------------------------------------------------

CASE = """
[[cases]]
id = "own"
rule = "dso_simple"
[cases.input]
receivables = "50000"
credit_sales = "200000"
days = 90
[cases.expected]
dso = "{dso}"
"""


@pytest.mark.parametrize(
    ("dso", "verdict"), [("22.50", Verdict.PASSED), ("23", Verdict.FAILED)]
)  # fmt: skip
def test_a_pack_carries_its_worked_cases(dso: str, verdict: Verdict) -> None:
    pack = a_pack(CASE.format(dso=dso))
    (outcome,) = run_pack(pack, {"XX": pack})
    assert outcome.verdict is verdict
    assert outcome.case.input["jurisdiction"] == "XX"


def test_the_cases_of_an_extension_are_asked_of_the_extended_pack() -> None:
    (case,) = a_pack(CASE.format(dso="22.50")).cases
    (outcome,) = run_extension([case], called="NL+own", extends="NL", packs=shipped())
    assert outcome.verdict is Verdict.PASSED
    assert outcome.case.input["jurisdiction"] == "NL"


def test_a_case_that_is_written_wrong_is_named() -> None:
    with pytest.raises(InputError, match="XX, case 1: 'rule' is missing"):
        cases_of(a_pack('[[cases]]\nid = "own"\n'))


# What somebody should look at --------------------------------------------------------------


def test_what_is_sure_and_stays_needs_no_look() -> None:
    assert watched("from = 2020-01-01, most = 1, days = 1") == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["from = 2020-01-01, unknown = true"], [(Why.NOT_KNOWN, None)]),
        (
            ["from = 2020-01-01, most = 1, days = 1", "from = 2027-01-01, unknown = true"],
            [(Why.NOT_YET_KNOWN, date(2027, 1, 1))],
        ),
        (["from = 2020-01-01, to = 2025-12-31, most = 1, days = 1"], [(Why.ENDED, None)]),
        (
            ["from = 2020-01-01, to = 2026-12-31, most = 1, days = 1"],
            [(Why.ENDS, date(2027, 1, 1))],
        ),
        (["from = 2020-01-01, to = 2027-12-31, most = 1, days = 1"], []),
        (
            ["from = 2020-01-01, most = 1, days = 1", "from = 2027-01-01, most = 2, days = 1"],
            [(Why.CHANGES, date(2027, 1, 1))],
        ),
        (
            ["from = 2020-01-01, most = 1, days = 1, review_by = 2026-06-01"],
            [(Why.REVIEW, date(2026, 6, 1))],
        ),
        (["from = 2020-01-01, most = 1, days = 1, review_by = 2028-06-01"], []),
    ],
    ids=["unknown", "unknown later", "ended", "ends", "ends later", "changes", "review", "later"],
)
def test_what_needs_a_look_is_found(rows: list[str], found: list[tuple[Why, date | None]]) -> None:
    assert watched(*rows) == found


@pytest.mark.parametrize(("confidence", "why"), [("low", Why.LOW), ("medium", Why.MEDIUM)])
def test_what_is_not_sure_needs_a_look(confidence: str, why: Why) -> None:
    row = "from = 2020-01-01, most = 1, days = 1"
    assert watched(row, confidence=confidence) == [(why, None)]


def test_the_most_pressing_stands_first_and_the_inherited_with_its_parent() -> None:
    pack = a_pack(
        a_rule("from = 2020-01-01, most = 1, days = 1", name="a", confidence="low"),
        a_rule("from = 2020-01-01, unknown = true", name="b"),
    )
    child = Pack("XX-A", "A", "1", TODAY, "", "", parent=pack, own={})
    assert [one.provision.name for one in watch(pack, TODAY)] == ["b", "a"]
    assert watch(child, TODAY) == []


# What a pack says -------------------------------------------------------------------------


def test_a_provision_is_shown_with_what_it_says_on_the_day() -> None:
    pack = a_pack(
        a_rule('from = 2020-01-01, most = 7, days = 7, channels = ["sms", "call"]',
               "from = 2027-01-01, most = 3, days = 7", "from = 2028-01-01, unknown = true")
    )  # fmt: skip
    child = Pack("XX-A", "A", "1", TODAY, "", "", parent=pack, own={})
    (now,) = show(child, TODAY)
    assert now.values == (("most", "7"), ("days", "7"), ("channels", "sms, call"))
    assert now.words == "most 7; days 7; channels sms, call"
    assert (now.inherited_from, now.changes_on) == ("XX", date(2027, 1, 1))
    (before,) = show(pack, date(2019, 1, 1))
    assert (before.words, before.inherited_from) == ("nothing on this day", "")
    (later,) = show(pack, date(2028, 1, 1), "caps")
    assert later.words == "not known: it was looked for and not found"
    assert list(show(pack, TODAY, "windows")) == []


# The handbook -----------------------------------------------------------------------------

HANDBOOK = Path(__file__).parents[3] / "docs" / "handbook" / "law.md"


def test_the_extension_in_the_handbook_can_be_used_and_is_stricter() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", HANDBOOK.read_text("utf-8"), re.DOTALL)
    checked = check({"handbook": text})
    (extension,) = checked.extensions
    assert [change.kind for change in checked.changes["NL+delta"]] == [Kind.STRICTER]
    (outcome,) = run_extension(
        extension.cases, called="NL+delta", extends="NL", packs=checked.packs
    )
    assert (outcome.verdict, outcome.differences) == (Verdict.PASSED, ())


def test_the_handbook_names_every_section() -> None:
    table = HANDBOOK.read_text("utf-8").split("| section | says |")[1]
    assert set(re.findall(r"`(\w+)`", table)) == set(SECTIONS)


def test_the_handbook_says_what_each_mark_means() -> None:
    table = HANDBOOK.read_text("utf-8").split("| mark | means")[1].split("\n3. ")[0]
    marks = re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE)
    assert sorted(mark.removeprefix("the ") for mark in marks) == sorted(Kind)
