"""`tenor law`: read the packs of law, check one's own, and see what somebody should look at."""

import sys
import textwrap
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import click

from tenor.cli.console import counted, done
from tenor.cli.law_explain import command as explain_case
from tenor.engine.cases.packs import run_extension, run_pack
from tenor.engine.cases.run import Outcome, Verdict
from tenor.engine.errors import InputError
from tenor.engine.law.library import pack_of, shipped
from tenor.engine.law.pack import Pack
from tenor.engine.law.review.check import Checked, Watched, Why, check, watch
from tenor.engine.law.review.show import Shown, sections_of, show

_EXIT_FAILED = 1
_WIDE = 100
_WHY = {
    Why.NOT_KNOWN: "not known today",
    Why.NOT_YET_KNOWN: "not known yet",
    Why.ENDED: "has run out",
    Why.ENDS: "runs out",
    Why.REVIEW: "to be reviewed",
    Why.CHANGES: "changes",
    Why.LOW: "low confidence",
    Why.MEDIUM: "medium confidence",
}


def _a_day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text!r} is no date; write 2026-07-01") from error


def _today() -> date:
    return datetime.now(UTC).date()


_on = click.option(
    "--on", "day", type=_a_day, metavar="DATE", help="The day that counts; today unless given."
)


@click.group()
def command() -> None:
    """Read the packs of law: what holds where, since when, by which source, and how sure that is.

    A pack is one file a jurisdiction; regions are written as US-MA. The packs are data: nothing
    that Tenor sends or charges may go against them.
    """


command.add_command(explain_case)


@command.command("list")
def list_packs() -> None:
    """List the packs: version, day of review, how many provisions and worked cases."""
    packs = shipped()
    wide = max(len(name) for name in packs)
    for name, pack in sorted(packs.items()):
        above = f"on {pack.parent.jurisdiction}" if pack.parent else ""
        own = counted(len(pack.own), "provision")
        click.echo(
            f"{name:<{wide}}  {pack.version:<8} reviewed {pack.reviewed_on}  {own:>14}, "
            f"{counted(len(pack.cases), 'case'):>8}  {above:<8} {pack.name}".rstrip()
        )
    done(f"{counted(len(packs), 'pack')}; `tenor law show NL` reads one.")


@command.command("show")
@click.argument("jurisdiction")
@_on
@click.option("--section", metavar="NAME", help="Only this section, such as costs.")
def show_pack(jurisdiction: str, day: date | None, section: str | None) -> None:
    """Read a pack: what each provision says on a day, since when, its source and weight."""
    pack, day = pack_of(jurisdiction), day or _today()
    sections = sections_of(pack)
    if section is not None and section not in sections:
        there = ", ".join(sections) or "none yet"
        raise InputError(f"{pack.jurisdiction} says nothing of {section!r}; its sections: {there}")
    click.echo(f"{pack.jurisdiction}: {pack.name}, version {pack.version}, on {day}")
    found = list(show(pack, day, section))
    at = ""
    for one in found:
        if one.provision.section != at:
            at = one.provision.section
            click.echo(f"\n[{at}]")
        _print(one)
    click.echo()
    done(f"{counted(len(found), 'provision')} of {pack.jurisdiction} on {day}.")


def _print(one: Shown) -> None:
    inherited = f"  (from {one.inherited_from})" if one.inherited_from else ""
    click.echo(f"  {one.provision.name}{inherited}")
    _wrapped(one.provision.text)
    _wrapped(f"= {one.words}")
    row = one.row
    if row is None:
        return
    until = f" until {row.last}" if row.last else ""
    then = "" if one.changes_on is None else f", says something else from {one.changes_on}"
    click.echo(f"      since {row.first}{until}{then}")
    click.echo(f"      {row.binding}, {row.confidence} confidence")
    _wrapped(f"source: {row.source}")


def _wrapped(text: str) -> None:
    click.echo(textwrap.fill(text, _WIDE, initial_indent=" " * 6, subsequent_indent=" " * 8))


@command.command("check")
@click.argument(
    "files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, dir_okay=False)
)
def check_packs(files: tuple[Path, ...]) -> None:
    """Load the packs and your FILEs, and run the worked cases that each carries.

    A FILE is a pack (it takes the place of the shipped one of its jurisdiction) or an extension
    of one, called NL+own: then every change is said to be stricter or looser. Exit code 1 where a
    case fails, 2 where a file has an overlap, a gap, a value without a source or an unknown word.
    """
    checked = check({str(path): _text(path) for path in files})
    extended = {one.extends for one in checked.extensions}
    failed = sum([_report(pack, checked, pack.jurisdiction in extended)
                  for _name, pack in sorted(checked.packs.items())])  # fmt: skip
    for one in checked.extensions:
        outcomes = run_extension(
            one.cases, called=one.jurisdiction, extends=one.extends, packs=checked.packs
        )
        failed += _outcomes(one.jurisdiction, outcomes)
        for change in checked.changes[one.jurisdiction]:
            click.echo(f"    {change.kind:<8}  {change.provision.id}  {change.words}")
    done(f"{counted(len(checked.packs), 'pack')} can be loaded; "
         f"{counted(failed, 'case')} failed.")  # fmt: skip
    if failed:
        sys.exit(_EXIT_FAILED)


def _report(pack: Pack, checked: Checked, extended: bool) -> int:
    called = f"{pack.jurisdiction} (yours)" if pack.jurisdiction in checked.given else ""
    called = f"{pack.jurisdiction} (extended)" if extended else called or pack.jurisdiction
    return _outcomes(called, run_pack(pack, checked.packs))


def _outcomes(called: str, outcomes: Iterable[Outcome]) -> int:
    found = list(outcomes)
    numbers = [(verdict, sum(o.verdict is verdict for o in found)) for verdict in Verdict]
    said = ", ".join(f"{count} {verdict}" for verdict, count in numbers if count)
    click.echo(f"{called:<14}  {said or 'no cases'}")
    for outcome in found:
        for difference in outcome.differences:
            click.echo(f"    {outcome.case.id}  {difference}")
    return sum(o.verdict is Verdict.FAILED for o in found)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error


@command.command("watch")
@click.argument("jurisdiction", required=False)
@_on
def watch_packs(jurisdiction: str | None, day: date | None) -> None:
    """List what somebody who answers for the law should look at: in all packs, or one.

    Values that are not known, that run out, change or are to be reviewed within half a year, and
    those of low or medium confidence. Inherited provisions stand with the pack that says them.
    """
    day = day or _today()
    packs = [pack_of(jurisdiction)] if jurisdiction else list(shipped().values())
    found = [one for pack in packs for one in watch(pack, day)]
    found.sort(key=lambda one: (list(Why).index(one.why), one.by or date.max))
    for one in found:
        _print_watched(one)
    done(f"{counted(len(found), 'provision')} to look at on {day}.")


def _print_watched(one: Watched) -> None:
    by = f" on {one.by}" if one.by else ""
    click.echo(f"{_WHY[one.why] + by:<28}  {one.provision.id}")
    _wrapped(one.provision.text)
    _wrapped(f"source: {one.row.source}")
