"""What the free field of an MT940 entry tells: each bank writes payer and text in its own way.

Four ways are known: codes between slashes (ING, Rabobank, ABN AMRO, bunq and others), the German
sub-fields with a sign and two digits (also Triodos), words before a colon (ABN AMRO, Knab), and
an account at the beginning (ASN, SNS, RegioBank). Anything else is text as it stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from tenor.engine.payments.returns import return_reason

_CODES = (
    "TRTP|TRCD|EREF|PREF|IREF|KREF|MARF|CSID|CNTP|IBAN|BIC|NAME|REMI|ULTC|ULTD|ULTB|PURP|RTRN|ISDT|"
    "BENM|ORDP|ADDR|ID|SVCL|ACCW|CREF|BUSP|OCMT|CHGS|EXCH|RREF"
)
_SLASHES = re.compile(rf"/({_CODES})/")
_SUBFIELDS = re.compile(r"\d{0,3}\s*([?>~§|])(?=\d\d)")
_SEPA_KEYS = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|IBAN|BIC)(?:\+|: ?)")
_WORDS = re.compile(
    r"\b(IBAN|BIC|NAAM|OMSCHRIJVING|BETALINGSKENM\.?|KENMERK|MACHTIGING|INCASSANT|REK|MANDAAT|"
    r"REDEN RETOUR)\s*:\s*",
    re.IGNORECASE,
)
_ACCOUNT_FIRST = re.compile(
    r"([A-Z]{2}\d{2}[A-Z]{4}[A-Z0-9]{8,26}|\d{9,10})(?:[ \n]+|$)(.*)", re.DOTALL
)
_RETURNED = re.compile(
    r"STORNO|STORNER|RETOUR|TERUGBOEK|R(?:UE|Ü|U)CKLAST|R(?:UE|Ü|U)CKGABE|RETURN|REJECT|REVERS",
    re.IGNORECASE,
)
_REASON = re.compile(r"\b[A-Z]{2}[0-9]{2}\b")
_NOTHING = re.compile(r"NOTPROVIDED|NONREF|NOREF|N/?A|", re.IGNORECASE)
_ACCOUNT = re.compile(r"\d{9,10}|[A-Z]{2}\d{2}[A-Z]{4}[A-Z0-9]{8,26}|[A-Z]{2}\d{13,25}")
# A line this long was cut where the bank's column ends, in the middle of a word.
_FULL_LINE = 60
_FULL_SUBFIELD = 27


@dataclass(frozen=True)
class Told:
    """What an entry's text tells; empty where it does not."""

    name: str = ""
    account: str = ""
    end_to_end_id: str = ""
    reference: str = ""
    mandate: str = ""
    text: str = ""
    reason: str = ""


def told_by(
    texts: Sequence[str], *, extra: str = "", reference: str = "", is_debit: bool = False,
    day: date | None = None,
) -> Told:  # fmt: skip
    """Read the text of an entry (field 86, given in its parts) with what field 61 adds.

    `extra` is the second line of field 61, `reference` the payer's own in its first. A reason for
    which money came back is looked for where money went out.
    """
    text = "\n".join(texts)
    one_line = _joined(text)
    if _SLASHES.search(one_line.lstrip()[:12]):
        told = _of_slashes(one_line)
    elif _SUBFIELDS.match(text.strip()):
        told = _of_subfields(text.replace("\n", "").strip())
    elif len(_WORDS.findall(one_line)) >= 2:
        told = _of_words(one_line)
    else:
        told = _of_account(text)
    told = _with_line(told, extra, reference)
    if is_debit and not told.reason and day is not None:
        told = replace(told, reason=_reason_in(one_line, day))
    return told


def speaks_of_return(text: str) -> bool:
    """Say whether a text tells that money went back: a debit returned, a booking undone."""
    return bool(_RETURNED.search(text))


def _joined(text: str) -> str:
    """Join lines: a full one goes on in the middle of a word, a short one ended by itself."""
    out, last = "", ""
    for line in text.split("\n"):
        out += line if not out or len(last) >= _FULL_LINE else f" {line}"
        last = line
    return out


def _of_slashes(text: str) -> Told:
    """Read `/EREF/…/NAME/…/REMI/…`: a value goes on until the next code."""
    found: dict[str, str] = {}
    marks = list(_SLASHES.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark[1], text[mark.end() : end].strip().rstrip("/"))
    party = (found.get("CNTP", "") + "////").split("/")
    reference, said = _remittance(found.get("REMI", ""))
    return Told(
        name=_said(found.get("NAME", "") or party[2]),
        account=_said(found.get("IBAN", "") or party[0]).replace(" ", ""),
        end_to_end_id=_said(found.get("EREF", "")),
        mandate=_said(found.get("MARF", "")),
        reference=reference,
        text=said,
        reason=found.get("RTRN", "").split("/")[0].strip(),
    )


