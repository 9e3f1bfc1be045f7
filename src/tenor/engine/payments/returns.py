"""Direct debits that came back: what a bank's code asks for, and until when money may return.

The codes and the terms of the schemes are data with the days they are in force
(`sepa_returns.toml`).
"""

import calendar
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import holidays

from tenor.engine.errors import InputError


class Category(StrEnum):
    """What kind of thing a returned debit is."""

    NEW_ACCOUNT = "new_account"  # this account will not do
    HOLD_CHANNEL = "hold_channel"  # no debits until somebody has found out why
    SCHEME_ERROR = "scheme_error"  # collected under the wrong scheme
    SOFT_FAIL = "soft_fail"  # not now: no money
    TECHNICAL = "technical"  # our own file or bank
    FIX_DATA = "fix_data"  # data of ours are missing or wrong
    MANDATE_DISPUTE = "mandate_dispute"  # the debtor denies the mandate
    REFUND_NO_REASON = "refund_no_reason"  # the debtor took the money back, as is their right
    REFUSAL = "refusal"  # the debtor did not want this debit
    MASKED = "masked"  # the bank does not say
    DECEASED = "deceased"
    REGULATORY = "regulatory"  # compliance looks
    INFO = "info"  # no failure


class Scheme(StrEnum):
    """The two schemes of SEPA direct debit."""

    CORE = "CORE"  # for everybody
    B2B = "B2B"  # between businesses, without refund


class AddressForm(StrEnum):
    """How an address is written in a file to the bank."""

    STRUCTURED = "structured"  # every part in its own element
    HYBRID = "hybrid"  # town and country in theirs, the rest in lines
    UNSTRUCTURED = "unstructured"  # lines only


@dataclass(frozen=True)
class Dated:
    """A row of the data and the days on which it is in force; None is open."""

    source: str
    confidence: str
    from_day: date | None
    to_day: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether the row is in force on a day."""
        after = self.from_day is None or self.from_day <= day
        return after and (self.to_day is None or day <= self.to_day)


@dataclass(frozen=True)
class ReturnReason(Dated):
    """A reason for which a debit comes back.

    `retry`: it may be tried again without a person's word, `most_retries` times (None: until it
    is corrected). `action` tells the collector in English what to do.
    """

    code: str
    meaning: str
    category: Category
    retry: bool
    action: str
    most_retries: int | None


@dataclass(frozen=True)
class SchemeTerms(Dated):
    """The terms of a scheme; None where it knows no refund."""

    scheme: Scheme
    refund_weeks: int | None
    unauthorised_months: int | None
    return_business_days: int
    prenotice_days: int


@dataclass(frozen=True)
class AddressRule(Dated):
    """Which forms of address banks take."""

    forms: tuple[AddressForm, ...]


@dataclass(frozen=True)
class Refund:
    """Whether the debtor may have the money back, and the last day to ask for it."""

    allowed: bool
    limit: date | None


_Row = TypeVar("_Row", bound=Dated)


def return_reason(code: str, day: date) -> ReturnReason | None:
    """Return what a bank's reason code means on a day; None where the code is not known."""
    wanted = code.strip().upper()
    return _on(day, (reason for reason in _data().reasons if reason.code == wanted))


def reasons_on(day: date) -> tuple[ReturnReason, ...]:
    """Return every reason in force on a day, by code."""
    held = (reason for reason in _data().reasons if reason.holds_on(day))
    return tuple(sorted(held, key=lambda reason: reason.code))


def scheme_terms(scheme: Scheme, day: date) -> SchemeTerms:
    """Return the terms of a scheme on a day; raises `InputError` where none are known."""
    found = _on(day, (terms for terms in _data().schemes if terms.scheme is scheme))
    if found is None:
        raise InputError(f"no terms of SEPA direct debit {scheme} are known for {day}")
    return found


