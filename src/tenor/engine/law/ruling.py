"""What a question to the law is answered with: may it be done, why, until when, for how much."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tenor.engine.law.pack import Reason


@dataclass(frozen=True)
class Line:
    """One line of a sum: words, the amount (exact, in the ruling's currency), and its rule."""

    text: str
    amount: Decimal
    reason: Reason | None = None


@dataclass(frozen=True)
class Ruling:
    """The answer about one step (`contact.email`, `charge.costs`, `charge.interest`, `hand_over`).

    `reasons` are the rules that forbid it, or, where it is allowed, those that it rests on.
    `changes_at` is the first moment (aware, UTC) at which the answer may be another one; None
    where no moment is known (it waits for a person or a fact). `amount` and `lines` say how much
    may be charged, line by line; `amount` is the sum of the lines. `todo` says what is still
    missing, in words for people.
    """

    step: str
    allowed: bool
    reasons: tuple[Reason, ...] = ()
    changes_at: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    lines: tuple[Line, ...] = ()
    todo: tuple[str, ...] = ()
