"""The entries of a bank statement: one booking each, with the payments that it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from xml.etree.ElementTree import Element

from tenor.engine.errors import InputError
from tenor.engine.payments.xml_reading import amount_of, day_of, text_of

_ZERO = Decimal(0)
# What banks write where they have nothing to say.
_NOTHING = ("NOTPROVIDED", "NONREF", "NOREF")


class Direction(StrEnum):
    """Where the money went, seen from the account."""

    CREDIT = "CRDT"
    DEBIT = "DBIT"


@dataclass(frozen=True)
class Part:
    """One payment within an entry; texts are empty where the bank says nothing.

    `amount` is never negative and in the entry's currency; None where the bank gives a batch's
    parts no amount that can be used. `reference` is the structured one, `text` the free one.
    `reason` and `reason_text` tell why a payment came back.
    """

    amount: Decimal | None
    direction: Direction
    end_to_end_id: str = ""
    mandate: str = ""
    bank_reference: str = ""
    debtor: str = ""
    debtor_iban: str = ""
    ultimate_debtor: str = ""
    creditor: str = ""
    creditor_iban: str = ""
    reference: str = ""
    text: str = ""
    reason: str = ""
    reason_text: str = ""


@dataclass(frozen=True)
class Entry:
    """One booking: `amount` is never negative, `status` is BOOK, PDNG, INFO or FUTR.

    `code` is the bank transaction code (`PMNT/RCDT/ESCT`) or the bank's own; `charges` are those
    that the bank took out of the amount. `parts` is empty for a batch whose payments the bank
    tells in another message (`batch_size` of them).
    """

    amount: Decimal
    currency: str
    direction: Direction
    status: str
    booked_on: date
    valued_on: date | None
    bank_reference: str
    is_reversal: bool
    code: str
    charges: Decimal
    information: str
    batch_size: int
    parts: tuple[Part, ...]

    @property
    def signed(self) -> Decimal:
        """The amount with its sign: what the entry does to the balance."""
        return self.amount if self.direction is Direction.CREDIT else -self.amount

    @property
    def parts_agree(self) -> bool:
        """Say whether the parts make the whole, or the whole before the bank's charges."""
        amounts = [part.amount for part in self.parts]
        signs = [1 if part.direction is self.direction else -1 for part in self.parts]
        if not amounts or any(amount is None for amount in amounts):
            return False
        signed = [sign * (a or _ZERO) for sign, a in zip(signs, amounts, strict=True)]
        return parts_agree(self.amount, signed, self.charges)


def parts_agree(whole: Decimal, parts: Sequence[Decimal], charges: Decimal = _ZERO) -> bool:
    """Say whether the parts of a batch make its whole; charges may have been taken out of it."""
    return abs(sum(parts, _ZERO) - whole) in (_ZERO, charges)


def is_return(entry: Entry, part: Part) -> bool:
    """Say whether this is money that came back: a debit returned, or a payment that failed."""
    return entry.is_reversal or bool(part.reason)


def other_party(entry: Entry, part: Part) -> tuple[str, str]:
    """Return name and account (either may be empty) of whom the money came from or went to.

    On a return the roles stay those of the first payment: of a debit that came back, the other
    party is still the debtor.
    """
    is_debtor = (part.direction is Direction.CREDIT) is not is_return(entry, part)
    if is_debtor:
        return part.debtor or part.ultimate_debtor, part.debtor_iban
    return part.creditor, part.creditor_iban


def read_entry(element: Element) -> Entry:
    """Read an `Ntry`; raises `InputError` where amount, direction or date cannot be read."""
    written = element.find("Amt")
    amount = amount_of(text_of(element, "Amt"))
    if amount is None or written is None:
        raise InputError(f"{text_of(element, 'Amt')!r} is no amount")
    direction = _direction(text_of(element, "CdtDbtInd"))
    booked_on = _day(element, "BookgDt")
    valued_on = _day(element, "ValDt")
    day = booked_on or valued_on
    if day is None:
        raise InputError("it has no date of booking")
    currency = written.get("Ccy", "")
    parts = _parts(element, amount, currency, direction)
    batch_size = text_of(element, "NtryDtls/Btch/NbOfTxs")
    return Entry(
        amount=amount,
        currency=currency,
        direction=direction,
        status=text_of(element, "Sts/Cd", "Sts/Prtry", "Sts"),
        booked_on=day,
        valued_on=valued_on,
        bank_reference=_said(text_of(element, "AcctSvcrRef")),
        is_reversal=text_of(element, "RvslInd") in ("true", "1"),
        code=_code(element),
        charges=_charges(element),
        information=text_of(element, "AddtlNtryInf"),
        batch_size=int(batch_size) if batch_size.isdecimal() else max(len(parts), 1),
        parts=parts,
    )


