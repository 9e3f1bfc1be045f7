"""What is done about requests: take one in, answer it, erase, let a person look again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.law.rights.rights import answer_by
from tenor.platform.core import audit, clock, jobs
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions import actions as decisions
from tenor.platform.decisions import privacy as decisions_privacy
from tenor.platform.decisions.models import Decision, Review, Task
from tenor.platform.decisions.replay import forgetting
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import privacy as ledger_privacy
from tenor.platform.ledger.holding import packs_of
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Customer, Hold, Invoice
from tenor.platform.ledger.values import choice_of, text_of
from tenor.platform.privacy import erasing
from tenor.platform.privacy.holders import HOLDERS
from tenor.platform.privacy.models import Kept, RightsRequest

Kind, State = RightsRequest.Kind, RightsRequest.State

_LONGEST = 5_000
# A term of the law goes before the calls of the day, which are worth a few euro each.
_FIRST_OF_ALL = 1_000.0
# So many days' kept facts are seen to while somebody waits for the page: about a second.
AT_ONCE = 20
_FACTS = ("decisions", decisions_privacy.FACTS, None)
_WAITING = (Decision.State.PROPOSED, Decision.State.APPROVED)


def record_request(
    actor: Actor,
    *,
    customer_key: str,
    kind: str,
    received_at: datetime | None = None,
    through: str = "",
    words: str = "",
    decision_key: str = "",
) -> RightsRequest:
    """Take a request in: its term runs from the day on which it was received.

    Profiling stops at once where somebody objects to it, or wants to be erased. A request for a
    person's look at a decision keeps that decision back and puts a case on the worklist.
    """
    if not (actor.may(Right.PRIVACY) or actor.may(Right.WORK)):
        actor.need(Right.PRIVACY)
    choice_of(kind, Kind, field="kind")
    words = text_of(words, field="words", most=_LONGEST)
    through = text_of(through, field="through", most=40)
    organisation = actor.organisation
    now = clock.now(organisation)
    received = received_at or now
    if received > now:
        raise Invalid(_("A request is received before it is recorded."), field="received_at")
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        row = RightsRequest(
            organisation=organisation, customer=customer, kind=kind, received_at=received,
            through=through, words=words, by=actor.name,
        )  # fmt: skip
        _set_term(row, customer)
        if kind == Kind.HUMAN_REVIEW:
            row.decision = _decision(actor, customer, decision_key)
            row.deciders = _deciders(row.decision)
        row.save(force_insert=True)
        if kind in (Kind.OBJECTION, Kind.ERASURE):
            row.hold = _stop_profiling(actor, customer)
        if kind == Kind.HUMAN_REVIEW:
            row.task = _put_on_worklist(actor, row)
        row.save(update_fields=["hold", "task"])
        audit.record(
            actor, "rights.request", f"customer:{customer.key}",
            after={"request": row.pk, "kind": kind, "received_at": received,
                   "answer_by": row.answer_by, "through": through},
        )  # fmt: skip
    return row


def extend(actor: Actor, *, request_id: int, because: str) -> RightsRequest:
    """Take the longer term of the law; the person is told why within the first."""
    actor.need(Right.PRIVACY)
    because = text_of(because, field="because", most=500, needed=True)
    with transaction.atomic():
        row = _open(actor, request_id)
        if row.answer_by >= row.at_most:
            raise Refused(_("The law gives no more time for this request."))
        if clock.today(actor.organisation) > row.answer_by:
            raise Refused(_("The first term is over: it can no longer be extended."))
        before, row.answer_by, row.extended_because = row.answer_by, row.at_most, because
        row.save(update_fields=["answer_by", "extended_because"])
        audit.record(
            actor, "rights.extend", _subject(row), before={"answer_by": before},
            after={"request": row.pk, "answer_by": row.answer_by},
        )  # fmt: skip
    return row


def answer(actor: Actor, *, request_id: int, granted: bool, words: str) -> RightsRequest:
    """Answer a request, with the words that the person is told.

    An objection that is granted leaves profiling stopped; one that was weighed and found weaker
    lets it go on. Erasure is carried out by `erase`; a decision is looked at again by `look_again`.
    """
    actor.need(Right.PRIVACY)
    words = text_of(words, field="words", most=_LONGEST, needed=True)
    with transaction.atomic():
        row = _open(actor, request_id)
        if row.kind == Kind.HUMAN_REVIEW:
            raise Refused(_("A decision is looked at again in its own case."))
        if row.erasing_since is not None:
            raise Refused(_("Erasing has begun: it is answered by itself once all is done."))
        if row.kind == Kind.ERASURE and granted:
            raise Refused(_("Erase first: the answer says what was erased and what was kept."))
        if row.hold is not None and not granted:
            # Weighed and found weaker: profiling may go on.
            ledger.lift_hold(_for(actor), hold_id=row.hold.pk)
        _close(actor, row, State.GRANTED if granted else State.REFUSED, words)
    return row


def erase(actor: Actor, *, request_id: int) -> RightsRequest:
    """Erase what nothing keeps, restrict the rest, and answer with a line for each kind of record.

    What is kept is used for its duty alone: the customer stays out of profiling and of learning.
    Few days' kept facts are seen to at once. With many the request stays open, and a job goes on
    until all is done; asked again, it goes on from where it is.
    """
    actor.need(Right.PRIVACY)
    organisation = actor.organisation
    with transaction.atomic():
        row = _open(actor, request_id)
        if row.kind != Kind.ERASURE or row.customer is None:
            raise Refused(_("This request asks for something else."))
        key = row.customer.key
        if row.erasing_since is None:
            _begin(actor, row, row.customer)
        # Written down before anything is done: whatever stops the work, it is known and goes on.
        now = clock.real_now().isoformat(timespec="seconds")
        jobs.put("erase", key=f"erase:{row.pk}:{now}", organisation=organisation, request=row.pk)
    if facts_left(organisation, key) > AT_ONCE:
        return row
    return go_on(actor, request_id=request_id)


def go_on(
    actor: Actor, *, request_id: int, report: Callable[[int, int], None] | None = None
) -> RightsRequest:
    """Carry an erasure out that has begun: day by day through the kept facts, then all the rest.

    Each day is whole before the next; cut short, it goes on from there. `report` is told how many
    days are done, and of how many. Nothing is done where there is nothing (more) to do.
    """
    actor.need(Right.PRIVACY)
    row: RightsRequest = row_for(actor, RightsRequest, pk=request_id, related=("customer",))
    if row.state != State.OPEN or row.erasing_since is None or row.customer is None:
        return row
    if _facts_line(erasing.lines_of(actor.organisation, row.customer)) is not None:
        runs = forgetting.runs_with(actor.organisation, row.customer.key)
        for done, run in enumerate(runs, start=1):
            forgetting.take_out(run, row.customer.key)
            if report is not None:
                report(done, len(runs))
    return _finish(actor, request_id)


def resume_erasures(organisation: Organisation) -> int:
    """Have every erasure go on that has begun and is not done; say how many there are."""
    rows = RightsRequest.objects.of(organisation).filter(state=State.OPEN)
    begun = list(rows.exclude(erasing_since=None).values_list("pk", flat=True))
    today = clock.today(organisation).isoformat()
    for number in begun:
        jobs.put("erase", key=f"erase:{number}:{today}", organisation=organisation, request=number)
    return len(begun)


def facts_left(organisation: Organisation, customer_key: str) -> int:
    """Return in how many days' kept facts a customer stands."""
    return len(forgetting.runs_with(organisation, customer_key))


