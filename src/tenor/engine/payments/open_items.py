"""What is still open, laid out so that a payment finds what it may be for without a search."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tenor.engine.payments.iban import normalise as account_of
from tenor.engine.payments.references import normalise
from tenor.engine.payments.words import is_telling, name_words, same_name

_Places = defaultdict[tuple[str, str], list[int]]


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


class OpenItems:
    """Open items, found by what a payment says. Made once, asked for each payment.

    Every answer is in the order in which the items were given; an item with nothing open is never
    in one, and each asks within one currency.
    """

    def __init__(self, items: Iterable[OpenItem]) -> None:
        self._items = [item for item in items if item.open > 0]
        self._references: _Places = defaultdict(list)
        self._numbers: _Places = defaultdict(list)
        self._accounts: _Places = defaultdict(list)
        self._words: _Places = defaultdict(list)
        self._amounts: defaultdict[tuple[str, Decimal], list[int]] = defaultdict(list)
        for place, item in enumerate(self._items):
            self._lay(place, item)

    def with_reference(self, currency: str, references: Iterable[str]) -> list[OpenItem]:
        """Return the items that carry one of these references (as `normalise` writes them)."""
        return self._at(self._references, currency, references)

    def with_number(self, currency: str, numbers: Iterable[str]) -> list[OpenItem]:
        """Return the items with one of these numbers, as their own or as their reference."""
        known = list(numbers)
        found = [
            *self._places(self._references, currency, known),
            *self._places(self._numbers, currency, known),
        ]
        return self._in_order(found)

    def of_account(self, currency: str, account: str) -> list[OpenItem]:
        """Return the items of customers who have paid from this account."""
        return self._at(self._accounts, currency, [account_of(account)])

    def of_name(self, currency: str, name: str) -> list[OpenItem]:
        """Return the items of customers who may be called so."""
        found = self._at(self._words, currency, name_words(name))
        return [item for item in found if any(same_name(name, own) for own in item.names)]

    def of_amount(self, currency: str, amount: Decimal) -> list[OpenItem]:
        """Return the items of which exactly this is open."""
        return [self._items[place] for place in self._amounts.get((currency, amount), [])]

    def _lay(self, place: int, item: OpenItem) -> None:
        laid = (
            (self._references, (normalise(one) for one in item.references)),
            (self._numbers, (normalise(one) for one in item.numbers if is_telling(one))),
            (self._accounts, (account_of(one) for one in item.accounts)),
            (self._words, (word for name in item.names for word in name_words(name))),
        )
        for places, told in laid:
            for one in set(told) - {""}:
                places[item.currency, one].append(place)
        self._amounts[item.currency, item.open].append(place)

    def _at(self, places: _Places, currency: str, told: Iterable[str]) -> list[OpenItem]:
        return self._in_order(self._places(places, currency, told))

    def _places(self, places: _Places, currency: str, told: Iterable[str]) -> list[int]:
        return [place for one in told for place in places.get((currency, one), ())]

    def _in_order(self, places: Iterable[int]) -> list[OpenItem]:
        return [self._items[place] for place in sorted(set(places))]
