"""References that a payer copies onto a payment: made with a check digit, checked, and recognised.

Five kinds: the international creditor reference (RF, ISO 11649), the Belgian structured
communication (OGM), the Finnish reference, the Norwegian KID and the Swiss QR reference.
"""

import re
from enum import StrEnum

from stdnum import iso11649, luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

from tenor.engine.errors import InputError

_BLANK = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[\s+*/.,:\-]+")
_DIGITS = re.compile(r"[0-9]+")
# Check digits 00, 01 and 99 are never made, though the sum of some of them comes out.
_RF = re.compile(r"RF(?:0[2-9]|[1-8][0-9]|9[0-8])[A-Z0-9]{1,21}")
_RF_BASE = re.compile(r"[A-Z0-9]{1,21}")
_RF_SHAPE = re.compile(r"RF[0-9]{2}[A-Z0-9]*")
_OGM = re.compile(r"(\+\+\+|\*\*\*|)([0-9]{3}/[0-9]{4}/[0-9]{5}|[0-9]{12})\1")
_FINNISH_BASE = re.compile(r"[0-9]{3,19}")
_FINNISH_WEIGHTS = (7, 3, 1)
_KID = re.compile(r"[0-9]{1,24}[0-9-]")
_KID_WEIGHTS = (2, 3, 4, 5, 6, 7)
_QRR = re.compile(r"[0-9]{27}")
# Within a text: an RF may be written in blocks of four, an OGM between its signs.
_RF_IN_TEXT = re.compile(r"\bRF[0-9]{2}(?: ?[A-Z0-9]{4}){1,5}(?: ?[A-Z0-9]{1,4})?\b")
_OGM_IN_TEXT = re.compile(r"(\+\+\+|\*\*\*)[0-9 ]{3,}/[0-9 ]{4,}/[0-9 ]{5,}\1")


class Kid(StrEnum):
    """How the check digit of a Norwegian KID is made, as agreed with the bank."""

    MOD10 = "MOD10"  # Luhn
    MOD11 = "MOD11"  # weights 2 to 7; ten is written as a dash


def make_rf(base: str) -> str:
    """Make an RF reference of 1 to 21 letters and digits: `539007547034` → `RF18539007547034`.

    Blanks and the case of letters do not matter. Raises `InputError` on anything else
    (ISO 11649, check digits by ISO 7064 MOD 97-10).
    """
    compact = _BLANK.sub("", base).upper()
    if not _RF_BASE.fullmatch(compact):
        raise InputError(f"{base!r}: an RF reference is made of 1 to 21 letters and digits")
    return f"RF{mod_97_10.calc_check_digits(compact + 'RF')}{compact}"


def is_rf(reference: str) -> bool:
    """Say whether this is a valid RF reference; blanks and the usual separators do not matter."""
    compact = iso11649.compact(reference)
    return bool(_RF.fullmatch(compact)) and iso11649.is_valid(compact)


def make_ogm(base: str) -> str:
    """Make a Belgian structured communication: `0909337554` → `+++090/9337/55493+++`.

    `base` has up to ten digits, filled up with zeros on the left. Raises `InputError` on more, or
    on anything but digits. The check digits are the base modulo 97, and 97 where that is nothing.
    """
    if not _DIGITS.fullmatch(base) or len(base) > 10:
        raise InputError(f"{base!r}: a structured communication is made of up to ten digits")
    digits = base.zfill(10)
    return f"+++{ogm_vcs.format(digits + ogm_vcs.calc_check_digits(digits))}+++"


def is_ogm(reference: str) -> bool:
    """Say whether this is a valid structured communication.

    Written as twelve digits or with its slashes, between signs on both sides or on none.
    """
    found = _OGM.fullmatch(_BLANK.sub("", reference))
    return found is not None and ogm_vcs.is_valid(found[2])


def make_finnish(base: str) -> str:
    """Make a Finnish reference of 3 to 19 digits: `234823` → `2348236`.

    Zeros on the left are no part of it. Raises `InputError` on anything else.
    """
    digits = _BLANK.sub("", base).lstrip("0")
    if not _FINNISH_BASE.fullmatch(digits):
        raise InputError(f"{base!r}: a Finnish reference is made of 3 to 19 digits")
    return digits + _finnish_digit(digits)


