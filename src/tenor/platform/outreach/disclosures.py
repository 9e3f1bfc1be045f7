"""Whether a message says all that the law of the customer's place wants it to say."""

from datetime import date

from tenor.engine.law.case import Actor
from tenor.engine.law.letters.contents import Requirement
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.law import pack_of_customer
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Message
from tenor.platform.wording.draft import Draft
from tenor.platform.wording.law import actor_of, debtor_of, messages_of, needed


def lacking(
    organisation: Organisation, customer: Customer, draft: Draft, *, channel: str, on: date
) -> list[Requirement]:
    """Return what the law wants such a message to say on `on`, and it does not: none, it may go."""
    pack, actor, debtor = pack_of_customer(customer), actor_of(organisation), debtor_of(customer)
    messages = messages_of(
        draft.kind, draft.form, pack, on, actor=actor, debtor=debtor,
        reached=reached(organisation, customer),
    )  # fmt: skip
    rules = needed(messages, pack, on, actor=actor, debtor=debtor, channel=channel)
    return [one for content, one in rules.items() if content not in draft.contains]


def reached(organisation: Organisation, customer: Customer) -> bool:
    """Say whether a collector for others has written to a customer before."""
    if actor_of(organisation) is Actor.CREDITOR:
        return False
    rows = Message.objects.of(organisation).filter(customer=customer, state=Message.State.SENT)
    return bool(rows.exists())
