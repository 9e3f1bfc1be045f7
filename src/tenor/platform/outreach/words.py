"""The words of a message: the built-in text in the reader's language, with a table of invoices."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tenor.engine.law.case import Actor
from tenor.engine.law.letters.contents import Content
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.ledger.models import Customer, Invoice

LETTERS = Path(__file__).parent / "letters"
_DEFAULT_LANGUAGE, _DEFAULT_TONE = "en", "neutral"
# How long a reminder leaves to pay.
TIME_TO_PAY = timedelta(days=7)
_SAID = frozenset(
    {
        Content.SENDER, Content.GROUND, Content.DUE_DATE, Content.PRINCIPAL, Content.TERM,
        Content.PAYMENT_REQUEST, Content.HOW_TO_PAY, Content.CONTACT, Content.DISPUTE_ROUTE,
        Content.HELP, Content.PRIVACY,
    }
)  # fmt: skip
# ISO 4217: how many decimals people write, where that is not two.
_DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3}


@dataclass(frozen=True)
class Text:
    """A message in words."""

    language: str
    template: str
    subject: str
    body: str
    # What of that which a law may ask for the text says.
    contains: frozenset[Content] = frozenset()


def text_of(
    organisation: Organisation,
    customer: Customer,
    invoices: Sequence[Invoice],
    *,
    tone: str,
    on: date,
    own_words: str = "",
) -> Text:
    """Return the message about these invoices, all of one currency, as they stand now.

    `own_words` are a person's: they take the place of the opening. The table and the total are
    always those of the books, so that a text written yesterday cannot state a wrong amount.
    """
    language = language_for(customer, organisation)
    letter = _letter(language)
    words: dict[str, str] = letter["words"]
    currency = invoices[0].currency
    total = sum((invoice.balance for invoice in invoices), Decimal(0))
    when = "overdue" if min(invoice.due_on for invoice in invoices) < on else "ahead"
    count = len(invoices)
    facts = {
        "organisation": organisation.name,
        "total": money(total, currency, words),
        "count": words["one_invoice"] if count == 1 else words["invoices"].format(count=count),
        "name": customer.name,
    }
    opening = own_words.strip() or letter[when].get(tone, letter[when][_DEFAULT_TONE])
    greeting = words["greeting" if customer.name else "greeting_unnamed"].format(**facts)
    by = (on + TIME_TO_PAY).strftime(words["date"])
    parts = [
        greeting,
        opening,
        _table(invoices, total, words),
        # What is not due yet has its date in the table.
        words["term"].format(by=by) if when == "overdue" else "",
        words["payment"],
        words["already"] if when == "overdue" else "",
        words["questions"],
        words["privacy"],
        f"{words['closing']}\n{organisation.name}",
    ]
    subject = " ".join(letter["subject"][when].format(**facts).split())
    template = "reminder" if when == "overdue" else "before_due"
    body = "\n\n".join(part for part in parts if part) + "\n"
    return Text(language, template, subject[:300], body, _says(organisation))


def _says(organisation: Organisation) -> frozenset[Content]:
    """Return what the built-in texts say; who collects for somebody else does not name them."""
    own = preferences_of(organisation).actor == Actor.CREDITOR
    return _SAID | {Content.CREDITOR} if own else _SAID


def language_for(customer: Customer, organisation: Organisation) -> str:
    """Return the language to write in: the customer's where there is a text in it."""
    for wanted in (customer.language, organisation.language):
        if wanted[:2].lower() in _languages():
            return wanted[:2].lower()
    return _DEFAULT_LANGUAGE


def money(amount: Decimal, currency: str, words: dict[str, str]) -> str:
    """Write an amount in the reader's form, with the code of its currency."""
    places = _DECIMALS.get(currency, 2)
    # An amount may be kept finer than people write it: then all of it is shown.
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        places = 4
    figure = f"{amount:,.{places}f}"
    marks = {",": words["thousands"], ".": words["decimals"]}
    return f"{currency} " + "".join(marks.get(sign, sign) for sign in figure)


def _table(invoices: Sequence[Invoice], total: Decimal, words: dict[str, str]) -> str:
    currency, form = invoices[0].currency, words["date"]
    rows = [(words["invoice"], words["dated"], words["due"], words["open"])]
    rows += [
        (
            str(invoice),
            invoice.issued_on.strftime(form),
            invoice.due_on.strftime(form),
            money(invoice.balance, currency, words),
        )
        for invoice in sorted(invoices, key=lambda i: (i.due_on, i.key))
    ]
    rows.append((words["total"], "", "", money(total, currency, words)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)),
             row[3].rjust(widths[3])]
        )
        for row in rows
    )  # fmt: skip


@cache
def _languages() -> frozenset[str]:
    return frozenset(path.stem for path in LETTERS.glob("*.toml"))


@cache
def _letter(language: str) -> dict[str, Any]:
    return tomllib.loads((LETTERS / f"{language}.toml").read_text(encoding="utf-8"))