def is_finnish(reference: str) -> bool:
    """Say whether this is a valid Finnish reference of 4 to 20 digits; blanks do not matter."""
    digits = _BLANK.sub("", reference).lstrip("0")
    return bool(_FINNISH_BASE.fullmatch(digits[:-1])) and _finnish_digit(digits[:-1]) == digits[-1]


def finnish_rf(reference: str) -> str:
    """Write a Finnish reference as an RF reference: `2348236` → `RF332348236`.

    Raises `InputError` where it is no valid Finnish reference.
    """
    if not is_finnish(reference):
        raise InputError(f"{reference!r} is no Finnish reference")
    return make_rf(_BLANK.sub("", reference).lstrip("0"))


def make_kid(base: str, algorithm: Kid) -> str:
    """Make a Norwegian KID of 1 to 24 digits: `1234` → `12344` (MOD10) or `12343` (MOD11).

    By MOD11 the last character may be a dash. Raises `InputError` on anything but digits.
    """
    if not _DIGITS.fullmatch(base) or len(base) > 24:
        raise InputError(f"{base!r}: a KID is made of 1 to 24 digits")
    return base + _kid_digit(base, algorithm)


def is_kid(kid: str, algorithm: Kid) -> bool:
    """Say whether this is a valid KID of 2 to 25 characters; blanks do not matter."""
    compact = _BLANK.sub("", kid)
    return bool(_KID.fullmatch(compact)) and _kid_digit(compact[:-1], algorithm) == compact[-1]


def make_qrr(base: str) -> str:
    """Make a Swiss QR reference of up to 26 digits, filled up with zeros on the left.

    Raises `InputError` on more, on anything but digits, and on nothing but zeros.
    """
    if not _DIGITS.fullmatch(base) or len(base) > 26 or not base.strip("0"):
        raise InputError(f"{base!r}: a QR reference is made of up to 26 digits, not all of them 0")
    digits = base.zfill(26)
    return digits + esr.calc_check_digit(digits)


def is_qrr(reference: str) -> bool:
    """Say whether this is a valid QR reference: 27 digits; blanks do not matter."""
    compact = _BLANK.sub("", reference)
    return bool(_QRR.fullmatch(compact)) and esr.is_valid(compact)


def format_qrr(reference: str) -> str:
    """Write a QR reference as on a bill: two digits, then blocks of five."""
    return esr.format(reference)


def is_broken(reference: str) -> bool:
    """Say whether this is plainly written as an RF or OGM, but its check digits do not come out.

    Bare digits are never called broken: they may be of any kind.
    """
    compact = _BLANK.sub("", reference).upper()
    if _RF_SHAPE.fullmatch(iso11649.compact(compact)):
        return not is_rf(compact)
    return compact[:1] in ("+", "*") and not is_ogm(compact)


def normalise(reference: str) -> str:
    """Write a reference in the one form in which two ways of writing it are equal.

    Upper case without separators; a Finnish reference in its RF form and in its national one are
    the same; zeros on the left of a number do not count. Empty where nothing is left.
    """
    compact = _SEPARATORS.sub("", reference).upper()
    if compact.startswith("RF") and is_rf(compact) and is_finnish(compact[4:]):
        compact = compact[4:]
    return compact.lstrip("0") if _DIGITS.fullmatch(compact) else compact


def holds_broken(text: str) -> bool:
    """Say whether a free text holds an RF or OGM whose check digits do not come out."""
    upper = text.upper()
    return any(_never_valid(found[0]) for found in _RF_IN_TEXT.finditer(upper)) or any(
        not is_ogm(found[0]) for found in _OGM_IN_TEXT.finditer(upper)
    )


def _never_valid(text: str) -> bool:
    """Say whether no beginning of `text` is an RF: the words after one may look like its end."""
    blocks = text.split(" ")
    return not any(is_rf("".join(blocks[:end])) for end in range(1, len(blocks) + 1))


def _finnish_digit(digits: str) -> str:
    total = sum(
        int(digit) * _FINNISH_WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def _kid_digit(digits: str, algorithm: Kid) -> str:
    if algorithm is Kid.MOD10:
        return luhn.calc_check_digit(digits)
    total = sum(
        int(digit) * _KID_WEIGHTS[place % 6] for place, digit in enumerate(reversed(digits))
    )
    digit = -total % 11
    return "-" if digit == 10 else str(digit)
