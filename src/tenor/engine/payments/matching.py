"""Which open item a payment is for: a proposal with its reason and score; nothing is booked here.

What says it best comes first: a structured reference, a number in the text, the payer's account,
the payer's name, the amount alone. A reference whose check digits do not come out stops all
guessing: a person looks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from tenor.engine.payments.iban import normalise as account_of
from tenor.engine.payments.references import holds_broken, is_broken, normalise
from tenor.engine.payments.words import is_telling, numbers_in, same_name

_ZERO = Decimal(0)
# From this score on, a match may be booked without a person.
SURE = 90
# Open items of one payer among which sums are tried: more would find a sum by chance.
_MOST_ITEMS, _MOST_TOGETHER = 12, 4


class MatchKind(StrEnum):
    """How amount and items go together."""

    EXACT = "exact"
    PARTIAL = "partial"  # less than is open
    OVERPAID = "overpaid"  # more than is open
    SEVERAL = "several"  # one payment for several items
    NONE = "none"


class Basis(StrEnum):
    """Why this item, or why none."""

    REFERENCE = "REFERENCE"  # the structured reference, or the end-to-end id
    NUMBER = "NUMBER"  # a reference or number that stands in the text
    ACCOUNT = "ACCOUNT"  # the payer's account is this customer's
    NAME = "NAME"  # the payer's name is this customer's
    AMOUNT = "AMOUNT"  # nothing but the amount
    BAD_CHECKSUM = "BAD_CHECKSUM"  # the reference is mistyped
    AMBIGUOUS = "AMBIGUOUS"  # several items fit equally well
    NOTHING = "NOTHING"  # nothing fits
    NOT_A_RECEIPT = "NOT_A_RECEIPT"  # no money came in


# How sure (0 to 100) each basis is: the amount fits, and the amount does not.
_SCORES = {
    Basis.REFERENCE: (100, 95),
    Basis.NUMBER: (95, 80),
    Basis.ACCOUNT: (90, 60),
    Basis.NAME: (70, 40),
    Basis.AMOUNT: (40, 0),
}


@dataclass(frozen=True)
class OpenItem:
    """What is still open: `open` is positive, in `currency`.

    `references` are those printed on it, in any way of writing; `numbers` are its own number and
    others (order, customer) that a payer may write in the text.
    """

    id: str
    open: Decimal
    currency: str
    references: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    customer: str = ""
    accounts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Payment:
    """Money that came in: what the bank tells of it."""

    amount: Decimal
    currency: str
    reference: str = ""
    end_to_end_id: str = ""
    text: str = ""
    account: str = ""
    name: str = ""


@dataclass(frozen=True)
class Match:
    """A proposal: how much of the payment is put on which item, and what is `left` of it.

    `score` runs from 0 to 100. `candidates` are items that a person may want to look at where
    nothing was chosen.
    """

    kind: MatchKind
    basis: Basis
    score: int
    shares: tuple[tuple[str, Decimal], ...] = ()
    left: Decimal = _ZERO
    candidates: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Say whether this may be booked without a person."""
        return self.score >= SURE


def match(payment: Payment, items: Sequence[OpenItem]) -> Match:
    """Propose what a payment is for.

    Only items in the payment's currency with something open are looked at. The shares and what is
    left make the payment. Two items that fit equally well are never chosen between.
    """
    if payment.amount <= 0:
        return Match(MatchKind.NONE, Basis.NOT_A_RECEIPT, 0, left=payment.amount)
    able = [item for item in items if item.currency == payment.currency and item.open > 0]
    for basis, found in _found(payment, able):
        if basis is Basis.BAD_CHECKSUM:
            return _none(payment, basis, found)
        if found:
            return _chosen(payment, basis, found)
    return _by_amount(payment, able)


