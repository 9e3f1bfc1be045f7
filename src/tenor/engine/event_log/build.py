"""Cases of an event log into rows of the contract's tables."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.event_log.logs import Case, Step, is_completion, read_cases
from tenor.engine.event_log.mapping import (
    CONTACT,
    IGNORE,
    INVOICE,
    PAYMENT,
    WIDE,
    Mapping,
    Rule,
)
from tenor.engine.event_log.rows import Rows, typed
from tenor.engine.event_log.values import (
    Clock,
    UnusableError,
    amount_of,
    attribute,
    decimal_of,
    required,
    value_of,
)
from tenor.engine.events import Kind
from tenor.engine.frames import (
    CONTACTS,
    CUSTOMERS,
    EVENTS,
    INVOICES,
    PAYMENTS,
    Tables,
    empty_tables,
)

# Kinds that are the fate of a message: they belong to the last contact before them.
_OF_A_CONTACT = (Kind.DELIVERED, Kind.BOUNCED, Kind.OPENED, Kind.CLICKED)


@dataclass(frozen=True)
class Imported:
    """The tables that a log gave, and what became of its parts.

    `made` counts rows by what they became (`letter` contacts and other kinds apart), `unmapped`
    events by activity that the mapping does not name, `left_out` says in words and numbers what
    was knowingly not taken over. `problems` are events that should have become a row and could
    not: `place, reason`.
    """

    tables: Tables
    made: dict[str, int]
    unmapped: dict[str, int]
    left_out: dict[str, int]
    problems: pl.DataFrame


def import_event_log(
    path: Path, mapping: Mapping, *, report: Callable[[int], None] = lambda _: None
) -> Imported:
    """Read the event log `path` (XES or CSV, also gzipped) into tables.

    Parameters
    ----------
    path
        The log. XES is streamed; of CSV the events are held, as those of a case may stand apart.
    mapping
        What becomes what.
    report
        Is told the bytes of the file read since the last time.

    Raises
    ------
    InputError
        The file cannot be read, or no case has an invoice.
    """
    builder = _Builder(mapping)
    for case in read_cases(path, mapping.log, report):
        builder.add(case)
    return builder.result(path)


@dataclass
class _Moment:
    """A step with its rule and its time."""

    at: datetime
    day: date
    rule: Rule
    step: Step


@dataclass
class _Case:
    """What is known of a case while its events are gone through."""

    id: str
    invoice_id: str
    customer_id: str
    paid: Decimal = Decimal(0)
    contacts: int = 0
    payments: int = 0


class _Builder:
    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.clock = Clock(mapping.log)
        self.rows = {t.name: Rows(t) for t in (CUSTOMERS, INVOICES, PAYMENTS, CONTACTS, EVENTS)}
        self.known_customers: set[str] = set()
        self.seen: set[str] = set()
        self.made: Counter[str] = Counter()
        self.unmapped: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.problems: list[tuple[str, str]] = []

    def add(self, case: Case) -> None:
        """Turn one case into rows; all of it is left out if it has no usable invoice."""
        name = self._case_name(case)
        moments = self._moments(name, case)
        creating = [m for m in moments if m.rule.becomes == INVOICE]
        if not creating:
            self.left_out["cases without the event that creates an invoice"] += 1
            return
        try:
            current = self._invoice(name, case, creating[0])
        except UnusableError as error:
            self.problems.append((f"case {name}, {creating[0].step.place}", str(error)))
            return
        if current is None:
            self.left_out["cases that ask for nothing (an amount of 0 or less)"] += 1
            return
        for moment in moments:
            if moment is creating[0]:
                continue
            try:
                self._step(case, current, moment)
            except UnusableError as error:
                place = f"case {name}, {moment.step.place} ({moment.rule.name})"
                self.problems.append((place, str(error)))

    def result(self, path: Path) -> Imported:
        if not self.rows["invoices"].values:
            first = f"; the first problem: {': '.join(self.problems[0])}" if self.problems else ""
            names = ", ".join(name for name, _ in self.unmapped.most_common(12))
            hint = f"; activities in it: {names}" if names else ""
            raise InputError(f"{path}: no case has an invoice by this mapping{first}{hint}")
        self._refuse_absent_columns()
        frames = {name: rows.frame() for name, rows in self.rows.items()}
        frames["customers"] = typed(frames["customers"], CUSTOMERS, self.mapping.customer.codes)
        frames["invoices"] = typed(frames["invoices"], INVOICES, self._creating_rule().codes)
        sorted_frames = {
            "payments": frames["payments"].sort("paid_at", maintain_order=True),
            "contacts": frames["contacts"].sort("sent_at", maintain_order=True),
            "events": frames["events"].sort("at", maintain_order=True),
        }
        schema = {"place": pl.String, "reason": pl.String}
        return Imported(
            tables=empty_tables().with_(**(frames | sorted_frames)),
            made=dict(self.made.most_common()),
            unmapped=dict(self.unmapped.most_common()),
            left_out=dict(self.left_out.most_common()),
            problems=pl.DataFrame(self.problems, schema=schema, orient="row"),
        )

    def _creating_rule(self) -> Rule:
        rules = [*self.mapping.activities.values(), *self.mapping.facts]
        return next(rule for rule in rules if rule.becomes == INVOICE)

    def _refuse_absent_columns(self) -> None:
        """A misspelt attribute would give a column of nothing."""
        wanted = {**self.mapping.customer.columns, **self._creating_rule().columns}
        for column, name in wanted.items():
            if name not in self.seen:
                raise InputError(
                    f"column {column}: no event that creates an invoice has the attribute "
                    f"{name!r} (an attribute of the case is written case:NAME)"
                )

    def _case_name(self, case: Case) -> str:
        if self.mapping.log.form == WIDE:
            return case.steps[0].attributes.get(self._creating_rule().id or "", "")
        return case.attributes.get(self.mapping.log.case, "")

    def _moments(self, name: str, case: Case) -> list[_Moment]:
        """Return the events of a case that the mapping names, in the order of time."""
        found: list[_Moment] = []
        for step in case.steps:
            for rule in self._rules_for(step):
                text = step.attributes.get(rule.at or self.mapping.log.timestamp, "")
                if self.mapping.log.form == WIDE and not text.strip():
                    continue
                try:
                    at, day = self.clock.read(text)
                except UnusableError as error:
                    self.problems.append((f"case {name}, {step.place} ({rule.name})", str(error)))
                except InputError as error:
                    raise InputError(f"case {name}, {step.place}: {error}") from error
                else:
                    found.append(_Moment(at, day, rule, step))
        found.sort(key=lambda moment: moment.at)
        return found

    def _rules_for(self, step: Step) -> list[Rule]:
        if self.mapping.log.form == WIDE:
            return [r for r in self.mapping.facts if _holds(r, step)]
        if not is_completion(step):
            self.left_out["events that say that something began, not that it happened"] += 1
            return []
        activity = step.attributes.get(self.mapping.log.activity, "")
        rule = self.mapping.activities.get(activity)
        if rule is None:
            self.unmapped[activity] += 1
            return []
        if rule.becomes == IGNORE:
            self.left_out[f'events "{activity}", as the mapping says'] += 1
            return []
        return [rule] if _holds(rule, step) else []

    def _invoice(self, name: str, case: Case, moment: _Moment) -> _Case | None:
        rule, customer = moment.rule, self.mapping.customer
        total = amount_of(case, moment.step, rule.amount or "")
        if total <= 0:
            return None
        if rule.due_on:
            due = self.clock.read(required(case, moment.step, rule.due_on))[1]
        else:
            due = moment.day + timedelta(days=rule.due_days or 0)
        invoice_id = required(case, moment.step, rule.id) if rule.id else name
        customer_id = required(case, moment.step, customer.id) if customer.id else invoice_id
        currency = rule.currency or self.mapping.log.currency
        self.rows["invoices"].add(
            invoice_id=invoice_id,
            customer_id=customer_id,
            amount=str(total),
            currency=value_of(case, moment.step, currency),
            issued_on=moment.day,
            due_on=due,
            **self._columns(case, moment.step, rule.columns),
        )
        self.made["invoices"] += 1
        if customer_id not in self.known_customers:
            self.known_customers.add(customer_id)
            self._customer(customer_id, case, moment.step)
        return _Case(name, invoice_id, customer_id)

    def _customer(self, customer_id: str, case: Case, step: Step) -> None:
        customer = self.mapping.customer
        self.rows["customers"].add(
            customer_id=customer_id,
            kind=value_of(case, step, customer.kind),
            country=value_of(case, step, customer.country),
            language=value_of(case, step, customer.language),
            timezone=value_of(case, step, customer.timezone),
            **self._columns(case, step, customer.columns),
        )
        self.made["customers"] += 1

    def _columns(self, case: Case, step: Step, wanted: dict[str, str]) -> dict[str, str | None]:
        values = {column: attribute(case, step, name) for column, name in wanted.items()}
        self.seen.update(name for name in wanted.values() if attribute(case, step, name))
        return values

    def _step(self, case: Case, current: _Case, moment: _Moment) -> None:
        if moment.rule.becomes == INVOICE:
            raise UnusableError("a case has one invoice; this is its second")
        if moment.rule.becomes == PAYMENT:
            self._payment(case, current, moment)
        elif moment.rule.becomes == CONTACT:
            self._contact(case, current, moment)
        else:
            self._event(case, current, moment)

    def _payment(self, case: Case, current: _Case, moment: _Moment) -> None:
        rule, step = moment.rule, moment.step
        if rule.running_total:
            so_far = amount_of(case, step, rule.running_total)
            amount, current.paid = so_far - current.paid, so_far
        else:
            amount = amount_of(case, step, rule.amount or "")
        if amount == 0:
            self.left_out["payments of nothing"] += 1
            return
        current.payments += 1
        self.made["payments"] += 1
        self.rows["payments"].add(
            invoice_id=current.invoice_id,
            paid_at=moment.at,
            amount=str(amount),
            payment_id=f"{current.invoice_id}-p{current.payments}",
            method=value_of(case, step, rule.method),
        )

    def _contact(self, case: Case, current: _Case, moment: _Moment) -> None:
        rule, step = moment.rule, moment.step
        channel = value_of(case, step, rule.channel)
        if not channel:
            raise UnusableError(f"its channel ({rule.channel}) is empty")
        cost = value_of(case, step, rule.cost)
        if cost is not None:
            cost = str(decimal_of("cost", cost))
        current.contacts += 1
        self.made[f"contacts by {channel}"] += 1
        self.rows["contacts"].add(
            contact_id=f"{current.invoice_id}-c{current.contacts}",
            customer_id=current.customer_id,
            invoice_ids=[current.invoice_id],
            sent_at=moment.at,
            channel=channel,
            tone=value_of(case, step, rule.tone),
            template=value_of(case, step, rule.template),
            cost=cost,
            policy=value_of(case, step, rule.policy),
        )

    def _event(self, case: Case, current: _Case, moment: _Moment) -> None:
        rule, step = moment.rule, moment.step
        detail = {name: attribute(case, step, name) for name in rule.detail}
        if rule.amount:
            detail["amount"] = str(amount_of(case, step, rule.amount))
        detail = {name: value for name, value in detail.items() if value}
        contact_id = None
        if rule.becomes in _OF_A_CONTACT and current.contacts:
            contact_id = f"{current.invoice_id}-c{current.contacts}"
        self.made[f"events {rule.becomes}"] += 1
        self.rows["events"].add(
            at=moment.at,
            kind=rule.becomes,
            invoice_id=current.invoice_id,
            customer_id=current.customer_id,
            contact_id=contact_id,
            detail=json.dumps(detail, sort_keys=True, ensure_ascii=False) if detail else None,
        )


def _holds(rule: Rule, step: Step) -> bool:
    return all(step.attributes.get(name, "").strip() == v for name, v in rule.where.items())
