"""Bank statements in CAMT (ISO 20022): statements (053), reports (052) and notifications (054).

Versions differ in few places (a status or a name one element deeper), so that all are read by the
names of their elements. Amounts are exact and never negative: `direction` says where money went.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from xml.etree.ElementTree import Element

from tenor.engine.errors import InputError
from tenor.engine.payments.camt_entries import Direction, Entry, read_entry
from tenor.engine.payments.iban import normalise
from tenor.engine.payments.xml_reading import amount_of, day_of, events, text_of

_ZERO = Decimal(0)
_OPENING = ("OPBD", "PRCD")  # opening as booked, or the last closing
_CLOSING = ("CLBD",)


class StatementKind(StrEnum):
    """What a bank tells with a message."""

    STATEMENT = "Stmt"  # 053: what was booked on a day, with its balances
    REPORT = "Rpt"  # 052: within the day, may still change
    NOTIFICATION = "Ntfctn"  # 054: single bookings or the parts of a batch


@dataclass(frozen=True)
class Balance:
    """A balance: `kind` as the bank codes it (OPBD, CLBD, …), `amount` negative where owed."""

    kind: str
    amount: Decimal
    currency: str
    day: date | None


@dataclass(frozen=True)
class Statement:
    """One statement of one account.

    `account` is its IBAN, or the bank's own number. `problems` tell in English what of it could
    not be read: such entries are missing from `entries`.
    """

    kind: StatementKind
    number: str
    account: str
    currency: str
    balances: tuple[Balance, ...]
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]

    @property
    def booked(self) -> tuple[Entry, ...]:
        """The entries that are booked: a pending one may still vanish."""
        return tuple(entry for entry in self.entries if entry.status == "BOOK")

    @property
    def opening(self) -> Balance | None:
        """The balance before the entries."""
        return self._balance(_OPENING)

    @property
    def closing(self) -> Balance | None:
        """The balance after them."""
        return self._balance(_CLOSING)

    @property
    def difference(self) -> Decimal | None:
        """What the closing balance says less than the opening one and the entries make.

        Zero where all is there; None where the statement has no two balances in one currency.
        """
        opening, closing = self.opening, self.closing
        if opening is None or closing is None or opening.currency != closing.currency:
            return None
        return balance_difference(
            opening.amount, closing.amount, (entry.signed for entry in self.booked)
        )

    def _balance(self, kinds: Sequence[str]) -> Balance | None:
        """Find a balance of the first kind that is there."""
        for kind in kinds:
            for balance in self.balances:
                if balance.kind == kind:
                    return balance
        return None


def read_camt(content: bytes | str, name: str = "bank file") -> tuple[Statement, ...]:
    """Read every statement of a file, of whatever version.

    Raises `InputError`, naming `name`, where it is no XML, declares a document type, or holds no
    statement. What is wrong with a single entry is said in its statement.
    """
    statements: list[Statement] = []
    entries: list[Entry] = []
    problems: list[str] = []
    kinds = {kind.value: kind for kind in StatementKind}
    for event, element in events(content, name):
        if event == "start":
            continue
        if element.tag == "Ntry":
            _take(element, entries, problems)
            # The entry is held as a value: its elements may go, or large files fill the memory.
            element.clear()
        elif element.tag in kinds:
            statements.append(_statement(kinds[element.tag], element, entries, problems))
            entries, problems = [], []
            element.clear()
    if not statements:
        raise InputError(f"{name}: it holds no bank statement (CAMT.052, 053 or 054)")
    return tuple(statements)


def balance_difference(opening: Decimal, closing: Decimal, signed: Iterable[Decimal]) -> Decimal:
    """Return opening balance plus signed entries less closing balance: zero where all is there."""
    return opening + sum(signed, _ZERO) - closing


def keys(statement: Statement) -> tuple[str, ...]:
    """Return a key for each booked entry by which it is known again, in another file too.

    Account, the bank's own reference, day, direction and amount; an entry without a reference is
    known by all that it says. Two lines of one statement that are alike in all of this are two
    payments: the second is told apart by its number. 64 characters each.
    """
    seen: dict[str, int] = {}
    found = []
    for telling in tellings(statement):
        seen[telling] = seen.get(telling, 0) + 1
        found.append(key_of(telling, seen[telling]))
    return tuple(found)


def tellings(statement: Statement) -> tuple[str, ...]:
    """Return for each booked entry all by which it is known; two payments may be alike in it."""
    account = normalise(statement.account)
    return tuple("\x1f".join((account, *_told(entry))) for entry in statement.booked)


def key_of(telling: str, nth: int) -> str:
    """Return the key of the nth entry that tells this."""
    return sha256(f"{telling}\x1f{nth}".encode()).hexdigest()


def _told(entry: Entry) -> tuple[str, ...]:
    amount = f"{entry.amount.normalize():f}"
    what = (entry.booked_on.isoformat(), entry.direction, amount, entry.currency)
    if entry.bank_reference:
        return ("reference", entry.bank_reference, *what)
    parts = [
        (part.end_to_end_id, part.debtor_iban, part.creditor_iban, part.reference, part.text)
        for part in entry.parts
    ]
    return ("content", *what, *(text for part in parts for text in part), entry.information)


def _take(element: Element, entries: list[Entry], problems: list[str]) -> None:
    number = len(entries) + len(problems) + 1
    try:
        entries.append(read_entry(element))
    except InputError as error:
        problems.append(f"entry {number}: {error}")


def _statement(
    kind: StatementKind, element: Element, entries: Sequence[Entry], problems: Sequence[str]
) -> Statement:
    found = [_read_balance(balance) for balance in element.findall("Bal")]
    balances = tuple(balance for balance in found if balance is not None)
    unread = len(found) - len(balances)
    told = [*problems, *([f"{unread} of its balances cannot be read"] if unread else [])]
    currencies = [balance.currency for balance in balances] + [entry.currency for entry in entries]
    return Statement(
        kind=kind,
        number=text_of(element, "Id"),
        account=text_of(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id"),
        currency=text_of(element, "Acct/Ccy") or next(iter(currencies), ""),
        balances=balances,
        entries=tuple(entries),
        problems=tuple(told),
    )


def _read_balance(element: Element) -> Balance | None:
    amount = amount_of(text_of(element, "Amt"))
    if amount is None:
        return None
    owed = text_of(element, "CdtDbtInd") == Direction.DEBIT
    written = element.find("Amt")
    return Balance(
        kind=text_of(element, "Tp/CdOrPrtry/Cd", "Tp/Cd", "Tp/CdOrPrtry/Prtry"),
        amount=-amount if owed else amount,
        currency="" if written is None else written.get("Ccy", ""),
        day=day_of(text_of(element, "Dt/Dt", "Dt/DtTm")),
    )