def _found(payment: Payment, items: Sequence[OpenItem]) -> Iterable[tuple[Basis, list[OpenItem]]]:
    """Go through the bases from the best, with the items that each points to."""
    told = {normalise(text) for text in (payment.reference, payment.end_to_end_id)} - {""}
    yield Basis.REFERENCE, [item for item in items if told & _references(item)]
    if is_broken(payment.reference):
        yield Basis.BAD_CHECKSUM, _of_amount(items, payment)
    text = f"{payment.reference} {payment.end_to_end_id} {payment.text}"
    numbers = numbers_in(text)
    yield Basis.NUMBER, [item for item in items if numbers & (_references(item) | _numbers(item))]
    if holds_broken(text):
        yield Basis.BAD_CHECKSUM, _of_amount(items, payment)
    account = account_of(payment.account)
    holders = [i for i in items if account and account in map(account_of, i.accounts)]
    yield Basis.ACCOUNT, _of_one(holders, payment)
    named = [i for i in items if any(same_name(payment.name, name) for name in i.names)]
    yield Basis.NAME, _of_one(named, payment)


def _numbers(item: OpenItem) -> set[str]:
    return {normalise(text) for text in item.numbers if is_telling(text)}


def _of_amount(items: Iterable[OpenItem], payment: Payment) -> list[OpenItem]:
    return [item for item in items if item.open == payment.amount]


def _references(item: OpenItem) -> set[str]:
    return {normalise(text) for text in item.references} - {""}


def _of_one(items: list[OpenItem], payment: Payment) -> list[OpenItem]:
    """Narrow a payer's items to those that the amount means; all of them where it does not say."""
    exact = _of_amount(items, payment)
    if exact or len(items) < 2 or sum((item.open for item in items), _ZERO) == payment.amount:
        return exact or items
    if len(items) > _MOST_ITEMS:
        return items
    sums = [
        list(some)
        for size in range(2, min(_MOST_TOGETHER, len(items)) + 1)
        for some in combinations(items, size)
        if sum((item.open for item in some), _ZERO) == payment.amount
    ]
    return sums[0] if len(sums) == 1 else items


def _chosen(payment: Payment, basis: Basis, items: Sequence[OpenItem]) -> Match:
    fits, else_ = _SCORES[basis]
    total = sum((item.open for item in items), _ZERO)
    if len(items) == 1:
        return _single(payment, basis, items[0])
    by_reference = basis in (Basis.REFERENCE, Basis.NUMBER)
    if total == payment.amount:
        # Sums that fit by chance are rare but real: only what the payer wrote makes them sure.
        score = fits if by_reference else else_
        return Match(MatchKind.SEVERAL, basis, score, _shares(items))
    exact = _of_amount(items, payment)
    if len(exact) == 1:
        return Match(MatchKind.EXACT, basis, min(fits, SURE - 1), _shares(exact))
    if by_reference and total < payment.amount:
        left = payment.amount - total
        return Match(MatchKind.SEVERAL, basis, else_, _shares(items), left)
    return _none(payment, Basis.AMBIGUOUS, items)


def _single(payment: Payment, basis: Basis, item: OpenItem) -> Match:
    fits, else_ = _SCORES[basis]
    if payment.amount == item.open:
        return Match(MatchKind.EXACT, basis, fits, ((item.id, payment.amount),))
    if payment.amount < item.open:
        return Match(MatchKind.PARTIAL, basis, else_, ((item.id, payment.amount),))
    left = payment.amount - item.open
    return Match(MatchKind.OVERPAID, basis, else_, ((item.id, item.open),), left)


def _by_amount(payment: Payment, items: Sequence[OpenItem]) -> Match:
    alike = _of_amount(items, payment)
    if len(alike) == 1:
        return _single(payment, Basis.AMOUNT, alike[0])
    return _none(payment, Basis.AMBIGUOUS if alike else Basis.NOTHING, alike)


def _none(payment: Payment, basis: Basis, candidates: Iterable[OpenItem]) -> Match:
    ids = tuple(item.id for item in candidates)
    return Match(MatchKind.NONE, basis, 0, left=payment.amount, candidates=ids)


def _shares(items: Iterable[OpenItem]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((item.id, item.open) for item in items)
