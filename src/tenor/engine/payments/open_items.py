"""What is still open, laid out so that a payment finds what it may be for without a search."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice

from tenor.engine.payments.iban import normalise as account_of
from tenor.engine.payments.references import normalise
from tenor.engine.payments.words import is_telling, name_words, same_name

_ZERO = Decimal(0)
# An amount that more than these owe says nothing of whose it is: no more are looked at.
MOST = 50
# A word that more are called by (Jansen, Smith) tells nobody apart by itself.
MOST_CALLED = 200
_Places = defaultdict[tuple[str, str], list[int]]


@dataclass(frozen=True)
class OpenItem:
    """What is still open: `open` is positive, in `currency`.

    `references` are those printed on it, in any way of writing; `numbers` are its own number and
    others (order, customer) that a payer may write in the text. `customer` is the customer's own
    number. Who pays by `discount_until` may keep `discount`.
    """

    id: str
    open: Decimal
    currency: str
    references: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    customer: str = ""
    accounts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    discount: Decimal = _ZERO
    discount_until: date | None = None

    def kept(self, day: date | None) -> Decimal:
        """Return what a payer of this day may keep."""
        in_time = day is not None and self.discount_until is not None and day <= self.discount_until
        return self.discount if in_time else _ZERO


class OpenItems:
    """Open items, found by what a payment says. Made once, asked for each payment.

    Every answer is in the order in which the items were given; an item with nothing open is never
    in one, and each asks within one currency.
    """

    def __init__(
        self,
        items: Iterable[OpenItem],
        credits: Mapping[tuple[str, str], Decimal] | None = None,
    ) -> None:
        """Lay out the items; `credits` say by (customer, currency) what of theirs lies free."""
        self._items = [item for item in items if item.open > 0]
        self._credits = dict(credits or {})
        self._place = {item.id: place for place, item in enumerate(self._items)}
        self._references: _Places = defaultdict(list)
        self._numbers: _Places = defaultdict(list)
        self._accounts: _Places = defaultdict(list)
        self._customers: _Places = defaultdict(list)
        self._words: _Places = defaultdict(list)
        self._amounts: defaultdict[tuple[str, Decimal], dict[int, None]] = defaultdict(dict)
        self._by_customer: defaultdict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(self._items):
            self._lay(place, item)
            self._by_customer[item.customer].append(place)

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

    def with_customer(self, currency: str, numbers: Iterable[str]) -> list[OpenItem]:
        """Return the items of customers whose number is among these."""
        return self._at(self._customers, currency, numbers)

    def of_account(self, currency: str, account: str) -> list[OpenItem]:
        """Return the items of customers who have paid from this account."""
        return self._at(self._accounts, currency, [account_of(account)])

    def of_name(self, currency: str, name: str, amount: Decimal) -> list[OpenItem]:
        """Return the items of customers who may be called so.

        Of a word that many are called by, those of which exactly `amount` is open: without it the
        word says nothing of whose money it is.
        """
        places: set[int] = set()
        for word in name_words(name):
            called = self._words.get((currency, word), ())
            if len(called) > MOST_CALLED:
                alike = self._amounts.get((currency, amount), {})
                called = list(alike) if len(alike) <= MOST_CALLED else []
            places.update(called)
        found = self._in_order(places)
        return [item for item in found if any(same_name(name, own) for own in item.names)]

    def of_amount(self, currency: str, amount: Decimal) -> list[OpenItem]:
        """Return the items of which exactly this is open; of a usual amount the first of them."""
        return [self._items[p] for p in islice(self._amounts.get((currency, amount), ()), MOST)]

    def credit_of(self, customer: str, currency: str) -> Decimal:
        """Return what money of a customer lies free."""
        return self._credits.get((customer, currency), _ZERO)

    def item(self, id: str) -> OpenItem:
        """Return an item by its id."""
        return self._items[self._place[id]]

    def renew(self, id: str, open: Decimal) -> None:
        """Say what is open of an item now: nothing, where it is paid."""
        place = self._place.get(id)
        if place is not None and self._items[place].open != open:
            before = self._items[place]
            self._amounts[before.currency, before.open].pop(place, None)
            item = self._items[place] = replace(before, open=open)
            if open > 0:
                self._amounts[item.currency, open][place] = None

    def learn(self, customer: str, account: str) -> None:
        """Say that a customer pays from an account: for those of its items that are here."""
        told = account_of(account)
        for place, item in self._of_customer(customer):
            if told and told not in item.accounts:
                self._items[place] = replace(item, accounts=(*item.accounts, told))
                self._accounts[item.currency, told].append(place)

    def _of_customer(self, customer: str) -> list[tuple[int, OpenItem]]:
        return [(place, self._items[place]) for place in self._by_customer.get(customer, ())]

    def _lay(self, place: int, item: OpenItem) -> None:
        laid = (
            (self._references, (normalise(one) for one in item.references)),
            (self._numbers, (normalise(one) for one in item.numbers if is_telling(one))),
            (self._customers, [normalise(item.customer)] if is_telling(item.customer) else ()),
            (self._accounts, (account_of(one) for one in item.accounts)),
            (self._words, (word for name in item.names for word in name_words(name))),
        )
        for places, told in laid:
            for one in set(told) - {""}:
                places[item.currency, one].append(place)
        self._amounts[item.currency, item.open][place] = None

    def _at(self, places: _Places, currency: str, told: Iterable[str]) -> list[OpenItem]:
        return self._in_order(self._places(places, currency, told))

    def _places(self, places: _Places, currency: str, told: Iterable[str]) -> list[int]:
        return [place for one in told for place in places.get((currency, one), ())]

    def _in_order(self, places: Iterable[int]) -> list[OpenItem]:
        found = (self._items[place] for place in sorted(set(places)))
        return [item for item in found if item.open > 0]
