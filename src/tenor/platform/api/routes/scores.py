"""Scores: what the predictors say of each open invoice."""

from datetime import date
from typing import Annotated, Any

from ninja import Field, Query

from tenor.platform.api.door import Door
from tenor.platform.api.guard import Caller, reading
from tenor.platform.api.paging import Page, Paging, encoded, link, number_after
from tenor.platform.api.values import Key, Moment, Shown, Text200
from tenor.platform.core.roles import Scope
from tenor.platform.decisions.queries.scores import score_for, scores

door = Door(tags=["scores"])


class Score(Shown):
    """The chances of one open invoice when nobody writes, calls or sends anything."""

    invoice_key: str
    customer_key: str
    as_of: Moment = Field(description="On what was known then.")
    model_version: str
    p_paid_7d: float = Field(description="Chance that it is paid within 7 days.", examples=[0.31])
    p_paid_30d: float
    p_paid_60d: float
    expected_paid_on: date | None = None
    p_escalated: float | None = Field(None, description="Chance that it is handed over.")
    risk: str = Field(description="A (safe) to E (at risk).", examples=["B"])
    segment: str = Field(description="How this customer pays.")
    why_unpaid: str = Field(description="The most likely reason that it is still open.")
    reasons: list[str] = Field(description="What moved the chance most, for the largest invoices.")


class Scores(Page):
    """A page of scores."""

    items: list[Score]


class ScoreFilter(Paging):
    """Which scores are asked for."""

    customer_key: Text200 = Field("", description="Only of this customer.")
    risk: Annotated[str, Field(pattern="^[A-Z]?$")] = Field("", description="Only of this class.")


@door.get("/scores", auth=reading(Scope.SCORES), response=Scores, summary="List scores")
def list_scores(request: Caller, asked: Annotated[ScoreFilter, Query()]) -> dict[str, Any]:
    """Return the scores of the last run, a page at a time."""
    rows, after = scores(
        request.auth.organisation,
        customer_key=asked.customer_key,
        risk=asked.risk,
        after=number_after(asked.cursor),
        limit=asked.limit,
    )
    return {"items": [_shown(row) for row in rows], "next": link(request, encoded(after))}


@door.get(
    "/scores/{path:invoice_key}", auth=reading(Scope.SCORES), response=Score, summary="Get a score"
)
def get_score(request: Caller, invoice_key: Key) -> dict[str, Any]:
    """Return the score of an invoice; a paid one has none."""
    return _shown(score_for(request.auth, invoice_key))


def _shown(row: Any) -> dict[str, Any]:
    names = (
        "as_of", "model_version", "p_paid_7d", "p_paid_30d", "p_paid_60d", "expected_paid_on",
        "p_escalated", "risk", "segment", "why_unpaid", "reasons",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "invoice_key": row.invoice.key,
        "customer_key": row.invoice.customer.key,
    }
