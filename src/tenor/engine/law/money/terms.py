"""The longest time to pay that a contract may give between businesses and towards authorities."""

from dataclasses import dataclass
from datetime import date

from tenor.engine.law.case import Debtor
from tenor.engine.law.money.default import read_debtors
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "terms"
LARGE = "large"


@dataclass(frozen=True)
class TermsRule:
    """What terms of payment are held to.

    `most` is the longest term in days, `usual` what holds without a valid one. `debtors` are whom
    it is about; `small_to_large` restricts it to a small creditor and a large debtor, `healthcare`
    to health care. A longer term stands where it was `unless_express`ly agreed and is not grossly
    unfair, or where `unless_justified` by the nature of the contract and at most `justified_most`.
    `end_of_month`: as an alternative, so many days and then to the end of the month.
    """

    most: int
    usual: int
    debtors: frozenset[Debtor]
    small_to_large: bool
    healthcare: bool
    unless_express: bool
    unless_justified: bool
    justified_most: int
    end_of_month: int | None


@dataclass(frozen=True)
class Agreement:
    """What was agreed on payment, and what decides whether it stands.

    `days` from the invoice (None: nothing agreed); `end_of_month`: those days and then to the end
    of the month. Sizes are `large` or anything smaller (`small`, `sme`, …); None: not known.
    """

    days: int | None
    end_of_month: bool = False
    express: bool = False
    unfair: bool = False
    justified: bool = False
    creditor_size: str | None = None
    debtor_size: str | None = None
    healthcare: bool = False


@dataclass(frozen=True)
class PaymentTerm:
    """Whether an agreed term stands, the days that hold, and the longest that could be agreed.

    `valid` is None where nothing was agreed; `days` None where the law sets none. `allowed` says
    in words what may be agreed.
    """

    valid: bool | None
    days: int | None
    most: int | None
    allowed: str = ""
    reason: Reason | None = None


def read_terms(values: Values) -> TermsRule:
    """Read the values of a provision of section `terms`."""
    most = values.whole("most")
    return TermsRule(
        most=most,
        usual=values.whole("usual", 30),
        debtors=read_debtors(values),
        small_to_large=values.flag("small_to_large", False),
        healthcare=values.flag("healthcare", False),
        unless_express=values.flag("unless_express", False),
        unless_justified=values.flag("unless_justified", False),
        justified_most=values.whole("justified_most", most),
        end_of_month=values.whole("end_of_month", None),
    )


def payment_term(
    pack: Pack, day: date, agreement: Agreement, *, debtor: Debtor | None
) -> PaymentTerm:
    """Return whether an agreed term of payment stands, by the law in force on `day`.

    The narrowest rule that fits the parties counts. No bound is known for consumers (nor where the
    kind of debtor is unknown): what was agreed holds.
    """
    found = _rule(pack, day, agreement, debtor)
    if found is None:
        agreed = agreement.days
        return PaymentTerm(None if agreed is None else True, agreed, None)
    provision, rule = found
    most = _longest(rule, agreement)
    allowed = _allowed(rule)
    if agreement.days is None:
        reason = provision.because(day, "NO_TERM_AGREED")
        return PaymentTerm(None, rule.usual, most, allowed, reason)
    if _stands(rule, agreement, most):
        reason = provision.because(day, "TERM_STANDS")
        return PaymentTerm(True, agreement.days, most, allowed, reason)
    reason = provision.because(day, "TERM_TOO_LONG")
    return PaymentTerm(False, rule.usual, most, allowed, reason)


def _rule(
    pack: Pack, day: date, agreement: Agreement, debtor: Debtor | None
) -> tuple[Provision, TermsRule] | None:
    fitting = [
        (provision, rule)
        for provision, rule in pack.in_force(SECTION, day)
        if _fits(rule, agreement, debtor)
    ]
    # What is about fewer parties goes before what is about all of them.
    return max(fitting, key=lambda f: (f[1].healthcare, f[1].small_to_large), default=None)


def _fits(rule: TermsRule, agreement: Agreement, debtor: Debtor | None) -> bool:
    if debtor is None or (rule.debtors and debtor not in rule.debtors):
        return False
    if rule.healthcare and not agreement.healthcare:
        return False
    if not rule.small_to_large:
        return True
    small = agreement.creditor_size not in (None, LARGE)
    return small and agreement.debtor_size == LARGE


def _longest(rule: TermsRule, agreement: Agreement) -> int:
    return rule.justified_most if rule.unless_justified and agreement.justified else rule.most


def _stands(rule: TermsRule, agreement: Agreement, most: int) -> bool:
    days = agreement.days or 0
    if agreement.unfair:
        return False
    if agreement.end_of_month:
        return rule.end_of_month is not None and days <= rule.end_of_month
    return days <= most or (rule.unless_express and agreement.express)


def _allowed(rule: TermsRule) -> str:
    words = f"{rule.most} days from invoice"
    if rule.end_of_month is not None:
        words += f" or {rule.end_of_month} days end of month"
    return words
