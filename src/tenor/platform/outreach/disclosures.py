"""Whether a message says all that the law of the customer's place wants it to say."""

from datetime import date

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.letters.contents import Message as Kind
from tenor.engine.law.letters.contents import Requirement, required
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.law import pack_for
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.words import Text


def lacking(
    organisation: Organisation, customer: Customer, text: Text, *, channel: str, on: date
) -> list[Requirement]:
    """Return what the law wants such a message to say on `on`, and it does not: none, it may go."""
    region = str(customer.attributes.get("region") or "") or None
    pack = pack_for(organisation, customer.country or None, region)
    actor = Actor(preferences_of(organisation).actor)
    debtor = Debtor(customer.kind) if customer.kind else None
    kinds = [Kind.REMINDER]
    if actor is not Actor.CREDITOR:
        kinds.append(Kind.LATER_CONTACT if _reached(customer) else Kind.FIRST_CONTACT)
    return [
        requirement
        for kind in kinds
        for requirement in required(
            pack, on, message=kind, actor=actor, debtor=debtor, channel=channel
        )
        if requirement.content not in text.contains
    ]


def _reached(customer: Customer) -> bool:
    rows = Message.objects.of(customer.organisation_id)
    return bool(rows.filter(customer=customer, state=Message.State.SENT).exists())
