"""What a person is shown for a payment: the best proposals first, each with what speaks for it.

The first is the match itself; beside it stand what account, name and amount would have said. What
else points to the same customer makes a proposal surer, what points elsewhere makes it less sure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tenor.engine.payments.matching import SURE, Basis, Match, MatchKind, Payment, chosen, match
from tenor.engine.payments.open_items import OpenItem, OpenItems

_ZERO = Decimal(0)
# What a second sign of the same payer adds, and what a sign of somebody else takes.
AGREES, CONTRADICTS = 5, 15
# A person reads so many at a glance.
MOST = 5
_ALONE = (Basis.ACCOUNT, Basis.NAME, Basis.CUSTOMER)


class Evidence(StrEnum):
    """What else speaks for a proposal, or against it."""

    SAME_ACCOUNT = "SAME_ACCOUNT"  # paid from an account that the customer paid from before
    SAME_NAME = "SAME_NAME"
    SAME_AMOUNT = "SAME_AMOUNT"  # exactly what is open
    OTHER_ACCOUNT = "OTHER_ACCOUNT"  # the account is known as another customer's
    OTHER_CUSTOMERS = "OTHER_CUSTOMERS"  # the items are of more than one customer
    DISCOUNT = "DISCOUNT"  # short by the discount for paying early
    CREDIT = "CREDIT"  # short by money that lies free


@dataclass(frozen=True)
class Proposal:
    """A way to book a payment: as `Match`, with whose items they are and what speaks for it."""

    match: Match
    customers: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def score(self) -> int:
        """How sure it is, 0 to 100."""
        return self.match.score

    @property
    def is_sure(self) -> bool:
        """Say whether it may be booked without a person."""
        return self.match.is_sure


@dataclass(frozen=True)
class Proposed:
    """All proposals for a payment, the best first; `basis` says why, or why there is none.

    `customers` are all whose money it could be, also where nothing is proposed for them.
    """

    basis: Basis
    proposals: tuple[Proposal, ...]
    customers: tuple[str, ...]

    @property
    def sure(self) -> Proposal | None:
        """The proposal that may be booked without a person, where there is one."""
        best = self.proposals[0] if self.proposals else None
        return best if best is not None and best.is_sure else None


def propose(payment: Payment, items: OpenItems) -> Proposed:
    """Propose what a payment is for, and what else it might be for."""
    first = match(payment, items)
    if first.basis is Basis.NOT_A_RECEIPT:
        return Proposed(first.basis, (), ())
    known = _known(payment, items)
    found = [_weighed(one, payment, items, known) for one in _all(first, payment, items)]
    best: dict[tuple[tuple[str, Decimal], ...], Proposal] = {}
    for proposal in sorted(found, key=lambda p: -p.score):
        best.setdefault(proposal.match.shares, proposal)
    kept = tuple(best.values())[:MOST]
    # A mistyped reference stops all guessing.
    if first.basis in (Basis.BAD_CHECKSUM, Basis.AMBIGUOUS):
        kept = tuple(_capped(proposal) for proposal in kept)
    of_candidates = [items.item(id_).customer for id_ in first.candidates]
    customers = [c for p in best.values() for c in p.customers] + of_candidates
    return Proposed(first.basis, kept, tuple(dict.fromkeys(c for c in customers if c)))


def _all(first: Match, payment: Payment, items: OpenItems) -> Iterator[Match]:
    """Give the match, then what each single sign leads to, a customer at a time."""
    if first.shares:
        yield first
    elif first.basis is Basis.AMBIGUOUS:
        for id_ in first.candidates[:MOST]:
            yield replace(chosen(payment, Basis.AMOUNT, [items.item(id_)]), score=35)
    signs = {
        Basis.ACCOUNT: items.of_account(payment.currency, payment.account),
        Basis.NAME: items.of_name(payment.currency, payment.name, payment.amount),
        Basis.AMOUNT: items.of_amount(payment.currency, payment.amount),
    }
    for basis, some in signs.items():
        for one in list(_by_customer(some).values())[:MOST]:
            found = _best_of(payment, basis, one, items)
            if found.shares:
                yield replace(found, score=min(found.score, SURE - 1))


def _best_of(payment: Payment, basis: Basis, some: list[OpenItem], items: OpenItems) -> Match:
    """Put a payment on one customer's items: those of its amount, else the oldest first."""
    exact = [item for item in some if item.open == payment.amount]
    found = chosen(payment, basis, exact[:1] or some, items)
    if found.shares:
        return found
    left, shares = payment.amount, []
    for item in some:
        part = min(left, item.open)
        if part > 0:
            shares.append((item.id, part))
            left -= part
    kind = MatchKind.PARTIAL if left == 0 else MatchKind.OVERPAID
    return Match(kind, basis, 30, tuple(shares), left)


def _by_customer(some: Iterable[OpenItem]) -> dict[str, list[OpenItem]]:
    found: dict[str, list[OpenItem]] = {}
    for item in some:
        found.setdefault(item.customer, []).append(item)
    return found


@dataclass(frozen=True)
class _Known:
    """Whose account this is known to be, and who is called so."""

    by_account: frozenset[str]
    by_name: frozenset[str]


def _known(payment: Payment, items: OpenItems) -> _Known:
    return _Known(
        frozenset(i.customer for i in items.of_account(payment.currency, payment.account)),
        frozenset(
            i.customer for i in items.of_name(payment.currency, payment.name, payment.amount)
        ),
    )


def _weighed(found: Match, payment: Payment, items: OpenItems, known: _Known) -> Proposal:
    """Add what else speaks for a match, and take off what speaks against it."""
    some = [items.item(id_) for id_, _ in found.shares]
    customers = tuple(dict.fromkeys(item.customer for item in some))
    evidence = []
    own = set(customers)
    if own & known.by_account:
        evidence.append(Evidence.SAME_ACCOUNT)
    elif known.by_account:
        evidence.append(Evidence.OTHER_ACCOUNT)
    if own & known.by_name:
        evidence.append(Evidence.SAME_NAME)
    if found.discounts:
        evidence.append(Evidence.DISCOUNT)
    elif found.credit:
        evidence.append(Evidence.CREDIT)
    elif sum((item.open for item in some), _ZERO) == payment.amount:
        evidence.append(Evidence.SAME_AMOUNT)
    if len(customers) > 1:
        evidence.append(Evidence.OTHER_CUSTOMERS)
    score = _score(found, evidence)
    return Proposal(replace(found, score=score), customers, tuple(evidence))


def _score(found: Match, evidence: list[Evidence]) -> int:
    score = found.score
    agreeing = {Basis.ACCOUNT: Evidence.SAME_NAME, Basis.NAME: Evidence.SAME_ACCOUNT}
    wanted = [agreeing[found.basis]] if found.basis in agreeing else [
        Evidence.SAME_NAME, Evidence.SAME_ACCOUNT,
    ]  # fmt: skip
    whole = {Evidence.SAME_AMOUNT, Evidence.DISCOUNT, Evidence.CREDIT} & set(evidence)
    if set(wanted) & set(evidence) and whole:
        score += AGREES
    # Another's account under a structured reference is a mother who pays for her son.
    if Evidence.OTHER_ACCOUNT in evidence and found.basis is not Basis.REFERENCE:
        score -= CONTRADICTS
    if Evidence.OTHER_CUSTOMERS in evidence:
        score = min(score, SURE - 1)
    return max(0, min(score, 100))


def _capped(proposal: Proposal) -> Proposal:
    score = min(proposal.score, SURE - 1)
    return replace(proposal, match=replace(proposal.match, score=score))
