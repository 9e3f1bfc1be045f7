"""What a message says, before it has a shape: for e-mail, paper, a short text or a script to read.

`wording.composing` makes a `Draft`; `wording.plain`, `wording.html` and the letter channel give it
a shape. All amounts and dates in it are written out in the reader's form already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tenor.engine.law.letters.contents import Content


class Kind(StrEnum):
    """What a message is about: its type. Reminders go up a level at a time."""

    BEFORE_DUE = "before_due"
    REMINDER = "reminder"
    SECOND_REMINDER = "second_reminder"
    FINAL_REMINDER = "final_reminder"
    NOTICE = "notice"  # the letter that a law asks for before a next step
    PLAN_OFFER = "plan_offer"
    PLAN_AGREED = "plan_agreed"
    INSTALMENT_DUE = "instalment_due"
    INSTALMENT_MISSED = "instalment_missed"
    PROMISE_NOTED = "promise_noted"
    PROMISE_BROKEN = "promise_broken"
    FAILED_DEBIT = "failed_debit"
    THANK_YOU = "thank_you"
    STATEMENT = "statement"  # all that is open, nothing asked
    DISPUTE_NOTED = "dispute_noted"
    LINK = "link"  # a new link to the payment page, as asked for


class Form(StrEnum):
    """How much room there is."""

    LONG = "long"  # e-mail, letter
    SHORT = "short"  # text message, push
    SCRIPT = "script"  # read aloud on the phone


# The form of each channel's messages.
FORMS: Mapping[str, Form] = {
    "email": Form.LONG,
    "letter": Form.LONG,
    "sms": Form.SHORT,
    "push": Form.SHORT,
    "call": Form.SCRIPT,
}
TONES = ("friendly", "neutral", "firm", "urgent", "empathetic")
LANGUAGES = ("nl", "en", "de", "fr")


@dataclass(frozen=True)
class Line:
    """An invoice as a row of the table, each cell written for the reader; `key` is the ledger's."""

    key: str
    number: str
    issued: str
    due: str
    asked: str  # in all, with costs and credits
    paid: str
    open: str


@dataclass(frozen=True)
class Pay:
    """How to pay: an account of the currency, the reference to name, the code for a banking app.

    `epc` is the payload of an EPC code, empty where the currency has none.
    """

    holder: str
    iban: str
    bic: str = ""
    reference: str = ""
    epc: str = ""


@dataclass(frozen=True)
class Links:
    """Signed addresses for this message's reader; each may be empty.

    `seen` is that of a picture which tells that the mail was opened: for those who agreed only.
    """

    page: str = ""
    stop: str = ""
    privacy: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Sender:
    """Who writes, as a reader sees them."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    website: str = ""
    colour: str = ""
    # A line of law at the foot: registers, supervisor, mandate.
    imprint: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A message in words.

    `template` names the text ("reminder/firm"), `version` which one ("built-in" or a number of the
    organisation's own). `paragraphs` come before the table, `after` behind it and the payment
    part; `contains` is what of that which a law may ask for it says.
    """

    kind: Kind
    form: Form
    tone: str
    language: str
    template: str
    version: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    after: tuple[str, ...]
    closing: tuple[str, ...]
    sender: Sender
    recipient: str
    address: tuple[str, ...] = ()
    on: date | None = None
    written_on: str = ""
    lines: tuple[Line, ...] = ()
    # The headings of the table and other words of the frame, by name, in the reader's language.
    words: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    amount: Decimal = Decimal(0)
    currency: str = ""
    pay: Pay | None = None
    links: Links = field(default_factory=Links)
    contains: frozenset[Content] = frozenset()
    # Of a notice: which of the law's letters it is, and the costs that it names.
    letter: str = ""
    fee: Decimal | None = None
