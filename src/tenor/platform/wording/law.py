"""What the law of a customer's place wants a message to say, and which of its letters it is."""

from collections.abc import Iterable
from datetime import date

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.letters.contents import Content, Message, Requirement, required
from tenor.engine.law.letters.notice_rules import STEPS, rules_before
from tenor.engine.law.pack import Pack
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.ledger.models import Customer
from tenor.platform.wording.draft import Form, Kind

# Messages that ask for money: they need an account to pay to.
ASKING = frozenset(
    {
        Kind.BEFORE_DUE, Kind.REMINDER, Kind.SECOND_REMINDER, Kind.FINAL_REMINDER, Kind.NOTICE,
        Kind.PLAN_OFFER, Kind.INSTALMENT_DUE, Kind.INSTALMENT_MISSED, Kind.PROMISE_BROKEN,
        Kind.FAILED_DEBIT,
    }
)  # fmt: skip
# Messages that show how to pay where it is known, and go out without it too.
SHOWING = ASKING | {Kind.PLAN_AGREED, Kind.PROMISE_NOTED, Kind.STATEMENT, Kind.LINK}
# In words to the reader there is nothing to ask: they answer what the reader said or did.
_ANSWERS = {
    Kind.PLAN_AGREED: Message.CONFIRMATION,
    Kind.PROMISE_NOTED: Message.CONFIRMATION,
    Kind.THANK_YOU: Message.CONFIRMATION,
    Kind.DISPUTE_NOTED: Message.CONFIRMATION,
    Kind.STATEMENT: Message.REPLY,
    Kind.LINK: Message.REPLY,
}
# The letters before a demand and before charges come first; a last one is before court.
_ORDER = {step: place for place, step in enumerate(STEPS)}


def actor_of(organisation: Organisation) -> Actor:
    """Return whose claims an organisation collects."""
    said = preferences_of(organisation).actor
    return Actor(said) if said in list(Actor) else Actor.CREDITOR


def debtor_of(customer: Customer) -> Debtor | None:
    """Return whom the law sees in a customer; None: nobody said."""
    return Debtor(customer.kind) if customer.kind in list(Debtor) else None


def is_letter(kind: Kind, form: Form) -> bool:
    """Say whether a message is itself a letter that a law asks for."""
    return kind is Kind.NOTICE and form is Form.LONG


def letter_of(pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None) -> Message:
    """Return which of the law's letters a notice is at a place: the first that is asked for."""
    found = {
        provision.name: min(_ORDER[step] for step in rule.before)
        for step in STEPS
        for provision, rule in rules_before(pack, day, step, actor=actor, debtor=debtor)
        if provision.name in list(Message) and provision.name != Message.REMINDER
    }
    first = min(found, key=lambda name: (found[name], name), default=Message.FINAL_NOTICE)
    return Message(first)


def messages_of(
    kind: Kind, form: Form, pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None,
    reached: bool,
) -> tuple[Message, ...]:  # fmt: skip
    """Return what a message is in the eyes of the law.

    `reached`: the collector has written before; the first contact of one for others says more.
    Beside the letter of the law, what is short or spoken is a reminder of it.
    """
    if is_letter(kind, form):
        own = letter_of(pack, day, actor=actor, debtor=debtor)
    else:
        own = _ANSWERS.get(kind, Message.REMINDER)
    if actor is Actor.CREDITOR:
        return (own,)
    if reached:
        return (own, Message.LATER_CONTACT)
    # What refers to a first letter cannot be asked of the first one.
    return (Message.FIRST_CONTACT,) if own is Message.REMINDER else (own, Message.FIRST_CONTACT)


def needed(
    messages: Iterable[Message],
    pack: Pack,
    day: date,
    *,
    actor: Actor,
    debtor: Debtor | None,
    channel: str,
) -> dict[Content, Requirement]:
    """Return what such a message must say, each once, with the rule that asks for it."""
    found: dict[Content, Requirement] = {}
    for message in messages:
        for one in required(
            pack, day, message=message, actor=actor, debtor=debtor, channel=channel
        ):
            found.setdefault(one.content, one)
    return found
