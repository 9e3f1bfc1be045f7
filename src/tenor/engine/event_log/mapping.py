"""The mapping file: which activity of a log becomes which row of which table.

It is TOML. `[log]` says how the log is read, `[customer]` who owes, `[activities."NAME"]` what
an activity becomes. A log with one row an invoice and several dates in it (`form = "wide"`) has
`[invoice]` and any number of `[[facts]]` in place of activities.

`id`, `amount`, `running_total`, `due_on`, `at`, `where`, `detail` and the right sides of `columns`
name attributes (of a CSV file, columns); the other values are meant as they stand, or read from
an attribute where they are written in braces. `case:NAME` is an attribute of the whole case.
`codes` lists those `columns` whose numbers are names (an article of law is no quantity).

Columns of an invoice are taken from the event that creates it:
what a log knows only afterwards must not become a feature, and what stands at the case is known
from the beginning only if whoever writes the mapping says so by `case:`.
"""

import tomllib
import zoneinfo
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any

from tenor.engine.errors import InputError
from tenor.engine.events import Kind
from tenor.engine.store.files import nearest

INVOICE, PAYMENT, CONTACT, IGNORE = "invoice", "payment", "contact", "ignore"
EVENTS, WIDE = "events", "wide"
# What a rule may say beyond `becomes`, `at` and `where`, by what it becomes.
_KEYS_OF = {
    INVOICE: {"id", "amount", "due_days", "due_on", "currency", "columns", "codes"},
    PAYMENT: {"amount", "running_total", "method"},
    CONTACT: {"channel", "tone", "template", "cost", "policy"},
    IGNORE: set(),
    Kind.AMOUNT_CHANGED: {"amount", "detail"},
    Kind.CREDITED: {"amount", "detail"},
}
_ANY_RULE = {"becomes", "at", "where"}


@dataclass(frozen=True)
class LogForm:
    """How the log is read (`[log]`)."""

    form: str = EVENTS
    case: str = "concept:name"
    activity: str = "concept:name"
    timestamp: str = "time:timestamp"
    timezone: str | None = None
    date_format: str | None = None
    date_only_at: time = time(0)
    currency: str = "EUR"