def _parts(
    element: Element, amount: Decimal, currency: str, direction: Direction
) -> tuple[Part, ...]:
    """Read the payments of an entry; one alone is of the entry's amount, whatever else it says."""
    details = element.findall("NtryDtls/TxDtls")
    if not details and text_of(element, "NtryDtls/Btch/NbOfTxs") in ("", "1"):
        return (Part(amount, direction, text=text_of(element, "AddtlNtryInf")),)
    if len(details) == 1:
        return (_part(details[0], amount, direction),)
    return tuple(_part(one, _part_amount(one, currency), direction) for one in details)


def _part(element: Element, amount: Decimal | None, direction: Direction) -> Part:
    parties = element.find("RltdPties")
    own = text_of(element, "CdtDbtInd")
    return Part(
        amount=amount,
        direction=_direction(own) if own else direction,
        end_to_end_id=_said(text_of(element, "Refs/EndToEndId")),
        mandate=_said(text_of(element, "Refs/MndtId")),
        bank_reference=_said(text_of(element, "Refs/AcctSvcrRef")),
        debtor=_name(parties, "Dbtr"),
        debtor_iban=text_of(parties, "DbtrAcct/Id/IBAN", "DbtrAcct/Id/Othr/Id"),
        ultimate_debtor=_name(parties, "UltmtDbtr"),
        creditor=_name(parties, "Cdtr"),
        creditor_iban=text_of(parties, "CdtrAcct/Id/IBAN", "CdtrAcct/Id/Othr/Id"),
        reference=_said(
            text_of(element, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
        ),
        text=_free_text(element),
        reason=text_of(element, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd"),
        reason_text=text_of(element, "RtrInf/AddtlInf"),
    )


def _part_amount(element: Element, currency: str) -> Decimal | None:
    """Return a part's amount in the entry's currency: its own, else that of the account's side."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        written = element.find(path)
        if written is not None and written.get("Ccy", currency) == currency:
            amount = amount_of((written.text or "").strip())
            if amount is not None:
                return amount
    return None


def _free_text(element: Element) -> str:
    lines = [(found.text or "").strip() for found in element.findall("RmtInf/Ustrd")]
    lines += [(found.text or "").strip() for found in element.findall("RmtInf/Strd/AddtlRmtInf")]
    text = " ".join(line for line in lines if line)
    return text or text_of(element, "AddtlTxInf")


def _name(parties: Element | None, role: str) -> str:
    """Return a party's name; since version 08 it stands one element deeper, or is a bank's."""
    return text_of(parties, f"{role}/Nm", f"{role}/Pty/Nm", f"{role}/Agt/FinInstnId/Nm")


def _code(element: Element) -> str:
    domain = element.find("BkTxCd/Domn")
    parts = (
        text_of(domain, "Cd"),
        text_of(domain, "Fmly/Cd"),
        text_of(domain, "Fmly/SubFmlyCd"),
    )
    return "/".join(part for part in parts if part) or text_of(element, "BkTxCd/Prtry/Cd")


def _charges(element: Element) -> Decimal:
    """Add up what the bank took: one sum since version 04, one element each before."""
    total = amount_of(text_of(element, "Chrgs/TtlChrgsAndTaxAmt"))
    if total is not None:
        return total
    found = [
        amount_of((written.text or "").strip())
        for path in ("Chrgs/Amt", "Chrgs/Rcrd/Amt")
        for written in element.findall(path)
    ]
    return sum((amount for amount in found if amount is not None), _ZERO)


def _day(element: Element, name: str) -> date | None:
    return day_of(text_of(element, f"{name}/Dt", f"{name}/DtTm"))


def _direction(text: str) -> Direction:
    try:
        return Direction(text)
    except ValueError:
        raise InputError(f"{text!r} is neither CRDT nor DBIT") from None


def _said(text: str) -> str:
    """Return a reference, or nothing where the bank only fills the field."""
    return "" if text.upper().replace(" ", "") in _NOTHING else text
