"""`tenor law explain`: what may be done in a case now, what not, why, and when that changes."""

import json
import sys
import textwrap
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from tenor.cli.console import counted, done, parse_instant
from tenor.engine.errors import InputError
from tenor.engine.law.case import Case
from tenor.engine.law.explain import explain
from tenor.engine.law.facts import read_case
from tenor.engine.law.pack import Reason
from tenor.engine.law.ruling import Ruling

_WIDE = 100
_INDENT = " " * 6


@click.command("explain")
@click.option("--jurisdiction", required=True, metavar="CODE", help="Whose law, such as NL, US-MA.")
@click.option(
    "--facts", required=True, metavar="FILE", type=click.Path(path_type=Path),
    help="The facts of the case: a JSON object, or - for what is piped in.",
)  # fmt: skip
@click.option(
    "--at", type=parse_instant, metavar="T",
    help="The moment asked about, where the facts name none; now unless given.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
def command(jurisdiction: str, facts: Path, at: datetime | None, as_json: bool) -> None:
    """Say for a case what may be done now, what not, why, and when that changes.

    FACTS is an object with any of the keys at, zones, debtor, actor, claims, notices, contacts,
    holds, opt_outs, consents, deducts_vat, registered, mandate; what it leaves out is taken in
    the debtor's favour. Each answer names its rules, their sources and since when they hold.
    """
    case = read_case(_read(facts), jurisdiction, at=at or datetime.now(UTC))
    rulings = explain(case)
    if as_json:
        click.echo(json.dumps(_as_data(case, rulings), indent=1, ensure_ascii=False))
        return
    for ruling in rulings:
        _print(ruling, ZoneInfo(case.zones[0]))
    allowed = sum(ruling.allowed for ruling in rulings)
    done(
        f"{case.pack.name}, {case.at.astimezone(ZoneInfo(case.zones[0])):%Y-%m-%d %H:%M}: "
        f"{allowed} of {counted(len(rulings), 'step')} may be taken."
    )


def _read(path: Path) -> Any:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: this is not JSON ({error})") from error


def _print(ruling: Ruling, zone: ZoneInfo) -> None:
    word = click.style("yes", fg="green") if ruling.allowed else click.style("no ", fg="red")
    sums = f"  {ruling.amount:,.2f} {ruling.currency}" if ruling.allowed and ruling.amount else ""
    click.echo(f"{word}  {click.style(ruling.step, bold=True)}{sums}{_when(ruling, zone)}")
    for line in ruling.lines if ruling.allowed else ():
        click.echo(f"{_INDENT}{line.amount:>12,.2f}  {line.text}")
    for reason in ruling.reasons:
        _wrapped(reason.text)
        _wrapped(_standing(reason), dim=True)
    for words in ruling.todo:
        _wrapped(f"To do: {words}")


def _when(ruling: Ruling, zone: ZoneInfo) -> str:
    if ruling.changes_at is None:
        return ""
    moment = f"{ruling.changes_at.astimezone(zone):%Y-%m-%d %H:%M}"
    # What may be charged grows by the day: that is no end.
    if ruling.allowed:
        return f"  (changes {moment})" if ruling.amount else f"  (until {moment})"
    return f"  (from {moment})"


def _standing(reason: Reason) -> str:
    return (
        f"{reason.code} by {reason.rule}: {reason.source}; since {reason.since}, "
        f"{reason.binding}, confidence {reason.confidence}"
    )


def _wrapped(text: str, *, dim: bool = False) -> None:
    for line in textwrap.wrap(text, _WIDE - len(_INDENT)):
        click.echo(_INDENT + click.style(line, dim=dim or None))


def _as_data(case: Case, rulings: tuple[Ruling, ...]) -> dict[str, Any]:
    return {
        "jurisdiction": case.pack.jurisdiction,
        "version": case.pack.version,
        "at": case.at.isoformat(),
        "steps": [
            {
                "step": ruling.step,
                "allowed": ruling.allowed,
                "changes_at": ruling.changes_at and ruling.changes_at.isoformat(),
                "amount": None if ruling.amount is None else f"{ruling.amount:f}",
                "currency": ruling.currency,
                "lines": [{"text": x.text, "amount": f"{x.amount:f}"} for x in ruling.lines],
                "reasons": [_reason_data(reason) for reason in ruling.reasons],
                "todo": list(ruling.todo),
            }
            for ruling in rulings
        ],
    }


def _reason_data(reason: Reason) -> dict[str, str]:
    names = ("code", "text", "rule", "source", "since", "confidence", "binding")
    return {name: str(getattr(reason, name)) for name in names}
