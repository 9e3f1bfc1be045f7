"""Bank statements in MT940 and MT942: as Dutch, German and other banks write them.

The fields are read by the library mt-940, one at a time, so that a fault has its line; what payer
and text are, which every bank writes in its own way, is read by `mt940_texts`. What comes out are
the same statements as those of CAMT.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from mt940 import Options
from mt940.models import Transactions
from mt940.processors import date_fixup_pre_processor
from mt940.tags import ClosingBalance, OpeningBalance, StatementASNB, StatementGLS
from mt940.tags import Statement as StatementTag

from tenor.engine.errors import InputError
from tenor.engine.payments.camt import Balance, Statement, StatementKind
from tenor.engine.payments.camt_entries import Direction, Entry, Part
from tenor.engine.payments.mt940_texts import Told, told_by

_ZERO = Decimal(0)
_FIELD = re.compile(r":(\d{2}[A-Z]?|NS):(.*)", re.DOTALL)
# What ends a message, or stands around one: nothing of it belongs to the field before.
_BETWEEN = re.compile(r"-|-\}.*|\{\d:.*|:940:|:942:")
_CURRENCY = re.compile(r"[A-Z]{3}")
# Zeros fill some banks' amounts up beyond what the standard, and the library, takes.
_LEADING_ZEROS = re.compile(r"(?<=[A-Z]{3})()0+(?=\d)")
_BLANK_IN_LINE = re.compile(r"(?<=,)(\d*) +(?=[NFS][A-Z0-9]{3})")
_OWN_CURRENCY = re.compile(r"(.*\d)\s*([A-Z]{3})")
# The usual form first; some banks write references longer than the standard has it.
_FORMS = (StatementTag(), StatementGLS(), StatementASNB())
_OPENING, _CLOSING = OpeningBalance(), ClosingBalance()
_OPTIONS = Options.all()
# What banks write in place of a reference: nothing, or where it stands.
_NO_REFERENCE = re.compile(r"NONREF|NOREF|NOTPROVIDED|EREF|MARF|PREF|KREF\+?|REF|NVT|0+|")


@dataclass
class _Field:
    tag: str
    text: str
    line: int


@dataclass
class _Message:
    """The fields of one statement; `problems` tell which of its entries could not be read."""

    fields: list[_Field] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def first(self, *tags: str) -> _Field | None:
        """Return the first field of these tags."""
        return next((one for one in self.fields if one.tag in tags), None)

    def last(self, *tags: str) -> _Field | None:
        """Return the last field of these tags."""
        return next((one for one in reversed(self.fields) if one.tag in tags), None)


def is_mt940(content: bytes) -> bool:
    """Say whether a file is one of these, by its beginning."""
    head = content[:4000].removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return bool(re.search(r"^:20:", head, re.MULTILINE)) or head.lstrip().startswith("{1:")


def read_mt940(content: bytes | str, name: str = "bank file") -> tuple[Statement, ...]:
    """Read every statement of a file.

    Raises `InputError`, naming `name` and the line, where it holds no statement or one whose
    balances cannot be read. What is wrong with a single entry is said in its statement.
    """
    text = content if isinstance(content, str) else _decoded(content)
    statements = [_statement(message, name) for message in _messages(text)]
    found = tuple(one for one in statements if one is not None)
    if not found:
        raise InputError(f"{name}: it holds no bank statement (MT940 or MT942)")
    return found


def _decoded(content: bytes) -> str:
    for charset in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _messages(text: str) -> Iterable[_Message]:
    """Part a file into its statements: each begins with its own number, field 20."""
    message, current = _Message(), None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if _BETWEEN.fullmatch(line.rstrip()) and not line.startswith((":20:", ":25:")):
            current = None
            continue
        begun = _FIELD.match(line)
        if begun is None:
            if current is not None:
                current.text += f"\n{line}"
            continue
        if begun[1] == "20" and message.fields:
            yield message
            message = _Message()
        current = _Field(begun[1], begun[2], number)
        message.fields.append(current)
    if message.fields:
        yield message


def _statement(message: _Message, name: str) -> Statement | None:
    account = message.first("25", "25P")
    if account is None:
        return None
    opening = _balance(message.first("60F", "60M"), "OPBD", name)
    closing = _balance(message.last("62F", "62M"), "CLBD", name)
    number, currency = _account(account.text)
    floor = message.first("34F")
    currency = next(
        (
            told
            for told in (
                opening and opening.currency,
                closing and closing.currency,
                currency,
                floor and floor.text[:3],
            )
            if told and _CURRENCY.fullmatch(told)
        ),
        "",
    )
    entries = _entries(message, currency)
    balances = tuple(one for one in (opening, closing) if one is not None)
    if not balances and not entries and not message.problems:
        return None
    said = message.first("28C") or message.first("28") or message.first("20")
    return Statement(
        kind=StatementKind.STATEMENT if balances else StatementKind.REPORT,
        number=said.text.strip().split("\n")[0] if said else "",
        account=number,
        currency=currency,
        balances=balances,
        entries=entries,
        problems=tuple(message.problems),
    )


def _account(text: str) -> tuple[str, str]:
    """Return an account number without blanks and points, and the currency behind it."""
    first = text.strip().split("\n")[0].strip()
    behind = _OWN_CURRENCY.fullmatch(first)
    number, currency = (behind[1], behind[2]) if behind else (first, "")
    return re.sub(r"[\s.]", "", number), currency


def _balance(found: _Field | None, kind: str, name: str) -> Balance | None:
    if found is None:
        return None
    value = _LEADING_ZEROS.sub(r"\1", found.text.strip().split("\n")[0].strip())
    tag = _OPENING if kind == "OPBD" else _CLOSING
    matched = tag.re.match(value)
    try:
        if matched is None or matched.end() != len(value):
            raise ValueError(value)
        read: Any = next(iter(tag(Transactions(options=_OPTIONS), matched.groupdict()).values()))
        return Balance(kind, read.amount.amount, read.amount.currency, _plain_day(read.date))
    except (ValueError, InvalidOperation) as error:
        raise InputError(
            f"{name}, line {found.line}: {value!r} is no balance, as in C260302EUR1000,00"
        ) from error


def _entries(message: _Message, currency: str) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    line: _Field | None = None
    texts: list[str] = []

    def close() -> None:
        if line is None:
            return
        try:
            entries.append(_entry(line, texts, currency))
        except (ValueError, InvalidOperation, RuntimeError):
            said = line.text.split("\n")[0]
            message.problems.append(f"line {line.line}: {said!r} cannot be read as an entry")

    for one in message.fields:
        if one.tag == "61":
            close()
            line, texts = one, []
        elif one.tag in ("86", "NS") and line is not None:
            texts.append(one.text)
        elif one.tag.startswith(("62", "64", "65", "90")):
            # What follows the closing balance is about the statement.
            close()
            line, texts = None, []
    close()
    return tuple(entries)


def _entry(line: _Field, texts: Sequence[str], currency: str) -> Entry:
    data = _line_of(line.text)
    amount: Decimal = data["amount"].amount
    direction = Direction.DEBIT if amount < 0 else Direction.CREDIT
    if not amount and str(data["status"]).upper() in ("D", "RC"):
        direction = Direction.DEBIT
    valued_on = _plain_day(data["date"])
    booked_on = _plain_day(data["entry_date"]) if data.get("entry_date") else valued_on
    own = _reference(data.get("customer_reference"))
    extra = (data.get("extra_details") or "").strip()
    told = told_by(
        texts, extra=extra, reference=own, is_debit=direction is Direction.DEBIT, day=booked_on
    )
    is_reversal = str(data["status"]).upper().startswith("R")
    return Entry(
        amount=abs(amount), currency=currency, direction=direction, status="BOOK",
        booked_on=booked_on, valued_on=valued_on, bank_reference=_reference(
            data.get("bank_reference")
        ),
        is_reversal=is_reversal, code=(data.get("id") or "").strip(), charges=_ZERO,
        information=told.text, batch_size=1,
        parts=(_part(abs(amount), direction, told, is_return=is_reversal or bool(told.reason)),),
    )  # fmt: skip


def _part(amount: Decimal, direction: Direction, told: Told, *, is_return: bool) -> Part:
    """Give the other party its place: on a return the roles stay those of the first payment."""
    is_debtor = (direction is Direction.CREDIT) is not is_return
    parties = (
        {"debtor": told.name, "debtor_iban": told.account}
        if is_debtor
        else {"creditor": told.name, "creditor_iban": told.account}
    )
    return Part(
        amount=amount, direction=direction, end_to_end_id=told.end_to_end_id,
        mandate=told.mandate, reference=told.reference, text=told.text, reason=told.reason,
        **parties,
    )  # fmt: skip


def _line_of(text: str) -> dict[str, Any]:
    """Read field 61 in the first form that fits."""
    first, *rest = [part.rstrip() for part in text.split("\n")]
    first = _BLANK_IN_LINE.sub(r"\1", first)
    value = "\n".join([first, " ".join(part.strip() for part in rest if part.strip())]).rstrip()
    book = Transactions(options=_OPTIONS)
    for form in _FORMS:
        matched = form.re.match(value)
        if matched is None or not _ends_amount(value[matched.end("amount") :]):
            continue
        found: dict[str, Any] = matched.groupdict()
        day, month = found.get("entry_day"), found.get("entry_month")
        fixed = date_fixup_pre_processor(book, form, dict(found))
        if month == "02" and day and day.isdigit() and int(day) > 28:
            fixed |= {"entry_day": "28"}
        return dict(form(book, fixed))
    raise ValueError(value)


def _ends_amount(rest: str) -> bool:
    """Say whether an amount ended: the library would read `25;00` as 25."""
    return not rest or rest[0].isalpha() or rest[0] in " \n"


def _plain_day(day: Any) -> date:
    return date(day.year, day.month, day.day)


def _reference(text: str | None) -> str:
    compact = (text or "").strip()
    return "" if _NO_REFERENCE.fullmatch(compact.upper()) else compact
