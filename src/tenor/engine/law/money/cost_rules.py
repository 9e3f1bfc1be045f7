"""What a pack says of collection costs (its section `costs`), read from its values.

Names of provisions: `consumer`, `business`, `compensation` (the fixed sum for each late payment
between businesses), `agency` (what somebody who collects for others may bring in), `instalments`
(terms of one recurring contract), `reminders` (what further reminders may cost).
"""

from dataclasses import dataclass
from decimal import Decimal

from tenor.engine.law.money.scales import FORMS, Scale, read_scale
from tenor.engine.law.values import Values

SECTION = "costs"
STEP = "charge.costs"
_ZERO = Decimal(0)


@dataclass(frozen=True)
class CostRule:
    """What may be charged under one provision.

    `scale` is None where nothing may be. `least` and `most` bound what the scale gives. `clause`:
    only where the contract provides for it. `adds_up`: several claims in one letter are one sum.
    `beyond`: reasonable costs above the sum may be charged too. `vat_percent` is what a creditor
    who cannot deduct VAT may add where the letter says so (None: nothing).
    """

    scale: Scale | None
    least: Decimal
    most: Decimal | None
    clause: bool
    adds_up: bool
    beyond: bool
    vat_percent: Decimal | None


@dataclass(frozen=True)
class Instalments:
    """Terms of one recurring contract, each of at most `upto`.

    Within `months` of a term charged in full a further one costs at most `next_most`. With one
    letter for several terms only the fee of the highest of them is due where `one_letter_highest`.
    """

    upto: Decimal
    next_most: Decimal
    months: int
    one_letter_highest: bool


@dataclass(frozen=True)
class Reminders:
    """What a reminder may cost: `free` ones first in a calendar year, then `amount` at most each.

    `recurring_only`: with a contract of regular payments alone. `postage` is added where true.
    """

    free: int
    amount: Decimal
    postage: bool
    recurring_only: bool


def read_costs(values: Values) -> CostRule | Instalments | Reminders:
    """Read the values of a provision of section `costs`."""
    form = values.choice("form", (*FORMS, "instalments", "reminders"))
    if form == "instalments":
        return Instalments(
            upto=values.number("upto"),
            next_most=values.number("next_most"),
            months=values.whole("months"),
            one_letter_highest=values.flag("one_letter_highest", False),
        )
    if form == "reminders":
        return Reminders(
            free=values.whole("free"),
            amount=values.number("amount"),
            postage=values.flag("postage", False),
            recurring_only=values.flag("recurring_only", False),
        )
    return _read_rule(values)


def _read_rule(values: Values) -> CostRule:
    rule = CostRule(
        scale=read_scale(values),
        least=values.number("least", _ZERO),
        most=values.number("most", None),
        clause=values.flag("needs_clause", False),
        adds_up=values.flag("adds_up", False),
        beyond=values.flag("costs_beyond", False),
        vat_percent=values.number("vat_percent", None),
    )
    if rule.most is not None and rule.most < rule.least:
        raise values.wrong("most", f"is {rule.most}, below its least, {rule.least}")
    return rule
