"""Book many lines at once that are sure and plain: as one by one would, but fast.

Plain is a line all of which goes to invoices of one customer. Whatever is not (credit, a discount,
a return, two customers, a line that waits or that a person undid) is looked at by itself.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from tenor.engine.payments.open_items import OpenItems
from tenor.engine.payments.proposing import Proposal, propose
from tenor.platform.banking.booking import METHOD, SOURCE
from tenor.platform.banking.items import paid_at, told_by
from tenor.platform.banking.lines import BATCH, MONEY_BACK
from tenor.platform.banking.models import Line, PayerAccount, Posting
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.ledger.bulk.shared import SharedPayment, add_shared
from tenor.platform.ledger.bulk.writing import by_key, insert, update

# Fewer are looked at one by one: each then has an entry of its own in the audit log.
FEWEST = 200
_DECIDED = ("state", "basis", "score", "attempt", "decided_by", "decided_at")


@dataclass(frozen=True)
class _Sure:
    line: Line
    proposal: Proposal
    shares: dict[str, Decimal]
    key: str


def book_sure(actor: Actor, lines: Sequence[Line], items: OpenItems) -> set[int]:
    """Book those of these lines that are sure and plain; return their numbers."""
    found = [sure for line in lines if (sure := _sure(line, items)) is not None]
    if not found:
        return set()
    with transaction.atomic():
        rows = Line.objects.of(actor.organisation).select_for_update(of=("self",))
        new = rows.filter(state=Line.State.NEW, by_hand=False).order_by("pk")
        free = set(by_key(new.values_list("pk", flat=True), [s.line.pk for s in found], name="pk"))
        told = [_payment(sure) for sure in found if sure.line.pk in free]
        booked = add_shared(actor, told)
        done = [sure for sure in found if sure.key in booked and sure.line.pk in free]
        _write_down(actor, done, booked)
    for sure in found:
        if sure.key not in booked:
            # It is looked at again, by itself: what it would have paid is open still.
            for invoice, amount in sure.shares.items():
                items.renew(invoice, items.item(invoice).open + amount)
    return {sure.line.pk for sure in done}


def _sure(line: Line, items: OpenItems) -> _Sure | None:
    """Return how a line is booked, where that is sure and plain, and let the items know."""
    if line.state != Line.State.NEW or line.by_hand or not line.is_credit or line.is_return:
        return None
    if line.basis in (BATCH, MONEY_BACK):
        return None
    proposal = propose(told_by(line), items).sure
    if proposal is None or len(proposal.customers) != 1:
        return None
    match = proposal.match
    if match.left or match.credit or match.discounts or not match.shares:
        return None
    shares = dict(match.shares)
    if sum(shares.values(), Decimal(0)) != line.amount:
        return None
    for invoice, amount in shares.items():
        items.renew(invoice, items.item(invoice).open - amount)
    items.learn(proposal.customers[0], line.account)
    return _Sure(line, proposal, shares, f"bank:{line.key}:{line.attempt + 1}:0")


def _payment(sure: _Sure) -> SharedPayment:
    line = sure.line
    return SharedPayment(
        key=sure.key, paid_at=paid_at(line), currency=line.currency, shares=sure.shares,
        method=METHOD, source=SOURCE,
        reference=(line.reference or line.text or line.end_to_end_id)[:300],
    )  # fmt: skip


def _write_down(actor: Actor, done: Sequence[_Sure], booked: dict[str, int]) -> None:
    """Keep where each line went, which accounts that taught, and one entry for all of them."""
    if not done:
        return
    now = clock.now(actor.organisation)
    for sure in done:
        line = sure.line
        line.state, line.attempt = Line.State.BOOKED, line.attempt + 1
        line.basis, line.score = str(sure.proposal.match.basis), sure.proposal.score
        line.decided_by, line.decided_at = actor.name, now
    postings = [
        Posting(
            organisation=actor.organisation, line=sure.line, payment_key=sure.key, by=actor.name,
            at=now, customer_id=booked[sure.key], amount=sure.line.amount,
            shares=[[invoice, f"{amount:f}"] for invoice, amount in sure.shares.items()],
        )
        for sure in done
    ]  # fmt: skip
    insert(postings)
    update([sure.line for sure in done], _DECIDED)
    _learn(actor, [(p.line, int(p.customer_id or 0)) for p in postings if p.line.account])
    sums: dict[str, Decimal] = {}
    for sure in done:
        sums[sure.line.currency] = sums.get(sure.line.currency, Decimal(0)) + sure.line.amount
    audit.record(
        actor, "bank.book_many", f"bank_line:{done[0].line.pk}",
        after={"lines": len(done), "first": done[0].line.pk, "last": done[-1].line.pk,
               "amounts": sums},
    )  # fmt: skip


def _learn(actor: Actor, paid: Sequence[tuple[Line, int]]) -> None:
    """Remember from which accounts these customers paid."""
    times = Counter((line.account, customer) for line, customer in paid)
    last = {(line.account, customer): line.booked_on for line, customer in paid}
    rows = PayerAccount.objects.of(actor.organisation)
    known = by_key(rows, {account for account, _customer in times}, name="account")
    changed = []
    for row in known:
        place = (row.account, row.customer_id)
        if place in times:
            row.times += times.pop(place)
            row.last_on = max(row.last_on, last[place])
            changed.append(row)
    update(changed, ["times", "last_on"])
    insert(
        [
            PayerAccount(
                organisation=actor.organisation, account=account, customer_id=customer,
                times=count, last_on=last[account, customer],
            )
            for (account, customer), count in times.items()
        ]
    )  # fmt: skip
