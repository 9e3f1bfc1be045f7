"""Account numbers: whether an IBAN can be one, and which references a Swiss account takes.

A valid number says nothing about its holder: a name is checked before money is paid out.
"""

import re
from enum import StrEnum

from schwifty import BIC, IBAN
from schwifty.exceptions import (
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)

from tenor.engine.errors import InputError

_BLANK = re.compile(r"\s+")
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
# Swiss Implementation Guidelines QR-bill: bank identifications kept for accounts with a QR-IBAN.
QR_BANKS = range(30000, 32000)


class IbanFault(StrEnum):
    """What is wrong with an account number."""

    CHARACTERS = "CHARACTERS"  # not two letters, two digits, then letters and digits
    COUNTRY = "COUNTRY"  # no country that has IBANs
    LENGTH = "LENGTH"  # not as long as the country's are
    CHECKSUM = "CHECKSUM"  # mistyped: the check digits do not come out
    STRUCTURE = "STRUCTURE"  # letters where the country has digits, or the reverse


class SwissReference(StrEnum):
    """The kinds of reference on a Swiss QR-bill."""

    QRR = "QRR"  # the QR reference
    SCOR = "SCOR"  # the RF reference
    NON = "NON"  # none


class PairingFault(StrEnum):
    """Why an account and a kind of reference do not go together on a QR-bill."""

    NEEDS_QRR = "NEEDS_QRR"  # a QR-IBAN takes the QR reference and nothing else
    NO_QRR = "NO_QRR"  # an ordinary account cannot take it
    NOT_SWISS = "NOT_SWISS"  # QR-bills are paid to accounts in CH and LI
    NO_IBAN = "NO_IBAN"  # the account number itself is wrong


def normalise(iban: str) -> str:
    """Write an account number without blanks and in capitals; nothing is checked."""
    return _BLANK.sub("", iban).upper()


def fault(iban: str) -> IbanFault | None:
    """Say what is wrong with an account number, or None where nothing is (ISO 13616).

    Blanks and the case of letters do not matter. A mistyped number says CHECKSUM even where the
    slip is a letter for a digit (O for 0): the check digits tell that it is a slip.
    """
    compact = normalise(iban)
    if not _SHAPE.fullmatch(compact):
        return IbanFault.CHARACTERS
    try:
        IBAN(compact)
    except InvalidCountryCode:
        return IbanFault.COUNTRY
    except InvalidLength:
        return IbanFault.LENGTH
    except InvalidChecksumDigits:
        return IbanFault.CHECKSUM
    except SchwiftyException:
        right_sum = IBAN(compact, allow_invalid=True).numeric % 97 == 1
        return IbanFault.STRUCTURE if right_sum else IbanFault.CHECKSUM
    return None


def is_iban(iban: str) -> bool:
    """Say whether this can be an account number."""
    return fault(iban) is None


def is_bic(bic: str) -> bool:
    """Say whether this can be a bank's BIC: 8 or 11 characters with a country (ISO 9362)."""
    try:
        BIC(bic)
    except SchwiftyException:
        return False
    return True


def make_iban(country: str, bban: str) -> str:
    """Make the account number of a national one; raises `InputError` where it cannot be one."""
    try:
        return str(IBAN.from_bban(country, bban))
    except SchwiftyException as error:
        raise InputError(f"{country} {bban}: {error}") from error


def format_iban(iban: str) -> str:
    """Write an account number in blocks of four, as on paper."""
    compact = normalise(iban)
    return " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))


def is_same_account(iban: str, written: str) -> bool:
    """Say whether a bank's way of writing an account means this IBAN.

    The IBAN itself, or its national number: alone (`0417164300`, with or without zeros before it)
    or behind the bank's (`37040044/0532013000`, `ABNANL2A/0417164300`).
    """
    own, told = normalise(iban), re.sub(r"[^A-Z0-9/]", "", normalise(written))
    if own == told:
        return True
    number = told.rpartition("/")[2].lstrip("0")
    try:
        account = IBAN(own).account_code
    except SchwiftyException:
        return False
    # Fewer digits would fit by chance.
    return len(number) >= 6 and number.isdigit() and account.lstrip("0") == number


def qr_bank(iban: str) -> int | None:
    """Return the bank identification (QR-IID) of a QR-IBAN, or None where it is no QR-IBAN."""
    compact = normalise(iban)
    if not is_iban(compact) or compact[:2] not in ("CH", "LI"):
        return None
    bank = int(compact[4:9])
    return bank if bank in QR_BANKS else None


def pairing_fault(iban: str, reference: SwissReference) -> PairingFault | None:
    """Say why a QR-bill cannot have this account with this kind of reference; None where it can.

    Source: Swiss Implementation Guidelines QR-bill.
    """
    if not is_iban(iban):
        return PairingFault.NO_IBAN
    if normalise(iban)[:2] not in ("CH", "LI"):
        return PairingFault.NOT_SWISS
    if qr_bank(iban) is not None:
        return None if reference is SwissReference.QRR else PairingFault.NEEDS_QRR
    return PairingFault.NO_QRR if reference is SwissReference.QRR else None
