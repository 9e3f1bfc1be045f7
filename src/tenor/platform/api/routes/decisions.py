"""Decisions: what Tenor intends, asked for now or read from the plan of the day."""

from typing import Annotated, Any, Literal, Self

from ninja import Field, Query, Status
from pydantic import model_validator

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.paging import Page, Paging, decoded, encoded, link, wrong_cursor
from tenor.platform.api.values import (
    Instant,
    Key,
    Moment,
    Number,
    Shown,
    Sum,
    Text40,
    Text500,
    Text5000,
)
from tenor.platform.core.roles import Scope
from tenor.platform.decisions import actions, queries
from tenor.platform.decisions.actions.asking import ask

door = Door(tags=["decisions"])

State = Literal["proposed", "approved", "held", "vetoed", "handed_over", "lapsed", "nothing"]


class Decision(Shown):
    """What is intended for a customer, and where it stands."""

    id: int
    key: str
    customer_key: str
    invoice_keys: list[str]
    decided_at: Moment
    verdict: str = Field(description="contact, wait, review or escalate.", examples=["contact"])
    channel: str = Field(examples=["email"])
    tone: str = Field(examples=["friendly"])
    send_at: Moment | None = None
    state: State
    gate: str = Field(description="Why it waits, went on or is left alone: codes.")
    amount: Sum
    currency: str
    days_overdue: int
    segment: str
    p_paid: float | None = Field(None, description="Chance that they pay with this contact.")
    p_paid_wait: float | None = Field(None, description="… and without any.")
    propensity: float | None = Field(None, description="With which chance it was chosen.")
    explored: bool = Field(description="Chosen by chance, to learn.")
    cost: float
    value: float = Field(description="What it is expected to bring over waiting, after its cost.")
    candidates: int = Field(description="How many contacts were weighed.")
    review_reason: str = Field(description="Why a person should look at it, where one should.")
    reasons: list[str]
    arm: Literal["treated", "control"]
    text: str


class Decisions(Page):
    """A page of the plan, the most valuable first."""

    day: str | None = Field(None, description="The day of the plan; none: there is no plan yet.")
    items: list[Decision]


class DecisionFilter(Paging):
    """Which decisions of the latest plan are asked for."""

    state: State | Literal[""] = Field("", description="Only in this state.")
    channel: Text40 = Field("", description="Only over this channel.")


class Asked(Given):
    """About whom to decide: a customer, or the customer of an invoice."""

    customer_key: Key | None = None
    invoice_key: Key | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.customer_key is None) == (self.invoice_key is None):
            raise ValueError("give customer_key or invoice_key")
        return self


class NewReview(Given):
    """What somebody says of a decision.

    agree, disagree and flag leave a label for learning and nothing else; flag may say which channel
    and tone would have been right; approve lets it go out at its
    time; change alters channel, tone, moment or text within the rules; hold keeps it back until
    release; veto refuses it.
    """

    verdict: Literal["agree", "disagree", "flag", "approve", "change", "hold", "release", "veto"]
    reason: Text40 = Field("", description="A code, such as knows_customer.", examples=["too_soon"])
    note: Text500 = ""
    channel: Text40 | None = Field(None, description="With change or flag alone, as the tone.")
    tone: Text40 | None = None
    send_at: Instant | None = None
    text: Text5000 | None = None


class Review(Shown):
    """What was said of a decision."""

    verdict: Literal["agreed", "changed", "held", "vetoed", "disagreed", "flagged"]
    reason: str
    note: str
    change: dict[str, Any]
    at: Moment
    by_name: str


class Reviews(Shown):
    """All that was said of a decision, the latest first."""

    items: list[Review]


@door.get("/decisions", auth=reading(Scope.DECISIONS), response=Decisions, summary="List the plan")
def list_decisions(request: Caller, asked: Annotated[DecisionFilter, Query()]) -> dict[str, Any]:
    """Return the decisions of the latest plan of the day, a page at a time."""
    after = decoded(asked.cursor)
    if after is not None and not isinstance(after, str):
        raise wrong_cursor()
    run = queries.latest_run(request.auth.organisation)
    if run is None:
        return {"items": [], "next": None, "day": None}
    page = queries.plan_rows(
        run, after=after or "", limit=asked.limit, state=asked.state, channel=asked.channel
    )
    return {
        "day": run.day.isoformat(),
        "items": [_shown(row) for row in page.rows],
        "next": link(request, encoded(page.after or None)),
    }


@door.post(
    "/decisions/now",
    auth=writing(Scope.DECISIONS),
    response={201: Decision},
    summary="Decide now",
)
def decide_now(request: Caller, given: Asked) -> Status[Any]:
    """Decide about one customer on what is known at this instant; nothing is sent by asking."""
    decision = ask(
        request.auth,
        customer_key=given.customer_key or "",
        invoice_key=given.invoice_key or "",
    )
    return Status(201, _shown(decision))


@door.get(
    "/decisions/{number}",
    auth=reading(Scope.DECISIONS),
    response=Decision,
    summary="Get a decision",
)
def get_decision(request: Caller, number: Number) -> dict[str, Any]:
    """Return one decision, of whatever day."""
    return _shown(queries.decision_for(request.auth, number))


@door.get(
    "/decisions/{number}/reviews",
    auth=reading(Scope.REVIEWS),
    response=Reviews,
    summary="List reviews",
    tags=["reviews"],
)
def list_reviews(request: Caller, number: Number) -> dict[str, Any]:
    """Return what was said of a decision."""
    return {"items": list(queries.decision_for(request.auth, number).reviews.all())}


@door.post(
    "/decisions/{number}/reviews",
    auth=writing(Scope.REVIEWS),
    response={201: Decision},
    summary="Review a decision",
    tags=["reviews"],
)
def review_decision(request: Caller, number: Number, given: NewReview) -> Status[Any]:
    """Agree, disagree, approve, change, hold, release or refuse; the reason is kept as a label."""
    decision = queries.decision_for(request.auth, number)
    _review(request, decision, given)
    return Status(201, _shown(queries.decision_for(request.auth, number)))


def _review(request: Caller, decision: Any, given: NewReview) -> None:
    actor, note = request.auth, given.note
    if given.verdict in ("agree", "disagree"):
        agrees = given.verdict == "agree"
        actions.review(actor, decision=decision, agrees=agrees, reason=given.reason, note=note)
    elif given.verdict == "flag":
        actions.flag(
            actor,
            decision=decision,
            reason=given.reason,
            note=note,
            channel=given.channel or "",
            tone=given.tone or "",
        )
    elif given.verdict == "change":
        actions.change(
            actor,
            decision=decision,
            channel=given.channel,
            tone=given.tone,
            send_at=given.send_at,
            text=given.text,
            reason=given.reason,
            note=note,
        )
    elif given.verdict == "approve":
        actions.approve(actor, decisions=[decision], note=note)
    elif given.verdict == "release":
        actions.release(actor, decisions=[decision], note=note)
    elif given.verdict == "hold":
        actions.hold(actor, decisions=[decision], reason=given.reason, note=note)
    else:
        actions.veto(actor, decisions=[decision], reason=given.reason, note=note)


def _shown(row: Any) -> dict[str, Any]:
    names = (
        "id", "key", "invoice_keys", "decided_at", "verdict", "channel", "tone", "send_at", "state",
        "gate", "amount", "currency", "days_overdue", "segment", "p_paid", "p_paid_wait",
        "propensity", "explored", "cost", "value", "candidates", "review_reason", "reasons", "arm",
        "text",
    )  # fmt: skip
    shown = {name: getattr(row, name) for name in names}
    return {**shown, "customer_key": row.customer.key}
