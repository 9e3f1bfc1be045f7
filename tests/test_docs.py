"""Documentation that cannot rot: commands parse, links resolve, lists are whole, examples run."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tenor.cli.main import COMMANDS, main
from tenor.engine import decision
from tenor.engine.event_log import read_mapping
from tenor.engine.events import Kind
from tenor.engine.frames import TABLES
from tenor.engine.policy.permitted import ESCALATE_AFTER
from tenor.engine.policy.rules import RULES
from tenor.engine.predictors.score import GRADES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
FENCE = re.compile(r"(<!-- run -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# The size of the made-up portfolio that the handbook starts with, and that of the tests.
PRINTED, PLAYED = "--customers 2000", "--customers 60"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(page: Path, language: str | None = None) -> Iterator[tuple[bool, str]]:
    """Each fenced block: whether it is marked to run, and its text."""
    for marked, kind, text in FENCE.findall(page.read_text("utf-8")):
        if language is None or kind == language:
            yield bool(marked), text


def commands_in(text: str) -> Iterator[list[str]]:
    """The arguments of each line that calls `tenor`."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("tenor "):
            yield shlex.split(line, comments=True)[1:]


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    for page in PAGES:
        for _, text in blocks(page):
            yield from ((named(page), words) for words in commands_in(text))
    for example in EXAMPLES:
        comments = re.sub(r"^# *", "", example.read_text("utf-8"), flags=re.MULTILINE)
        yield from ((named(example), words) for words in commands_in(comments))
    for entry in COMMANDS.values():
        yield from (("tenor --help", words) for words in commands_in(entry.example))


def parse(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """Parse a call of `command` down to its options and their values, and run nothing."""
    context = command.make_context(command.name, list(words), parent=parent)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        _, inner, rest = command.resolve_command(context, rest)
        assert inner is not None
        parse(inner, rest, context)


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(("place", "words"), [*shown_commands()])
def test_every_command_that_is_shown_exists_with_its_options(place: str, words: list[str]) -> None:
    try:
        parse(main, words)
    except click.exceptions.Exit as help_was_asked_for:
        assert help_was_asked_for.exit_code == 0


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_named_in_a_sentence_exists(page: Path) -> None:
    known = {*COMMANDS, "--help", "COMMAND", "…"}
    called = re.findall(r"`tenor ([^\s`]+)", page.read_text("utf-8"))
    assert set(called) - known == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_resolves(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        aim = page if not path else (page.parent / path).resolve()
        assert aim.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(aim), f"{target}: there is no such heading"


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent.name != "docs"], ids=named)
def test_every_page_of_the_documentation_is_in_its_index(page: Path) -> None:
    if DOCS in page.parents:
        assert f"({page.relative_to(DOCS)})" in (DOCS / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|work|Users)/\S*", page.read_text("utf-8")) == []


def test_the_readme_asks_for_two_commands_on_a_fresh_machine() -> None:
    text = "\n".join(text for _, text in blocks(ROOT / "README.md"))
    assert re.findall(r"^make (\S+)", text, flags=re.MULTILINE) == ["demo", "test"]


def test_the_readme_lists_every_command_in_the_order_of_work() -> None:
    rows = re.findall(r"^\| `tenor (\S+)`", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert rows == list(COMMANDS)


def test_the_handbook_names_every_column_of_every_table() -> None:
    text = (DOCS / "handbook" / "tables.md").read_text("utf-8")
    for table in TABLES.values():
        row = re.search(rf"^\| `{table.name}` \|(.*)\|(.*)\|$", text, flags=re.MULTILINE)
        assert row is not None, table.name
        for column in table.columns:
            assert f"`{column.name}`" in row.group(1 if column.required else 0), column.name


def test_the_handbook_names_every_kind_of_event() -> None:
    text = (DOCS / "handbook" / "tables.md").read_text("utf-8")
    kinds = re.findall(r"^\| `([a-z_ ]+)` \|.*\|.*\|$", text.split("## Events")[1], re.MULTILINE)
    assert {kind for row in kinds for kind in row.split()} == {str(kind) for kind in Kind}


def test_the_handbook_names_every_column_of_a_decision() -> None:
    table = (DOCS / "handbook" / "decide.md").read_text("utf-8").split("## ")[0]
    named_there = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))
    assert sorted({*named_there, "customer_id"}) == sorted(decision.SCHEMA)


def test_the_handbook_names_every_rule() -> None:
    table = (DOCS / "handbook" / "policy.md").read_text("utf-8").split("## The rules")[1]
    rules = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)
    assert rules == [*(rule.id for rule in RULES), ESCALATE_AFTER]


def test_the_handbook_gives_the_bounds_of_the_grades() -> None:
    text = re.sub(r"\s+", " ", (DOCS / "handbook" / "learn.md").read_text("utf-8"))
    (*best, last) = GRADES
    bounds = ", ".join(f"{grade} from {least:.0%}" for grade, least in best)
    assert f"{bounds}, {last[0]} below" in text


def test_the_mapping_in_the_handbook_can_be_read(tmp_path: Path) -> None:
    (mapping,) = [text for _, text in blocks(DOCS / "handbook" / "import.md", "toml")]
    (tmp_path / "map.toml").write_text(mapping)
    assert set(read_mapping(tmp_path / "map.toml").activities) == {
        *("Create Fine", "Send Fine", "Payment", "Send for Credit Collection"),
    }


def test_what_is_marked_to_run_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (start,) = [text for marked, text in blocks(DOCS / "handbook" / "start.md") if marked]
    assert PRINTED in start
    for words in commands_in(start.replace(PRINTED, PLAYED)):
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    (library,) = [text for marked, text in blocks(ROOT / "README.md", "python") if marked]
    ran = subprocess.run([sys.executable, "-c", library], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "send_at" in ran.stdout