def _begin(actor: Actor, row: RightsRequest, customer: Customer) -> None:
    """Note that erasing begins, who ordered it, and what there is to say of kept facts."""
    line = _facts_line(erasing.lines_of(actor.organisation, customer))
    row.erasing_since = clock.now(actor.organisation)
    row.erasing = {"of": facts_left(actor.organisation, customer.key)}
    if line is not None:
        row.erasing["line"] = line.as_json()
    row.decided_by_id, row.decided_name = actor.user_id, actor.name
    row.save(update_fields=["erasing_since", "erasing", "decided_by", "decided_name"])
    audit.record(
        actor, "rights.erase", _subject(row), after={"request": row.pk, "days": row.erasing["of"]}
    )


def _finish(actor: Actor, request_id: int) -> RightsRequest:
    """Erase all that is left, in one transaction, and answer."""
    organisation = actor.organisation
    with transaction.atomic():
        row: RightsRequest = row_for(actor, RightsRequest, pk=request_id, lock=True)
        if row.state != State.OPEN or row.customer is None:
            return row
        customer = locked_customer(actor, pk=row.customer_id)
        lines = erasing.lines_of(organisation, customer)
        said = {(one.app, one.part, one.year): one.as_json() for one in lines}
        for line in (one for one in lines if one.erased):
            remove(actor, customer, line)
        if "line" in row.erasing:
            # Its days are done one by one; what is left is what all of them had in common.
            forgetting.forget(organisation, customer.key)
            said[_FACTS] = row.erasing["line"]
        keep(row, customer, [line for line in lines if not line.erased])
        row.outcome = list(said.values())
        row.words, row.erasing = "", {}
        kept = any(not line.erased for line in lines)
        row.save(update_fields=["outcome", "words", "erasing"])
        _close(actor, row, State.PARTLY if kept else State.GRANTED, "")
    # The folders of days that were just written anew go when this is certain.
    transaction.on_commit(lambda: forgetting.sweep(organisation))
    return row


