"""What a payment provider is: how a payment is begun there, looked up, and told about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Method(StrEnum):
    """A way to pay, under the name that all providers share here."""

    IDEAL = "ideal"
    BANCONTACT = "bancontact"
    CARD = "card"
    PAYPAL = "paypal"
    DEBIT = "debit"  # SEPA direct debit, mandated at the provider
    TRANSFER = "transfer"  # by hand, to the organisation's account: needs no provider


class State(StrEnum):
    """Where a payment stands at the provider."""

    OPEN = "open"  # begun, nothing paid yet
    PENDING = "pending"  # the payer is done, the money is under way
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Keys:
    """An account at a provider: what may be seen, and its opened secrets."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str]


@dataclass(frozen=True)
class Order:
    """A payment to begin. `key` is our own, the same however often it is tried.

    `back` is where the payer returns to, `hook` where the provider tells news; empty where the
    provider cannot reach us.
    """

    key: str
    amount: Decimal
    currency: str
    words: str
    back: str
    hook: str
    language: str
    method: Method | None = None


@dataclass(frozen=True)
class Begun:
    """A payment that was begun: the provider's number of it, and where the payer goes."""

    reference: str
    address: str
    until: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What the provider says of a payment now.

    `key` is ours, as we gave it. `reason` says why it failed, in the provider's code. `taken_back`
    is how much was refunded or charged back since, `because` which of both.
    """

    reference: str
    key: str
    state: State
    amount: Decimal
    currency: str
    at: datetime | None = None
    method: str = ""
    reason: str = ""
    taken_back: Decimal = Decimal(0)
    because: str = ""


class Trouble(Exception):
    """The provider did not do it; `again`: it may later, and asking again is safe.

    `status` is that of its answer; 0 where none came.
    """

    def __init__(self, reason: str, *, again: bool, status: int = 0) -> None:
        """Keep the reason, for people who run the installation."""
        super().__init__(reason)
        self.again, self.status = again, status


class Forged(Exception):
    """News that did not come from the provider."""


@dataclass(frozen=True)
class Field:
    """One thing to enter when setting an account up; a secret is never shown again."""

    name: str
    secret: bool = True
    needed: bool = True


@dataclass(frozen=True)
class Provider:
    """A payment provider.

    `begin` and `look` speak with it and raise `Trouble`; `told` says about which payments a
    message to our hook is, from its headers (lower case) and body, and raises `Forged`. `check`
    asks something that changes nothing, with the same key, and raises `Trouble`.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    methods: tuple[Method, ...]
    begin: Callable[[Keys, Order], Begun]
    look: Callable[[Keys, str], Standing]
    told: Callable[[Keys, Mapping[str, str], bytes], list[str]]
    check: Callable[[Keys], None]
    currencies: frozenset[str] = field(default_factory=frozenset)  # empty: all

    def takes(self, currency: str) -> bool:
        """Say whether payments in a currency can be made there."""
        return not self.currencies or currency in self.currencies
