"""What a message must say: required contents by kind of message, actor, debtor and channel.

Contents have names of a closed vocabulary, so that a template can declare which it has, and a
message is refused before it goes out, not after somebody complains.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.scope import Scope, read_scope
from tenor.engine.law.pack import Binding, Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "contents"


class Content(StrEnum):
    """One thing that a message says; `MEANING` has a sentence for each."""

    CREDITOR = "creditor"
    CREDITOR_ADDRESS = "creditor_address"
    CREDITOR_NUMBER = "creditor_number"
    CREDITOR_HISTORY = "creditor_history"
    SENDER = "sender"
    SENDER_ADDRESS = "sender_address"
    REGISTER_NUMBER = "register_number"
    STATEMENT_OF_ACTIVITY = "statement_of_activity"
    SUPERVISOR = "supervisor"
    CONSUMER_ADDRESS = "consumer_address"
    ACCOUNT_NUMBER = "account_number"
    GROUND = "ground"
    GROUND_DATE = "ground_date"
    DUE_DATE = "due_date"
    PRINCIPAL = "principal"
    SPECIFICATION = "specification"
    ITEMISATION = "itemisation"
    CHARGES_SINCE = "charges_since"
    INTEREST_BASIS = "interest_basis"
    DAILY_INTEREST = "daily_interest"
    FIXED_SUM = "fixed_sum"
    FEE_AMOUNT = "fee_amount"
    FEE_GROUND = "fee_ground"
    VAT_NOTE = "vat_note"
    TERM = "term"
    CONSEQUENCE = "consequence"
    PURPOSE = "purpose"
    PAYMENT_REQUEST = "payment_request"
    HOW_TO_PAY = "how_to_pay"
    CONTACT = "contact"
    DISPUTE_ROUTE = "dispute_route"
    COMPLAINT_ROUTE = "complaint_route"
    OMBUDSMAN = "ombudsman"
    HELP = "help"
    DEBT_HELP = "debt_help"
    PRIVACY = "privacy"
    AUTOMATED_NOTE = "automated_note"
    OPT_OUT = "opt_out"
    COLLECTOR_STATEMENT = "collector_statement"
    VALIDATION_END = "validation_end"
    VALIDATION_RIGHTS = "validation_rights"
    REPLY_FORM = "reply_form"
    CFPB_SITE = "cfpb_site"
    ELECTRONIC_REPLY = "electronic_reply"
    STATUTE_TEXT = "statute_text"
    FIRST_LETTER_REFERENCE = "first_letter_reference"


MEANING: Mapping[Content, str] = {
    Content.CREDITOR: "Who is owed the money.",
    Content.CREDITOR_ADDRESS: "The creditor's address or seat.",
    Content.CREDITOR_NUMBER: "The creditor's number in the register of enterprises.",
    Content.CREDITOR_HISTORY: "The creditor now and the one on the itemisation date.",
    Content.SENDER: "Who writes, and for whom.",
    Content.SENDER_ADDRESS: "Where the sender can be visited and written to.",
    Content.REGISTER_NUMBER: "The collector's number in the official register.",
    Content.STATEMENT_OF_ACTIVITY: "That the sender collects debts out of court.",
    Content.SUPERVISOR: "Which authority supervises the sender.",
    Content.CONSUMER_ADDRESS: "The consumer's name and address.",
    Content.ACCOUNT_NUMBER: "The account's number, cut short.",
    Content.GROUND: "What the money is owed for: the invoice, the product or service.",
    Content.GROUND_DATE: "The kind of contract and its date.",
    Content.DUE_DATE: "Since when it should have been paid.",
    Content.PRINCIPAL: "The sum that is open.",
    Content.SPECIFICATION: "The sum split into principal, interest and costs.",
    Content.ITEMISATION: "The itemisation date and the sum on it.",
    Content.CHARGES_SINCE: "Interest, fees, payments and credits since the itemisation date.",
    Content.INTEREST_BASIS: "On what interest is asked, at which rate, for which time.",
    Content.DAILY_INTEREST: "The rate of interest and what it comes to a day.",
    Content.FIXED_SUM: "The fixed sum for late payment.",
    Content.FEE_AMOUNT: "The exact costs that fall due if it is not paid in time.",
    Content.FEE_GROUND: "The kind of the costs, their amount and on what they rest.",
    Content.VAT_NOTE: "That VAT comes on top of the costs, and why.",
    Content.TERM: "By when it must be paid, counted as the law counts it.",
    Content.CONSEQUENCE: "What happens if it is not paid in time.",
    Content.PURPOSE: "Why the sender gets in touch.",
    Content.PAYMENT_REQUEST: "That payment is asked for.",
    Content.HOW_TO_PAY: "How to pay: a link, a code, or an account and a reference.",
    Content.CONTACT: "Whom to ask.",
    Content.DISPUTE_ROUTE: "What to do if the claim is not right.",
    Content.COMPLAINT_ROUTE: "Where to complain.",
    Content.OMBUDSMAN: "The ombudsman to whom a complaint can go.",
    Content.HELP: "What to do if one cannot pay: a plan, help.",
    Content.DEBT_HELP: "Where to find free help with debts.",
    Content.PRIVACY: "Where to read about one's data and object to their use.",
    Content.AUTOMATED_NOTE: "That a machine wrote this.",
    Content.OPT_OUT: "How to stop messages to this address or number.",
    Content.COLLECTOR_STATEMENT: "That a debt collector tries to collect a debt.",
    Content.VALIDATION_END: "The date on which the validation period ends.",
    Content.VALIDATION_RIGHTS: "The rights to dispute and to ask for the original creditor.",
    Content.REPLY_FORM: "A form for disputing and replying.",
    Content.CFPB_SITE: "The site of the consumer bureau.",
    Content.ELECTRONIC_REPLY: "How to reply electronically, where that is offered.",
    Content.STATUTE_TEXT: "The words of the law on who bears collection costs.",
    Content.FIRST_LETTER_REFERENCE: "The reference and date of the first letter.",
}


class Message(StrEnum):
    """What a message is for; those of section `notices` have the same names there."""

    REMINDER = "reminder"
    FIRST_CONTACT = "first_contact"  # of a collector for others
    LATER_CONTACT = "later_contact"
    FIRST_LETTER = "first_letter"  # of a collector in France
    FOURTEEN_DAY = "fourteen_day"
    FIRST_REMINDER = "first_reminder"  # the free one in Belgium
    DEFAULT_REMINDER = "default_reminder"
    FORMAL_NOTICE = "formal_notice"
    FINAL_NOTICE = "final_notice"
    LETTER_OF_CLAIM = "letter_of_claim"
    VALIDATION = "validation"
    ARREARS = "arrears"  # on regulated credit
    TRADE_CLAIM = "trade_claim"  # interest and fixed sums between businesses
    REPLY = "reply"
    CONFIRMATION = "confirmation"


@dataclass(frozen=True)
class ContentRule:
    """Contents that some messages need; no message named means every one."""

    messages: frozenset[Message]
    needs: tuple[Content, ...]
    scope: Scope


@dataclass(frozen=True)
class Requirement:
    """One content that a message needs, and the rule that asks for it."""

    content: Content
    reason: Reason


def read_contents(values: Values) -> ContentRule:
    """Read the values of a provision of section `contents`."""
    messages, needs = values.texts("messages", ()), values.texts("needs")
    for name, found, known in (("messages", messages, Message), ("needs", needs, Content)):
        unknown = [word for word in found if word not in list(known)]
        if unknown:
            raise values.wrong(name, f"has {unknown[0]!r}; there are {', '.join(known)}")
    return ContentRule(
        messages=frozenset(map(Message, messages)),
        needs=tuple(map(Content, needs)),
        scope=read_scope(values),
    )


def read_patterns(values: Values, name: str) -> tuple[re.Pattern[str], ...]:
    """Read a list of patterns (of `re`, any case)."""
    patterns = []
    for text in values.texts(name, ()):
        try:
            patterns.append(re.compile(text, re.IGNORECASE))
        except re.error as error:
            raise values.wrong(name, f"has {text!r}, which is no pattern ({error})") from error
    return tuple(patterns)


def required(
    pack: Pack,
    day: date,
    *,
    message: str,
    actor: Actor,
    debtor: Debtor | None,
    channel: str,
) -> tuple[Requirement, ...]:
    """Return what such a message must say on `day`, what the law wants before our own defaults.

    A content that several rules ask for stands once, with the weightiest of them. Raises `LawError`
    for a kind of message that there is not.
    """
    if message not in list(Message):
        raise LawError(f"{message!r} is no kind of message; there are {', '.join(Message)}")
    found = [
        Requirement(content, provision.because(day, "CONTENT_MISSING", _lacks(content, provision)))
        for provision, rule in pack.in_force(SECTION, day)
        if (not rule.messages or message in rule.messages)
        and rule.scope.speaks_of(actor, debtor)
        and rule.scope.takes_in(channel)
        for content in rule.needs
    ]
    found.sort(key=lambda requirement: requirement.reason.binding is Binding.POLICY)
    once: dict[Content, Requirement] = {}
    for requirement in found:
        once.setdefault(requirement.content, requirement)
    return tuple(once.values())


def missing(
    pack: Pack,
    day: date,
    *,
    message: str,
    actor: Actor,
    debtor: Debtor | None,
    channel: str,
    contains: Collection[str],
) -> tuple[str, ...]:
    """Return the names of required contents that a message lacks (see `required`)."""
    needed = required(pack, day, message=message, actor=actor, debtor=debtor, channel=channel)
    return tuple(str(one.content) for one in needed if one.content not in contains)


def _lacks(content: Content, provision: Provision) -> str:
    return f"It must say: {MEANING[content]} {provision.text}"