def refund(scheme: Scheme, *, debited: date, asked: date, authorised: bool) -> Refund:
    """Say whether a debtor who asks on `asked` may have a debit of `debited` back.

    Eight weeks without a reason, thirteen months where it was never authorised; the last day
    counts. A scheme without refund has no limit either.
    """
    terms = scheme_terms(scheme, debited)
    if terms.refund_weeks is None or terms.unauthorised_months is None:
        return Refund(allowed=False, limit=None)
    if authorised:
        limit = debited + timedelta(weeks=terms.refund_weeks)
    else:
        limit = _months_later(debited, terms.unauthorised_months)
    return Refund(allowed=asked <= limit, limit=limit)


def last_return_day(settled: date, business_days: int) -> date:
    """Return the last day on which the debtor's bank may send a debit back.

    Business days are those on which banks settle with each other (TARGET): no weekends, not New
    Year, Good Friday, Easter Monday, 1 May and the two days of Christmas.
    """
    day = settled
    for _ in range(business_days):
        day += timedelta(days=1)
        while not is_settlement_day(day):
            day += timedelta(days=1)
    return day


def is_settlement_day(day: date) -> bool:
    """Say whether banks of the euro area settle with each other on a day."""
    return day.weekday() < 5 and day not in _target_holidays(day.year)


def may_announce(scheme: Scheme, *, days_before: int, agreed_shorter: bool, day: date) -> bool:
    """Say whether a debit of `day` may be announced only `days_before` days ahead."""
    return agreed_shorter or days_before >= scheme_terms(scheme, day).prenotice_days


def address_form(parts: Mapping[str, int]) -> AddressForm:
    """Say of which form an address is, from how often each of its elements is there.

    `TwnNm` and `Ctry` alone or with other named parts are structured; with one or two `AdrLine`
    beside them hybrid; all else is unstructured.
    """
    named = parts.get("TwnNm", 0) > 0 and parts.get("Ctry", 0) > 0
    lines = parts.get("AdrLine", 0)
    if not named or lines > 2:
        return AddressForm.UNSTRUCTURED
    return AddressForm.HYBRID if lines else AddressForm.STRUCTURED


def takes_address(form: AddressForm, day: date) -> bool:
    """Say whether banks take a file with this form of address on a day."""
    rule = _on(day, _data().addresses)
    return rule is not None and form in rule.forms


@dataclass(frozen=True)
class _Data:
    reasons: tuple[ReturnReason, ...]
    schemes: tuple[SchemeTerms, ...]
    addresses: tuple[AddressRule, ...]


@cache
def _data() -> _Data:
    text = (resources.files(__package__) / "sepa_returns.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    sources: Mapping[str, str] = tables["sources"]
    return _Data(
        tuple(_reason(row, sources) for row in tables["reasons"]),
        tuple(_scheme(row, sources) for row in tables["schemes"]),
        tuple(_address(row, sources) for row in tables["addresses"]),
    )


def _reason(row: Mapping[str, Any], sources: Mapping[str, str]) -> ReturnReason:
    return ReturnReason(
        **_dated(row, sources),
        code=row["code"],
        meaning=row["meaning"],
        category=Category(row["category"]),
        retry=row["retry"],
        action=row["action"],
        most_retries=row.get("most_retries"),
    )


def _scheme(row: Mapping[str, Any], sources: Mapping[str, str]) -> SchemeTerms:
    return SchemeTerms(
        **_dated(row, sources),
        scheme=Scheme(row["scheme"]),
        refund_weeks=row.get("refund_weeks"),
        unauthorised_months=row.get("unauthorised_months"),
        return_business_days=row["return_business_days"],
        prenotice_days=row["prenotice_days"],
    )


def _address(row: Mapping[str, Any], sources: Mapping[str, str]) -> AddressRule:
    forms = tuple(AddressForm(form) for form in row["forms"])
    return AddressRule(**_dated(row, sources), forms=forms)


def _dated(row: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    return {
        "source": sources[row["source"]],
        "confidence": row["confidence"],
        "from_day": row.get("from"),
        "to_day": row.get("to"),
    }


def _on(day: date, rows: Iterable[_Row]) -> _Row | None:
    return next((row for row in rows if row.holds_on(day)), None)


def _months_later(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@cache
def _target_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("ECB", years=[year]))
