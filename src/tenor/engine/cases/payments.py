"""Worked cases of the standards of payment: references, accounts, codes, bank files, matching."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tenor.engine.cases import terms
from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.payments import camt, epc, iban, references, returns, ubl
from tenor.engine.payments.camt_entries import Direction, Entry, Part, parts_agree
from tenor.engine.payments.matching import Basis, Match, MatchKind, Payment, match
from tenor.engine.payments.open_items import OpenItem, OpenItems

# A case that names no day asks for what holds last.
_LAST = date.max
_ZERO = Decimal(0)
_ELEMENT = re.compile(r"(?:([0-9]+) )?([A-Za-z]+)")
_PAIRING = {
    iban.PairingFault.NEEDS_QRR: "a QR-IBAN needs QRR",
    iban.PairingFault.NO_QRR: "an ordinary IBAN cannot carry QRR",
    iban.PairingFault.NOT_SWISS: "a QR-bill is paid to an account in CH or LI",
    iban.PairingFault.NO_IBAN: "the account number is wrong",
}


def _rf_make(case: Input) -> Result:
    return {"rf": references.make_rf(str(case["reference"]))}


def _rf_check(case: Input) -> Result:
    return {"valid": references.is_rf(case["rf"])}


def _ogm_make(case: Input) -> Result:
    return {"ogm": references.make_ogm(case["base"])}


def _ogm_check(case: Input) -> Result:
    return {"valid": references.is_ogm(case["ogm"])}


def _finnish_make(case: Input) -> Result:
    reference = references.make_finnish(case["base"])
    return {"reference": reference, "rf": references.finnish_rf(reference)}


def _finnish_check(case: Input) -> Result:
    return {"valid": references.is_finnish(case["reference"])}


def _kid_make(case: Input) -> Result:
    made = {kind.lower(): references.make_kid(case["base"], kind) for kind in references.Kid}
    return dict(made)


def _kid_check(case: Input) -> Result:
    return {"valid": references.is_kid(case["kid"], references.Kid(case["algorithm"]))}


def _qrr_make(case: Input) -> Result:
    made = references.make_qrr(case["base26"])
    return {"qrr": made, "formatted": references.format_qrr(made)}


def _qrr_check(case: Input) -> Result:
    return {"valid": references.is_qrr(case["qrr"])}


def _pairing(case: Input) -> Result:
    fault = iban.pairing_fault(case["iban"], iban.SwissReference(case["reference_type"]))
    if fault is not None:
        return {"valid": False, "reason": _PAIRING[fault]}
    bank = iban.qr_bank(case["iban"])
    if bank is None:
        return {"valid": True, "reason": "an ordinary IBAN carries SCOR or none"}
    first, last = iban.QR_BANKS[0], iban.QR_BANKS[-1]
    return {"valid": True, "reason": f"QR-IID {bank} lies in {first}-{last}"}


def _iban_check(case: Input) -> Result:
    fault = iban.fault(case["iban"])
    return {"valid": fault is None, "reason": "OK" if fault is None else fault.value}


def _epc(case: Input) -> Result:
    payload = case.get("payload")
    result: Result = {}
    if "fields" in case:
        built = _code(case["fields"])
        payload = payload or built.payload
        result["payload"] = built.payload
    if payload is None:
        raise NotCovered("neither the fields nor the text of a payment code is given")
    problems = epc.problems_in(payload)
    size, lines = epc.size(payload)
    return result | {
        "valid": not problems,
        "errors": [str(problem) for problem in problems],
        "bytes": size,
        "lines": lines,
    }


def _code(fields: Mapping[str, Any]) -> epc.EpcCode:
    amount = fields.get("amount")
    return epc.EpcCode(
        name=fields.get("name", ""),
        iban=fields.get("iban", ""),
        amount=f"EUR{amount}" if amount else "",
        reference=fields.get("ref", ""),
        text=fields.get("text", ""),
        information=fields.get("info", ""),
        purpose=fields.get("purpose", ""),
        bic=fields.get("bic", ""),
        version=fields.get("version", "002"),
        character_set=str(fields.get("charset", "1")),
    )


def _sdd_reason(case: Input) -> Result:
    found = returns.return_reason(case["code"], day(case["on"]) if "on" in case else _LAST)
    if found is None:
        raise NotCovered(f"{case['code']} is no reason that is known")
    return {
        "meaning": found.meaning,
        "category": found.category.value,
        "auto_retry": found.retry,
        "collector_action": found.action,
        "most_retries": found.most_retries,
    }


def _sdd_windows(case: Input) -> Result:
    scheme = returns.Scheme(case.get("scheme", "CORE"))
    if "refund_requested" in case:
        found = returns.refund(
            scheme,
            debited=day(case["debited"]),
            asked=day(case["refund_requested"]),
            authorised=bool(case.get("authorised", True)),
        )
        limit = None if found.limit is None else found.limit.isoformat()
        return {"refund_right": found.allowed, "limit": limit}
    if "prenotification_days" in case:
        shorter, days = bool(case.get("agreed_shorter", False)), int(case["prenotification_days"])
        may = returns.may_announce(scheme, days_before=days, agreed_shorter=shorter, day=_LAST)
        return {
            "compliant": may,
            "default_days": returns.scheme_terms(scheme, _LAST).prenotice_days,
        }
    if "address_in_pain008" in case:
        return _address(case)
    if "settlement" in case:
        settled = day(case["settlement"])
        own = returns.scheme_terms(scheme, settled).return_business_days
        most = int(case.get("return_by_bank_latest_business_days", own))
        return {"latest": returns.last_return_day(settled, most).isoformat()}
    raise NotCovered("this asks for no term of a direct debit that is known")


def _address(case: Input) -> Result:
    elements = _ELEMENT.findall(str(case["address_in_pain008"]))
    form = returns.address_form({name: int(number or 1) for number, name in elements})
    hybrid = form is returns.AddressForm.HYBRID
    return {
        "accepted": returns.takes_address(form, day(case["settlement"])),
        "form": form.value,
        "note": "hybrid; some banks only take fully structured" if hybrid else None,
    }


def _camt_parse(case: Input) -> Result:
    statement = camt.read_camt(case["xml"])[0]
    opening, closing = statement.opening, statement.closing
    booked = [(entry, part) for entry in statement.booked for part in entry.parts]
    result: Result = {
        "iban": statement.account,
        "entries": [_entry(entry, part) for entry, part in booked],
        "balanced": statement.difference == 0,
    }
    if opening is not None and closing is not None:
        moves = "".join(f"{entry.signed:+}" for entry in statement.booked)
        result |= {
            "opening": opening.amount,
            "closing": closing.amount,
            "balance_check": f"{opening.amount}{moves}={closing.amount}",
        }
    return result


def _entry(entry: Entry, part: Part) -> Result:
    told = {
        "end_to_end": part.end_to_end_id,
        "mandate": part.mandate,
        "debtor": part.debtor,
        "debtor_iban": part.debtor_iban,
        "structured_ref": part.reference,
        "text": part.text,
    }
    return {
        "amount": part.amount,
        "sign": part.direction.value,
        "booking": entry.booked_on.isoformat(),
        "bank_ref": part.bank_reference or entry.bank_reference,
        "return_reason": part.reason or None,
    } | {name: text for name, text in told.items() if text}


def _camt_balance(case: Input) -> Result:
    signed = [*map(money, case["credits"]), *(-money(debit) for debit in case["debits"])]
    difference = camt.balance_difference(money(case["opening"]), money(case["closing"]), signed)
    return {"balanced": difference == 0, "difference": difference}


def _camt_batch(case: Input) -> Result:
    parts = [money(amount) for amount in case["txdtls_amounts"]]
    agree = parts_agree(money(case["entry_amount"]), parts)
    return {"split_into": len(parts), "sum_ok": agree}


def _camt_dedup(case: Input) -> Result:
    amount = Decimal(1)
    seen = {key for ref in case["seen_bank_refs"] for key in camt.keys(_booked(ref, amount))}
    other = amount if case.get("same_amount", True) else amount + 1
    return {"import_": not seen & set(camt.keys(_booked(case["new_entry_ref"], other)))}


def _booked(reference: str, amount: Decimal) -> camt.Statement:
    entry = Entry(
        amount=amount,
        currency="EUR",
        direction=Direction.CREDIT,
        status="BOOK",
        booked_on=date(2026, 1, 2),
        valued_on=None,
        bank_reference=reference,
        is_reversal=False,
        code="",
        charges=_ZERO,
        information="",
        batch_size=1,
        parts=(),
    )
    return camt.Statement(camt.StatementKind.STATEMENT, "", "", "EUR", (), (entry,), ())


def _ubl_parse(case: Input) -> Result:
    invoice = ubl.read_ubl(case["xml"])
    means = next(iter(invoice.means), ubl.PaymentMeans(code=""))
    return {
        "number": invoice.number,
        "issue_date": _iso(invoice.issued_on),
        "due_date": _iso(invoice.due_on),
        "type_code": invoice.type_code,
        "currency": invoice.currency,
        "buyer_reference": invoice.buyer_reference or None,
        "order": invoice.order or None,
        "preceding": invoice.preceding[0] if invoice.preceding else None,
        "payment_means": means.code or None,
        "payment_id": means.payment_id or None,
        "payee_iban": means.account or None,
        "mandate": means.mandate or None,
        "terms": invoice.terms or None,
        "payable": invoice.payable,
        "prepaid": invoice.prepaid,
    }


def _ubl_rules(case: Input) -> Result:
    payable = money(case["payable"]) if case.get("payable") is not None else None
    due, note = case.get("due_date"), str(case.get("payment_terms_note") or "")
    due_on = None if due is None else day(due)
    result: Result = {"due_date": _iso(due_on), "action": None}
    broken: list[ubl.Rule] = []
    if {"due_date", "payment_terms_note"} & case.keys():
        broken += [ubl.Rule.NO_DUE_DATE_OR_TERMS] * ubl.lacks_term(payable, due_on, note)
        if ubl.asks_for_due_date(payable, due_on, note):
            result["action"] = "ASK_OR_DEFAULT_30_DAYS"
    if "payment_means" in case:
        account, mandate = (str(case.get(name) or "") for name in ("payee_account", "mandate"))
        means = ubl.PaymentMeans(str(case["payment_means"]), account=account, mandate=mandate)
        broken += [ubl.Rule.NO_ACCOUNT] * ubl.lacks_account(means)
        broken += [ubl.Rule.NO_MANDATE] * ubl.lacks_mandate(means)
    if "type_code" in case:
        treat = ubl.treatment(str(case["type_code"]), payable)
        result |= {"treat_as": treat.value, "dun": treat is ubl.Treatment.CLAIM}
    return result | {"valid": not broken, "rule": broken[0].value if broken else None}


def _payment_matching(case: Input) -> Result:
    if "debt" in case:
        return terms.allocation(case)
    items = [
        OpenItem(str(id_), money(amount), "EUR", (str(reference or ""),), (str(id_),))
        for id_, amount, reference in case["open_items"]
    ]
    amount, reference = case["payment"]
    found = match(Payment(money(amount), "EUR", str(reference or "")), OpenItems(items))
    shares = dict(found.shares)
    total = sum((item.open for item in items if item.id in shares), _ZERO)
    return {
        "match": next(iter(shares)) if len(shares) == 1 else None,
        "matches": list(shares),
        "kind": _kind(found),
        "open": total - sum(shares.values(), _ZERO),
        "left": found.left,
    }


def _kind(found: Match) -> str:
    if found.kind is MatchKind.NONE and found.basis in (Basis.BAD_CHECKSUM, Basis.AMBIGUOUS):
        return f"{found.basis.lower()}_manual"
    return found.kind.value


def _iso(found: date | None) -> str | None:
    return None if found is None else found.isoformat()


RULES: Mapping[str, Callable[[Input], Result]] = {
    "iso11649_make": _rf_make,
    "iso11649_check": _rf_check,
    "ogm_make": _ogm_make,
    "ogm_check": _ogm_check,
    "finnish_reference_make": _finnish_make,
    "finnish_reference_check": _finnish_check,
    "kid_make": _kid_make,
    "kid_check": _kid_check,
    "qr_reference_make": _qrr_make,
    "qr_reference_check": _qrr_check,
    "qr_iban_reference_pairing": _pairing,
    "iban_check": _iban_check,
    "epc069_12": _epc,
    "sdd_reason": _sdd_reason,
    "sdd_windows": _sdd_windows,
    "camt053_parse": _camt_parse,
    "camt053_balance": _camt_balance,
    "camt053_batch_entry": _camt_batch,
    "camt053_dedup": _camt_dedup,
    "ubl_parse": _ubl_parse,
    "ubl_rules": _ubl_rules,
    "payment_matching": _payment_matching,
}
