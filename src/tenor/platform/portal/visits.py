"""Tell what somebody did on their page: that they looked, and which way they began to go."""

from tenor.engine.events import Kind
from tenor.platform.core import clock
from tenor.platform.events.actions import record
from tenor.platform.events.queries import is_told
from tenor.platform.portal.door import Request

# Looked at again within this, it is the same visit.
_VISIT_SECONDS = 600
# The engine has no meaning for it: kept, so that the pages can be measured.
STEP = "step_begun"


def visited(request: Request) -> None:
    """Record that the page was looked at: once a visit, not once a reload."""
    _tell(request, Kind.PAGE_VISITED, "visit")


def begun(request: Request, path: str) -> None:
    """Record that somebody began to pay, spread, promise, object or write; once a visit."""
    _tell(request, STEP, path)


def rated(request: Request, score: int) -> None:
    """Record how clear and fair they found the page, from 1 to 5: once a visit, the first word."""
    record(
        request.organisation, Kind.RATED, key=_rating(request),
        at=clock.now(request.organisation), customer_key=request.customer.key,
        contact_key=request.link.contact_key, detail={"score": score},
    )  # fmt: skip


def was_rated(request: Request) -> bool:
    """Say whether they said it on this visit already."""
    return is_told(request.organisation, _rating(request))


def _rating(request: Request) -> str:
    return f"tenor:page:{request.customer.pk}:rated:{_visit(request)}"


def _visit(request: Request) -> int:
    return int(clock.now(request.organisation).timestamp()) // _VISIT_SECONDS


def _tell(request: Request, kind: str, what: str) -> None:
    if request.method != "GET":
        return
    now = clock.now(request.organisation)
    visit = _visit(request)
    detail = {"path": what} if kind == STEP else {"through": request.link.channel or "link"}
    record(
        request.organisation, kind, key=f"tenor:page:{request.link.pk}:{what}:{visit}", at=now,
        customer_key=request.customer.key, contact_key=request.link.contact_key, detail=detail,
    )  # fmt: skip