@dataclass(frozen=True)
class Customer:
    """Who owes (`[customer]`): without `id`, every case is a customer of its own."""

    id: str | None = None
    kind: str | None = None
    country: str | None = None
    language: str | None = None
    timezone: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What one activity (or one date of a wide row) becomes."""

    name: str
    becomes: str
    id: str | None = None
    at: str | None = None
    where: dict[str, str] = field(default_factory=dict)
    amount: str | None = None
    running_total: str | None = None
    due_days: int | None = None
    due_on: str | None = None
    currency: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    channel: str | None = None
    tone: str | None = None
    template: str | None = None
    cost: str | None = None
    policy: str | None = None
    method: str | None = None
    detail: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """A mapping file, read and checked. `activities` is empty for wide logs, `facts` for others."""

    log: LogForm
    customer: Customer
    activities: dict[str, Rule]
    facts: tuple[Rule, ...]


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    InputError
        It is no TOML, a key is unknown (the nearest known one is named), a value has the wrong
        type, or something that a rule needs is not said.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not TOML: {error}") from error
    reader = _Reader(path.name)
    reader.refuse_unknown("", content, {"log", "customer", "activities", "invoice", "facts"})
    log = reader.log(content.get("log", {}))
    customer = reader.customer(content.get("customer", {}))
    if log.form == WIDE:
        return Mapping(log, customer, {}, reader.facts(content))
    return Mapping(log, customer, reader.activities(content), ())


@dataclass(frozen=True)
class _Reader:
    """Checks the parts of one mapping file; its errors name the file and the key."""

    file: str

    def refuse(self, place: str, message: str) -> InputError:
        return InputError(
            f"{self.file}: {place}: {message}" if place else f"{self.file}: {message}"
        )

    def refuse_unknown(self, place: str, given: dict[str, Any], known: set[str]) -> None:
        for key in given:
            if key not in known:
                close = nearest(key, sorted(known))
                hint = f"did you mean {close!r}?" if close else f"known: {', '.join(sorted(known))}"
                raise self.refuse(place, f"unknown key {key!r}; {hint}")

    def texts(self, place: str, given: dict[str, Any], but: tuple[str, ...] = ()) -> dict[str, Any]:
        for key, value in given.items():
            if key not in but and not isinstance(value, str):
                raise self.refuse(place, f"{key} must be a text, not {value!r}")
        return given

    def text_table(self, place: str, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.refuse(
                place, f'must be a table such as {{ name = "attribute" }}, not {value!r}'
            )
        return dict(self.texts(place, value))

    def names(self, place: str, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.refuse(place, f'{key} must be a list such as ["name"], not {value!r}')
        return tuple(value)

    def codes(self, place: str, values: dict[str, Any]) -> None:
        if "codes" not in values:
            return
        values["codes"] = self.names(place, "codes", values["codes"])
        for name in values["codes"]:
            if name not in values.get("columns", {}):
                raise self.refuse(place, f"codes: {name!r} is none of its columns")

    def log(self, given: dict[str, Any]) -> LogForm:
        self.refuse_unknown("[log]", given, {f.name for f in fields(LogForm)})
        values = dict(self.texts("[log]", given))
        if values.get("form", EVENTS) not in (EVENTS, WIDE):
            raise self.refuse("[log]", f'form is "{EVENTS}" or "{WIDE}", not {values["form"]!r}')
        zone = values.get("timezone")
        if zone is not None and zone not in zoneinfo.available_timezones():
            raise self.refuse("[log]", f"timezone {zone!r} is unknown; write one like Europe/Rome")
        if "date_only_at" in values:
            try:
                values["date_only_at"] = time.fromisoformat(values["date_only_at"])
            except ValueError as error:
                raise self.refuse("[log]", 'date_only_at is a time such as "12:00"') from error
        return LogForm(**values)

    def customer(self, given: dict[str, Any]) -> Customer:
        self.refuse_unknown("[customer]", given, {f.name for f in fields(Customer)})
        values = dict(self.texts("[customer]", given, but=("columns", "codes")))
        if "columns" in values:
            values["columns"] = self.text_table("[customer] columns", values["columns"])
        self.codes("[customer]", values)
        return Customer(**values)

    def activities(self, content: dict[str, Any]) -> dict[str, Rule]:
        for key in ("invoice", "facts"):
            if key in content:
                raise self.refuse("", f'[{key}] belongs to logs of form = "{WIDE}"')
        given = content.get("activities", {})
        rules = {
            name: self.rule(f'[activities."{name}"]', name, values)
            for name, values in given.items()
        }
        creating = [rule.name for rule in rules.values() if rule.becomes == INVOICE]
        if len(creating) != 1:
            raise self.refuse(
                "", f'one activity must have becomes = "{INVOICE}", found {len(creating)}'
            )
        return rules

    def facts(self, content: dict[str, Any]) -> tuple[Rule, ...]:
        if "activities" in content:
            raise self.refuse("", f'[activities] belongs to logs of form = "{EVENTS}"')
        if "invoice" not in content:
            raise self.refuse("", "[invoice] must say which columns hold an invoice")
        listed = content.get("facts", [])
        rules = [self.rule("[invoice]", INVOICE, {"becomes": INVOICE} | content["invoice"])]
        rules += [
            self.rule(f"[[facts]] {i}", f"fact {i}", f) for i, f in enumerate(listed, start=1)
        ]
        if undated := next((r.name for r in rules if r.at is None), None):
            raise self.refuse("", f"{undated}: `at` must name the column with its date")
        if rules[0].id is None:
            raise self.refuse("[invoice]", "`id` must name the column with the invoice's number")
        return tuple(rules)

    def rule(self, place: str, name: str, given: Any) -> Rule:
        if not isinstance(given, dict) or "becomes" not in given:
            raise self.refuse(
                place,
                "`becomes` must say what it is: invoice, payment, contact, "
                "ignore, or a kind of event",
            )
        becomes = given["becomes"]
        known = [INVOICE, PAYMENT, CONTACT, IGNORE, *(str(kind) for kind in Kind)]
        if becomes not in known:
            close = nearest(str(becomes), known)
            hint = f"did you mean {close!r}?" if close else f"known: {', '.join(known)}"
            raise self.refuse(place, f"becomes = {becomes!r} is unknown; {hint}")
        self.refuse_unknown(place, given, _ANY_RULE | _KEYS_OF.get(becomes, {"detail"}))
        values = dict(given)
        for key in ("columns", "where"):
            if key in values:
                values[key] = self.text_table(f"{place} {key}", values[key])
        if "detail" in values:
            values["detail"] = self.names(place, "detail", values["detail"])
        self.codes(place, values)
        if isinstance(values.get("cost"), int | float):
            values["cost"] = str(values["cost"])
        self.texts(place, values, but=("columns", "where", "detail", "due_days", "codes"))
        rule = Rule(name=name, **values)
        self.refuse_incomplete(place, rule)
        return rule

    def refuse_incomplete(self, place: str, rule: Rule) -> None:
        lacks = None
        if rule.becomes in (INVOICE, Kind.AMOUNT_CHANGED) and rule.amount is None:
            lacks = "`amount` must name the attribute with the amount"
        elif rule.becomes == INVOICE and (rule.due_days is None) == (rule.due_on is None):
            lacks = "say either `due_days` (days after the issue) or `due_on` (an attribute)"
        elif rule.due_days is not None and type(rule.due_days) is not int:
            lacks = f"due_days must be a whole number, not {rule.due_days!r}"
        elif rule.becomes == PAYMENT and (rule.amount is None) == (rule.running_total is None):
            lacks = "say either `amount` or `running_total` (what was paid so far)"
        elif rule.becomes == CONTACT and rule.channel is None:
            lacks = '`channel` must name the channel, such as "letter"'
        if lacks:
            raise self.refuse(place, lacks)
