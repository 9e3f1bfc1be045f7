"""The letters that a law asks for before costs or a hand-over: when one is due, and its record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tenor.engine.law.case import Case, Claim
from tenor.engine.law.letters.notice_rules import rules_before
from tenor.engine.law.letters.notices import required_before
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.law import case_of
from tenor.platform.ledger.actions import record_notice, record_receipt
from tenor.platform.ledger.models import Customer, Invoice, LegalNotice
from tenor.platform.outreach.models import Message
from tenor.platform.wording.law import letter_of

# The steps that wait for a letter, in the order in which they are taken.
_STEPS = ("charge.costs", "hand_over")


def letter_due(customer: Customer, invoices: Sequence[Invoice], at: datetime) -> str:
    """Return which letter the law asks for before the next step and nobody sent; "": none."""
    keys = [invoice.key for invoice in invoices]
    case = replace(case_of(customer, invoice_keys=keys), at=at)
    letter = letter_of(case.pack, case.day, actor=case.actor, debtor=case.debtor)
    steps = [step for step in _STEPS if letter in _asked_before(case, step)]
    claims = [claim for claim in case.claims if claim.invoice in keys]
    wanted = any(
        not required_before(case, step, claim).allowed and not _sent(case, claim, letter)
        for step in steps
        for claim in claims
    )
    return letter if wanted else ""


def takes_its_place(message: Message, invoices: Sequence[Invoice], at: datetime) -> bool:
    """Say whether the law's letter goes out in the place of this last reminder."""
    if not preferences_of(message.organisation).automatic_notices:
        return False
    return bool(letter_due(message.customer, invoices, at))


def record_sent(actor: Actor, message: Message, at: datetime) -> None:
    """Keep the letter that a message was, in the transaction that says that it went out."""
    if not message.facts.get("letter"):
        return
    costs = message.facts.get("costs")
    record_notice(
        actor,
        customer_key=message.customer.key,
        invoice_keys=message.invoice_keys,
        kind=message.facts["letter"],
        sent_on=at.astimezone(clock.zone(actor.organisation)).date(),
        channel=message.channel,
        key=_key(message),
        contains=message.facts.get("contains", ()),
        costs=Decimal(costs) if costs else None,
    )


def came_back(actor: Actor, message: Message) -> None:
    """Keep that the letter that a message was did not arrive: it opens no way to any step."""
    if not message.facts.get("letter"):
        return
    rows = LegalNotice.objects.of(actor.organisation).filter(key=_key(message), bounced=False)
    for notice in rows:
        record_receipt(actor, notice_id=notice.pk, bounced=True)


def _key(message: Message) -> str:
    return f"tenor:message:{message.key}"[:200]


def _asked_before(case: Case, step: str) -> set[str]:
    rules = rules_before(case.pack, case.day, step, actor=case.actor, debtor=case.debtor)
    return {provision.name for provision, rule in rules if rule.with_contact_days is None}


def _sent(case: Case, claim: Claim, letter: str) -> bool:
    """Say whether such a letter is under way for a claim, or did its work."""
    return any(
        notice.kind == letter and notice.is_about(claim) and not notice.bounced
        for notice in case.notices
    )
