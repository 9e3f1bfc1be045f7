"""The variables of texts: a closed list, each with its meaning and a sample, and safe filling.

A text has `{name}` and nothing else: no attributes, no indices, no formats. What is filled in is
never read as a text again, and its braces become round ones.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACE = re.compile(r"\{([^{}]*)\}")
_STRAY = re.compile(r"[{}]")
_ROUND = str.maketrans("{}", "()")


@dataclass(frozen=True)
class Variable:
    """What a text may name: `meaning` in a sentence for its writer, `sample` to show it with."""

    name: str
    meaning: str
    sample: str


VARIABLES: Mapping[str, Variable] = {
    one.name: one
    for one in (
        Variable("name", "The customer's name, as it is known.", "Anna de Vries"),
        Variable("organisation", "The name of the organisation that writes.", "Delta Water"),
        Variable("creditor", "Who is owed the money; the organisation, or its client.",
                 "Delta Water"),
        Variable("total", "All that is open on the invoices of the message.", "€ 128,50"),
        Variable("count", "How many invoices, in words: 1 invoice, 3 invoices.", "2 invoices"),
        Variable("invoices", "The numbers of the invoices.", "2026-118 and 2026-131"),
        Variable("oldest_due", "The day on which the oldest invoice was due.", "3 March 2026"),
        Variable("by", "The day by which payment is asked.", "24 March 2026"),
        Variable("page", "The address of the customer's own page.",
                 "https://pay.example/p/1.abc/"),
        Variable("stop", "The address at which one press ends this channel.",
                 "https://pay.example/p/1.abc/stop/"),
        Variable("phone", "The organisation's telephone number.", "+31 20 123 45 67"),
        Variable("email", "The address to which replies go.", "debiteuren@delta.example"),
        Variable("website", "The organisation's website.", "https://delta.example"),
        Variable("account", "The bank account for this currency.", "NL91 ABNA 0417 1643 00"),
        Variable("reference", "What to name when paying.", "RF18 5390 0754 7034"),
        Variable("promised_on", "The day on which the customer promised to pay.",
                 "20 March 2026"),
        Variable("promised_amount", "The amount that the customer promised.", "€ 80,00"),
        Variable("instalment_amount", "The amount of the instalment.", "€ 45,00"),
        Variable("instalment_due", "The day on which the instalment is due.", "1 April 2026"),
        Variable("plan_count", "How many instalments a plan has.", "3"),
        Variable("plan_amount", "The amount of each instalment of a plan.", "€ 45,00"),
        Variable("plan_first", "The day of a plan's first instalment.", "1 April 2026"),
        Variable("offer_amount", "What is asked instead of the whole, by an offer that stands.",
                 "€ 90,00"),
        Variable("offer_until", "The last day of that offer.", "31 March 2026"),
        Variable("paid_amount", "The amount that was received.", "€ 50,00"),
        Variable("debit_reason", "Why a direct debit failed, in the reader's words.",
                 "there was not enough money in the account"),
        Variable("fee", "The exact costs that the law lets fall due.", "€ 40,00"),
        Variable("interest_day", "What interest comes to for each day.", "€ 0,02"),
        Variable("registration_number", "The collector's number in the register.", "1042"),
        Variable("mandate", "On whose behalf the organisation collects.",
                 "On behalf of Delta Water"),
    )
}  # fmt: skip


# Variables that some kinds of message have; the others are known in all of them.
_PROMISES = frozenset({"promise_noted", "promise_broken"})
_PLANS = frozenset({"plan_offer", "plan_agreed", "instalment_due", "instalment_missed"})
_OFFERS = frozenset({"before_due", "reminder", "second_reminder", "final_reminder"})
OF_KINDS: Mapping[str, frozenset[str]] = {
    "promised_on": _PROMISES,
    "promised_amount": _PROMISES,
    "instalment_amount": _PLANS,
    "instalment_due": _PLANS,
    "plan_count": _PLANS,
    "plan_amount": _PLANS,
    "plan_first": _PLANS,
    "offer_amount": _OFFERS,
    "offer_until": _OFFERS,
    "paid_amount": frozenset({"thank_you"}),
    "debit_reason": frozenset({"failed_debit"}),
    "fee": frozenset({"notice"}),
}
# What the clauses that a law asks for may name besides; an organisation's own texts do not.
OF_CLAUSES: Mapping[str, str] = {
    "creditor_address": "The creditor's address or seat.",
    "creditor_number": "The creditor's number in the register of enterprises.",
    "creditor_before": "Who was the creditor on the itemisation date.",
    "sender_address": "The address of the organisation that writes.",
    "supervisor": "Which authority supervises the organisation.",
    "consumer_address": "The customer's postal address.",
    "account_end": "The last signs of the customer's number.",
    "contract": "The kind of contract and its date.",
    "principal": "What is open of the invoices themselves.",
    "interest": "What is open of interest.",
    "costs": "What is open of costs.",
    "rate": "The rate of interest.",
    "interest_from": "The day from which interest runs.",
    "fixed_sum": "The fixed sum for late payment.",
    "itemised_on": "The itemisation date.",
    "itemised_amount": "The sum on the itemisation date.",
    "since": "What came on and off since the itemisation date.",
    "validation_end": "The last day of the validation period.",
    "complaints": "Where to complain.",
    "first_letter": "The reference of the first letter.",
    "first_letter_on": "The day of the first letter.",
}


class Unresolved(LookupError):
    """A text names something that is not there to fill in; `name` says what."""

    def __init__(self, name: str) -> None:
        """Keep the name."""
        super().__init__(name)
        self.name = name


def names_in(text: str) -> list[str]:
    """Return what stands between braces in a text, in order, each once."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def strays_in(text: str) -> bool:
    """Say whether braces are left over that belong to no place."""
    return bool(_STRAY.search(_PLACE.sub("", text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its places filled; raises `Unresolved` where a value is missing."""
    if strays_in(text):
        raise Unresolved("{")

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if not values.get(name):
            raise Unresolved(name)
        return values[name].translate(_ROUND)

    return _PLACE.sub(value, text)


def samples() -> dict[str, str]:
    """Return a value of each variable, to show a text with."""
    return {name: one.sample for name, one in VARIABLES.items()}
