"""Limitation: from when a claim can no longer be demanded (or is gone) unless it was kept alive."""

from dataclasses import dataclass
from datetime import date

from tenor.engine.law.case import Debtor
from tenor.engine.law.days import plus_years
from tenor.engine.law.money.default import read_debtors
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "limitation"


@dataclass(frozen=True)
class LimitationRule:
    """How long a claim lives.

    `claims` are kinds of claim (empty: all that no other provision names), `debtors` whom it is
    about (empty: everybody). `from_year_end`: the years run from the end of the year in which the
    claim fell due. `restart_most` bounds the years after an interruption (None: the full term).
    `extinguished`: the claim itself is gone, not only its enforcement.
    """

    years: int
    claims: tuple[str, ...]
    debtors: frozenset[Debtor]
    from_year_end: bool
    restart_most: int | None
    extinguished: bool


@dataclass(frozen=True)
class Limitation:
    """Whether a claim is prescribed: `last_day` is the last on which it can be demanded or renewed.

    `prescribed` is None where the pack knows no term: then nothing is concluded.
    """

    prescribed: bool | None
    years: int | None = None
    last_day: date | None = None
    extinguished: bool = False
    reason: Reason | None = None


def read_limitation(values: Values) -> LimitationRule:
    """Read the values of a provision of section `limitation`."""
    return LimitationRule(
        years=values.whole("years"),
        claims=values.texts("claims", ()),
        debtors=read_debtors(values),
        from_year_end=values.flag("from_year_end", False),
        restart_most=values.whole("restart_most", None),
        extinguished=values.flag("extinguished", False),
    )


def limitation(
    pack: Pack,
    day: date,
    *,
    due_on: date,
    claim: str = "",
    debtor: Debtor | None = None,
    interrupted_on: date | None = None,
) -> Limitation:
    """Return whether a claim due on `due_on` is prescribed on `day`.

    `claim` is its kind as the pack names it (`consumer_sale_price`); any other is a claim from a
    contract, and one whose kind is not known (empty) has the shortest term that it may have. An
    unknown debtor counts as a consumer. `interrupted_on` is the last day on which the
    term was interrupted (a written claim that reserves the right, an acknowledgement): a new one
    runs from the next day and never ends before the old one would have.
    """
    found = _rule(pack, day, claim, debtor or Debtor.CONSUMER)
    if found is None:
        return Limitation(None)
    provision, rule = found
    start = date(due_on.year, 12, 31) if rule.from_year_end else due_on
    last = plus_years(start, rule.years)
    # What was done after the end, or before the claim fell due, no longer or not yet interrupts.
    if interrupted_on is not None and due_on <= interrupted_on <= last:
        most = rule.years if rule.restart_most is None else min(rule.years, rule.restart_most)
        last = max(last, plus_years(interrupted_on, most))
    gone = day > last
    text = f"{provision.text} The last day {'was' if gone else 'is'} {last}."
    reason = provision.because(day, "PRESCRIBED" if gone else "NOT_PRESCRIBED", text)
    return Limitation(gone, rule.years, last, gone and rule.extinguished, reason)


def _rule(
    pack: Pack, day: date, claim: str, debtor: Debtor
) -> tuple[Provision, LimitationRule] | None:
    fitting = [
        (provision, rule)
        for provision, rule in pack.in_force(SECTION, day)
        if (not rule.claims or not claim or claim in rule.claims)
        and (not rule.debtors or debtor in rule.debtors)
    ]
    if not claim:
        return min(fitting, key=lambda f: f[1].years, default=None)
    # A rule on this kind of claim goes before one on the debtor, that before the general one.
    return max(fitting, key=lambda f: (bool(f[1].claims), bool(f[1].debtors)), default=None)
