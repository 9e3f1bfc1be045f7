"""The code that a banking app reads from a request for payment (EPC069-12, "Girocode").

A code is up to twelve lines of text. `make` writes one from amounts and references, `read` takes
one apart, `problems` says what is wrong with one, wherever it came from.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tenor.engine.errors import InputError
from tenor.engine.payments import iban as accounts
from tenor.engine.payments.references import is_broken

TAG, IDENTIFICATION = "BCD", "SCT"
VERSIONS = ("001", "002")
# What the third line's digit means.
CHARACTER_SETS = {
    "1": "utf-8",
    "2": "iso8859-1",
    "3": "iso8859-2",
    "4": "iso8859-4",
    "5": "iso8859-5",
    "6": "iso8859-7",
    "7": "iso8859-10",
    "8": "iso8859-15",
}
MOST_BYTES = 331  # what QR version 13 with error correction M holds
MOST_LINES = 12
_LEAST = Decimal("0.01")
_AMOUNT = re.compile(r"EUR([0-9]{1,9}(?:\.[0-9]{1,2})?)")
_LINE_END = re.compile(r"\r\n|\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Problem(StrEnum):
    """What is wrong with a code."""

    SERVICE_TAG = "SERVICE_TAG"  # the first line is not BCD
    VERSION = "VERSION"  # neither 001 nor 002
    CHARACTER_SET = "CHARACTER_SET"  # no digit from 1 to 8, or a sign that the set does not have
    IDENTIFICATION = "IDENTIFICATION"  # not SCT
    BIC_REQUIRED_V001 = "BIC_REQUIRED_V001"  # version 001 needs the bank
    BIC_FORMAT = "BIC_FORMAT"
    NAME_MISSING = "NAME_MISSING"
    NAME_TOO_LONG = "NAME_TOO_LONG"  # 70 characters
    IBAN_CHARACTERS = "IBAN_CHARACTERS"
    IBAN_COUNTRY = "IBAN_COUNTRY"
    IBAN_LENGTH = "IBAN_LENGTH"
    IBAN_CHECKSUM = "IBAN_CHECKSUM"
    IBAN_STRUCTURE = "IBAN_STRUCTURE"
    AMOUNT_FORMAT = "AMOUNT_FORMAT"  # EUR, 0.01 to 999999999.99, a point, two decimals at most
    PURPOSE_TOO_LONG = "PURPOSE_TOO_LONG"  # 4 characters
    REFERENCE_TOO_LONG = "REFERENCE_TOO_LONG"  # 35 characters
    RF_CHECKSUM = "RF_CHECKSUM"  # apps let it pass, the bank or the bookkeeping does not
    BOTH_REFERENCE_AND_TEXT = "BOTH_REFERENCE_AND_TEXT"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"  # 140 characters
    INFO_TOO_LONG = "INFO_TOO_LONG"  # 70 characters
    CONTROL_CHARACTER = "CONTROL_CHARACTER"  # would begin a new line, or show nothing
    TOO_MANY_LINES = "TOO_MANY_LINES"
    PAYLOAD_TOO_LONG = "PAYLOAD_TOO_LONG"  # 331 bytes


@dataclass(frozen=True)
class EpcCode:
    """The lines of a code as they are written, nothing checked: `amount` is `EUR12.50` or empty.

    Either `reference` (structured) or `text` tells what is paid; `information` is for the payer.
    """

    name: str
    iban: str
    amount: str = ""
    reference: str = ""
    text: str = ""
    information: str = ""
    purpose: str = ""
    bic: str = ""
    version: str = "002"
    character_set: str = "1"
    tag: str = TAG
    identification: str = IDENTIFICATION

    @property
    def payload(self) -> str:
        """The lines joined, without empty ones at the end."""
        return "\n".join(self._lines()).rstrip("\n")

    @property
    def encoded(self) -> bytes:
        """The payload in the code's own character set, as it is drawn.

        Raises `InputError` where the set is not known or lacks a sign of the text.
        """
        return _encoded(self.payload, self.character_set)

    def _lines(self) -> tuple[str, ...]:
        head = (self.tag, self.version, self.character_set, self.identification)
        payee = (self.bic, self.name, self.iban, self.amount)
        return (*head, *payee, self.purpose, self.reference, self.text, self.information)


def make(
    *,
    name: str,
    iban: str,
    amount: Decimal | None = None,
    reference: str = "",
    text: str = "",
    information: str = "",
    purpose: str = "",
    bic: str = "",
) -> EpcCode:
    """Make the code of a request for payment, in version 002 and UTF-8.

    Parameters
    ----------
    name, iban : the payee, up to 70 characters, and the payee's account.
    amount : euros, 0.01 to 999999999.99 in whole cents; None leaves it to the payer.
    reference, text : a structured reference (blanks are taken out), or up to 140 characters of
        text; one of the two at most.

    Raises `InputError` naming every problem.
    """
    code = EpcCode(
        name=name.strip(),
        iban=accounts.normalise(iban),
        amount="" if amount is None else f"EUR{_written(amount)}",
        reference="".join(reference.split()),
        text=text.strip(),
        information=information.strip(),
        purpose=purpose.strip().upper(),
        bic="".join(bic.split()).upper(),
    )
    found = problems(code)
    if found:
        raise InputError(f"this payment code cannot be made: {', '.join(found)}")
    return code


def read(payload: str) -> EpcCode:
    """Take the lines of a code apart; lines end in LF or CRLF. Nothing is checked but their number.

    Raises `InputError` where there are more than twelve, or too few for a payee.
    """
    lines = _LINE_END.split(payload)
    if not 7 <= len(lines) <= MOST_LINES:
        raise InputError(f"a payment code has 7 to {MOST_LINES} lines, this one has {len(lines)}")
    lines += [""] * (MOST_LINES - len(lines))
    tag, version, character_set, identification, bic, name, iban = lines[:7]
    amount, purpose, reference, text, information = lines[7:]
    return EpcCode(
        name=name,
        iban=iban,
        amount=amount,
        reference=reference,
        text=text,
        information=information,
        purpose=purpose,
        bic=bic,
        version=version,
        character_set=character_set,
        tag=tag,
        identification=identification,
    )


def amount_of(code: EpcCode) -> Decimal | None:
    """Return the amount in euros, or None where there is none or it cannot be read."""
    found = _AMOUNT.fullmatch(code.amount)
    return Decimal(found[1]) if found else None


def problems_in(payload: str) -> tuple[Problem, ...]:
    """Say what is wrong with a code as it was scanned, its length in bytes included."""
    lines = _LINE_END.split(payload.rstrip("\r\n"))
    if len(lines) > MOST_LINES:
        return (Problem.TOO_MANY_LINES,)
    code = read("\n".join([*lines, *[""] * (7 - len(lines))]))
    return _found(code, payload)


def problems(code: EpcCode) -> tuple[Problem, ...]:
    """Say what is wrong with a code; empty where nothing is. In the order of its lines."""
    return _found(code, code.payload)


def size(payload: str) -> tuple[int, int]:
    """Return how many bytes and lines a payload has as it is written.

    In the character set that its third line names; in UTF-8 where that is none. Raises
    `InputError` where the set lacks a sign of the text.
    """
    lines = _LINE_END.split(payload)
    named = lines[2] if len(lines) > 2 and lines[2] in CHARACTER_SETS else "1"
    return len(_encoded(payload, named)), len(lines)


def _found(code: EpcCode, payload: str) -> tuple[Problem, ...]:
    found = [*_head(code), *_payee(code), *_purpose(code)]
    if any(_CONTROL.search(line) for line in code._lines()):
        found.append(Problem.CONTROL_CHARACTER)
    if code.character_set in CHARACTER_SETS:
        try:
            if len(_encoded(payload, code.character_set)) > MOST_BYTES:
                found.append(Problem.PAYLOAD_TOO_LONG)
        except InputError:
            found.append(Problem.CHARACTER_SET)
    return tuple(found)


def _head(code: EpcCode) -> list[Problem]:
    faults = {
        Problem.SERVICE_TAG: code.tag != TAG,
        Problem.VERSION: code.version not in VERSIONS,
        Problem.CHARACTER_SET: code.character_set not in CHARACTER_SETS,
        Problem.IDENTIFICATION: code.identification != IDENTIFICATION,
        Problem.BIC_REQUIRED_V001: code.version == "001" and not code.bic,
        Problem.BIC_FORMAT: bool(code.bic) and not accounts.is_bic(code.bic),
    }
    return [problem for problem, there in faults.items() if there]


def _payee(code: EpcCode) -> list[Problem]:
    found = []
    if not code.name.strip():
        found.append(Problem.NAME_MISSING)
    if len(code.name) > 70:
        found.append(Problem.NAME_TOO_LONG)
    fault = accounts.fault(code.iban)
    if fault is not None:
        found.append(Problem(f"IBAN_{fault}"))
    amount = amount_of(code)
    if code.amount and (amount is None or amount < _LEAST):
        found.append(Problem.AMOUNT_FORMAT)
    return found


def _purpose(code: EpcCode) -> list[Problem]:
    faults = {
        Problem.PURPOSE_TOO_LONG: len(code.purpose) > 4,
        Problem.REFERENCE_TOO_LONG: len(code.reference) > 35,
        Problem.RF_CHECKSUM: is_broken(code.reference),
        Problem.BOTH_REFERENCE_AND_TEXT: bool(code.reference and code.text),
        Problem.TEXT_TOO_LONG: len(code.text) > 140,
        Problem.INFO_TOO_LONG: len(code.information) > 70,
    }
    return [problem for problem, there in faults.items() if there]


def _written(amount: Decimal) -> str:
    """Write an amount as it is, with two decimals where it has no more; nothing is rounded."""
    cents = f"{amount:.2f}"
    return cents if Decimal(cents) == amount else f"{amount:f}"


def _encoded(payload: str, character_set: str) -> bytes:
    name = CHARACTER_SETS.get(character_set)
    if name is None:
        raise InputError(f"{character_set!r} is no character set of a payment code")
    try:
        return payload.encode(name)
    except UnicodeEncodeError as error:
        raise InputError(f"{error.object[error.start]!r} cannot be written in {name}") from error
