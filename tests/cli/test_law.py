"""`tenor law`: the packs as somebody reads them who answers for the law."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.law.library import shipped

HEAD = """
[pack]
jurisdiction = "{code}"
name = "Ours"
version = "3"
reviewed_on = 2026-11-21
extends = "NL"

[sources]
ours = "Our own house rules"
"""
CAP = """
[caps.ours]
text = "We write once a month."
source = "ours"
confidence = "high"
binding = "policy"
in_force = [{ from = 2027-01-01, most = 1, days = 30 }]
"""
CASE = """
[[cases]]
id = "OURS-1"
rule = "dso_simple"
input = { receivables = "50000", credit_sales = "200000", days = 90 }
expected = { dso = "23" }
"""


def law(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["law", *arguments])


def own(folder: Path, text: str, code: str = "NL+ours") -> str:
    path = folder / "ours.toml"
    path.write_text(HEAD.format(code=code) + text)
    return str(path)


def test_the_list_names_every_pack_with_its_size() -> None:
    said = law("list").output
    for name, pack in shipped().items():
        (line,) = [x for x in said.splitlines() if x.split()[0] == name]
        assert f"{pack.version}  " in line
        assert f"reviewed {pack.reviewed_on}" in line
        assert f" {len(pack.own)} provision" in line
        assert f" {len(pack.cases)} case" in line


def test_a_pack_is_read_provision_by_provision() -> None:
    said = law("show", "nl", "--on", "2026-11-22", "--section", "holidays").output
    assert "NL: Netherlands, version" in said
    assert "= every year 05-05; good friday yes; dates 2026-01-02" in said
    assert "since 2010-10-10" in said
    assert "law, high confidence" in said
    assert "source: Algemene termijnenwet art. 3" in said
    assert "1 provision of NL on 2026-11-22." in said


def test_what_a_region_inherits_is_marked() -> None:
    assert "(from none)" in law("show", "US-MA").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "Atlantis"], "there is no pack for 'Atlantis'; there are"),
        (["show", "NL", "--section", "magic"], "NL says nothing of 'magic'; its sections: "),
        (["show", "NL", "--on", "yesterday"], "'yesterday' is no date; write 2026-07-01"),
        (["check", "nowhere.toml"], "nowhere.toml: there is no such file"),
        (["watch", "Atlantis"], "there is no pack for 'Atlantis'"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(arguments: list[str], said: str) -> None:
    result = law(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_the_shipped_packs_pass_their_cases() -> None:
    result = law("check")
    assert result.exit_code == 0
    assert result.output.endswith(f"{len(shipped())} packs can be loaded; 0 cases failed.\n")


def test_an_extension_is_checked_and_its_changes_are_weighed(tmp_path: Path) -> None:
    result = law("check", own(tmp_path, CAP))
    assert result.exit_code == 0
    assert "stricter  NL+ours:caps.ours  a further rule" in result.output
    assert "NL (extended)" in result.output


def test_a_case_that_fails_is_named_and_ends_in_one(tmp_path: Path) -> None:
    result = law("check", own(tmp_path, CAP + CASE))
    assert result.exit_code == 1
    assert 'OURS-1  dso: came out "22.50", expected "23"' in result.output
    assert "; 1 case failed." in result.output


def test_a_file_that_cannot_be_used_ends_in_two_with_all_that_is_wrong(tmp_path: Path) -> None:
    rows = "{ from = 2027-01-01, most = 1, days = 30 }"
    wrong = CAP.replace(rows, f"{rows}, {rows}") + CAP.replace("ours]", "more]").replace(
        'source = "ours"', 'source = "hearsay"'
    )
    result = law("check", own(tmp_path, wrong))
    assert result.exit_code == 2
    assert "[caps.ours] of NL+ours: the row from 2027-01-01 overlaps" in result.output
    assert "'source' is 'hearsay', which [sources] does not list" in result.output


def test_the_watch_list_names_what_is_uncertain() -> None:
    said = law("watch", "US-NY-NYC", "--on", "2026-11-22").output
    assert "US-NY-NYC:caps.city" in said
    assert "medium confidence" in said
    assert "to look at on 2026-11-22." in said
    assert len(law("watch", "--on", "2026-11-22").output) > len(said)