def _remittance(text: str) -> tuple[str, str]:
    """Part `STRD/CUR/RF18…` and `USTD//text` into reference and text."""
    kind, slash, rest = text.partition("/")
    if slash and kind == "STRD":
        return rest.strip("/ ").rpartition("/")[2].strip(), ""
    if slash and kind == "USTD":
        return "", _tidy(rest.strip("/ "))
    return "", _tidy(text.strip("/ "))


def _of_subfields(text: str) -> Told:
    """Read `166?00GUTSCHRIFT?20EREF+…?31DE…?32Name`: two digits say what follows."""
    begun = _SUBFIELDS.match(text)
    sign = begun[1] if begun else "?"
    parts: dict[str, str] = {}
    for part in re.split(rf"{re.escape(sign)}(?=\d\d)", text)[1:]:
        parts.setdefault(part[:2], part[2:])
    purpose = _glued(
        [parts[key] for key in sorted(parts) if "20" <= key <= "29" or "60" <= key <= "63"]
    )
    keyed, said = _sepa(purpose)
    account = parts.get("31", "")
    if sign == ">" and not account:
        # Triodos: the other account stands after `100`.
        account = parts.get("10", "").removeprefix("0").lstrip()
    return Told(
        name=_tidy(parts.get("32", "") + parts.get("33", "")) or keyed.get("ABWA", ""),
        account=(account or keyed.get("IBAN", "")).replace(" ", ""),
        end_to_end_id=_said(keyed.get("EREF", "")),
        mandate=_said(keyed.get("MREF", "")),
        text=said or _tidy(parts.get("00", "")),
    )


def _glued(parts: Sequence[str]) -> str:
    """Join sub-fields: a full one goes on in the next, a short one ended with a word."""
    return "".join(part if len(part) >= _FULL_SUBFIELD else f"{part} " for part in parts)


def _sepa(purpose: str) -> tuple[dict[str, str], str]:
    """Part a purpose by its keys (`EREF+…SVWZ+…`); without keys all of it is text."""
    marks = list(_SEPA_KEYS.finditer(purpose))
    if not marks:
        return {}, _tidy(purpose)
    ends = [mark.start() for mark in marks[1:]] + [len(purpose)]
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark[1], _tidy(purpose[mark.end() : end]))
    return found, found.get("SVWZ") or _tidy(purpose[: marks[0].start()])


def _of_words(text: str) -> Told:
    """Read `IBAN: … NAAM: … OMSCHRIJVING: …`, and `REK: …/NAAM: …`."""
    marks = list(_WORDS.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark[1].upper().rstrip("."), text[mark.end() : end].strip(" /"))
    before = _tidy(text[: marks[0].start()])
    said = _tidy(found.get("OMSCHRIJVING", ""))
    reference = found.get("BETALINGSKENM", "")
    return Told(
        name=_tidy(found.get("NAAM", "")),
        account=(found.get("IBAN", "") or found.get("REK", "")).replace(" ", ""),
        end_to_end_id=_said(found.get("KENMERK", "")),
        mandate=_said(found.get("MACHTIGING", "") or found.get("MANDAAT", "")),
        reference=_said(reference.replace(" ", "")),
        text=" ".join(one for one in (said, "" if said else before) if one),
    )


def _of_account(text: str) -> Told:
    """Read an account at the beginning, then a name on its line; else all is text."""
    begun = _ACCOUNT_FIRST.match(text.strip())
    if begun is None:
        return Told(text=_tidy(text))
    first, _, rest = begun[2].partition("\n")
    if rest.strip():
        return Told(name=_tidy(first), account=begun[1], text=_tidy(rest))
    return Told(account=begun[1], text=_tidy(begun[2]))


def _with_line(told: Told, extra: str, reference: str) -> Told:
    """Fill in what field 61 tells beside the text: the other account, its name, a reference."""
    for said in (extra, reference):
        compact = said.replace(" ", "")
        if not told.account and _ACCOUNT.fullmatch(compact):
            told = replace(told, account=compact)
    is_text = extra and not extra.startswith("/") and not _ACCOUNT.fullmatch(extra.replace(" ", ""))
    if is_text and not told.name and any(sign.isalpha() for sign in extra):
        told = replace(told, name=_tidy(extra))
    if reference and not told.end_to_end_id and reference.replace(" ", "") != told.account:
        told = replace(told, end_to_end_id=reference)
    return told


def _reason_in(text: str, day: date) -> str:
    """Return a bank's reason code in a text that says that money came back."""
    if not speaks_of_return(text):
        return ""
    return next((code for code in _REASON.findall(text) if return_reason(code, day)), "")


def _said(text: str) -> str:
    compact = _tidy(text)
    return "" if _NOTHING.fullmatch(compact.replace(" ", "")) else compact


def _tidy(text: str) -> str:
    return " ".join(text.split())