def _facts_line(lines: list[erasing.Line]) -> erasing.Line | None:
    """Return the line of kept facts, where they are erased."""
    found = (one for one in lines if (one.app, one.part) == _FACTS[:2] and one.erased)
    return next(found, None)


def remove(actor: Actor, customer: Customer, line: erasing.Line) -> int:
    """Erase one kind of record; with the person's details go those in the audit log."""
    organisation, key = actor.organisation, customer.key
    if (line.app, line.part) == ("ledger", ledger_privacy.DETAILS):
        audit.redact(actor, _audited(customer), keep="rights.")
    return HOLDERS[line.app].erase(organisation, key, part=line.part, year=line.year)


def _audited(customer: Customer) -> list[str]:
    """Return the subjects under which the audit log tells of a person: themselves, their cases."""
    tasks = Task.objects.of(customer.organisation_id).filter(customer=customer)
    invoices = Invoice.objects.of(customer.organisation_id).filter(customer=customer)
    return [
        f"customer:{customer.key}",
        *(f"task:{key}" for key in tasks.values_list("key", flat=True)),
        *(f"invoice:{key}" for key in invoices.values_list("key", flat=True)),
    ]


def keep(row: RightsRequest, customer: Customer, lines: list[erasing.Line]) -> None:
    """Note what outlives an erasure, and until when."""
    Kept.objects.of(row.organisation_id).bulk_create(
        [
            Kept(
                request=row, customer_key=customer.key, app=line.app, part=line.part,
                record=line.record, year=line.year, count=line.count, until=line.until,
                rule=line.rule, source=line.source, why=line.why[:500],
            )
            for line in lines
        ]
    )  # fmt: skip


def look_again(actor: Actor, *, request_id: int, otherwise: bool, words: str) -> RightsRequest:
    """Answer as the person who looked at a decision again; nobody looks again at their own.

    `otherwise`: it should have been decided otherwise, and is refused where it has not gone out.
    """
    if not (actor.may(Right.PRIVACY) or actor.may(Right.WORK)):
        actor.need(Right.PRIVACY)
    words = text_of(words, field="words", most=_LONGEST, needed=True)
    if actor.user_id is None:
        raise Forbidden(_("Only a person looks at a decision again."))
    with transaction.atomic():
        row = _open(actor, request_id)
        if row.kind != Kind.HUMAN_REVIEW:
            raise Refused(_("This request asks for something else."))
        if actor.user_id in row.deciders:
            raise Refused(_("You had a part in this decision: somebody else looks at it again."))
        _settle(actor, row, otherwise=otherwise)
        now = clock.now(actor.organisation)
        if row.task is not None:
            row.task.state, row.task.done_at, row.task.outcome = Task.State.DONE, now, "done"
            row.task.claimed_by_id = actor.user_id
            row.task.save(update_fields=["state", "done_at", "outcome", "claimed_by"])
        _close(actor, row, State.GRANTED if otherwise else State.REFUSED, words)
    return row


