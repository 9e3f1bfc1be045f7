"""Tell what somebody did on their page: that they looked, and which way they began to go."""

from tenor.engine.events import Kind
from tenor.platform.core import clock
from tenor.platform.events.actions import record
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


def _tell(request: Request, kind: str, what: str) -> None:
    if request.method != "GET":
        return
    now = clock.now(request.organisation)
    visit = int(now.timestamp()) // _VISIT_SECONDS
    detail = {"path": what} if kind == STEP else {"through": request.link.channel or "link"}
    record(
        request.organisation, kind, key=f"tenor:page:{request.link.pk}:{what}:{visit}", at=now,
        customer_key=request.customer.key, contact_key=request.link.contact_key, detail=detail,
    )  # fmt: skip
