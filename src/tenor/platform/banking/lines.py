"""From the entries of a statement to lines: a payment each, that together make the balance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tenor.engine.payments.camt import Statement
from tenor.engine.payments.camt_entries import Direction, Entry, Part, is_return, other_party
from tenor.engine.payments.iban import normalise
from tenor.engine.payments.mt940_texts import speaks_of_return
from tenor.platform.banking.models import Line

# Why a line waits that no match was looked for.
BATCH, MONEY_BACK = "BATCH", "MONEY_BACK"
CHARGES = "charges"
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Known:
    """What a new entry needs to be told apart: its key, and the place it has on its statement."""

    key: str
    place: int


def lines_of(entry: Entry, known: Known) -> Iterator[Line]:
    """Make the lines of an entry: its payments, and what the bank took of them for itself.

    A batch of which the bank tells the payments elsewhere, or so that they do not make its
    amount, is one line that waits: nothing is made up.
    """
    if not entry.parts_agree:
        yield _whole(entry, known)
        return
    lines = [_line(entry, part, known, nth) for nth, part in enumerate(entry.parts)]
    yield from lines
    left: Any = entry.signed - sum((line.signed for line in lines), _ZERO)
    if left:
        yield Line(
            **_common(entry, known, len(lines)), amount=abs(left), is_credit=left > 0,
            text=entry.information[:1000], code=CHARGES, state=Line.State.PASSED,
        )  # fmt: skip


def is_batch(line: Line) -> bool:
    """Say whether a line stands for payments that the bank had not told yet."""
    return line.basis == BATCH


def days_of(statement: Statement) -> tuple[date | None, date | None]:
    """Return first and last day of a statement: of its balances, else of its entries."""
    days = [entry.booked_on for entry in statement.booked]
    days += [b.day for b in (statement.opening, statement.closing) if b and b.day]
    return min(days, default=None), max(days, default=None)


def _line(entry: Entry, part: Part, known: Known, nth: int) -> Line:
    name, account = other_party(entry, part)
    is_credit = part.direction is Direction.CREDIT
    amount: Any = part.amount or _ZERO
    back = is_return(entry, part)
    text = part.text or entry.information
    if not is_credit and not back and speaks_of_return(f"{text} {entry.information}"):
        back = True
    line = Line(
        **_common(entry, known, nth), amount=amount, is_credit=is_credit,
        is_return=back, name=name[:140], account=normalise(account)[:34], text=text[:1000],
        reference=part.reference[:140], end_to_end_id=part.end_to_end_id[:140],
        mandate=part.mandate[:140],
        bank_reference=(part.bank_reference or entry.bank_reference)[:140],
        code=entry.code[:60], reason=part.reason[:10],
    )  # fmt: skip
    if not line.amount or not (is_credit or back):
        line.state = Line.State.PASSED
    elif is_credit and back:
        # Money of ours that did not reach somebody: no customer paid.
        line.state, line.basis = Line.State.WAITING, MONEY_BACK
    return line


def _whole(entry: Entry, known: Known) -> Line:
    is_credit = entry.direction is Direction.CREDIT
    amount: Any = entry.amount
    texts = [entry.information, *(part.text for part in entry.parts)]
    state = Line.State.WAITING if is_credit or entry.is_reversal else Line.State.PASSED
    if not entry.amount:
        state = Line.State.PASSED
    return Line(
        **_common(entry, known, 0), amount=amount, is_credit=is_credit,
        is_return=entry.is_reversal, text=" ".join(one for one in texts if one)[:1000],
        bank_reference=entry.bank_reference[:140], code=entry.code[:60], state=state,
        basis=BATCH if state == Line.State.WAITING else "",
    )  # fmt: skip


def _common(entry: Entry, known: Known, nth: int) -> dict[str, Any]:
    return {
        "place": known.place,
        "key": f"{known.key}:{nth}",
        "entry": known.key,
        "booked_on": entry.booked_on,
        "valued_on": entry.valued_on,
        "currency": entry.currency,
    }


def total_of(lines: Iterable[Line] | Sequence[Line]) -> Decimal:
    """Return what lines do to the balance of their account."""
    return sum((line.signed for line in lines), _ZERO)