def _deciders(decision: Decision) -> list[int]:
    """Return the numbers of the people who had a part in a decision."""
    reviews = Review.objects.of(decision.organisation_id).filter(decision=decision)
    people: set[int] = set(reviews.exclude(by=None).values_list("by", flat=True))
    if decision.decided_by_id is not None:
        people.add(decision.decided_by_id)
    return sorted(people)


def _settle(actor: Actor, row: RightsRequest, *, otherwise: bool) -> None:
    """Let a decision that was kept back wait for approval again, or refuse it."""
    if row.decision is None or row.decision.state != Decision.State.HELD:
        return
    if otherwise:
        decisions.veto(_for(actor), decisions=[row.decision], reason="other")
    else:
        decisions.release(_for(actor), decisions=[row.decision])


def _open(actor: Actor, request_id: int) -> RightsRequest:
    row: RightsRequest = row_for(actor, RightsRequest, pk=request_id, lock=True)
    if row.state != State.OPEN:
        raise Refused(_("This request is answered already."))
    return row


def _close(actor: Actor, row: RightsRequest, state: str, words: str) -> None:
    row.state, row.answer = state, words
    if row.erasing_since is None:
        row.decided_by_id, row.decided_name = actor.user_id, actor.name
    row.decided_at = clock.now(actor.organisation)
    row.save()
    audit.record(
        actor, "rights.answer", _subject(row),
        after={"request": row.pk, "kind": row.kind, "state": state,
               "kept": sum(not line["erased"] for line in row.outcome)},
    )  # fmt: skip


def _set_term(row: RightsRequest, customer: Customer) -> None:
    organisation = row.organisation
    pack = packs_of(organisation)(customer.country)
    received = row.received_at.astimezone(clock.zone(organisation)).date()
    term = answer_by(pack, received, row.kind)
    if term is None:
        raise Refused(_("The law of this place gives no term; ask who reads it for you."))
    row.answer_by, row.at_most = term.answer_by, term.at_most
    row.rule, row.source = term.reason.rule, term.reason.source[:300]


def _decision(actor: Actor, customer: Customer, key: str) -> Decision:
    rows = Decision.objects.of(actor.organisation).filter(customer=customer)
    found = rows.filter(key=key).first() if key else rows.order_by("-decided_at", "-pk").first()
    if found is None:
        raise Invalid(_("There is no such decision about this customer."), field="decision_key")
    decision: Decision = found
    return decision


def _stop_profiling(actor: Actor, customer: Customer) -> Hold:
    return ledger.start_hold(
        _for(actor), customer_key=customer.key, reason=Hold.Reason.OBJECTION_21
    )


def _put_on_worklist(actor: Actor, row: RightsRequest) -> Task:
    organisation, decision = actor.organisation, row.decision
    if decision is not None and decision.state in _WAITING:
        decisions.hold(_for(actor), decisions=[decision], reason="other")
    now = clock.now(organisation)
    facts: dict[str, Any] = {
        "words": row.words[:300], "request": row.pk, "answer_by": row.answer_by.isoformat(),
        "invoice_keys": list(decision.invoice_keys) if decision else [],
    }  # fmt: skip
    task: Task = Task.objects.of(organisation).create(
        customer=row.customer, decision=decision, key=f"human_review:{row.pk}",
        kind=Task.Kind.HUMAN_REVIEW, value=_FIRST_OF_ALL, facts=facts, due_at=now, created_at=now,
    )  # fmt: skip
    return task


def _for(actor: Actor) -> Actor:
    """Return Tenor at work for somebody whose own role does not include the step that follows."""
    return system(actor.organisation, actor.name)


def _subject(row: RightsRequest) -> str:
    return f"customer:{row.customer.key}" if row.customer else f"request:{row.pk}"
