"""Run worked cases: read a file of them, compare what comes out with what was expected."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from tenor.engine.cases.rules import RULES
from tenor.engine.cases.values import Input, NotCovered, Result
from tenor.engine.errors import InputError

_FIELDS: Mapping[str, type] = {"id": str, "rule": str, "input": dict, "expected": dict}
_DECIMAL = re.compile(r"-?\d+\.\d+")
# What a rule may raise on an input that it cannot use: a failed case, not a crash of the run.
_REFUSALS = (
    InputError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    StopIteration,
)


class Verdict(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_COVERED = "not covered"  # the engine has no such rule, or not for such an input


@dataclass(frozen=True)
class Case:
    """One worked case: the rule, its input, and what must come out (other results are ignored)."""

    id: str
    rule: str
    input: Input
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    `differences` are `name: came out, expected` of a failed one, or why it is not covered.
    """

    case: Case
    verdict: Verdict
    differences: tuple[str, ...] = ()


def read_cases(path: Path) -> list[Case]:
    """Read a JSON file of worked cases: a list of objects, or an object with it as `cases`.

    Decimals stay exact. Raises `InputError` naming file, entry and key where something is off.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    except json.JSONDecodeError as error:
        place = f"{path}, line {error.lineno}, column {error.colno}"
        raise InputError(f"{place}: this is not JSON ({error.msg})") from error
    if isinstance(found, dict):
        found = found.get("cases")
    if not isinstance(found, list):
        raise InputError(
            f"{path}: expected a list of cases, or an object that holds one as `cases`"
        )
    return [case_of(entry, f"{path}, case {number}") for number, entry in enumerate(found, 1)]


def case_of(entry: object, place: str) -> Case:
    """Return one entry of a list of cases; raises `InputError` naming `place` and key."""
    if not isinstance(entry, dict):
        raise InputError(f"{place}: expected an object with id, rule, input and expected")
    for field, kind in _FIELDS.items():
        if field not in entry:
            raise InputError(f"{place}: {field!r} is missing")
        if not isinstance(entry[field], kind):
            wanted = "an object" if kind is dict else "a text"
            raise InputError(f"{place}: {field!r} must be {wanted}")
    given = entry["input"]
    if isinstance(entry.get("jurisdiction"), str):
        # Which pack holds is said beside the input; a rule finds it there like any other fact.
        given = {"jurisdiction": entry["jurisdiction"], **given}
    return Case(entry["id"], entry["rule"], given, entry["expected"])


def run_case(case: Case, rules: Mapping[str, Callable[[Input], Result]] = RULES) -> Outcome:
    """Run one case; only what it expects is compared."""
    rule = rules.get(case.rule)
    if rule is None:
        return Outcome(case, Verdict.NOT_COVERED)
    try:
        result = rule(case.input)
    except NotCovered as error:
        return Outcome(case, Verdict.NOT_COVERED, (str(error),))
    except _REFUSALS as error:
        return Outcome(case, Verdict.FAILED, (f"could not be run: {_said(error)}",))
    differences = tuple(
        f"{name}: {_shown(result, name)}, expected {_plain(wanted)}"
        for name, wanted in case.expected.items()
        if name not in result or not same(result[name], wanted)
    )
    return Outcome(case, Verdict.FAILED if differences else Verdict.PASSED, differences)


def by_rule(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Group outcomes by rule, in the order in which the rules first appear."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.rule, []).append(outcome)
    return groups


def same(came_out: object, wanted: object) -> bool:
    """Say whether two results are equal; numbers, decimals and decimal texts by their value.

    Other texts must be equal to the letter: "007" is not "7".
    """
    if isinstance(came_out, Mapping) and isinstance(wanted, Mapping):
        return came_out.keys() == wanted.keys() and all(
            same(came_out[k], wanted[k]) for k in wanted
        )
    if isinstance(came_out, list | tuple) and isinstance(wanted, list | tuple):
        return len(came_out) == len(wanted) and all(map(same, came_out, wanted))
    numbers = _number(came_out), _number(wanted)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] == numbers[1]
    return type(came_out) is type(wanted) and came_out == wanted


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def _said(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the input has no {error}"
    if isinstance(error, StopIteration):
        return "the input has none of the facts that the rule asks about"
    return str(error) or type(error).__name__


def _shown(result: Result, name: str) -> str:
    return f"came out {_plain(result[name])}" if name in result else "did not come out"


def _plain(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
