"""Which open item a payment is for: a proposal with its reason and score; nothing is booked here.

What says it best comes first: a structured reference, a number in the text, the payer's account,
the payer's name, the amount alone. A reference whose check digits do not come out stops all
guessing: a person looks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from tenor.engine.payments.open_items import OpenItem, OpenItems
from tenor.engine.payments.references import holds_broken, is_broken, normalise
from tenor.engine.payments.words import numbers_in

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
    CUSTOMER = "CUSTOMER"  # the customer's own number stands in the text
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
    Basis.CUSTOMER: (85, 60),
    Basis.ACCOUNT: (90, 60),
    Basis.NAME: (70, 40),
    Basis.AMOUNT: (40, 0),
}
_BY_REFERENCE = (Basis.REFERENCE, Basis.NUMBER)


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
    day: date | None = None


@dataclass(frozen=True)
class Match:
    """A proposal: how much of the payment is put on which item, and what is `left` of it.

    `score` runs from 0 to 100. `candidates` are items that a person may want to look at where
    nothing was chosen. `discounts` are what the payer kept of which item for paying early;
    `credit` is what of the shares the customer's own free money pays.
    """

    kind: MatchKind
    basis: Basis
    score: int
    shares: tuple[tuple[str, Decimal], ...] = ()
    left: Decimal = _ZERO
    candidates: tuple[str, ...] = ()
    discounts: tuple[tuple[str, Decimal], ...] = ()
    credit: Decimal = _ZERO

    @property
    def is_sure(self) -> bool:
        """Say whether this may be booked without a person."""
        return self.score >= SURE


def match(payment: Payment, items: OpenItems) -> Match:
    """Propose what a payment is for.

    Only items in the payment's currency with something open are looked at. The shares and what is
    left make the payment and the credit with it. Two items that fit equally well are never
    chosen between.
    """
    if payment.amount <= 0:
        return Match(MatchKind.NONE, Basis.NOT_A_RECEIPT, 0, left=payment.amount)
    alike = items.of_amount(payment.currency, payment.amount)
    for basis, found in _found(payment, items):
        if basis is Basis.BAD_CHECKSUM:
            return _none(payment, basis, alike)
        if found:
            return _doubted(payment, chosen(payment, basis, found, items))
    if len(alike) == 1:
        return _single(payment, Basis.AMOUNT, alike[0])
    return _none(payment, Basis.AMBIGUOUS if alike else Basis.NOTHING, alike)


def _found(payment: Payment, items: OpenItems) -> Iterable[tuple[Basis, list[OpenItem]]]:
    """Go through the bases from the best, with the items that each points to."""
    currency = payment.currency
    told = {normalise(text) for text in (payment.reference, payment.end_to_end_id)}
    yield Basis.REFERENCE, items.with_reference(currency, told - {""})
    if is_broken(payment.reference):
        yield Basis.BAD_CHECKSUM, []
    text = f"{payment.reference} {payment.end_to_end_id} {payment.text}"
    yield Basis.NUMBER, items.with_number(currency, numbers_in(text))
    if holds_broken(text):
        yield Basis.BAD_CHECKSUM, []
    yield Basis.CUSTOMER, _of_one(items.with_customer(currency, numbers_in(text)), payment)
    yield Basis.ACCOUNT, _of_one(items.of_account(currency, payment.account), payment)
    yield Basis.NAME, _of_one(items.of_name(currency, payment.name, payment.amount), payment)


def _doubted(payment: Payment, found: Match) -> Match:
    """Leave to a person what a payer's reference does not lead to: it may be a bill paid twice."""
    by_reference = found.basis in _BY_REFERENCE or not payment.reference
    return found if by_reference else replace(found, score=min(found.score, SURE - 1))


def _of_one(items: list[OpenItem], payment: Payment) -> list[OpenItem]:
    """Narrow a payer's items to those that the amount means; all of them where it does not say."""
    exact = [item for item in items if item.open == payment.amount]
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


def chosen(
    payment: Payment, basis: Basis, items: Sequence[OpenItem], book: OpenItems | None = None
) -> Match:
    """Put a payment on the items to which `basis` led; on none where they fit equally well.

    `book` tells what money of the payer lies free.
    """
    fits, else_ = _SCORES[basis]
    whole = _with_discounts(payment, basis, items) or _with_credit(payment, basis, items, book)
    if whole is not None:
        return whole
    total = sum((item.open for item in items), _ZERO)
    if len(items) == 1:
        return _single(payment, basis, items[0])
    by_reference = basis in _BY_REFERENCE
    if total == payment.amount:
        # Sums that fit by chance are rare but real: only what the payer wrote makes them sure.
        score = fits if by_reference else else_
        return Match(MatchKind.SEVERAL, basis, score, _shares(items))
    exact = [item for item in items if item.open == payment.amount]
    if len(exact) == 1:
        return Match(MatchKind.EXACT, basis, min(fits, SURE - 1), _shares(exact))
    if by_reference and total < payment.amount:
        left = payment.amount - total
        return Match(MatchKind.SEVERAL, basis, else_, _shares(items), left)
    return _none(payment, Basis.AMBIGUOUS, items)


def _with_discounts(payment: Payment, basis: Basis, items: Sequence[OpenItem]) -> Match | None:
    """Take a payment that is short by exactly what its payer may keep for the whole."""
    kept = [(item.id, item.kept(payment.day)) for item in items]
    discount = sum((part for _, part in kept), _ZERO)
    total = sum((item.open for item in items), _ZERO)
    if discount <= 0 or payment.amount != total - discount:
        return None
    off = dict(kept)
    shares = tuple((item.id, item.open - off[item.id]) for item in items)
    kind = MatchKind.EXACT if len(items) == 1 else MatchKind.SEVERAL
    score = _SCORES[basis][0] if len(items) == 1 or basis in _BY_REFERENCE else _SCORES[basis][1]
    given = tuple((id_, part) for id_, part in kept if part > 0)
    return Match(kind, basis, score, shares, discounts=given)


def _with_credit(
    payment: Payment, basis: Basis, items: Sequence[OpenItem], book: OpenItems | None
) -> Match | None:
    """Take a payment that is short by exactly the payer's free money (a credit note, say)."""
    customers = {item.customer for item in items}
    if book is None or len(customers) != 1 or basis not in (*_BY_REFERENCE, Basis.ACCOUNT):
        return None
    credit = book.credit_of(customers.pop(), payment.currency)
    total = sum((item.open for item in items), _ZERO)
    if credit <= 0 or payment.amount != total - credit:
        return None
    kind = MatchKind.EXACT if len(items) == 1 else MatchKind.SEVERAL
    score = min(_SCORES[basis][0], SURE - 1) if basis is Basis.ACCOUNT else _SCORES[basis][0] - 5
    return Match(kind, basis, score, _shares(items), credit=credit)


def _single(payment: Payment, basis: Basis, item: OpenItem) -> Match:
    fits, else_ = _SCORES[basis]
    if payment.amount == item.open:
        return Match(MatchKind.EXACT, basis, fits, ((item.id, payment.amount),))
    if payment.amount < item.open:
        return Match(MatchKind.PARTIAL, basis, else_, ((item.id, payment.amount),))
    left = payment.amount - item.open
    return Match(MatchKind.OVERPAID, basis, else_, ((item.id, item.open),), left)


def _none(payment: Payment, basis: Basis, candidates: Iterable[OpenItem]) -> Match:
    ids = tuple(item.id for item in candidates)
    return Match(MatchKind.NONE, basis, 0, left=payment.amount, candidates=ids)


def _shares(items: Iterable[OpenItem]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((item.id, item.open) for item in items)
