"""The yearly rate of interest that holds on a day: the law's own, or the contract's within bounds.

A pack's section `interest` has dated tables (`base`, `reference`, …), the rates of late payment
built on them (`consumer`, `business`), and what an agreed rate is held to (`contract_consumer`,
`contract_business`). A rate that was looked for and not found is no rate: nothing is charged.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.engine.law.case import Debtor
from tenor.engine.law.money.scales import shown
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "interest"
_ONE = Decimal(1)


@dataclass(frozen=True)
class RateRule:
    """A rate in percent a year: `percent`, or `points` above the table named `above`.

    `compounds`: interest that has stood for a full year bears interest. `none_due`: the law knows
    no interest for late payment here.
    """

    percent: Decimal | None
    above: str
    points: Decimal
    compounds: bool
    none_due: bool


@dataclass(frozen=True)
class AgreedRule:
    """What a rate set by the contract is held to.

    It is lowered to the rate of the table `most_of`, and void below `least_times` the rate of
    `least_of`; an empty name is no bound.
    """

    most_of: str
    least_of: str
    least_times: Decimal


@dataclass(frozen=True)
class Rate:
    """The rate of one day: percent a year (None: none may be charged), why, and how long it holds.

    `changes_on` is the first later day on which it may be another one. `reason` is None where no
    provision speaks of it at all.
    """

    percent: Decimal | None
    reason: Reason | None
    changes_on: date | None
    compounds: bool = False


@dataclass(frozen=True)
class Agreed:
    """What becomes of a rate set by the contract: whether it stands, and between which bounds.

    `percent` is what may be charged under it (None: void, or its bounds are not known); `least`
    and `most` are the bounds in percent (None: no such bound, or unknown).
    """

    percent: Decimal | None
    least: Decimal | None
    most: Decimal | None
    known: bool
    changes_on: date | None
    provision: Provision | None


def read_interest(values: Values) -> RateRule | AgreedRule:
    """Read the values of a provision of section `interest`."""
    if values.flag("agreed", False):
        return AgreedRule(
            most_of=values.text("most_of", ""),
            least_of=values.text("least_of", ""),
            least_times=values.number("least_times", _ONE),
        )
    rule = RateRule(
        percent=values.number("percent", None),
        above=values.text("above", ""),
        points=values.number("points", Decimal(0)),
        compounds=values.flag("compounds", False),
        none_due=values.flag("none_due", False),
    )
    if (rule.percent is not None) + bool(rule.above) + rule.none_due != 1:
        raise values.wrong("percent", "or 'above' or 'none_due' must be given, one of them")
    return rule


def rate_of(
    pack: Pack, day: date, *, debtor: Debtor | None, contract_percent: Decimal | None = None
) -> Rate:
    """Return the rate of interest for late payment on `day`.

    An unknown debtor counts as a consumer. A rate that the contract sets takes the place of the
    law's, lowered to its ceiling; where it is void, the law's rate holds.
    """
    statutory = table_rate(pack, _by_debtor(debtor), day)
    if contract_percent is None:
        return statutory
    agreed = agreed_rate(pack, day, debtor=debtor, percent=contract_percent)
    if agreed.provision is None:
        return statutory
    changes = _earliest(agreed.changes_on, statutory.changes_on)
    if not agreed.known:
        text = "The bounds of an agreed rate are not known for this day: none is charged."
        return Rate(None, agreed.provision.because(day, "RATE_UNKNOWN", text), changes)
    if agreed.percent is None:
        return Rate(statutory.percent, statutory.reason, changes, statutory.compounds)
    code = "AGREED_RATE" if agreed.percent == contract_percent else "AGREED_RATE_LOWERED"
    # Whether agreed interest bears interest is for the contract to say, and it is not asked here.
    return Rate(agreed.percent, agreed.provision.because(day, code), changes)


def agreed_rate(pack: Pack, day: date, *, debtor: Debtor | None, percent: Decimal) -> Agreed:
    """Hold a rate set by the contract against the bounds of the law.

    `provision` is None where the pack says nothing of agreed rates on that day: the law's own
    rate holds then.
    """
    name = f"contract_{_by_debtor(debtor)}"
    provision = pack.find(SECTION, name)
    rule: AgreedRule | None = pack.says(SECTION, name, day)
    if provision is None or rule is None:
        return Agreed(None, None, None, False, None, None)
    changes = provision.next_change(day)
    least = most = None
    known = True
    if rule.least_of:
        low = table_rate(pack, rule.least_of, day)
        least = None if low.percent is None else low.percent * rule.least_times
        known, changes = least is not None, _earliest(changes, low.changes_on)
    if rule.most_of:
        high = table_rate(pack, rule.most_of, day)
        most = high.percent
        known, changes = known and most is not None, _earliest(changes, high.changes_on)
    void = not known or (least is not None and percent < least)
    charged = None if void else percent if most is None else min(percent, most)
    return Agreed(charged, least, most, known, changes, provision)


def table_rate(pack: Pack, name: str, day: date) -> Rate:
    """Return what a table of the section says on `day`, in percent a year."""
    provision = pack.find(SECTION, name)
    if provision is None:
        return Rate(None, None, None)
    row, changes = provision.on(day), provision.next_change(day)
    if row is None or row.says is None:
        return Rate(None, _unknown(provision, day), changes)
    rule: RateRule = row.says
    if rule.none_due:
        return Rate(None, provision.because(day, "NO_INTEREST_DUE"), changes)
    if rule.percent is not None:
        text = f"{provision.text} {shown(rule.percent)}% since {row.first}."
        return Rate(rule.percent, provision.because(day, "RATE", text), changes, rule.compounds)
    below = table_rate(pack, rule.above, day)
    changes = _earliest(changes, below.changes_on)
    if below.percent is None:
        return Rate(None, below.reason or _unknown(provision, day), changes)
    text = (
        f"{provision.text} {shown(below.percent)}% and {shown(rule.points)} points, "
        f"{shown(below.percent + rule.points)}%."
    )
    reason = provision.because(day, "RATE", text)
    return Rate(below.percent + rule.points, reason, changes, rule.compounds)


def _by_debtor(debtor: Debtor | None) -> str:
    return "consumer" if debtor in (None, Debtor.CONSUMER) else "business"


def _unknown(provision: Provision, day: date) -> Reason:
    """Say that no rate was found for a day; the row nearest in time is cited."""
    row = provision.on(day) or provision.rows[0 if day < provision.rows[0].first else -1]
    return Reason(
        code="RATE_UNKNOWN",
        text=f"No rate is known for {day}: none is charged. ({provision.text})",
        rule=provision.id,
        source=row.source,
        since=row.first,
        confidence=row.confidence,
        binding=row.binding,
    )


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
