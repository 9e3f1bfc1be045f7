"""`tenor replay`: make a decision of an earlier day again, and show how it came about."""

import json
from typing import TYPE_CHECKING, Any

import click

from tenor.cli.console import done, progress
from tenor.cli.installation import made_option
from tenor.engine.errors import InputError

if TYPE_CHECKING:
    from tenor.platform.decisions.models import Decision
    from tenor.platform.decisions.replay.again import Replay
    from tenor.platform.decisions.replay.derivation import Derivation

_DECIDED_BY = {
    "learned": "by what was learned",
    "ladder": "by the fixed ladder",
    "nothing": "by lot: nobody is contacted in this group",
}


@click.command()
@click.argument("decision")
@click.option("--organisation", metavar="SLUG", help="Whose decision, where several have it.")
@made_option
def command(decision: str, organisation: str | None) -> None:
    """Make DECISION (its id) again with the versions, facts, rules, law and seed of its day.

    Says whether it comes out the same, bit for bit, else field by field what differs and the likely
    cause; and how it came about: what was weighed, what the rules took, with which probability.
    Exit code 1 where it is not the same, or cannot be made again.
    """
    from tenor.platform.decisions.replay.again import replay
    from tenor.platform.decisions.replay.derivation import derivation

    found = _found(decision, organisation)
    with progress("Deciding again"):
        again, told = replay(found), derivation(found)
    _decision(found)
    if told is not None:
        _derivation(told)
    _verdict(again)
    if again.same is not True:
        raise SystemExit(1)


def _found(key: str, organisation: str | None) -> "Decision":
    from tenor.platform.decisions.replay.finding import decisions_called

    found = decisions_called(key)
    if organisation is not None:
        found = [one for one in found if one.organisation.slug == organisation]
    if not found:
        raise InputError(
            f"there is no decision {key!r}; its id stands in the case of its customer, in the "
            "export of the plan and in the API"
        )
    if len(found) > 1:
        slugs = ", ".join(one.organisation.slug for one in found)
        raise InputError(f"several organisations have a decision {key!r}: {slugs}; name one")
    return found[0]


def _decision(found: "Decision") -> None:
    what = " ".join(part for part in (found.verdict, found.channel, found.tone) if part)
    at = f", to go out {found.send_at:%Y-%m-%d %H:%M} UTC" if found.send_at else ""
    click.echo(f"{found.key}  customer {found.customer.key}")
    click.echo(f"  decided {found.decided_at:%Y-%m-%d %H:%M} UTC: {what}{at}")
    click.echo(f"  predictor {found.model_version or '-'}, rules {found.policy_version or '-'}")
    for reason in found.reasons:
        click.echo(f"  - {reason}")
    click.echo(f"  probability {_share(found.propensity)}{_factors(found.factors)}")


def _factors(factors: dict[str, Any]) -> str:
    parts = [f"{name} {_share(factors[name])}" for name in ("channel", "tone", "time")
             if name in factors]  # fmt: skip
    by = {"uniform": "; drawn evenly", "draw": "; drawn as possibly the best"}
    return (f" ({', '.join(parts)})" if parts else "") + by.get(factors.get("by", ""), "")


def _derivation(told: "Derivation") -> None:
    click.echo(f"  decided {_DECIDED_BY.get(told.by, told.by)}, seed {told.seed}")
    if told.ways:
        click.echo(f"  {told.permitted:,} of {told.ways:,} ways were permitted")
    for rule, text, count in told.forbidden:
        click.echo(f"    {count:>7,} forbidden by {rule}: {text}")
    for one in told.best:
        mark = "*" if one.chosen else " "
        click.echo(
            f"  {mark} {one.channel} {one.tone} {one.send_at:%Y-%m-%d %H:%M} UTC: gains "
            f"{one.gain:+,.2f} over waiting, pays {one.p_paid:.1%}"
        )


def _verdict(again: "Replay") -> None:
    from tenor.platform.decisions.replay.again import CAUSES

    if again.same:
        done("Decided again: the same, bit for bit.")
        return
    for one in again.differences:
        click.echo(f"  {one.field}: was {_shown(one.was)}, now {_shown(one.now)}")
    for cause in again.causes:
        click.echo(f"  {CAUSES[cause]}")
    if again.same is None:
        done("It cannot be decided again.")
    else:
        unknown = "" if again.causes else ": the record was altered, or the engine was"
        done(f"Decided again: {len(again.differences)} fields differ{unknown}.")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4%}"
