"""Look at lines: book what is sure, propose for the rest, let reminders rest meanwhile."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from tenor.engine.payments.matching import Basis
from tenor.engine.payments.open_items import OpenItems
from tenor.engine.payments.proposing import Proposal, Proposed, propose
from tenor.platform.banking import batch, returning, waiting
from tenor.platform.banking.booking import OPEN, Part, book
from tenor.platform.banking.items import open_items, told_by
from tenor.platform.banking.lines import BATCH, MONEY_BACK
from tenor.platform.banking.models import BankFile, Line
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import TenorError
from tenor.platform.core.models import Organisation
from tenor.platform.ledger import references
from tenor.platform.ledger.models import Invoice

log = logging.getLogger("tenor.banking")

# A reference of somebody who owes nothing (any more): theirs for sure, but paid twice perhaps.
_PAID_TWICE = 80
# So many customers are held at once for the few seconds that it takes to book them.
_AT_ONCE = 2_000
Progress = Callable[[int, int, str], None]


@dataclass
class Looked:
    """What became of the lines that were looked at."""

    booked: int = 0
    waiting: int = 0
    returned: int = 0


def look(
    organisation: Organisation, *, files: Sequence[int] = (), progress: Progress | None = None
) -> Looked:
    """Look at all new lines, and again at those that wait; safe to begin twice, and at any time.

    What came meanwhile (an invoice, an account that was learned) may make a waiting line sure.
    """
    actor, done = system(organisation), Looked()
    rows = Line.objects.of(organisation).filter(state__in=[Line.State.NEW, Line.State.WAITING])
    lines = list(rows.order_by("booked_on", "pk").values_list("pk", "currency"))
    items = open_items(organisation, {currency for _, currency in lines}) if lines else None
    for at in range(0, len(lines), _AT_ONCE):
        if progress is not None:
            progress(at, len(lines), "")
        numbers = [number for number, _ in lines[at : at + _AT_ONCE]]
        some = list(rows.filter(pk__in=numbers).order_by("booked_on", "pk"))
        for line in some:
            line.organisation = organisation
        if items is not None and len(some) >= batch.FEWEST:
            booked = batch.book_sure(actor, some, items)
            done.booked += len(booked)
            some = [line for line in some if line.pk not in booked]
        known = references.found_in(organisation, [_all_said(line) for line in some])
        for line, found in zip(some, known, strict=True):
            if items is not None:
                _look_at(actor, line, items, [(r.customer.key, r.invoice_keys) for r in found])
            _count(done, line)
    looked = BankFile.objects.of(organisation).filter(pk__in=files)
    looked.update(matched_at=clock.now(organisation))
    return done


def look_again(actor: Actor, line: Line) -> Line:
    """Look at one line anew, after it was undone: it is proposed for, never booked by itself."""
    line.organisation = actor.organisation
    items = open_items(actor.organisation, {line.currency})
    found = references.found(actor.organisation, _all_said(line))
    _look_at(actor, line, items, [(r.customer.key, r.invoice_keys) for r in found])
    return line


def parts_of(proposal: dict[str, Any]) -> list[Part]:
    """Turn a kept proposal into parts to book: a customer each."""
    shares: dict[str, dict[str, Decimal]] = {}
    owners = {key: customer for key, _, customer in proposal["shares"]}
    for key, amount, customer in proposal["shares"]:
        shares.setdefault(customer, {})[key] = Decimal(amount)
    for customer in proposal["customers"]:
        shares.setdefault(customer, {})
    credit, left = Decimal(proposal["credit"]), Decimal(proposal["left"])
    discounts = dict(proposal["discounts"])
    parts = []
    for nth, (customer, own) in enumerate(shares.items()):
        amount = sum(own.values(), Decimal(0))
        # What is left, and what credit pays, is the first one's: with two it is never so.
        amount += left - credit if nth == 0 else Decimal(0)
        kept = {k: Decimal(v) for k, v in discounts.items() if owners.get(k) == customer}
        parts.append(Part(customer, amount, own, kept, credit if nth == 0 else Decimal(0)))
    return parts


def _look_at(
    actor: Actor, line: Line, items: OpenItems, known: Sequence[tuple[str, list[str]]]
) -> None:
    """Look at a line while nobody else does: two files may be looked at at the same moment."""
    with transaction.atomic():
        rows = Line.objects.of(actor.organisation).select_for_update()
        fresh = rows.filter(pk=line.pk).values_list("state", "by_hand").first()
        if fresh is None or fresh[0] not in OPEN:
            line.state = fresh[0] if fresh else Line.State.PASSED
            return
        line.state, line.by_hand = fresh
        _decide(actor, line, items, known)


def _decide(
    actor: Actor, line: Line, items: OpenItems, known: Sequence[tuple[str, list[str]]]
) -> None:
    if line.is_return and not line.is_credit:
        returning.look_at(actor, line)
        return
    if line.basis in (BATCH, MONEY_BACK):
        return
    found = propose(told_by(line), items)
    sure = found.sure
    if sure is not None and not line.by_hand and _booked(actor, line, sure, items):
        return
    _wait(actor, line, found, items, known)


def _booked(actor: Actor, line: Line, sure: Proposal, items: OpenItems) -> bool:
    """Book what is sure; say whether it went: somebody may have been quicker."""
    kept = _kept(sure, items)
    try:
        done = book(
            actor, number=line.pk, parts=parts_of(kept), basis=str(sure.match.basis),
            score=sure.score,
        )  # fmt: skip
    except TenorError as refused:
        log.info("bank line %s was not booked: %s", line.pk, refused)
        _renew(line.organisation, items, [id_ for id_, _ in sure.match.shares])
        line.refresh_from_db(fields=["state"])
        return line.state not in (Line.State.NEW, Line.State.WAITING)
    line.state = done.state
    _renew(line.organisation, items, [id_ for id_, _ in sure.match.shares])
    for customer in sure.customers:
        items.learn(customer, line.account)
    return True


def _wait(
    actor: Actor, line: Line, found: Proposed, items: OpenItems,
    known: Sequence[tuple[str, list[str]]],
) -> None:  # fmt: skip
    proposals = [_kept(one, items) for one in found.proposals]
    proposed = {customer for one in found.proposals for customer in one.customers}
    for customer, _keys in known:
        if customer not in proposed:
            proposed.add(customer)
            proposals.append(_credit_of(line, customer))
    proposals.sort(key=lambda one: -int(one["score"]))
    line.state, line.basis = Line.State.WAITING, str(found.basis)
    line.score = proposals[0]["score"] if proposals else 0
    line.proposals = proposals
    line.save(update_fields=["state", "basis", "score", "proposals"])
    customers = [c for one in proposals for c in one["customers"]] + list(found.customers)
    waiting.hold_for(actor, line, customers)


def _credit_of(line: Line, customer: str) -> dict[str, Any]:
    """Propose a payment as credit of the customer whose reference it names: nothing is open."""
    return {
        "basis": str(Basis.REFERENCE), "kind": "overpaid", "score": _PAID_TWICE, "shares": [],
        "left": f"{line.amount:f}", "customers": [customer], "evidence": ["NOTHING_OPEN"],
        "discounts": [], "credit": "0",
    }  # fmt: skip


def _kept(one: Proposal, items: OpenItems) -> dict[str, Any]:
    """Return a proposal as it is kept on its line."""
    return {
        "basis": str(one.match.basis),
        "kind": str(one.match.kind),
        "score": one.score,
        "shares": [[id_, f"{a:f}", items.item(id_).customer] for id_, a in one.match.shares],
        "left": f"{one.match.left:f}",
        "customers": list(one.customers),
        "evidence": [str(code) for code in one.evidence],
        "discounts": [[id_, f"{amount:f}"] for id_, amount in one.match.discounts],
        "credit": f"{one.match.credit:f}",
    }


def _renew(organisation: Organisation, items: OpenItems, keys: Iterable[str]) -> None:
    rows = Invoice.objects.of(organisation).filter(key__in=list(keys))
    for key, balance in rows.values_list("key", "balance"):
        items.renew(key, balance)


def _all_said(line: Line) -> str:
    return " ".join(one for one in (line.reference, line.end_to_end_id, line.text) if one)


def _count(done: Looked, line: Line) -> None:
    if line.state == Line.State.BOOKED:
        done.booked += 1
    elif line.state == Line.State.RETURNED:
        done.returned += 1
    elif line.state == Line.State.WAITING:
        done.waiting += 1
